//! One client's side of a connection, and of those that follow it: a state machine that is told what came and when.

mod join;
mod outbox;
#[cfg(test)]
mod tests;
mod told;

use std::collections::VecDeque;

use serde_json::value::RawValue;

use super::{
    engine_io::{self, Handshake},
    malformed,
    socket_io::{self, Args, Body},
};
use crate::error::{Code, Error, Result};
use join::Resume;
use outbox::Outbox;
pub use told::{Action, Event, Happening, Input, Now, Reply, SessionSettings};

/// Longer than this no connection is taken for alive without a ping, whatever the server says of its own.
const MAX_SILENCE_MS: i64 = 300_000;
/// The largest frame that a server which does not say takes, in bytes: what its library has by default.
const MAX_PAYLOAD: usize = 1_000_000;

/// The state of a client; whoever drives it does what [`Session::next_action`] says, and tells it what came and, no later
/// than [`Session::deadline`], that time has passed.
#[derive(Debug)]
pub struct Session {
    settings: SessionSettings,
    state: State,
    actions: VecDeque<Action>,
    outbox: Outbox,
    resume: Resume,
    /// Binary frames that are still to come of a packet that was skipped.
    attachments: u32,
    /// Connections that failed, or ended early, in a row.
    failures: u32,
    /// Which connection it is.
    connection: u64,
    max_payload: usize,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Waits to connect.
    Away { until: i64 },
    /// On its way, until then at the latest.
    Coming { stage: Stage, until: i64 },
    /// The server has taken it in.
    Joined { since: i64, pulse: Pulse },
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// The connection is being made.
    Connecting,
    /// The server's handshake is to come.
    Opening,
    /// The server's word whether it takes the client in is to come.
    Joining(Pulse),
}

/// When the next ping is due at the latest.
#[derive(Debug, Clone, Copy)]
struct Pulse {
    every: i64,
    by: i64,
}

impl Session {
    /// A session that wants to connect at once.
    ///
    /// # Errors
    /// `config`, field `namespace`.
    pub fn new(settings: SessionSettings) -> Result<Self> {
        let namespace = &settings.namespace;
        if !namespace.starts_with('/')
            || namespace.len() > 256
            || namespace.contains(|c: char| c == ',' || c.is_control())
        {
            return Err(Error::config("namespace", "expected one such as /socket, without a comma"));
        }
        Ok(Self {
            settings,
            state: State::Away { until: i64::MIN },
            actions: VecDeque::new(),
            outbox: Outbox::default(),
            resume: Resume::default(),
            attachments: 0,
            failures: 0,
            connection: 0,
            max_payload: MAX_PAYLOAD,
        })
    }

