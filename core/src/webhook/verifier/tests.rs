use proptest::prelude::*;

use super::*;
use crate::{
    secret::Secret,
    webhook::{
        Accepted, Ed25519Key, EventBody, SIGNATURE_HEADER,
        sign::{self, Signer, test_headers},
    },
};

const BODY: &[u8] =
    br#"{"contactId":"con1","pipelineStage":"stage_shipped","timestamp":"2026-01-31T12:00:00.000Z"}"#;
const NOW: i64 = 1_769_860_800_000;
const SEED: [u8; 32] = [7; 32];

fn hmac(secrets: &[&str]) -> Scheme {
    Scheme::HmacSha256 { secrets: secrets.iter().map(|secret| Secret::new(*secret).into()).collect() }
}

fn ed25519(seeds: &[[u8; 32]]) -> Scheme {
    Scheme::Ed25519 { keys: seeds.iter().map(|seed| sign::ed25519_public_key(seed).into()).collect() }
}

fn shared(header: &str, secrets: &[&str]) -> Scheme {
    let secrets = secrets.iter().map(|secret| Secret::new(*secret).into()).collect();
    Scheme::SharedSecret { header: header.to_owned(), secrets }
}

fn verifier(schemes: Vec<Scheme>) -> Verifier {
    Verifier::new(schemes, Tolerance::default()).unwrap()
}

fn verify(verifier: &Verifier, value: &str) -> Result<VerifiedBy> {
    verifier.verify(BODY, [(SIGNATURE_HEADER, value)], NOW)
}

#[test]
fn each_scheme_verifies_its_own() {
    let all = verifier(vec![hmac(&["s3cret"]), ed25519(&[SEED]), shared("X-Shop-Key", &["k3y"])]);
    let table = [
        (Signer::Hmac("s3cret"), VerifiedBy::HmacSha256),
        (Signer::Ed25519(&SEED), VerifiedBy::Ed25519),
        (Signer::SharedSecret { header: "x-shop-key", secret: "k3y" }, VerifiedBy::SharedSecret),
    ];
    for (signer, by) in table {
        let headers = test_headers(BODY, signer);
        assert_eq!(all.verify(BODY, headers.clone(), NOW).unwrap(), by);
        let event = all.construct_event(BODY, headers, NOW).unwrap();
        assert!(matches!(event.body, EventBody::Workflow(_)));
    }
}

#[test]
fn a_test_is_signed_by_a_secret_that_is_accepted_now() {
    let secret =
        |text: &str, not_after| Accepted { value: Secret::new(text), not_after: Some(NOW + not_after) };
    let hmac = Scheme::HmacSha256 { secrets: vec![secret("old", -1), secret("new", 1)] };
    for scheme in [hmac, shared("X-Shop-Key", &["k3y"])] {
        let verifier = verifier(vec![ed25519(&[SEED]), scheme]);
        let headers = verifier.sign_test(BODY, NOW).unwrap();
        assert!(verifier.verify(BODY, headers, NOW).is_ok());
    }
    for schemes in [vec![], vec![ed25519(&[SEED])]] {
        let error = verifier(schemes).sign_test(BODY, NOW).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some("webhooks")));
    }
}

#[test]
fn only_configured_schemes_are_tried() {
    let signers = [
        Signer::Hmac("s3cret"),
        Signer::Ed25519(&SEED),
        Signer::SharedSecret { header: "x-shop-key", secret: "k3y" },
    ];
    let schemes = [hmac(&["s3cret"]), ed25519(&[SEED]), shared("x-shop-key", &["k3y"])];
    for (i, scheme) in schemes.into_iter().enumerate() {
        let verifier = verifier(vec![scheme]);
        for (j, signer) in signers.into_iter().enumerate() {
            assert_eq!(verifier.verify(BODY, test_headers(BODY, signer), NOW).is_ok(), i == j, "{i} {j}");
        }
    }
}

#[test]
fn without_schemes_every_webhook_is_refused() {
    let closed = verifier(Vec::new());
    for signer in [Signer::Hmac(""), Signer::Ed25519(&SEED)] {
        let error = closed.construct_event(BODY, test_headers(BODY, signer), NOW).unwrap_err();
        assert_eq!(error.code(), Code::Signature);
        assert!(error.message().contains("none is configured"), "{error}");
    }
}

#[test]
fn any_of_several_keys_verifies() {
    let rotating = verifier(vec![hmac(&["old", "new"]), ed25519(&[[1; 32], SEED])]);
    for signer in
        [Signer::Hmac("old"), Signer::Hmac("new"), Signer::Ed25519(&[1; 32]), Signer::Ed25519(&SEED)]
    {
        assert!(rotating.verify(BODY, test_headers(BODY, signer), NOW).is_ok());
    }
    for signer in [Signer::Hmac("older"), Signer::Hmac(""), Signer::Ed25519(&[2; 32])] {
        assert_eq!(
            rotating.verify(BODY, test_headers(BODY, signer), NOW).unwrap_err().code(),
            Code::Signature
        );
    }
}

