use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::ManualClock;
use crate::ports::{
    BoxFuture, Clock, HttpRequest, HttpResponse, HttpTransport, TransportError, TransportErrorKind,
};

/// One scripted exchange: what comes back, and how long it takes on the manual clock.
#[derive(Debug, Clone)]
pub struct Step {
    latency_ms: u64,
    outcome: Result<HttpResponse, TransportErrorKind>,
}

impl Step {
    /// A reply, at once.
    pub fn reply(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let response = HttpResponse { status, headers: Vec::new(), body: body.into() };
        Self { latency_ms: 0, outcome: Ok(response) }
    }

    /// A failure, at once.
    pub fn error(kind: TransportErrorKind) -> Self {
        Self { latency_ms: 0, outcome: Err(kind) }
    }

    /// No reply, ever.
    pub fn silence() -> Self {
        Self::error(TransportErrorKind::Timeout).after_ms(u64::from(u32::MAX))
    }

    /// Takes this long.
    #[must_use]
    pub fn after_ms(mut self, ms: u64) -> Self {
        self.latency_ms = ms;
        self
    }

    /// Adds a header to the reply; its name in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl ToString) -> Self {
        if let Ok(response) = &mut self.outcome {
            response.headers.push((name.to_owned().into(), value.to_string()));
        }
        self
    }
}

/// A request the transport was given, and when, by the manual clock.
#[derive(Debug, Clone)]
pub struct Sent {
    /// When.
    pub at_ms: i64,
    /// The request, token included.
    pub request: HttpRequest,
}

/// A transport that plays a script and remembers what it was given. Clones share both.
#[derive(Debug, Clone)]
pub struct ScriptedTransport {
    clock: ManualClock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    script: VecDeque<Step>,
    otherwise: Option<Step>,
    sent: Vec<Sent>,
}

impl ScriptedTransport {
    /// A transport without a script.
    pub fn new(clock: ManualClock) -> Self {
        Self { clock, state: Arc::default() }
    }

    /// Adds a step: the n-th request gets the n-th step.
    pub fn then(&self, step: Step) -> &Self {
        self.lock().script.push_back(step);
        self
    }

    /// What every request after the script gets. Without it, a connection that cannot be made.
    pub fn otherwise(&self, step: Step) -> &Self {
        self.lock().otherwise = Some(step);
        self
    }

    /// The requests so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpTransport for ScriptedTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let step = {
            let mut state = self.lock();
            state.sent.push(Sent { at_ms: self.clock.now_ms(), request });
            let step = state.script.pop_front().or_else(|| state.otherwise.clone());
            step.unwrap_or_else(|| Step::error(TransportErrorKind::Connect))
        };
        let latency = self.clock.sleep(Duration::from_millis(step.latency_ms));
        Box::pin(async move {
            latency.await;
            step.outcome.map_err(|kind| TransportError { kind, message: format!("scripted: {kind:?}") })
        })
    }
}
