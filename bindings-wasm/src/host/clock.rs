use std::time::Duration;

use ghlkit::ports::{BoxFuture, Clock};
use wasm_bindgen::prelude::*;

use super::{Guard, Pending};

#[wasm_bindgen(raw_module = "./host.mjs")]
extern "C" {
    fn sleep(ms: f64) -> Pending;
}

/// `Date.now` and `setTimeout`.
pub(crate) struct HostClock;

impl Clock for HostClock {
    fn now_ms(&self) -> i64 {
        js_sys::Date::now() as i64
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            Guard(sleep(duration.as_secs_f64() * 1000.0)).done().await;
        })
    }
}
