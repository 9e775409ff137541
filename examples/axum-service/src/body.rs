//! Bodies of requests.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::header,
    response::{IntoResponse, Response},
};
use ghlkit::{Code, Error, receiver::Answer};
use serde::de::DeserializeOwned;

use crate::answer::Refused;

/// No caller writes more than this.
const MAX_BYTES: usize = 16 * 1024;

/// The text of a body that says that it is JSON, and is small.
pub(crate) struct Json(pub(crate) String);

impl Json {
    /// What it says.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        let malformed = |error| {
            Error::new(Code::Payload, "body: expected JSON with the fields of this route").with_source(error)
        };
        Ok(serde_json::from_str(&self.0).map_err(malformed)?)
    }
}

impl<S: Send + Sync> FromRequest<S> for Json {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let declared = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
        if !declared.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
            return Err(Answer::unsupported_media_type().into_response());
        }
        let refused = |error: Error| Refused::from(error).into_response();
        let too_large = |_| {
            let message = format!("body: expected at most {MAX_BYTES} bytes");
            refused(Error::new(Code::TooLarge, message).with_field("body"))
        };
        let bytes = to_bytes(request.into_body(), MAX_BYTES).await.map_err(too_large)?;
        let text = String::from_utf8(bytes.into());
        text.map(Self)
            .map_err(|_| refused(Error::new(Code::Payload, "body: expected UTF-8").with_field("body")))
    }
}
