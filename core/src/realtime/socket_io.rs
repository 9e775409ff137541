//! Socket.IO 5: `<type>[<attachments>-][<namespace>,][<id>][<JSON>]`, the text of an Engine.IO message.

use std::{borrow::Cow, fmt, fmt::Write as _};

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::malformed;
use crate::error::Result;

/// An event or an acknowledgement of more arguments is refused.
pub const MAX_ARGS: usize = 64;
/// The binary frames that follow a packet are at most so many.
pub const MAX_ATTACHMENTS: u32 = 64;
/// Names that are the library's own: no server lets an event be called so.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// A packet.
#[derive(Debug, Clone)]
pub struct Packet<'a> {
    /// What it is for, e.g. `/` or `/socket`.
    pub namespace: Cow<'a, str>,
    /// What it says.
    pub body: Body<'a>,
}

/// What a packet says. The JSON is valid, and borrowed.
#[derive(Clone)]
pub enum Body<'a> {
    /// A client asks to join, with its credentials; a server takes it in, with `sid`. An object.
    Connect(Option<&'a RawValue>),
    /// The sender leaves.
    Disconnect,
    /// Something happened.
    Event {
        /// What an acknowledgement is asked for under.
        id: Option<u64>,
        /// Its name.
        name: Cow<'a, str>,
        /// What follows the name.
        args: Args<'a>,
    },
    /// An event was taken in.
    Ack {
        /// What it was asked for under.
        id: u64,
        /// What is answered.
        args: Args<'a>,
    },
    /// The server does not take the client in. An object, or a text.
    ConnectError(&'a RawValue),
    /// An event or acknowledgement whose parts follow in binary frames.
    Binary {
        /// How many those are.
        attachments: u32,
        /// All of it, the name included.
        args: Args<'a>,
    },
}

impl fmt::Debug for Body<'_> {
    /// Without JSON: that of a connection holds the token, or what the session is recovered by.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |json: &RawValue| json.get().len();
        match self {
            Self::Connect(json) => write!(f, "Connect({} bytes)", json.map_or(0, bytes)),
            Self::Disconnect => f.write_str("Disconnect"),
            Self::Event { id, name, args } => {
                write!(f, "Event({name:?}, id {id:?}, {} arguments)", args.len())
            }
            Self::Ack { id, args } => write!(f, "Ack({id}, {} arguments)", args.len()),
            Self::ConnectError(json) => write!(f, "ConnectError({} bytes)", bytes(json)),
            Self::Binary { attachments, args } => {
                write!(f, "Binary({attachments} attachments, {} arguments)", args.len())
            }
        }
    }
}

/// At most [`MAX_ARGS`] values.
pub type Args<'a> = Vec<&'a RawValue>;

impl<'a> Packet<'a> {
    /// Reads the text of an Engine.IO message.
    ///
    /// # Errors
    /// `unexpected_reply`.
    pub fn decode(text: &'a str) -> Result<Self> {
        let (kind, rest) = match text.split_at_checked(1) {
            Some((kind, rest)) => (kind, rest),
            None => return Err(malformed("a packet without a type")),
        };
        let (attachments, rest) = match kind {
            "5" | "6" => attachments(rest)?,
            _ => (0, rest),
        };
        let (namespace, rest) = match rest.starts_with('/') {
            true => rest.split_once(',').unwrap_or((rest, "")),
            false => ("/", rest),
        };
        let (id, json) = id(rest)?;
        let body = match kind {
            "0" => {
                Body::Connect(if json.is_empty() { None } else { Some(value(json, |first| first == b'{')?) })
            }
            "1" if json.is_empty() => Body::Disconnect,
            "2" => event(id, json)?,
            "3" => Body::Ack {
                id: id.ok_or_else(|| malformed("an acknowledgement without an id"))?,
                args: args(json)?,
            },
            "4" => Body::ConnectError(value(json, |first| first == b'{' || first == b'"')?),
            "5" | "6" => Body::Binary { attachments, args: args(json)? },
            _ => return Err(malformed("a packet of an unknown type")),
        };
        Ok(Self { namespace: Cow::Borrowed(namespace), body })
    }

