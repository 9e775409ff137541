//! Processes that share one location's limit: `limit_fleet PROCESSES CALLS REFUSING_S [DATABASE_URL]`.
//!
//! Each has a client of its own; the limits are kept in a SQLite file, or in the database that is named. GHL answers
//! nothing but 429 for so many seconds meanwhile. The last line is JSON; it fails where a call fails, where GHL was sent
//! more than its limit in any interval, or more than 1.1 requests a call.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{env, process::ExitCode, sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use ghlkit::{
    api::tags,
    client::{CallOptions, ClientBuilder, Priority, StaticTokens},
    config::DatabaseUrl,
    ids::LocationId,
    native::{Database, HyperTransport, OsEntropy, SystemClock, shares},
    policy::rate_limit::Limits,
    secret::Secret,
};
use integration::{Child, TOKEN, ready};
use mock_ghl::{FaultPlan, LOCATION_ID, MockGhl, Settings};
use serde_json::json;

/// How many calls a process has under way at once.
const AT_ONCE: usize = 8;
/// When the refusals begin.
const BEGIN: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["child", base_url, database, calls] => run_child(base_url, database, calls.parse().unwrap()).await,
        [processes, calls, refusing] => run(processes, calls, refusing, None).await,
        [processes, calls, refusing, database] => run(processes, calls, refusing, Some(database)).await,
        _ => {
            eprintln!("usage: limit_fleet PROCESSES CALLS REFUSING_S [DATABASE_URL]");
            ExitCode::FAILURE
        }
    }
}

/// Calls as often as it is told once it reads a line, and says how many calls failed.
async fn run_child(base_url: &str, database: &str, calls: usize) -> ExitCode {
    let database = Database::open(&DatabaseUrl::new(database), Default::default()).await.unwrap();
    let tokens = StaticTokens::for_any(Secret::new(TOKEN));
    let transport = Arc::new(HyperTransport::new().unwrap());
    let ports = (Arc::new(SystemClock), Arc::new(OsEntropy), Arc::new(tokens));
    let client = ClientBuilder::new(transport, ports.0, ports.1, ports.2)
        .base_url(base_url)
        .shares(shares(&database, "", Limits::default()))
        .build()
        .unwrap();
    tokio::spawn(client.keep_shares());
    ready().next_line().await.unwrap();
    let location = LocationId::new(LOCATION_ID);
    let options = CallOptions { priority: Priority::Bulk, ..CallOptions::default() };
    let failed = stream::iter(0..calls)
        .map(async |_| match client.call(&location, &tags::list(&location), &options).await.result {
            Ok(_) => 0,
            Err(error) => {
                eprintln!("{error}");
                1
            }
        })
        .buffer_unordered(AT_ONCE)
        .fold(0, async |sum, failed| sum + failed)
        .await;
    println!("{failed}");
    ExitCode::SUCCESS
}

async fn run(processes: &str, calls: &str, refusing: &str, database: Option<&str>) -> ExitCode {
    let (processes, calls): (usize, usize) = (processes.parse().unwrap(), calls.parse().unwrap());
    let refusing = Duration::from_secs(refusing.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", dir.path().join("limits.db").display());
    let database = database.unwrap_or(&file);
    let ghl = MockGhl::start(Settings::default()).await.unwrap();
    let mut children = Vec::new();
    for nth in 0..processes {
        let share = calls * (nth + 1) / processes - calls * nth / processes;
        children.push(Child::start([&ghl.base_url(), database, &share.to_string()]).await);
    }
    for child in &mut children {
        child.go().await;
    }
    tokio::time::sleep(BEGIN).await;
    ghl.set_faults(FaultPlan { too_many: 1.0, ..FaultPlan::default() });
    tokio::time::sleep(refusing).await;
    // On a busy machine the limit may have kept all calls away so far: a refusal that nobody met proves nothing.
    let met = async {
        while ghl.with(|ghl| ghl.counters().too_many) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(30), met).await;
    ghl.set_faults(FaultPlan::default());
    // As long as the limit allows, and as long again.
    let patience = Duration::from_secs(60 + calls as u64 / 5);
    let mut failed = 0_usize;
    for child in &mut children {
        failed += child.line(patience).await.parse::<usize>().unwrap();
    }
    let (counters, fullest) = ghl.with(|ghl| (ghl.counters(), ghl.max_in_window()));
    let report = json!({
        "processes": processes,
        "calls": calls,
        "refused_for_s": refusing.as_secs(),
        "failed": failed,
        "requests": counters.requests,
        "refused": counters.too_many,
        "fullest_interval": fullest,
    });
    println!("{report}");
    let burst = Limits::default().burst as usize;
    let held = failed == 0 && fullest <= burst && counters.too_many > 0;
    let within = counters.requests as usize * 10 <= calls * 11;
    if held && within { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
