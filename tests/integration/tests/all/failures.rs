//! GHL fails: errors, lost replies, limits, a wrong token, nobody there.

use std::time::{Duration, Instant};

use ghlkit::{
    Code,
    ports::store::{JobFilter, JobRow, JobState},
    sync::{SyncState, UpdateOptions, event_kind},
};
use integration::{Keep, Sent, Setup, Shop, TOKEN, lines, order, parse, sample, wait_until};
use mock_ghl::{
    Assumptions, Fault, FaultPlan, FaultRule, LOCATION_ID, Limits, MockGhl, PrivateToken, Settings,
};
use serde_json::json;

pub(super) const NO_WAIT: UpdateOptions = UpdateOptions { allow_backward: false, wait_ms: Some(0) };

/// Longer than a begun create takes to be visible or surely not to happen, under the settings of `Setup`.
pub(super) const CREATE_IS_SETTLED: Duration = Duration::from_secs(13);

/// The n-th request with this method and path goes wrong.
pub(super) fn nth(nth: u32, method: &str, path: &str, fault: Fault) -> FaultRule {
    FaultRule { nth, method: method.to_owned(), path: path.to_owned(), fault: Some(fault), latency_ms: 0 }
}

pub(super) fn first(method: &str, path: &str, fault: Fault) -> Vec<FaultRule> {
    vec![nth(1, method, path, fault)]
}

pub(super) fn dead_jobs() -> JobFilter {
    JobFilter { state: Some(JobState::Dead), ..JobFilter::default() }
}

pub(super) async fn job(shop: &Shop) -> JobRow {
    shop.engine.store().jobs(JobFilter::default()).await.unwrap().pop().unwrap()
}

/// One contact and one opportunity, which are the order's, in step.
pub(super) async fn assert_made_once(shop: &Shop, id: &str) {
    assert_eq!(shop.counts(), (1, 1));
    let row = shop.row(id).await;
    let (contact, opportunity) = (row.contact.unwrap(), row.opportunity.unwrap());
    let stored = shop.db.rows("SELECT ghl_contact_id, ghl_opportunity_id, ghl_sync_status FROM orders").await;
    if !stored.is_empty() {
        assert_eq!(stored, [[contact.as_str(), opportunity.as_str(), "synced"]]);
    }
    assert_eq!((row.creating, row.pushed_version), (None, row.version));
    assert_eq!(shop.tags(contact.as_str()), [format!("status_{}", row.status)]);
    assert_eq!(shop.contact_field(contact.as_str(), "order_status"), json!(row.status));
    assert_eq!(shop.contact_field(contact.as_str(), "order_number"), json!(row.number));
    let name = shop.ghl.with(|ghl| ghl.opportunity(opportunity.as_str()).unwrap().name.clone());
    assert_eq!(name, format!("Order #{}", row.number));
}

#[tokio::test]
async fn an_error_of_the_server_is_repeated_within_the_call() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    for status in [500, 502, 503] {
        shop.fault(first("PUT", "/contacts/", Fault::Status(status)));
        let (mark, began) = (shop.mark(), Instant::now());
        let next = match status {
            500 => "processing",
            502 => "manufacturing",
            _ => "shipped",
        };
        shop.update("7", next).await;
        assert!(began.elapsed() >= Duration::from_secs(1), "the second try waits a second");
        assert_eq!(
            lines(&shop.sent(mark)),
            [
                "PUT /opportunities/{id}",
                "PUT /contacts/{id}",
                "PUT /contacts/{id}",
                "POST /contacts/{id}/tags",
                "DELETE /contacts/{id}/tags"
            ]
        );
    }
    assert_eq!(shop.tags(&placed.contact), ["status_shipped"]);
    assert_eq!(job(&shop).await.failures, 0);
}

#[tokio::test]
async fn three_errors_end_the_call_and_the_job_waits_half_a_minute() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    shop.fault((1..=3).map(|n| nth(n, "PUT", "/opportunities/", Fault::Status(503))).collect());
    let mark = shop.mark();
    let outcome = shop.change("7", "shipped", UpdateOptions::default()).await.unwrap();
    assert_eq!(outcome.state, SyncState::Queued);
    let error = outcome.error.unwrap();
    assert_eq!(error.code(), Code::Server);
    assert_eq!(lines(&shop.sent(mark)), ["PUT /opportunities/{id}"; 3]);
    let waiting = job(&shop).await;
    assert_eq!((waiting.failures, waiting.error_code.as_deref()), (1, Some("server")));
    // The failure is written down a little after it is told when to repeat.
    let wait = waiting.due_at - waiting.first_failed_at.unwrap();
    assert!((29_000..=30_000).contains(&wait), "{wait}");
    assert_eq!(
        shop.db.rows("SELECT sync_status, error_message IS NOT NULL FROM crm_sync_log").await,
        [["success", "0"], ["failed", "1"]]
    );
    assert_eq!(shop.events(event_kind::SYNC_FAILED).await, [], "it is not given up yet");

    shop.let_pass(Duration::from_secs(31)).await;
    let mark = shop.mark();
    shop.settle().await;
    assert_eq!(lines(&shop.sent(mark))[0], "GET /opportunities/{id}", "a repeated push looks first");
    assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
    assert_eq!((job(&shop).await.failures, job(&shop).await.error_code), (0, None));
}

