//! Crashes in the middle, and several processes on one file.

use std::time::Duration;

use ghlkit::{
    config::SyncOptions,
    sync::{Engine, SyncState, UpdateOptions, event_kind},
};
use integration::{Setup, Shop, Worker, lines, order, parse, sample, wait_until};
use mock_ghl::{Fault, FaultPlan, FaultRule, LOCATION_ID};
use serde_json::json;

const NO_WAIT: UpdateOptions = UpdateOptions { allow_backward: false, wait_ms: Some(0) };

/// A lease that ends soon after its worker died.
const SHORT: SyncOptions = SyncOptions {
    wait_ms: 10_000,
    call_timeout_ms: 2_000,
    search_lag_ms: 0,
    lease_ms: 3_000,
    concurrency: 4,
    reconcile_every_ms: 0,
    existing_contact: ghlkit::config::ExistingContact::FillBlanks,
};

async fn done(shop: &Shop) {
    wait_until("every order is synced", || async {
        let open = shop.db.value("SELECT count(*) FROM ghlkit_jobs WHERE state <> 'done'").await;
        (open == "0").then_some(())
    })
    .await;
}

/// Only latency, so that the call is on its way for a while.
fn slow(method: &str, path: &str) -> FaultRule {
    FaultRule { nth: 1, method: method.to_owned(), path: path.to_owned(), fault: None, latency_ms: 1_500 }
}

/// Waits until a pass has written its intent down, so that the call is about to leave or on its way.
async fn intent(shop: &Shop, sql: &str) {
    wait_until("the intent is written down", || async { (shop.db.value(sql).await == "1").then_some(()) })
        .await;
}

#[tokio::test]
async fn a_push_that_died_on_the_way_is_finished_by_another_process() {
    let shop = Shop::with(Setup { sync: SHORT, ..Setup::deaf() }).await;
    let placed = shop.place(&order("7")).await;
    shop.fault(vec![slow("PUT", "/opportunities/")]);
    let worker = shop.work();
    shop.change("7", "shipped", NO_WAIT).await.unwrap();
    intent(&shop, "SELECT count(*) FROM ghlkit_objects WHERE kind = 'opportunity' AND unknown <> '[]'").await;
    worker.kill().await;
    assert_eq!(shop.db.value("SELECT state FROM ghlkit_jobs").await, "leased");
    assert_eq!(shop.row("7").await.pushed_version, 1);

    let other = shop.another_engine(|_| {}).await;
    let _worker = Worker::start(&other);
    done(&shop).await;
    assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
    assert_eq!(shop.tags(&placed.contact), ["status_shipped"]);
    assert_eq!(shop.contact_field(&placed.contact, "order_status"), json!("shipped"));
    assert_eq!(shop.row("7").await.version, 2, "its own write is not taken for a human's");
    assert_eq!(shop.events(event_kind::STATUS_CHANGED).await.len(), 2);
    // On a busy machine a lease may end before the last call: that pass is logged as pending, and the next one does the rest.
    let passes = "SELECT DISTINCT sync_status FROM crm_sync_log WHERE sync_status <> 'pending'";
    assert_eq!(shop.db.column(passes).await, ["success"]);
}

#[tokio::test]
async fn a_create_that_died_on_the_way_is_looked_for_by_another_process() {
    for path in ["/contacts/", "/opportunities/"] {
        let shop = Shop::with(Setup { sync: SHORT, ..Setup::deaf() }).await;
        shop.fault(vec![slow("POST", path)]);
        let worker = shop.work();
        shop.engine.create_order(&order("7"), NO_WAIT).await.unwrap();
        let object = if path == "/contacts/" { "contact" } else { "opportunity" };
        intent(&shop, &format!("SELECT count(*) FROM ghlkit_orders WHERE creating = '{object}'")).await;
        worker.kill().await;

        let other = shop.another_engine(|_| {}).await;
        // Begun creates are older now than any that could still leave.
        shop.let_pass(Duration::from_secs(11)).await;
        let _worker = Worker::start(&other);
        done(&shop).await;
        assert_eq!(shop.counts(), (1, 1), "{path}");
        let row = shop.row("7").await;
        assert_eq!(shop.stage(row.opportunity.unwrap().as_str()), "stage_new_order");
        assert_eq!(shop.tags(row.contact.unwrap().as_str()), ["status_order_placed"]);
    }
}

