//! What goes in and comes out of the model: requests and replies as plain values.

use serde_json::{Map, Value, json};

/// One HTTP request, as it reaches the API host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Upper-case method.
    pub method: String,
    /// Path as sent, without the query; a trailing slash counts.
    pub path: String,
    /// Decoded query pairs in the order sent.
    pub query: Vec<(String, String)>,
    /// Header pairs; names in any case.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without query, headers and body.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), ..Self::default() }
    }

    /// Adds one header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds `Authorization: Bearer …` and `Version: 2021-07-28`, which nearly every call needs.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}")).header("Version", "2021-07-28")
    }

    /// Adds one query pair.
    #[must_use]
    pub fn param(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a JSON body and its content type.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("Content-Type", "application/json")
    }

    /// Sets a form body and its content type, as `/oauth/token` takes it.
    #[must_use]
    pub fn form(mut self, pairs: &[(&str, &str)]) -> Self {
        self.body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
        self.header("Content-Type", "application/x-www-form-urlencoded")
    }

    pub(crate) fn header_value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// One HTTP reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// Header pairs.
    pub headers: Vec<(String, String)>,
    /// The body's bytes, JSON unless a switch says otherwise.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON; `Null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A reply before the trace id, the `Date` and the rate-limit headers are added.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// Whether the body carries a `traceId`: the gateway's own refusals and `/oauth/token` do not.
    pub(crate) traced: bool,
    pub(crate) headers: Vec<(String, String)>,
}

/// What a handler gives: `Err` is an answer too, only that the handler stopped there.
pub(crate) type Handled = Result<Answer, Answer>;

impl Answer {
    pub(crate) fn new(status: u16, body: Value) -> Self {
        Self { status, body, traced: true, headers: Vec::new() }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn created(body: Value) -> Self {
        Self::new(201, body)
    }

    #[must_use]
    pub(crate) fn untraced(mut self) -> Self {
        self.traced = false;
        self
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn bad_request(message: &str) -> Self {
        Self::new(400, json!({ "statusCode": 400, "message": message, "error": "Bad Request" }))
    }

    pub(crate) fn unauthorized(message: &str) -> Self {
        Self::new(401, json!({ "statusCode": 401, "message": message, "error": "Unauthorized" }))
    }

    pub(crate) fn wrong_location() -> Self {
        Self::new(
            403,
            json!({
                "statusCode": 403,
                "message": "The token does not have access to this location.",
                "error": "Forbidden"
            }),
        )
    }

    pub(crate) fn no_route(method: &str, path: &str) -> Self {
        let message = format!("Cannot {method} {path}");
        Self::new(404, json!({ "message": message, "error": "Not Found", "statusCode": 404 })).untraced()
    }

    pub(crate) fn unprocessable(messages: Vec<String>) -> Self {
        Self::new(422, json!({ "statusCode": 422, "message": messages, "error": "Unprocessable Entity" }))
    }

    pub(crate) fn unprocessable_one(message: impl Into<String>) -> Self {
        Self::unprocessable(vec![message.into()])
    }

    pub(crate) fn server_error(status: u16) -> Self {
        Self::new(status, json!({ "statusCode": status, "message": "Internal server error" }))
    }
}

/// The object inside a JSON value, or an empty one.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
