use std::{borrow::Cow, sync::Arc, task::Poll, time::Duration};

use futures::{
    future::{Either, select},
    poll,
};
use serde_json::value::RawValue;

use super::{Action, Happening, Input, Now, Reply, Session, SessionSettings};
use crate::{
    error::{Code, Error, Result},
    ports::{
        Clock, Entropy, Frame, Socket, SocketConnector, SocketRequest, TransportError, TransportErrorKind,
    },
    secret::Secret,
};

/// Where and how a client connects.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// Where the server is, without path: `wss://relay.example.com`.
    pub origin: String,
    /// Engine.IO's path there. Default of servers: `/socket.io/`.
    pub path: String,
    /// What the connection is asked for with, e.g. `authorization`: names in lower case.
    pub headers: Vec<(Cow<'static, str>, Secret)>,
    /// A longer message ends the connection.
    pub max_message_bytes: usize,
    /// What is said on it.
    pub session: SessionSettings,
}

impl ClientSettings {
    /// Where the WebSocket is. It holds no secret.
    pub fn url(&self) -> String {
        format!("{}{}?EIO=4&transport=websocket", self.origin, self.path)
    }
}

/// A client that stays connected: [`Client::next`] is its whole work, one future after another.
pub struct Client {
    settings: ClientSettings,
    session: Session,
    socket: Option<Box<dyn Socket>>,
    connector: Arc<dyn SocketConnector>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    random: f64,
}

/// What came of waiting.
type Waited<T> = Option<Result<T, TransportError>>;

impl Client {
    /// A client that connects once [`Client::next`] is awaited.
    ///
    /// # Errors
    /// `config`, field `namespace`.
    pub fn new(
        settings: ClientSettings,
        connector: Arc<dyn SocketConnector>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self> {
        let session = Session::new(settings.session.clone())?;
        let random = entropy.unit();
        Ok(Self { settings, session, socket: None, connector, clock, entropy, random })
    }

    /// What happens next. While this is not awaited nothing is read, so a slow caller slows the server down; one that is away
    /// for longer than the server waits for its answers loses the connection, and no event where the server recovers them.
    pub async fn next(&mut self) -> Happening {
        loop {
            let input = match self.session.next_action() {
                Some(Action::Tell(happening)) => return happening,
                Some(Action::Close) => {
                    self.socket = None;
                    continue;
                }
                Some(Action::Connect) => self.connect().await,
                Some(Action::Send(frame)) => match self.send(frame).await {
                    Some(input) => input,
                    None => continue,
                },
                None => self.receive().await,
            };
            let now = Now { ms: self.clock.now_ms(), random: self.random };
            match input {
                Ok(Frame::Text(text)) => self.session.handle(Input::Text(&text), now),
                Ok(Frame::Binary) => self.session.handle(Input::Binary, now),
                Err(other) => self.session.handle(other, now),
            }
        }
    }

    /// Sends an event; see [`Session::emit`]. It leaves while [`Client::next`] is awaited.
    ///
    /// # Errors
    /// As [`Session::emit`].
    pub fn emit(
        &mut self,
        event: &str,
        args: &[&RawValue],
        answer_within_ms: Option<u64>,
    ) -> Result<Option<u64>> {
        self.session.emit(event, args, answer_within_ms, self.clock.now_ms())
    }

    /// Answers an event; see [`Session::acknowledge`].
    pub fn acknowledge(&mut self, reply: Reply, args: &[&RawValue]) {
        self.session.acknowledge(reply, args);
    }

    async fn connect(&mut self) -> Result<Frame, Input<'static>> {
        self.random = self.entropy.unit();
        let request = SocketRequest {
            url: self.settings.url(),
            headers: self.settings.headers.clone(),
            max_message_bytes: self.settings.max_message_bytes,
        };
        match until(&*self.clock, self.session.deadline(), self.connector.connect(request)).await {
            Some(Ok(socket)) => {
                self.socket = Some(socket);
                Err(Input::Opened)
            }
            Some(Err(error)) => Err(Input::Closed(broken(error))),
            None => Err(Input::Tick),
        }
    }

    async fn send(&mut self, frame: String) -> Option<Result<Frame, Input<'static>>> {
        let socket = self.socket.as_mut()?;
        match until(&*self.clock, self.session.deadline(), socket.send(frame)).await {
            Some(Ok(())) => None,
            Some(Err(error)) => Some(Err(Input::Closed(broken(error)))),
            None => Some(Err(Input::Tick)),
        }
    }

    async fn receive(&mut self) -> Result<Frame, Input<'static>> {
        let deadline = self.session.deadline();
        let received = match &mut self.socket {
            Some(socket) => until(&*self.clock, deadline, socket.receive()).await,
            None => until(&*self.clock, deadline, std::future::pending()).await,
        };
        match received {
            Some(Ok(frame)) => Ok(frame),
            Some(Err(error)) => Err(Input::Closed(broken(error))),
            None => Err(Input::Tick),
        }
    }
}

/// Waits for work, but not beyond the deadline. What is there already goes before it: who was away for long reads the pings
/// that came meanwhile.
async fn until<T>(
    clock: &dyn Clock,
    deadline: i64,
    mut work: impl Future<Output = Result<T, TransportError>> + Unpin,
) -> Waited<T> {
    // Mostly it is, and needs no timer.
    if let Poll::Ready(done) = poll!(&mut work) {
        return Some(done);
    }
    let nap = u64::try_from(deadline.saturating_sub(clock.now_ms())).unwrap_or(0);
    match select(work, clock.sleep(Duration::from_millis(nap))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

fn broken(error: TransportError) -> Error {
    let code = match error.kind {
        TransportErrorKind::Connect | TransportErrorKind::Broken => Code::Network,
        TransportErrorKind::Timeout => Code::Timeout,
        TransportErrorKind::ReplyTooLarge => Code::TooLarge,
    };
    Error::new(code, error.message)
}
