//! A shop, its engine and the mock GHL server, joined by real HTTP, for tests that look at the core from
//! outside: at what the server received and at what the store holds.

// A harness fails by panicking, with the line of the test that called it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod child;
mod db;
mod fleet;
mod front;
mod guide;
mod hooks;
mod listening;
mod load;
mod log;
mod oauth;
mod orders;
mod peer;
mod raw;
mod sender;
mod sent;
mod setup;
mod shop;
mod sse;
mod told;
mod wait;
mod wire;
mod worker;

pub use child::{Child, ready};
pub use db::Db;
pub use fleet::{WEBHOOKS, serve, work};
pub use front::{Front, Head, Instead};
pub use guide::{Fence, PAGES_WITH_RUST, fences};
pub use hooks::Receiver;
pub use listening::{SOCKET_TOKEN, gateway, local, realtime};
pub use load::Load;
pub use log::Log;
pub use oauth::{Marketplace, Process, TOKEN_KEY, here};
pub use orders::{order, parse, parse_err, sample};
pub use peer::Peer;
pub use raw::{Piece, Raw};
pub use sender::{Delivered, Sender};
pub use sent::{Mark, Sent, lines};
pub use setup::{Keep, Setup};
pub use shop::{Placed, Shop, TOKEN};
pub use sse::{EventSource, Streams};
pub use told::Told;
pub use wait::wait_until;
pub use wire::Wire;
pub use worker::Worker;
