//! What the programs of `bench` print: one JSON line a row.

use serde_json::{Value, json};

/// Prints a row of costs; without a peer it stands alone.
pub(crate) fn row(name: &str, unit: &str, ours: f64, peer: Option<(&str, f64)>) {
    print(name, unit, ours, peer, peer.map(|(_, peer)| peer / ours));
}

/// Prints a row of rates.
pub(crate) fn rate(name: &str, unit: &str, ours: f64, peer: (&str, f64)) {
    print(name, unit, ours, Some(peer), Some(ours / peer.1));
}

fn print(name: &str, unit: &str, ours: f64, peer: Option<(&str, f64)>, better: Option<f64>) {
    let round = |number: f64| (number * 1e3).round() / 1e3;
    let (peer_name, peer) = peer.map_or(("-", Value::Null), |(name, peer)| (name, json!(round(peer))));
    let (ours, better) = (round(ours), better.map(round));
    println!(
        "{}",
        json!({ "name": name, "ours": ours, "peer_name": peer_name, "peer": peer, "unit": unit, "better": better })
    );
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
