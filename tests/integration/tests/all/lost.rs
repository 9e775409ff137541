//! Replies that are lost, refusals that are none, and an index that lags: nothing is made twice.

use std::time::Duration;

use ghlkit::{Code, config::SyncOptions, sync::SyncState, sync::UpdateOptions, sync::event_kind};
use integration::{Setup, Shop, lines, order, wait_until};
use mock_ghl::{Author, Fault, Settings};
use serde_json::json;

use super::failures::{CREATE_IS_SETTLED, NO_WAIT, assert_made_once, first, job, nth};

#[tokio::test]
async fn the_lost_reply_of_an_update_is_no_harm() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    shop.settle().await;
    shop.fault(vec![
        nth(1, "PUT", "/opportunities/", Fault::ResetAfter),
        nth(1, "PUT", "/contacts/", Fault::ResetAfter),
        nth(1, "DELETE", "/contacts/", Fault::ResetAfter),
        nth(1, "POST", &format!("/contacts/{}/tags", placed.contact), Fault::ResetAfter),
    ]);
    shop.update("7", "shipped").await;
    shop.settle().await;

    assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
    assert_eq!(shop.tags(&placed.contact), ["status_shipped"]);
    assert_eq!(shop.contact_field(&placed.contact, "order_status"), json!("shipped"));
    let history = shop.ghl.with(|ghl| {
        ghl.stage_history(&placed.opportunity).iter().map(|change| change.by).collect::<Vec<_>>()
    });
    assert_eq!(history, [Author::Api; 2], "the stage moved once");
    // Neither the repetition nor the echo of the lost write counts as a human's.
    assert_eq!(shop.row("7").await.version, 2);
    assert_eq!(shop.events(event_kind::STATUS_CHANGED).await.len(), 2);
    // A first try that was never answered may still arrive, but only within its time-out.
    let now = shop.ghl.now();
    for unknown in shop.db.column("SELECT unknown FROM ghlkit_objects").await {
        let writes: Vec<serde_json::Value> = serde_json::from_str(&unknown).unwrap();
        assert!(writes.len() <= 1, "{unknown}");
        assert!(writes.iter().all(|write| write["deadline"].as_i64().unwrap() <= now + 10_000), "{unknown}");
    }

    // What is left of the doubt does not swallow what a human does afterwards.
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_delivered"));
    shop.settle().await;
    assert_eq!(shop.row("7").await.status, "delivered");
    assert_eq!(shop.tags(&placed.contact), ["status_delivered"]);
}

#[tokio::test]
async fn a_contact_whose_reply_was_lost_is_found_and_not_made_twice() {
    let shop = Shop::with(Setup::deaf()).await;
    shop.fault(first("POST", "/contacts/", Fault::ResetAfter));
    let mark = shop.mark();
    let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
    assert_eq!(outcome.state, SyncState::Queued);
    assert_eq!(outcome.error.unwrap().code(), Code::OutcomeUnknown);
    assert_eq!(lines(&shop.sent(mark)), ["POST /contacts/"], "it is not repeated within the call");
    assert_eq!(shop.db.value("SELECT creating FROM ghlkit_orders").await, "contact");

    // In real time: ten seconds in which the create may still leave, and its time-out.
    let _worker = shop.work();
    wait_until("the order is synced", || async {
        (shop.db.value("SELECT state FROM ghlkit_jobs").await == "done").then_some(())
    })
    .await;
    assert_made_once(&shop, "7").await;
    let sent = shop.sent(mark);
    assert_eq!(lines(&sent).iter().filter(|line| **line == "POST /contacts/").count(), 1);
    let looked = sent.iter().find(|sent| sent.line == "GET /contacts/search/duplicate").unwrap();
    assert!(looked.query.contains(&("email".to_owned(), "paivi.7@example.com".to_owned())));
}

#[tokio::test]
async fn an_opportunity_whose_reply_was_lost_is_found_and_not_made_twice() {
    let shop = Shop::with(Setup::deaf()).await;
    shop.fault(first("POST", "/opportunities/", Fault::ResetAfter));
    let mark = shop.mark();
    let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
    assert_eq!(outcome.state, SyncState::Queued);
    assert_eq!(shop.counts(), (1, 1));
    assert_eq!(shop.db.value("SELECT creating FROM ghlkit_orders").await, "opportunity");
    assert_eq!(shop.db.value("SELECT opportunity_id FROM ghlkit_orders").await, "NULL");

    let _worker = shop.work();
    wait_until("the order is synced", || async {
        (shop.db.value("SELECT state FROM ghlkit_jobs").await == "done").then_some(())
    })
    .await;
    assert_made_once(&shop, "7").await;
    assert_eq!(lines(&shop.sent(mark)).iter().filter(|line| **line == "POST /opportunities/").count(), 1);
}

