//! What must hold of the rows.

use serde_json::Value;

use crate::report::say;

/// What must hold of a row: how many times better than its peer, or how large at most.
pub(super) enum Gate {
    Better(f64),
    /// At most so many times the peer's cost.
    Costs(f64),
    AtMost(f64),
}

/// Row, peer, gate, and where we want to be.
pub(super) type Gates = [(&'static str, &'static str, Gate, Gate)];

pub(super) const BINDINGS: &Gates = &[
    ("webhook_hmac_1k_node", "users_js", Gate::Better(6.0), Gate::Better(8.5)),
    ("webhook_hmac_1k_node", "raw_js", Gate::Better(3.6), Gate::Better(5.0)),
    ("webhook_hmac_1k_wasm", "raw_js", Gate::Better(1.4), Gate::Better(2.0)),
    ("webhook_hmac_1k_wasm", "webcrypto", Gate::Better(5.0), Gate::Better(10.0)),
    ("require_cpu", "official_sdk", Gate::Better(25.0), Gate::Better(50.0)),
    ("wasm_cold_start", "-", Gate::AtMost(10.0), Gate::AtMost(5.0)),
    ("wasm_verify_cold_start", "-", Gate::AtMost(10.0), Gate::AtMost(5.0)),
    ("wasm_gzip_bytes", "-", Gate::AtMost(110_000.0), Gate::AtMost(90_000.0)),
    ("wasm_verify_gzip_bytes", "-", Gate::AtMost(62_000.0), Gate::AtMost(50_000.0)),
    ("node_addon_bytes", "-", Gate::AtMost(10e6), Gate::AtMost(7e6)),
];

pub(super) const ENGINE: &Gates = &[
    ("engine_jobs_sqlite", "apalis", Gate::Better(2.0), Gate::Better(5.0)),
    ("engine_jobs_postgres", "apalis", Gate::Better(2.0), Gate::Better(5.0)),
    ("enqueue_postgres", "plain_insert", Gate::Better(0.5), Gate::Better(0.8)),
    ("queue_100k_sqlite", "at_1000", Gate::Costs(2.0), Gate::Costs(1.2)),
    ("queue_100k_postgres", "at_1000", Gate::Costs(2.0), Gate::Costs(1.2)),
    ("queue_100k_memory", "-", Gate::AtMost(100.0), Gate::AtMost(50.0)),
    ("fleet_1", "fair_share", Gate::Costs(1.2), Gate::Costs(1.1)),
    ("fleet_2", "fair_share", Gate::Costs(1.2), Gate::Costs(1.1)),
    ("fleet_4", "fair_share", Gate::Costs(1.2), Gate::Costs(1.1)),
    ("sync_floor", "the_limit", Gate::Better(0.95), Gate::Better(0.98)),
    ("sync_floor_429", "-", Gate::AtMost(0.0), Gate::AtMost(0.0)),
    ("sync_floor_calls", "-", Gate::AtMost(2.0), Gate::AtMost(2.0)),
];

/// What a webhook costs, from its bytes to what it means. What [`BINDINGS`] has too is held more strictly.
pub(super) const WEBHOOK: &Gates = &[
    ("webhook_hmac_1k_node", "users_js", Gate::Better(6.5), Gate::Better(8.5)),
    ("webhook_hmac_1k_node", "raw_js", Gate::Better(4.0), Gate::Better(5.0)),
    ("webhook_hmac_64k_node", "users_js", Gate::Better(6.5), Gate::Better(9.0)),
    ("webhook_hmac_64k_node", "raw_js", Gate::Better(3.9), Gate::Better(5.5)),
    ("webhook_event_object_1k_node", "users_js", Gate::Better(2.0), Gate::Better(4.0)),
    ("webhook_ed25519_1k_node", "official_sdk", Gate::Better(4.5), Gate::Better(8.0)),
    ("webhook_hmac_1k_wasm", "raw_js", Gate::Better(1.4), Gate::Better(2.0)),
    ("webhook_hmac_1k_wasm", "webcrypto", Gate::Better(5.0), Gate::Better(10.0)),
    ("wasm_cold_start", "-", Gate::AtMost(4.0), Gate::AtMost(2.5)),
    ("receiver_axum", "users_js", Gate::Better(2.5), Gate::Better(4.0)),
];

pub(super) const HTTP: &Gates = &[
    ("http_get_c64", "official_sdk", Gate::Better(6.0), Gate::Better(8.5)),
    ("http_get_c64", "raw_hyper", Gate::Costs(3.6), Gate::Costs(2.6)),
    ("http_get_c64_batch", "official_sdk", Gate::Better(9.0), Gate::Better(14.0)),
    ("http_get_c64_batch", "undici_pool", Gate::Better(1.3), Gate::Better(2.0)),
    ("http_get_c1", "official_sdk", Gate::Better(3.5), Gate::Better(5.0)),
    ("rust_get_c64", "reqwest", Gate::Costs(1.2), Gate::Costs(1.1)),
    ("paced_bulk", "the_limit", Gate::Better(0.95), Gate::Better(0.98)),
    ("paced_bulk_429", "-", Gate::AtMost(0.0), Gate::AtMost(0.0)),
];

