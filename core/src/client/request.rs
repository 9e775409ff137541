use std::{borrow::Cow, fmt, marker::PhantomData, time::Duration};

use form_urlencoded::Serializer;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{CallOptions, Client, Headers, Look, Renamed};
use crate::{
    error::{Error, Result},
    ids::LocationId,
    json,
    ports::{BoxFuture, HttpRequest, Method},
    secret::Secret,
};

/// `Version` of contacts, opportunities, locations, users and custom fields.
pub const VERSION_2021_07_28: &str = "2021-07-28";
/// `Version` of calendars and conversations.
pub const VERSION_2021_04_15: &str = "2021-04-15";

const JSON: &str = "application/json";

/// Everything in a path segment but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One request to GHL as a value: it can be looked at before, or instead of, being sent.
///
/// `T` is what a successful reply is read as. The token is not part of it; the client adds that.
///
/// ```
/// use ghlkit::{client::ApiRequest, ports::Method};
///
/// let request: ApiRequest<()> = ApiRequest::new(Method::Get, &["contacts", "a b"]).with_query("q", "x+y");
/// assert_eq!((request.path(), request.query_string().as_str()), ("/contacts/a%20b", "q=x%2By"));
/// ```
pub struct ApiRequest<T> {
    pub(super) parts: Parts,
    reply: PhantomData<fn() -> T>,
}

/// Makes of a body what is sent, perhaps after asking GHL; `None`: it is as it should be.
pub(crate) type Prepare = for<'a> fn(
    &'a Client,
    &'a LocationId,
    &'a [u8],
    CallOptions<'a>,
) -> BoxFuture<'a, Result<Option<Vec<u8>>>>;

/// A request without its reply type, for the part of the pipeline that does not care.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) method: Method,
    pub(super) path: String,
    /// The path with the names of the ids in place of the ids, where it is one of the known.
    pub(super) route: Option<&'static str>,
    pub(super) query: Vec<(Cow<'static, str>, String)>,
    pub(super) version: &'static str,
    /// Whether the version was set for this request.
    pub(super) pinned: bool,
    /// What version 3 calls otherwise.
    pub(super) renamed: &'static [Renamed],
    /// What changes the body before it is sent.
    pub(super) prepare: Option<Prepare>,
    /// How to find what it made.
    pub(super) look: Option<&'static Look>,
    /// The member of the body with which a repetition would do harm.
    pub(super) once_with: Option<&'static str>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) content_type: &'static str,
    pub(super) safe_to_repeat: bool,
    pub(super) envelope: Option<&'static str>,
    /// Why the request cannot be sent, found while it was built.
    pub(super) fault: Option<&'static str>,
}

/// How a request is sent, whatever it asks for.
pub(super) struct Sending<'a> {
    /// The API's address, without a `/` at the end.
    pub(super) base: &'a str,
    /// The `User-Agent`.
    pub(super) agent: &'a Cow<'static, str>,
    /// The caller's own.
    pub(super) headers: Option<&'a Headers>,
    pub(super) timeout: Duration,
    pub(super) max_reply_bytes: usize,
}

impl<T> ApiRequest<T> {
    /// A request for the path of these segments, each percent-encoded, with `Version: 2021-07-28`.
    ///
    /// An empty segment, `.` or `..` would name another resource: such a request is refused with
    /// `invalid_argument` when it is sent.
    pub fn new(method: Method, segments: &[&str]) -> Self {
        let mut path = String::new();
        let mut fault = None;
        for segment in segments {
            if matches!(*segment, "" | "." | "..") {
                fault = Some("an id in the path is empty or made of dots");
            }
            path.push('/');
            path.extend(utf8_percent_encode(segment, SEGMENT));
        }
        let parts = Parts {
            method,
            path,
            route: None,
            query: Vec::new(),
            version: VERSION_2021_07_28,
            pinned: false,
            renamed: &[],
            prepare: None,
            look: None,
            once_with: None,
            body: None,
            content_type: JSON,
            safe_to_repeat: false,
            envelope: None,
            fault,
        };
        Self { parts, reply: PhantomData }
    }

    /// Ends the path in `/`, as GHL's collections demand.
    #[must_use]
    pub fn with_trailing_slash(mut self) -> Self {
        self.parts.path.push('/');
        self
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn with_query(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.parts.query.push((name.into(), value.into()));
        self
    }

    /// Adds a query parameter if there is a value.
    #[must_use]
    pub fn with_query_if(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with_query(name, value.to_string()),
            None => self,
        }
    }

