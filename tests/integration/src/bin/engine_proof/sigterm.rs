//! A worker that is told to end in the middle of its work.

use std::time::{Duration, Instant};

use ghlkit::config::SyncOptions;
use integration::{Keep, Load, Shop, wait_until};
use mock_ghl::{FaultPlan, Rng};
use serde_json::Value;

use crate::scene::{seed, shop};

const PATIENCE: Duration = Duration::from_secs(300);
/// As long as an orchestrator waits at least before it kills.
const DRAINED: Duration = Duration::from_secs(10);
/// Orders that come in for each worker.
const ORDERS: usize = 12;

/// One worker after the other begins, and is told to end as it has several orders at once; GHL takes its time.
pub(crate) async fn run(keep: Keep, ends: usize) -> (Value, bool) {
    let shop = shop(keep, SyncOptions { search_lag_ms: 0, ..SyncOptions::default() }).await;
    shop.ghl.set_faults(FaultPlan { seed: seed(), latency_ms: (0, 1_500), ..FaultPlan::default() });
    let (mut rng, load) = (Rng::new(seed()), Load::new(ends * ORDERS));
    let (mut longest, mut left, mut burned, mut failed) = (Duration::ZERO, 0, 0, 0);
    for nth in 0..ends {
        let mut worker = shop.worker_process().await;
        for order in nth * ORDERS..(nth + 1) * ORDERS {
            load.place(&shop, order).await;
            if let Some(before) = order.checked_sub(ORDERS / 2) {
                load.ship(&shop, before).await;
            }
        }
        let busy = || async { (count(&shop, "state = 'leased'").await > 3).then_some(()) };
        wait_until("the worker has several orders", busy).await;
        tokio::time::sleep(Duration::from_millis(rng.below(500))).await;
        let began = Instant::now();
        worker.signal("TERM").await;
        failed += usize::from(!worker.ended(PATIENCE).await.success());
        longest = longest.max(began.elapsed());
        left += count(&shop, "state = 'leased'").await;
        burned += count(&shop, "failures > 0 OR error_code IS NOT NULL").await;
    }
    shop.ghl.set_faults(FaultPlan::default());
    let _worker = shop.worker_process().await;
    let (mut report, holds) = load.outcome(&shop, PATIENCE).await;
    report["ends"] = ends.into();
    report["longest_ms"] = u64::try_from(longest.as_millis()).unwrap().into();
    report["left_leased"] = left.into();
    report["attempts_burned"] = burned.into();
    report["failed"] = failed.into();
    (report, holds && longest <= DRAINED && (left, burned, failed) == (0, 0, 0))
}

async fn count(shop: &Shop, jobs: &str) -> usize {
    shop.db.value(&format!("SELECT count(*) FROM ghlkit_jobs WHERE {jobs}")).await.parse().unwrap()
}
