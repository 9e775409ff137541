//! The core from outside: what the server received, and what the store holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod inbound;
mod new_order;
mod status;
