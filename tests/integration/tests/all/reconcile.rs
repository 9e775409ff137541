//! Reconciliation: what it costs, what it finds, and what becomes of one that ends on its way.

use std::{collections::BTreeMap, time::Duration};

use ghlkit::{
    Code,
    config::SyncOptions,
    ids::OrderId,
    sync::{DifferingPart, Engine, ReconcileOptions, Reconciled, SyncState, UpdateOptions, event_kind},
};
use integration::{Mark, Placed, Setup, Shop, Worker, lines, order, wait_until};
use mock_ghl::{Fault, FaultRule, LOCATION_ID};
use serde_json::json;

const NO_WAIT: UpdateOptions = UpdateOptions { allow_backward: false, wait_ms: Some(0) };
const DRY: ReconcileOptions = ReconcileOptions { dry_run: true, deadline_ms: None };
const PAGE: ReconcileOptions = ReconcileOptions { dry_run: false, deadline_ms: Some(0) };
const LISTS: [&str; 2] = ["GET /opportunities/search", "POST /contacts/search"];

/// A hundred orders, two hundred other contacts, and nobody who tells what changes.
async fn full() -> Shop {
    let sync =
        SyncOptions { lease_ms: 3_000, call_timeout_ms: 2_000, search_lag_ms: 0, ..SyncOptions::default() };
    let shop = Shop::with(Setup { sync, ..Setup::deaf() }).await;
    for i in 0..100 {
        shop.engine.create_order(&order(&format!("o{i}")), NO_WAIT).await.unwrap();
    }
    shop.settle().await;
    for i in 0..200 {
        shop.seed(&[("email", &format!("other{i}@example.com"))], &["vip"]);
    }
    assert_eq!(shop.counts(), (300, 100));
    shop
}

async fn placed(shop: &Shop, id: &str) -> Placed {
    let row = shop.row(id).await;
    Placed {
        id: id.to_owned(),
        contact: row.contact.unwrap().as_str().to_owned(),
        opportunity: row.opportunity.unwrap().as_str().to_owned(),
    }
}

/// How many pages were listed since, when nothing was written.
fn listed(shop: &Shop, since: Mark) -> usize {
    assert_eq!(lines(&shop.writes(since)), [""; 0]);
    lines(&shop.sent(since)).into_iter().filter(|line| LISTS.contains(line)).count()
}

/// Calls page by page until the walk ends, each time from another engine.
async fn to_the_end(engines: [&Engine; 2], mut found: Reconciled) -> Reconciled {
    for engine in engines.into_iter().cycle().take(10) {
        if !found.more {
            return found;
        }
        let page = engine.reconcile(None, PAGE).await.unwrap();
        assert_eq!(page.opportunities + page.contacts, 100, "one page: {page:?}");
        found = Reconciled {
            opportunities: found.opportunities + page.opportunities,
            contacts: found.contacts + page.contacts,
            marked: found.marked + page.marked,
            ..page
        };
    }
    panic!("the walk does not end: {found:?}");
}

