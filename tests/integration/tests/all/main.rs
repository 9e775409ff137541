//! The core from outside: what the server received, and what the store holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bad_input;
mod canaries;
mod customers;
mod doctor;
mod durability;
mod failures;
mod guide;
mod import;
mod inbound;
mod installation;
mod limits;
mod lost;
mod manufacturing;
mod new_order;
mod notifications;
mod oauth;
mod proofs;
mod queue;
mod readme;
mod realtime;
mod reconcile;
mod replies;
mod secrets;
mod shop_tables;
mod silence;
mod status;
mod streams;
mod trigger;
mod version;
mod webhooks;
