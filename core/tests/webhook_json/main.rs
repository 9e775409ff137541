//! A webhook's body is JSON or it is refused: whatever `serde_json` does not read as a value, the parser does
//! not read either, in fields it uses and in fields it skips alike.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod corpus;

use corpus::{MALFORMED, TEMPLATES, WHOLE};
use ghlkit::{
    Code,
    ops::{open_webhook, verifier},
    webhook::{parse, sign},
};
use proptest::prelude::*;
use serde_json::Value;

const NOW_MS: i64 = 1_769_860_800_000;
const NO_PAYLOAD: &str = r#"{"error":{"code":"payload","#;

fn filled(template: &str, value: &[u8]) -> Vec<u8> {
    let (before, after) = template.split_once('?').unwrap();
    [before.as_bytes(), value, after.as_bytes()].concat()
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok()
}

/// What accepted a body that is no JSON, or refused it for another reason.
fn lapses(body: &[u8]) -> Vec<&'static str> {
    let by_parse = parse(body).is_err_and(|error| error.code() == Code::Payload);
    let lapses = [("parse", !by_parse), ("open_webhook", !opened(body).starts_with(NO_PAYLOAD))];
    lapses.into_iter().filter(|(_, lapsed)| *lapsed).map(|(name, _)| name).collect()
}

/// What becomes of a genuine webhook with this body.
fn opened(body: &[u8]) -> String {
    let verifier = verifier(r#"{"hmac":"s3cret"}"#).unwrap();
    let header = format!("x-ghl-signature:{}", sign::hmac("s3cret", body));
    open_webhook(&verifier, body, &header, NOW_MS)
}

fn shown(body: &[u8]) -> String {
    body.escape_ascii().to_string().chars().take(120).collect()
}

/// Fails with the bodies that were not refused, so that one run shows what they have in common.
fn refused<'a>(bodies: impl IntoIterator<Item = &'a [u8]>) {
    let mut accepted = Vec::new();
    let mut tried = 0;
    for body in bodies {
        if is_json(body) {
            continue;
        }
        tried += 1;
        for lapse in lapses(body) {
            accepted.push(format!("{lapse} took {}", shown(body)));
        }
    }
    assert!(tried > 0, "none of them was malformed");
    let first = accepted.iter().take(50).cloned().collect::<Vec<_>>().join("\n");
    assert!(accepted.is_empty(), "{} times, of {tried} bodies:\n{first}", accepted.len());
}

#[test]
fn a_malformed_value_is_refused_wherever_it_stands() {
    let bodies: Vec<_> =
        TEMPLATES.iter().flat_map(|template| MALFORMED.iter().map(|value| filled(template, value))).collect();
    refused(bodies.iter().map(Vec::as_slice));
}

#[test]
fn the_corpus_is_malformed() {
    for value in MALFORMED {
        let body = filled(r#"{"unknown":?}"#, value);
        assert!(!is_json(&body), "{}", body.escape_ascii());
    }
    for body in WHOLE {
        assert!(!is_json(body), "{}", body.escape_ascii());
    }
}

#[test]
fn a_body_that_is_malformed_as_a_whole_is_refused() {
    refused(WHOLE.iter().copied());
}

#[test]
fn nesting_beyond_what_serde_json_reads_is_refused() {
    let mut bodies = Vec::new();
    for depth in [100, 120, 124, 125, 126, 127, 128, 129, 130, 200, 10_000] {
        for (open, value, close) in [("[", "1", "]"), ("{\"a\":", "1", "}"), ("[{\"a\":", "[]", "}]")] {
            let value = open.repeat(depth) + value + &close.repeat(depth);
            bodies.extend(TEMPLATES.iter().map(|template| filled(template, value.as_bytes())));
        }
    }
    refused(bodies.iter().map(Vec::as_slice));
}

#[test]
fn a_body_cut_off_anywhere_is_refused() {
    let body = r#"{"type":"ContactUpdate","id":"con1","é":"ü\ud83d\ude00","tags":["a",null],"n":-1.5e+3,
        "customFields":[{"id":"f1","value":{"a":[true,false]}}],"data":{"email":"a@b.fi"}} "#;
    assert!(is_json(body.as_bytes()));
    refused((0..body.len() - 1).map(|end| &body.as_bytes()[..end]));
}

