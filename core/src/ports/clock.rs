use std::time::Duration;

use chrono::{DateTime, SecondsFormat};

use super::{BoxFuture, Shared};

/// Time, as the host has it.
pub trait Clock: Shared {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;

    /// Resolves once `duration` has passed.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// A time as GHL writes it: ISO 8601, UTC, milliseconds.
pub(crate) fn iso(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}
