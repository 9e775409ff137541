use std::collections::BTreeMap;

use serde_json::Value;

use crate::Received;

/// A span as OTLP has it in JSON.
#[derive(Clone, Debug)]
pub struct Span {
    id: String,
    parent: String,
    trace: String,
    /// Its name.
    pub name: String,
    /// 1 is internal, 3 is a client.
    pub kind: i64,
    /// 2 is an error.
    pub status: i64,
    /// When it began and ended, in epoch nanoseconds.
    pub time: (u64, u64),
    /// What is said of it.
    pub attributes: BTreeMap<String, Value>,
    /// The names of what happened in it.
    pub events: Vec<String>,
}

impl Span {
    /// What is said of it by this name; null for nothing.
    pub fn said(&self, name: &str) -> Value {
        self.attributes.get(name).cloned().unwrap_or_default()
    }

    /// Whether it is a part of nothing.
    pub fn is_root(&self) -> bool {
        self.parent.is_empty()
    }

    /// Its parts.
    pub fn parts(&self, all: &[Span]) -> Vec<Span> {
        all.iter().filter(|span| span.parent == self.id && span.trace == self.trace).cloned().collect()
    }
}

/// The spans that were received, in the order in which they began.
pub fn spans(received: &[Received]) -> Vec<Span> {
    let mut spans = Vec::new();
    for Received { path, body, .. } in received {
        assert_eq!(path, "/v1/traces");
        let body: Value = serde_json::from_slice(body).unwrap();
        let resources = body["resourceSpans"].as_array().unwrap().iter();
        for scope in resources.flat_map(|one| one["scopeSpans"].as_array().unwrap()) {
            spans.extend(scope["spans"].as_array().unwrap().iter().map(span));
        }
    }
    spans.sort_by_key(|span| span.time);
    spans
}

fn span(span: &Value) -> Span {
    let text = |name: &str| span[name].as_str().unwrap_or_default().to_owned();
    let nanos = |name: &str| text(name).parse().unwrap();
    let list = |name: &str| span[name].as_array().cloned().unwrap_or_default().into_iter();
    Span {
        id: text("spanId"),
        parent: text("parentSpanId"),
        trace: text("traceId"),
        name: text("name"),
        kind: span["kind"].as_i64().unwrap(),
        status: span["status"]["code"].as_i64().unwrap_or(0),
        time: (nanos("startTimeUnixNano"), nanos("endTimeUnixNano")),
        attributes: list("attributes")
            .map(|one| (one["key"].as_str().unwrap().to_owned(), value(&one["value"])))
            .collect(),
        events: list("events").map(|one| one["name"].as_str().unwrap().to_owned()).collect(),
    }
}

/// The value inside of `{"intValue": …}` and its kin; numbers are written as texts.
fn value(value: &Value) -> Value {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match (kind.as_str(), value) {
        ("intValue", Value::String(text)) => text.parse::<i64>().unwrap().into(),
        _ => value.clone(),
    }
}