pub(super) const REALTIME: &Gates = &[
    ("sse_fanout", "node_http", Gate::Better(2.0), Gate::Better(4.0)),
    ("socketio_receive", "socket.io-client", Gate::Better(1.5), Gate::Better(3.0)),
    ("webhook_to_sse_sqlite", "-", Gate::AtMost(10.0), Gate::AtMost(5.0)),
    ("webhook_to_sse_postgres", "-", Gate::AtMost(25.0), Gate::AtMost(12.5)),
    ("sse_clients_1000", "-", Gate::AtMost(100.0), Gate::AtMost(50.0)),
    ("reconnect_storm", "-", Gate::AtMost(20.0), Gate::AtMost(10.0)),
];

pub(super) const SHOP: &Gates = &[
    ("shop_webhook", "users_js", Gate::Better(1.3), Gate::Better(2.0)),
    ("shop_webhook_p99", "users_js", Gate::Better(1.0), Gate::Better(1.0)),
];

/// Prints the table, and whether every gate holds. A gate whose row is missing does not.
pub(super) fn print(rows: &[Value], gates: &Gates) -> bool {
    say(format_args!("\n{:<28} {:>14} {:>14} {:<13} {:>8}  gate", "row", "ours", "peer", "", "better"));
    let mut holds = true;
    for row in rows {
        let (name, peer) = (text(row, "name"), text(row, "peer_name"));
        let gate = gates.iter().find(|(row, of, ..)| *row == name && *of == peer);
        let verdict = gate.map_or("", |(_, _, gate, stretch)| match (met(gate, row), met(stretch, row)) {
            (true, true) => "held, and the stretch too",
            (true, false) => "held",
            (false, _) => "MISSED",
        });
        holds &= verdict != "MISSED";
        let number =
            |key: &str| row.get(key).and_then(Value::as_f64).map_or(String::from("-"), |n| n.to_string());
        let unit = text(row, "unit");
        say(format_args!(
            "{name:<28} {:>14} {:>14} {peer:<13} {:>8}  {verdict} ({unit})",
            number("ours"),
            number("peer"),
            number("better")
        ));
    }
    let missing = gates.iter().filter(|(name, peer, ..)| {
        !rows.iter().any(|row| text(row, "name") == *name && text(row, "peer_name") == *peer)
    });
    for (name, peer, ..) in missing {
        say(format_args!("{name} against {peer}: MISSED, as there is no such row"));
        holds = false;
    }
    holds
}

fn met(gate: &Gate, row: &Value) -> bool {
    let number = |key: &str| row.get(key).and_then(Value::as_f64);
    match gate {
        Gate::Better(times) => number("better").is_some_and(|better| better >= *times),
        Gate::Costs(times) => {
            number("ours").zip(number("peer")).is_some_and(|(ours, peer)| ours <= peer * times)
        }
        Gate::AtMost(most) => number("ours").is_some_and(|ours| ours <= *most),
    }
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Rows of the cost `ours`, of a peer whose cost is `peer`.
    fn rows(gates: &Gates, ours: f64, peer: f64) -> Vec<Value> {
        let row = |(name, of, ..): &(&str, &str, Gate, Gate)| match *of {
            "-" => json!({ "name": name, "ours": ours, "peer_name": "-", "peer": null, "better": null }),
            _ => json!({ "name": name, "ours": ours, "peer_name": of, "peer": peer, "better": peer / ours }),
        };
        gates.iter().map(row).collect()
    }

    #[test]
    fn every_gate_must_hold_and_every_row_be_there() {
        assert!(print(&rows(BINDINGS, 1.0, 100.0), BINDINGS));
        assert!(!print(&rows(BINDINGS, 1.0, 1.0), BINDINGS));
        assert!(!print(&rows(BINDINGS, 1e9, 1e12), BINDINGS));
        assert!(!print(&rows(BINDINGS, 1.0, 100.0)[1..], BINDINGS));
        assert!(!print(&[], BINDINGS));
        assert!(print(&rows(&HTTP[..7], 1.0, 100.0), &HTTP[..7]));
        assert!(!print(&rows(&HTTP[5..6], 1.25, 1.0), &HTTP[5..6]), "it costs more than 1.2 times as much");
        assert!(!print(&rows(&HTTP[7..], 1.0, 0.0), &HTTP[7..]), "a 429 is one too many");
    }
}
