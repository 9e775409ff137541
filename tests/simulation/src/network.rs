//! The network between a worker and GHL: it loses requests, loses replies, and delivers late what a
//! worker has long given up on, but never later than the worker's time-out after it left.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::channel::oneshot;
use ghlkit::{
    ports::{
        BoxFuture, Clock, HttpRequest, HttpResponse, HttpTransport, Method, TransportError,
        TransportErrorKind,
    },
    testing::ManualClock,
};
use mock_ghl::{Fault, Request};

use crate::{
    store::LeaseSeen,
    world::{Happening, World},
};

/// The chances of each fault, per request.
#[derive(Debug, Clone, Copy, Default)]
pub struct NetworkFaults {
    /// No connection.
    pub refuse: f64,
    /// The request is lost on its way.
    pub lose_request: f64,
    /// GHL acts, and its reply is lost.
    pub lose_reply: f64,
    /// The connection breaks after GHL acted.
    pub break_after: f64,
    /// 500 without acting.
    pub server_error: f64,
    /// 429 without acting.
    pub too_many: f64,
    /// 422 for a create that happened.
    pub refused_but_done: f64,
    /// The longest latency of one way, in milliseconds.
    pub latency_ms: u64,
}

/// Where a reply goes; it may have been given up on.
pub type ReplyTo = oneshot::Sender<Result<HttpResponse, TransportErrorKind>>;

/// A worker's connection to GHL.
pub struct SimTransport {
    world: Arc<Mutex<World>>,
    clock: ManualClock,
    /// `None` for calls that need no lease.
    lease: Option<LeaseSeen>,
}

impl SimTransport {
    /// A connection; with a lease to watch, whatever is sent after its end is a violation.
    pub fn new(world: Arc<Mutex<World>>, clock: ManualClock, lease: Option<LeaseSeen>) -> Self {
        Self { world, clock, lease }
    }

    fn dispatch(&self, request: &HttpRequest) -> oneshot::Receiver<Result<HttpResponse, TransportErrorKind>> {
        let (reply_to, reply) = oneshot::channel();
        let mut world = lock(&self.world);
        let now = self.clock.now_ms();
        let timeout = i64::try_from(request.timeout.as_millis()).unwrap_or(i64::MAX);
        if let Some(lease) = &self.lease {
            let until = *lock(lease);
            // What a location looks like may be read without a lease.
            let about_location = request.url.contains("/pipelines") || request.url.contains("/locations/");
            if !about_location && until.is_none_or(|until| now + timeout > until) {
                world.violate(format!(
                    "I5: {} left at {now} under a lease until {until:?}",
                    request.method.as_str()
                ));
            }
        }
        let faults = world.network;
        let rng = world.rng.clone();
        let there = now + i64::try_from(rng.below(faults.latency_ms + 1)).unwrap_or(0);
        let back = i64::try_from(rng.below(faults.latency_ms + 1)).unwrap_or(0);
        world.sends += 1;
        let mut faulty = true;
        if rng.chance(faults.refuse) {
            world.after(there.min(now + 50), Happening::Reply(reply_to, Err(TransportErrorKind::Connect)));
        } else if rng.chance(faults.lose_request) {
            world.hold(reply_to);
        } else {
            let late = rng.chance(faults.lose_reply);
            let fault = match () {
                () if rng.chance(faults.break_after) => Some(Fault::ResetAfter),
                () if rng.chance(faults.server_error) => Some(Fault::Status(500)),
                () if rng.chance(faults.too_many) => Some(Fault::TooMany),
                () if creates(request) && rng.chance(faults.refused_but_done) => Some(Fault::RefusedButDone),
                () => None,
            };
            faulty = late || fault.is_some();
            // What is lost may arrive as late as the time-out; what is answered arrives within it too.
            let there = if late {
                now + i64::try_from(rng.below(timeout.unsigned_abs())).unwrap_or(0)
            } else {
                there
            };
            let back = if late { None } else { Some(back) };
            let request = to_mock(request);
            world.after(there, Happening::Arrive { request, fault, back, reply_to });
        }
        world.faulty_sends += u64::from(faulty);
        reply
    }
}

impl HttpTransport for SimTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let reply = self.dispatch(&request);
            let outcome = reply.await.unwrap_or(Err(TransportErrorKind::Broken));
            outcome
                .map_err(|kind| TransportError { kind, message: "the simulated network failed".to_owned() })
        })
    }
}

fn creates(request: &HttpRequest) -> bool {
    request.method == Method::Post
        && (request.url.ends_with("/contacts/") || request.url.ends_with("/opportunities/"))
}

fn to_mock(request: &HttpRequest) -> Request {
    let rest = request.url.split_once("//").map_or(request.url.as_str(), |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| rest.get(at..).unwrap_or("/"));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    });
    Request {
        method: request.method.as_str().to_owned(),
        path: path.to_owned(),
        query: query.collect(),
        headers: request.headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        body: request.body.clone(),
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |digit: Option<u8>| digit.and_then(|digit| char::from(digit).to_digit(16)).unwrap_or(0);
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let code = hex(rest.next()) * 16 + hex(rest.next());
                bytes.push(u8::try_from(code).unwrap_or(b'?'));
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
