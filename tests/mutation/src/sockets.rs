//! What must hold of any text that a Socket.IO server sends.

use ghlkit::{
    Code,
    realtime::{
        Action, Happening, Input, Now, Session, SessionSettings,
        engine_io::Packet,
        socket_io::{self, MAX_ARGS},
    },
    testing::SeededEntropy,
};

/// What servers send, `#` where what was emitted stands.
const FRAMES: [&str; 14] = [
    r#"0{"sid":"e1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
    r#"40{"sid":"s1","pid":"p1"}"#,
    r#"44{"message":"no","data":#}"#,
    r#"42["contact.updated",#,"o1"]"#,
    r#"4212["contact.updated",#]"#,
    r#"430[#]"#,
    r#"42/socket,["e",#]"#,
    r#"452-["e",{"_placeholder":true,"num":0},#]"#,
    "41",
    "1",
    "2",
    "3probe",
    "5",
    "6",
];
/// More than a session does at once, whatever it is told.
const MOST_ACTIONS: usize = 16;

/// A frame. What is read is written again as it reads.
pub fn engine_io(bytes: &[u8]) {
    let Ok(frame) = str::from_utf8(bytes) else { return };
    match Packet::decode(frame) {
        Ok(packet) => assert_eq!(Packet::decode(&packet.encode()).unwrap(), packet),
        Err(error) => assert_eq!(error.code(), Code::UnexpectedReply),
    }
}

/// The text of a message. What is read is written again as it reads.
pub fn socket_io(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match socket_io::Packet::decode(text) {
        Ok(packet) => {
            let written = packet.encode();
            assert_eq!(socket_io::Packet::decode(&written).unwrap().encode(), written);
        }
        Err(error) => assert_eq!(error.code(), Code::UnexpectedReply),
    }
}

/// Frames, one a line, of which an empty one stands for a binary one. A session takes them as they come, does little at a time,
/// and connects again.
pub fn session(bytes: &[u8]) {
    let session = Session::new(SessionSettings::default()).unwrap();
    let mut driven = Driven { session, ms: 0, away: true };
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(frame) = str::from_utf8(line) else { continue };
        if driven.away {
            driven.ms = driven.session.deadline().max(driven.ms);
            driven.tell(Input::Tick);
            assert!(!driven.away, "it connects when it said it would");
            driven.tell(Input::Opened);
        }
        driven.tell(if frame.is_empty() { Input::Binary } else { Input::Text(frame) });
        assert!(driven.session.deadline() <= driven.ms + 300_000);
    }
}

struct Driven {
    session: Session,
    ms: i64,
    away: bool,
}

impl Driven {
    fn tell(&mut self, input: Input<'_>) {
        self.session.handle(input, Now { ms: self.ms, random: 0.5 });
        for _ in 0..MOST_ACTIONS {
            match self.session.next_action() {
                None => return,
                Some(Action::Connect) => self.away = false,
                Some(Action::Close) => self.away = true,
                Some(Action::Tell(Happening::Event(event))) => assert!(event.args.len() <= MAX_ARGS),
                Some(Action::Send(_) | Action::Tell(_)) => {}
            }
        }
        panic!("it does not come to an end");
    }
}

/// What a server would send around a body, as a target takes it.
pub fn frames(target: &str, body: &[u8], random: &SeededEntropy) -> Vec<u8> {
    let pick = |from: &[&'static str]| from[usize::try_from(random.below(from.len() as u64)).unwrap()];
    let filled = |frame: &str| {
        let (before, after) = frame.split_once('#').unwrap_or((frame, ""));
        let body = if frame.contains('#') { body } else { &[] };
        [before.as_bytes(), body, after.as_bytes()].concat()
    };
    match target {
        "engine_io" => filled(pick(&FRAMES)),
        "socket_io" => filled(pick(&FRAMES[1..9])).split_off(1),
        _ => {
            let mut lines = vec![FRAMES[0].into(), FRAMES[1].into()];
            lines.extend((0..random.below(4)).map(|_| filled(pick(&FRAMES))));
            lines.join(&b'\n')
        }
    }
}
