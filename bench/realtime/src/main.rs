//! `cargo xtask bench realtime`: prints one JSON line a row. Argument: the folder of the peers' programs for Node.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod fanout;
mod latency;
mod listeners;
mod receive;
mod server;
mod storm;

use serde_json::{Value, json};

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => server::serve().await,
        ["receive", port] => receive::receive(port.parse().unwrap()).await,
        [peers] => {
            fanout::measure(&format!("{peers}/sse.mjs")).await;
            receive::measure(&format!("{peers}/socket-io.mjs")).await;
            latency::measure().await;
            storm::measure().await;
        }
        _ => panic!("usage: bench-realtime FOLDER"),
    }
}

/// Prints a row of costs; without a peer it stands alone.
fn row(name: &str, unit: &str, ours: f64, peer: Option<(&str, f64)>) {
    print(name, unit, ours, peer, peer.map(|(_, peer)| peer / ours));
}

/// Prints a row of rates.
fn rate(name: &str, unit: &str, ours: f64, peer: (&str, f64)) {
    print(name, unit, ours, Some(peer), Some(ours / peer.1));
}

fn print(name: &str, unit: &str, ours: f64, peer: Option<(&str, f64)>, better: Option<f64>) {
    let round = |number: f64, digits: i32| (number * 10_f64.powi(digits)).round() / 10_f64.powi(digits);
    let (peer_name, peer) = peer.map_or(("-", Value::Null), |(name, peer)| (name, json!(round(peer, 3))));
    let better = better.map(|better| round(better, 2));
    let ours = round(ours, 3);
    println!(
        "{}",
        json!({ "name": name, "ours": ours, "peer_name": peer_name, "peer": peer, "unit": unit, "better": better })
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