#[tokio::test]
async fn an_opportunity_whose_reply_was_lost_is_adopted_from_its_event_at_once() {
    let shop = Shop::open().await;
    shop.fault(first("POST", "/opportunities/", Fault::ResetAfter));
    let mark = shop.mark();
    shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
    shop.settle().await;
    assert_made_once(&shop, "7").await;
    let sent = shop.sent(mark);
    assert!(lines(&sent).contains(&"GET /opportunities/{id}"), "{:?}", lines(&sent));
    assert!(!lines(&sent).contains(&"GET /opportunities/search"), "{:?}", lines(&sent));
}

#[tokio::test]
async fn a_create_that_surely_failed_is_begun_anew_after_it_was_looked_for() {
    for path in ["/contacts/", "/opportunities/"] {
        for fault in [Fault::Status(500), Fault::ResetBefore] {
            let shop = Shop::with(Setup::deaf()).await;
            shop.fault(first("POST", path, fault));
            let mark = shop.mark();
            let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
            assert_eq!(outcome.state, SyncState::Queued, "{path} {fault:?}");
            shop.let_pass(CREATE_IS_SETTLED).await;
            shop.settle().await;
            assert_made_once(&shop, "7").await;
            let line = format!("POST {path}");
            assert_eq!(lines(&shop.sent(mark)).iter().filter(|sent| **sent == line).count(), 2);
        }
    }
}

#[tokio::test]
async fn refused_but_created_is_found_and_not_made_twice() {
    for path in ["/contacts/", "/opportunities/"] {
        let shop = Shop::with(Setup::deaf()).await;
        shop.fault(first("POST", path, Fault::RefusedButDone));
        let mark = shop.mark();
        let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
        assert_eq!(outcome.state, SyncState::Synced, "{path}: it is found at once");
        assert_made_once(&shop, "7").await;
        let line = format!("POST {path}");
        assert_eq!(lines(&shop.sent(mark)).iter().filter(|sent| **sent == line).count(), 1);
    }
}

#[tokio::test]
async fn refused_but_created_is_found_when_the_index_has_caught_up() {
    for path in ["/contacts/", "/opportunities/"] {
        let settings = Settings { search_lag_ms: 700, ..Settings::unlimited() };
        let sync = SyncOptions { call_timeout_ms: 2_000, search_lag_ms: 1_500, ..SyncOptions::default() };
        let shop = Shop::with(Setup { settings, sync, ..Setup::deaf() }).await;
        shop.fault(first("POST", path, Fault::RefusedButDone));
        let mark = shop.mark();
        let outcome = shop.engine.create_order(&order("7"), NO_WAIT).await.unwrap();
        assert_eq!(outcome.state, SyncState::Queued, "{path}");
        shop.settle().await;
        let (waiting, creating) = (job(&shop).await, shop.row("7").await.creating.unwrap());
        let wait = waiting.due_at - creating.since;
        assert!(
            creating.refused && (1_500..10_000).contains(&wait),
            "{path}: the index's lag alone, not {wait} ms"
        );
        let _worker = shop.work();
        wait_until("the order is synced", || async {
            (shop.db.value("SELECT state FROM ghlkit_jobs").await == "done").then_some(())
        })
        .await;
        assert_made_once(&shop, "7").await;
        let line = format!("POST {path}");
        assert_eq!(lines(&shop.sent(mark)).iter().filter(|sent| **sent == line).count(), 1);
    }
}

#[tokio::test]
async fn refused_and_not_created_is_dead_with_ghls_complaint() {
    let shop = Shop::with(Setup::deaf()).await;
    shop.fault(first("POST", "/contacts/", Fault::Status(422)));
    let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
    assert_eq!(outcome.state, SyncState::Dead, "nobody is found, and the index does not lag");
    let dead = job(&shop).await;
    assert_eq!((dead.state.as_str(), dead.error_code.as_deref()), ("dead", Some("validation")));
    assert_eq!(shop.counts(), (0, 0));
    assert_eq!(shop.events(event_kind::SYNC_FAILED).await.len(), 1);
    assert_eq!(shop.db.value("SELECT ghl_sync_status FROM orders").await, "failed");
}

#[tokio::test]
async fn a_lagging_index_makes_no_second_contact_or_opportunity() {
    for path in ["/contacts/", "/opportunities/"] {
        let settings = Settings { search_lag_ms: 1_500, ..Settings::unlimited() };
        let sync = SyncOptions { call_timeout_ms: 300, search_lag_ms: 2_000, ..SyncOptions::default() };
        let shop = Shop::with(Setup { settings, sync, ..Setup::deaf() }).await;
        shop.fault(first("POST", path, Fault::ResetAfter));
        shop.engine.create_order(&order("7"), NO_WAIT).await.unwrap();
        shop.settle().await;
        let waiting = job(&shop).await;
        let creating = shop.row("7").await.creating.unwrap();
        assert_eq!(waiting.due_at - creating.since, 10_000 + 300 + 2_000);
        // All but the lag of the index, which passes in real time.
        shop.let_pass(Duration::from_millis(10_300)).await;
        let _worker = shop.work();
        wait_until("the order is synced", || async {
            (shop.db.value("SELECT state FROM ghlkit_jobs").await == "done").then_some(())
        })
        .await;
        assert_made_once(&shop, "7").await;
    }
}
