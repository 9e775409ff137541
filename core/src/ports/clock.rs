use std::time::Duration;

use super::{BoxFuture, Shared};

/// Time, as the host has it.
pub trait Clock: Shared {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;

    /// Resolves once `duration` has passed.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}
