//! `fleet`: one, two and four processes that work for 200 locations on one PostgreSQL. Each location has the same orders and a
//! limit of its own; the time that its calls take at that limit, which nobody else uses, is its fair share.

use std::time::{Duration, Instant};

use ghlkit::{
    config::Config,
    native::{self, OpenOptions},
    policy::rate_limit::Limits,
    sync::UpdateOptions,
};
use integration::{Child, Db, parse, ready, sample};
use mock_ghl::{LocationSettings, MockGhl, PrivateToken, Running, Settings};
use postgres_server::Server;
use serde_json::{Value, json};

use crate::{
    callers::{call, none_left},
    rows::row,
};

const LOCATIONS: usize = 200;
/// Of each location.
const ORDERS: usize = 10;
const BURST: u32 = 10;
const INTERVAL_MS: i64 = 10_000;
const PROCESSES: [usize; 3] = [1, 2, 4];

pub(crate) async fn measure() {
    for processes in PROCESSES {
        let (slowest, fair) = Box::pin(time(processes)).await;
        row(&format!("fleet_{processes}"), "s of the slowest location", slowest, Some(("fair_share", fair)));
    }
}

fn location(n: usize) -> String {
    format!("Location{n:012}")
}

fn token(n: usize) -> String {
    format!("pit-00000000-0000-4000-8000-{n:012}")
}

async fn ghl() -> Running {
    let named = |n| LocationSettings { id: location(n), ..LocationSettings::default() };
    let settings = Settings {
        locations: (0..LOCATIONS).map(named).collect(),
        private_tokens: (0..LOCATIONS).map(|n| PrivateToken::location(&token(n), &location(n))).collect(),
        limits: mock_ghl::Limits { burst: BURST, interval_ms: INTERVAL_MS, daily: 200_000 },
        ..Settings::default()
    };
    MockGhl::start(settings).await.unwrap()
}

/// How long the slowest location took, and its fair share, in seconds.
async fn time(processes: usize) -> (f64, f64) {
    let ghl = ghl().await;
    let url = Server::durable().await.unwrap().database().await;
    let place = |n| {
        let pipeline = ghl.with(|ghl| ghl.order_pipeline(&location(n)).unwrap().id.clone());
        json!({ "id": location(n), "token": token(n), "pipelineId": pipeline })
    };
    let locations: Vec<Value> = (0..LOCATIONS).map(place).collect();
    let passport = json!({
        "options": {
            "databaseUrl": url,
            "baseUrl": ghl.base_url(),
            "sync": { "concurrency": LOCATIONS },
            "locations": locations,
        },
        "env": {},
    })
    .to_string();
    let engine = native::open(Config::from_json(&passport).unwrap(), options()).await.unwrap();
    call(LOCATIONS * ORDERS, move |n| {
        let engine = engine.clone();
        let mut order = sample(&n.to_string());
        order["locationId"] = location(n % LOCATIONS).into();
        let no_wait = UpdateOptions { wait_ms: Some(0), ..UpdateOptions::default() };
        async move { drop(engine.create_order(&parse(&order).unwrap(), no_wait).await.unwrap()) }
    })
    .await;
    let mut workers = Vec::new();
    for _ in 0..processes {
        workers.push(Child::start(["fleet", &passport]).await);
    }
    let (began, clock) = (ghl.now(), Instant::now());
    for worker in &mut workers {
        worker.go().await;
    }
    let db = Db::open(&url);
    none_left(&db, "SELECT count(*) FROM ghlkit_jobs WHERE state <> 'done'").await;
    assert!(clock.elapsed() < Duration::from_secs(300));
    // A job that is done was due last when it was done.
    let ends = db.column("SELECT MAX(due_at) FROM ghlkit_jobs GROUP BY location_id ORDER BY 1").await;
    let slowest = ends.last().unwrap().parse::<i64>().unwrap() - began;
    let counters = ghl.with(|ghl| ghl.counters());
    assert_eq!(counters.too_many, 0);
    let calls = counters.requests as f64 / LOCATIONS as f64;
    let fair = calls / f64::from(BURST) * INTERVAL_MS as f64;
    (slowest as f64 / 1e3, fair / 1e3)
}

fn options() -> OpenOptions {
    let limits = Limits { burst: BURST, interval_ms: INTERVAL_MS, daily: 200_000 };
    OpenOptions { limits, ..OpenOptions::default() }
}

/// In the process itself: works until it is killed.
pub(crate) async fn work(passport: &str) {
    let engine = native::open(Config::from_json(passport).unwrap(), options()).await.unwrap();
    ready().next_line().await.unwrap();
    engine.run().await.unwrap();
}