#[tokio::test]
async fn a_worker_whose_lease_has_ended_sends_and_writes_nothing_more() {
    let shop = Shop::with(Setup { sync: SHORT, ..Setup::deaf() }).await;
    let placed = shop.place(&order("7")).await;
    // The reply comes when the lease has been taken by another.
    shop.fault(vec![slow("PUT", "/opportunities/")]);
    let worker = shop.work();
    shop.change("7", "shipped", NO_WAIT).await.unwrap();
    intent(&shop, "SELECT count(*) FROM ghlkit_objects WHERE kind = 'opportunity' AND unknown <> '[]'").await;
    shop.db.execute("UPDATE ghlkit_jobs SET lease_token = 'stolen', worker = 'thief'").await;
    wait_until("GHL has answered the write on its way", || async {
        (shop.stage(&placed.opportunity) == "stage_shipped").then_some(())
    })
    .await;
    // The stolen lease ends, and whoever takes the job next finishes it.
    done(&shop).await;
    drop(worker);
    assert_eq!(shop.tags(&placed.contact), ["status_shipped"]);
    assert_eq!(shop.row("7").await.version, 2);
    let log = shop.db.column("SELECT sync_status FROM crm_sync_log ORDER BY created_at").await;
    assert_eq!(log, ["success", "success"], "the worker that lost its lease has written nothing");
}

#[tokio::test]
async fn a_stopped_worker_sends_nothing_more_and_loses_nothing() {
    let shop = Shop::with(Setup { sync: SHORT, ..Setup::deaf() }).await;
    for id in 0..20 {
        shop.engine.create_order(&order(&id.to_string()), NO_WAIT).await.unwrap();
    }
    let (engine, stopper) = (shop.engine.clone(), shop.engine.clone());
    let running = tokio::spawn(async move { engine.run().await });
    wait_until("work is under way", || async { (shop.counts().0 >= 2).then_some(()) }).await;
    stopper.stop();
    running.await.unwrap().unwrap();
    let mark = shop.mark();
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_jobs WHERE state = 'leased'").await, "0");
    assert_eq!(shop.db.value("SELECT sum(failures) FROM ghlkit_jobs").await, "0");
    assert_eq!(lines(&shop.sent(mark)), [""; 0]);

    let other = shop.another_engine(|_| {}).await;
    let _worker = Worker::start(&other);
    done(&shop).await;
    assert_eq!(shop.counts(), (20, 20));
}