/// The times between a 429 and the request after it.
fn pauses(shop: &Shop) -> Vec<i64> {
    shop.ghl.with(|ghl| {
        let received: Vec<_> = ghl.received().cloned().collect();
        let pairs = received.windows(2).filter(|pair| pair[0].status == 429);
        pairs.map(|pair| pair[1].at - pair[0].at).collect()
    })
}

#[tokio::test]
async fn a_429_stops_everything_for_as_long_as_ghl_asks_or_a_second() {
    for (retry_after, least) in [(true, 1_000), (false, 1_000)] {
        let assumptions = Assumptions { retry_after, ..Assumptions::default() };
        let shop = Shop::with(Setup {
            settings: Settings { assumptions, ..Settings::unlimited() },
            ..Setup::deaf()
        })
        .await;
        let placed = shop.place(&order("7")).await;
        shop.fault(first("PUT", "/opportunities/", Fault::TooMany));
        let mark = shop.mark();
        shop.update("7", "shipped").await;
        let sent: Vec<Sent> = shop.sent(mark);
        assert_eq!(sent.iter().map(|sent| sent.status).collect::<Vec<_>>(), [429, 200, 200, 201, 200]);
        let pauses = pauses(&shop);
        assert_eq!(pauses.len(), 1);
        // The server's clock and ours are read in whole milliseconds.
        assert!((least - 5..least + 2_000).contains(&pauses[0]), "{retry_after}: {pauses:?}");
        assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
        assert_eq!(job(&shop).await.failures, 0, "being throttled is no failure");
    }
}

#[tokio::test]
async fn the_limit_is_never_exceeded() {
    let limits = Limits { burst: 8, interval_ms: 400, daily: 10_000 };
    let shop =
        Shop::cold(Setup { settings: Settings { limits, ..Settings::default() }, ..Setup::deaf() }).await;
    // The first reply tells the limit.
    shop.engine.provision(None, Default::default()).await.unwrap();
    for id in 0..12 {
        shop.engine.create_order(&order(&id.to_string()), NO_WAIT).await.unwrap();
    }
    shop.settle().await;
    assert_eq!(shop.counts(), (12, 12));
    assert_eq!(shop.db.column("SELECT DISTINCT state FROM ghlkit_jobs").await, ["done"]);
    let (most, refused) = shop.ghl.with(|ghl| (ghl.max_in_window(), ghl.counters().too_many));
    assert_eq!(refused, 0);
    assert!(most <= 8, "{most} in one interval");
}

#[tokio::test]
async fn a_refused_token_ends_in_a_dead_job_that_can_be_replayed_once_it_is_mended() {
    let wrong = vec![("GOHIGHLEVEL_API_KEY", "pit-0000-this-is-revoked".to_owned())];
    let shop = Shop::cold(Setup { vars: wrong, ..Setup::deaf() }).await;
    let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
    assert_eq!(outcome.state, SyncState::Dead);
    assert_eq!(outcome.error.unwrap().code(), Code::Unauthorized);
    let dead = job(&shop).await;
    assert_eq!((dead.state.as_str(), dead.error_code.as_deref()), ("dead", Some("unauthorized")));
    assert_eq!(shop.db.value("SELECT ghl_sync_status FROM orders").await, "failed");
    shop.settle().await;
    assert_eq!(shop.told.about("7", event_kind::SYNC_FAILED).len(), 1);
    let told = shop.events(event_kind::SYNC_FAILED).await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0].1["code"], &told[0].1["jobId"]),
        (&json!("unauthorized"), &json!(outcome.job.as_str()))
    );

    // Nothing waits behind it, and nothing repeats it.
    let mark = shop.mark();
    shop.let_pass(Duration::from_secs(3_600)).await;
    shop.settle().await;
    assert_eq!(lines(&shop.sent(mark)), [""; 0]);

    let mended = shop
        .another_engine(|config| config.locations[0].token = Some(ghlkit::secret::Secret::new(TOKEN)))
        .await;
    assert!(mended.store().replay(&outcome.job, shop.ghl.now()).await.unwrap());
    assert!(!mended.store().replay(&outcome.job, shop.ghl.now()).await.unwrap(), "it is not dead any more");
    mended.drain(Default::default()).await.unwrap();
    assert_made_once(&shop, "7").await;
    assert_eq!(shop.events(event_kind::SYNC_FAILED).await.len(), 1);
}

