use ghlkit::{Code, Error, Result, ports::Entropy};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./host.mjs")]
extern "C" {
    #[wasm_bindgen(js_name = hasRandom)]
    fn has_random() -> bool;

    fn random(buffer: &mut [u8]);
}

/// `crypto.getRandomValues`.
pub(crate) struct HostEntropy(());

impl HostEntropy {
    /// The host's randomness.
    ///
    /// # Errors
    /// `config`, field `crypto`: it has none, and nothing weaker is taken in its place.
    pub(crate) fn new() -> Result<Self> {
        if has_random() {
            return Ok(Self(()));
        }
        let message = "crypto: expected globalThis.crypto.getRandomValues; this runtime is too old";
        Err(Error::new(Code::Config, message).with_field("crypto"))
    }
}

impl Entropy for HostEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        random(buffer);
    }
}
