//! Processes that receive the same webhooks: `webhook_fleet PROCESSES EVENTS REPLAYS [DATABASE_URL]`.
//!
//! Each event is delivered so many times, to one process after the other, at about the same time. What is answered with a
//! call for repetition is delivered again. The handler fails at every twentieth event when it first sees it. The last line
//! is JSON; it fails where an event was not handled, or more than once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet},
    env,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use futures::{StreamExt, stream};
use ghlkit::{
    config::DatabaseUrl,
    native::{Database, SystemClock},
    receiver::{Answer, Handled, Receiver, ReceiverOptions},
    secret::Secret,
    webhook::{
        Scheme, Tolerance, Verifier,
        sign::{Signer, test_headers},
    },
};
use integration::{Child, ready};
use serde_json::json;

const SECRET: &str = "a secret of ten words";
/// How many deliveries a process has under way at once.
const AT_ONCE: usize = 16;
/// The handler fails at each of so many events, once in a process.
const FAILS: usize = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["child", database, processes, nth, events, replays] => {
            let [processes, nth, events, replays] =
                [processes, nth, events, replays].map(|number| number.parse().unwrap());
            run_child(database, deliveries(processes, nth, events, replays)).await
        }
        [processes, events, replays] => run(processes, events, replays, None).await,
        [processes, events, replays, database] => run(processes, events, replays, Some(database)).await,
        _ => {
            eprintln!("usage: webhook_fleet PROCESSES EVENTS REPLAYS [DATABASE_URL]");
            ExitCode::FAILURE
        }
    }
}

/// The events that are delivered to a process: the replays of one go to one process after the other.
fn deliveries(processes: usize, nth: usize, events: usize, replays: usize) -> Vec<usize> {
    let mine = |event: &usize| (0..replays).filter(move |replay| (event + replay) % processes == nth).count();
    (0..events).flat_map(|event| std::iter::repeat_n(event, mine(&event))).collect()
}

/// Receives what it is sent once it reads a line; says which events it has handled, and how often it asked for repetition.
async fn run_child(database: &str, mut due: Vec<usize>) -> ExitCode {
    let database = Database::open(&DatabaseUrl::new(database), Default::default()).await.unwrap();
    let scheme = Scheme::HmacSha256 { secrets: vec![Secret::new(SECRET).into()] };
    let verifier = Verifier::new(vec![scheme], Tolerance::widest()).unwrap();
    let options = ReceiverOptions::default();
    let receiver = Receiver::new(verifier, database.seen(), Arc::new(SystemClock), options).unwrap();
    ready().next_line().await.unwrap();
    let (handled, failed) = (RefCell::new(Vec::new()), RefCell::new(HashSet::new()));
    let mut repeated = 0_usize;
    while !due.is_empty() {
        due = stream::iter(due)
            .map(|event| deliver(&receiver, event, &handled, &failed))
            .buffer_unordered(AT_ONCE)
            .filter_map(async |again| again)
            .collect()
            .await;
        repeated += due.len();
    }
    println!("{}", json!({ "handled": handled.into_inner(), "repeated": repeated }));
    ExitCode::SUCCESS
}

/// The event, if it is to be delivered again.
async fn deliver(
    receiver: &Receiver,
    event: usize,
    handled: &RefCell<Vec<usize>>,
    failed: &RefCell<HashSet<usize>>,
) -> Option<usize> {
    let body =
        json!({ "type": "ContactUpdate", "id": "con1", "webhookId": format!("wh-{event}") }).to_string();
    let headers = test_headers(body.as_bytes(), Signer::Hmac(SECRET));
    let outcome = receiver.handle(body.as_bytes(), headers, |_| async move {
        // As long as it takes for others to come in between.
        tokio::task::yield_now().await;
        if event.is_multiple_of(FAILS) && failed.borrow_mut().insert(event) {
            return Err("the mail server is down");
        }
        handled.borrow_mut().push(event);
        Ok(())
    });
    match outcome.await {
        Ok(Handled::Now | Handled::Before) => None,
        Err(error) => {
            assert_eq!(Answer::refused(&error).status, 429, "{error}");
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some(event)
        }
    }
}

async fn run(processes: &str, events: &str, replays: &str, database: Option<&str>) -> ExitCode {
    let dir = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}", dir.path().join("seen.db").display());
    let database = database.unwrap_or(&file);
    let (count, all): (usize, usize) = (processes.parse().unwrap(), events.parse().unwrap());
    let mut children = Vec::new();
    for nth in 0..count {
        children.push(Child::start([database, processes, &nth.to_string(), events, replays]).await);
    }
    for child in &mut children {
        child.go().await;
    }
    let (mut times, mut repeated) = (BTreeMap::<u64, usize>::new(), 0);
    for child in &mut children {
        let said: serde_json::Value =
            serde_json::from_str(&child.line(Duration::from_secs(1_200)).await).unwrap();
        repeated += said["repeated"].as_u64().unwrap();
        for event in said["handled"].as_array().unwrap() {
            *times.entry(event.as_u64().unwrap()).or_default() += 1;
        }
    }
    let doubled = times.values().filter(|times| **times > 1).count();
    let report = json!({
        "processes": count, "events": all, "deliveries": all * replays.parse::<usize>().unwrap(),
        "repeated": repeated, "handled": times.len(), "handled_twice": doubled,
    });
    println!("{report}");
    if (times.len(), doubled) == (all, 0) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
