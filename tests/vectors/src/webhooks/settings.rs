use serde_json::{Value, json};

use super::{BODY, PUBLIC_DER, SECRET, SEED, SIGNATURE, base64, ed25519, hmac, pem, public_key, received};
use crate::vector::Vectors;

pub(crate) fn generate(vectors: &mut Vectors) {
    keys(vectors);
    sizes(vectors);
    for (webhooks, code, field) in refused() {
        vectors.refuses("webhook.verify", received(&webhooks, &[]), code, field);
    }
}

/// A public key may be given in each of its forms.
fn keys(vectors: &mut Vectors) {
    let raw = ed25519_dalek::SigningKey::from_bytes(&SEED).verifying_key().to_bytes();
    let pem = pem("PUBLIC KEY", &PUBLIC_DER, &raw);
    let der = base64(&[PUBLIC_DER.as_slice(), &raw].concat());
    let signature = ed25519(&SEED, BODY.as_bytes());
    for key in [
        public_key(&SEED),
        der.clone(),
        pem.clone(),
        pem.replace('\n', "\r\n"),
        pem.replace('\n', ""),
        format!("  {der}\n"),
    ] {
        for keys in [json!(key), json!([key])] {
            let args = received(&json!({ "ed25519": keys }), &[(SIGNATURE, &signature)]);
            vectors.gives("webhook.verify", args, json!("ed25519"));
        }
    }
}

/// A body beyond the limit is refused before anything is computed.
fn sizes(vectors: &mut Vectors) {
    let signature = hmac(SECRET, BODY.as_bytes());
    for (limit, fits) in [(1, false), (BODY.len() - 1, false), (BODY.len(), true), (67_108_864, true)] {
        for headers in [vec![(SIGNATURE, signature.as_str())], vec![]] {
            let args = received(&json!({ "hmac": SECRET, "maxBytes": limit }), &headers);
            match (fits, headers.is_empty()) {
                (true, false) => vectors.gives("webhook.verify", args, json!("hmac")),
                (true, true) => vectors.refuses("webhook.verify", args, "signature", SIGNATURE),
                (false, _) => vectors.refuses("webhook.verify", args, "too_large", "body"),
            }
        }
    }
}

/// Settings under which every webhook, or any, would pass are refused.
fn refused() -> Vec<(Value, &'static str, &'static str)> {
    let header = |header: &str| json!({ "sharedSecret": { "header": header, "secret": "k3y" } });
    vec![
        (json!({}), "config", "webhooks.hmac"),
        (json!({ "hmac": null }), "config", "webhooks.hmac"),
        (json!({ "toleranceMs": 5 }), "config", "webhooks.hmac"),
        (json!({ "hmac": "" }), "config", "webhooks.hmac"),
        (json!({ "hmac": [] }), "config", "webhooks.hmac"),
        (json!({ "hmac": ["5ecret", ""] }), "config", "webhooks.hmac"),
        (json!({ "hmac": 5 }), "invalid_argument", "webhooks.hmac"),
        (json!({ "hmac": true }), "invalid_argument", "webhooks.hmac"),
        (json!({ "hmac": { "value": "5ecret" } }), "invalid_argument", "webhooks.hmac"),
        (json!({ "hmac": ["5ecret", 5] }), "invalid_argument", "webhooks.hmac[1]"),
        (json!({ "ed25519": [] }), "config", "webhooks.ed25519"),
        (json!({ "ed25519": "" }), "config", "webhooks.ed25519"),
        (json!({ "ed25519": "key" }), "config", "webhooks.ed25519"),
        (json!({ "ed25519": base64(&[0; 32]) }), "config", "webhooks.ed25519"),
        (json!({ "ed25519": base64(&[2; 32]) }), "config", "webhooks.ed25519"),
        (json!({ "ed25519": base64(&[7; 31]) }), "config", "webhooks.ed25519"),
        (json!({ "ed25519": [public_key(&SEED), "key"] }), "config", "webhooks.ed25519"),
        (json!({ "ed25519": false }), "invalid_argument", "webhooks.ed25519"),
        (json!({ "ed25519": 1 }), "invalid_argument", "webhooks.ed25519"),
        (json!({ "sharedSecret": "k3y" }), "invalid_argument", "webhooks.sharedSecret"),
        (json!({ "sharedSecret": {} }), "invalid_argument", "webhooks.sharedSecret.header"),
        (json!({ "sharedSecret": { "header": "h" } }), "invalid_argument", "webhooks.sharedSecret.secret"),
        (
            json!({ "sharedSecret": { "header": "h", "secret": "" } }),
            "config",
            "webhooks.sharedSecret.secret",
        ),
        (
            json!({ "sharedSecret": { "header": "h", "secret": [] } }),
            "config",
            "webhooks.sharedSecret.secret",
        ),
        (
            json!({ "sharedSecret": { "header": "h", "secret": "s", "x": 1 } }),
            "invalid_argument",
            "webhooks.sharedSecret.x",
        ),
        (header(""), "config", "webhooks.sharedSecret.header"),
        (header("x shop"), "config", "webhooks.sharedSecret.header"),
        (header("x-shop:"), "config", "webhooks.sharedSecret.header"),
        (header("ключ"), "config", "webhooks.sharedSecret.header"),
        (header("X-GHL-Signature"), "config", "webhooks.sharedSecret.header"),
        (json!({ "hmac": "s", "toleranceMs": -1 }), "config", "webhooks.toleranceMs"),
        (json!({ "hmac": "s", "toleranceMs": 259_200_001 }), "config", "webhooks.toleranceMs"),
        (json!({ "hmac": "s", "toleranceMs": 0.5 }), "invalid_argument", "webhooks.toleranceMs"),
        (json!({ "hmac": "s", "toleranceMs": "5" }), "invalid_argument", "webhooks.toleranceMs"),
        (json!({ "hmac": "s", "requireTimestamp": "yes" }), "invalid_argument", "webhooks.requireTimestamp"),
        (json!({ "hmac": "s", "maxBytes": 0 }), "config", "webhooks.maxBytes"),
        (json!({ "hmac": "s", "maxBytes": 67_108_865 }), "config", "webhooks.maxBytes"),
        // More than a 32-bit machine counts to.
        (json!({ "hmac": "s", "maxBytes": 4_294_967_296_u64 }), "config", "webhooks.maxBytes"),
        (json!({ "hmac": "s", "maxBytes": -1 }), "invalid_argument", "webhooks.maxBytes"),
        (json!({ "hmac": "s", "secret": "t" }), "invalid_argument", "webhooks.secret"),
        (json!("5ecret"), "invalid_argument", "webhooks"),
        (json!(["5ecret"]), "invalid_argument", "webhooks"),
        (Value::Null, "invalid_argument", "webhooks"),
    ]
}
