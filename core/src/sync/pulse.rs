//! Whether GHL answers, as the engine's own calls have it.

use std::sync::{Arc, Mutex};

use super::core::lock;
use crate::{
    client::{CallEvent, Happening, Observer},
    error::{Code, Delivery},
    metrics::Metrics,
    ports::Clock,
};

/// What was seen last, and since when it has been so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Beat {
    /// When it was seen last.
    pub(crate) at: i64,
    /// Since when it has been like this.
    pub(crate) since: i64,
    /// Why calls fail, if they do.
    pub(crate) failure: Option<Code>,
}

/// Watches the engine's calls, counts them, and hands what it sees on to whoever watched the client before.
pub(crate) struct Pulse {
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    next: Option<Arc<dyn Observer>>,
    last: Mutex<Option<Beat>>,
}

impl Pulse {
    pub(crate) fn new(clock: Arc<dyn Clock>, metrics: Metrics, next: Option<Arc<dyn Observer>>) -> Self {
        Self { clock, metrics, next, last: Mutex::default() }
    }

    pub(crate) fn last(&self) -> Option<Beat> {
        *lock(&self.last)
    }

    fn beat(&self, failure: Option<Code>) {
        let at = self.clock.now_ms();
        let mut last = lock(&self.last);
        let same = last.filter(|last| last.failure.is_some() == failure.is_some());
        *last = Some(Beat { at, since: same.map_or(at, |last| last.since), failure });
    }
}

impl Observer for Pulse {
    fn observe(&self, event: &CallEvent<'_>) {
        self.metrics.call(event);
        match event.what {
            // Whatever it says of the one request, GHL answers and knows the token.
            Happening::Response { status, .. } if status < 500 && !is_unclear(status) => self.beat(None),
            // One that was given up before it was sent shows nothing.
            Happening::Error { code: Code::Timeout, delivery: Delivery::NotSent, .. } => {}
            Happening::Error { code, .. } if is_outage(code) => self.beat(Some(code)),
            // A limit, or a scope: GHL answers, and knows who asks.
            Happening::Error { status: Some(401 | 403 | 429), .. } => self.beat(None),
            _ => {}
        }
        if let Some(next) = &self.next {
            next.observe(event);
        }
    }
}

/// Whether only the error that is made of the reply tells what it means: a token that is not known or a missing scope,
/// another location's token, a proxy that has waited for GHL in vain, a limit.
fn is_unclear(status: u16) -> bool {
    matches!(status, 401 | 403 | 408 | 429)
}

/// Whether an error concerns every call: GHL is not there, or does not take the token.
fn is_outage(code: Code) -> bool {
    matches!(
        code,
        Code::Network
            | Code::Timeout
            | Code::Server
            | Code::RetryBudget
            | Code::Unauthorized
            | Code::Reauthorize
            | Code::WrongLocation
    )
}
