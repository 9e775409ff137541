//! Webhooks at a steady rate while PostgreSQL is away for a while: `webhook_load RATE SECONDS AWAY_S`.
//!
//! A service of its own, as `examples/axum-service` is one, writes each down before it answers. They are sent when they are due,
//! however slowly it answers. In the middle the server crashes, and comes back after so long: meanwhile each must be answered
//! with 429 and `Retry-After`, and soon. What was not answered with 200 is delivered again at the end. The last line is JSON; it fails
//! where an answer is another one or comes too late, or an event is not in the database, or is there twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    env,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use ghlkit::webhook::sign::{Signer, test_headers};
use integration::{Child, Delivered, Keep, Sender, Setup, Shop, WEBHOOKS};
use mock_ghl::{LOCATION_ID, WORKFLOW_SECRET};
use postgres_server::Server;
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};

/// An answer that takes longer is none. The service waits no longer than 6 s for its database.
const PATIENCE: Duration = Duration::from_secs(8);
/// So many are under way at most; as many as come while one may take its time.
const SECONDS_AHEAD: usize = 6;
/// How many are delivered at once at the end.
const AGAIN: usize = 32;
/// How long the service may take until it keeps webhooks again, and until it has applied what it has kept.
const WELL_AFTER: Duration = Duration::from_secs(5);
const APPLIED_AFTER: Duration = Duration::from_secs(120);
/// Where we want 99 of 100 answers to be, on a machine with nothing else to do.
const GOAL_MS: f64 = 50.0;
/// How much a body says beside what is read of it, in bytes.
const NOTE: usize = 700;

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if let ["child", passport] = args[..] {
        Box::pin(integration::serve(passport)).await;
    }
    let numbers: Option<Vec<u32>> = args.iter().map(|arg| arg.parse().ok()).collect();
    let Some([rate, seconds, away]) = numbers.as_deref() else { return usage() };
    if *rate == 0 || away + 1 >= *seconds {
        return usage();
    }
    let (report, holds) = Box::pin(run(*rate, *seconds, *away)).await;
    println!("{report}");
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn usage() -> ExitCode {
    eprintln!("usage: webhook_load RATE SECONDS AWAY_S, of which the last is less than the one before");
    ExitCode::FAILURE
}

/// What became of one webhook when it was first sent, in times since the first.
#[derive(Clone, Copy)]
struct Sent {
    due: Duration,
    answered: Duration,
    answer: Answer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Kept,
    /// 429, with the time to wait.
    Later,
    /// Anything else, or nothing in time.
    Wrong,
    /// Too many were under way.
    Unsent,
}

impl Sent {
    fn took(&self) -> f64 {
        (self.answered - self.due).as_secs_f64() * 1e3
    }
}

/// When the database was away, in times since the first webhook: when it began to go, surely was gone, began to come back, and was back.
struct Away {
    until: Duration,
    from: Duration,
    to: Duration,
    back: Duration,
}

async fn run(rate: u32, seconds: u32, away: u32) -> (Value, bool) {
    let server = Server::over_tcp().await.expect("this needs PostgreSQL");
    let shop = Shop::with(Setup { keep: Keep::Postgres, ..Setup::deaf() }).await;
    // As shops have it: what is written down is on the disk.
    shop.db.execute("ALTER SYSTEM SET fsync = on").await;
    shop.db.execute("SELECT pg_reload_conf()").await;
    let mut service = shop.worker_process().await;
    let port: u16 = service.line(PATIENCE).await.parse().unwrap();
    let sender = Arc::new(Sender::to(([127, 0, 0, 1], port).into()));
    for warm in 0..10 {
        assert_eq!(deliver(&sender, &format!("warm-{warm}")).await, Answer::Kept, "the service is well");
    }
    let began = Instant::now();
    let trouble = async {
        tokio::time::sleep(Duration::from_secs((seconds - away).into()) / 2).await;
        let until = began.elapsed();
        server.stop("immediate").await;
        let from = began.elapsed();
        tokio::time::sleep(Duration::from_secs(away.into())).await;
        let to = began.elapsed();
        server.come_back().await;
        Away { until, from, to, back: began.elapsed() }
    };
    let (sent, away) = tokio::join!(send(&sender, began, rate, seconds), trouble);
    let again = deliver_again(&sender, &sent).await;
    let (mut report, holds) = outcome(&shop, &sent, &away).await;
    report["rate"] = rate.into();
    report["seconds"] = seconds.into();
    report["delivered_again"] = again.into();
    report["applied"] = settled(&shop, service).await.into();
    (report, holds)
}

fn id(n: usize) -> String {
    format!("wh-{n}")
}

async fn deliver(sender: &Sender, id: &str) -> Answer {
    let body = json!({
        "type": "ContactUpdate", "locationId": LOCATION_ID, "id": format!("con{id}"), "webhookId": id,
        "firstName": "Aino", "note": ".".repeat(NOTE),
    })
    .to_string();
    let headers = test_headers(body.as_bytes(), Signer::Hmac(WORKFLOW_SECRET));
    let request = sender.request(WEBHOOKS, &headers, &body);
    match timeout(PATIENCE, sender.post(&request)).await {
        Ok(Ok(Delivered { status: 200, .. })) => Answer::Kept,
        Ok(Ok(Delivered { status: 429, retry_after: Some(1..) })) => Answer::Later,
        wrong => {
            eprintln!("{id}: {wrong:?}");
            Answer::Wrong
        }
    }
}

