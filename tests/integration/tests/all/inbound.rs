//! Someone changes something in GHL, and its webhooks come.

use ghlkit::{
    ports::store::{Received, Side},
    sync::{ReconcileOptions, SyncState, UpdateOptions, event_kind},
};
use integration::{Db, Keep, Placed, Setup, Shop, lines, order, wait_until};
use mock_ghl::{
    FaultPlan, LOCATION_ID, LocationSettings, Settings, StageSpelling, WebhookFaults, WebhookSettings,
};
use serde_json::{Value, json};

/// What follows a change of the stage: the contact's side.
pub(super) const CONTACT: [&str; 3] =
    ["PUT /contacts/{id}", "POST /contacts/{id}/tags", "DELETE /contacts/{id}/tags"];

/// The statuses an order was told to have, oldest first.
pub(super) async fn statuses(shop: &Shop, order: &str) -> Vec<String> {
    let events = shop.events(event_kind::STATUS_CHANGED).await;
    let of_order = events.into_iter().filter(|(id, _)| id == order);
    of_order.map(|(_, event)| event["status"].as_str().unwrap().to_owned()).collect()
}

/// The order, its objects and the shop's row all say this status.
pub(super) async fn assert_in_step(shop: &Shop, placed: &Placed, status: &str, stage: &str, progress: u8) {
    assert_eq!(shop.row(&placed.id).await.status, status);
    assert_eq!(shop.stage(&placed.opportunity), stage);
    assert_eq!(shop.contact_field(&placed.contact, "order_status"), json!(status));
    assert_eq!(shop.contact_field(&placed.contact, "progress_percentage"), json!(progress));
    let ours: Vec<_> =
        shop.tags(&placed.contact).into_iter().filter(|tag| tag.starts_with("status_")).collect();
    assert_eq!(ours, [format!("status_{status}")]);
}

async fn iso_now() -> String {
    Db::calculator().value("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')").await
}

#[tokio::test]
async fn a_stage_moved_by_a_human_is_one_transition_and_its_echo_is_nothing() {
    for keep in Keep::both() {
        let shop = Shop::with(Setup { keep, ..Setup::default() }).await;
        let placed = shop.place(&order("7")).await;
        shop.settle().await;
        let mark = shop.mark();
        shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
        shop.settle().await;

        assert_in_step(&shop, &placed, "shipped", "stage_shipped", 75).await;
        assert_eq!(statuses(&shop, "7").await, ["order_placed", "shipped"], "{keep:?}");
        let told = shop.told.about("7", event_kind::STATUS_CHANGED);
        assert_eq!(told.len(), 2);
        assert_eq!(
            (&told[1]["previousStatus"], &told[1]["by"], &told[1]["progress"]),
            (&json!("order_placed"), &json!("ghl"), &json!(75))
        );
        let row = shop.row("7").await;
        assert_eq!((row.changed_by, row.version, row.pushed_version), (Side::Ghl, 2, 2));
        // Two app events and a workflow body came for the move, and more for the three writes that follow.
        assert_eq!(lines(&shop.writes(mark)), CONTACT);
        assert!(shop.ghl.deliveries().iter().all(|delivery| delivery.status == Some(200)));

        let mark = shop.mark();
        shop.settle().await;
        assert_eq!(lines(&shop.sent(mark)), [""; 0], "the echo is no news");
    }
}

#[tokio::test]
async fn a_received_webhook_is_in_the_shops_table_and_marked_processed() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
    shop.settle().await;

    let delivered = shop.ghl.deliveries().len().to_string();
    assert_eq!(shop.db.value("SELECT count(*) FROM webhook_events").await, delivered);
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_inbox").await, delivered);
    assert_eq!(
        shop.db.rows("SELECT DISTINCT source, location_id, processed, error FROM webhook_events").await,
        [["gohighlevel", LOCATION_ID, "1", "NULL"]]
    );
    assert_eq!(shop.db.column("SELECT DISTINCT state FROM ghlkit_inbox").await, ["settled"]);
    let payload =
        shop.db.value("SELECT payload FROM webhook_events WHERE event_type = 'OpportunityStageUpdate'").await;
    let payload: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(payload["pipelineStageId"], shop.stage_id("stage_shipped"));
    assert_eq!(
        shop.db
            .rows("SELECT DISTINCT sync_type, sync_status FROM crm_sync_log WHERE sync_type = 'pull'")
            .await,
        [["pull", "success"]]
    );
}

