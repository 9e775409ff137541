//! Webhooks: what is genuine, how old it may be, and what it says. Signatures are computed here, not by the core.

pub(crate) mod alterations;
pub(crate) mod bodies;
pub(crate) mod clocks;
pub(crate) mod records;
pub(crate) mod settings;
pub(crate) mod signatures;
pub(crate) mod signing;

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const SECRET: &str = "5ecret-ключ";
const SEED: [u8; 32] = [7; 32];
const SIGNATURE: &str = "x-ghl-signature";
/// The body of the users' workflow, with text beyond ASCII.
const BODY: &str = "{\"contactId\":\"con1\",\"pipelineStage\":\"stage_in_production\",\"note\":\"Löyly 🔥\",\
    \"customFields\":[{\"id\":\"order_status\",\"value\":\"manufacturing\"}],\"timestamp\":\"2026-01-31T12:00:00.000Z\"}";
/// The time that the body gives, in epoch milliseconds.
const NOW_MS: i64 = 1_769_860_800_000;

/// The raw HMAC-SHA256 of a body.
fn mac(secret: &str, body: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length, so there is always one.
    Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map(|mac| mac.chain_update(body).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The hex HMAC-SHA256 of a body.
fn hmac(secret: &str, body: &[u8]) -> String {
    hex(&mac(secret, body))
}

/// The base64 Ed25519 signature of a body.
fn ed25519(seed: &[u8; 32], body: &[u8]) -> String {
    base64(&SigningKey::from_bytes(seed).sign(body).to_bytes())
}

/// The base64 of a public key's 32 bytes.
fn public_key(seed: &[u8; 32]) -> String {
    base64(SigningKey::from_bytes(seed).verifying_key().as_bytes())
}

/// A key between its PEM lines, after the bytes that precede it in its DER form.
fn pem(label: &str, der_prefix: &[u8], key: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64(&[der_prefix, key].concat()))
}

const PUBLIC_DER: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const PRIVATE_DER: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The arguments of a verification of [`BODY`].
fn received(webhooks: &Value, headers: &[(&str, &str)]) -> Value {
    json!({ "webhooks": webhooks, "body": BODY, "headers": headers, "nowMs": NOW_MS })
}
