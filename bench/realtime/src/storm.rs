//! What a thousand who listen cost, and when they come back after a restart.

use crate::{
    listeners::{Server, listen},
    row,
};
use std::sync::atomic::Ordering;

const CLIENTS: usize = 1_000;

pub(crate) async fn measure() {
    let mut server = Server::ours().await;
    let before = server.number("memory").await;
    let heard = listen(server.at, CLIENTS).await;
    server.ask("tell 3").await;
    heard.until(|heard| heard.frames.load(Ordering::Relaxed), 3 * CLIENTS).await;
    row("sse_clients_1000", "MB", (server.number("memory").await - before) / 1e6, None);
    server.ask("end").await;
    heard.until(|heard| CLIENTS - heard.listening.load(Ordering::Relaxed), CLIENTS).await;
    // As browsers do it: each after the time that it was told.
    let mut seconds = [0_usize; 64];
    for ms in heard.retries.lock().unwrap().iter() {
        seconds[usize::try_from(ms / 1000).unwrap()] += 1;
    }
    let fullest = *seconds.iter().max().unwrap() as f64;
    row("reconnect_storm", "% in the fullest second", 100.0 * fullest / CLIENTS as f64, None);
}
