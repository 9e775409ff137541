//! The client: requests as values, and the one pipeline that sends them (authorize, pace, send, decode,
//! repeat).

mod agent;
mod base_url;
mod builder;
mod call;
mod decode;
mod direct;
mod elsewhere;
mod endpoint;
mod fields;
mod headers;
mod look;
mod observe;
mod pace;
mod pages;
mod pipeline;
mod request;
#[cfg(test)]
mod tests;
mod tokens;
mod version;
mod whole;

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde::de::DeserializeOwned;
use tracing::{Instrument as _, Span, field};

pub(crate) use agent::AGENT;
pub use agent::AppInfo;
pub(crate) use base_url::base_url;
pub use builder::{ClientBuilder, DEFAULT_BASE_URL};
pub use call::{Call, CallMeta, CallOptions, Priority, SendGate};
pub(crate) use direct::{Direct, Failed};
pub(crate) use elsewhere::Posted;
pub(crate) use endpoint::Endpoint;
pub(crate) use fields::{FieldList, FieldNames};
pub use headers::Headers;
pub(crate) use look::Look;
use observe::Teller;
pub use observe::{CallEvent, Happening, Observer};
pub use pace::{Shares, StoredShares};
pub use pages::pages;
pub(crate) use request::Prepare;
pub use request::{ApiRequest, VERSION_2021_04_15, VERSION_2021_07_28};
pub use tokens::StaticTokens;
pub use version::ApiVersion;
pub(crate) use version::Renamed;

use crate::{
    error::{Error, Result},
    ids::LocationId,
    policy::{rate_limit::Room, server_clock::Offset},
    ports::{BoxFuture, Clock, HttpResponse, HttpTransport},
    trace,
};
use request::Parts;

/// How often shares are looked after.
const KEEP_UP: Duration = Duration::from_millis(500);

/// Calls GHL. A clone shares limits, retry budgets and clock estimate with its original, so a process
/// needs one client, whatever its number of locations.
#[derive(Clone)]
pub struct Client {
    inner: Arc<pipeline::Pipeline>,
    observer: Option<Arc<dyn Observer>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.inner.base_url).finish_non_exhaustive()
    }
}

impl Client {
    /// A clone whose calls are told to this observer, and to no other.
    #[must_use]
    pub fn with_observer(&self, observer: Arc<dyn Observer>) -> Self {
        Self { observer: Some(observer), ..self.clone() }
    }

    /// What its requests leave by.
    pub(crate) fn transport(&self) -> &Arc<dyn HttpTransport> {
        &self.inner.transport
    }

    pub(crate) fn observer(&self) -> Option<&Arc<dyn Observer>> {
        self.observer.as_ref()
    }

    /// Sends a request and reads its reply.
    ///
    /// # Errors
    /// `invalid_argument` (an empty id in the path), `config` (no token), `rate_limited`, `daily_limit`,
    /// `retry_budget`, `timeout`, `network`, `server`, `outcome_unknown` (a POST that may have arrived),
    /// `duplicate`, `duplicate_opportunity`, `not_found`, `validation`, `unauthorized`, `scope_missing`,
    /// `wrong_location`, `refused`, `unexpected_reply`, and what the token source answers.
    pub async fn send<T: DeserializeOwned>(
        &self,
        location: &LocationId,
        request: &ApiRequest<T>,
    ) -> Result<T> {
        self.call(location, request, &CallOptions::default()).await.result
    }

    /// Sends a request with options of its own, and also tells what that took. Dropping the future cancels
    /// the call; what was already sent may still arrive.
    pub async fn call<T: DeserializeOwned>(
        &self,
        location: &LocationId,
        request: &ApiRequest<T>,
        options: &CallOptions<'_>,
    ) -> Call<T> {
        self.call_with(location, request, options, |json| serde_json::from_str(json)).await
    }

