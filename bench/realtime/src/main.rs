//! `cargo xtask bench realtime`: prints one JSON line a row. Argument: the peer's program for Node.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod fanout;
mod latency;
mod listeners;
mod server;
mod storm;

use serde_json::{Value, json};

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => server::serve().await,
        [peer] => {
            fanout::measure(peer).await;
            latency::measure().await;
            storm::measure().await;
        }
        _ => panic!("usage: bench-realtime PEER.mjs"),
    }
}

/// Prints a row; without a peer it stands alone.
fn row(name: &str, unit: &str, ours: f64, peer: Option<(&str, f64)>) {
    let round = |number: f64, digits: i32| (number * 10_f64.powi(digits)).round() / 10_f64.powi(digits);
    let (peer_name, peer) = peer.map_or(("-", Value::Null), |(name, peer)| (name, json!(round(peer, 3))));
    let better = peer.as_f64().map(|peer| round(peer / ours, 2));
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
