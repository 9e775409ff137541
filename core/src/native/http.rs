use std::{error::Error as _, time::Duration};

use reqwest::{Client, Request, Response, Url, header::HeaderValue, redirect};

use crate::{
    error::{Code, Error, Result},
    ports::{
        BoxFuture, HttpRequest, HttpResponse, HttpTransport, Method, TransportError, TransportErrorKind,
    },
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A server closes an idle connection without a word. A request that meets that moment may or may not have
/// arrived, so connections are given up before.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// HTTP through reqwest with rustls. It neither repeats nor follows a redirect: that is decided above it.
#[derive(Debug, Clone)]
pub struct ReqwestTransport {
    client: Client,
}

impl ReqwestTransport {
    /// A transport with a connection pool of its own. Clones share the pool.
    ///
    /// # Errors
    /// `config` if TLS cannot be set up.
    pub fn new() -> Result<Self> {
        let client = Client::builder()
            .user_agent(concat!("ghlkit/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build()
            .map_err(|error| {
                Error::new(Code::Config, "the HTTP client cannot be set up").with_source(error)
            })?;
        Ok(Self { client })
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let max_bytes = request.max_reply_bytes;
        let response = self.client.execute(built(request)?).await.map_err(failed)?;
        let status = response.status().as_u16();
        let headers = headers(&response);
        let body = body(response, max_bytes).await?;
        Ok(HttpResponse { status, headers, body })
    }
}

impl HttpTransport for ReqwestTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

fn built(request: HttpRequest) -> Result<Request, TransportError> {
    // What cannot be built surely never left.
    let unsendable = |what: &str| TransportError {
        kind: TransportErrorKind::Connect,
        message: format!("the request's {what} cannot be sent"),
    };
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    };
    let url = Url::parse(&request.url).map_err(|_| unsendable("address"))?;
    let mut built = Request::new(method, url);
    for (name, value) in request.headers {
        let mut value = HeaderValue::try_from(value).map_err(|_| unsendable(name))?;
        value.set_sensitive(name == "authorization");
        built.headers_mut().insert(name, value);
    }
    if !request.body.is_empty() {
        *built.body_mut() = Some(request.body.into());
    }
    *built.timeout_mut() = Some(request.timeout);
    Ok(built)
}

fn headers(response: &Response) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers = response.headers().iter();
    headers.filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?))).collect()
}

async fn body(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > max_bytes {
            let message = format!("the reply is larger than {max_bytes} bytes");
            return Err(TransportError { kind: TransportErrorKind::ReplyTooLarge, message });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn failed(error: reqwest::Error) -> TransportError {
    let kind = if error.is_connect() || error.is_builder() {
        TransportErrorKind::Connect
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else {
        TransportErrorKind::Broken
    };
    // The query may hold a customer's e-mail.
    let error = error.without_url();
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message.push_str(": ");
        message.push_str(&cause.to_string());
        source = cause.source();
    }
    TransportError { kind, message }
}