#[test]
fn a_hex_signature_has_one_spelling() {
    let verifier = verifier(vec![hmac(&["s3cret"])]);
    let good = sign::hmac("s3cret", BODY);
    assert!(verify(&verifier, &good).is_ok());
    for bad in [
        String::new(),
        good.to_uppercase(),
        format!("sha256={good}"),
        format!("0x{good}"),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}\n"),
        format!("{good}00"),
        format!("{good}, {good}"),
        good[..62].to_owned(),
        good.replace(|c: char| c.is_ascii_digit(), "z"),
        "0".repeat(64),
        "a".repeat(100_000),
        "N/A".to_owned(),
        sign::hmac("s3cret", b"another body"),
    ] {
        let error = verify(&verifier, &bad).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Signature, Some(SIGNATURE_HEADER)), "{bad:.80}");
    }
}

#[test]
fn an_ed25519_signature_has_one_spelling() {
    let verifier = verifier(vec![ed25519(&[SEED])]);
    let good = sign::ed25519(&SEED, BODY);
    assert_eq!(good.len(), 88);
    assert!(verify(&verifier, &good).is_ok());
    // The last character before the padding carries four bits that mean nothing; they must be zero.
    let (stem, last) = (&good[..85], good.as_bytes()[85]);
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let place = alphabet.iter().position(|c| *c == last).unwrap();
    let spoilt: Vec<String> =
        (1..16).map(|bits| format!("{stem}{}==", char::from(alphabet[place | bits]))).collect();
    let others = [
        good.trim_end_matches('=').to_owned(),
        good.replace('+', "-").replace('/', "_").replace("==", ""),
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        good.to_lowercase(),
        String::new(),
        "N/A".to_owned(),
        "A".repeat(86) + "==",
        "A".repeat(100_000),
        sign::ed25519(&SEED, b"another body"),
        sign::ed25519(&[8; 32], BODY),
    ];
    for bad in spoilt.into_iter().chain(others) {
        assert_eq!(verify(&verifier, &bad).unwrap_err().code(), Code::Signature, "{bad:.100}");
    }
}

#[test]
fn a_signature_that_was_altered_but_would_still_fit_the_equation_is_refused() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    // Adding the group order L to S keeps the curve equation true.
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut signature = STANDARD.decode(sign::ed25519(&SEED, BODY)).unwrap();
    let mut carry = 0u16;
    for (byte, add) in signature[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    let verifier = verifier(vec![ed25519(&[SEED])]);
    assert!(verify(&verifier, &STANDARD.encode(signature)).is_err());
}

#[test]
fn highlevels_key_is_not_ours_to_sign_with() {
    let highlevel = verifier(vec![Scheme::Ed25519 { keys: vec![Ed25519Key::highlevel().unwrap().into()] }]);
    assert!(highlevel.verify(BODY, test_headers(BODY, Signer::Ed25519(&SEED)), NOW).is_err());
}

#[test]
fn a_shared_secret_must_be_equal() {
    let verifier = verifier(vec![shared("x-shop-key", &["k3y", "n3w"])]);
    for (value, good) in
        [("k3y", true), ("n3w", true), ("k3Y", false), ("", false), ("k3y ", false), ("k3", false)]
    {
        assert_eq!(verifier.verify(BODY, [("X-SHOP-KEY", value)], NOW).is_ok(), good, "{value:?}");
    }
}

#[test]
fn a_header_sent_twice_is_refused_even_if_both_are_right() {
    let verifier = verifier(vec![shared("x-shop-key", &["k3y"]), hmac(&["s3cret"])]);
    let good = sign::hmac("s3cret", BODY);
    for second in [good.as_str(), "", "0"] {
        for headers in [
            [("x-ghl-signature", good.as_str()), ("X-GHL-Signature", second)],
            [("X-GHL-Signature", second), ("x-ghl-signature", good.as_str())],
        ] {
            let error = verifier.verify(BODY, headers, NOW).unwrap_err();
            assert!(error.code() == Code::Signature && error.message().contains("several times"), "{error}");
        }
    }
    let other_headers_twice = [("accept", "a"), ("accept", "b"), ("x-ghl-signature", good.as_str())];
    assert!(verifier.verify(BODY, other_headers_twice, NOW).is_ok());
}

#[test]
fn a_missing_header_is_named() {
    let verifier = verifier(vec![hmac(&["s3cret"]), shared("x-shop-key", &["k3y"])]);
    let error = verifier.verify(BODY, [("content-type", "application/json")], NOW).unwrap_err();
    assert_eq!(error.code(), Code::Signature);
    assert!(error.message().contains("x-ghl-signature or x-shop-key"), "{error}");
}

#[test]
fn headers_may_be_bytes_and_come_from_any_collection() {
    let verifier = verifier(vec![hmac(&["s3cret"])]);
    let good = sign::hmac("s3cret", BODY);
    let map = std::collections::HashMap::from([("X-Ghl-Signature".to_owned(), good.clone().into_bytes())]);
    assert!(verifier.verify(BODY, &map, NOW).is_ok());
    assert!(verifier.verify(BODY, [("x-ghl-signature", b"\xff\xfe".as_slice())], NOW).is_err());
}

