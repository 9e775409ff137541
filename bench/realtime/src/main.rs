//! `cargo xtask bench realtime`, and of `bench webhook` what is measured over HTTP: prints one JSON line a row. Arguments: `realtime`
//! or `webhook`, and the folder of the peers' programs for Node.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod fanout;
mod latency;
mod listeners;
mod receive;
mod receiver;
#[path = "../../rows.rs"]
mod rows;
mod server;
mod storm;

use rows::{median, rate, row};

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => server::serve().await,
        ["receive", port] => receive::receive(port.parse().unwrap()).await,
        ["serve-receiver"] => receiver::serve().await,
        ["webhook", peers] => receiver::measure(&format!("{peers}/receiver.mjs")).await,
        ["realtime", peers] => {
            fanout::measure(&format!("{peers}/sse.mjs")).await;
            receive::measure(&format!("{peers}/socket-io.mjs")).await;
            latency::measure().await;
            storm::measure().await;
        }
        _ => panic!("usage: bench-realtime realtime|webhook FOLDER"),
    }
}