    /// Sets the JSON body. Of a request that has an object for its body, the properties are added to that.
    #[must_use]
    pub fn with_json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(body) {
            Ok(json) => self.add_json(json),
            Err(_) => self.parts.fault = Some("the body cannot be written as JSON"),
        }
        self
    }

    /// Sets a form as the body, as the OAuth routes demand it.
    #[must_use]
    pub fn with_form(mut self, fields: &[(&str, &str)]) -> Self {
        self.parts.body = Some(Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes());
        self.parts.content_type = "application/x-www-form-urlencoded";
        self
    }

    /// As [`ApiRequest::with_json`], of what is JSON already.
    pub(crate) fn add_json(&mut self, json: Vec<u8>) {
        let body = match (self.parts.body.take(), json.as_slice()) {
            (Some(before), [b'{', b'}']) if before.ends_with(b"}") => before,
            (Some(mut before), [b'{', rest @ ..]) if before.ends_with(b"}") => {
                before.pop();
                if before.len() > 1 {
                    before.push(b',');
                }
                before.extend_from_slice(rest);
                before
            }
            _ => json,
        };
        if let (Some(name), Ok(text)) = (self.parts.once_with, std::str::from_utf8(&body))
            && json::member(text, name).ok().flatten() == Some("true")
        {
            self.parts.safe_to_repeat = false;
        }
        self.parts.body = Some(body);
    }

    /// Adds those of the query parameters whose names it has not yet.
    #[must_use]
    pub(crate) fn with_defaults(mut self, defaults: &[(&'static str, &'static str)]) -> Self {
        for (name, value) in defaults {
            if !self.parts.query.iter().any(|(given, _)| *given == **name) {
                self = self.with_query(*name, *value);
            }
        }
        self
    }

    /// Sets another `Version`, whichever the client speaks.
    #[must_use]
    pub fn with_version(mut self, version: &'static str) -> Self {
        self.parts.version = version;
        self.parts.pinned = true;
        self
    }

    /// Names the property of the reply that holds `T`. A reply without it is read as `T` itself, since
    /// GHL wraps some objects on one route and not on another.
    #[must_use]
    pub fn inside(mut self, property: &'static str) -> Self {
        self.parts.envelope = Some(property);
        self
    }

    /// Declares that sending a POST twice does no harm, so a lost reply may be followed by a retry.
    #[must_use]
    pub fn safe_to_repeat(mut self) -> Self {
        self.parts.safe_to_repeat = true;
        self
    }

    /// A request that cannot be sent, and why.
    #[must_use]
    pub(crate) fn refused(mut self, fault: &'static str) -> Self {
        self.parts.fault = Some(fault);
        self
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.parts.method
    }

    /// The path, encoded, from its first `/`.
    pub fn path(&self) -> &str {
        &self.parts.path
    }

    /// The query parameters, not encoded.
    pub fn query(&self) -> &[(Cow<'static, str>, String)] {
        &self.parts.query
    }

    /// The query as it stands in the URL, without `?`; empty for none.
    pub fn query_string(&self) -> String {
        self.parts.query_string()
    }

    /// The headers, but for `authorization` and `user-agent`.
    pub fn headers(&self) -> Vec<(&'static str, &'static str)> {
        self.parts.headers()
    }

    /// The body; empty for none.
    pub fn body(&self) -> &[u8] {
        self.parts.body.as_deref().unwrap_or_default()
    }

    /// Whether a repetition does no harm: the method is idempotent, or the request was marked so.
    pub fn repeatable(&self) -> bool {
        self.parts.safe_to_repeat || self.parts.method.idempotent()
    }
}

