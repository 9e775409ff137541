use serde_json::{Value, json};

use super::{NOW_MS, SECRET, SIGNATURE, hmac};
use crate::vector::Vectors;

/// Ways to write one moment (RFC 3339), and the milliseconds beyond [`NOW_MS`] that each means.
const TIMES: &[(&str, i64)] = &[
    ("2026-01-31T12:00:00Z", 0),
    ("2026-01-31T12:00:00.000Z", 0),
    ("2026-01-31T12:00:00.25Z", 250),
    ("2026-01-31T12:00:00.250Z", 250),
    ("2026-01-31T12:00:00.2509999Z", 250),
    ("2026-01-31T12:00:00.000000001Z", 0),
    ("2026-01-31t12:00:00z", 0),
    ("2026-01-31 12:00:00Z", 0),
    ("2026-01-31T14:00:00+02:00", 0),
    ("2026-01-31T06:30:00.500-05:30", 500),
    ("2026-02-01T01:59:59.999+13:59", 59_999),
    ("2026-01-31T12:00:00+00:00", 0),
    ("2026-01-31T12:00:00-00:00", 0),
    ("2026-01-31T11:59:59.999Z", -1),
    ("2026-01-31T12:04:59.999Z", 299_999),
    ("2026-01-31T11:55:00Z", -300_000),
];
/// What is no time.
const NO_TIMES: &[&str] = &[
    r#""""#,
    r#"" ""#,
    r#""now""#,
    r#""2026-01-31""#,
    r#""12:00:00Z""#,
    r#""2026-01-31T12:00:00""#,
    r#""2026-01-31T12:00Z""#,
    r#""2026-01-31T12:00:00.Z""#,
    r#""2026-01-31T12:00:00,5Z""#,
    r#""2026-02-30T12:00:00Z""#,
    r#""2025-02-29T12:00:00.000Z""#,
    r#""2026-13-01T12:00:00.000Z""#,
    r#""2026-00-01T12:00:00.000Z""#,
    r#""2026-01-00T12:00:00.000Z""#,
    r#""2026-01-31T24:00:00.000Z""#,
    r#""2026-01-31T12:60:00.000Z""#,
    r#""2026-01-31T12:00:61.000Z""#,
    r#""2026-01-31T12:00:00.000""#,
    r#"" 2026-01-31T12:00:00.000Z""#,
    r#""2026-01-31T12:00:00.000Z ""#,
    r#""2026-01-31T12:00:00+2""#,
    r#""+002026-01-31T12:00:00Z""#,
    r#""Sat, 31 Jan 2026 12:00:00 GMT""#,
    r#""1769860800000""#,
    "1769860800000",
    "true",
    "[]",
    "{}",
];

fn construct(webhooks: Value, body: &str, now_ms: i64) -> Value {
    let headers = [(SIGNATURE, hmac(SECRET, body.as_bytes()))];
    json!({ "webhooks": webhooks, "body": body, "headers": headers, "nowMs": now_ms })
}

fn event(timestamp_ms: Option<i64>) -> Value {
    let mut event =
        json!({ "type": "workflow", "kind": "workflow", "contactId": "con1", "customFields": [] });
    if let Some(ms) = timestamp_ms {
        event["timestampMs"] = json!(ms);
    }
    event
}

fn body(timestamp: &str) -> String {
    format!(r#"{{"contactId":"con1","timestamp":{timestamp}}}"#)
}

pub(crate) fn generate(vectors: &mut Vectors) {
    for (time, beyond) in TIMES {
        let args = construct(json!({ "hmac": SECRET }), &body(&format!("\"{time}\"")), NOW_MS);
        vectors.gives("webhook.construct", args, event(Some(NOW_MS + beyond)));
    }
    for no_time in NO_TIMES {
        let args = construct(json!({ "hmac": SECRET }), &body(no_time), NOW_MS);
        vectors.refuses("webhook.construct", args, "payload", "timestamp");
    }
    windows(vectors);
    absent(vectors);
    precedence(vectors);
}

/// The window is exact on both sides; five minutes unless another is set, 72 hours at most.
fn windows(vectors: &mut Vectors) {
    let at = body(r#""2026-01-31T12:00:00.000Z""#);
    for (tolerance, ms) in
        [(None, 300_000), (Some(0), 0), (Some(1_000), 1_000), (Some(259_200_000), 259_200_000)]
    {
        for (offset, fresh) in
            [(0, true), (ms, true), (-ms, true), (ms + 1, false), (-ms - 1, false), (10 * ms + 7, false)]
        {
            let mut webhooks = json!({ "hmac": SECRET });
            if let Some(tolerance) = tolerance {
                webhooks["toleranceMs"] = json!(tolerance);
            }
            let args = construct(webhooks, &at, NOW_MS + offset);
            if fresh {
                vectors.gives("webhook.construct", args, event(Some(NOW_MS)));
            } else {
                vectors.refuses("webhook.construct", args, "stale", "timestamp");
            }
        }
    }
    for now in [0, -1, i64::MIN, i64::MAX, 1_769_860_800] {
        vectors.refuses(
            "webhook.construct",
            construct(json!({ "hmac": SECRET }), &at, now),
            "stale",
            "timestamp",
        );
    }
    for (time, ms) in [
        ("1969-12-31T23:59:59.999Z", -1),
        ("0001-01-01T00:00:00.000Z", -62_135_596_800_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] {
        let args = construct(json!({ "hmac": SECRET }), &body(&format!("\"{time}\"")), ms);
        vectors.gives("webhook.construct", args, event(Some(ms)));
    }
}

/// Without a time any age passes, unless one is required.
fn absent(vectors: &mut Vectors) {
    for body in [r#"{"contactId":"con1"}"#.to_owned(), body("null")] {
        for now in [0, NOW_MS] {
            let args = construct(json!({ "hmac": SECRET }), &body, now);
            vectors.gives("webhook.construct", args, event(None));
            let args = construct(json!({ "hmac": SECRET, "requireTimestamp": false }), &body, now);
            vectors.gives("webhook.construct", args, event(None));
            let args = construct(json!({ "hmac": SECRET, "requireTimestamp": true }), &body, now);
            vectors.refuses("webhook.construct", args, "stale", "timestamp");
        }
    }
}

/// First the size, then the signature, then the JSON, then the age.
fn precedence(vectors: &mut Vectors) {
    let old = body(r#""2020-01-31T12:00:00.000Z""#);
    let forged = |webhooks: Value, body: &str| {
        let mut args = construct(webhooks, body, NOW_MS);
        args["headers"] = json!([[SIGNATURE, "0"]]);
        args
    };
    let hmac_only = || json!({ "hmac": SECRET });
    vectors.refuses(
        "webhook.construct",
        forged(json!({ "hmac": SECRET, "maxBytes": 5 }), &old),
        "too_large",
        "body",
    );
    vectors.refuses("webhook.construct", forged(hmac_only(), &old), "signature", SIGNATURE);
    vectors.refuses("webhook.construct", forged(hmac_only(), "no json"), "signature", SIGNATURE);
    vectors.refuses("webhook.construct", construct(hmac_only(), "no json", NOW_MS), "payload", "body");
    vectors.refuses("webhook.construct", construct(hmac_only(), &old, NOW_MS), "stale", "timestamp");
    let spoilt = old.replace("}", r#","contactId":"con2"}"#);
    vectors.refuses("webhook.construct", construct(hmac_only(), &spoilt, NOW_MS), "payload", "body");
}
