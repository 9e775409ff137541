use ghlkit::{ops, webhook::Verifier};
use wasm_bindgen::prelude::*;

use crate::thrown;

/// A verifier of webhooks, its keys set up.
#[wasm_bindgen]
pub struct VerifierHandle(Verifier);

/// A verifier from its JSON.
///
/// # Errors
/// A settled error as the message.
#[wasm_bindgen(js_name = verifierNew)]
pub fn verifier_new(spec: &str) -> Result<VerifierHandle, JsError> {
    ops::verifier(spec).map(VerifierHandle).map_err(thrown)
}

/// Verifies and reads a webhook; the text of [`ops::open_webhook`]. The headers' lines come as UTF-8: a text
/// would cross the border letter by letter.
#[wasm_bindgen(js_name = webhookOpen)]
pub fn webhook_open(verifier: &VerifierHandle, body: &[u8], headers: &[u8], now_ms: f64) -> String {
    // A time beyond what `i64` holds becomes the last it holds.
    ops::open_webhook(&verifier.0, body, std::str::from_utf8(headers).unwrap_or_default(), now_ms as i64)
}

/// Reads the body of a webhook without verifying it; a settled text.
#[wasm_bindgen(js_name = webhookParse)]
pub fn webhook_parse(body: &[u8]) -> String {
    ops::parse_webhook(body)
}
