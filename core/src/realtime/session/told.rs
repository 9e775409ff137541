//! What a session is told, and what it says.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{error::Error, realtime::Backoff, secret::Secret};

/// How a session behaves.
#[derive(Debug, Clone)]
pub struct SessionSettings {
    /// What to join. Default: `/`.
    pub namespace: String,
    /// What the client shows the server; a refusal is told without it. Default: none.
    pub token: Option<Secret>,
    /// Whether it is sent as `token` when the client joins; else whoever makes the connection sends it. Default: true.
    pub send_token: bool,
    /// How long it may take until the server has taken it in, in milliseconds. Default: 20,000.
    pub connect_timeout_ms: u64,
    /// How long to wait before it connects again.
    pub backoff: Backoff,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            namespace: "/".to_owned(),
            token: None,
            send_token: true,
            connect_timeout_ms: 20_000,
            backoff: Backoff::default(),
        }
    }
}

/// What a session is told.
pub enum Input<'a> {
    /// The connection that it asked for is there.
    Opened,
    /// A text frame came.
    Text(&'a str),
    /// A binary frame came.
    Binary,
    /// The connection could not be made, or has ended.
    Closed(Error),
    /// Time has passed.
    Tick,
}

impl fmt::Debug for Input<'_> {
    /// Without what came: it may be what the session is recovered by.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened => f.write_str("Opened"),
            Self::Text(frame) => write!(f, "Text({} bytes)", frame.len()),
            Self::Binary => f.write_str("Binary"),
            Self::Closed(error) => f.debug_tuple("Closed").field(error).finish(),
            Self::Tick => f.write_str("Tick"),
        }
    }
}

/// When a session is told something.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// In epoch milliseconds.
    pub ms: i64,
    /// A random number from 0 to 1, a new one for each connection.
    pub random: f64,
}

/// What a session wants done.
pub enum Action {
    /// Make a connection.
    Connect,
    /// Send this text frame.
    Send(String),
    /// Drop the connection.
    Close,
    /// Tell the user.
    Tell(Happening),
}

impl fmt::Debug for Action {
    /// Without what is sent: it may be the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("Connect"),
            Self::Send(frame) => write!(f, "Send({} bytes)", frame.len()),
            Self::Close => f.write_str("Close"),
            Self::Tell(happening) => f.debug_tuple("Tell").field(happening).finish(),
        }
    }
}

/// What a user is told.
#[derive(Debug)]
pub enum Happening {
    /// The server has taken the client in. Unless it `recovered` what was missed since the last event, there is a gap, which a
    /// look at the truth has to mend; the first time too.
    Joined {
        /// Whether every event since the last one is delivered.
        recovered: bool,
    },
    /// An event.
    Event(Event),
    /// The answer to what was emitted under this id.
    Answer {
        /// The id that [`Session::emit`](super::Session::emit) gave.
        id: u64,
        /// What was answered.
        args: Vec<Box<RawValue>>,
    },
    /// What was emitted under this id was not answered: in time, or on the connection it was sent on. It may have arrived.
    NoAnswer {
        /// The id that [`Session::emit`](super::Session::emit) gave.
        id: u64,
    },
    /// Something came that is not taken, such as an event with binary parts. The connection goes on.
    Skipped(Error),
    /// There is no connection, and why. The next one follows by itself.
    Left {
        /// Why.
        error: Error,
        /// When it is tried again, in milliseconds from now.
        retry_in_ms: u64,
    },
}

/// An event.
#[derive(Debug)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// What was emitted with it, as JSON, the offset among them.
    pub args: Vec<Box<RawValue>>,
    /// Where it stands among the server's events, as a server that recovers state says with each.
    pub offset: Option<String>,
    /// What its sender waits for, if it does: give it to [`Session::acknowledge`](super::Session::acknowledge).
    pub reply: Option<Reply>,
}

/// A sender that waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub(super) id: u64,
    pub(super) connection: u64,
}