/// Bytes that a JSON reader has to tell apart.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let text = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u",
        "d800",
        "dc00",
        "\\ud83d\\ude00",
        "0",
        "1",
        "-",
        ".",
        "e",
        "e999",
        "true",
        "false",
        "null",
        " ",
        "\n",
        "\"a\"",
        "\"type\"",
        "\"data\"",
        "\"customFields\"",
        "\"id\"",
        "\"timestamp\"",
        "\"tags\"",
        "\"é\"",
        "\u{0}",
        "\u{feff}",
    ]);
    prop_oneof![8 => text.prop_map(|text| text.as_bytes().to_vec()), 1 => any::<u8>().prop_map(|byte| vec![byte])]
}

/// A JSON value, by its text.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("JSON has no such number", |n| n.is_finite()).prop_map(|n| format!("{n:e}")),
        any::<String>().prop_map(|text| Value::from(text).to_string()),
        "\"(\\\\u[0-9a-fA-F]{4}){0,3}\"",
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((any::<String>(), inner), 0..5).prop_map(|fields| {
                let field = |(name, value): (String, String)| format!("{}:{value}", Value::from(name));
                format!("{{{}}}", fields.into_iter().map(field).collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

#[derive(Debug, Clone)]
enum Edit {
    Replace(u8),
    Insert(Vec<u8>),
    Remove,
    CutOff,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        any::<u8>().prop_map(Edit::Replace),
        piece().prop_map(Edit::Insert),
        Just(Edit::Remove),
        Just(Edit::CutOff),
    ]
}

fn edited(mut body: Vec<u8>, edits: Vec<(prop::sample::Index, Edit)>) -> Vec<u8> {
    for (at, edit) in edits {
        if body.is_empty() {
            break;
        }
        let at = at.index(body.len());
        match edit {
            Edit::Replace(byte) => body[at] = byte,
            Edit::Insert(bytes) => drop(body.splice(at..at, bytes)),
            Edit::Remove => drop(body.remove(at)),
            Edit::CutOff => body.truncate(at),
        }
    }
    body
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_spoilt_body_is_refused(
        template in prop::sample::select(TEMPLATES), value in value(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), edit()), 0..4),
    ) {
        let body = edited(filled(template, value.as_bytes()), edits);
        if !is_json(&body) {
            prop_assert_eq!(lapses(&body), Vec::<&str>::new(), "{}", body.escape_ascii());
        }
        prop_assert_eq!(parse(&body).is_err(), opened(&body).starts_with(NO_PAYLOAD), "{}", body.escape_ascii());
    }

    #[test]
    fn a_soup_of_tokens_is_refused_unless_it_is_json(
        template in prop::sample::select(TEMPLATES), pieces in prop::collection::vec(piece(), 0..12),
    ) {
        let body = filled(template, &pieces.concat());
        if !is_json(&body) {
            prop_assert_eq!(lapses(&body), Vec::<&str>::new(), "{}", body.escape_ascii());
        }
    }

    /// The other way round: the skipper is no stricter than `serde_json`.
    #[test]
    fn a_field_that_is_skipped_may_hold_any_json(value in value(), edits in prop::collection::vec((any::<prop::sample::Index>(), edit()), 0..2)) {
        let body = filled(r#"{"unknown":?}"#, &edited(value.into_bytes(), edits));
        let unread = serde_json::from_slice::<Value>(&body)
            .is_ok_and(|body| body.as_object().is_some_and(|body| body.len() == 1 && body.contains_key("unknown")));
        if unread {
            prop_assert!(parse(&body).is_ok(), "{}", body.escape_ascii());
        }
    }
}
