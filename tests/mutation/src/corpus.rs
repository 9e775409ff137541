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

/// What may be a list or an object in events of these types, of which the first stands for those that nobody reads.
const KEPT: [(&str, &[&str]); 12] = [
    ("ContactUpdate", &["else", "tags", "customFields", "dndSettings", "data", "email"]),
    ("our_own", &["customFields", "customData", "pipelineStage"]),
    ("AppointmentUpdate", &["appointment"]),
    ("INSTALL", &["trial", "whitelabelDetails"]),
    ("OutboundMessage", &["attachments", "to", "cc", "body"]),
    ("SMS", &["attachments", "emailTo"]),
    ("LCEmailStats", &["webhookPayload"]),
    ("OrderCreate", &["items", "amountSummary", "source"]),
    ("InvoicePaid", &["invoiceItems", "contactDetails"]),
    ("UserCreate", &["locations", "permissions"]),
    ("ObjectSchemaCreate", &["labels", "searchableProperties"]),
    ("RecordUpdate", &["properties", "followers", "owner"]),
];

/// The smallest values there are, and some that are larger within.
const SMALL: [&str; 15] = [
    "0",
    "\"\"",
    "\"a\"",
    "\"\\n\"",
    "[]",
    "{}",
    "{\"\":0}",
    "{\"id\":\"\"}",
    "{\"id\":\"\",\"value\":0}",
    "{\"id\":\"\",\"value\":[]}",
    "{\"id\":\"\",\"value\":{\"\":0}}",
    "{\"key\":\"a\"}",
    "[[[[0]]]]",
    "null",
    "1e9",
];

/// Bodies of nothing but the smallest values, each of about this many bytes.
pub fn crowds(size: usize) -> Vec<Vec<u8>> {
    let many = |value: &str, length: usize| vec![value; length / (value.len() + 1)].join(",");
    let members = |value: &str| {
        let each: Vec<String> =
            (0..size / (value.len() + 7)).map(|nth| format!("\"{nth:x}\":{value}")).collect();
        each.join(",")
    };
    let mut crowds = Vec::new();
    let mut add = |event: &str, more: String| {
        crowds.push(
            format!("{{\"type\":\"{event}\",\"id\":\"con1\",\"contactId\":\"con1\",{more}}}").into_bytes(),
        );
    };
    for (event, names) in KEPT {
        for name in names {
            for value in SMALL {
                add(event, format!("\"{name}\":[{}]", many(value, size)));
                add(event, format!("\"{name}\":{{{}}}", members(value)));
                add(event, format!("\"data\":{{\"{name}\":[{}]}}", many(value, size)));
            }
            add(event, format!("\"{name}\":\"{}\"", many("\\n", size)));
        }
        // All of them at once, each a part of the body.
        for value in SMALL {
            let part = |name: &&str| format!("\"{name}\":[{}]", many(value, size / names.len()));
            add(event, names.iter().map(part).collect::<Vec<_>>().join(","));
            add(event, members(value));
        }
        // Members without a name, as often as there is room.
        add(event, many("\"\":0", size));
        add(event, format!("\"customFields\":[{{\"id\":\"a\",\"value\":[{}]}}]", many("0", size)));
    }
    crowds
}
