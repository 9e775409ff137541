use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;

fn raw(json: &str) -> &RawValue {
    serde_json::from_str(json).unwrap()
}

/// A packet in words that can be compared.
fn told(text: &str) -> String {
    let Packet { namespace, body } = Packet::decode(text).unwrap();
    let all = |args: &[&RawValue]| args.iter().map(|arg| arg.get()).collect::<Vec<_>>().join(" ");
    let body = match body {
        Body::Connect(auth) => format!("connect {}", auth.map_or("", RawValue::get)),
        Body::Disconnect => "disconnect".to_owned(),
        Body::Event { id, name, args } => format!("event {id:?} {name}: {}", all(&args)),
        Body::Ack { id, args } => format!("ack {id}: {}", all(&args)),
        Body::ConnectError(error) => format!("error {}", error.get()),
        Body::Binary { attachments, args } => format!("binary {attachments}: {}", all(&args)),
    };
    format!("{namespace} {body}")
}

#[test]
fn packets_read_as_servers_write_them() {
    for (text, expected) in [
        ("0", "/ connect "),
        (r#"0{"sid":"a"}"#, r#"/ connect {"sid":"a"}"#),
        (r#"0/socket,{"token":"t"}"#, r#"/socket connect {"token":"t"}"#),
        ("0/socket", "/socket connect "),
        ("1", "/ disconnect"),
        ("1/socket,", "/socket disconnect"),
        (r#"2["hello",1,{"a":[]}]"#, r#"/ event None hello: 1 {"a":[]}"#),
        (r#"212["hello"]"#, "/ event Some(12) hello: "),
        (r#"2/socket,7["a\"b\u00e4",null]"#, "/socket event Some(7) a\"bä: null"),
        (r#"3/socket,0["x"]"#, r#"/socket ack 0: "x""#),
        ("318446744073709551615[]", "/ ack 18446744073709551615: "),
        (r#"4{"message":"Not authorized"}"#, r#"/ error {"message":"Not authorized"}"#),
        (r#"4/socket,"Not authorized""#, r#"/socket error "Not authorized""#),
        (r#"51-["a",{"_placeholder":true,"num":0}]"#, r#"/ binary 1: "a" {"_placeholder":true,"num":0}"#),
        (r#"62-/socket,3[]"#, "/socket binary 2: "),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_packet_is_refused() {
    let many = format!("2[\"a\"{}]", ",0".repeat(MAX_ARGS + 1));
    for text in [
        "",
        "9",
        "é",
        "x[]",
        "2",
        "2[]",
        "2{}",
        "2[1]",
        "2[null]",
        "2[\"\"]",
        "2[\"connect\"]",
        "2[\"disconnect\",1]",
        "2[\"a\"",
        "2[\"a\"]x",
        "2[\"a\"] []",
        "3[]",
        "3",
        "31",
        "31{}",
        "399999999999999999999[]",
        "0[]",
        "0null",
        "0\"a\"",
        "0{",
        "4",
        "41",
        "4[]",
        "4null",
        "1{}",
        "1 ",
        "5[\"a\"]",
        "5-[\"a\"]",
        "5+1-[\"a\"]",
        "599-[\"a\"]",
        "51-",
        "51-{}",
        "2/socket[\"a\"]",
        "2[\"\\ud800\"]",
        many.as_str(),
    ] {
        assert!(Packet::decode(text).is_err(), "{text}");
    }
    assert!(Packet::decode(&format!("2[\"a\"{}]", ",0".repeat(MAX_ARGS))).is_ok());
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        kind in 0..6,
        namespace in "(/[a-z0-9 é?=/-]{0,20})?",
        name in ".{1,20}",
        texts in prop::collection::vec(".{0,20}", 0..5),
        id: Option<u64>,
        attachments in 0..=MAX_ATTACHMENTS,
    ) {
        let json: Vec<String> = texts.iter().map(|text| serde_json::json!({ "text": text }).to_string()).collect();
        let args: Args<'_> = json.iter().map(|json| raw(json)).collect();
        let object = args.first().copied();
        let body = match kind {
            0 => Body::Connect(object),
            1 => Body::Disconnect,
            2 => Body::Event { id, name: name.into(), args },
            3 => Body::Ack { id: id.unwrap_or(0), args },
            4 => Body::ConnectError(object.unwrap_or_else(|| raw("\"no\""))),
            _ => Body::Binary { attachments, args },
        };
        let namespace = if namespace.is_empty() { "/" } else { &namespace };
        let text = Packet { namespace: namespace.into(), body }.encode();
        let again = Packet::decode(&text).unwrap();
        prop_assert_eq!(&again.namespace, namespace);
        prop_assert_eq!(again.encode(), text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[0-6]{0,2}(/[a-z,]{0,4})?[0-9,-]{0,4}(\\[|\\]|\\{|\\}|\"a\"|,|:|1|é){0,12}") {
        if let Ok(packet) = Packet::decode(&text) {
            let written = packet.encode();
            prop_assert_eq!(Packet::decode(&written).unwrap().encode(), written);
        }
    }
}
