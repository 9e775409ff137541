//! What webhooks and the frames of a socket can be made of by someone who wants to do harm: mutated ones, and what must hold of
//! any bytes whatever. The test of this crate tries it for a while; the targets under `fuzz/` do so with `cargo fuzz`.

// What does not hold is told by a panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod corpus;
mod mutate;
mod sockets;
mod targets;

pub use corpus::{bodies, bombs, crowds};
pub use mutate::mutate;
pub use sockets::{engine_io, frames, session, socket_io};
pub use targets::{TARGETS, Target, header_lines, headers, parse, signature, verify};
