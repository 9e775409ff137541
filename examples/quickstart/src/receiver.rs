//! The route GHL posts to: hands the raw body and the headers to the engine and answers.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
    routing::post,
};
use ghlkit::{Code, Error, sync::Engine, webhook::DEFAULT_MAX_BYTES};
use serde_json::json;

/// Where both kinds of webhook arrive.
pub(crate) const PATH: &str = "/api/webhooks/ghl/order-status";

/// The shop's routes. One byte more than the verifier takes is let in, so that it is the one to refuse.
pub(crate) fn routes(engine: Engine) -> Router {
    Router::new()
        .route(PATH, post(receive))
        .layer(DefaultBodyLimit::max(DEFAULT_MAX_BYTES + 1))
        .with_state(engine)
}

async fn receive(State(engine): State<Engine>, headers: HeaderMap, body: Bytes) -> Response {
    match engine.receive_webhook(None, &body, &headers).await {
        Ok(_) => Json(json!({ "success": true })).into_response(),
        Err(error) => refusal(&error),
    }
}

fn refusal(error: &Error) -> Response {
    let (status, text) = match error.code() {
        Code::Signature => (StatusCode::UNAUTHORIZED, "Invalid signature"),
        Code::Stale => (StatusCode::UNAUTHORIZED, "Stale timestamp"),
        Code::Payload => (StatusCode::BAD_REQUEST, "Invalid body"),
        Code::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Body too large"),
        Code::WrongLocation => (StatusCode::FORBIDDEN, "Wrong location"),
        // It could not be kept: GHL repeats what is answered so.
        _ => (StatusCode::TOO_MANY_REQUESTS, "Try again later"),
    };
    let body = Json(json!({ "error": text, "code": error.code().as_str() }));
    let mut response = (status, body).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(RETRY_AFTER, axum::http::HeaderValue::from_static("30"));
    }
    response
}
