use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn skips(json: &str) -> Result<()> {
    let mut scanner = Scanner::new(json);
    scanner.skip()?;
    scanner.end()
}

fn is_json(json: &str) -> bool {
    serde_json::from_str::<Value>(json).is_ok()
}

/// Text that is JSON, or nearly so.
fn nearly() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
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
        "E+",
        "999",
        "308",
        "true",
        "false",
        "null",
        " ",
        "\n",
        "\"a\"",
        "\"a\":1",
        "é",
        "\u{0}",
        "\u{feff}",
        "\t",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn it_takes_what_serde_json_takes(json in nearly()) {
        prop_assert_eq!(skips(&json).is_ok(), is_json(&json), "{}", json);
        let listed = format!("[{json}]");
        prop_assert_eq!(skips(&listed).is_ok(), is_json(&listed), "{}", json);
    }

    #[test]
    fn numbers_near_the_bounds(digits in "-?[0-9]{1,25}(\\.[0-9]{1,25})?", exponent in 250i32..330, sign: bool) {
        let json = format!("{digits}e{}{exponent}", if sign { "" } else { "-" });
        prop_assert_eq!(skips(&json).is_ok(), is_json(&json), "{}", json);
    }

    #[test]
    fn texts_are_decoded(text: String, ascii in "[ -~\\n\\t\u{1}]{0,100}") {
        for text in [text, ascii] {
            let json = Value::from(text.as_str()).to_string();
            let mut scanner = Scanner::new(&json);
            let read = scanner.text().unwrap();
            prop_assert_eq!(read.decode(), text.as_str());
            prop_assert_eq!(read.decode_storable().is_none(), text.contains('\0'));
            prop_assert!(scanner.end().is_ok());
        }
    }

    #[test]
    fn escapes_are_decoded(json in "\"(\\\\(u(00|d8|dc|D83D\\\\uDE)[0-9a-fA-F]{2}|[\"\\\\/bfnrtx])|a|é){0,6}\"") {
        let expected = serde_json::from_str::<String>(&json);
        let read = Scanner::new(&json).text();
        prop_assert_eq!(read.is_ok(), expected.is_ok(), "{}", json);
        if let (Ok(read), Ok(expected)) = (read, expected) {
            prop_assert_eq!(read.decode(), expected.as_str());
        }
    }
}

#[test]
fn nesting_ends_where_serde_json_ends_it() {
    for depth in [1, 100, 126, 127, 128, 129, 1_000, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":[", "]}")] {
            let json = open.repeat(depth) + &close.repeat(depth);
            assert_eq!(skips(&json).is_ok(), is_json(&json), "{open} {depth}");
        }
    }
}

#[test]
fn long_numbers_end_where_serde_json_ends_them() {
    for digits in [299, 300, 301, 308, 309, 310, 400, 5_000] {
        for digit in ["1", "9"] {
            let number = digit.repeat(digits);
            for json in [format!("-{number}"), format!("{number}.5"), format!("0.{number}"), number] {
                assert_eq!(skips(&json).is_ok(), is_json(&json), "{digit} {digits}");
            }
        }
    }
}

#[test]
fn a_fault_says_what_was_expected_and_where() {
    for (json, expected, at) in [
        ("", "a value", 0),
        ("{\"a\" 1}", "`:`", 5),
        ("{\"a\":1 \"b\"}", "`,` or `}`", 7),
        ("[1,]", "a value", 3),
        ("{,}", "a string", 1),
        ("[,]", "a value", 1),
        ("tru", "true", 0),
        ("\"a\u{1}\"", "no control character in a string", 2),
        ("\"a", "the end of the string", 2),
        ("\"\\x\"", "an escape", 2),
        ("\"\\ud800\"", "both halves of a surrogate pair", 7),
        ("1e999", "a number within range", 0),
        ("-", "a digit", 1),
        ("1 2", "nothing after the value", 2),
    ] {
        assert_eq!(skips(json), Err(Fault { expected, at }), "{json}");
    }
}

#[test]
fn the_json_of_a_value_is_handed_over() {
    let mut scanner = Scanner::new(" [ {\"a\": [1, \"]\"]} , 2.5 ]");
    scanner.open().unwrap();
    assert!(scanner.item().unwrap());
    assert_eq!(scanner.raw(), Ok("{\"a\": [1, \"]\"]}"));
    assert!(scanner.item().unwrap());
    assert_eq!(scanner.number(), Ok("2.5"));
    assert!(!scanner.item().unwrap());
    scanner.end().unwrap();
}