#[tokio::test]
async fn a_running_worker_applies_what_comes_without_being_asked() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    let _worker = shop.work();
    for (stage, status) in [("stage_processing", "processing"), ("stage_installation", "installation")] {
        shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, stage));
        wait_until("the contact has the new status", || async {
            let field = shop.contact_field(&placed.contact, "order_status");
            let tags = shop.tags(&placed.contact);
            (field == json!(status) && tags == [format!("status_{status}")]).then_some(())
        })
        .await;
    }
    assert_eq!(statuses(&shop, "7").await, ["order_placed", "processing", "installation"]);
}

#[tokio::test]
async fn the_users_workflow_body_names_the_stage_by_key_id_or_name() {
    for stage in [StageSpelling::Key, StageSpelling::Id, StageSpelling::Name] {
        let webhooks = WebhookSettings { app: false, stage, ..WebhookSettings::default() };
        let shop = Shop::with(Setup {
            settings: Settings { webhooks, ..Settings::unlimited() },
            ..Setup::default()
        })
        .await;
        let placed = shop.place(&order("7")).await;
        shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_in_production"));
        shop.settle().await;
        assert_in_step(&shop, &placed, "manufacturing", "stage_in_production", 50).await;
        assert_eq!(statuses(&shop, "7").await, ["order_placed", "manufacturing"], "{stage:?}");
        assert_eq!(
            shop.db.column("SELECT DISTINCT event_type FROM webhook_events").await,
            ["workflow"],
            "{stage:?}"
        );
    }
}

#[tokio::test]
async fn a_webhook_only_hints_and_its_payload_is_never_applied() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    shop.post(&json!({ "contactId": placed.contact, "pipelineStage": "stage_completed" })).await.unwrap();
    shop.post(&json!({
        "contactId": placed.contact, "customFields": [{ "id": "order_status", "value": "delivered" }],
    }))
    .await
    .unwrap();
    let mark = shop.mark();
    shop.settle().await;
    assert_in_step(&shop, &placed, "order_placed", "stage_new_order", 10).await;
    assert_eq!(statuses(&shop, "7").await, ["order_placed"]);
    assert_eq!(lines(&shop.writes(mark)), [""; 0]);
    assert!(!shop.sent(mark).is_empty(), "it should have looked");
}

#[tokio::test]
async fn a_field_edited_by_a_human_moves_the_order() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    shop.settle().await;
    let mark = shop.mark();
    shop.human(|ghl, now| ghl.set_contact_field(now, &placed.contact, "order_status", json!("delivered")));
    shop.settle().await;
    assert_in_step(&shop, &placed, "delivered", "stage_delivered", 85).await;
    assert_eq!(statuses(&shop, "7").await, ["order_placed", "delivered"]);
    assert_eq!(lines(&shop.writes(mark)), [&["PUT /opportunities/{id}"], &CONTACT[..]].concat());
    assert_eq!(shop.row("7").await.changed_by, Side::Ghl);
}

#[tokio::test]
async fn a_field_that_names_no_status_changes_nothing_and_is_told() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    shop.settle().await;
    shop.human(|ghl, now| ghl.set_contact_field(now, &placed.contact, "order_status", json!("on the moon")));
    shop.settle().await;
    assert_eq!(shop.row("7").await.status, "order_placed");
    assert_eq!(statuses(&shop, "7").await, ["order_placed"]);
    let told = shop.events(event_kind::FIELD_UNMAPPED).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["value"], "on the moon");
}

#[tokio::test]
async fn a_stage_and_a_field_moved_together_follow_the_stage() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    shop.settle().await;
    shop.human(|ghl, now| ghl.set_contact_field(now, &placed.contact, "order_status", json!("processing")));
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
    shop.settle().await;
    assert_in_step(&shop, &placed, "shipped", "stage_shipped", 75).await;
}

#[tokio::test]
async fn a_human_may_move_an_order_backward() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    shop.update("7", "delivered").await;
    shop.settle().await;
    // Later than the shop's change by more than what counts as simultaneous.
    shop.let_pass(std::time::Duration::from_secs(60)).await;
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_processing"));
    shop.settle().await;
    assert_in_step(&shop, &placed, "processing", "stage_processing", 25).await;
    assert_eq!(statuses(&shop, "7").await, ["order_placed", "delivered", "processing"]);
}

