//! What happens in a process, counted, and its text for Prometheus. Nothing here asks anybody, nor the time.
//!
//! An engine counts by itself: [`Engine::metrics`](crate::sync::Engine::metrics) is its text. Label values are bounded:
//! routes are templates, codes are ours, and no id, location or address is among them unless that is asked for.

mod counts;
mod text;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use counts::Counts;
pub(crate) use text::Gauges;

use crate::{
    client::{CallEvent, Happening},
    error::{Code, Result},
};

/// The counters of a process. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Mutex<Counts>>);

impl Metrics {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What became of a webhook: kept or handled now, seen before (`Ok(true)`), or refused.
    pub fn webhook(&self, outcome: Result<bool, Code>) {
        let verdict = match outcome {
            Ok(false) => "accepted",
            Ok(true) => "seen",
            Err(code) => code.as_str(),
        };
        self.counts().webhook(verdict);
    }

    /// A webhook was applied, so long after it had been received.
    pub(crate) fn applied(&self, after_ms: i64) {
        self.counts().applied(u64::try_from(after_ms).unwrap_or(0));
    }

    /// Somebody was told something, or was not: the host of an event (`host`), and whoever hears by another channel. The
    /// channel is one of a few words.
    pub fn notified(&self, channel: &'static str, told: bool) {
        self.counts().notified(channel, if told { "told" } else { "failed" });
    }

    /// Takes in what happens to a call.
    pub(crate) fn call(&self, event: &CallEvent<'_>) {
        let (route, method) = (event.route, event.method.as_str());
        match event.what {
            Happening::Request => {}
            Happening::Response { status, duration_ms } => {
                let mut counts = self.counts();
                counts.replied(route, method, duration_ms);
                if (200..300).contains(&status) {
                    counts.call(route, method, "ok");
                }
            }
            Happening::Retry { code, .. } => self.counts().retry(route, method, code.as_str()),
            Happening::RateLimit { refused, .. } => self.counts().limited(refused),
            Happening::Error { code, .. } => self.counts().call(route, method, code.as_str()),
        }
    }

    /// All of it, and what is so at the moment.
    pub(crate) fn text(&self, gauges: &Gauges) -> String {
        text::write(&self.counts(), gauges)
    }

    /// Nothing here leaves them half-changed.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
