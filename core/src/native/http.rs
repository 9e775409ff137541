use std::{borrow::Cow, error::Error as _, time::Duration};

use reqwest::{
    Client, Request, Response, Url,
    header::{HeaderName, HeaderValue},
    redirect,
};

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
        let mut value = HeaderValue::try_from(&*value).map_err(|_| unsendable(&name))?;
        value.set_sensitive(name == "authorization");
        let name = HeaderName::try_from(&*name).map_err(|_| unsendable("headers"))?;
        built.headers_mut().insert(name, value);
    }
    if !request.body.is_empty() {
        *built.body_mut() = Some(request.body.into());
    }
    Ok(built)
}

fn headers(response: &Response) -> Vec<(Cow<'static, str>, String)> {
    let value = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    HttpResponse::READ.into_iter().filter_map(|name| Some((name.into(), value(name)?))).collect()
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

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::{SocketAddr, TcpListener, TcpStream},
        thread::{JoinHandle, spawn},
    };

    use super::*;

    /// Reads a request whose body ends in `!`, or that has none.
    fn read_request(stream: &mut TcpStream) -> String {
        let mut text = Vec::new();
        let mut buffer = [0; 4096];
        while !text.ends_with(b"!") && (text.starts_with(b"DELETE") || !text.ends_with(b"\r\n\r\n")) {
            let count = stream.read(&mut buffer).unwrap();
            assert_ne!(count, 0, "the request ends early: {}", String::from_utf8_lossy(&text));
            text.extend_from_slice(&buffer[..count]);
        }
        String::from_utf8(text).unwrap()
    }

    /// Answers each connection's first request with these bytes, closes it, and returns the requests.
    fn serve(replies: &'static [&'static str]) -> (SocketAddr, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer = move |reply: &&str| {
            let (mut stream, _) = listener.accept().unwrap();
            let request = read_request(&mut stream);
            stream.write_all(reply.as_bytes()).unwrap();
            request
        };
        (address, spawn(move || replies.iter().map(answer).collect()))
    }

    fn request(address: SocketAddr, method: Method, body: &str) -> HttpRequest {
        HttpRequest {
            method,
            url: format!("http://{address}/contacts/?email=ann%40example.com"),
            headers: vec![
                ("authorization".into(), "Bearer pit-secret".into()),
                ("version".into(), "2021-07-28".into()),
            ],
            body: body.as_bytes().to_vec(),
            timeout: Duration::from_secs(30),
            max_reply_bytes: 64,
        }
    }

    async fn send(request: HttpRequest) -> Result<HttpResponse, TransportError> {
        ReqwestTransport::new().unwrap().send(request).await
    }

    async fn failure(request: HttpRequest) -> TransportErrorKind {
        let error = send(request).await.unwrap_err();
        assert!(!error.message.contains("ann%40") && !error.message.contains("pit-"), "{}", error.message);
        error.kind
    }

    #[tokio::test]
    async fn request_and_reply_pass_through_as_they_are() {
        let (address, server) = serve(&[
            "HTTP/1.1 418 Odd\r\nX-RateLimit-Max: 25\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-length: 2\r\n\r\n{}",
        ]);
        let reply = send(request(address, Method::Delete, "{\"tags\":[]}!")).await.unwrap();
        assert_eq!((reply.status, reply.body.as_slice()), (418, &b"{}"[..]));
        assert_eq!(reply.header("x-ratelimit-max"), Some("25"));
        assert_eq!(reply.header("date"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        let seen = server.join().unwrap().remove(0);
        assert!(seen.starts_with("DELETE /contacts/?email=ann%40example.com HTTP/1.1\r\n"), "{seen}");
        assert!(seen.ends_with("\r\n\r\n{\"tags\":[]}!"), "{seen}");
        for header in ["authorization: Bearer pit-secret", "version: 2021-07-28", "content-length: 12"] {
            assert!(seen.contains(header), "{seen}");
        }
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let (address, server) =
            serve(&["HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"]);
        assert_eq!(send(request(address, Method::Get, "")).await.unwrap().status, 302);
        assert_eq!(server.join().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_connection_that_cannot_be_made_never_left() {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(failure(request(address, Method::Post, "")).await, TransportErrorKind::Connect);
        let mut unsendable = request(address, Method::Post, "");
        unsendable.headers.push(("x".into(), "a\nb".into()));
        assert_eq!(failure(unsendable).await, TransportErrorKind::Connect);
        let mut nowhere = request(address, Method::Post, "");
        nowhere.url = "no url".to_owned();
        assert_eq!(failure(nowhere).await, TransportErrorKind::Connect);
    }

    #[tokio::test]
    async fn a_connection_that_breaks_is_not_repeated() {
        // Closed before, and in the middle of, the reply.
        for replies in [&[""], &["HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"]] {
            let (address, server) = serve(replies);
            assert_eq!(failure(request(address, Method::Get, "")).await, TransportErrorKind::Broken);
            assert_eq!(server.join().unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn a_reply_is_read_up_to_its_limit() {
        const FITS: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n\
            0123456789012345678901234567890123456789012345678901234567890123\r\n0\r\n\r\n";
        const TOO_LARGE: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n41\r\n\
            01234567890123456789012345678901234567890123456789012345678901234\r\n0\r\n\r\n";
        let (address, _) = serve(&[FITS]);
        assert_eq!(send(request(address, Method::Get, "")).await.unwrap().body.len(), 64);
        let (address, _) = serve(&[TOO_LARGE]);
        assert_eq!(failure(request(address, Method::Get, "")).await, TransportErrorKind::ReplyTooLarge);
    }
}
