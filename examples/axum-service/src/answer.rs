//! Answers as JSON.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use ghlkit::{Code, Error};
use serde::Serialize;
use serde_json::json;

/// An answer, or why there is none.
pub(crate) type Answered = Result<Response, Refused>;

/// An error as an answer.
pub(crate) struct Refused(Error);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let status = match error.code() {
            Code::InvalidArgument | Code::Payload | Code::Validation => StatusCode::BAD_REQUEST,
            Code::Unauthorized => StatusCode::UNAUTHORIZED,
            Code::OrderNotFound | Code::NotFound => StatusCode::NOT_FOUND,
            Code::OrderExists | Code::TransitionRefused | Code::SlotTaken | Code::Conflict => {
                StatusCode::CONFLICT
            }
            Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        let said = json!({
            "error": error.message(),
            "code": error.code(),
            "field": error.field(),
            "alternatives": error.alternatives(),
        });
        with(status, &said)
    }
}

pub(crate) fn ok(body: &impl Serialize) -> Answered {
    Ok(with(StatusCode::OK, body))
}

pub(crate) fn with(status: StatusCode, body: &impl Serialize) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, serde_json::to_string(body).unwrap_or_default()).into_response()
}
