pub(super) mod connect;

use std::{borrow::Cow, fmt, time::Duration};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Request,
    body::{Body as _, Bytes, Incoming},
    header::HeaderValue,
};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};

use crate::{
    error::{Code, Error, Result},
    ports::{BoxFuture, HttpRequest, HttpResponse, HttpTransport, TransportError, TransportErrorKind},
};
use connect::Route;

/// A server closes an idle connection without a word. A request that meets that moment may or may not have
/// arrived, so connections are given up before.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// HTTP through hyper with rustls. It neither repeats what may have left nor follows a redirect: that is decided above it.
#[derive(Clone)]
pub struct HyperTransport {
    client: Client<HttpsConnector<Route>, Full<Bytes>>,
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport").finish_non_exhaustive()
    }
}

impl HyperTransport {
    /// A transport with a connection pool of its own. Clones share the pool.
    ///
    /// # Errors
    /// `config` if TLS cannot be set up.
    pub fn new() -> Result<Self> {
        let connector = connect::connector().map_err(|error| {
            Error::new(Code::Config, "the HTTP client cannot be set up").with_source(error)
        })?;
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self { client })
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let max_bytes = request.max_reply_bytes;
        let response = self.client.request(built(request)?).await.map_err(|error| {
            let connected = !error.is_connect();
            let kind = if connected { TransportErrorKind::Broken } else { TransportErrorKind::Connect };
            failed(kind, &error)
        })?;
        let (parts, body) = response.into_parts();
        let headers = headers(&parts.headers);
        Ok(HttpResponse { status: parts.status.as_u16(), headers, body: whole(body, max_bytes).await? })
    }
}

impl HttpTransport for HyperTransport {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

fn built(request: HttpRequest) -> Result<Request<Full<Bytes>>, TransportError> {
    let mut built = Request::builder().method(request.method.as_str()).uri(request.url);
    for (name, value) in &request.headers {
        let value = HeaderValue::try_from(&**value).map(|mut value| {
            value.set_sensitive(name == "authorization");
            value
        });
        built = match value {
            Ok(value) => built.header(&**name, value),
            Err(_) => return Err(unsendable()),
        };
    }
    built.body(Full::from(request.body)).map_err(|_| unsendable())
}

/// What cannot be built surely never left.
fn unsendable() -> TransportError {
    let message = "the request's address or a header cannot be sent".to_owned();
    TransportError { kind: TransportErrorKind::Connect, message }
}

fn headers(all: &HeaderMap) -> Vec<(Cow<'static, str>, String)> {
    let value = |name: &str| Some(all.get(name)?.to_str().ok()?.to_owned());
    HttpResponse::READ.into_iter().filter_map(|name| Some((name.into(), value(name)?))).collect()
}

async fn whole(mut body: Incoming, max_bytes: usize) -> Result<Vec<u8>, TransportError> {
    let too_large = || TransportError {
        kind: TransportErrorKind::ReplyTooLarge,
        message: format!("the reply is larger than {max_bytes} bytes"),
    };
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > max_bytes {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(announced);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| failed(TransportErrorKind::Broken, &error))?;
        let Some(chunk) = frame.data_ref() else { continue };
        if bytes.len() + chunk.len() > max_bytes {
            return Err(too_large());
        }
        bytes.extend_from_slice(chunk);
    }
    Ok(bytes)
}

/// What went wrong, and why. None of it holds the address, whose query may hold a customer's e-mail.
pub(super) fn failed(kind: TransportErrorKind, error: &dyn std::error::Error) -> TransportError {
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
    use crate::ports::Method;

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
        HyperTransport::new().unwrap().send(request).await
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
