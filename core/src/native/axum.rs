//! Webhooks in services built on axum: a layer over the shop's own handler, an extractor, and the engine's route.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use axum::{Extension, Router, http::StatusCode, routing::post};
//! # use ghlkit::{native::axum::ReceiverLayer, receiver::Receiver, webhook::Event};
//! async fn on_webhook(Extension(event): Extension<Arc<Event>>) -> StatusCode {
//!     println!("{} of {:?}", event.event_type, event.location);
//!     StatusCode::NO_CONTENT
//! }
//!
//! # fn f(receiver: Receiver) -> Router {
//! Router::new().route("/webhooks/ghl", post(on_webhook).layer(ReceiverLayer::new(receiver)))
//! # }
//! ```

mod events;

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRef, FromRequest, Query, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tower_layer::Layer;
use tower_service::Service;

use super::SystemClock;
use crate::{
    error::{Code, Error},
    ids::LocationId,
    ports::Clock as _,
    receiver::{Answer, Received, Receiver, failed, is_json},
    secret::Secret,
    sync::{Engine, HealthLimits, HealthStatus, MetricsOptions},
    webhook::{DEFAULT_MAX_BYTES, Event, Verifier},
};

pub use events::events_route;

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], self.body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Answer::refused(&self).into_response()
    }
}

/// A webhook that the application's [`Verifier`] accepts, as an extractor. It is refused with 401, 400, 413 or 415
/// otherwise. Nothing is remembered: what must not run twice goes behind a [`ReceiverLayer`].
#[derive(Debug, Clone)]
pub struct Webhook(pub Event);

impl<S: Send + Sync> FromRequest<S> for Webhook
where
    Verifier: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let verifier = Verifier::from_ref(state);
        let (headers, body) = read(request, verifier.max_bytes()).await?;
        let event = verifier.construct_event(&body, pairs(&headers), SystemClock.now_ms());
        event.map(Self).map_err(IntoResponse::into_response)
    }
}

/// Receives webhooks for the service below, which finds an `Arc<Event>` among the request's extensions and the body as
/// it came. It is called once for a webhook, until it answers with a success; anything else is answered with 429, so
/// that GHL repeats the webhook.
#[derive(Debug, Clone)]
pub struct ReceiverLayer(Receiver);

impl ReceiverLayer {
    /// A layer that receives by this receiver.
    pub fn new(receiver: Receiver) -> Self {
        Self(receiver)
    }
}

impl<S> Layer<S> for ReceiverLayer {
    type Service = ReceiverService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ReceiverService { receiver: self.0.clone(), inner }
    }
}

/// What [`ReceiverLayer`] makes of a service.
#[derive(Debug, Clone)]
pub struct ReceiverService<S> {
    receiver: Receiver,
    inner: S,
}

type Answered = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

impl<S> Service<Request> for ReceiverService<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answered;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Answered {
        let next = self.inner.clone();
        let (receiver, mut inner) = (self.receiver.clone(), std::mem::replace(&mut self.inner, next));
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let raw = match body_of(&parts.headers, body, receiver.verifier().max_bytes()).await {
                Ok(raw) => raw,
                Err(refused) => return Ok(refused),
            };
            let (event, claimed) = match receiver.receive(&raw, pairs(&parts.headers)).await {
                Ok(Received::New(event, claimed)) => (event, claimed),
                Ok(Received::Seen(_)) => return Ok(Answer::accepted().into_response()),
                Err(error) => return Ok(error.into_response()),
            };
            parts.extensions.insert(Arc::new(event));
            let response = inner.call(Request::from_parts(parts, Body::from(raw))).await?;
            let handled = response.status().is_success();
            receiver.settle(&claimed, handled).await;
            Ok(if handled { response } else { failed().into_response() })
        })
    }
}

/// Which location a webhook is for, where the engine has several.
#[derive(Deserialize)]
struct Addressed {
    #[serde(rename = "locationId")]
    location: Option<String>,
}

/// The route that GHL posts to: webhooks are written down for the engine, which applies them in `run` or `drain`. Where
/// there are several locations, the query names one: `?locationId=…`.
pub fn engine_route<S: Clone + Send + Sync + 'static>(engine: Engine) -> MethodRouter<S> {
    let limits = engine.config().locations.iter().map(|location| location.verifier.max_bytes());
    let max_bytes = limits.max().unwrap_or(DEFAULT_MAX_BYTES);
    post(move |Query(addressed): Query<Addressed>, request: Request| async move {
        let (headers, body) = match read(request, max_bytes).await {
            Ok(read) => read,
            Err(refused) => return refused,
        };
        let location = match addressed.location.as_deref().map(LocationId::parse).transpose() {
            Ok(location) => location,
            // Whoever calls has made the mistake, not the shop.
            Err(error) => return Answer { status: 400, ..Answer::refused(&error) }.into_response(),
        };
        match engine.receive_webhook(location.as_ref(), &body, pairs(&headers)).await {
            Ok(_) => Answer::accepted().into_response(),
            Err(error) => error.into_response(),
        }
    })
}

/// For monitors and load balancers: 200 where all is well, else 503, and which part is not: [`Engine::health`].
pub fn health_route<S: Clone + Send + Sync + 'static>(
    engine: Engine,
    limits: HealthLimits,
) -> MethodRouter<S> {
    get(move || async move {
        let health = engine.health(limits).await;
        let status = match health.status {
            HealthStatus::Healthy => StatusCode::OK,
            HealthStatus::Degraded => StatusCode::SERVICE_UNAVAILABLE,
        };
        let body = serde_json::to_string(&health).unwrap_or_default();
        let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
        (status, headers, body).into_response()
    })
}

/// What Prometheus scrapes: [`Engine::metrics`], for everyone or for whoever sends the token as `Authorization: Bearer …`.
pub fn metrics_route<S: Clone + Send + Sync + 'static>(
    engine: Engine,
    token: Option<Secret>,
    options: MetricsOptions,
) -> MethodRouter<S> {
    get(move |headers: HeaderMap| async move {
        let given = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
        if token.as_ref().is_some_and(|token| !is_bearer(given, token)) {
            return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response();
        }
        let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
        (kind, engine.metrics(options).await).into_response()
    })
}

/// Whether a header holds the token; how long that takes tells nothing of it. An empty one lets nobody in.
fn is_bearer(given: &[u8], token: &Secret) -> bool {
    let digest = |text: &[u8]| Sha256::digest(text);
    let wanted = format!("Bearer {}", token.expose());
    !token.expose().is_empty() && bool::from(digest(given).ct_eq(&digest(wanted.as_bytes())))
}

/// The headers and the body of a request, or the answer that refuses it.
async fn read(request: Request, max_bytes: usize) -> Result<(HeaderMap, Bytes), Response> {
    let (parts, body) = request.into_parts();
    let body = body_of(&parts.headers, body, max_bytes).await?;
    Ok((parts.headers, body))
}

async fn body_of(headers: &HeaderMap, body: Body, max_bytes: usize) -> Result<Bytes, Response> {
    let json = headers.get(header::CONTENT_TYPE).is_none_or(|declared| declared.to_str().is_ok_and(is_json));
    if !json {
        return Err(Answer::unsupported_media_type().into_response());
    }
    // It is also what fails where a client goes away, who then hears nothing of it.
    to_bytes(body, max_bytes).await.map_err(|error| {
        let message = format!("body: expected at most {max_bytes} bytes");
        Error::new(Code::TooLarge, message).with_field("body").with_source(error).into_response()
    })
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
}

#[cfg(test)]
mod tests;
