//! Engine.IO 4 over a WebSocket: one packet a text frame, its type in the first character.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::malformed;
use crate::error::Result;

/// A packet.
#[derive(Clone, PartialEq, Eq)]
pub enum Packet<'a> {
    /// The server's first.
    Open(Handshake),
    /// The sender ends the connection.
    Close,
    /// The server asks whether the client is there; the answer repeats the text.
    Ping(&'a str),
    /// That answer.
    Pong(&'a str),
    /// A packet of the protocol above.
    Message(&'a str),
    /// The transport is changed; never over the transport that this is about.
    Upgrade,
    /// Nothing.
    Noop,
}

impl fmt::Debug for Packet<'_> {
    /// Without its text: it may be a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, text) = match self {
            Self::Open(handshake) => return f.debug_tuple("Open").field(handshake).finish(),
            Self::Close => return f.write_str("Close"),
            Self::Upgrade => return f.write_str("Upgrade"),
            Self::Noop => return f.write_str("Noop"),
            Self::Ping(text) => ("Ping", text),
            Self::Pong(text) => ("Pong", text),
            Self::Message(text) => ("Message", text),
        };
        write!(f, "{name}({} bytes)", text.len())
    }
}

/// What a server says of the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Handshake {
    /// The connection's id.
    pub sid: String,
    /// How often the server sends a ping, in milliseconds.
    pub ping_interval: u32,
    /// How late a ping or its answer may be, in milliseconds.
    pub ping_timeout: u32,
    /// The largest frame that the server takes, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_payload: Option<u32>,
}

impl<'a> Packet<'a> {
    /// Reads a text frame.
    ///
    /// # Errors
    /// `unexpected_reply`: it is none of version 4.
    pub fn decode(frame: &'a str) -> Result<Self> {
        let mut rest = frame.chars();
        let kind = rest.next();
        let rest = rest.as_str();
        let bare = |packet| {
            if rest.is_empty() { Ok(packet) } else { Err(malformed("a packet with a text it cannot have")) }
        };
        match kind {
            Some('0') => Handshake::read(rest).map(Packet::Open),
            Some('1') => bare(Packet::Close),
            Some('2') => Ok(Packet::Ping(rest)),
            Some('3') => Ok(Packet::Pong(rest)),
            Some('4') => Ok(Packet::Message(rest)),
            Some('5') => bare(Packet::Upgrade),
            Some('6') => bare(Packet::Noop),
            _ => Err(malformed("a frame that is no packet of Engine.IO 4")),
        }
    }

    /// Writes the text frame.
    pub fn encode(&self) -> String {
        match self {
            Packet::Open(handshake) => format!("0{}", serde_json::to_string(handshake).unwrap_or_default()),
            Packet::Close => "1".to_owned(),
            Packet::Ping(text) => format!("2{text}"),
            Packet::Pong(text) => format!("3{text}"),
            Packet::Message(text) => format!("4{text}"),
            Packet::Upgrade => "5".to_owned(),
            Packet::Noop => "6".to_owned(),
        }
    }
}

impl Handshake {
    fn read(json: &str) -> Result<Self> {
        match serde_json::from_str::<Self>(json) {
            Ok(handshake) if !handshake.sid.is_empty() => Ok(handshake),
            _ => Err(malformed("an opening packet without `sid`, `pingInterval` and `pingTimeout`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn packets_read_as_servers_write_them() {
        let open = r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
        let handshake = Handshake {
            sid: "lv_VI97HAXpY6yYWAAAC".to_owned(),
            ping_interval: 25_000,
            ping_timeout: 20_000,
            max_payload: Some(1_000_000),
        };
        assert_eq!(Packet::decode(open).unwrap(), Packet::Open(handshake));
        for (frame, packet) in [
            ("1", Packet::Close),
            ("2", Packet::Ping("")),
            ("2probe", Packet::Ping("probe")),
            ("3probe", Packet::Pong("probe")),
            ("42[\"ä\"]", Packet::Message("2[\"ä\"]")),
            ("5", Packet::Upgrade),
            ("6", Packet::Noop),
        ] {
            assert_eq!(Packet::decode(frame).unwrap(), packet);
            assert_eq!(packet.encode(), frame);
        }
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        for frame in [
            "",
            "7",
            "x",
            "é",
            "b4AAEC",
            "1x",
            "5x",
            "6 ",
            "0",
            "0{}",
            "0[]",
            "0null",
            r#"0{"sid":"","pingInterval":1,"pingTimeout":1}"#,
            r#"0{"sid":"a","pingInterval":-1,"pingTimeout":1}"#,
            r#"0{"sid":"a","pingInterval":1e3,"pingTimeout":1}"#,
            r#"0{"sid":"a","pingInterval":99999999999,"pingTimeout":1}"#,
            r#"0{"sid":"a","pingInterval":"1","pingTimeout":1}"#,
            r#"0{"sid":"a","pingInterval":1,"pingTimeout":1}}"#,
        ] {
            assert!(Packet::decode(frame).is_err(), "{frame}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(kind in 0..7, text in ".{0,40}", sid in "[a-z]{1,20}", a: u32, b: u32, c: Option<u32>) {
            let packet = match kind {
                0 => Packet::Open(Handshake { sid, ping_interval: a, ping_timeout: b, max_payload: c }),
                1 => Packet::Close,
                2 => Packet::Ping(&text),
                3 => Packet::Pong(&text),
                4 => Packet::Message(&text),
                5 => Packet::Upgrade,
                _ => Packet::Noop,
            };
            let frame = packet.encode();
            prop_assert_eq!(Packet::decode(&frame).unwrap(), packet);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}") {
            if let Ok(packet) = Packet::decode(&text) {
                let again = packet.encode();
                prop_assert_eq!(Packet::decode(&again).unwrap(), packet);
            }
        }
    }
}