#[tokio::test]
async fn two_processes_on_one_file_double_and_lose_nothing() {
    let shop = Shop::open().await;
    let other = shop.another_engine(|_| {}).await;
    let (mark, _a, _b) = (shop.mark(), shop.work(), Worker::start(&other));
    // Thirty orders of ten customers, taken in and changed by both.
    let engines = [shop.engine.clone(), other];
    let tasks = (0..30).map(|n: usize| {
        let engines = engines.clone();
        async move {
            let id = n.to_string();
            let mut json = sample(&id);
            json["customer"] =
                json!({ "firstName": "Aino", "email": format!("customer.{}@example.com", n % 10) });
            let pick = |turn: usize| -> &Engine { &engines[(n + turn) % 2] };
            pick(0).create_order(&parse(&json).unwrap(), NO_WAIT).await.unwrap();
            for (turn, status) in ["processing", "manufacturing", "shipped"].into_iter().enumerate() {
                let order = ghlkit::ids::OrderId::new(id.as_str());
                pick(turn).update_status(None, &order, status, NO_WAIT).await.unwrap();
            }
        }
    });
    futures::future::join_all(tasks).await;
    done(&shop).await;
    shop.ghl.webhooks_settled().await;
    done(&shop).await;

    assert_eq!(shop.counts(), (10, 30));
    // No reply was lost, so no create is in doubt, though changes came while some were begun.
    let sent = shop.sent(mark);
    let searches: Vec<_> = lines(&sent).into_iter().filter(|line| line.contains("/search")).collect();
    assert_eq!(searches, [""; 0]);
    let names = shop.ghl.with(|ghl| {
        ghl.opportunities().map(|one| one.name.clone()).collect::<std::collections::BTreeSet<_>>()
    });
    assert_eq!(names.len(), 30);
    let location = ghlkit::ids::LocationId::new(LOCATION_ID);
    for row in shop.engine.store().list_orders(&location, None, None, 100).await.unwrap() {
        assert_eq!((row.status.as_str(), row.version), ("shipped", 4));
        assert_eq!(shop.stage(row.opportunity.unwrap().as_str()), "stage_shipped");
        assert_eq!(shop.tags(row.contact.unwrap().as_str()), ["status_shipped"]);
    }
    // Telling comes after the work.
    let told = || async {
        let told = shop.told.about("3", event_kind::STATUS_CHANGED).len();
        (told >= 4).then_some(told)
    };
    let told = wait_until("every change is told", told).await;
    assert_eq!(told, 4, "each by one of the two, once");
}

#[tokio::test]
async fn workers_that_keep_dying_double_and_lose_nothing() {
    let shop = Shop::with(Setup { sync: SHORT, ..Setup::default() }).await;
    shop.ghl.set_faults(FaultPlan { seed: 3, latency_ms: (0, 15), ..FaultPlan::default() });
    for id in 0..8 {
        shop.engine.create_order(&order(&id.to_string()), NO_WAIT).await.unwrap();
    }
    for life in 1..=12 {
        let worker = shop.work();
        let mark = shop.ghl.with(|ghl| ghl.counters().requests);
        wait_until("a few calls have left", || async {
            let idle = shop.db.value("SELECT count(*) FROM ghlkit_jobs WHERE state = 'waiting'").await == "0";
            (idle || shop.ghl.with(|ghl| ghl.counters().requests) >= mark + life).then_some(())
        })
        .await;
        worker.kill().await;
        if life == 6 {
            for id in 0..8 {
                shop.change(&id.to_string(), "shipped", NO_WAIT).await.unwrap();
            }
        }
        shop.let_pass(Duration::from_secs(12)).await;
    }
    let _worker = shop.work();
    done(&shop).await;
    assert_eq!(shop.counts(), (8, 8));
    let location = ghlkit::ids::LocationId::new(LOCATION_ID);
    for row in shop.engine.store().list_orders(&location, None, None, 100).await.unwrap() {
        assert_eq!((row.status.as_str(), row.version), ("shipped", 2), "{}", row.id);
        assert_eq!(shop.stage(row.opportunity.unwrap().as_str()), "stage_shipped");
        assert_eq!(shop.tags(row.contact.unwrap().as_str()), ["status_shipped"]);
    }
}

#[tokio::test]
async fn a_caller_that_gives_up_loses_nothing() {
    let shop = Shop::with(Setup { sync: SHORT, ..Setup::deaf() }).await;
    shop.fault(vec![FaultRule { fault: Some(Fault::ResetBefore), ..slow("POST", "/contacts/") }]);
    let engine = shop.engine.clone();
    let call = tokio::spawn(async move { engine.create_order(&order("7"), UpdateOptions::default()).await });
    intent(&shop, "SELECT count(*) FROM ghlkit_orders WHERE creating = 'contact'").await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    shop.let_pass(Duration::from_secs(12)).await;
    let _worker = shop.work();
    done(&shop).await;
    assert_eq!(shop.counts(), (1, 1));
    assert_eq!(shop.row("7").await.pushed_version, 1);
    let outcome = shop.change("7", "shipped", UpdateOptions::default()).await.unwrap();
    assert_eq!(outcome.state, SyncState::Synced);
}
