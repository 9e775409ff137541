//! `webhook_to_sse`: from a webhook that was accepted to the frame that it leads to.

use std::time::Instant;

use ghlkit::webhook::sign::{Signer, test_headers};
use integration::{EventSource, Keep, Setup, Shop, Streams, Worker, order};
use mock_ghl::WORKFLOW_SECRET;
use serde_json::json;

use crate::{median, row};

const WEBHOOKS: usize = 200;

pub(crate) async fn measure() {
    let sqlite = times(Keep::Sqlite, false).await;
    row("webhook_to_sse_sqlite", "ms, median", median(sqlite), None);
    let postgres = times(Keep::Postgres, true).await;
    row("webhook_to_sse_postgres", "ms, median", median(postgres), None);
}

/// `elsewhere`: the page is connected to another engine, which hears of it through the database.
async fn times(keep: Keep, elsewhere: bool) -> Vec<f64> {
    let shop = Box::pin(Shop::with(Setup { keep, ..Setup::deaf() })).await;
    let placed = shop.place(&order("l")).await;
    let _worker = Worker::start(&shop.engine);
    let watched = if elsewhere { Box::pin(shop.another_engine(|_| {})).await } else { shop.engine.clone() };
    let streams = Streams::of(&watched).await;
    let mut page = EventSource::new("/all");
    page.connect(streams.at).await;
    page.identify().await;
    let mut times = Vec::new();
    for n in 0..WEBHOOKS {
        let stage = ["stage_processing", "stage_shipped"][n % 2];
        shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, stage));
        let body = json!({ "contactId": placed.contact, "pipelineStage": stage, "n": n }).to_string();
        let headers = test_headers(body.as_bytes(), Signer::Hmac(WORKFLOW_SECRET));
        shop.engine.receive_webhook(None, body.as_bytes(), headers).await.unwrap();
        let accepted = Instant::now();
        page.next(4_096).await.unwrap();
        times.push(accepted.elapsed().as_secs_f64() * 1e3);
    }
    times
}
