use ghlkit::ops::{self, Opener};
use wasm_bindgen::prelude::*;

use crate::thrown;

/// A verifier of webhooks, its keys set up.
#[wasm_bindgen]
pub struct VerifierHandle(Opener);

/// A verifier from its JSON.
///
/// # Errors
/// A settled error as the message.
#[wasm_bindgen(js_name = verifierNew)]
pub fn verifier_new(spec: &str) -> Result<VerifierHandle, JsError> {
    ops::verifier(spec).map(Opener::new).map(VerifierHandle).map_err(thrown)
}

/// Reads the body of a webhook without verifying it; a settled text.
#[wasm_bindgen(js_name = webhookParse)]
pub fn webhook_parse(body: &[u8]) -> String {
    ops::parse_webhook(body)
}

/// More room than this is given back once it has been used.
const KEPT_BYTES: usize = 256 * 1024;

/// Where the host lays what it hands over and finds the answer, so that nothing is allocated for one call.
#[wasm_bindgen]
#[derive(Default)]
pub struct Desk {
    given: Vec<u8>,
    answer: String,
}

#[wasm_bindgen]
impl Desk {
    /// A desk without room.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where to lay as many bytes; good until the next call of the module.
    pub fn room(&mut self, bytes: usize) -> *const u8 {
        if self.given.len() < bytes {
            self.given.resize(bytes, 0);
        }
        self.given.as_ptr()
    }

    /// Verifies and reads a webhook whose body was laid here and its headers' lines after it, each of so many
    /// bytes: the length of the answer, the text of [`Opener::open`].
    #[wasm_bindgen(js_name = webhookOpen)]
    pub fn webhook_open(
        &mut self,
        verifier: &VerifierHandle,
        body: usize,
        headers: usize,
        now_ms: f64,
    ) -> usize {
        self.answered(verifier, body, headers, now_ms, Opener::open)
    }

    /// The same, and reads it in full: the text is that of [`Opener::read`].
    #[wasm_bindgen(js_name = webhookRead)]
    pub fn webhook_read(
        &mut self,
        verifier: &VerifierHandle,
        body: usize,
        headers: usize,
        now_ms: f64,
    ) -> usize {
        self.answered(verifier, body, headers, now_ms, Opener::read)
    }

    /// Where the answer lies, in UTF-8.
    pub fn answer(&self) -> *const u8 {
        self.answer.as_ptr()
    }
}

impl Desk {
    fn answered(
        &mut self,
        verifier: &VerifierHandle,
        body: usize,
        headers: usize,
        now_ms: f64,
        open: fn(&Opener, &[u8], &str, i64) -> String,
    ) -> usize {
        let (body, rest) = self.given.split_at_checked(body).unwrap_or_default();
        let headers = rest.get(..headers).and_then(|headers| std::str::from_utf8(headers).ok());
        // A time beyond what `i64` holds becomes the last it holds.
        self.answer = open(&verifier.0, body, headers.unwrap_or_default(), now_ms as i64);
        if self.given.len() > KEPT_BYTES {
            self.given = Vec::new();
        }
        self.answer.len()
    }
}
