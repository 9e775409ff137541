//! `cargo xtask bench engine`: prints one JSON line a row. Arguments: the parts to measure, all of them if there are none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod callers;
mod enqueue;
mod fleet;
mod floor;
mod jobs;
mod peer;
mod queue;
#[path = "../../rows.rs"]
mod rows;

use integration::Keep;

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["child", "fleet", passport] => fleet::work(passport).await,
        ["child", "queue", passport] => queue::work(passport).await,
        [] => {
            for part in ["jobs", "enqueue", "queue", "fleet", "floor"] {
                measure(part).await;
            }
        }
        ref parts => {
            for part in parts {
                measure(part).await;
            }
        }
    }
}

async fn measure(part: &str) {
    match part {
        "jobs" => {
            Box::pin(jobs::measure("engine_jobs_sqlite", Keep::Sqlite)).await;
            Box::pin(jobs::measure("engine_jobs_postgres", Keep::Postgres)).await;
        }
        "enqueue" => Box::pin(enqueue::measure()).await,
        "queue" => Box::pin(queue::measure()).await,
        "fleet" => Box::pin(fleet::measure()).await,
        "floor" => Box::pin(floor::measure()).await,
        _ => panic!("usage: bench-engine [jobs|enqueue|queue|fleet|floor]…"),
    }
}