#[tokio::test]
async fn what_differs_is_listed_by_a_dry_run_and_repaired_page_by_page_across_a_crash() {
    let shop = full().await;
    let (moved, untagged, edited) =
        (placed(&shop, "o3").await, placed(&shop, "o50").await, placed(&shop, "o99").await);
    shop.human(|ghl, now| ghl.move_stage(now, &moved.opportunity, "stage_shipped"));
    shop.human(|ghl, now| ghl.remove_contact_tag(now, &untagged.contact, "status_order_placed"));
    shop.human(|ghl, now| {
        ghl.set_contact_field(now, &edited.contact, "order_status", json!("manufacturing"))
    });

    let (mark, before) = (shop.mark(), shop.db.rows("SELECT * FROM ghlkit_orders ORDER BY order_id").await);
    let report = shop.engine.reconcile(None, DRY).await.unwrap();
    assert_eq!((report.opportunities, report.contacts, report.marked, report.more), (100, 300, 0, false));
    let differ: BTreeMap<&str, &[DifferingPart]> =
        report.differences.iter().map(|one| (one.order_id.as_str(), &*one.differs)).collect();
    let expected: [(&str, &[DifferingPart]); 3] =
        [("o3", &[DifferingPart::Stage]), ("o50", &[DifferingPart::Tags]), ("o99", &[DifferingPart::Fields])];
    assert_eq!(differ, BTreeMap::from(expected));
    assert_eq!(report.differences.len(), 3);
    assert_eq!(shop.db.rows("SELECT * FROM ghlkit_orders ORDER BY order_id").await, before);
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_jobs WHERE state <> 'done'").await, "0");
    let calls = listed(&shop, mark);
    assert_eq!(calls, shop.sent(mark).len(), "nothing but the lists was asked for");
    assert!(calls * 100 * 10 <= 400 * 11, "{calls} calls for 400 records");

    // The first page is kept; the process dies while the second is on its way.
    let mark = shop.mark();
    let first = shop.engine.reconcile(None, PAGE).await.unwrap();
    assert_eq!((first.opportunities, first.contacts, first.marked, first.more), (100, 0, 1, true));
    let slow = |nth| FaultRule {
        nth,
        method: "POST".to_owned(),
        path: "/contacts/search".to_owned(),
        fault: None,
        latency_ms: 60_000,
    };
    shop.fault((1..=4).map(slow).collect());
    let dying = shop.another_engine(|_| {}).await;
    let walking = tokio::spawn(async move { dying.reconcile(None, ReconcileOptions::default()).await });
    let claimed =
        "SELECT count(*) FROM ghlkit_states WHERE kind = 'reconcile.repair' AND state LIKE '%\"claim\":{%'";
    wait_until("the other process goes on", || async { (shop.db.value(claimed).await == "1").then_some(()) })
        .await;
    let refused = shop.engine.reconcile(None, PAGE).await.unwrap_err();
    assert_eq!(refused.code(), Code::Conflict, "{refused}");
    assert!(refused.message().contains(LOCATION_ID), "{refused}");
    walking.abort();
    assert!(walking.await.unwrap_err().is_cancelled());
    shop.fault(Vec::new());

    let other = shop.another_engine(|_| {}).await;
    let second = wait_until("the dead process's claim ends", || async {
        match other.reconcile(None, PAGE).await {
            Err(error) if error.code() == Code::Conflict => None,
            reconciled => Some(reconciled.unwrap()),
        }
    })
    .await;
    assert_eq!((second.opportunities, second.contacts), (0, 100), "the first page is not walked again");
    let rest = to_the_end([&shop.engine, &other], second).await;
    assert_eq!((rest.contacts, rest.marked), (300, 2), "{rest:?}");
    let calls = listed(&shop, mark);
    assert!((4..=5).contains(&calls), "one page may have been asked for twice, not {calls} pages in all");

    shop.settle().await;
    assert_eq!(shop.row("o3").await.status, "shipped");
    assert_eq!(shop.row("o99").await.status, "manufacturing");
    assert_eq!(shop.stage(&edited.opportunity), "stage_in_production");
    assert_eq!(shop.tags(&untagged.contact), ["status_order_placed"]);
    assert_eq!(shop.events(event_kind::EDIT_LOST).await.len(), 0);

    let mark = shop.mark();
    let again = shop.engine.reconcile(None, ReconcileOptions::default()).await.unwrap();
    assert_eq!((again.opportunities, again.contacts, again.marked, again.more), (100, 300, 0, false));
    assert_eq!(listed(&shop, mark), 4);
}

#[tokio::test]
async fn a_walk_whose_place_ghl_refuses_begins_anew() {
    let shop = Shop::with(Setup::deaf()).await;
    shop.place(&order("7")).await;
    let refused = FaultRule {
        nth: 1,
        method: "POST".to_owned(),
        path: "/contacts/search".to_owned(),
        fault: Some(Fault::Status(400)),
        latency_ms: 0,
    };
    let page = shop.engine.reconcile(None, PAGE).await.unwrap();
    assert_eq!((page.opportunities, page.more), (1, true));
    shop.fault(vec![refused]);
    shop.engine.reconcile(None, ReconcileOptions::default()).await.unwrap_err();
    shop.fault(Vec::new());
    let again = shop.engine.reconcile(None, ReconcileOptions::default()).await.unwrap();
    assert_eq!((again.opportunities, again.contacts, again.more), (1, 1, false));
}

#[tokio::test]
async fn of_a_fleet_one_process_reconciles_when_it_is_due() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    let scheduled = |config: &mut ghlkit::config::Config| config.sync.reconcile_every_ms = 3_600_000;
    let (one, two) = (shop.another_engine(scheduled).await, shop.another_engine(scheduled).await);
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
    let mark = shop.mark();
    let lists = || lines(&shop.sent(mark)).into_iter().filter(|line| LISTS.contains(line)).count();

    let worker = Worker::start(&one);
    wait_until("the shop knows of the change", || async {
        let open = shop.db.value("SELECT count(*) FROM ghlkit_jobs WHERE state <> 'done'").await;
        (shop.row("7").await.status == "shipped" && open == "0" && lists() == 2).then_some(())
    })
    .await;
    worker.kill().await;
    // The other has looked whether one is due before it does its first job.
    let _worker = Worker::start(&two);
    for status in ["delivered", "installation"] {
        let outcome = two.update_status(None, &OrderId::new("7"), status, UpdateOptions::default()).await;
        assert_eq!(outcome.unwrap().state, SyncState::Synced);
    }
    assert_eq!(lists(), 2);
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_states").await, "1");

    // Nobody does where it was not asked for.
    let idle = shop.another_engine(|_| {}).await;
    let _worker = Worker::start(&idle);
    tokio::time::timeout(Duration::from_secs(40), shop.settle()).await.unwrap();
    assert_eq!(lists(), 2);
}
