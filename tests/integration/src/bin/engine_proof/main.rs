//! What the engine must come through: `engine_proof PART sqlite|postgres COUNTS…`, by the parts' names and counts below.
//!
//! GHL misbehaves as the printed seed says; `GHLKIT_SEED` sets it. The last line is JSON: what was tried, and what came of
//! it. It fails where something does not hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod database;
mod kills;
mod scene;
mod sigterm;
mod stopped;

use std::{env, process::ExitCode};

use integration::Keep;

const USAGE: &str = "usage: engine_proof PART sqlite|postgres COUNTS...
  kills ORDERS KILLS LATE_MS   4 workers are killed; an order is late where nobody has it so long after its lease
  stopped STOPS                a worker is stopped past its lease, and goes on
  sigterm ENDS                 a worker is told to end in the middle of its work
  database TIMES LATE_MS       PostgreSQL is restarted; the SQLite file is locked or full; an order placed after it is late where it
                               is not done after so long";

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if let ["child", passport] = args[..] {
        Box::pin(integration::work(passport)).await;
    }
    let [part, keep, counts @ ..] = &args[..] else { return usage() };
    let keep = match *keep {
        "sqlite" => Keep::Sqlite,
        "postgres" => Keep::Postgres,
        _ => return usage(),
    };
    let counts: Option<Vec<usize>> = counts.iter().map(|count| count.parse().ok()).collect();
    let (mut report, holds) = match (*part, counts.as_deref()) {
        ("kills", Some(&[orders, kills, late_ms])) => kills::run(keep, orders, kills, late_ms).await,
        ("stopped", Some(&[stops])) => Box::pin(stopped::run(keep, stops)).await,
        ("sigterm", Some(&[ends])) => sigterm::run(keep, ends).await,
        ("database", Some(&[times, late_ms])) => database::run(keep, times, late_ms).await,
        _ => return usage(),
    };
    report["seed"] = scene::seed().into();
    println!("{report}");
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::FAILURE
}
