//! What is mutated, and what is made to take as much of the machine as it can.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

/// The bodies of the vectors, accepted ones and refused ones.
pub fn bodies() -> Vec<Vec<u8>> {
    let files = [
        include_str!("../../vectors/data/webhook-bodies.json"),
        include_str!("../../vectors/data/webhook-records.json"),
    ];
    let calls = files.into_iter().flat_map(|file| serde_json::from_str::<Vec<Value>>(file).unwrap());
    let body = |call: Value| {
        let args: Value = serde_json::from_str(call["args"].as_str().unwrap()).unwrap();
        let base64 = || STANDARD.decode(args["bodyBase64"].as_str()?).ok();
        args["body"].as_str().map(|body| body.as_bytes().to_vec()).or_else(base64)
    };
    calls.filter_map(body).collect()
}

/// Bodies that are nested deeper than anyone needs, each of about this many bytes.
pub fn bombs(size: usize) -> Vec<Vec<u8>> {
    let nested = |head: &str, open: &str, close: &str, closed: bool| {
        let depth = size / (open.len() + if closed { close.len() } else { 0 });
        let close = if closed { close.repeat(depth) + &"}".repeat(head.len().min(1)) } else { String::new() };
        (head.to_owned() + &open.repeat(depth) + &close).into_bytes()
    };
    let mut bombs = Vec::new();
    for closed in [true, false] {
        for head in ["", "{\"tags\":", "{\"data\":", "{\"customFields\":", "{\"appointment\":", "{\"else\":"]
        {
            bombs.push(nested(head, "[", "]", closed));
            bombs.push(nested(head, "{\"data\":", "}", closed));
            bombs.push(nested(head, "[{\"value\":", "}]", closed));
        }
    }
    bombs
}

/// Bodies of nothing but the smallest values there are, each of about this many bytes.
pub fn crowds(size: usize) -> Vec<Vec<u8>> {
    let many = |head: &str, value: &str, tail: &str| {
        let values = vec![value; size / (value.len() + 1)].join(",");
        format!("{{\"type\":\"ContactUpdate\",\"id\":\"con1\",{head}{values}{tail}}}").into_bytes()
    };
    let members: Vec<String> = (0..size / 9).map(|nth| format!("\"{nth:x}\":0")).collect();
    vec![
        many("\"tags\":[", "\"\"", "]"),
        many("\"customFields\":[", "{\"id\":\"\"}", "]"),
        many("\"customFields\":[{\"id\":\"a\",\"value\":[", "0", "]}]"),
        many("\"customFields\":[{\"id\":\"a\",\"value\":[", "{}", "]}]"),
        many("\"else\":[", "0", "]"),
        format!("{{\"type\":\"ContactUpdate\",\"id\":\"con1\",{}}}", members.join(",")).into_bytes(),
        many("\"note\":\"", "a note", "\""),
    ]
}
