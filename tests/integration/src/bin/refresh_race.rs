//! Processes that share one SQLite file and one expired token: `refresh_race PROCESSES ROUNDS`.
//!
//! The processes stay for all rounds. In each, the token is made to expire, all call at once, and the next begins
//! when all are answered. The last line is JSON: in how many rounds exactly one refresh reached the server, how many
//! refreshes it refused, and how many calls failed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{env, ffi::OsStr, path::Path, process::ExitCode, time::Duration};

use futures::future::join_all;
use integration::{Child, Marketplace, Process, ready};
use mock_ghl::LOCATION_ID;
use serde_json::json;

/// A call waits for a refresh for 40 seconds at most.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match &args[..] {
        [child, base_url, file] if child == "child" => run_child(base_url, Path::new(file)).await,
        [processes, rounds] => race(processes.parse().unwrap(), rounds.parse().unwrap()).await,
        _ => {
            eprintln!("usage: refresh_race PROCESSES ROUNDS");
            ExitCode::FAILURE
        }
    }
}

/// Calls once for every line it reads, and answers each with a line.
async fn run_child(base_url: &str, file: &Path) -> ExitCode {
    let process = Process::open(base_url, file).await;
    let mut lines = ready();
    while lines.next_line().await.unwrap().is_some() {
        match process.call().await {
            Ok(()) => println!("ok"),
            Err(error) => println!("{error}"),
        }
    }
    ExitCode::SUCCESS
}

/// Has it call once; whether that succeeded.
async fn call(racer: &mut Child) -> bool {
    racer.go().await;
    let said = racer.line(PATIENCE).await;
    if said != "ok" {
        eprintln!("{said}");
    }
    said == "ok"
}

async fn race(processes: usize, rounds: usize) -> ExitCode {
    let market = Marketplace::open().await;
    drop(market.installed(Some(LOCATION_ID)).await);
    let url = market.ghl.base_url();
    let mut racers = Vec::new();
    for _ in 0..processes {
        // One after the other: each migrates, and that is another race.
        racers.push(Child::start([OsStr::new(&url), market.file.as_os_str()]).await);
    }
    let (mut failed, mut alone) = (0, 0);
    for round in 0..=rounds {
        // The first time around they only get to know the token.
        if round > 0 {
            market.expire();
        }
        let before = market.refreshes().len();
        let calls = join_all(racers.iter_mut().map(call)).await;
        failed += calls.iter().filter(|succeeded| !**succeeded).count();
        alone += usize::from(round > 0 && market.refreshes().len() == before + 1);
    }
    let answers = market.refreshes();
    let refused = answers.iter().filter(|status| **status != 200).count();
    let report = json!({
        "processes": processes,
        "rounds": rounds,
        "rounds_with_one_refresh": alone,
        "refreshes": answers.len(),
        "refreshes_refused": refused,
        "calls": processes * (rounds + 1),
        "calls_failed": failed,
    });
    println!("{report}");
    if (alone, answers.len(), refused, failed) == (rounds, rounds, 0, 0) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
