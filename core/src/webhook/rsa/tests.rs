use std::sync::LazyLock;

use super::*;
use crate::{
    Code,
    secret::Secret,
    webhook::{
        Accepted, LEGACY_SIGNATURE_HEADER, SIGNATURE_HEADER, Scheme, Tolerance, VerifiedBy, Verifier,
        VerifierSpec,
        sign::{self, Signer, test_headers},
    },
};

const BODY: &[u8] = br#"{"type":"ContactUpdate","id":"con1"}"#;

/// Made once: it takes a while.
static KEY: LazyLock<RsaPrivateKey> = LazyLock::new(|| RsaPrivateKey::generate().unwrap());
static OTHER: LazyLock<RsaPrivateKey> = LazyLock::new(|| RsaPrivateKey::generate().unwrap());

fn verifier(schemes: Vec<Scheme>) -> Verifier {
    Verifier::new(schemes, Tolerance::default()).unwrap()
}

fn of(keys: impl IntoIterator<Item = RsaKey>) -> Scheme {
    Scheme::Rsa { keys: keys.into_iter().map(Accepted::from).collect() }
}

fn spelt(key: &RsaKey) -> String {
    STANDARD.encode(key.key.as_ref())
}

fn code(verifier: &Verifier, signature: &str) -> Option<Code> {
    verifier.verify(BODY, [(LEGACY_SIGNATURE_HEADER, signature)], 0).err().map(|error| error.code())
}

#[test]
fn the_published_key_is_the_published_key() {
    let key = RsaKey::highlevel().unwrap();
    let published = "2f62045d413b1b7747e26770ce7f57840cbf86288cd20ceb90d299a62501fd25";
    assert_eq!(format!("{key:?}"), format!("RsaKey(4096 bits, sha256 {published})"));
    for text in [HIGHLEVEL_RSA_KEY.replace('\n', "\r\n"), HIGHLEVEL_RSA_KEY.replace('\n', ""), spelt(&key)] {
        assert_eq!(RsaKey::parse(&text).unwrap(), key);
    }
}

#[test]
fn what_is_no_rsa_key_is_refused() {
    let good = KEY.public_key();
    let longer = STANDARD.encode([good.key.as_ref(), &[0]].concat());
    let shorter = STANDARD.encode(&good.key.as_ref()[..100]);
    // As PKCS #1 has it, without the name of its algorithm.
    let bare = STANDARD.encode(KEY.pair.public_key().as_ref());
    for text in ["", "key", "AAAA", super::super::HIGHLEVEL_ED25519_KEY, &longer, &shorter, &bare] {
        let error = RsaKey::parse(text).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some("rsa key")), "{text}");
    }
}

#[test]
fn only_the_signer_of_these_bytes_is_accepted() {
    let (key, other) = (&*KEY, &*OTHER);
    let verifier = verifier(vec![of([key.public_key()])]);
    let headers = test_headers(BODY, Signer::Rsa(key));
    assert_eq!(verifier.verify(BODY, headers.clone(), 0).unwrap(), VerifiedBy::Rsa);
    assert_eq!(VerifiedBy::Rsa.as_str(), "rsa");
    assert!(verifier.construct_event(BODY, headers.clone(), 0).is_ok());
    for place in 0..BODY.len() {
        let mut forged = BODY.to_vec();
        forged[place] ^= 1;
        assert_eq!(verifier.verify(&forged, headers.clone(), 0).unwrap_err().code(), Code::Signature);
    }
    assert_eq!(code(&verifier, &other.sign(BODY)), Some(Code::Signature));
    assert!(verifier.verify(BODY, test_headers(BODY, Signer::Rsa(other)), 0).is_err());
}

#[test]
fn a_signature_has_one_spelling() {
    let key = &*KEY;
    let verifier = verifier(vec![of([key.public_key()])]);
    let good = key.sign(BODY);
    assert_eq!((good.len(), code(&verifier, &good)), (344, None));
    // 2,048 bits leave two of base64's that mean nothing, and 4,096 bits four; they must be zero.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padding = good.find('=').unwrap();
    let (stem, rest) = good.split_at(padding - 1);
    let last = alphabet.find(rest.chars().next().unwrap()).unwrap();
    let meaningless = if good.ends_with("==") { 16 } else { 4 };
    let spoilt = (1..meaningless)
        .map(|bits| format!("{stem}{}{}", &alphabet[last | bits..=(last | bits)], &good[padding..]));
    let bytes = STANDARD.decode(&good).unwrap();
    let others = [
        String::new(),
        "N/A".into(),
        good.trim_end_matches('=').to_owned(),
        format!("{good}="),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}\n"),
        format!("{}\n{}", &good[..64], &good[65..]),
        format!("{good}, {good}"),
        good.replace('+', "-").replace('/', "_"),
        good.to_lowercase(),
        hex::encode(&bytes),
        STANDARD.encode(&bytes[..255]),
        STANDARD.encode([&[0], &bytes[..]].concat()),
        STANDARD.encode([&bytes[..], &[0]].concat()),
        STANDARD.encode([0; 256]),
        STANDARD.encode([255; 256]),
        "A".repeat(100_000),
    ];
    for bad in spoilt.chain(others).filter(|bad| *bad != good) {
        assert_eq!(code(&verifier, &bad), Some(Code::Signature), "{bad:.80}");
    }
    for bit in 0..bytes.len() * 8 {
        let mut forged = bytes.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(code(&verifier, &STANDARD.encode(forged)), Some(Code::Signature), "bit {bit}");
    }
}

