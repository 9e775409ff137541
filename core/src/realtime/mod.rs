//! The client side of Socket.IO 5 over Engine.IO 4, for relays and gateways that pass events on: no I/O.
//!
//! GoHighLevel publishes no such endpoint: webhooks and reconciliation are the way in, and this is one beside them. Both
//! codecs ([`engine_io`], [`socket_io`]) are functions of text; a [`Session`] is told what came, what time it is and a
//! random number, and says what to do; a [`Client`] does that over the ports.

mod backoff;
mod client;
pub mod engine_io;
mod session;
pub mod socket_io;

pub use backoff::Backoff;
pub use client::{Client, ClientSettings};
pub use session::{Action, Event, Happening, Input, Now, Reply, Session, SessionSettings};

use crate::error::{Code, Error};

/// What came cannot be understood, or is not allowed at this point.
fn malformed(what: impl std::fmt::Display) -> Error {
    Error::new(
        Code::UnexpectedReply,
        format!("the Socket.IO server sent what is no part of its protocol: {what}"),
    )
}
