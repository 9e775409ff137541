//! A worker that is stopped in the middle of its work, and goes on when its lease is over and another has done it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use ghlkit::{config::SyncOptions, sync::Engine};
use integration::{Keep, Load, Mark, Shop, wait_until};
use mock_ghl::{FaultPlan, Rng};
use serde_json::{Value, json};

use crate::scene::{seed, shop};

const SYNC: SyncOptions = SyncOptions {
    wait_ms: 0,
    call_timeout_ms: 2_000,
    search_lag_ms: 0,
    lease_ms: 4_000,
    concurrency: 1,
    reconcile_every_ms: 0,
    existing_contact: ghlkit::config::ExistingContact::FillBlanks,
};
const PATIENCE: Duration = Duration::from_secs(60);
/// A worker may be stopped while it holds a lock of the database, which then nobody can pass. No lease is in the way
/// of others for longer than this.
const PASSABLE: Duration = Duration::from_millis(SYNC.lease_ms.unsigned_abs() + 2_500);
/// Two orders to a stop, and more where stops do not count.
const AT_MOST: usize = 10;
/// As long as a create may still leave, and as long as it may then take.
const LOOKED_FOR: Duration = Duration::from_secs(13);

/// One worker, which has one job at a time, is stopped at any moment of it, so many times.
pub(crate) async fn run(keep: Keep, stops: usize) -> (Value, bool) {
    let shop = shop(keep, SYNC).await;
    shop.ghl.set_faults(FaultPlan { seed: seed(), latency_ms: (5, 60), ..FaultPlan::default() });
    let other = shop.another_engine(|_| {}).await;
    let (mut rng, load) = (Rng::new(seed()), Load::new(stops * AT_MOST));
    let mut worker = shop.worker_process().await;
    // From now on it knows what the location looks like, and asks only about orders.
    load.place(&shop, 0).await;
    until(&shop, 0, "done").await;
    let (mut past, mut locked, mut stale, mut sent) = (0, 0, 0, Vec::new());
    while past < stops && load.placed() + 2 < stops * AT_MOST * 4 / 5 {
        let order = load.placed();
        load.place(&shop, order).await;
        if rng.chance(0.5) {
            until(&shop, order, "done").await;
            load.ship(&shop, order).await;
        }
        until(&shop, order, "leased").await;
        tokio::time::sleep(Duration::from_millis(rng.below(120))).await;
        worker.signal("STOP").await;
        let leased = state(&shop, order).await == "leased";
        let taken = leased && take_over(&shop, &other, order).await;
        let (before, mark) = (kept(&shop, order).await, shop.mark());
        worker.signal("CONT").await;
        if taken {
            past += 1;
            // The worker takes this one when the pass in which it was stopped has ended.
            load.place(&shop, order + 1).await;
            until(&shop, order + 1, "done").await;
            stale += usize::from(kept(&shop, order).await != before);
            sent.extend(about_others(&shop, mark, order + 1));
            // A create that may have arrived is looked for only after a while.
            shop.let_pass(LOOKED_FOR).await;
        }
        locked += usize::from(leased && !taken);
        until(&shop, order, "done").await;
    }
    worker.signal("TERM").await;
    let ended = worker.ended(PATIENCE).await;
    let (mut report, holds) = load.outcome(&shop, PATIENCE).await;
    report["stopped_past_the_lease"] = past.into();
    report["stopped_with_a_lock"] = locked.into();
    report["stale_acknowledgements"] = stale.into();
    report["sent_after_the_lease"] = json!(sent);
    (report, holds && ended.success() && past == stops && stale == 0 && sent.is_empty())
}

/// Another worker has the order once the lease of the stopped one is over, and ends. Whether it could.
async fn take_over(shop: &Shop, other: &Engine, order: usize) -> bool {
    other.resume();
    let running = tokio::spawn({
        let other = other.clone();
        async move { other.run().await }
    });
    let began = Instant::now();
    // From the lease of the one to the lease of the other, it stays leased.
    while state(shop, order).await == "leased" && began.elapsed() < PASSABLE {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let over = state(shop, order).await != "leased";
    other.stop();
    if over {
        running.await.unwrap().unwrap();
    } else {
        // It waits for the lock, and is as if it had died.
        running.abort();
    }
    over
}

async fn state(shop: &Shop, order: usize) -> String {
    shop.db.value(&format!("SELECT state FROM ghlkit_jobs WHERE order_id = '{order}'")).await
}

async fn until(shop: &Shop, order: usize, wanted: &str) {
    // What was to be under way may be done already.
    let reached = || async {
        let state = state(shop, order).await;
        (state == wanted || state == "done").then_some(())
    };
    wait_until("the order comes so far", reached).await;
}

/// What an acknowledgement of the order would change.
async fn kept(shop: &Shop, order: usize) -> BTreeMap<&'static str, Vec<Vec<String>>> {
    let queries = [
        ("jobs", "SELECT * FROM ghlkit_jobs WHERE order_id = '{}'"),
        ("orders", "SELECT * FROM ghlkit_orders WHERE order_id = '{}'"),
        ("log", "SELECT * FROM crm_sync_log WHERE order_id = '{}'"),
    ];
    let mut kept = BTreeMap::new();
    for (name, query) in queries {
        kept.insert(name, shop.db.rows(&query.replace("{}", &order.to_string())).await);
    }
    kept
}

/// What GHL received since, and is not about the order.
fn about_others(shop: &Shop, since: Mark, order: usize) -> Vec<String> {
    let number = format!("IS-{order}");
    let others = shop.sent(since).into_iter().filter(|sent| !sent.text.contains(&number));
    others.map(|sent| format!("{} {}", sent.line, sent.text)).collect()
}
