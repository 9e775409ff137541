use std::{borrow::Cow, time::Duration};

use serde::{Deserialize, Serialize};

use super::{BoxFuture, Shared};

/// The HTTP methods GHL uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Replaces or updates.
    Put,
    /// Removes.
    Delete,
}

impl Method {
    /// Every method.
    pub const ALL: [Method; 4] = [Method::Get, Method::Post, Method::Put, Method::Delete];

    /// The method as it stands in the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }

    /// Whether a repetition has the effect of one request (RFC 9110, section 9.2.2).
    pub fn idempotent(self) -> bool {
        self != Method::Post
    }
}

/// One request, complete but for the connection.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL; it never carries a secret.
    pub url: String,
    /// Names in lower case, and values. `authorization` is among them.
    pub headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    /// The body, empty for none.
    pub body: Vec<u8>,
    /// The whole exchange, connecting included, is given up after this long: whoever sends it drops the future.
    pub timeout: Duration,
    /// A larger reply is an error: memory stays bounded whatever the server sends.
    pub max_reply_bytes: usize,
}

impl HttpRequest {
    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Headers carry the token, the body and the query customer data: none of it belongs in a log.
        f.debug_struct("HttpRequest")
            .field("method", &self.method.as_str())
            .field("url", &self.url.split('?').next())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// One reply, read to its end.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values: at least those of [`HttpResponse::READ`] that came.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The body carries customer data, and tokens where it is the token endpoint's.
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl HttpResponse {
    /// The headers that anything is made of. A transport may leave out the others.
    pub const READ: [&str; 8] = [
        "date",
        "retry-after",
        "x-ratelimit-max",
        "x-ratelimit-interval-milliseconds",
        "x-ratelimit-remaining",
        "x-ratelimit-limit-daily",
        "x-ratelimit-daily-remaining",
        "x-ratelimit-daily-reset",
    ];

    /// The first value of a header, by its lower-case name, which is one of those that are read.
    pub fn header(&self, name: &str) -> Option<&str> {
        debug_assert!(Self::READ.contains(&name), "{name} may have been left out");
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TransportErrorKind {
    /// No connection was made: the request surely never left.
    Connect,
    /// The time ran out; the request may have arrived.
    Timeout,
    /// The connection broke after the request had begun to leave; it may have arrived.
    Broken,
    /// The reply was larger than allowed; the request arrived.
    ReplyTooLarge,
}

/// A failed exchange.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// Why.
    pub kind: TransportErrorKind,
    /// For a person; without URL query, headers or body.
    pub message: String,
}

/// Sends one request. Retries, pacing, authorization and decoding sit above it.
pub trait HttpTransport: Shared {
    /// Exchanges one request for its reply; dropping the future cancels it.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>>;
}