#[tokio::test]
async fn a_change_revives_a_dead_job() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    shop.fault(first("PUT", "/opportunities/", Fault::Status(403)));
    let outcome = shop.change("7", "processing", UpdateOptions::default()).await.unwrap();
    assert_eq!(outcome.state, SyncState::Dead);
    shop.update("7", "shipped").await;
    assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
    assert_eq!(shop.tags(&placed.contact), ["status_shipped"]);
}

#[tokio::test]
async fn a_token_without_the_scope_is_named_so() {
    let mut token = PrivateToken::location(TOKEN, LOCATION_ID);
    let scopes = ["contacts.readonly", "opportunities.readonly", "locations.readonly"];
    token.scopes =
        Some(scopes.into_iter().chain(["locations/customFields.readonly"]).map(str::to_owned).collect());
    let settings = Settings { private_tokens: vec![token], ..Settings::unlimited() };
    let shop = Shop::with(Setup { settings, ..Setup::deaf() }).await;
    let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
    assert_eq!(outcome.state, SyncState::Dead);
    assert_eq!(outcome.error.unwrap().code(), Code::ScopeMissing);
    assert_eq!(shop.counts(), (0, 0));
}

#[tokio::test]
async fn an_order_placed_while_ghl_is_down_is_queued_and_drained_later() {
    for keep in Keep::both() {
        let shop = Shop::with(Setup { keep, ..Setup::deaf() }).await;
        let port = shop.ghl.base_url().rsplit(':').next().unwrap().parse().unwrap();
        let Shop { ghl, engine, .. } = shop;
        ghl.stop().await;

        let outcome = engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
        assert_eq!(outcome.state, SyncState::Queued);
        assert_eq!(outcome.error.unwrap().code(), Code::Network);
        let row = engine.status(None, &ghlkit::ids::OrderId::new("7")).await.unwrap();
        assert_eq!((row.creating, row.contact), (None, None), "nothing has left");

        // The same seed gives the same pipeline and fields, as if it had been up all the time.
        let ghl = MockGhl::start(Settings { port, ..Settings::unlimited() }).await.unwrap();
        let outcome = engine
            .update_status(None, &ghlkit::ids::OrderId::new("7"), "processing", UpdateOptions::default())
            .await
            .unwrap();
        assert_eq!(outcome.state, SyncState::Synced, "{keep:?}: a newer change resets the schedule");
        let state = ghl.with(|ghl| {
            let opportunity = ghl.opportunities().next().unwrap();
            let stage = ghl.stage(&opportunity.stage_id).unwrap().key();
            (ghl.contacts().count(), ghl.opportunities().count(), stage, ghl.counters().writes)
        });
        assert_eq!(state, (1, 1, "stage_processing".to_owned(), 2));
    }
}

#[tokio::test]
async fn without_waiting_the_intent_is_committed_and_nothing_is_sent() {
    let shop = Shop::with(Setup::deaf()).await;
    let mark = shop.mark();
    let outcome = shop.engine.create_order(&order("7"), NO_WAIT).await.unwrap();
    assert_eq!(outcome.state, SyncState::Queued);
    assert_eq!((outcome.contact, outcome.opportunity), (None, None));
    assert!(outcome.error.is_none());
    assert_eq!(lines(&shop.sent(mark)), [""; 0]);
    assert_eq!(
        shop.db.rows("SELECT state, failures, lease_key FROM ghlkit_jobs").await,
        [["waiting", "0", &format!("email:{LOCATION_ID}:paivi.7@example.com")]]
    );
    assert_eq!(
        shop.db.rows("SELECT id, status, ghl_sync_status, ghl_contact_id FROM orders").await,
        [["7", "order_placed", "pending", "NULL"]]
    );
    let outcome = shop.change("7", "processing", NO_WAIT).await.unwrap();
    assert_eq!(outcome.state, SyncState::Queued);
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_jobs").await, "1", "one job an order");
    assert_eq!(lines(&shop.sent(mark)), [""; 0]);

    shop.settle().await;
    assert_made_once(&shop, "7").await;
    assert_eq!(lines(&shop.sent(mark)), ["POST /contacts/", "POST /opportunities/"]);
    assert_eq!(shop.row("7").await.status, "processing");
}

