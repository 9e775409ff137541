//! A database that is away, locked or full for a while.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use ghlkit::{
    config::SyncOptions,
    native::{DatabaseOptions, sqlite::SqliteOptions},
};
use integration::{Db, Keep, Load, Setup, Shop, wait_until};
use mock_ghl::{FaultPlan, Rng};
use postgres_server::Server;
use serde_json::Value;

use crate::scene::{bad_day, seed};

const PATIENCE: Duration = Duration::from_secs(120);
/// How often orders come in while the database fails, and how many do at most.
const EVERY: Duration = Duration::from_millis(40);
const ORDERS: usize = 60;
/// An order is shipped once so many others were placed after it.
const LATER: usize = 5;
/// How long a writer waits for another.
const BUSY: Duration = Duration::from_millis(300);
/// How long the file is locked or full.
const TROUBLE: Duration = Duration::from_millis(1_500);
/// 16 MiB: what the orders of all rounds need, and room to fill.
const PAGES: u32 = 4_096;

/// Two workers; the database fails so many times as orders come in, and is well again each time.
pub(crate) async fn run(keep: Keep, times: usize, late_ms: usize) -> (Value, bool) {
    let sqlite = SqliteOptions { busy_timeout: BUSY, max_pages: Some(PAGES), ..SqliteOptions::default() };
    let database = DatabaseOptions { sqlite, ..DatabaseOptions::default() };
    let sync =
        SyncOptions { call_timeout_ms: 2_000, search_lag_ms: 0, lease_ms: 4_000, ..SyncOptions::default() };
    let shop = Shop::with(Setup { keep, sync, database, ..Setup::deaf() }).await;
    // A create whose reply is lost is done late, which says nothing about the database.
    shop.ghl.set_faults(FaultPlan { method: "PUT".into(), ..bad_day() });
    let mut workers = [shop.worker_process().await, shop.worker_process().await];
    let (mut rng, load) = (Rng::new(seed()), Load::new(times * (ORDERS + 1) * 2));
    let mut latest = Duration::ZERO;
    for nth in 0..times {
        let over = Cell::new(false);
        let trouble = async {
            tokio::time::sleep(Duration::from_millis(rng.below(200))).await;
            fail(&shop, keep, nth).await;
            over.set(true);
        };
        // They come in until it is over, so that some come in the middle of it.
        let orders = async {
            for _ in 0..ORDERS {
                let order = load.placed();
                load.place(&shop, order).await;
                if let Some(before) = order.checked_sub(LATER) {
                    load.ship(&shop, before).await;
                }
                if over.get() {
                    break;
                }
                tokio::time::sleep(EVERY).await;
            }
        };
        tokio::join!(trouble, orders);
        let (order, well) = (load.placed(), Instant::now());
        load.place(&shop, order).await;
        let sql = format!("SELECT count(*) FROM ghlkit_jobs WHERE order_id = '{order}' AND state = 'done'");
        let done = || async { shop.db.try_column(&sql).await.is_ok_and(|n| n[0] == "1").then_some(()) };
        wait_until("the order is done", done).await;
        latest = latest.max(well.elapsed());
    }
    let (mut report, mut holds) = load.outcome(&shop, PATIENCE).await;
    for worker in &mut workers {
        worker.signal("TERM").await;
    }
    for worker in workers {
        holds &= worker.ended(PATIENCE).await.success();
    }
    let latest = usize::try_from(latest.as_millis()).unwrap();
    report["times"] = times.into();
    report["refused"] = load.refused().into();
    report["latest_ms"] = latest.into();
    (report, holds && load.refused() > 0 && latest <= late_ms)
}

/// Makes the database fail for a while.
async fn fail(shop: &Shop, keep: Keep, nth: usize) {
    if keep == Keep::Postgres {
        let server = Server::of_this_process().await.unwrap();
        return server.restart(if nth.is_multiple_of(2) { "fast" } else { "immediate" }).await;
    }
    let db = Db::open(&format!("sqlite:{}", shop.file().display()));
    if nth.is_multiple_of(2) {
        db.execute("BEGIN IMMEDIATE").await;
        tokio::time::sleep(TROUBLE).await;
        db.execute("ROLLBACK").await;
    } else {
        db.execute(&format!("PRAGMA max_page_count = {PAGES}; CREATE TABLE filler (bytes)")).await;
        // Until nothing fits in, and once more for what the workers' writes have left meanwhile.
        let began = Instant::now();
        while began.elapsed() < TROUBLE {
            for bytes in [1_000_000, 10_000, 1_000] {
                while db
                    .try_rows(&format!("INSERT INTO filler VALUES (zeroblob({bytes})) RETURNING 1"))
                    .await
                    .is_ok()
                {}
            }
            tokio::time::sleep(BUSY / 10).await;
        }
        db.execute("DROP TABLE filler").await;
    }
}
