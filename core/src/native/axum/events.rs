//! Streams of what happens to orders.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    extract::{Path, Query},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use futures::stream;
use serde::Deserialize;

use crate::{
    config::Events,
    error::{Error, Result},
    ids::{LocationId, OrderId},
    receiver::Answer,
    sync::{Engine, Watch, WatchOptions},
};

/// The headers of a stream.
const STREAM: [(HeaderName, &str); 3] = [
    (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store, no-transform"),
    // Proxies such as nginx keep nothing back.
    (HeaderName::from_static("x-accel-buffering"), "no"),
];
const LAST_EVENT_ID: &str = "last-event-id";
/// How long a browser may keep what it was told of the route's methods.
const PREFLIGHT: Duration = Duration::from_secs(86_400);

/// For a handler that lets callers in by itself: it returns what [`Engine::watch`] gave.
impl IntoResponse for Watch {
    fn into_response(self) -> Response {
        let frames = stream::unfold(self, |mut watch| async move {
            let frames = watch.next().await?;
            Some((Ok::<_, Infallible>(frames), watch))
        });
        (STREAM, Body::from_stream(frames)).into_response()
    }
}

/// What the query may say.
#[derive(Deserialize)]
struct Said {
    token: Option<String>,
    #[serde(rename = "locationId")]
    location: Option<String>,
    #[serde(rename = "lastEventId")]
    last_event_id: Option<String>,
}

/// What happens to an order as server-sent events, for whoever has a token of [`Engine::order_token`], as `?token=…` or
/// `Authorization: Bearer …`. The path has one parameter, the order: `/orders/{id}/events`.
pub fn events_route<S: Clone + Send + Sync + 'static>(engine: Engine) -> MethodRouter<S> {
    let preflight = engine.clone();
    get(move |Path(order): Path<String>, Query(said): Query<Said>, method: Method, headers: HeaderMap| async move {
        let mut response = match open(&engine, order, said, &headers).await {
            Ok(_) if method == Method::HEAD => StatusCode::OK.into_response(),
            Ok(watch) => watch.into_response(),
            Err(error) => refused(&engine, &error),
        };
        allow(&mut response, &engine.config().events, &headers);
        response
    })
    .options(move |headers: HeaderMap| async move {
        let allowed = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD")),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, last-event-id")),
            (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT.as_secs().into()),
        ];
        let mut response = (StatusCode::NO_CONTENT, allowed).into_response();
        allow(&mut response, &preflight.config().events, &headers);
        response
    })
}

async fn open(engine: &Engine, order: String, said: Said, headers: &HeaderMap) -> Result<Watch> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let (order, location) =
        (OrderId::parse(&order)?, said.location.as_deref().map(LocationId::parse).transpose()?);
    let bearer = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let token = bearer.or(said.token.as_deref()).unwrap_or_default();
    engine.check_order_token(location.as_ref(), &order, token)?;
    let last = text(HeaderName::from_static(LAST_EVENT_ID)).map(str::to_owned).or(said.last_event_id);
    engine.watch(WatchOptions { order: Some(order), location, last_event_id: last }).await
}

fn refused(engine: &Engine, error: &Error) -> Response {
    let answer = Answer::to_customer(error);
    if answer.status == 503 {
        tracing::warn!(code = %error.code(), %error, "a stream could not begin");
    }
    if answer.retry_after.is_some() {
        // A browser comes back to a stream alone.
        return (STREAM, engine.come_back_later()).into_response();
    }
    answer.into_response()
}

/// Lets the page read the answer, if its origin may.
fn allow(response: &mut Response, events: &Events, headers: &HeaderMap) {
    if events.cors_origins.is_empty() {
        return;
    }
    let given = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let allowed = given.and_then(|origin| events.allowed_origin(origin));
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed.and_then(|origin| HeaderValue::from_str(origin).ok()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
}
