//! How long 200 orders through all 8 statuses take on SQLite, against a server without limits.
//!
//! `cargo run --release -p integration --bin throughput [ORDERS]`; it fails where an order is not in step.

use std::{process::ExitCode, time::Instant};

use futures::{StreamExt, stream};
use ghlkit::{ids::OrderId, policy::rate_limit::Limits, sync::UpdateOptions};
use integration::{Setup, Shop, order};

/// Callers at a time, as a busy shop has them.
const CALLERS: usize = 16;

#[tokio::main]
async fn main() -> ExitCode {
    let Some(orders) = std::env::args().nth(1).map_or(Some(200), |text| text.parse().ok()) else {
        eprintln!("expected the number of orders");
        return ExitCode::FAILURE;
    };
    let mut setup = Setup::deaf();
    setup.sync.concurrency = CALLERS;
    setup.sync.wait_ms = 60_000;
    setup.limits = Limits { burst: 10_000, interval_ms: 10_000, daily: u32::MAX };
    let shop = Shop::with(setup).await;
    let _worker = shop.work();
    let (began, mark) = (Instant::now(), shop.ghl.with(|ghl| ghl.counters().requests));
    let model = shop.engine.config().model.clone();
    let walk = async |n: usize| -> ghlkit::Result<()> {
        let order = order(&n.to_string());
        shop.engine.create_order(&order, UpdateOptions::default()).await?;
        for status in model.path().skip(1) {
            let id = OrderId::new(n.to_string());
            shop.engine.update_status(None, &id, status.as_str(), UpdateOptions::default()).await?;
        }
        Ok(())
    };
    let mut walks = stream::iter(0..orders).map(walk).buffer_unordered(CALLERS);
    while let Some(walked) = walks.next().await {
        if let Err(error) = walked {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let requests = shop.ghl.with(|ghl| ghl.counters().requests) - mark;
    let in_step = shop.ghl.with(|ghl| {
        let last = |id: &str| ghl.stage(id).is_some_and(|stage| stage.name == "Completed");
        ghl.opportunities().filter(|opportunity| last(&opportunity.stage_id)).count()
    });
    println!("{in_step} of {orders} orders in step, {requests} requests, {seconds:.1} s");
    if in_step == orders { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
