//! What monitoring receives: a server that takes what OpenTelemetry and Sentry send, and what must be in none of it.

// A harness fails by panicking, with the line of the test that called it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod canary;
mod receiver;
mod spans;
mod traced;

pub use canary::{Canary, QUOTED};
pub use receiver::{Received, Receiver};
pub use spans::{Span, spans};
pub use traced::Traced;
