//! Worker processes that are killed over and over.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

use ghlkit::config::SyncOptions;
use integration::{Child, Keep, Load, Shop};
use mock_ghl::Rng;
use serde_json::Value;

use crate::scene::{bad_day, seed, shop};

const WORKERS: usize = 4;
/// Longer than the waits of a create whose reply was lost, and than a job's first two pauses.
const PATIENCE: Duration = Duration::from_secs(240);
/// How long a killed process may take to be gone.
const GONE: Duration = Duration::from_secs(10);

/// The orders come in one after the other; meanwhile one worker after the other is killed and started again.
pub(crate) async fn run(keep: Keep, orders: usize, kills: usize, late_ms: usize) -> (Value, bool) {
    let sync =
        SyncOptions { call_timeout_ms: 1_500, search_lag_ms: 0, lease_ms: 4_000, ..SyncOptions::default() };
    let shop = shop(keep, sync).await;
    shop.ghl.set_faults(bad_day());
    let (load, latest, began) = (Load::new(orders), AtomicI64::new(0), Instant::now());
    let work = async {
        let ((), workers) = tokio::join!(load.feed(&shop), kill(&shop, &load, orders, kills));
        let outcome = load.outcome(&shop, PATIENCE).await;
        drop(workers);
        outcome
    };
    let (mut report, holds) = tokio::select! {
        () = watch(&shop, &latest) => unreachable!("it watches until the work is done"),
        outcome = work => outcome,
    };
    let latest = latest.into_inner();
    report["kills"] = kills.into();
    report["latest_ms"] = latest.into();
    let counters = shop.ghl.with(|ghl| ghl.counters());
    report["requests"] = counters.requests.into();
    report["refused"] = counters.too_many.into();
    report["seconds"] = began.elapsed().as_secs().into();
    (report, holds && latest <= i64::try_from(late_ms).unwrap())
}

/// Kills at moments spread over the load, none of which is chosen with regard to what the worker does.
async fn kill(shop: &Shop, load: &Load, orders: usize, kills: usize) -> Vec<Child> {
    let mut rng = Rng::new(seed());
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        workers.push(shop.worker_process().await);
    }
    for nth in 0..kills {
        while load.placed() < orders * (nth + 1) / (kills + 1) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::time::sleep(Duration::from_millis(rng.below(50))).await;
        let mut victim = workers.remove(0);
        victim.signal("KILL").await;
        victim.ended(GONE).await;
        workers.push(shop.worker_process().await);
    }
    workers
}

/// Notes by how much a lease is over at most while nobody has taken its order up again.
async fn watch(shop: &Shop, latest: &AtomicI64) {
    loop {
        let oldest = "SELECT min(lease_until) FROM ghlkit_jobs WHERE state = 'leased'";
        if let Ok(until) = shop.db.value(oldest).await.parse::<i64>() {
            latest.fetch_max(shop.ghl.now() - until, Ordering::Relaxed);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
