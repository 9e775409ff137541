use serde_json::{Value, json};

use super::{NOW_MS, SECRET, SEED, SIGNATURE, base64, ed25519, hmac, public_key};
use crate::vector::Vectors;

/// A scheme: its setting, the header it reads, and what signs a body.
struct Scheme {
    webhooks: Value,
    header: &'static str,
    sign: fn(&[u8]) -> String,
    protects_body: bool,
}

fn schemes() -> [Scheme; 3] {
    [
        Scheme {
            webhooks: json!({ "hmac": SECRET }),
            header: SIGNATURE,
            sign: |body| hmac(SECRET, body),
            protects_body: true,
        },
        Scheme {
            webhooks: json!({ "ed25519": public_key(&SEED) }),
            header: SIGNATURE,
            sign: |body| ed25519(&SEED, body),
            protects_body: true,
        },
        Scheme {
            webhooks: json!({ "sharedSecret": { "header": "x-shop-key", "secret": "k3y-of-the-shop" } }),
            header: "x-shop-key",
            sign: |_| "k3y-of-the-shop".to_owned(),
            protects_body: false,
        },
    ]
}

pub(crate) fn generate(vectors: &mut Vectors) {
    for scheme in schemes() {
        for size in [2, 60, 150] {
            let body = body_of(size);
            signatures(vectors, &scheme, &body);
            if scheme.protects_body {
                bodies(vectors, &scheme, &body);
            }
        }
        clocks(vectors, &scheme);
    }
}

/// A JSON object of about this many bytes, with text beyond ASCII where there is room for it.
fn body_of(size: usize) -> String {
    if size < 20 {
        return "{}".to_owned();
    }
    format!(r#"{{"note":"Löyly 🔥 {}"}}"#, "x".repeat(size.saturating_sub(27)))
}

/// Every character of a signature counts, however the body is handed over.
fn signatures(vectors: &mut Vectors, scheme: &Scheme, body: &str) {
    let good = (scheme.sign)(body.as_bytes());
    let ways = [json!({ "body": body }), json!({ "bodyBase64": base64(body.as_bytes()) })];
    for at in 0..good.len() {
        // One way and the other in turn.
        let [text, bytes] = &ways;
        verify(vectors, scheme, if at % 2 == 0 { text } else { bytes }, &changed(&good, at), false);
    }
    for given in &ways {
        verify(vectors, scheme, given, &good, true);
        for other in [
            format!("{good} "),
            format!(" {good}"),
            format!("{good}\t"),
            format!("{good},{good}"),
            good.repeat(2),
        ] {
            verify(vectors, scheme, given, &other, false);
        }
    }
}

/// Another character of the same alphabet at this place.
fn changed(text: &str, at: usize) -> String {
    let other = |c: char| match c {
        '0' => '1',
        'a' => 'b',
        'A' => 'B',
        '=' => 'A',
        _ => {
            if c.is_ascii_digit() {
                '0'
            } else if c.is_ascii_lowercase() {
                'a'
            } else {
                'A'
            }
        }
    };
    text.chars().enumerate().map(|(place, c)| if place == at { other(c) } else { c }).collect()
}

/// Every byte of a body counts, and so does what is before and after it.
fn bodies(vectors: &mut Vectors, scheme: &Scheme, body: &str) {
    let good = (scheme.sign)(body.as_bytes());
    let mut altered = Vec::new();
    for at in 0..body.len() {
        let mut bytes = body.as_bytes().to_vec();
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << (at % 8);
        }
        altered.push(bytes);
    }
    altered.push([body.as_bytes(), b" "].concat());
    altered.push([body.as_bytes(), b"\n"].concat());
    altered.push([b" ", body.as_bytes()].concat());
    altered.push(body.as_bytes().iter().rev().skip(1).rev().copied().collect());
    altered.push(Vec::new());
    for bytes in altered {
        verify(vectors, scheme, &json!({ "bodyBase64": base64(&bytes) }), &good, false);
    }
}

fn verify(vectors: &mut Vectors, scheme: &Scheme, body: &Value, value: &str, genuine: bool) {
    let mut args =
        json!({ "webhooks": scheme.webhooks, "headers": [[scheme.header, value]], "nowMs": NOW_MS });
    if let (Some(args), Some(body)) = (args.as_object_mut(), body.as_object()) {
        args.extend(body.clone());
    }
    if genuine {
        let name =
            ["hmac", "ed25519", "sharedSecret"].into_iter().find(|name| scheme.webhooks.get(name).is_some());
        let name = name.map(|name| if name == "sharedSecret" { "shared-secret" } else { name });
        vectors.gives("webhook.verify", args, json!(name));
    } else {
        vectors.refuses("webhook.verify", args, "signature", scheme.header);
    }
}

/// The window is exact on both sides, whatever the scheme and the tolerance.
fn clocks(vectors: &mut Vectors, scheme: &Scheme) {
    let body = r#"{"contactId":"con1","timestamp":"2026-01-31T12:00:00.000Z"}"#;
    for tolerance in [0, 1, 300_000, 259_200_000_i64] {
        for (beyond, side) in [(0, 1), (0, -1), (1, 1), (1, -1), (86_400_000, 1), (86_400_000, -1)] {
            let mut webhooks = scheme.webhooks.clone();
            webhooks["toleranceMs"] = json!(tolerance);
            let args = json!({
                "webhooks": webhooks, "body": body, "nowMs": NOW_MS + side * (tolerance + beyond),
                "headers": [[scheme.header, (scheme.sign)(body.as_bytes())]],
            });
            if beyond == 0 {
                let event = json!({
                    "type": "workflow", "kind": "workflow", "contactId": "con1", "customFields": [], "timestampMs": NOW_MS,
                });
                vectors.gives("webhook.construct", args, event);
            } else {
                vectors.refuses("webhook.construct", args, "stale", "timestamp");
            }
        }
    }
}