    /// Writes the text of an Engine.IO message.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        text.push(match &self.body {
            Body::Connect(_) => '0',
            Body::Disconnect => '1',
            Body::Event { .. } => '2',
            Body::Ack { .. } => '3',
            Body::ConnectError(_) => '4',
            Body::Binary { .. } => '5',
        });
        if let Body::Binary { attachments, .. } = &self.body {
            // Writing to a text cannot fail.
            let _ = write!(text, "{attachments}-");
        }
        if self.namespace != "/" {
            text.extend([&*self.namespace, ","]);
        }
        match &self.body {
            Body::Connect(None) | Body::Disconnect => {}
            Body::Connect(Some(json)) | Body::ConnectError(json) => text.push_str(json.get()),
            Body::Event { id, name, args } => {
                if let Some(id) = id {
                    let _ = write!(text, "{id}");
                }
                let name = serde_json::to_string(name).unwrap_or_default();
                list(&mut text, std::iter::once(&*name).chain(args.iter().map(|arg| arg.get())));
            }
            Body::Ack { id, args } => {
                let _ = write!(text, "{id}");
                list(&mut text, args.iter().map(|arg| arg.get()));
            }
            Body::Binary { args, .. } => list(&mut text, args.iter().map(|arg| arg.get())),
        }
        text
    }
}

/// Whether an event may have this name.
pub fn is_event_name(name: &str) -> bool {
    !name.is_empty() && !RESERVED.contains(&name)
}

fn list<'a>(text: &mut String, values: impl Iterator<Item = &'a str> + Clone) {
    text.reserve_exact(2 + values.clone().map(|value| value.len() + 1).sum::<usize>());
    text.push('[');
    for (nth, value) in values.enumerate() {
        if nth > 0 {
            text.push(',');
        }
        text.push_str(value);
    }
    text.push(']');
}

fn attachments(text: &str) -> Result<(u32, &str)> {
    let count = text.split_once('-').and_then(|(count, rest)| {
        let digits = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        Some((count.parse().ok().filter(|count| digits && *count <= MAX_ATTACHMENTS)?, rest))
    });
    count.ok_or_else(|| malformed("a binary packet that does not count its attachments"))
}

fn id(text: &str) -> Result<(Option<u64>, &str)> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    match text.split_at_checked(end) {
        None | Some(("", _)) => Ok((None, text)),
        Some((digits, rest)) => match digits.parse() {
            Ok(id) => Ok((Some(id), rest)),
            Err(_) => Err(malformed("an id beyond 64 bits")),
        },
    }
}

fn value(json: &str, begins: fn(u8) -> bool) -> Result<&RawValue> {
    match serde_json::from_str::<&RawValue>(json) {
        Ok(value) if value.get().bytes().next().is_some_and(begins) => Ok(value),
        _ => Err(malformed("a packet whose JSON is none, or not of the kind it must be")),
    }
}

fn args(json: &str) -> Result<Args<'_>> {
    let Few(args) = serde_json::from_str(json)
        .map_err(|_| malformed(format_args!("a packet without a list of at most {MAX_ARGS} values")))?;
    Ok(args)
}

fn event(id: Option<u64>, json: &str) -> Result<Body<'_>> {
    let mut args = args(json)?;
    if args.is_empty() {
        return Err(malformed("an event without a name"));
    }
    let name: Text<'_> = serde_json::from_str(args.remove(0).get())
        .map_err(|_| malformed("an event whose name is no text"))?;
    if !is_event_name(&name.0) {
        return Err(malformed("an event with a reserved name"));
    }
    Ok(Body::Event { id, name: name.0, args })
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The values of a list, as long as they are few: a list of nothing but zeros takes eight times its length.
struct Few<'a>(Args<'a>);

impl<'de> Deserialize<'de> for Few<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(FewVisitor)
    }
}

struct FewVisitor;

impl<'de> Visitor<'de> for FewVisitor {
    type Value = Few<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX_ARGS} values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut args = Args::new();
        while let Some(value) = list.next_element()? {
            // One more for the name.
            if args.len() > MAX_ARGS {
                return Err(serde::de::Error::invalid_length(args.len(), &self));
            }
            args.push(value);
        }
        Ok(Few(args))
    }
}

#[cfg(test)]
mod tests;