    /// What is to be done next, until there is nothing.
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front().or_else(|| {
            let frame = self.is_joined().then(|| self.outbox.next(&self.settings.namespace))??;
            Some(Action::Send(frame))
        })
    }

    /// When it has to be told that time has passed, in epoch milliseconds.
    pub fn deadline(&self) -> i64 {
        let own = match self.state {
            State::Away { until } => until,
            State::Coming { stage: Stage::Joining(pulse), until } => until.min(pulse.by),
            State::Coming { until, .. } => until,
            State::Joined { pulse, .. } => pulse.by,
        };
        self.outbox.deadline().map_or(own, |deadline| own.min(deadline))
    }

    /// Whether the server has taken the client in.
    pub fn is_joined(&self) -> bool {
        matches!(self.state, State::Joined { .. })
    }

    /// Takes in what came.
    pub fn handle(&mut self, input: Input<'_>, now: Now) {
        let taken = match input {
            Input::Opened => self.opened(),
            Input::Text(frame) => self.text(frame, now),
            Input::Binary => self.binary(),
            Input::Closed(error) => {
                // A frame that is too large would be sent again, were the session recovered.
                if error.code() == Code::TooLarge {
                    self.resume = Resume::default();
                }
                self.leave(error, now);
                Ok(())
            }
            Input::Tick => self.tick(now),
        };
        if let Err(error) = taken {
            // Where the server stands is not known any more.
            self.resume = Resume::default();
            self.leave(error, now);
        }
    }

    /// Sends an event, once there is a connection. With `answer_within_ms` the server is asked to answer, and the id is what the
    /// answer is told under.
    ///
    /// # Errors
    /// `invalid_argument`, field `event`; `too_large` for what the server would not take; `network` where too much waits
    /// already.
    pub fn emit(
        &mut self,
        event: &str,
        args: &[&RawValue],
        answer_within_ms: Option<u64>,
        now_ms: i64,
    ) -> Result<Option<u64>> {
        if !socket_io::is_event_name(event) {
            return Err(Error::invalid("event", "expected a name that is none of Socket.IO's own"));
        }
        let by = answer_within_ms.map(|ms| now_ms.saturating_add_unsigned(ms));
        let room = self.max_payload.saturating_sub(self.settings.namespace.len());
        self.outbox.push(event, args, by, room)
    }

    /// Answers an event. Nothing is sent where the connection that it came on has ended.
    pub fn acknowledge(&mut self, reply: Reply, args: &[&RawValue]) {
        if self.is_joined() && reply.connection == self.connection {
            self.send(Body::Ack { id: reply.id, args: args.to_vec() });
        }
    }

    fn opened(&mut self) -> Result<()> {
        match &mut self.state {
            State::Coming { stage: stage @ Stage::Connecting, .. } => {
                *stage = Stage::Opening;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn text(&mut self, frame: &str, now: Now) -> Result<()> {
        if self.attachments > 0 {
            return Err(malformed("a text where a binary attachment was to come"));
        }
        if matches!(self.state, State::Away { .. } | State::Coming { stage: Stage::Connecting, .. }) {
            // It was on the wire of a connection that was given up.
            return Ok(());
        }
        match (engine_io::Packet::decode(frame)?, self.state) {
            (engine_io::Packet::Open(handshake), State::Coming { stage: Stage::Opening, until }) => {
                self.shake(&handshake, until, now.ms);
                Ok(())
            }
            (engine_io::Packet::Noop, _) => Ok(()),
            (engine_io::Packet::Close, _) => {
                self.leave(network("the server ended the connection"), now);
                Ok(())
            }
            (_, State::Coming { stage: Stage::Opening, .. }) => {
                Err(malformed("a packet before its handshake"))
            }
            (engine_io::Packet::Ping(text), _) => {
                self.beat(now.ms);
                self.actions.push_back(Action::Send(engine_io::Packet::Pong(text).encode()));
                Ok(())
            }
            (engine_io::Packet::Message(text), _) => self.message(text, now),
            (_, _) => Err(malformed("a packet that has no place here")),
        }
    }

    fn shake(&mut self, handshake: &Handshake, until: i64, now: i64) {
        let every = i64::from(handshake.ping_interval).saturating_add(i64::from(handshake.ping_timeout));
        let every = every.min(MAX_SILENCE_MS);
        self.max_payload =
            handshake.max_payload.and_then(|most| usize::try_from(most).ok()).unwrap_or(MAX_PAYLOAD);
        self.state =
            State::Coming { stage: Stage::Joining(Pulse { every, by: now.saturating_add(every) }), until };
        let auth = self.resume.auth(self.settings.token.as_ref().filter(|_| self.settings.send_token));
        self.send(Body::Connect(auth.as_deref()));
    }

    fn beat(&mut self, now: i64) {
        if let State::Coming { stage: Stage::Joining(pulse), .. } | State::Joined { pulse, .. } =
            &mut self.state
        {
            pulse.by = now.saturating_add(pulse.every);
        }
    }

    fn message(&mut self, text: &str, now: Now) -> Result<()> {
        let packet = socket_io::Packet::decode(text)?;
        if packet.namespace != self.settings.namespace {
            return Ok(());
        }
        match packet.body {
            Body::Connect(about) => self.joined(about, now.ms),
            Body::ConnectError(why) => {
                self.refused(why, now);
                Ok(())
            }
            Body::Disconnect => {
                self.leave(network("the server closed the namespace"), now);
                Ok(())
            }
            // Those that were missed come before the word that the session was recovered.
            Body::Event { id, name, args } => {
                self.event(id, &name, &args);
                Ok(())
            }
            Body::Ack { id, args } => {
                if self.outbox.answered(id) {
                    self.tell(Happening::Answer { id, args: owned(&args) });
                }
                Ok(())
            }
            Body::Binary { attachments, args } => {
                self.attachments = attachments;
                self.resume.passed(&args);
                self.tell(Happening::Skipped(Error::new(
                    Code::Payload,
                    "an event with binary parts was left out: send text and numbers only",
                )));
                Ok(())
            }
        }
    }

    fn event(&mut self, id: Option<u64>, name: &str, args: &Args<'_>) {
        let offset = self.resume.passed(args);
        let reply = id.map(|id| Reply { id, connection: self.connection });
        self.tell(Happening::Event(Event { name: name.to_owned(), args: owned(args), offset, reply }));
    }

    fn binary(&mut self) -> Result<()> {
        match self.attachments.checked_sub(1) {
            Some(left) => {
                self.attachments = left;
                Ok(())
            }
            None => Err(malformed("a binary frame that no packet announced")),
        }
    }

    fn tick(&mut self, now: Now) -> Result<()> {
        for id in self.outbox.late(now.ms) {
            self.tell(Happening::NoAnswer { id });
        }
        match self.state {
            State::Away { until } if until <= now.ms => {
                let until = now.ms.saturating_add_unsigned(self.settings.connect_timeout_ms);
                self.connection += 1;
                self.attachments = 0;
                self.state = State::Coming { stage: Stage::Connecting, until };
                self.actions.push_back(Action::Connect);
            }
            State::Coming { stage: Stage::Joining(Pulse { by, .. }), .. }
            | State::Joined { pulse: Pulse { by, .. }, .. }
                if by <= now.ms =>
            {
                self.leave(timeout("the server has not pinged in time: the connection is dead"), now);
            }
            State::Coming { until, .. } if until <= now.ms => {
                self.leave(timeout("the server did not take the client in, in time"), now);
            }
            _ => {}
        }
        Ok(())
    }

    /// Gives the connection up, and plans the next one.
    fn leave(&mut self, error: Error, now: Now) {
        let stayed = match self.state {
            State::Away { .. } => return,
            State::Joined { since, .. } => now.ms.saturating_sub(since),
            State::Coming { .. } => 0,
        };
        // A server that takes the client in and drops it again is no better than one that does not answer.
        let stable = u64::try_from(stayed).is_ok_and(|stayed| stayed >= self.settings.backoff.most_ms);
        self.failures = if stable { 1 } else { self.failures.saturating_add(1) };
        self.away(error, self.settings.backoff.delay_ms(self.failures, now.random), now.ms);
    }

    fn away(&mut self, error: Error, retry_in_ms: u64, now: i64) {
        self.state = State::Away { until: now.saturating_add_unsigned(retry_in_ms) };
        // What was to be sent was for the connection that is gone.
        self.actions.retain(|action| matches!(action, Action::Tell(_)));
        self.actions.push_back(Action::Close);
        for id in self.outbox.lost() {
            self.tell(Happening::NoAnswer { id });
        }
        self.tell(Happening::Left { error, retry_in_ms });
    }

    fn send(&mut self, body: Body<'_>) {
        let packet = socket_io::Packet { namespace: (&*self.settings.namespace).into(), body };
        let frame = engine_io::Packet::Message(&packet.encode()).encode();
        self.actions.push_back(Action::Send(frame));
    }

    fn tell(&mut self, happening: Happening) {
        self.actions.push_back(Action::Tell(happening));
    }
}

fn owned(args: &Args<'_>) -> Vec<Box<RawValue>> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

fn network(message: &str) -> Error {
    Error::new(Code::Network, message)
}

fn timeout(message: &str) -> Error {
    Error::new(Code::Timeout, message)
}
