//! What arguments and replies look like, as data that one interpreter reads: a type then costs a host without
//! an addon its description, and no code.
//!
//! [`input!`](input), [`reply!`](reply) and [`words!`](words) write a struct, how `serde` reads and writes it,
//! its TypeScript and its shape, all from one declaration.

mod arguments;
mod declare;
mod names;
mod node;
mod page;
mod replies;
mod requests;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use arguments::{Check, Field, Goes, Input, When};
pub(crate) use declare::{input, reply, words};
pub(crate) use names::{camel_case, camel_len, text, to_camel};
pub(crate) use node::{Names, Node};
pub(crate) use page::Paging;
pub(crate) use replies::{How, Reply, Taken, convert};
pub(crate) use requests::{placed, searched};
pub(crate) use types::{Shaped, number};

/// What a JSON value has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A text.
    Text,
    /// An id of GHL's, checked.
    Id,
    /// One of these texts.
    Word(&'static [&'static str]),
    /// A number, kept digit for digit.
    Exact,
    /// A whole number.
    Whole,
    /// A whole number of 0 to 2^32 - 1.
    Count,
    /// A truth value.
    Bool,
    /// Anything.
    Any,
    /// The value of a custom field: anything, where a number is kept digit for digit.
    Custom,
    /// A list.
    List(&'static Shape),
    /// An object that a caller gives.
    Input(&'static Input),
    /// An object that GHL answers.
    Reply(&'static Reply),
}
