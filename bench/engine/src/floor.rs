//! `sync_floor`: how near to the limit 3,000 new orders are brought into GHL, how often beyond it, and with how many calls each.

use std::{collections::BTreeMap, time::Duration};

use ghlkit::{policy::rate_limit::Limits, sync::UpdateOptions};
use integration::{Keep, Shop, Worker, order};
use mock_ghl::Settings;

use crate::{
    callers::{call, none_left, setup},
    rows::{rate, row},
};

const ORDERS: usize = 3_000;
const LIMIT: u32 = 1_000;
const INTERVAL: Duration = Duration::from_secs(10);

pub(crate) async fn measure() {
    let interval_ms = INTERVAL.as_millis() as i64;
    let mut setup = setup(Keep::Sqlite);
    setup.limits = Limits { burst: LIMIT, interval_ms, daily: 200_000 };
    setup.settings = Settings {
        limits: mock_ghl::Limits { burst: LIMIT, interval_ms, daily: 200_000 },
        log_capacity: 2 * ORDERS + 1_000,
        ..Settings::default()
    };
    let shop = Box::pin(Shop::with(setup)).await;
    // What was asked to know the location is long ago.
    tokio::time::sleep(INTERVAL + Duration::from_secs(1)).await;
    let before = shop.ghl.with(|ghl| ghl.received().count());
    let engine = shop.engine.clone();
    let worker = Worker::start(&shop.engine);
    call(ORDERS, move |n| {
        let engine = engine.clone();
        let no_wait = UpdateOptions { wait_ms: Some(0), ..UpdateOptions::default() };
        async move { drop(engine.create_order(&order(&n.to_string()), no_wait).await.unwrap()) }
    })
    .await;
    none_left(&shop.db, "SELECT count(*) FROM ghlkit_jobs WHERE state <> 'done'").await;
    drop(worker);
    let calls: Vec<(i64, u16)> =
        shop.ghl.with(|ghl| ghl.received().skip(before).map(|call| (call.at, call.status)).collect());
    let first = calls.iter().map(|(at, _)| *at).min().unwrap();
    let mut windows: BTreeMap<i64, f64> = BTreeMap::new();
    for (at, _) in calls.iter().filter(|(_, status)| *status != 429) {
        *windows.entry((at - first) / interval_ms).or_default() += 1.0;
    }
    // From the second on; the last is not full.
    let full: Vec<f64> = windows.values().copied().skip(1).take(windows.len() - 2).collect();
    let each = full.iter().sum::<f64>() / full.len() as f64;
    rate("sync_floor", "calls per interval", each, ("the_limit", f64::from(LIMIT)));
    let refused = calls.iter().filter(|(_, status)| *status == 429).count();
    row("sync_floor_429", "refusals", refused as f64, None);
    row("sync_floor_calls", "calls a new order", calls.len() as f64 / ORDERS as f64, None);
}
