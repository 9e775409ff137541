//! What must hold of any bytes. Each target takes them apart in its own way.

use std::sync::LazyLock;

use ghlkit::{
    Code,
    secret::Secret,
    testing::SeededEntropy,
    webhook::{
        SIGNATURE_HEADER, Scheme, Summary, Tolerance, VerifiedBy, Verifier, parse as parse_body,
        sign::{self, ed25519_public_key},
    },
};

use crate::{engine_io, session, socket_io};

/// Panics where something does not hold.
pub type Target = fn(&[u8]);

/// All there are, by name.
pub const TARGETS: [(&str, Target); 6] = [
    ("verify", verify),
    ("parse", parse),
    ("headers", headers),
    ("engine_io", engine_io),
    ("socket_io", socket_io),
    ("session", session),
];

const SECRET: &str = "a secret of ten words";
const SHARED_HEADER: &str = "x-shop-key";
const SEED: [u8; 32] = [7; 32];
/// The body that headers are tried on.
const SIGNED: &[u8] = b"{\"contactId\":\"con1\"}";

static SIGNATURES: LazyLock<[String; 2]> =
    LazyLock::new(|| [sign::hmac(SECRET, SIGNED), sign::ed25519(&SEED, SIGNED)]);
static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let secrets = || vec![Secret::new(SECRET).into()];
    let schemes = vec![
        Scheme::HmacSha256 { secrets: secrets() },
        Scheme::Ed25519 { keys: vec![ed25519_public_key(&SEED).into()] },
        Scheme::SharedSecret { header: SHARED_HEADER.to_owned(), secrets: secrets() },
    ];
    Verifier::new(schemes, Tolerance::default()).unwrap()
});

/// A signature, a line's end, and the body. Only what the signer makes is accepted, and only whole.
pub fn verify(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (signature, body) = bytes.split_at(end);
    let body = body.strip_prefix(b"\n").unwrap_or(body);
    match VERIFIER.verify(body, [(SIGNATURE_HEADER, signature)], 0) {
        Ok(by) => assert_eq!(signature, signed(by, body).as_bytes(), "{by:?}"),
        Err(error) => {
            assert!([Code::Signature, Code::TooLarge].contains(&error.code()), "{error}");
            assert!(VERIFIER.summarize(body, [(SIGNATURE_HEADER, signature)], 0).is_err());
        }
    }
}

fn signed(by: VerifiedBy, body: &[u8]) -> String {
    match by {
        VerifiedBy::HmacSha256 => sign::hmac(SECRET, body),
        VerifiedBy::Ed25519 => sign::ed25519(&SEED, body),
        other => panic!("{other:?} has another header"),
    }
}

/// A body. Both readers agree on whether it is one, and on what tells it from others.
pub fn parse(body: &[u8]) {
    match (parse_body(body), Summary::read(body)) {
        (Ok(event), Ok(summary)) => {
            assert_eq!(event.webhook_id.as_deref(), summary.webhook_id.as_deref());
            assert_eq!(event.timestamp_ms, summary.timestamp_ms);
            assert_eq!(event.location.as_ref().map(|id| id.as_str()), summary.location.as_deref());
        }
        (Err(one), Err(other)) => {
            assert_eq!((one.code(), one.field()), (Code::Payload, other.field()), "{one} {other}");
        }
        (one, other) => panic!("{one:?} {other:?}"),
    }
}

/// Lines of a header each, `name: value`, over a body that is genuine. It is accepted by a header that is there once and
/// whole, and by nothing else.
pub fn headers(bytes: &[u8]) {
    let header = |line: &'_ [u8]| {
        let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':')?);
        Some((
            str::from_utf8(name).ok()?.to_owned(),
            value[1..].strip_prefix(b" ").unwrap_or(&value[1..]).to_vec(),
        ))
    };
    let headers: Vec<(String, Vec<u8>)> = bytes.split(|byte| *byte == b'\n').filter_map(header).collect();
    let once = |wanted: &str, values: &[String]| {
        let mut given = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let first = given.next();
        first.is_some_and(|(_, value)| {
            given.next().is_none() && values.iter().any(|good| good.as_bytes() == value)
        })
    };
    let genuine = once(SIGNATURE_HEADER, &*SIGNATURES) || once(SHARED_HEADER, &[SECRET.to_owned()]);
    let accepted = VERIFIER.verify(SIGNED, headers.iter().map(|(name, value)| (name, value)), 0);
    assert!(genuine || accepted.is_err(), "{accepted:?}");
    if let Err(error) = accepted {
        assert_eq!(error.code(), Code::Signature);
    }
}

/// A signature of the body, by one scheme or the other.
pub fn signature(body: &[u8], random: &SeededEntropy) -> String {
    if random.chance(0.5) { sign::hmac(SECRET, body) } else { sign::ed25519(&SEED, body) }
}

/// Lines for [`headers`], of which one at least is genuine.
pub fn header_lines(random: &SeededEntropy) -> String {
    let signature = &SIGNATURES[usize::from(random.chance(0.5))];
    let names = [SIGNATURE_HEADER, "X-GHL-Signature", SHARED_HEADER, "Accept", "content-type"];
    let mut lines = format!("{SIGNATURE_HEADER}: {signature}");
    for name in names {
        if random.chance(0.3) {
            let value = if name == SHARED_HEADER { SECRET } else { signature };
            lines = format!("{name}: {value}\n{lines}");
        }
    }
    lines
}