impl Parts {
    /// The request as it leaves, with its bearer token.
    pub(super) fn http(&self, sending: Sending<'_>, token: Option<&Secret>) -> Result<HttpRequest> {
        let mut headers: Vec<(Cow<'static, str>, Cow<'static, str>)> = Vec::with_capacity(8);
        headers.extend(self.headers().into_iter().map(|(name, value)| (name.into(), value.into())));
        headers.push(("user-agent".into(), sending.agent.clone()));
        if let Some(token) = token.map(Secret::expose) {
            if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                let expected =
                    "expected printable ASCII without blanks; was it copied whole, and nothing else?";
                return Err(Error::config("token", expected));
            }
            headers.push(("authorization".into(), format!("Bearer {token}").into()));
        }
        let own = sending.headers.into_iter().flat_map(Headers::iter);
        headers.extend(own.map(|(name, value)| (name.to_owned().into(), value.to_owned().into())));
        Ok(HttpRequest {
            method: self.method,
            url: self.url(sending.base),
            headers,
            body: self.body.clone().unwrap_or_default(),
            timeout: sending.timeout,
            max_reply_bytes: sending.max_reply_bytes,
        })
    }

    /// The path as a log may hold it: no id is in its first segment.
    pub(super) fn route(&self) -> &str {
        let first = || self.path.match_indices('/').nth(1).and_then(|(end, _)| self.path.get(..end));
        self.route.unwrap_or_else(|| first().unwrap_or(&self.path))
    }

    pub(super) fn url(&self, base: &str) -> String {
        let query = self.query_string();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{base}{}{mark}{query}", self.path)
    }

    pub(super) fn headers(&self) -> Vec<(&'static str, &'static str)> {
        let mut headers = vec![("accept", JSON), ("version", self.version)];
        if self.body.is_some() {
            headers.push(("content-type", self.content_type));
        }
        headers
    }

    fn query_string(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.query).finish()
    }
}

impl<T> Clone for ApiRequest<T> {
    fn clone(&self) -> Self {
        Self { parts: self.parts.clone(), reply: PhantomData }
    }
}

impl<T> fmt::Debug for ApiRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Query and body hold customer data, which does not belong in a log.
        f.debug_struct("ApiRequest")
            .field("method", &self.parts.method.as_str())
            .field("path", &self.parts.path)
            .field("body_bytes", &self.body().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_encoded_and_cannot_leave_their_place() {
        let request: ApiRequest<()> = ApiRequest::new(Method::Get, &["contacts", "a/b?c#d%é"]);
        assert_eq!(request.path(), "/contacts/a%2Fb%3Fc%23d%25%C3%A9");
        assert_eq!(request.parts.fault, None);
        for bad in ["", ".", ".."] {
            let request: ApiRequest<()> = ApiRequest::new(Method::Delete, &["contacts", bad]);
            assert!(request.parts.fault.is_some(), "{bad:?}");
        }
    }

    #[test]
    fn a_body_brings_its_content_type() {
        let request: ApiRequest<()> = ApiRequest::new(Method::Get, &["x"]);
        assert!(!request.headers().iter().any(|(name, _)| *name == "content-type"));
        assert_eq!(request.body(), b"");
        let request = request.with_json(&["a"]).with_version(VERSION_2021_04_15);
        assert_eq!(request.body(), br#"["a"]"#);
        assert_eq!(
            request.headers(),
            [("accept", "application/json"), ("version", "2021-04-15"), ("content-type", "application/json")]
        );
    }

    #[test]
    fn a_form_is_encoded_as_one() {
        let fields = [("grant_type", "refresh_token"), ("client_secret", "a&b=c d+é")];
        let request: ApiRequest<()> = ApiRequest::new(Method::Post, &["oauth", "token"]).with_form(&fields);
        assert_eq!(request.body(), b"grant_type=refresh_token&client_secret=a%26b%3Dc+d%2B%C3%A9");
        let form = ("content-type", "application/x-www-form-urlencoded");
        assert!(request.headers().contains(&form));
    }

    #[test]
    fn the_url_joins_base_path_and_query() {
        let request: ApiRequest<()> = ApiRequest::new(Method::Get, &["contacts"]).with_trailing_slash();
        assert_eq!(request.parts.url("https://h"), "https://h/contacts/");
        let request = request.with_query("number", "+15550001").with_query_if("none", None::<&str>);
        assert_eq!(request.parts.url("https://h"), "https://h/contacts/?number=%2B15550001");
    }

    #[test]
    fn debug_shows_neither_query_nor_body() {
        let request: ApiRequest<()> =
            ApiRequest::new(Method::Post, &["x"]).with_query("email", "ann@example.com").with_json("secret");
        let text = format!("{request:?}");
        assert!(!text.contains("ann@") && !text.contains("secret"), "{text}");
    }
}