#[test]
fn a_header_sent_twice_is_refused_even_if_both_are_right() {
    let key = &*KEY;
    let verifier = verifier(vec![of([key.public_key()])]);
    let good = key.sign(BODY);
    for second in [good.as_str(), "", "N/A"] {
        let both = [("x-wh-signature", good.as_str()), ("X-WH-Signature", second)];
        let error = verifier.verify(BODY, both, 0).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Signature, Some(LEGACY_SIGNATURE_HEADER)));
        assert!(error.message().contains("several times"), "{error}");
    }
}

#[test]
fn a_header_is_read_by_its_own_scheme_alone() {
    let key = &*KEY;
    let rsa = verifier(vec![of([key.public_key()])]);
    let good = key.sign(BODY);
    assert!(rsa.verify(BODY, [(SIGNATURE_HEADER, good.as_str())], 0).is_err());
    let ed25519 = Scheme::Ed25519 { keys: vec![sign::ed25519_public_key(&[7; 32]).into()] };
    let both = verifier(vec![ed25519.clone(), of([key.public_key()])]);
    let (new, old) = (sign::ed25519(&[7; 32], BODY), good.as_str());
    for (headers, expected) in [
        ([(SIGNATURE_HEADER, new.as_str()), (LEGACY_SIGNATURE_HEADER, "N/A")], Some(VerifiedBy::Ed25519)),
        ([(SIGNATURE_HEADER, "N/A"), (LEGACY_SIGNATURE_HEADER, old)], Some(VerifiedBy::Rsa)),
        ([(SIGNATURE_HEADER, old), (LEGACY_SIGNATURE_HEADER, new.as_str())], None),
        ([(SIGNATURE_HEADER, "N/A"), (LEGACY_SIGNATURE_HEADER, "N/A")], None),
    ] {
        assert_eq!(both.verify(BODY, headers, 0).ok(), expected, "{headers:?}");
    }
    assert!(verifier(vec![ed25519]).verify(BODY, [(LEGACY_SIGNATURE_HEADER, old)], 0).is_err());
    assert!(verifier(Vec::new()).verify(BODY, [(LEGACY_SIGNATURE_HEADER, old)], 0).is_err());
}

#[test]
fn any_of_several_keys_verifies_up_to_its_last_moment() {
    let (old, new) = (&*KEY, &*OTHER);
    let keys = vec![Accepted { value: old.public_key(), not_after: Some(1_000) }, new.public_key().into()];
    let verifier = verifier(vec![Scheme::Rsa { keys }]);
    let accepted =
        |key: &RsaPrivateKey, now| verifier.verify(BODY, test_headers(BODY, Signer::Rsa(key)), now).is_ok();
    assert!(accepted(old, 1_000) && !accepted(old, 1_001));
    assert!(accepted(new, 1_000) && accepted(new, 1_001));
}

#[test]
fn settings_name_keys_as_for_the_other_schemes() {
    let key = &*KEY;
    let build = |json: &str| {
        crate::json::read::<VerifierSpec>(json.as_bytes(), "webhooks", 10_000)?.build(Tolerance::default())
    };
    let spelt = spelt(&key.public_key());
    let dated = format!(r#"[true,{{"key":"{spelt}","notAfter":"1970-01-01T00:00:01Z"}}]"#);
    for (keys, now, good) in [
        (format!("\"{spelt}\""), i64::MAX, true),
        (dated.replace("true,", ""), 1_000, true),
        (dated.replace("true,", ""), 1_001, false),
        ("true".to_owned(), 0, false),
    ] {
        let verifier = build(&format!(r#"{{"rsa":{keys}}}"#)).unwrap();
        assert_eq!(verifier.schemes().collect::<Vec<_>>(), [VerifiedBy::Rsa]);
        assert_eq!(verifier.verify(BODY, test_headers(BODY, Signer::Rsa(key)), now).is_ok(), good, "{keys}");
    }
    for (json, code) in [
        (r#"{"rsa":[]}"#, Code::Config),
        (r#"{"rsa":"AAAA"}"#, Code::Config),
        (r#"{"rsa":false}"#, Code::InvalidArgument),
    ] {
        let error = build(json).unwrap_err();
        assert_eq!((error.code(), error.field()), (code, Some("rsa")), "{json}");
    }
}

#[test]
fn what_would_let_anyone_in_is_refused() {
    let shared = Scheme::SharedSecret {
        header: "X-WH-Signature".to_owned(),
        secrets: vec![Secret::new("k3y").into()],
    };
    for (scheme, field) in [(of([]), "rsa"), (shared, "shared-secret")] {
        let error = Verifier::new(vec![scheme], Tolerance::default()).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some(field)));
    }
}
