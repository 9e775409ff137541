use super::*;
use crate::{
    Code,
    webhook::{
        MAX_TOLERANCE_MS, VerifiedBy,
        sign::{Signer, test_headers},
    },
};

const KEY: &str = "MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=";

fn build(json: &str) -> Result<Verifier> {
    crate::json::read::<VerifierSpec>(json.as_bytes(), "webhooks", 10_000)?.build(Tolerance::default())
}

#[test]
fn every_part_reaches_its_place() {
    use VerifiedBy::{Ed25519, HmacSha256, SharedSecret};
    let verifier = build(&format!(
        r#"{{"sharedSecret":{{"header":"X-Shop-Key","secret":["k1","k2"]}},"hmac":["old","new"],"ed25519":"{KEY}",
        "toleranceMs":1000,"requireTimestamp":true,"maxBytes":60}}"#
    ))
    .unwrap();
    assert_eq!(verifier.schemes().collect::<Vec<_>>(), [HmacSha256, Ed25519, SharedSecret]);
    let verify = |signer| verifier.verify(b"{}", test_headers(b"{}", signer), 0).is_ok();
    for (secret, good) in [("old", true), ("new", true), ("other", false)] {
        assert_eq!(verify(Signer::Hmac(secret)), good);
    }
    for (secret, good) in [("k1", true), ("k2", true), ("k3", false)] {
        assert_eq!(verify(Signer::SharedSecret { header: "x-shop-key", secret }), good);
    }
    let dated = r#"{"contactId":"c","timestamp":"2026-01-31T12:00:00Z"}"#;
    let at = 1_769_860_800_000;
    let code = |body: &str, now: i64| {
        let headers = test_headers(body.as_bytes(), Signer::Hmac("new"));
        verifier.construct_event(body.as_bytes(), headers, now).err().map(|error| error.code())
    };
    assert_eq!(code(dated, at + 1_000), None);
    assert_eq!(code(dated, at + 1_001), Some(Code::Stale));
    assert_eq!(code(r#"{"contactId":"c"}"#, at), Some(Code::Stale));
    assert_eq!(code(&format!(r#"{{"contactId":"{}"}}"#, "c".repeat(60)), at), Some(Code::TooLarge));
}

#[test]
fn a_secret_or_key_is_accepted_up_to_its_last_moment() {
    let last = 1_769_860_800_000;
    for (json, signer) in [
        (r#"{"hmac":["new",{"secret":"old","notAfter":"2026-01-31T12:00:00Z"}]}"#, Signer::Hmac("old")),
        (
            r#"{"sharedSecret":{"header":"x-key","secret":{"secret":"old","notAfter":"2026-01-31T14:00:00+02:00"}}}"#,
            Signer::SharedSecret { header: "x-key", secret: "old" },
        ),
        (
            &format!(
                r#"{{"ed25519":[{{"key":"{}","notAfter":"2026-01-31T12:00:00Z"}},"{KEY}"]}}"#,
                "6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw="
            ),
            Signer::Ed25519(&[7; 32]),
        ),
    ] {
        let verifier = build(json).unwrap();
        let accepted = |now| verifier.verify(b"{}", test_headers(b"{}", signer), now).is_ok();
        assert!(accepted(last - 1) && accepted(last), "{json}");
        assert!(!accepted(last + 1), "{json}");
    }
    let verifier = build(r#"{"hmac":["new",{"secret":"old","notAfter":"2026-01-31T12:00:00Z"}]}"#).unwrap();
    assert!(verifier.verify(b"{}", test_headers(b"{}", Signer::Hmac("new")), last + 1).is_ok());
}

#[test]
fn what_is_not_given_has_its_default() {
    for (json, schemes) in [
        (r#"{"hmac":"s","ed25519":null}"#, vec![VerifiedBy::HmacSha256]),
        (r#"{"ed25519":true}"#, vec![VerifiedBy::Ed25519]),
    ] {
        let verifier = build(json).unwrap();
        assert_eq!(verifier.schemes().collect::<Vec<_>>(), schemes);
        assert_eq!(verifier.tolerance(), Tolerance::default());
    }
}

#[test]
fn an_error_names_the_part_and_shows_no_secret() {
    use Code::{Config, InvalidArgument};
    let most = MAX_TOLERANCE_MS + 1;
    for (json, code, field) in [
        ("{}", Config, "hmac"),
        (r#"{"hmac":""}"#, Config, "hmac"),
        (r#"{"hmac":["5ecret",""]}"#, Config, "hmac"),
        (r#"{"hmac":[]}"#, Config, "hmac"),
        (r#"{"hmac":true}"#, InvalidArgument, "hmac"),
        (r#"{"hmac":5}"#, InvalidArgument, "hmac"),
        (r#"{"hmac":{"5ecret":1}}"#, InvalidArgument, "hmac"),
        (r#"{"hmac":["5ecret",5]}"#, InvalidArgument, "hmac[1]"),
        (r#"{"hmac":{"notAfter":"2026-12-31T23:59:59Z"}}"#, InvalidArgument, "hmac"),
        (r#"{"hmac":[{"secret":""}]}"#, Config, "hmac"),
        (r#"{"hmac":[{"secret":"5ecret","notAfter":"soon"}]}"#, InvalidArgument, "hmac[0].notAfter"),
        (r#"{"ed25519":{"secret":"5ecret"}}"#, InvalidArgument, "ed25519"),
        (r#"{"ed25519":false}"#, InvalidArgument, "ed25519"),
        (r#"{"ed25519":[]}"#, Config, "ed25519"),
        (r#"{"ed25519":"5ecret"}"#, Config, "ed25519"),
        (r#"{"sharedSecret":{"header":"a b","secret":"5ecret"}}"#, Config, "sharedSecret.header"),
        (r#"{"sharedSecret":{"header":"x-ghl-signature","secret":"5ecret"}}"#, Config, "sharedSecret.header"),
        (r#"{"sharedSecret":{"header":"x-key","secret":""}}"#, Config, "sharedSecret.secret"),
        (r#"{"sharedSecret":{"header":"x-key"}}"#, InvalidArgument, "sharedSecret.secret"),
        (r#"{"sharedSecret":["x-key","5ecret"]}"#, InvalidArgument, "sharedSecret"),
        (r#"{"sharedSecret":"5ecret"}"#, InvalidArgument, "sharedSecret"),
        (r#"{"hmac":"5ecret","toleranceMs":-1}"#, Config, "toleranceMs"),
        (&format!(r#"{{"hmac":"5ecret","toleranceMs":{most}}}"#), Config, "toleranceMs"),
        (r#"{"hmac":"5ecret","toleranceMs":1.5}"#, InvalidArgument, "toleranceMs"),
        (r#"{"hmac":"5ecret","maxBytes":0}"#, Config, "maxBytes"),
        (r#"{"hmac":"5ecret","maxBytes":67108865}"#, Config, "maxBytes"),
        (r#"{"hmac":"5ecret","tolerance":1}"#, InvalidArgument, "tolerance"),
    ] {
        let error = build(json).unwrap_err();
        assert_eq!((error.code(), error.field()), (code, Some(field)), "{json}: {error}");
        assert!(error.message().starts_with(&format!("{field}: ")), "{error}");
        assert!(!format!("{error:?}").contains("5ecret"), "{error:?}");
    }
    let spec: VerifierSpec = serde_json::from_str(r#"{"hmac":"5ecret"}"#).unwrap();
    assert!(!format!("{spec:?}").contains("5ecret"));
}
