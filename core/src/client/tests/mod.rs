//! The pipeline as a whole, on a scripted transport and the manual clock.

mod errors;
mod observed;
mod pacing;
mod retries;
mod secrets;
mod shares;
mod streams;

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use super::{ApiRequest, Call, CallOptions, Client, ClientBuilder, StaticTokens};
use crate::{
    ids::LocationId,
    ports::{Entropy, Method, TokenSource},
    secret::Secret,
    testing::{ManualClock, ScriptedTransport, Step, drive},
};

const START: i64 = 1_800_000_000_000;
const TOKEN: &str = "pit-0b1c2d3e-secret";

/// No jitter: delays are exact.
struct NoJitter;

impl Entropy for NoJitter {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

struct Rig {
    clock: ManualClock,
    transport: ScriptedTransport,
    client: Client,
    location: LocationId,
}

impl Rig {
    fn new() -> Self {
        Self::with(|builder| builder)
    }

    fn with(set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        let location = LocationId::new("loc1");
        let other = (LocationId::new("loc2"), Secret::new(TOKEN));
        let tokens = StaticTokens::new().with(location, Secret::new(TOKEN));
        Self::with_tokens(Arc::new(tokens.with(other.0, other.1)), set)
    }

    fn with_tokens(tokens: Arc<dyn TokenSource>, set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        let clock = ManualClock::new(START);
        let transport = ScriptedTransport::new(clock.clone());
        let ports = (Arc::new(transport.clone()), Arc::new(clock.clone()), Arc::new(NoJitter));
        let client = set(ClientBuilder::new(ports.0, ports.1, ports.2, tokens)).build().unwrap();
        Self { clock, transport, client, location: LocationId::new("loc1") }
    }

    fn script(&self, steps: impl IntoIterator<Item = Step>) {
        for step in steps {
            self.transport.then(step);
        }
    }

    fn call(&self, request: &ApiRequest<Value>, options: &CallOptions<'_>) -> Call<Value> {
        drive(&self.clock, self.client.call(&self.location, request, options)).expect("the call ends")
    }

    /// When each request left, in milliseconds from the start.
    fn times(&self) -> Vec<i64> {
        self.transport.sent().iter().map(|sent| sent.at_ms - START).collect()
    }
}

fn request(method: Method) -> ApiRequest<Value> {
    let request = ApiRequest::new(method, &["contacts", "con1"]);
    if method == Method::Get { request } else { request.with_json(&"customer data") }
}

fn ok() -> Step {
    Step::reply(200, r#"{"a":1}"#)
}

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}
