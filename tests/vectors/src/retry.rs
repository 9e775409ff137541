use serde_json::{Value, json};

use crate::vector::Vectors;

/// The committed table: a line a failure, a column a method.
const CLASSES: &str = include_str!("../../../core/src/policy/retry/classes.txt");
/// Where the columns begin.
const NAME_WIDTH: usize = 16;
/// The statuses of the table that are taken; one of each kind, and the edges.
const STATUSES: &[&str] = &[
    "100", "101", "199", "200", "201", "202", "204", "206", "299", "300", "301", "304", "307", "399", "400",
    "401", "402", "403", "404", "405", "406", "408", "409", "410", "413", "415", "421", "422", "423", "424",
    "425", "426", "429", "431", "451", "499", "500", "501", "502", "503", "504", "505", "511", "599",
];

pub(crate) fn generate(vectors: &mut Vectors) {
    table(vectors);
    beyond_the_table(vectors);
    delays(vectors);
    bad_input(vectors);
}

/// What a cell says: `retry:network`, or a bare word.
fn class(cell: &str) -> Value {
    match cell.split_once(':') {
        Some((class, code)) => json!({ "class": class, "code": code }),
        None => json!({ "class": cell }),
    }
}

fn table(vectors: &mut Vectors) {
    let rows =
        CLASSES.lines().filter_map(|line| Some((line.get(..NAME_WIDTH)?.trim(), line.get(NAME_WIDTH..)?)));
    let mut columns: Vec<(&str, bool)> = Vec::new();
    for (name, cells) in rows {
        if name == "failure" {
            let column = |title: &'static str| (title.trim_end_matches("+safe"), title.ends_with("+safe"));
            columns = cells.split_whitespace().map(column).collect();
            continue;
        }
        let (what, detail) = name.split_once(' ').unwrap_or((name, ""));
        let is_status = what.bytes().all(|byte| byte.is_ascii_digit());
        if is_status && !STATUSES.contains(&what) {
            continue;
        }
        for ((method, safe), cell) in columns.iter().zip(cells.split_whitespace()) {
            let mut args = json!({ "method": method });
            if *safe {
                args["safe"] = json!(true);
            }
            match detail {
                "token" => args["detail"] = json!("token_invalid"),
                "daily" => args["detail"] = json!("daily_limit"),
                _ => {}
            }
            match what.parse::<u16>() {
                Ok(status) => args["status"] = json!(status),
                Err(_) => args["transport"] = json!(what),
            }
            vectors.gives("retry.classify", args, class(cell));
        }
    }
}

/// A status that no final reply has: what was done is unknown, so only what may be repeated has a reply at all.
fn beyond_the_table(vectors: &mut Vectors) {
    for status in [0, 1, 99, 600, 999, 65_535] {
        for (method, safe, code) in [
            ("GET", false, "unexpected_reply"),
            ("POST", true, "unexpected_reply"),
            ("POST", false, "outcome_unknown"),
        ] {
            let args = json!({ "method": method, "safe": safe, "status": status });
            vectors.gives("retry.classify", args, json!({ "class": "final", "code": code }));
        }
    }
    let args = json!({ "method": "GET", "status": 500, "detail": "none", "transport": null });
    vectors.gives("retry.classify", args, json!({ "class": "retry", "code": "server" }));
    // A detail counts only with the status it belongs to.
    for (status, detail, class) in [
        (403, "token_invalid", json!({ "class": "final", "code": "refused" })),
        (401, "daily_limit", json!({ "class": "final", "code": "unauthorized" })),
        (429, "token_invalid", json!({ "class": "throttled" })),
        (503, "daily_limit", json!({ "class": "retry", "code": "server" })),
    ] {
        vectors.gives(
            "retry.classify",
            json!({ "method": "GET", "status": status, "detail": detail }),
            class,
        );
    }
}

/// Three tries, a second, then twice as long; five minutes at most; up to a quarter more, a second at most.
fn delays(vectors: &mut Vectors) {
    for attempt in 1..=12_u32 {
        for asked in [None, Some(0), Some(7_000), Some(300_000), Some(86_400_000)] {
            let least = asked.unwrap_or(1000 * 2_u64.pow(attempt - 1)).min(300_000);
            for (random, eighths) in [(0.0, 0), (0.125, 1), (0.5, 4), (1.0, 8)] {
                let jitter = (least / 4).min(1000) * eighths / 8;
                let mut args = json!({ "attempt": attempt, "random": random });
                if let Some(asked) = asked {
                    args["askedMs"] = json!(asked);
                }
                // Once the cap is reached the attempts are alike.
                if attempt <= 3 || (asked.is_none() && attempt >= 9) {
                    vectors.gives("retry.delay", args, json!(least + jitter));
                }
            }
        }
    }
    for (args, delay) in [
        (json!({ "attempt": 1 }), 1000),
        (json!({ "attempt": 3, "baseMs": 10, "factor": 3 }), 90),
        (json!({ "attempt": 5, "baseMs": 200, "factor": 1 }), 200),
        (json!({ "attempt": 1, "baseMs": 0, "random": 1 }), 0),
        (json!({ "attempt": 4_294_967_295_u32 }), 300_000),
        (json!({ "attempt": 2, "baseMs": u64::MAX, "factor": u64::MAX }), 300_000),
    ] {
        vectors.gives("retry.delay", args, json!(delay));
    }
}

fn bad_input(vectors: &mut Vectors) {
    for (args, field) in [
        (r#"{"method":"GET"}"#, "status"),
        (r#"{"method":"GET","status":200,"transport":"connect"}"#, "status"),
        (r#"{"method":"GET","status":65536}"#, "status"),
        (r#"{"method":"GET","status":-1}"#, "status"),
        (r#"{"method":"GET","status":"200"}"#, "status"),
        (r#"{"method":"GET","status":200.5}"#, "status"),
        (r#"{"method":"get","status":200}"#, "method"),
        (r#"{"method":"PATCH","status":200}"#, "method"),
        (r#"{"status":200}"#, "method"),
        (r#"{"method":"GET","transport":"dns"}"#, "transport"),
        (r#"{"method":"GET","status":200,"detail":"slow"}"#, "detail"),
        (r#"{"method":"GET","status":200,"safe":"yes"}"#, "safe"),
    ] {
        vectors.refuses("retry.classify", args, "invalid_argument", field);
    }
    for (args, field) in [
        ("{}", "attempt"),
        (r#"{"attempt":0}"#, "attempt"),
        (r#"{"attempt":-1}"#, "attempt"),
        (r#"{"attempt":1.5}"#, "attempt"),
        (r#"{"attempt":4294967296}"#, "attempt"),
        (r#"{"attempt":1,"random":-0.1}"#, "random"),
        (r#"{"attempt":1,"random":1.5}"#, "random"),
        (r#"{"attempt":1,"random":"1"}"#, "random"),
        (r#"{"attempt":1,"askedMs":-1}"#, "askedMs"),
        (r#"{"attempt":1,"baseMs":18446744073709551616}"#, "baseMs"),
        (r#"{"attempt":1,"tries":3}"#, "tries"),
    ] {
        vectors.refuses("retry.delay", args, "invalid_argument", field);
    }
}
