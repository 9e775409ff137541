use serde_json::{Value, json};

use super::{BODY, NOW_MS, SECRET, SEED, SIGNATURE, base64, ed25519, hmac, mac, public_key, received};
use crate::vector::Vectors;

/// The order of Ed25519's group, least byte first: added to the second half of a signature it keeps the equation true.
const GROUP_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub(crate) fn generate(vectors: &mut Vectors) {
    let by_hmac = json!({ "hmac": SECRET });
    let by_ed25519 = json!({ "ed25519": public_key(&SEED) });
    let by_header = json!({ "sharedSecret": { "header": "X-Shop-Key", "secret": "k3y" } });
    let (hmac, ed25519) = (hmac(SECRET, BODY.as_bytes()), ed25519(&SEED, BODY.as_bytes()));
    for (webhooks, name, good, scheme) in [
        (&by_hmac, SIGNATURE, hmac.as_str(), "hmac"),
        (&by_ed25519, SIGNATURE, &ed25519, "ed25519"),
        (&by_header, "x-shop-key", "k3y", "shared-secret"),
    ] {
        headers(vectors, webhooks, name, good, scheme);
        altered_bodies(vectors, webhooks, (name, good), scheme);
        for other in [&by_hmac, &by_ed25519, &by_header].into_iter().filter(|other| *other != webhooks) {
            refused(vectors, other, &[(name, good)]);
        }
    }
    for bad in altered_hmacs(&hmac) {
        refused(vectors, &by_hmac, &[(SIGNATURE, &bad)]);
    }
    for bad in altered_ed25519(&ed25519) {
        refused(vectors, &by_ed25519, &[(SIGNATURE, &bad)]);
    }
    for bad in ["", "k3Y", "k3", "k3y ", " k3y", "k3y,k3y", "k3y\u{0}", "ключ"] {
        refused(vectors, &by_header, &[("x-shop-key", bad)]);
    }
    several(vectors, &hmac, &ed25519);
    rotations(vectors, &hmac, &ed25519);
}

/// Expects that a webhook is not taken for genuine: the field is the header that was looked for first.
fn refused(vectors: &mut Vectors, webhooks: &Value, headers: &[(&str, &str)]) {
    let first = if webhooks.get("hmac").is_some() || webhooks.get("ed25519").is_some() {
        SIGNATURE
    } else {
        webhooks.pointer("/sharedSecret/header").and_then(Value::as_str).unwrap_or_default()
    };
    vectors.refuses("webhook.verify", received(webhooks, headers), "signature", first);
}

/// Names in any case, in any order, among others; but once.
fn headers(vectors: &mut Vectors, webhooks: &Value, name: &str, good: &str, scheme: &str) {
    let capitals: String = name
        .split('-')
        .map(|word| {
            format!(
                "{}{}",
                word.get(..1).unwrap_or_default().to_uppercase(),
                word.get(1..).unwrap_or_default()
            )
        })
        .collect::<Vec<_>>()
        .join("-");
    for spelling in [name, &name.to_uppercase(), &capitals, &name.replace("ghl", "GHL")] {
        vectors.gives("webhook.verify", received(webhooks, &[(spelling, good)]), json!(scheme));
        for second in [good, "", "0", "k3y"] {
            refused(vectors, webhooks, &[(name, good), (spelling, second)]);
            refused(vectors, webhooks, &[(spelling, second), (name, good)]);
        }
    }
    let among = [("accept", "a"), ("accept", "b"), (name, good), ("content-type", "application/json")];
    vectors.gives("webhook.verify", received(webhooks, &among), json!(scheme));
    refused(vectors, webhooks, &[]);
    refused(vectors, webhooks, &[("accept", "a"), ("content-type", "application/json")]);
    for wrong in
        [name.replace('-', "_"), format!("{name} "), format!(" {name}"), format!("{name}s"), String::new()]
    {
        refused(vectors, webhooks, &[(&wrong, good)]);
    }
}