#[tokio::test]
async fn a_slow_ghl_does_not_hold_the_caller_beyond_its_wait() {
    let shop = Shop::with(Setup::deaf()).await;
    let _worker = shop.work();
    let slow = FaultRule {
        nth: 1,
        method: "POST".to_owned(),
        path: "/contacts/".to_owned(),
        fault: None,
        latency_ms: 1_500,
    };
    shop.fault(vec![slow]);
    let wait = UpdateOptions { wait_ms: Some(300), ..UpdateOptions::default() };
    let outcome = shop.engine.create_order(&order("7"), wait).await.unwrap();
    assert_eq!(outcome.state, SyncState::Queued);
    assert_eq!(shop.counts(), (0, 0), "GHL has not answered yet");
    wait_until("the order is synced", || async {
        (shop.db.value("SELECT state FROM ghlkit_jobs").await == "done").then_some(())
    })
    .await;
    assert_made_once(&shop, "7").await;
}

#[tokio::test]
async fn orders_come_through_a_bad_day_without_a_double_or_a_loss() {
    let shop = Shop::open().await;
    for id in 0..12 {
        shop.engine.create_order(&order(&id.to_string()), NO_WAIT).await.unwrap();
    }
    shop.ghl.set_faults(FaultPlan {
        seed: 11,
        reset_before: 0.06,
        reset_after: 0.06,
        too_many: 0.02,
        server_error: 0.06,
        refused_but_done: 0.06,
        ..FaultPlan::default()
    });
    for status in ["processing", "shipped"] {
        for id in 0..12 {
            shop.change(&id.to_string(), status, NO_WAIT).await.unwrap();
        }
        shop.settle().await;
    }
    let faults = shop.ghl.with(|ghl| ghl.received().filter(|received| received.fault.is_some()).count());
    assert!(faults >= 10, "only {faults} of the requests went wrong");
    shop.ghl.set_faults(FaultPlan::default());
    for _ in 0..3 {
        shop.let_pass(Duration::from_secs(3_600)).await;
        shop.settle().await;
    }
    // A refusal of anything but a create is believed, and a person has to look at it.
    for dead in shop.engine.store().jobs(dead_jobs()).await.unwrap() {
        assert_eq!(dead.error_code.as_deref(), Some("validation"), "{dead:?}");
        assert!(shop.engine.store().replay(&dead.id, shop.ghl.now()).await.unwrap());
    }
    shop.settle().await;
    assert_eq!(shop.counts(), (12, 12));
    assert_eq!(shop.db.column("SELECT DISTINCT state FROM ghlkit_jobs").await, ["done"]);
    assert_eq!(shop.db.column("SELECT DISTINCT status FROM orders").await, ["shipped"]);
    for row in shop
        .engine
        .store()
        .list_orders(&ghlkit::ids::LocationId::new(LOCATION_ID), None, None, 100)
        .await
        .unwrap()
    {
        let (contact, opportunity) = (row.contact.unwrap(), row.opportunity.unwrap());
        assert_eq!(shop.stage(opportunity.as_str()), "stage_shipped");
        assert_eq!(shop.tags(contact.as_str()), ["status_shipped"]);
        assert_eq!(shop.contact_field(contact.as_str(), "order_number"), json!(row.number));
        assert_eq!(shop.contact_field(contact.as_str(), "order_status"), json!("shipped"));
    }
    // No human did anything, so nothing counts as a human's.
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_orders WHERE changed_by <> 'shop'").await, "0");
}

#[tokio::test]
async fn a_pipeline_that_is_not_there_is_named_with_those_that_are() {
    let wrong = vec![("GHL_ORDERS_PIPELINE_ID", "notAPipeline00000000".to_owned())];
    let shop = Shop::cold(Setup { vars: wrong, ..Setup::deaf() }).await;
    let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
    assert_eq!(outcome.state, SyncState::Dead);
    let error = outcome.error.unwrap();
    assert_eq!(error.code(), Code::Config);
    let pipeline = shop.ghl.with(|ghl| ghl.order_pipeline(LOCATION_ID).unwrap().id.clone());
    assert!(error.message().contains(&pipeline), "{error}");
    assert_eq!(shop.counts(), (0, 0));
    let mut same_number = sample("8");
    same_number["orderNumber"] = json!("IS-7");
    let error = shop.engine.create_order(&parse(&same_number).unwrap(), NO_WAIT).await.unwrap_err();
    assert_eq!(error.code(), Code::OrderExists);
}
