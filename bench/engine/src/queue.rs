//! `queue_100k`: what a look for due jobs costs where 100,000 wait, and what a process that works on them takes up.

use std::{
    fs,
    pin::pin,
    time::{Duration, Instant},
};

use ghlkit::{
    config::Config,
    native::{self, OpenOptions},
    ports::store::{Change, Fence, Finish, Lease, Store},
    sync::UpdateOptions,
};
use integration::{Child, Keep, Shop, parse, ready, sample};
use serde_json::json;

use crate::{
    callers::setup,
    rows::{median, row},
};

const FEW: usize = 1_000;
const MANY: usize = 100_000;
const ROUNDS: usize = 60;
/// As many as a worker with the default settings asks for.
const AT_ONCE: usize = 8;
const AT_WORK: Duration = Duration::from_secs(5);

pub(crate) async fn measure() {
    let mut most: f64 = 0.0;
    for (name, keep) in [("queue_100k_sqlite", Keep::Sqlite), ("queue_100k_postgres", Keep::Postgres)] {
        let shops = [Box::pin(waiting(keep, MANY)).await, Box::pin(waiting(keep, FEW)).await];
        let mut costs = [Vec::new(), Vec::new()];
        for round in 0..=ROUNDS {
            for (shop, costs) in shops.iter().zip(&mut costs) {
                let cost = look(&**shop.engine.store(), &format!("t{round}"), shop.ghl.now()).await;
                if round > 0 {
                    costs.push(cost);
                }
            }
        }
        let [many, few] = costs.map(median);
        row(name, "ms a look for 8 jobs", many, Some(("at_1000", few)));
        most = most.max(memory(&shops[0]).await);
    }
    row("queue_100k_memory", "MB", most, None);
}

/// What a worker does when it has nothing under way: it leases, and asks when more is due. Then all is put back at the end.
async fn look(store: &dyn Store, token: &str, now: i64) -> f64 {
    let lease = Lease {
        worker: "bench".into(),
        token: token.into(),
        now,
        until: now + 60_000,
        max: AT_ONCE,
        only: None,
    };
    let began = Instant::now();
    let jobs = store.lease(lease).await.unwrap();
    store.next_due().await.unwrap();
    let cost = began.elapsed().as_secs_f64() * 1e3;
    assert_eq!(jobs.len(), AT_ONCE);
    for job in jobs {
        let fence = Fence { job: job.id, token: token.to_owned(), now, version: None };
        let back = Finish::Wait { due_at: now, counted: false, error: None };
        store.commit(fence, vec![Change::Finish(back)]).await.unwrap();
    }
    cost
}

/// A shop with so many orders that wait to be brought into GHL, and one more; of every ten customers one has two.
async fn waiting(keep: Keep, many: usize) -> Shop {
    let shop = Box::pin(Shop::with(setup(keep))).await;
    let mut first = sample("0");
    first["customer"].as_object_mut().unwrap().remove("phone");
    let no_wait = UpdateOptions { wait_ms: Some(0), ..UpdateOptions::default() };
    shop.engine.create_order(&parse(&first).unwrap(), no_wait).await.unwrap();
    let numbers = match keep {
        Keep::Postgres => format!("(SELECT generate_series(1, {many}) AS n)"),
        _ => format!(
            "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {many}) SELECT n FROM s)"
        ),
    };
    let customer = "(n - CASE WHEN n % 11 = 0 THEN 1 ELSE 0 END)";
    let email = format!("'paivi.' || {customer} || '@example.com'");
    shop.db
        .execute(&format!(
            "INSERT INTO orders (id, status) SELECT CAST(n AS TEXT), 'order_placed' FROM {numbers} AS numbers; \
             INSERT INTO ghlkit_orders (location_id, order_id, number, snapshot, email, version, commit_seq, changed_at, \
             changed_by, pushed_version, dirty, clean, dirty_contact, clean_contact, milestone, detached, known_status) \
             SELECT location_id, CAST(n AS TEXT), 'IS-' || n, replace(replace(replace(snapshot, '\"id\":\"0\"', \
             '\"id\":\"' || n || '\"'), 'IS-0', 'IS-' || n), 'paivi.0@example.com', {email}), {email}, version, \
             commit_seq + n, changed_at, changed_by, pushed_version, dirty, clean, dirty_contact, clean_contact, \
             milestone, detached, known_status FROM ghlkit_orders, {numbers} AS numbers WHERE order_id = '0'; \
             INSERT INTO ghlkit_jobs (location_id, order_id, lease_key, state, due_at, failures, wanted, \
             leased_wanted, lease_until) SELECT location_id, CAST(n AS TEXT), 'email:' || location_id || ':' || {email}, \
             state, due_at, failures, wanted, leased_wanted, lease_until \
             FROM ghlkit_jobs, {numbers} AS numbers WHERE order_id = '0'"
        ))
        .await;
    shop
}

/// The most that a process has taken up that works on a shop's orders for a while, in megabytes.
async fn memory(shop: &Shop) -> f64 {
    let database = [("DATABASE_URL", shop.engine.config().database_url.expose().to_owned())];
    let passport = json!({ "env": Shop::vars(&shop.ghl, shop.file(), &database), "options": {} });
    let mut child = Child::start(["queue".to_owned(), passport.to_string()]).await;
    child.go().await;
    let line = child.line(AT_WORK * 6).await;
    let (done, peak) = line.split_once(' ').unwrap();
    assert!(done.parse::<usize>().unwrap() > 100, "it worked on {done} orders only");
    peak.parse::<f64>().unwrap() * 1024.0 / 1e6
}

/// In the process itself.
pub(crate) async fn work(passport: &str) {
    let config = Config::from_json(passport).unwrap();
    let limits = setup(Keep::Sqlite).limits;
    let engine = native::open(config, OpenOptions { limits, ..OpenOptions::default() }).await.unwrap();
    ready().next_line().await.unwrap();
    let mut run = pin!(engine.run());
    tokio::select! {
        ended = &mut run => ended.unwrap(),
        () = tokio::time::sleep(AT_WORK) => {}
    }
    engine.stop();
    run.await.unwrap();
    let done = engine.store().queue().await.unwrap();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("{} {}", MANY as i64 + 1 - done.waiting, peak.trim().trim_end_matches(" kB"));
    std::process::exit(0)
}
