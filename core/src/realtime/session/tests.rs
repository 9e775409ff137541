use super::*;
use crate::secret::Secret;

const OPEN: &str =
    r#"0{"sid":"e1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000}"#;

/// A session, what it was told last, and the time.
struct Rig {
    session: Session,
    ms: i64,
}

impl Rig {
    fn new() -> Self {
        let token = Some(Secret::new("t0ken"));
        let settings =
            SessionSettings { namespace: "/socket".to_owned(), token, ..SessionSettings::default() };
        Self { session: Session::new(settings).unwrap(), ms: 1_000_000 }
    }

    /// One that the server has taken in, with a session that it can recover.
    fn joined() -> Self {
        let mut rig = Self::new();
        rig.join("p1");
        rig
    }

    fn join(&mut self, pid: &str) -> Vec<String> {
        assert_eq!(self.give(Input::Tick), ["connect"]);
        let mut did = self.give(Input::Opened);
        did.extend(self.text(OPEN));
        did.extend(self.text(&format!(r#"40/socket,{{"sid":"s1","pid":"{pid}"}}"#)));
        did
    }

    fn give(&mut self, input: Input<'_>) -> Vec<String> {
        self.session.handle(input, Now { ms: self.ms, random: 1.0 });
        self.drain()
    }

    fn text(&mut self, frame: &str) -> Vec<String> {
        self.give(Input::Text(frame))
    }

    /// Moves on to the next deadline.
    fn wait(&mut self) -> Vec<String> {
        self.ms = self.session.deadline().max(self.ms);
        self.give(Input::Tick)
    }

    fn drain(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.session.next_action()).map(|action| said(&action)).collect()
    }
}

fn said(action: &Action) -> String {
    let all = |args: &[Box<RawValue>]| args.iter().map(|arg| arg.get()).collect::<Vec<_>>().join(" ");
    match action {
        Action::Connect => "connect".to_owned(),
        Action::Close => "close".to_owned(),
        Action::Send(frame) => format!("send {frame}"),
        Action::Tell(Happening::Joined { recovered }) => format!("joined {recovered}"),
        Action::Tell(Happening::Event(event)) => format!("event {} {}", event.name, all(&event.args)),
        Action::Tell(Happening::Answer { id, args }) => format!("answer {id} {}", all(args)),
        Action::Tell(Happening::NoAnswer { id }) => format!("no answer {id}"),
        Action::Tell(Happening::Skipped(error)) => format!("skipped {}", error.code().as_str()),
        Action::Tell(Happening::Left { error, retry_in_ms }) => {
            format!("left {} {retry_in_ms}", error.code().as_str())
        }
    }
}

fn raw(json: &str) -> &RawValue {
    serde_json::from_str(json).unwrap()
}

#[test]
fn it_joins_hears_and_answers_pings() {
    let mut rig = Rig::new();
    let did = rig.join("p1");
    assert_eq!(did, [r#"send 40/socket,{"token":"t0ken"}"#, "joined false"]);
    assert!(rig.session.is_joined());
    assert_eq!(
        rig.text(r#"42/socket,["contact.updated",{"a":1},"o1"]"#),
        [r#"event contact.updated {"a":1} "o1""#]
    );
    assert_eq!(rig.text("2"), ["send 3"]);
    assert_eq!(rig.text(r#"42["elsewhere"]"#), Vec::<String>::new(), "of another namespace");
    assert_eq!(rig.text("6"), Vec::<String>::new());
}

#[test]
fn a_session_is_recovered_where_the_server_knows_it() {
    let mut rig = Rig::joined();
    rig.text(r#"42/socket,["e",1,"o1"]"#);
    assert_eq!(rig.give(Input::Closed(network("gone"))), ["close", "left network 10000"]);
    rig.wait();
    rig.give(Input::Opened);
    assert_eq!(rig.text(OPEN), [r#"send 40/socket,{"token":"t0ken","pid":"p1","offset":"o1"}"#]);
    // What was missed comes before the word that it was recovered.
    assert_eq!(rig.text(r#"42/socket,["e",2,"o2"]"#), ["event e 2 \"o2\""]);
    assert_eq!(rig.text(r#"40/socket,{"sid":"s1","pid":"p1"}"#), ["joined true"]);

    // A server that has begun anew knows neither: a gap, and the old offset is worth nothing.
    rig.give(Input::Closed(network("gone")));
    rig.wait();
    rig.give(Input::Opened);
    assert_eq!(rig.text(OPEN), [r#"send 40/socket,{"token":"t0ken","pid":"p1","offset":"o2"}"#]);
    assert_eq!(rig.text(r#"40/socket,{"sid":"s2","pid":"p2"}"#), ["joined false"]);
    rig.give(Input::Closed(network("gone")));
    rig.wait();
    rig.give(Input::Opened);
    assert_eq!(rig.text(OPEN), [r#"send 40/socket,{"token":"t0ken","pid":"p2"}"#]);
}

#[test]
fn a_server_that_recovers_nothing_always_leaves_a_gap() {
    let mut rig = Rig::new();
    for _ in 0..2 {
        rig.wait();
        rig.give(Input::Opened);
        assert_eq!(rig.text(OPEN), [r#"send 40/socket,{"token":"t0ken"}"#]);
        assert_eq!(rig.text(r#"40/socket,{"sid":"s"}"#), ["joined false"]);
        rig.text(r#"42/socket,["e","no offset"]"#);
        rig.give(Input::Closed(network("gone")));
    }
}

#[test]
fn what_is_malformed_ends_the_connection_and_the_session() {
    for frame in [
        "",
        "x",
        "42/socket,{",
        "42/socket,[]",
        "43/socket,[]",
        "0",
        OPEN,
        r#"40/socket,{"sid":"s1"}"#,
        "4",
        "3",
        "5",
        r#"42/socket,["connect"]"#,
    ] {
        let mut rig = Rig::joined();
        rig.text(r#"42/socket,["e","o1"]"#);
        assert_eq!(rig.text(frame), ["close", "left unexpected_reply 10000"], "{frame}");
        rig.wait();
        rig.give(Input::Opened);
        assert_eq!(rig.text(OPEN), [r#"send 40/socket,{"token":"t0ken"}"#], "{frame}");
    }
}

#[test]
fn nothing_but_the_handshake_comes_first() {
    for frame in ["2", "40/socket,{}", r#"42/socket,["e"]"#, "0{}", "3"] {
        let mut rig = Rig::new();
        rig.give(Input::Tick);
        rig.give(Input::Opened);
        assert_eq!(rig.text(frame), ["close", "left unexpected_reply 10000"], "{frame}");
    }
}

#[test]
fn an_older_protocol_is_named() {
    let mut rig = Rig::new();
    rig.give(Input::Tick);
    rig.give(Input::Opened);
    rig.text(OPEN);
    rig.session.handle(Input::Text("40/socket,"), Now { ms: rig.ms, random: 0.0 });
    let told = std::iter::from_fn(|| rig.session.next_action()).find_map(|action| match action {
        Action::Tell(Happening::Left { error, .. }) => Some(error.to_string()),
        _ => None,
    });
    assert!(told.unwrap().contains("Socket.IO 2"));
}

#[test]
fn a_refusal_is_told_without_the_token_and_tried_again_late() {
    for send_token in [true, false] {
        let mut rig = Rig::new();
        rig.session.settings.send_token = send_token;
        rig.give(Input::Tick);
        rig.give(Input::Opened);
        let joins = if send_token { r#"send 40/socket,{"token":"t0ken"}"# } else { "send 40/socket," };
        assert_eq!(rig.text(OPEN), [joins]);
        let frame = r#"44/socket,{"message":"bad token t0ken"}"#;
        rig.session.handle(Input::Text(frame), Now { ms: rig.ms, random: 1.0 });
        let mut actions = std::iter::from_fn(|| rig.session.next_action());
        assert!(matches!(actions.next(), Some(Action::Close)));
        let Some(Action::Tell(Happening::Left { error, retry_in_ms: 60_000 })) = actions.next() else {
            panic!()
        };
        assert_eq!(error.code(), Code::Unauthorized);
        assert!(error.message().contains("bad token [redacted]"), "{error}");
    }
    for odd in ["44/socket,\"no\"", "44/socket,{}", r#"44/socket,{"message":5}"#] {
        let mut rig = Rig::new();
        rig.give(Input::Tick);
        rig.give(Input::Opened);
        rig.text(OPEN);
        assert_eq!(rig.text(odd), ["close", "left unauthorized 60000"], "{odd}");
    }
}

#[test]
fn silence_ends_every_stage() {
    let mut rig = Rig::new();
    assert_eq!(rig.wait(), ["connect"]);
    let begun = rig.ms;
    assert_eq!(rig.wait(), ["close", "left timeout 10000"], "no connection");
    assert_eq!(rig.ms - begun, 20_000);

    rig.wait();
    rig.give(Input::Opened);
    assert_eq!(rig.wait(), ["close", "left timeout 20000"], "no handshake");

    rig.wait();
    rig.give(Input::Opened);
    rig.text(OPEN);
    assert_eq!(rig.wait(), ["close", "left timeout 40000"], "no welcome");

    rig.wait();
    rig.give(Input::Opened);
    rig.text(OPEN);
    rig.text(r#"40/socket,{"sid":"s1","pid":"p1"}"#);
    let joined = rig.ms;
    rig.ms += 44_999;
    assert_eq!(rig.text("2"), ["send 3"]);
    assert_eq!(rig.wait(), ["close", "left timeout 10000"], "half open");
    assert_eq!(rig.ms - joined, 44_999 + 45_000);
}

#[test]
fn a_server_that_wants_no_pings_is_watched_all_the_same() {
    let mut rig = Rig::new();
    rig.give(Input::Tick);
    rig.give(Input::Opened);
    rig.text(r#"0{"sid":"e","pingInterval":4294967295,"pingTimeout":4294967295}"#);
    rig.text(r#"40/socket,{"sid":"s"}"#);
    assert_eq!(rig.session.deadline() - rig.ms, MAX_SILENCE_MS);
    let mut rig = Rig::new();
    rig.give(Input::Tick);
    rig.give(Input::Opened);
    rig.text(r#"0{"sid":"e","pingInterval":0,"pingTimeout":0}"#);
    assert_eq!(
        rig.wait(),
        ["close", "left timeout 10000"],
        "it is dead at once, and no loop: the next try is later"
    );
}

#[test]
fn a_flapping_server_is_asked_less_and_less() {
    let mut rig = Rig::new();
    let mut delays = Vec::new();
    for stays in [0, 0, 0, 0, 59_999, 60_000, 0] {
        rig.ms = rig.session.deadline().max(rig.ms);
        rig.join("p");
        rig.ms += stays;
        delays.push(rig.give(Input::Closed(network("gone"))).pop().unwrap());
    }
    let expected = [10_000, 20_000, 40_000, 60_000, 60_000, 10_000, 20_000];
    assert_eq!(delays, expected.map(|ms| format!("left network {ms}")));
}

#[test]
fn binary_parts_are_left_out_and_the_session_goes_on() {
    let mut rig = Rig::joined();
    assert_eq!(rig.text(r#"452-/socket,["e",{"_placeholder":true,"num":0},"o7"]"#), ["skipped payload"]);
    assert_eq!(rig.give(Input::Binary), Vec::<String>::new());
    assert_eq!(rig.give(Input::Binary), Vec::<String>::new());
    assert_eq!(rig.text(r#"42/socket,["e",1]"#), ["event e 1"]);
    assert_eq!(rig.give(Input::Binary), ["close", "left unexpected_reply 10000"], "nobody announced it");
    let mut rig = Rig::joined();
    rig.text(r#"451-/socket,["e",{"_placeholder":true,"num":0}]"#);
    assert_eq!(rig.text("2"), ["close", "left unexpected_reply 10000"], "an attachment was to come");
}

#[test]
fn a_frame_that_is_too_large_is_not_asked_for_again() {
    let mut rig = Rig::joined();
    rig.text(r#"42/socket,["e","o1"]"#);
    let too_large = Error::new(Code::TooLarge, "more than 1 MiB");
    assert_eq!(rig.give(Input::Closed(too_large)), ["close", "left too_large 10000"]);
    rig.wait();
    rig.give(Input::Opened);
    assert_eq!(rig.text(OPEN), [r#"send 40/socket,{"token":"t0ken"}"#]);
}

#[test]
fn events_wait_for_the_connection_and_no_more_than_fit() {
    let mut rig = Rig::new();
    let emit = |rig: &mut Rig, event: &str| {
        rig.session.emit(event, &[raw("1")], None, rig.ms).map_err(|error| error.code())
    };
    for nth in 0..256 {
        assert_eq!(emit(&mut rig, &format!("e{nth}")), Ok(None));
    }
    assert_eq!(emit(&mut rig, "one more"), Err(Code::Network));
    assert_eq!(emit(&mut rig, "disconnect"), Err(Code::InvalidArgument));
    let did = rig.join("p1");
    assert_eq!(did.len(), 2 + 256);
    assert_eq!(did[2], r#"send 42/socket,["e0",1]"#);
    assert_eq!(emit(&mut rig, "now"), Ok(None));
    assert_eq!(rig.drain(), [r#"send 42/socket,["now",1]"#]);
    let long = format!("\"{}\"", "x".repeat(1_000));
    let refused = rig.session.emit("e", &[raw(&long)], None, rig.ms).unwrap_err();
    assert_eq!((refused.code(), refused.field()), (Code::TooLarge, Some("args")));
    // By bytes too.
    let mut rig = Rig::new();
    let half = format!("\"{}\"", "x".repeat(600_000));
    assert!(rig.session.emit("e", &[raw(&half)], None, 0).is_ok());
    assert_eq!(rig.session.emit("e", &[raw(&half)], None, 0).unwrap_err().code(), Code::Network);
}

#[test]
fn answers_come_or_are_given_up() {
    let mut rig = Rig::joined();
    let ask = |rig: &mut Rig| rig.session.emit("ask", &[], Some(5_000), rig.ms).unwrap().unwrap();
    assert_eq!(ask(&mut rig), 0);
    assert_eq!(rig.drain(), [r#"send 42/socket,0["ask"]"#]);
    assert_eq!(rig.text(r#"43/socket,0["yes"]"#), [r#"answer 0 "yes""#]);
    assert_eq!(rig.text(r#"43/socket,0["again"]"#), Vec::<String>::new());
    assert_eq!(rig.text("43/socket,77[]"), Vec::<String>::new());

    let (late, lost) = (ask(&mut rig), ask(&mut rig));
    rig.drain();
    rig.session.emit("ask", &[], Some(1), rig.ms).unwrap();
    rig.ms += 1;
    assert_eq!(rig.give(Input::Tick), ["no answer 3"], "and it is not sent");
    rig.give(Input::Closed(network("gone")));
    assert_eq!((late, lost), (1, 2));
    let waits = ask(&mut rig);
    assert_eq!(rig.wait(), [format!("no answer {waits}")], "the wait for a connection counts");
}

#[test]
fn answers_of_a_lost_connection_are_told() {
    let mut rig = Rig::joined();
    rig.session.emit("ask", &[], Some(5_000), rig.ms).unwrap();
    rig.drain();
    let did = rig.give(Input::Closed(network("gone")));
    assert_eq!(did, ["close", "no answer 0", "left network 10000"]);
}

#[test]
fn an_event_is_acknowledged_on_its_own_connection_only() {
    let mut rig = Rig::joined();
    rig.session.handle(Input::Text(r#"42/socket,9["e"]"#), Now { ms: rig.ms, random: 0.0 });
    let Some(Action::Tell(Happening::Event(Event { reply: Some(reply), .. }))) = rig.session.next_action()
    else {
        panic!()
    };
    rig.session.acknowledge(reply, &[raw("true")]);
    assert_eq!(rig.drain(), ["send 43/socket,9[true]"]);
    rig.give(Input::Closed(network("gone")));
    rig.ms = rig.session.deadline();
    rig.join("p1");
    rig.session.acknowledge(reply, &[]);
    assert_eq!(rig.drain(), Vec::<String>::new());
}

#[test]
fn a_namespace_is_checked() {
    for bad in ["", "socket", "/a,b", "/a\n"] {
        let settings = SessionSettings { namespace: bad.to_owned(), ..SessionSettings::default() };
        assert_eq!(Session::new(settings).unwrap_err().field(), Some("namespace"), "{bad:?}");
    }
}

#[test]
fn neither_the_token_nor_what_a_session_is_recovered_by_is_shown() {
    let welcome = r#"40/socket,{"sid":"s1","pid":"p1"}"#;
    let mut rig = Rig::new();
    rig.give(Input::Tick);
    rig.give(Input::Opened);
    rig.session.handle(Input::Text(OPEN), Now { ms: rig.ms, random: 1.0 });
    let join = rig.session.next_action().unwrap();
    let Action::Send(frame) = &join else { panic!() };
    assert!(frame.contains("t0ken"));
    let message = engine_io::Packet::decode(welcome).unwrap();
    let engine_io::Packet::Message(text) = message.clone() else { panic!() };
    for shown in [
        format!("{:?}", Rig::joined().session),
        format!("{join:?}"),
        format!("{:?}", engine_io::Packet::decode(frame).unwrap()),
        format!("{:?}", socket_io::Packet::decode(&frame[1..]).unwrap()),
        format!("{message:?}"),
        format!("{:?}", socket_io::Packet::decode(text).unwrap()),
        format!("{:?}", Input::Text(welcome)),
    ] {
        assert!(!shown.contains("t0ken") && !shown.contains("p1"), "{shown}");
    }
}
