//! A shop, its engine and the mock GHL server, joined by real HTTP, for tests that look at the core from
//! outside: at what the server received and at what the store holds.

// A harness fails by panicking, with the line of the test that called it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod child;
mod db;
mod fleet;
mod front;
mod hooks;
mod load;
mod log;
mod oauth;
mod orders;
mod sent;
mod shop;
mod wait;

pub use child::{Child, ready};
pub use db::Db;
pub use fleet::work;
pub use front::{Front, Head, Instead};
pub use hooks::Receiver;
pub use load::Load;
pub use log::Log;
pub use oauth::{Marketplace, Process, TOKEN_KEY, here};
pub use orders::{order, parse, parse_err, sample};
pub use sent::{Mark, Sent, lines};
pub use shop::{Keep, Placed, Setup, Shop, TOKEN, Told, Worker};
pub use wait::wait_until;
