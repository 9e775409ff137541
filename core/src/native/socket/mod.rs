mod gathered;

use std::fmt;

use futures::{SinkExt as _, StreamExt as _};
use hyper::{
    Uri,
    header::{HeaderName, HeaderValue},
};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Message,
        client::IntoClientRequest as _,
        error::{CapacityError, ProtocolError},
        handshake::client::Request,
        protocol::WebSocketConfig,
    },
};
use tower_service::Service as _;

use super::http::{
    connect::{Route, http1_connector},
    failed,
};
use crate::{
    error::{Code, Error, Result},
    ports::{BoxFuture, Frame, Socket, SocketConnector, SocketRequest, TransportError, TransportErrorKind},
};
use gathered::Gathered;

/// tungstenite fills it with zeros before each read.
const READ_BUFFER: usize = 16 * 1024;

/// WebSockets through tungstenite, on connections made as for HTTP: the same certificates, the same proxies.
#[derive(Clone)]
pub struct TungsteniteConnector {
    connector: HttpsConnector<Route<Gathered>>,
}

impl fmt::Debug for TungsteniteConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TungsteniteConnector").finish_non_exhaustive()
    }
}

impl TungsteniteConnector {
    /// A connector.
    ///
    /// # Errors
    /// `config` if TLS cannot be set up.
    pub fn new() -> Result<Self> {
        let connector = http1_connector(Gathered::new)
            .map_err(|error| Error::new(Code::Config, "WebSockets cannot be set up").with_source(error))?;
        Ok(Self { connector })
    }

    async fn open(&self, request: SocketRequest) -> Result<Box<dyn Socket>, TransportError> {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(request.max_message_bytes))
            .max_frame_size(Some(request.max_message_bytes));
        let (at, upgrade) = built(&request).ok_or_else(|| TransportError {
            kind: TransportErrorKind::Connect,
            message: "the WebSocket's address or a header cannot be sent".to_owned(),
        })?;
        let stream = self
            .connector
            .clone()
            .call(at)
            .await
            .map_err(|error| failed(TransportErrorKind::Connect, &*error))?;
        let opened = client_async_with_config(upgrade, TokioIo::new(stream), Some(config)).await;
        let (stream, _) = opened.map_err(|error| not_opened(&error))?;
        Ok(Box::new(Open(stream)))
    }
}

impl SocketConnector for TungsteniteConnector {
    fn connect(&self, request: SocketRequest) -> BoxFuture<'_, Result<Box<dyn Socket>, TransportError>> {
        Box::pin(self.open(request))
    }
}

/// Where to connect, and what to ask for there.
fn built(request: &SocketRequest) -> Option<(Uri, Request)> {
    let secure = request.url.strip_prefix("wss://").map(|rest| format!("https://{rest}"));
    let plain = || request.url.strip_prefix("ws://").map(|rest| format!("http://{rest}"));
    let at = secure.or_else(plain)?.parse().ok()?;
    let mut upgrade = request.url.as_str().into_client_request().ok()?;
    for (name, value) in &request.headers {
        let mut value = HeaderValue::try_from(value.expose()).ok()?;
        value.set_sensitive(true);
        upgrade.headers_mut().insert(HeaderName::try_from(&**name).ok()?, value);
    }
    Some((at, upgrade))
}

struct Open(WebSocketStream<TokioIo<MaybeHttpsStream<TokioIo<Gathered>>>>);

impl Socket for Open {
    fn send(&mut self, text: String) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async move { self.0.send(Message::text(text)).await.map_err(|error| ended(&error)) })
    }

    fn receive(&mut self) -> BoxFuture<'_, Result<Frame, TransportError>> {
        Box::pin(async move {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return Ok(Frame::Text(text.as_str().to_owned())),
                    Some(Ok(Message::Binary(_))) => return Ok(Frame::Binary),
                    // tungstenite answers them, here and when something is sent.
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                    Some(Ok(Message::Close(frame))) => {
                        let code = frame.map_or(1005, |frame| frame.code.into());
                        return Err(gone(format!("the server closed the connection with code {code}")));
                    }
                    Some(Err(error)) => return Err(ended(&error)),
                    None => return Err(gone("the connection has ended".to_owned())),
                }
            }
        })
    }
}

fn gone(message: String) -> TransportError {
    TransportError { kind: TransportErrorKind::Broken, message }
}

/// Why there is no WebSocket. A server's reply is not told: it may repeat the request.
fn not_opened(error: &tungstenite::Error) -> TransportError {
    match error {
        tungstenite::Error::Http(reply) => TransportError {
            kind: TransportErrorKind::Connect,
            message: format!(
                "the server answered with status {} where a WebSocket was asked for: is this the path of a Socket.IO server, \
                 of version 3 or newer, that takes this token?",
                reply.status().as_u16()
            ),
        },
        error => failed(TransportErrorKind::Connect, error),
    }
}

fn ended(error: &tungstenite::Error) -> TransportError {
    let kind = match error {
        tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. }) => {
            TransportErrorKind::ReplyTooLarge
        }
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            return gone("the connection broke".to_owned());
        }
        _ => TransportErrorKind::Broken,
    };
    failed(kind, error)
}
