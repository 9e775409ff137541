use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::value::RawValue;

use super::args::write;
use crate::{
    config::{RealtimeOptions, TokenPlace},
    error::{Code, Error, Result},
    json,
    realtime::{Action, Happening, Input, Now, Reply, Session},
    sync::realtime::settings,
};

/// More than options take.
const MAX_OPTIONS_BYTES: usize = 64 * 1024;

/// A Socket.IO session for a host that has WebSockets of its own: it is told what came, and says in JSON what to do.
pub struct SocketSession {
    session: Session,
    url: String,
    events: Option<BTreeSet<String>>,
}

/// What the host does next, and when it tells that time has passed.
#[derive(Serialize)]
struct Orders<'a> {
    actions: Vec<Order<'a>>,
    deadline: i64,
}

#[derive(Serialize)]
#[serde(tag = "do", rename_all = "camelCase")]
enum Order<'a> {
    Connect {
        url: &'a str,
    },
    Send {
        frame: String,
    },
    Close,
    Joined {
        recovered: bool,
    },
    Event {
        name: String,
        args: Vec<Box<RawValue>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reply: Option<Reply>,
    },
    Skipped {
        error: Error,
    },
    #[serde(rename_all = "camelCase")]
    Left {
        error: Error,
        retry_in_ms: u64,
    },
}

impl SocketSession {
    /// A session from the JSON of [`RealtimeOptions`]; it connects once it is told that time has passed.
    ///
    /// # Errors
    /// `invalid_argument` and `config`, which name the option.
    pub fn new(options: &str) -> Result<Self> {
        let options: RealtimeOptions = json::read(options.as_bytes(), "options", MAX_OPTIONS_BYTES)?;
        let realtime = options.build()?;
        if realtime.token_in != TokenPlace::Auth {
            return Err(Error::config(
                "tokenIn",
                "expected auth, as WebSockets of this host send no headers",
            ));
        }
        let settings = settings(&realtime);
        let url = settings.url();
        Ok(Self { session: Session::new(settings.session)?, url, events: realtime.events })
    }

    /// Tells that the connection is there (`opened`), that a frame came (`text`, `binary`) or one too large (`oversized`), that
    /// the connection has ended (`closed`), that an event was handled (`handled`, with its `reply`), or that time has passed.
    pub fn tell(&mut self, what: &str, text: &str, now_ms: i64, random: f64) -> String {
        let input = match what {
            "opened" => Input::Opened,
            "text" => Input::Text(text),
            "binary" => Input::Binary,
            "oversized" => {
                Input::Closed(Error::new(Code::TooLarge, "the server sent more at once than is taken"))
            }
            "closed" => {
                Input::Closed(Error::new(Code::Network, "the connection could not be made, or has ended"))
            }
            _ => Input::Tick,
        };
        if what == "handled" {
            if let Ok(reply) = serde_json::from_str(text) {
                self.session.acknowledge(reply, &[]);
            }
        } else {
            self.session.handle(input, Now { ms: now_ms, random });
        }
        let mut actions = Vec::new();
        while let Some(action) = self.session.next_action() {
            match action {
                Action::Tell(Happening::Event(event)) if !self.is_wanted(&event.name) => {
                    if let Some(reply) = event.reply {
                        self.session.acknowledge(reply, &[]);
                    }
                }
                action => actions.extend(order(action, &self.url)),
            }
        }
        write(&Orders { actions, deadline: self.session.deadline() }).unwrap_or_default()
    }
}

impl SocketSession {
    fn is_wanted(&self, event: &str) -> bool {
        self.events.as_ref().is_none_or(|events| events.contains(event))
    }
}

/// `None` for what only follows where something was emitted.
fn order(action: Action, url: &str) -> Option<Order<'_>> {
    Some(match action {
        Action::Connect => Order::Connect { url },
        Action::Send(frame) => Order::Send { frame },
        Action::Close => Order::Close,
        Action::Tell(Happening::Joined { recovered }) => Order::Joined { recovered },
        Action::Tell(Happening::Event(event)) => {
            Order::Event { name: event.name, args: event.args, reply: event.reply }
        }
        Action::Tell(Happening::Skipped(error)) => Order::Skipped { error },
        Action::Tell(Happening::Left { error, retry_in_ms }) => Order::Left { error, retry_in_ms },
        Action::Tell(Happening::Answer { .. } | Happening::NoAnswer { .. }) => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(session: &mut SocketSession, what: &str, text: &str) -> Value {
        serde_json::from_str(&session.tell(what, text, 1_000, 1.0)).unwrap()
    }

    #[test]
    fn a_host_is_told_what_to_do() {
        let options = r#"{"url":"wss://a.example/socket","token":"t"}"#;
        let mut session = SocketSession::new(options).unwrap();
        let connect =
            json!([{ "do": "connect", "url": "wss://a.example/socket.io/?EIO=4&transport=websocket" }]);
        assert_eq!(told(&mut session, "tick", ""), json!({ "actions": connect, "deadline": 21_000 }));
        told(&mut session, "opened", "");
        let open = r#"0{"sid":"e","pingInterval":25000,"pingTimeout":20000}"#;
        let join = json!([{ "do": "send", "frame": r#"40/socket,{"token":"t"}"# }]);
        assert_eq!(told(&mut session, "text", open)["actions"], join);
        let joined = json!([{ "do": "joined", "recovered": false }]);
        assert_eq!(told(&mut session, "text", r#"40/socket,{"sid":"s"}"#)["actions"], joined);
        let event = told(&mut session, "text", r#"42/socket,7["e",{"a":1}]"#)["actions"][0].clone();
        assert_eq!(
            (&event["do"], &event["name"], &event["args"]),
            (&json!("event"), &json!("e"), &json!([{ "a": 1 }]))
        );
        let answer = json!([{ "do": "send", "frame": "43/socket,7[]" }]);
        assert_eq!(told(&mut session, "handled", &event["reply"].to_string())["actions"], answer);
        assert_eq!(told(&mut session, "handled", "nonsense")["actions"], json!([]));
        let left = told(&mut session, "oversized", "");
        assert_eq!(
            (&left["actions"][0]["do"], &left["actions"][1]["error"]["code"]),
            (&json!("close"), &json!("too_large"))
        );
        assert_eq!(left["deadline"], 11_000);
    }

    #[test]
    fn other_events_are_answered_and_not_told() {
        let mut session = SocketSession::new(r#"{"url":"wss://a.example","events":["mine"]}"#).unwrap();
        for (what, text) in [
            ("tick", ""),
            ("opened", ""),
            ("text", r#"0{"sid":"e","pingInterval":1,"pingTimeout":1}"#),
            ("text", r#"40{"sid":"s"}"#),
        ] {
            told(&mut session, what, text);
        }
        let answer = json!([{ "do": "send", "frame": "437[]" }]);
        assert_eq!(told(&mut session, "text", r#"427["theirs"]"#)["actions"], answer);
        assert_eq!(told(&mut session, "text", r#"42["theirs"]"#)["actions"], json!([]));
        assert_eq!(told(&mut session, "text", r#"42["mine"]"#)["actions"][0]["name"], "mine");
    }

    #[test]
    fn options_are_checked() {
        for (options, field) in [
            ("{}", "url"),
            (r#"{"url":"ws://a.example"}"#, "url"),
            (r#"{"url":"wss://a.example","tokenIn":"header"}"#, "tokenIn"),
            (r#"{"url":"wss://a.example","path":"x"}"#, "path"),
            (r#"{"url":7}"#, "url"),
        ] {
            assert_eq!(SocketSession::new(options).err().unwrap().field(), Some(field), "{options}");
        }
    }
}
