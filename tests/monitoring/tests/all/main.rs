//! What monitoring receives, looked at from its side.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod otel;
mod sentry;
mod shop_span;