#[test]
fn an_oversized_body_is_refused_before_it_is_hashed() {
    let verifier = verifier(vec![hmac(&["s3cret"])]);
    for (size, code) in [
        (DEFAULT_MAX_BYTES, Code::Payload),
        (DEFAULT_MAX_BYTES + 1, Code::TooLarge),
        (2 << 20, Code::TooLarge),
    ] {
        let body = vec![b' '; size];
        let error =
            verifier.construct_event(&body, test_headers(&body, Signer::Hmac("s3cret")), NOW).unwrap_err();
        assert_eq!(error.code(), code, "{size}");
    }
    let small = verifier.with_max_bytes(BODY.len() - 1);
    assert_eq!(
        small.verify(BODY, test_headers(BODY, Signer::Hmac("s3cret")), NOW).unwrap_err().field(),
        Some("body")
    );
}

#[test]
fn the_signature_is_checked_before_the_content_and_the_content_before_its_age() {
    let verifier = verifier(vec![hmac(&["s3cret"])]);
    let code = |body: &[u8], secret: &str, now: i64| {
        verifier
            .construct_event(body, test_headers(body, Signer::Hmac(secret)), now)
            .map_err(|error| error.code())
    };
    assert_eq!(code(b"{", "wrong", NOW).unwrap_err(), Code::Signature);
    assert_eq!(code(b"{\"timestamp\":\"then\"}", "s3cret", NOW).unwrap_err(), Code::Payload);
    assert_eq!(code(b"\xff", "s3cret", NOW).unwrap_err(), Code::Payload);
    for (offset, fresh) in [(300_000, true), (-300_000, true), (300_001, false), (-300_001, false)] {
        match code(BODY, "s3cret", NOW + offset) {
            Ok(_) => assert!(fresh, "{offset}"),
            Err(code) => assert!(!fresh && code == Code::Stale, "{offset}"),
        }
    }
    assert!(code(b"{}", "s3cret", NOW).is_ok());
}

#[test]
fn tolerance_can_be_widened_and_a_timestamp_required() {
    let patient = verifier(vec![hmac(&["s3cret"])]).with_tolerance(Tolerance::widest().requiring_timestamp());
    let at = |body: &[u8], now: i64| {
        patient.construct_event(body, test_headers(body, Signer::Hmac("s3cret")), now)
    };
    assert!(at(BODY, NOW + 72 * 3_600_000).is_ok());
    assert_eq!(at(BODY, NOW + 72 * 3_600_000 + 1).unwrap_err().code(), Code::Stale);
    assert_eq!(at(b"{}", NOW).unwrap_err().code(), Code::Stale);
}

#[test]
fn schemes_that_would_let_anyone_in_are_refused() {
    let table = [
        (hmac(&[]), "hmac"),
        (hmac(&["s3cret", ""]), "hmac"),
        (ed25519(&[]), "ed25519"),
        (shared("x-shop-key", &[]), "shared-secret"),
        (shared("x-shop-key", &[""]), "shared-secret"),
        (shared("", &["k3y"]), "shared-secret"),
        (shared("x shop", &["k3y"]), "shared-secret"),
        (shared("X-GHL-Signature", &["k3y"]), "shared-secret"),
    ];
    for (scheme, field) in table {
        let error = Verifier::new(vec![scheme], Tolerance::default()).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some(field)));
    }
}

#[test]
fn no_secret_is_shown() {
    let schemes = vec![hmac(&["s3cret"]), ed25519(&[SEED]), shared("x-shop-key", &["k3y"])];
    let scheme = format!("{schemes:?}");
    let verifier = verifier(schemes);
    let error = verify(&verifier, "0").unwrap_err();
    for shown in [scheme, format!("{verifier:?}"), format!("{error:?} {error}")] {
        assert!(!shown.contains("s3cret") && !shown.contains("k3y"), "{shown}");
    }
}

proptest! {
    #[test]
    fn one_altered_bit_of_body_or_signature_is_noticed(place in 0usize..4_096, in_body: bool, ed: bool) {
        let signer = if ed { Signer::Ed25519(&SEED) } else { Signer::Hmac("s3cret") };
        let verifier = verifier(vec![hmac(&["s3cret"]), ed25519(&[SEED])]);
        let (mut body, mut headers) = (BODY.to_vec(), test_headers(BODY, signer));
        prop_assert!(verifier.verify(&body, headers.clone(), NOW).is_ok());
        let mut signature = headers.remove(1).1.into_bytes();
        let target = if in_body { &mut body } else { &mut signature };
        let bit = place % (target.len() * 8);
        target[bit / 8] ^= 1 << (bit % 8);
        let refused = verifier.verify(&body, [(SIGNATURE_HEADER, signature)], NOW).unwrap_err();
        prop_assert_eq!(refused.code(), Code::Signature);
    }

    #[test]
    fn no_header_makes_it_panic(value in proptest::collection::vec(any::<u8>(), 0..200)) {
        let verifier = verifier(vec![hmac(&["s3cret"]), ed25519(&[SEED]), shared("x-shop-key", &["k3y"])]);
        prop_assert!(verifier.verify(BODY, [(SIGNATURE_HEADER, value)], NOW).is_err());
    }
}
