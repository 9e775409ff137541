//! The server, asserted through sockets: replies, cut connections, delivered webhooks, steering.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod binary;
mod control;
mod delivery;
mod requests;
mod support;
