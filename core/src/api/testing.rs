//! Requests in one line, replies from text, and a client on a script: for tests.

use std::sync::Arc;

use crate::{
    client::{ApiRequest, Client, ClientBuilder, StaticTokens},
    ids::LocationId,
    secret::Secret,
    testing::{ManualClock, ScriptedTransport, SeededEntropy},
};

pub(crate) struct Rig {
    pub(crate) clock: ManualClock,
    pub(crate) transport: ScriptedTransport,
    pub(crate) client: Client,
    pub(crate) location: LocationId,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::new(0);
        let transport = ScriptedTransport::new(clock.clone());
        let location = LocationId::new("loc1");
        let tokens = StaticTokens::new().with(location.clone(), Secret::new("pit-1"));
        let entropy = Arc::new(SeededEntropy::new(1));
        let ports = (Arc::new(transport.clone()), Arc::new(clock.clone()));
        let client = ClientBuilder::new(ports.0, ports.1, entropy, Arc::new(tokens)).build().unwrap();
        Self { clock, transport, client, location }
    }
}

/// Method, path, query, version, whether it may be repeated, and body.
pub(super) fn line<T>(request: &ApiRequest<T>) -> String {
    let headers = request.headers();
    let header = |name| headers.iter().find(|(n, _)| *n == name).map_or("-", |(_, value)| *value);
    assert_eq!(header("content-type") != "-", !request.body().is_empty());
    let repeat = if request.repeatable() { "repeatable" } else { "once" };
    let query = request.query_string();
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    let parts = [
        request.method().as_str(),
        request.path(),
        if query.is_empty() { "-" } else { &query },
        header("version"),
        repeat,
        if body.is_empty() { "-" } else { &body },
    ];
    parts.join(" ")
}

pub(super) fn read<T: serde::de::DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}
