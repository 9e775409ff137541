use std::borrow::Cow;

use super::{BoxFuture, Shared, TransportError};
use crate::secret::Secret;

/// What a WebSocket is opened with.
#[derive(Debug, Clone)]
pub struct SocketRequest {
    /// The absolute URL, `wss://…` or, to this machine, `ws://…`; it never carries a secret.
    pub url: String,
    /// Names in lower case, and values.
    pub headers: Vec<(Cow<'static, str>, Secret)>,
    /// A longer message ends the connection: memory stays bounded whatever the server sends.
    pub max_message_bytes: usize,
}

/// A message of a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A text.
    Text(String),
    /// Bytes, which nobody here reads.
    Binary,
}

/// Opens WebSockets.
pub trait SocketConnector: Shared {
    /// Opens one; dropping the future gives it up.
    fn connect(&self, request: SocketRequest) -> BoxFuture<'_, Result<Box<dyn Socket>, TransportError>>;
}

/// An open WebSocket. Dropping it closes the connection.
pub trait Socket: Shared {
    /// Sends a text, and waits until the system has taken it.
    fn send(&mut self, text: String) -> BoxFuture<'_, Result<(), TransportError>>;

    /// The next message. Dropping the future loses none.
    fn receive(&mut self) -> BoxFuture<'_, Result<Frame, TransportError>>;
}