/// The signature is over the bytes: any other body is another message. A constant header protects no body.
fn altered_bodies(vectors: &mut Vectors, webhooks: &Value, header: (&str, &str), scheme: &str) {
    let parsed: Value = serde_json::from_str(BODY).unwrap_or_default();
    for body in [
        format!("{BODY}\n"),
        format!(" {BODY}"),
        BODY.replace("con1", "con2"),
        BODY.replace("\":\"", "\": \""),
        BODY.replace("🔥", "\\ud83d\\udd25"),
        parsed.to_string(),
        String::new(),
        "{}".to_owned(),
    ] {
        let args = json!({ "webhooks": webhooks, "body": body, "headers": [header], "nowMs": NOW_MS });
        if scheme == "shared-secret" {
            vectors.gives("webhook.verify", args, json!(scheme));
        } else {
            vectors.refuses("webhook.verify", args, "signature", SIGNATURE);
        }
    }
    let args = json!({ "webhooks": webhooks, "bodyBase64": base64(BODY.as_bytes()), "headers": [header], "nowMs": NOW_MS });
    vectors.gives("webhook.verify", args, json!(scheme));
}

/// A hex signature has one spelling: 64 lower-case digits.
fn altered_hmacs(good: &str) -> Vec<String> {
    let mut flipped: Vec<String> = (0..64)
        .step_by(7)
        .map(|at| {
            let flip = |(i, c): (usize, char)| if i == at { if c == '0' { '1' } else { '0' } } else { c };
            good.chars().enumerate().map(flip).collect()
        })
        .collect();
    flipped.extend([
        String::new(),
        good.to_uppercase(),
        format!("sha256={good}"),
        format!("0x{good}"),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}\n"),
        format!("{good}00"),
        format!("{good},{good}"),
        good.chars().take(62).collect(),
        good.chars().rev().collect(),
        "0".repeat(64),
        "g".repeat(64),
        "N/A".to_owned(),
        "null".to_owned(),
        base64(&mac(SECRET, BODY.as_bytes())),
        hmac("another", BODY.as_bytes()),
        hmac(&SECRET.to_uppercase(), BODY.as_bytes()),
        hmac("", BODY.as_bytes()),
        hmac(SECRET, b""),
    ]);
    flipped
}

/// A base64 signature has one spelling: padded, its unused bits zero, its number below the group's order.
fn altered_ed25519(good: &str) -> Vec<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let unpadded = good.trim_end_matches('=');
    let (stem, last) = unpadded.split_at(unpadded.len() - 1);
    let place = ALPHABET.iter().position(|letter| last.as_bytes() == [*letter]).unwrap_or_default();
    let mut altered: Vec<String> = (1..16)
        .filter_map(|bits| ALPHABET.get(place | bits))
        .map(|letter| format!("{stem}{}==", char::from(*letter)))
        .collect();
    altered.extend([
        String::new(),
        unpadded.to_owned(),
        format!("{unpadded}="),
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        good.to_lowercase(),
        good.replace('+', "-").replace('/', "_"),
        good.chars().rev().collect(),
        "A".repeat(86) + "==",
        "N/A".to_owned(),
        plus_group_order(good),
        ed25519(&[8; 32], BODY.as_bytes()),
        ed25519(&SEED, b""),
        hmac(&public_key(&SEED), BODY.as_bytes()),
    ]);
    // Where a signature holds neither + nor /, the other alphabet spells it the same.
    altered.retain(|text| text != good);
    altered
}

fn plus_group_order(good: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let mut signature = STANDARD.decode(good).unwrap_or_default();
    let mut carry = 0_u16;
    for (byte, add) in signature.iter_mut().skip(32).zip(GROUP_ORDER) {
        let [low, high] = (u16::from(*byte) + u16::from(add) + carry).to_le_bytes();
        (*byte, carry) = (low, high.into());
    }
    base64(&signature)
}