/// Sends each when it is due.
async fn send(sender: &Arc<Sender>, began: Instant, rate: u32, seconds: u32) -> Vec<Sent> {
    let all = usize::try_from(rate * seconds).unwrap();
    let room = Arc::new(Semaphore::new(usize::try_from(rate).unwrap() * SECONDS_AHEAD));
    let mut under_way = JoinSet::new();
    for n in 0..all {
        let due = Duration::from_secs(1) * u32::try_from(n).unwrap() / rate;
        tokio::time::sleep_until((began + due).into()).await;
        let (sender, place) = (sender.clone(), room.clone().try_acquire_owned());
        under_way.spawn(async move {
            let answer = match place {
                Ok(_place) => deliver(&sender, &id(n)).await,
                Err(_) => Answer::Unsent,
            };
            (n, Sent { due, answered: began.elapsed(), answer })
        });
    }
    let mut sent = under_way.join_all().await;
    sent.sort_by_key(|(n, _)| *n);
    sent.into_iter().map(|(_, sent)| sent).collect()
}

/// Delivers what was not kept, again and again until it is; how many these were.
async fn deliver_again(sender: &Sender, sent: &[Sent]) -> usize {
    let left = sent.iter().enumerate().filter(|(_, sent)| sent.answer != Answer::Kept).map(|(n, _)| n);
    let left: Vec<usize> = left.collect();
    let mut due = left.clone();
    let began = Instant::now();
    while !due.is_empty() && began.elapsed() < 6 * PATIENCE {
        due = stream::iter(due)
            .map(async |n| (n, deliver(sender, &id(n)).await))
            .buffer_unordered(AGAIN)
            .filter_map(async |(n, answer)| (answer != Answer::Kept).then_some(n))
            .collect()
            .await;
    }
    left.len()
}

/// What was answered, and what the database holds of it.
async fn outcome(shop: &Shop, sent: &[Sent], away: &Away) -> (Value, bool) {
    let of = |answer| sent.iter().filter(move |sent| sent.answer == answer);
    let meanwhile = sent.iter().filter(|sent| sent.due >= away.from && sent.answered <= away.to);
    let kept_meanwhile = meanwhile.clone().filter(|sent| sent.answer == Answer::Kept).count();
    let well = |sent: &&Sent| sent.answered < away.until || sent.due > away.back + WELL_AFTER;
    let refused_when_well = of(Answer::Later).filter(well).count();
    let last_refused = of(Answer::Later).map(|sent| sent.answered).max().unwrap_or_default();
    let held = |table: &str, id: &str| {
        format!(
            "SELECT count(*), count(DISTINCT {id}), count(DISTINCT {id}) FILTER (WHERE {id} LIKE 'wh-%') FROM {table}"
        )
    };
    let inbox = shop.db.rows(&held("ghlkit_inbox", "webhook_id")).await.remove(0);
    let copies = shop.db.rows(&held("webhook_events", "(payload->>'webhookId')")).await.remove(0);
    let all = sent.len();
    // Beside those that warmed it up.
    let expected = [all + 10, all + 10, all].map(|count| count.to_string());
    let (wrong, unsent) = (of(Answer::Wrong).count(), of(Answer::Unsent).count());
    let kept_ms = times(of(Answer::Kept).filter(well));
    let report = json!({
        "sent": all - unsent,
        "could_not_be_sent": unsent,
        "kept": of(Answer::Kept).count(),
        "refused": of(Answer::Later).count(),
        "wrong_or_too_late": wrong,
        "while_away": { "answered": meanwhile.count(), "kept": kept_meanwhile },
        "refused_when_well": refused_when_well,
        "well_again_after_ms": ms(last_refused.saturating_sub(away.back)),
        "kept_ms": kept_ms,
        "kept_in_all_ms": times(of(Answer::Kept)),
        "refused_ms": times(of(Answer::Later)),
        "p99_goal_ms": GOAL_MS,
        "p99_goal_met": kept_ms["p99"].as_f64().is_some_and(|p99| p99 <= GOAL_MS),
        "in_the_inbox": { "rows": inbox[0], "events": inbox[1] },
        "in_webhook_events": { "rows": copies[0], "events": copies[1] },
    });
    let once = inbox == expected && copies == expected;
    let refused = of(Answer::Later).count() > 0;
    (report, once && refused && (wrong, kept_meanwhile, refused_when_well) == (0, 0, 0))
}

fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

/// How long answers took, from when each was due.
fn times<'a>(sent: impl Iterator<Item = &'a Sent>) -> Value {
    let mut times: Vec<f64> = sent.map(Sent::took).collect();
    times.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let place = (times.len() as f64 * part) as usize;
        times.get(place.min(times.len().saturating_sub(1))).map(|time| (time * 10.0).round() / 10.0)
    };
    json!({ "p50": at(0.5), "p99": at(0.99), "max": at(1.0) })
}

/// Lets the service apply what it has kept, and end in good order; how many it has applied.
async fn settled(shop: &Shop, mut service: Child) -> String {
    let began = Instant::now();
    while shop.db.value("SELECT count(*) FROM ghlkit_inbox WHERE state = 'pending'").await != "0" {
        assert!(began.elapsed() < APPLIED_AFTER, "what was kept is not applied");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    service.signal("TERM").await;
    assert!(service.ended(PATIENCE).await.success(), "the service ends in good order");
    shop.db.value("SELECT count(*) FROM ghlkit_inbox WHERE settled_at IS NOT NULL").await
}
