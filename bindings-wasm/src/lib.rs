//! ghlkit for JavaScript hosts without an addon: edge functions, browsers, Deno, Bun, Node.
//!
//! It converts and decides nothing: every function hands its texts and bytes to `ghlkit::ops`. What the
//! core needs of its host (`fetch`, a timer, randomness) it takes from `host.mjs`. Elsewhere than on wasm32
//! there is no such host, and the crate is empty.
#![cfg(target_arch = "wasm32")]

#[cfg(feature = "full")]
/// Calls to GHL.
pub mod client;
#[cfg(feature = "full")]
mod host;
#[cfg(feature = "full")]
/// Events over Socket.IO.
pub mod socket;
/// Webhooks.
pub mod webhook;

use ghlkit::{Error, ops};
use wasm_bindgen::prelude::*;

/// The version of the package.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Evaluates a function without I/O by its name; a settled text.
#[wasm_bindgen]
pub fn evaluate(op: &str, args: &str) -> String {
    #[cfg(feature = "full")]
    return ops::evaluate(op, args);
    #[cfg(not(feature = "full"))]
    return ops::evaluate_mapping(op, args);
}

/// What JavaScript throws: its message is the settled text of the error.
fn thrown(error: Error) -> JsError {
    JsError::new(&ops::error_text(&error))
}
