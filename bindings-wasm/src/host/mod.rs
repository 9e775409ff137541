//! The core's ports over what every JavaScript host has: `fetch`, a timer, randomness.

mod clock;
mod entropy;
mod fetch;

pub(crate) use clock::HostClock;
pub(crate) use entropy::HostEntropy;
pub(crate) use fetch::FetchTransport;

use js_sys::{Promise, futures::JsFuture};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./host.mjs")]
extern "C" {
    /// Something the host is doing.
    type Pending;

    /// Fulfils when it is done; never rejects.
    #[wasm_bindgen(method, getter)]
    fn done(this: &Pending) -> Promise;

    /// Makes the host stop; once it is done, nothing.
    #[wasm_bindgen(method)]
    fn stop(this: &Pending);
}

/// Stops what the host is doing when dropped: a cancelled call ends its `fetch` and clears its timer.
struct Guard(Pending);

impl Guard {
    async fn done(&self) -> JsValue {
        JsFuture::from(self.0.done()).await.unwrap_or_default()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.stop();
    }
}
