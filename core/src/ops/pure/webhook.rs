use std::{borrow::Cow, collections::BTreeMap};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Run, function};
use crate::{
    error::{Code, Error, Result},
    ops::{args::within, table::ops},
    receiver::Answer,
    secret::Secret,
    webhook::{
        Event, Tolerance, Verifier, VerifierSpec, parse, pem,
        sign::{Signer, test_headers},
        test_event,
    },
};

ops! {
    pub(super) const OPS: Run;

    /// Verifies and reads a webhook, and checks its age.
    "webhook.construct" "function" {
        /// How webhooks are verified.
        webhooks: VerifierSpec,
        /// The exact body; this or `bodyBase64`.
        body: Option<String>,
        /// The exact body in base64; this or `body`.
        body_base64: Option<String>,
        /// The names and values of all headers, repeated ones repeated.
        headers: Vec<(String, String)>,
        /// The time, in epoch milliseconds.
        now_ms: i64,
    } -> Event = function(|args| {
        let raw = body(args.body.as_deref(), args.body_base64.as_deref())?;
        verifier(&args.webhooks)?.construct_event(&raw, args.headers, args.now_ms)
    });

    /// Verifies a webhook's signature: the scheme that accepted it, `hmac`, `ed25519` or `shared-secret`.
    "webhook.verify" "function" {
        /// How webhooks are verified.
        webhooks: VerifierSpec,
        /// The exact body; this or `bodyBase64`.
        body: Option<String>,
        /// The exact body in base64; this or `body`.
        body_base64: Option<String>,
        /// The names and values of all headers, repeated ones repeated.
        headers: Vec<(String, String)>,
        /// The time, in epoch milliseconds.
        now_ms: i64,
    } -> &'static str = function(|args| {
        let raw = body(args.body.as_deref(), args.body_base64.as_deref())?;
        verifier(&args.webhooks)?.verify(&raw, args.headers, args.now_ms).map(|by| by.as_str())
    });

    /// Reads the body of a webhook, without verifying anything.
    "webhook.parse" "function" {
        /// The body; this or `bodyBase64`.
        body: Option<String>,
        /// The body in base64; this or `body`.
        body_base64: Option<String>,
    } -> Event = function(|args| parse(&body(args.body.as_deref(), args.body_base64.as_deref())?));

    /// What identifies a webhook without an id of its own: the hash of its bytes where it has a `timestamp`, else nothing.
    "webhook.identity" "function" {
        /// The body; this or `bodyBase64`.
        body: Option<String>,
        /// The body in base64; this or `body`.
        body_base64: Option<String>,
    } -> Option<String> = function(|args| {
        let raw = body(args.body.as_deref(), args.body_base64.as_deref())?;
        Ok(parse(&raw)?.identity(&raw))
    });

    /// The answer to a webhook that is refused, or cannot be taken care of now.
    "webhook.answer" "function" {
        /// The error's code.
        code: String,
        /// The error's message.
        message: String,
        /// How long to wait, in milliseconds.
        retry_after_ms: Option<u64>,
    } -> Answer = function(|args| {
        let error = Error::new(code(&args.code)?, args.message);
        Ok(Answer::refused(&match args.retry_after_ms {
            Some(ms) => error.with_retry_after_ms(ms),
            None => error,
        }))
    });

    /// The answer to a customer who may not see an order, or not now.
    "customer.answer" "function" {
        /// The error's code.
        code: String,
        /// The error's message.
        message: String,
        /// The field that the error names.
        field: Option<String>,
    } -> Answer = function(|args| {
        let error = Error::new(code(&args.code)?, args.message);
        Ok(Answer::to_customer(&match args.field {
            Some(field) => error.with_field(field),
            None => error,
        }))
    });

    /// The body of an event as GHL would send it: for tests of a receiver.
    "webhook.sample" "function" {
        /// Its type, or `workflow`.
        event_type: String,
        /// Members in place of its own.
        #[cfg_attr(feature = "ts", ts(type = "{ [name: string]: unknown }"))]
        members: Map<String, Value>,
    } -> String = function(|args| test_event(&args.event_type, args.members));

    /// The headers of a genuine webhook, by name: for tests of a receiver.
    "webhook.sign" "function" {
        /// The body; this or `bodyBase64`.
        body: Option<String>,
        /// The body in base64; this or `body`.
        body_base64: Option<String>,
        /// The secret of the HMAC; this, `ed25519` or `sharedSecret`.
        hmac: Option<Secret>,
        /// An Ed25519 private key: PEM of PKCS #8, or the base64 of its DER form or of its 32 bytes.
        ed25519: Option<Secret>,
        /// A constant header.
        shared_secret: Option<SecretHeader>,
    } -> BTreeMap<String, String> = function(|args| {
        let raw = body(args.body.as_deref(), args.body_base64.as_deref())?;
        sign(&raw, args.hmac, args.ed25519, args.shared_secret)
    });
}

fn code(text: &str) -> Result<Code> {
    Code::parse(text).ok_or_else(|| Error::invalid("code", "expected a code of an error"))
}

/// A constant header that shows who sent a webhook.
#[derive(Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
struct SecretHeader {
    /// Its name.
    header: String,
    /// Its value.
    secret: Secret,
}

fn sign(
    raw: &[u8],
    hmac: Option<Secret>,
    ed25519: Option<Secret>,
    shared: Option<SecretHeader>,
) -> Result<BTreeMap<String, String>> {
    let signed = |signer: Signer<'_>| {
        let mut headers = BTreeMap::new();
        headers.extend(test_headers(raw, signer));
        Ok(headers)
    };
    match (hmac, ed25519, shared) {
        (Some(secret), None, None) if secret.expose().is_empty() => {
            Err(Error::invalid("hmac", "expected a secret that is not empty"))
        }
        (Some(secret), None, None) => signed(Signer::Hmac(secret.expose())),
        (None, Some(key), None) => signed(Signer::Ed25519(&private_key(key.expose())?)),
        (None, None, Some(SecretHeader { header, secret })) => {
            signed(Signer::SharedSecret { header: &header, secret: secret.expose() })
        }
        _ => Err(Error::invalid("hmac", "expected one of `hmac`, `ed25519` and `sharedSecret`")),
    }
}

/// The bytes of a body, given as text or in base64.
fn body<'a>(text: Option<&'a str>, base64: Option<&str>) -> Result<Cow<'a, [u8]>> {
    match (text, base64) {
        (Some(text), None) => Ok(Cow::Borrowed(text.as_bytes())),
        (None, Some(base64)) => STANDARD
            .decode(base64)
            .map(Cow::Owned)
            .map_err(|error| Error::invalid("bodyBase64", format_args!("expected base64: {error}"))),
        _ => Err(Error::invalid("body", "expected either `body` or `bodyBase64`")),
    }
}

fn verifier(webhooks: &VerifierSpec) -> Result<Verifier> {
    within("webhooks", webhooks.build(Tolerance::default()))
}

/// The 32 bytes of a private key.
fn private_key(text: &str) -> Result<[u8; 32]> {
    /// What precedes the key in its DER form (RFC 8410).
    const PKCS8_PREFIX: [u8; 16] =
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    let der = pem(text, "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----").unwrap_or_default();
    let key = der.strip_prefix(PKCS8_PREFIX.as_slice()).unwrap_or(&der);
    key.try_into().map_err(|_| {
        Error::invalid("ed25519", "expected a PEM private key or base64 of it, or of its 32 bytes")
    })
}
