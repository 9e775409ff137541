//! Being taken in by a server, again where it can be: `connectionStateRecovery`.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{Happening, Now, Session, Stage, State};
use crate::{
    error::{Code, Error, Result},
    realtime::{malformed, socket_io::Args},
    secret::Secret,
};

/// A longer offset or session is none of a server's.
const MAX_ID_BYTES: usize = 1_024;
/// So much of what a server says of a refusal is told.
const MAX_REASON_CHARS: usize = 200;

/// Where to go on.
#[derive(Debug, Default)]
pub(super) struct Resume {
    /// The session, where the server can recover it.
    pid: Option<Secret>,
    /// The last event.
    offset: Option<String>,
}

/// What a client says when it joins.
#[derive(Serialize)]
struct Auth<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<&'a str>,
}

/// What a server says when it takes a client in.
#[derive(Deserialize)]
struct Welcome {
    sid: Option<String>,
    pid: Option<Secret>,
}

impl Resume {
    /// What is sent to join; `None` where there is nothing to say.
    pub(super) fn auth(&self, token: Option<&Secret>) -> Option<Box<RawValue>> {
        let pid = self.pid.as_ref().map(Secret::expose);
        let auth = Auth { token: token.map(Secret::expose), pid, offset: pid.and(self.offset.as_deref()) };
        let says = auth.token.is_some() || auth.pid.is_some();
        says.then(|| to_raw_value(&auth).ok()).flatten()
    }

    /// Takes note of an event's offset: a server that can recover the session adds it as the last argument.
    pub(super) fn passed(&mut self, args: &Args<'_>) -> Option<String> {
        let last = args.last().filter(|_| self.pid.is_some())?;
        let offset: String = serde_json::from_str(last.get()).ok()?;
        if offset.len() > MAX_ID_BYTES {
            return None;
        }
        self.offset = Some(offset.clone());
        Some(offset)
    }

    /// Whether the server goes on with the session it knew; else one begins that may be gone on with later.
    fn welcomed(&mut self, pid: Option<Secret>) -> bool {
        let pid = pid.filter(|pid| pid.expose().len() <= MAX_ID_BYTES);
        let same = |known: &Secret| pid.as_ref().is_some_and(|pid| pid.expose() == known.expose());
        let recovered = self.pid.as_ref().is_some_and(same);
        if !recovered {
            self.offset = None;
        }
        self.pid = pid;
        recovered
    }
}

impl Session {
    /// The server takes the client in.
    pub(super) fn joined(&mut self, about: Option<&RawValue>, now: i64) -> Result<()> {
        let State::Coming { stage: Stage::Joining(pulse), .. } = self.state else {
            return Err(malformed("a second welcome"));
        };
        let welcome = about.and_then(|about| serde_json::from_str::<Welcome>(about.get()).ok());
        let Some(Welcome { sid: Some(_), pid }) = welcome else {
            return Err(malformed(
                "a welcome without `sid`: is it a server of Socket.IO 2? Version 3 or newer is needed",
            ));
        };
        self.state = State::Joined { since: now, pulse };
        let recovered = self.resume.welcomed(pid);
        self.tell(Happening::Joined { recovered });
        Ok(())
    }

    /// The server does not take the client in: that changes seldom, so the next try comes late.
    pub(super) fn refused(&mut self, why: &RawValue, now: Now) {
        #[derive(Deserialize)]
        struct Why {
            message: String,
        }
        let text = serde_json::from_str(why.get())
            .or_else(|_| serde_json::from_str(why.get()).map(|Why { message }| message));
        let reason: String =
            self.without_token(text.unwrap_or_default()).chars().take(MAX_REASON_CHARS).collect();
        let message =
            format!("the server refuses the client: {:?}; check the token and the namespace", reason);
        self.failures = self.failures.saturating_add(1);
        let delay = self.settings.backoff.delay_ms(u32::MAX, now.random);
        self.away(Error::new(Code::Unauthorized, message), delay, now.ms);
    }

    /// A server may repeat the token that it refuses.
    fn without_token(&self, text: String) -> String {
        match self.settings.token.as_ref().map(Secret::expose).filter(|token| !token.is_empty()) {
            Some(token) => text.replace(token, "[redacted]"),
            None => text,
        }
    }
}