#[tokio::test]
async fn an_unmapped_stage_changes_nothing_and_is_told() {
    let mut location = LocationSettings::default();
    location.stages.push("Waiting for the customer".to_owned());
    let settings = Settings { locations: vec![location], ..Settings::unlimited() };
    let shop = Shop::with(Setup { settings, ..Setup::default() }).await;
    let placed = shop.place(&order("7")).await;
    shop.settle().await;
    let mark = shop.mark();
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_waiting_for_the_customer"));
    shop.settle().await;

    assert_eq!(shop.row("7").await.status, "order_placed");
    assert_eq!(shop.stage(&placed.opportunity), "stage_waiting_for_the_customer", "it is not moved back");
    assert_eq!(lines(&shop.writes(mark)), [""; 0]);
    assert_eq!(statuses(&shop, "7").await, ["order_placed"]);
    let told = shop.events(event_kind::STAGE_UNMAPPED).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["pipelineStageId"], shop.stage_id("stage_waiting_for_the_customer"));

    shop.update("7", "processing").await;
    assert_in_step(&shop, &placed, "processing", "stage_processing", 25).await;
}

#[tokio::test]
async fn an_opportunity_of_another_pipeline_is_not_ours() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    let (mark, before) = (shop.mark(), shop.row("7").await);
    let event = json!({
        "type": "OpportunityCreate", "locationId": LOCATION_ID, "id": "anotherOpportunity01",
        "contactId": placed.contact, "name": "Order #IS-7", "pipelineId": "anotherPipeline00001",
        "pipelineStageId": "12345678-0000-4000-8000-000000000000", "status": "open", "webhookId": "w-1",
    });
    shop.post(&event).await.unwrap();
    shop.settle().await;
    assert_eq!(shop.row("7").await, before);
    assert_eq!(lines(&shop.sent(mark)), [""; 0]);
    assert_eq!(
        shop.db.rows("SELECT state, reason FROM ghlkit_inbox").await,
        [["settled", "of another pipeline"]]
    );
}

#[tokio::test]
async fn a_deleted_opportunity_detaches_the_order_and_nothing_is_made_anew() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    shop.settle().await;
    let mark = shop.mark();
    shop.human(|ghl, now| ghl.delete_opportunity(now, &placed.opportunity));
    shop.settle().await;

    assert!(shop.row("7").await.detached);
    assert_eq!(shop.db.value("SELECT ghl_sync_status FROM orders").await, "detached");
    assert_eq!(shop.db.value("SELECT state FROM ghlkit_jobs").await, "skipped");
    assert_eq!(shop.events(event_kind::DETACHED).await.len(), 1);
    assert_eq!(shop.tags(&placed.contact), [""; 0], "a detached order is no open one");

    let outcome = shop.change("7", "shipped", UpdateOptions::default()).await.unwrap();
    assert_eq!(outcome.state, SyncState::Skipped);
    shop.settle().await;
    assert_eq!(
        shop.db.value("SELECT status FROM orders").await,
        "shipped",
        "the shop's own row is the shop's"
    );
    assert_eq!(shop.counts(), (1, 0));
    assert!(shop.writes(mark).iter().all(|sent| !sent.line.starts_with("POST /opportunities")));
    assert_eq!(shop.events(event_kind::DETACHED).await.len(), 1);
}

#[tokio::test]
async fn won_by_a_human_is_reported_and_not_applied() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    shop.settle().await;
    let mark = shop.mark();
    for status in ["won", "abandoned"] {
        shop.human(|ghl, now| ghl.set_opportunity_status(now, &placed.opportunity, status));
        shop.settle().await;
    }
    assert_eq!(shop.row("7").await.status, "order_placed");
    assert_eq!(lines(&shop.writes(mark)), [""; 0]);
    let told = shop.events(event_kind::OPPORTUNITY_STATUS).await;
    let told: Vec<_> = told.iter().map(|(_, event)| event["opportunityStatus"].as_str().unwrap()).collect();
    assert_eq!(told, ["won", "abandoned"]);

    // The shop goes on, and leaves the human's word alone.
    shop.update("7", "shipped").await;
    assert_eq!(shop.opportunity_status(&placed.opportunity), "abandoned");
    assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
}