/// A secret or key that is being replaced is accepted up to its last moment, its successor beyond it. The time is NOW_MS.
fn rotations(vectors: &mut Vectors, hmac: &str, ed25519: &str) {
    let (name, header) = ("x-shop-key", json!({ "header": "x-shop-key" }));
    let mut shared = header.as_object().cloned().unwrap_or_default();
    for (not_after, holds) in [
        ("2026-01-31T12:00:00.000Z", true),
        ("2026-01-31T14:00:00.000+02:00", true),
        ("2026-01-31T12:00:00.001Z", true),
        ("2099-01-31T12:00:00Z", true),
        ("2026-01-31T11:59:59.999Z", false),
        ("2000-01-31T12:00:00Z", false),
    ] {
        let old = |value: &str, member: &str| json!({ member: value, "notAfter": not_after });
        shared.insert("secret".to_owned(), json!(["n3w", old("k3y", "secret")]));
        for (webhooks, header, scheme) in [
            (json!({ "hmac": [old(SECRET, "secret"), "n3w"] }), (SIGNATURE, hmac), "hmac"),
            (json!({ "hmac": old(SECRET, "secret") }), (SIGNATURE, hmac), "hmac"),
            (json!({ "ed25519": old(&public_key(&SEED), "key") }), (SIGNATURE, ed25519), "ed25519"),
            (
                json!({ "ed25519": [public_key(&[8; 32]), old(&public_key(&SEED), "key")] }),
                (SIGNATURE, ed25519),
                "ed25519",
            ),
            (json!({ "sharedSecret": shared }), (name, "k3y"), "shared-secret"),
        ] {
            if holds {
                vectors.gives("webhook.verify", received(&webhooks, &[header]), json!(scheme));
            } else {
                vectors.refuses("webhook.verify", received(&webhooks, &[header]), "signature", header.0);
            }
        }
        shared.insert("secret".to_owned(), json!([old("0ld", "secret"), "k3y"]));
        let successor = received(&json!({ "sharedSecret": shared }), &[(name, "k3y")]);
        vectors.gives("webhook.verify", successor, json!("shared-secret"));
    }
}

/// Several schemes, and several keys of one.
fn several(vectors: &mut Vectors, hmac: &str, ed25519: &str) {
    let header = json!({ "header": "x-shop-key", "secret": ["0ld", "k3y"] });
    let all = json!({ "hmac": ["0ld", SECRET], "ed25519": [public_key(&[8; 32]), public_key(&SEED)], "sharedSecret": header });
    for (name, value, scheme) in [
        (SIGNATURE, hmac, "hmac"),
        (SIGNATURE, &super::hmac("0ld", BODY.as_bytes()), "hmac"),
        (SIGNATURE, ed25519, "ed25519"),
        (SIGNATURE, &super::ed25519(&[8; 32], BODY.as_bytes()), "ed25519"),
        ("x-shop-key", "k3y", "shared-secret"),
        ("x-shop-key", "0ld", "shared-secret"),
    ] {
        vectors.gives("webhook.verify", received(&all, &[(name, value)]), json!(scheme));
    }
    // Any one that verifies accepts, though another header is wrong.
    vectors.gives(
        "webhook.verify",
        received(&all, &[(SIGNATURE, "0"), ("x-shop-key", "k3y")]),
        json!("shared-secret"),
    );
    vectors.gives("webhook.verify", received(&all, &[(SIGNATURE, hmac), ("x-shop-key", "0")]), json!("hmac"));
    for headers in [
        vec![],
        vec![(SIGNATURE, "0")],
        vec![("x-shop-key", "n3w")],
        vec![(SIGNATURE, hmac), (SIGNATURE, ed25519)],
        vec![(SIGNATURE, "k3y"), ("x-shop-key", hmac)],
    ] {
        refused(vectors, &all, &headers);
    }
    // HighLevel's key is not ours to sign with.
    refused(vectors, &json!({ "ed25519": true }), &[(SIGNATURE, ed25519)]);
}