    /// As [`Client::call`], for a reply that `read` knows how to read, whatever the request says of it.
    pub(crate) async fn call_with<T, U>(
        &self,
        location: &LocationId,
        request: &ApiRequest<T>,
        options: &CallOptions<'_>,
        read: impl FnOnce(&str) -> serde_json::Result<U>,
    ) -> Call<U> {
        let parts = &request.parts;
        let (response, ended) = self.answered(location, parts, options).await;
        let result = response.and_then(|response| decode::reply(&response, parts.envelope, read));
        if let Err(error) = &result {
            ended.failed(error);
        }
        Call { result, meta: ended.meta }
    }

    /// All of a call but how its reply is read, so that what replies there are costs no size.
    fn answered<'a>(
        &'a self,
        location: &'a LocationId,
        parts: &'a Parts,
        options: &'a CallOptions<'a>,
    ) -> BoxFuture<'a, (Result<HttpResponse>, Ended<'a>)> {
        Box::pin(async move {
            let span = tracing::debug_span!(
                "call",
                otel.name = %format_args!("{} {}", parts.method.as_str(), parts.route()),
                otel.kind = "client",
                otel.status_code = field::Empty,
                http.request.method = parts.method.as_str(),
                http.route = parts.route(),
                http.request.resend_count = field::Empty,
                http.response.status_code = field::Empty,
                error.type = field::Empty,
                ghlkit.location = %location,
            );
            let mut meta = CallMeta::default();
            let teller = self.teller(location, parts);
            let response = self.exchange(&teller, parts, options, &mut meta).instrument(span.clone()).await;
            if let Some(repeated) = meta.tries.checked_sub(1).filter(|repeated| *repeated > 0) {
                span.record("http.request.resend_count", i64::from(repeated));
            }
            if let Ok(response) = &response {
                // Exporters write unsigned numbers as texts.
                span.record("http.response.status_code", i64::from(response.status));
                let (method, route) = (parts.method.as_str(), parts.route());
                tracing::debug!(parent: &span, method, route, status = response.status, "GHL answered");
            }
            (response, Ended { meta, teller, span })
        })
    }

    fn teller<'a>(&'a self, location: &'a LocationId, parts: &'a Parts) -> Teller<'a> {
        let observer = self.observer.as_ref();
        let call = observer.map_or(0, |_| self.inner.calls.fetch_add(1, Ordering::Relaxed));
        Teller { observer, call, method: parts.method, route: parts.route(), location }
    }

    /// The custom fields of a location's contacts or opportunities, as they were last read.
    pub(crate) fn field_list(&self, location: &LocationId, model: &'static str) -> Arc<FieldList> {
        self.inner.fields.of(location, model)
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }

    /// Keeps up what this client has of limits that it shares with other processes: claims it anew while it is used, and
    /// gives back what is not, so that others have it within a second. Without it, an idle client's share ends by itself
    /// within half a minute. Ends with the last clone of the client; to be run beside the calls.
    pub fn keep_shares(&self) -> impl Future<Output = ()> + 'static {
        let (weak, clock) = (Arc::downgrade(&self.inner), Arc::clone(&self.inner.clock));
        async move {
            while let Some(inner) = weak.upgrade() {
                inner.lanes.keep_up(&*clock).await;
                drop(inner);
                clock.sleep(KEEP_UP).await;
            }
        }
    }

    /// What is left of the limits of each location that was called.
    pub(crate) fn rooms(&self) -> Vec<(LocationId, Room)> {
        self.inner.lanes.rooms(self.clock().now_ms())
    }

    /// How far GHL's clock is from ours, once a reply has told.
    pub fn server_offset(&self) -> Option<Offset> {
        self.inner.server_offset()
    }
}

/// A call whose reply is there, if there is one, and has not been read yet.
struct Ended<'a> {
    meta: CallMeta,
    teller: Teller<'a>,
    span: Span,
}

impl Ended<'_> {
    fn failed(&self, error: &Error) {
        self.span.record("http.response.status_code", error.status().map(i64::from));
        trace::failed(&self.span, error.code());
        let (method, route, code) = (self.teller.method.as_str(), self.teller.route, error.code().as_str());
        tracing::debug!(parent: &self.span, method, route, code, status = error.status(), "a call failed");
        self.teller.failed(self.meta.tries, error);
    }
}
