use serde_json::{Value, json};

use super::{PRIVATE_DER, SEED, SIGNATURE, base64, ed25519, hmac, pem};
use crate::vector::Vectors;

/// Bodies of every kind, also such as are no text.
const BODIES: &[&[u8]] = &[
    b"",
    b"{}",
    super::BODY.as_bytes(),
    b"{ \"a\" : 1 }\n",
    "{\"text\":\"Žluťoučký kůň 桑拿 🧖\"}".as_bytes(),
    b"\0",
    b"\xff\xfe\xfd",
    &[b'a'; 200],
];

fn signed(signature: String) -> Value {
    json!({ "content-type": "application/json", SIGNATURE: signature })
}

/// The arguments with a body, as text where it is one.
fn with_body(body: &[u8], mut args: Value) -> Value {
    match std::str::from_utf8(body) {
        Ok(text) => args["body"] = json!(text),
        Err(_) => args["bodyBase64"] = json!(base64(body)),
    }
    args
}

pub(crate) fn generate(vectors: &mut Vectors) {
    // A secret longer than a block of SHA-256 is hashed first.
    for secret in
        ["s", "5ecret", " spaced ", "ключ 🔑", "\n", &"k".repeat(64), &"k".repeat(65), &"k".repeat(200)]
    {
        for body in BODIES {
            let args = with_body(body, json!({ "hmac": secret }));
            vectors.gives("webhook.sign", args, signed(hmac(secret, body)));
        }
    }
    for seed in [SEED, [0; 32], [255; 32]] {
        for body in BODIES {
            let args = with_body(body, json!({ "ed25519": base64(&seed) }));
            vectors.gives("webhook.sign", args, signed(ed25519(&seed, body)));
        }
    }
    let der = base64(&[PRIVATE_DER.as_slice(), &SEED].concat());
    let pem = pem("PRIVATE KEY", &PRIVATE_DER, &SEED);
    for key in
        [der.clone(), pem.clone(), pem.replace('\n', "\r\n"), pem.replace('\n', ""), format!("  {der}\n")]
    {
        let args = json!({ "body": super::BODY, "ed25519": key });
        vectors.gives("webhook.sign", args, signed(ed25519(&SEED, super::BODY.as_bytes())));
    }
    for (header, secret) in [("x-shop-key", "k3y"), ("X-Shop-Key", " k3y "), ("authorization", "Bearer k3y")]
    {
        let args = json!({ "body": "{}", "sharedSecret": { "header": header, "secret": secret } });
        vectors.gives("webhook.sign", args, json!({ "content-type": "application/json", header: secret }));
    }
    published(vectors);
    bad_input(vectors);
}

/// RFC 4231, test cases 2 and 6; RFC 8032, section 7.1, tests 1 and 2.
fn published(vectors: &mut Vectors) {
    let args = json!({ "body": "what do ya want for nothing?", "hmac": "Jefe" });
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    vectors.gives("webhook.sign", args, signed(expected.to_owned()));
    for (key, body, signature) in [
        (
            "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
            "",
            "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==",
        ),
        (
            "TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs=",
            "cg==",
            "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==",
        ),
    ] {
        let args = json!({ "bodyBase64": body, "ed25519": key });
        vectors.gives("webhook.sign", args, signed(signature.to_owned()));
    }
}

fn bad_input(vectors: &mut Vectors) {
    let shared = json!({ "header": "h", "secret": "s" });
    for (args, field) in [
        (json!({ "body": "{}" }), "hmac"),
        (json!({ "body": "{}", "hmac": "" }), "hmac"),
        (json!({ "body": "{}", "hmac": 5 }), "hmac"),
        (json!({ "body": "{}", "hmac": ["s"] }), "hmac"),
        (json!({ "body": "{}", "hmac": "s", "ed25519": base64(&SEED) }), "hmac"),
        (json!({ "body": "{}", "hmac": "s", "sharedSecret": shared }), "hmac"),
        (json!({ "hmac": "s" }), "body"),
        (json!({ "body": "{}", "bodyBase64": "e30=", "hmac": "s" }), "body"),
        (json!({ "bodyBase64": "e30", "hmac": "s" }), "bodyBase64"),
        (json!({ "body": "{}", "ed25519": "" }), "ed25519"),
        (json!({ "body": "{}", "ed25519": "key" }), "ed25519"),
        (json!({ "body": "{}", "ed25519": base64(&[7; 31]) }), "ed25519"),
        (json!({ "body": "{}", "ed25519": base64(&[7; 33]) }), "ed25519"),
        (json!({ "body": "{}", "ed25519": true }), "ed25519"),
        (json!({ "body": "{}", "sharedSecret": "s" }), "sharedSecret"),
        (json!({ "body": "{}", "sharedSecret": { "header": "h" } }), "sharedSecret.secret"),
        (json!({ "body": "{}", "sharedSecret": { "secret": "s" } }), "sharedSecret.header"),
        (json!({ "body": "{}", "sharedSecret": { "header": "h", "secret": "s", "x": 1 } }), "sharedSecret.x"),
    ] {
        vectors.refuses("webhook.sign", args, "invalid_argument", field);
    }
}
