//! Calls that are aborted, or that time out, while GHL is silent: `cancelled CALLS`.
//!
//! GHL says nothing before or after it acts, or stops within its reply. The last line is JSON; it fails where a call ends
//! otherwise, where a socket or a task is left once all have ended, or where the client does not work any more.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    env,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{
    StreamExt,
    future::{Either, select},
    stream,
};
use ghlkit::{
    api::{contacts, tags},
    client::{CallOptions, Client, ClientBuilder, StaticTokens},
    error::Delivery,
    ids::{ContactId, LocationId},
    native::{HyperTransport, OsEntropy, SystemClock},
    policy::rate_limit::Limits,
    secret::Secret,
};
use integration::TOKEN;
use mock_ghl::{FaultPlan, LOCATION_ID, MockGhl, Running, Settings};
use serde_json::json;
use tokio::runtime::{Builder, Handle, Runtime};

/// How many calls are under way at once.
const AT_ONCE: usize = 128;
const TIMEOUT: Duration = Duration::from_millis(100);
/// Longer than what is left takes to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a call ended.
enum Ended {
    Aborted,
    TimedOut,
    Otherwise,
}

fn main() -> ExitCode {
    let Some(calls) = env::args().nth(1).and_then(|calls| calls.parse().ok()) else {
        eprintln!("usage: cancelled CALLS");
        return ExitCode::FAILURE;
    };
    // GHL has threads of its own, so that the tasks of the others are the client's alone.
    let (ghls, clients) = (threads(), threads());
    let thirds = FaultPlan {
        seed: 1,
        stall_before: 0.34,
        stall_within: 0.5,
        stall_after: 1.0,
        ..FaultPlan::default()
    };
    let settings = Settings { faults: thirds, ..Settings::unlimited() };
    let ghl = ghls.block_on(MockGhl::start(settings)).unwrap();
    clients.block_on(run(&ghl, calls))
}

fn threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn run(ghl: &Running, calls: usize) -> ExitCode {
    let ports = (Arc::new(SystemClock), Arc::new(OsEntropy), StaticTokens::for_any(Secret::new(TOKEN)));
    let transport = Arc::new(HyperTransport::new().unwrap());
    let limits = Limits { burst: u32::MAX, daily: u32::MAX, ..Limits::default() };
    let client = ClientBuilder::new(transport, ports.0, ports.1, Arc::new(ports.2))
        .base_url(ghl.base_url())
        .limits(limits)
        .build()
        .unwrap();
    let (mut aborted, mut timed_out, mut otherwise) = (0_usize, 0_usize, 0_usize);
    let mut ended = stream::iter(0..calls).map(|nth| call(&client, nth)).buffer_unordered(AT_ONCE);
    while let Some(ended) = ended.next().await {
        match ended {
            Ended::Aborted => aborted += 1,
            Ended::TimedOut => timed_out += 1,
            Ended::Otherwise => otherwise += 1,
        }
    }
    drop(ended);
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let until = Instant::now() + PATIENCE;
    while (ghl.connections(), tasks()) != (0, 0) && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (sockets, tasks) = (ghl.connections(), tasks());
    let received = ghl.with(|ghl| ghl.counters().requests);
    ghl.set_faults(FaultPlan::default());
    let location = LocationId::new(LOCATION_ID);
    let works = client.send(&location, &tags::list(&location)).await.is_ok();
    let report = json!({
        "calls": calls,
        "aborted": aborted,
        "timed_out": timed_out,
        "ended_otherwise": otherwise,
        "received": received,
        "sockets_left": sockets,
        "tasks_left": tasks,
        "works_afterwards": works,
    });
    println!("{report}");
    let clean = (sockets, tasks, otherwise) == (0, 0, 0);
    if clean && works && aborted > 0 && timed_out > 0 && received > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Every other call is aborted, at once or up to 100 ms after it began; the others time out.
async fn call(client: &Client, nth: usize) -> Ended {
    let location = LocationId::new(LOCATION_ID);
    let options = CallOptions { timeout: Some(TIMEOUT), tries: Some(1), ..CallOptions::default() };
    let call = Box::pin(async {
        let call = match nth / 2 % 3 {
            0 => client.call(&location, &tags::list(&location), &options).await.result.err(),
            1 => {
                let request = contacts::get(&ContactId::new("nobody"));
                client.call(&location, &request, &options).await.result.err()
            }
            _ => {
                let input = contacts::ContactInput {
                    email: Some(format!("c{nth}@example.com")),
                    ..contacts::ContactInput::default()
                };
                let request = contacts::create(&location, &input, &[]);
                client.call(&location, &request, &options).await.result.err()
            }
        };
        match call.map(|error| error.delivery()) {
            Some(Delivery::Unknown) => Ended::TimedOut,
            _ => Ended::Otherwise,
        }
    });
    if nth % 2 == 1 {
        return call.await;
    }
    let patience = Box::pin(tokio::time::sleep(Duration::from_millis(nth as u64 / 2 % 101)));
    match select(patience, call).await {
        Either::Left(_) => Ended::Aborted,
        Either::Right((ended, _)) => ended,
    }
}
