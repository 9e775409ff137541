//! From HTTP to the model and back, with the fault plan between.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};

use super::connection::{Line, One};
use super::{Shared, control, lock};
use crate::faults::Fault;
use crate::http::{Reply, Request};

/// Longest body taken, in bytes.
const LONGEST_BODY: usize = 4 * 1024 * 1024;

pub(super) async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: axum::extract::Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = as_value(&parts, body.to_vec());
    if let Some(name) = request.path.strip_prefix("/__mock/") {
        return into_response(control::answer(&shared, name, &request));
    }
    let waiting = shared.waiting.one();
    let decision = lock(&shared.faults).decide(&request);
    if decision.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(decision.latency_ms)).await;
    }
    let stalls = decision.fault.is_some_and(Fault::stalls);
    match shared.with(|ghl, now| ghl.serve(now, &request, decision.fault)) {
        Some(reply) if stalls => half(reply, waiting),
        Some(reply) => into_response(reply),
        None if stalls => pending().await,
        None => {
            line.cut();
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The status, the headers and one half of the body, and then nothing more.
fn half(reply: Reply, waiting: One) -> Response {
    let (first, _) = reply.body.split_at(reply.body.len() / 2);
    let first = Bytes::copy_from_slice(first);
    let never = stream::once(async move {
        let _waiting = waiting;
        pending().await
    });
    let body = stream::once(async { Ok::<_, Infallible>(first) }).chain(never);
    into_response_with(reply.status, &reply.headers, Body::from_stream(body))
}

fn as_value(parts: &Parts, body: Vec<u8>) -> Request {
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let headers = parts.headers.iter();
    Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: form_urlencoded::parse(query).into_owned().collect(),
        headers: headers
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect(),
        body,
    }
}

fn into_response(reply: Reply) -> Response {
    into_response_with(reply.status, &reply.headers, Body::from(reply.body))
}

fn into_response_with(status: u16, headers: &[(String, String)], body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
