use ghlkit::ports::{
    BoxFuture, HttpRequest, HttpResponse, HttpTransport, TransportError, TransportErrorKind,
};
use wasm_bindgen::prelude::*;

use super::{Guard, Pending};

#[wasm_bindgen(raw_module = "./host.mjs")]
extern "C" {
    /// Begins an exchange. `headers` are lines of `name:value`; it is done with a [`Reply`].
    fn exchange(
        fetch: &JsValue,
        method: &str,
        url: &str,
        headers: &str,
        body: Option<Vec<u8>>,
        limit: f64,
    ) -> Pending;

    /// How an exchange ended: with a status, headers and body, or with a failure.
    type Reply;

    #[wasm_bindgen(method, getter)]
    fn failure(this: &Reply) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn message(this: &Reply) -> String;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Reply) -> u16;
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Reply) -> String;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Reply) -> Vec<u8>;
}

/// HTTP over the host's `fetch`. It neither repeats nor follows a redirect: that is decided above it, and
/// so is the time-out.
pub(crate) struct FetchTransport {
    fetch: JsValue,
}

impl FetchTransport {
    /// A transport over this function; `undefined`: over what `globalThis.fetch` is at each call.
    pub(crate) fn new(fetch: JsValue) -> Self {
        Self { fetch }
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let lines: Vec<String> =
            request.headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        let body = Some(request.body).filter(|body| !body.is_empty());
        let limit = request.max_reply_bytes as f64;
        let method = request.method.as_str();
        let pending = Guard(exchange(&self.fetch, method, &request.url, &lines.join("\n"), body, limit));
        let reply: Reply = pending.done().await.unchecked_into();
        if let Some(failure) = reply.failure() {
            return Err(TransportError { kind: kind(&failure), message: reply.message() });
        }
        let headers = reply.headers();
        let headers = headers.lines().filter_map(|line| line.split_once(':'));
        Ok(HttpResponse {
            status: reply.status(),
            headers: headers.map(|(name, value)| (name.to_owned().into(), value.to_owned())).collect(),
            body: reply.body(),
        })
    }
}

impl HttpTransport for FetchTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

fn kind(failure: &str) -> TransportErrorKind {
    match failure {
        "connect" => TransportErrorKind::Connect,
        "timeout" => TransportErrorKind::Timeout,
        "too_large" => TransportErrorKind::ReplyTooLarge,
        // Of what is not known the worst is assumed: that the request may have arrived.
        _ => TransportErrorKind::Broken,
    }
}
