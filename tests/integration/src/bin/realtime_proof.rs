//! What listening must come through: `realtime_proof PART COUNT`, by the parts' names below. The last line is JSON: what was
//! tried, and what came of it. It fails where something does not hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    env,
    process::ExitCode,
    time::{Duration, Instant},
};

use ghlkit::sync::Engine;
use integration::{Setup, Shop, Worker, gateway, local, order, realtime, wait_until};
use serde_json::{Value, json};

const USAGE: &str = "usage: realtime_proof PART COUNT
  events EVENTS   as many events, one after another, are kept once each
  drops DROPS     every connection is broken as often while events come, and the server knows the session again
  kills KILLS     the server is killed as often, with all it knows, and something changes while it is away";

/// The least that is emitted between two drops, and how fast.
const BETWEEN: usize = 20;
const EVERY_MS: usize = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let count = args.get(1).and_then(|count| count.parse().ok());
    let report = match (args.first().map(String::as_str), count) {
        (Some("events"), Some(count)) => events(count).await,
        (Some("drops"), Some(count)) => drops(count).await,
        (Some("kills"), Some(count)) => kills(count).await,
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    println!("{report}");
    ExitCode::SUCCESS
}

/// A shop that listens to a gateway and has mended its first gap; when that was.
async fn listening(port: u16) -> (Shop, Engine, Worker, i64) {
    let shop = Shop::with(Setup::deaf()).await;
    let (engine, worker) = shop.listen(realtime(local(port))).await;
    let begun = shop.reconciled(0).await;
    (shop, engine, worker, begun)
}

/// Emits the n-th event, whose `#` is n.
fn emit(from: usize, count: usize, every_ms: usize) -> Value {
    let said = json!({ "opportunityId": "o#", "newStageId": "s#", "previousStageId": "p#" });
    let event = "opportunity.stage.changed";
    json!({ "do": "emit", "event": event, "args": [said], "from": from, "count": count, "everyMs": every_ms })
}

/// All of so many are kept, each once, in their order.
async fn assert_kept(shop: &Shop, count: usize) {
    let kept = || shop.db.value("SELECT count(*) FROM ghlkit_inbox");
    let mut before = 0;
    while before < count {
        // A slow machine may take its time, as long as it goes on.
        before = wait_until("more events are kept", || async {
            let kept: usize = kept().await.parse().unwrap();
            (kept > before || kept >= count).then_some(kept)
        })
        .await;
    }
    let kept = shop.db.column("SELECT opportunity_id FROM ghlkit_inbox ORDER BY id").await;
    let expected: Vec<String> = (0..count).map(|nth| format!("o{nth}")).collect();
    assert!(kept == expected, "each once, in their order");
}

async fn events(count: usize) -> Value {
    let mut gateway = gateway(json!({ "recovery": true })).await;
    let (shop, _engine, _worker, _) = listening(gateway.port).await;
    let begun = Instant::now();
    gateway.tell(emit(0, count, 0)).await;
    assert_kept(&shop, count).await;
    let seconds = begun.elapsed().as_secs_f64();
    json!({ "kept": count, "events_per_second": (count as f64 / seconds).round() })
}

async fn drops(count: usize) -> Value {
    let mut gateway = gateway(json!({ "recovery": true })).await;
    let (shop, _engine, _worker, first) = listening(gateway.port).await;
    let mut emitted = 0;
    for nth in 1..=count {
        // Half of them come while there is a connection, half of them in the time after.
        gateway.tell(emit(emitted, BETWEEN / 2, EVERY_MS)).await;
        gateway.tell(json!({ "do": "drop" })).await;
        gateway.tell(emit(emitted + BETWEEN / 2, BETWEEN / 2, 0)).await;
        emitted += BETWEEN;
        let end = Instant::now() + Duration::from_secs(30);
        while gateway.seen().await["recovered"].as_u64() < Some(nth as u64) {
            assert!(Instant::now() < end, "the client comes back after drop {nth}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    assert_kept(&shop, emitted).await;
    let seen = gateway.seen().await;
    let joined = seen["joined"].as_u64().unwrap();
    let gaps = joined - 1 - seen["recovered"].as_u64().unwrap();
    let last = shop.reconciled(0).await;
    assert_eq!(last, first, "nothing was missed, so nothing was looked for");
    json!({ "drops": count, "events": emitted, "joined": joined, "gaps": gaps })
}

async fn kills(count: usize) -> Value {
    let mut server = gateway(json!({ "recovery": true })).await;
    let port = server.port;
    let (shop, _engine, _worker, mut mended) = listening(port).await;
    let placed = shop.place(&order("7")).await;
    let stages = [("stage_processing", "processing"), ("stage_shipped", "shipped")];
    let mut emitted = 0;
    for (stage, status) in stages.into_iter().cycle().take(count) {
        server.tell(emit(emitted, BETWEEN, 0)).await;
        emitted += BETWEEN;
        wait_until("they are kept", || async {
            let kept = shop.db.value("SELECT count(*) FROM ghlkit_inbox").await;
            (kept == emitted.to_string()).then_some(())
        })
        .await;
        server.kill().await;
        shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, stage));
        server = gateway(json!({ "recovery": true, "port": port })).await;
        wait_until("the change is found", || async { (shop.row("7").await.status == status).then_some(()) })
            .await;
        mended = shop.reconciled(mended).await;
    }
    assert_kept(&shop, emitted).await;
    json!({ "kills": count, "events": emitted, "changes_found": count })
}