#[tokio::test]
async fn doubled_and_reordered_webhooks_make_one_transition() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    shop.settle().await;
    shop.ghl.set_faults(FaultPlan {
        webhooks: WebhookFaults { duplicate: 1.0, reorder: 0.7, drop: 0.0, max_delay_ms: 80 },
        ..FaultPlan::default()
    });
    let mark = shop.mark();
    for stage in ["stage_processing", "stage_in_production", "stage_processing", "stage_shipped"] {
        shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, stage));
    }
    shop.settle().await;
    assert_in_step(&shop, &placed, "shipped", "stage_shipped", 75).await;
    assert_eq!(statuses(&shop, "7").await, ["order_placed", "shipped"]);
    assert_eq!(lines(&shop.writes(mark)), CONTACT);
}

#[tokio::test]
async fn a_stage_moved_away_and_back_is_no_transition() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    shop.settle().await;
    let mark = shop.mark();
    for stage in ["stage_shipped", "stage_new_order"] {
        shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, stage));
    }
    shop.settle().await;
    assert_in_step(&shop, &placed, "order_placed", "stage_new_order", 10).await;
    assert_eq!(statuses(&shop, "7").await, ["order_placed"]);
    assert_eq!(lines(&shop.writes(mark)), [""; 0]);
}

#[tokio::test]
async fn one_webhook_id_is_kept_once_and_a_repeated_body_only_while_it_is_pending() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    let with_id = json!({
        "type": "OpportunityStageUpdate", "locationId": LOCATION_ID, "id": placed.opportunity,
        "webhookId": "w-1", "pipelineStageId": shop.stage_id("stage_shipped"), "status": "open",
    });
    assert!(matches!(shop.post(&with_id).await.unwrap().received, Received::New(_)));
    assert_eq!(shop.post(&with_id).await.unwrap().received, Received::Seen);
    shop.settle().await;
    assert_eq!(shop.post(&with_id).await.unwrap().received, Received::Seen);

    let now = iso_now().await;
    let workflow = json!({ "contactId": placed.contact, "pipelineStage": "stage_shipped", "timestamp": now });
    assert!(matches!(shop.post(&workflow).await.unwrap().received, Received::New(_)));
    assert_eq!(shop.post(&workflow).await.unwrap().received, Received::Seen);
    shop.settle().await;
    assert!(matches!(shop.post(&workflow).await.unwrap().received, Received::New(_)));
    assert_eq!(shop.db.value("SELECT count(*) FROM webhook_events").await, "3");
}

#[tokio::test]
async fn reconciliation_finds_what_no_webhook_told_and_then_nothing_more() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    let still = shop.place(&order("8")).await;
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
    let mark = shop.mark();
    let found = shop.engine.reconcile(None, ReconcileOptions::default()).await.unwrap();
    assert_eq!((found.opportunities, found.contacts, found.marked), (2, 2, 1));
    assert_eq!(shop.sent(mark).len(), 2, "{:?}", lines(&shop.sent(mark)));
    shop.settle().await;
    assert_in_step(&shop, &placed, "shipped", "stage_shipped", 75).await;
    assert_in_step(&shop, &still, "order_placed", "stage_new_order", 10).await;
    assert_eq!(lines(&shop.writes(mark)), CONTACT);

    let mark = shop.mark();
    assert_eq!(shop.engine.reconcile(None, ReconcileOptions::default()).await.unwrap().marked, 0);
    shop.settle().await;
    assert_eq!(lines(&shop.writes(mark)), [""; 0]);
    assert_eq!(statuses(&shop, "7").await, ["order_placed", "shipped"]);
}

#[tokio::test]
async fn a_cancelled_order_is_not_revived_by_a_human() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    shop.update("7", "cancelled").await;
    shop.settle().await;
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
    shop.settle().await;
    assert_eq!(shop.row("7").await.status, "cancelled");
    assert_eq!(shop.contact_field(&placed.contact, "order_status"), json!("cancelled"));
    assert_eq!(shop.tags(&placed.contact), [""; 0]);
    assert_eq!(shop.opportunity_status(&placed.opportunity), "lost");
    assert_eq!(shop.events(event_kind::EDIT_LOST).await.len(), 1);
}
