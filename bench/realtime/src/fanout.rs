//! `sse_fanout`: CPU time of the server for each event that reaches a client.

use std::sync::atomic::Ordering;

use crate::{
    listeners::{Server, listen},
    median, row,
};

const CLIENTS: usize = 500;
const EVENTS: usize = 100;
const ROUNDS: usize = 7;
/// What ours says of a change of a status.
const DATA: &str = r#"{"orderId":"b","previousStatus":"order_placed","progress":25,"status":"processing","timestamp":"2026-01-01T12:00:00.000Z","type":"STATUS_UPDATE"}"#;

pub(crate) async fn measure(peer: &str) {
    let mut ours = Server::ours().await;
    let mut theirs = Server::start("node", &[peer, DATA]).await;
    let heard = [listen(ours.at, CLIENTS).await, listen(theirs.at, CLIENTS).await];
    let mut each = [Vec::new(), Vec::new()];
    // The first round warms both up.
    for round in 0..=ROUNDS {
        for (nth, server) in [&mut ours, &mut theirs].into_iter().enumerate() {
            let heard = &heard[nth];
            let (before, frames) = (server.number("cpu").await, heard.frames.load(Ordering::Relaxed));
            server.ask(&format!("tell {EVENTS}")).await;
            heard.until(|heard| heard.frames.load(Ordering::Relaxed), frames + EVENTS * CLIENTS).await;
            let spent = server.number("cpu").await - before;
            if round > 0 {
                each[nth].push(spent / (EVENTS * CLIENTS) as f64);
            }
        }
    }
    let [ours, theirs] = each.map(median);
    row("sse_fanout", "ns CPU an event and client", ours, Some(("node_http", theirs)));
}
