//! Streams of what happens to orders, over real connections that are cut.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::future::join_all;
use ghlkit::{
    ids::OrderId,
    sync::{Engine, UpdateOptions},
    testing::SeededEntropy,
};
use integration::{Db, EventSource, Keep, Setup, Shop, Streams, Worker, order, wait_until};
use serde_json::Value;

const SECRET: &str = "what tokens are signed with in tests";
const ORDERS: usize = 4;
/// Streams of each order, and of all orders.
const EACH: usize = 3;
const CUTS: usize = 1_000;

fn setup() -> Setup {
    let vars = vec![("GHLKIT_EVENTS_SECRETS", SECRET.to_owned())];
    Setup { vars, ..Setup::deaf() }
}

fn name(order: usize) -> String {
    format!("s-{order}")
}

/// Changes the status of an order to and fro, here and in another process, as long as it is to.
async fn change(engines: [Engine; 2], order: usize, go_on: Arc<AtomicBool>) {
    let options = UpdateOptions { allow_backward: true, wait_ms: Some(0) };
    for round in 0.. {
        if !go_on.load(Ordering::Relaxed) {
            return;
        }
        let status = ["processing", "manufacturing", "shipped"][round % 3];
        let engine = &engines[round % 2];
        engine.update_status(None, &OrderId::new(name(order)), status, options).await.unwrap();
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// Transactions of the shop's own, which write events early and commit them late, or never.
async fn commit_late(db: Db, location: String, go_on: Arc<AtomicBool>) {
    let random = SeededEntropy::new(7);
    for round in 0.. {
        if !go_on.load(Ordering::Relaxed) {
            return;
        }
        let order = name(round % ORDERS);
        let end = if random.below(3) == 0 { "ROLLBACK" } else { "COMMIT" };
        let payload =
            format!(r#"{{"type":"STATUS_UPDATE","orderId":"{order}","status":"shipped","late":{round}}}"#);
        db.execute(&format!(
            "BEGIN; SELECT pg_current_xact_id(); INSERT INTO ghlkit_events (location_id, order_id, kind, key, payload, at) VALUES \
             ('{location}', '{order}', 'status_changed', 'late:{round}', '{payload}', 0); \
             SELECT pg_sleep({}); {end};",
            0.001 * random.below(60) as f64
        ))
        .await;
    }
}

/// What a stream is to have told, and how often.
type Counted = BTreeMap<String, usize>;

fn counted(events: impl IntoIterator<Item = Value>) -> Counted {
    let mut counted = Counted::new();
    for mut event in events {
        let told = event.as_object_mut().unwrap();
        // What the log does not have, and a stream does not.
        told.remove("progress");
        told.remove("by");
        *counted.entry(event.to_string()).or_default() += 1;
    }
    counted
}

/// Watches, and goes away in the middle of anything, until there is nothing more to come.
async fn watch(
    mut source: EventSource,
    servers: [SocketAddr; 2],
    seed: u64,
    cuts: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
) -> Vec<Value> {
    let random = SeededEntropy::new(seed);
    let mut told = Vec::new();
    loop {
        let last = over.load(Ordering::Relaxed);
        let at = servers[usize::try_from(random.below(2)).unwrap()];
        assert_eq!(source.connect(at).await, 200);
        let patience = if last { 1_500 } else { random.below(40) };
        let piece = 1 + usize::try_from(random.below(200)).unwrap();
        let reading = async {
            while let Some(event) = source.next(piece).await {
                if event["current"] != true {
                    told.push(event);
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(patience), reading).await;
        if last {
            return told;
        }
        source.cut();
        cuts.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_cuts_make_no_gap_and_no_double() {
    let shop = Box::pin(Shop::with(setup())).await;
    let other = Box::pin(shop.another_engine(|_| {})).await;
    let _worker = Worker::start(&shop.engine);
    let (here, there) = (Streams::of(&shop.engine).await, Streams::of(&other).await);
    for n in 0..ORDERS {
        shop.place(&order(&name(n))).await;
    }
    let begin = shop.db.value("SELECT COALESCE(MAX(position), 0) FROM ghlkit_events").await;
    let changes = format!("FROM ghlkit_events WHERE position > {begin} AND kind = 'status_changed'");
    let location = shop.engine.config().locations[0].id.to_string();

    let (go_on, over) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
    let cuts = Arc::new(AtomicUsize::new(0));
    let mut watching = Vec::new();
    for n in 0..ORDERS * EACH + EACH {
        let path = match n / EACH {
            ORDERS => "/all".to_owned(),
            order => {
                let token = shop.engine.order_token(None, &OrderId::new(name(order)), 600_000).await.unwrap();
                format!("/orders/{}/events?token={token}", name(order))
            }
        };
        let (seed, servers) = (u64::try_from(n).unwrap(), [here.at, there.at]);
        // Who does not know yet from where to go on may miss what happens.
        let mut source = EventSource::new(&path);
        assert_eq!(source.connect(servers[n % 2]).await, 200);
        source.identify().await;
        watching.push(tokio::spawn(watch(source, servers, seed, cuts.clone(), over.clone())));
    }
    let mut changing: Vec<_> = (0..ORDERS)
        .map(|n| tokio::spawn(change([shop.engine.clone(), other.clone()], n, go_on.clone())))
        .collect();
    if Keep::usual() == Keep::Postgres {
        changing.push(tokio::spawn(commit_late(shop.db.clone(), location, go_on.clone())));
    }
    wait_until("so many streams were cut, and there was something to miss", || async {
        let happened = shop.db.value(&format!("SELECT COUNT(*) {changes}")).await.parse::<usize>().unwrap();
        (cuts.load(Ordering::Relaxed) >= CUTS && happened > 100).then_some(())
    })
    .await;
    go_on.store(false, Ordering::Relaxed);
    for changed in changing {
        changed.await.unwrap();
    }
    over.store(true, Ordering::Relaxed);
    let told = join_all(watching).await;

    let rows = shop.db.rows(&format!("SELECT order_id, payload {changes}")).await;
    let of = |n: usize| {
        let rows = rows.iter().filter(|row| n == ORDERS || row[0] == name(n));
        counted(rows.map(|row| serde_json::from_str(&row[1]).unwrap()))
    };
    let expected: Vec<Counted> = (0..=ORDERS).map(of).collect();
    for (n, told) in told.into_iter().enumerate() {
        let (told, expected) = (counted(told.unwrap()), &expected[n / EACH]);
        let missing: Vec<_> =
            expected.iter().filter(|(event, times)| told.get(*event) != Some(times)).collect();
        let strange: Vec<_> =
            told.iter().filter(|(event, times)| expected.get(*event) != Some(times)).collect();
        assert_eq!((missing, strange), (vec![], vec![]), "stream {n} of {} events", rows.len());
    }
    other.stop();
}
