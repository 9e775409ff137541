//! The shop changes a status.

use ghlkit::{
    Code,
    ids::OrderId,
    sync::{UpdateOptions, event_kind},
};
use integration::{Setup, Shop, lines, order};
use mock_ghl::{LocationSettings, Settings};
use serde_json::json;

const PUSH: [&str; 4] = [
    "PUT /opportunities/{id}",
    "PUT /contacts/{id}",
    "POST /contacts/{id}/tags",
    "DELETE /contacts/{id}/tags",
];

const PATH: [(&str, &str, u8); 7] = [
    ("processing", "stage_processing", 25),
    ("manufacturing", "stage_in_production", 50),
    ("quality_check", "stage_quality_check", 65),
    ("shipped", "stage_shipped", 75),
    ("delivered", "stage_delivered", 85),
    ("installation", "stage_installation", 95),
    ("completed", "stage_completed", 100),
];

#[tokio::test]
async fn each_status_of_the_path_costs_four_calls_in_order() {
    let shop = Shop::with(Setup::deaf()).await;
    let known = shop.seed(&[("email", "paivi.7@example.com")], &["vip"]);
    let placed = shop.place(&order("7")).await;
    let mut before = "order_placed";
    for (status, stage, progress) in PATH {
        let mark = shop.mark();
        shop.update("7", status).await;

        let sent = shop.sent(mark);
        assert_eq!(lines(&sent), PUSH, "{status}");
        assert_eq!(sent[0].path, format!("/opportunities/{}", placed.opportunity));
        assert_eq!(sent[0].body["pipelineStageId"], shop.stage_id(stage));
        assert_eq!(sent[0].body.get("status"), None);
        assert_eq!(sent[1].path, format!("/contacts/{known}"));
        let keys: Vec<_> = sent[1].body.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["customFields"], "an update carries no tags and no name");
        assert_eq!(sent[2].body, json!({ "tags": [format!("status_{status}")] }));
        assert_eq!(sent[3].body, json!({ "tags": [format!("status_{before}")] }));
        before = status;

        assert_eq!(shop.stage(&placed.opportunity), stage);
        assert_eq!(shop.opportunity_status(&placed.opportunity), "open");
        assert_eq!(shop.contact_field(&known, "order_status"), json!(status));
        assert_eq!(shop.contact_field(&known, "progress_percentage"), json!(progress));
        assert_eq!(shop.tags(&known), [format!("status_{status}").as_str(), "vip"]);
        assert_eq!(shop.db.value("SELECT status FROM orders").await, status);
        assert_eq!(shop.db.value("SELECT ghl_sync_status FROM orders").await, "synced");
    }
    let told = shop.events(event_kind::STATUS_CHANGED).await;
    assert_eq!(told.len(), 8);
    let (_, last) = told.last().unwrap();
    assert_eq!(
        (&last["status"], &last["previousStatus"], &last["progress"], &last["by"]),
        (&json!("completed"), &json!("installation"), &json!(100), &json!("shop"))
    );
    assert_eq!(shop.db.value("SELECT count(*) FROM crm_sync_log WHERE sync_status = 'success'").await, "8");
}

#[tokio::test]
async fn nothing_is_sent_where_nothing_changed() {
    let shop = Shop::with(Setup::deaf()).await;
    shop.place(&order("7")).await;
    shop.update("7", "processing").await;
    let mark = shop.mark();
    shop.update("7", "processing").await;
    shop.update("7", "processing").await;
    assert_eq!(lines(&shop.sent(mark)), [""; 0]);
    assert_eq!(shop.events(event_kind::STATUS_CHANGED).await.len(), 2);
}

#[tokio::test]
async fn a_status_without_a_stage_leaves_the_opportunity_where_it_is() {
    let mut location = LocationSettings::default();
    location.stages.retain(|stage| stage != "Quality Check");
    let settings = Settings { locations: vec![location], ..Settings::unlimited() };
    let shop = Shop::with(Setup { settings, ..Setup::deaf() }).await;
    let placed = shop.place(&order("7")).await;
    shop.update("7", "manufacturing").await;
    let mark = shop.mark();
    shop.update("7", "quality_check").await;
    assert_eq!(lines(&shop.sent(mark)), PUSH[1..]);
    assert_eq!(shop.stage(&placed.opportunity), "stage_in_production");
    assert_eq!(shop.contact_field(&placed.contact, "progress_percentage"), json!(65));
    shop.update("7", "shipped").await;
    assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
}

#[tokio::test]
async fn a_cancelled_order_is_lost_and_its_tag_is_gone_until_it_comes_back() {
    let shop = Shop::with(Setup::deaf()).await;
    let known = shop.seed(&[("email", "paivi.7@example.com")], &["vip"]);
    let placed = shop.place(&order("7")).await;
    shop.update("7", "manufacturing").await;

    for off in ["cancelled", "refunded"] {
        let mark = shop.mark();
        shop.update("7", off).await;
        assert!(shop.sent(mark).len() <= 4, "{:?}", lines(&shop.sent(mark)));
        assert_eq!(shop.opportunity_status(&placed.opportunity), "lost");
        assert_eq!(shop.stage(&placed.opportunity), "stage_in_production");
        assert_eq!(shop.tags(&known), ["vip"]);
        assert_eq!(shop.contact_field(&known, "order_status"), json!(off));
        assert_eq!(shop.contact_field(&known, "progress_percentage"), json!(50), "progress is frozen");
        assert_eq!(shop.db.value("SELECT status FROM orders").await, off);
    }

    let mark = shop.mark();
    shop.update("7", "shipped").await;
    let sent = shop.sent(mark);
    assert_eq!(lines(&sent), PUSH[..3]);
    assert_eq!(sent[0].body["status"], "open");
    assert_eq!(shop.opportunity_status(&placed.opportunity), "open");
    assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
    assert_eq!(shop.tags(&known), ["status_shipped", "vip"]);
    assert_eq!(shop.contact_field(&known, "progress_percentage"), json!(75));
}

#[tokio::test]
async fn a_returned_order_leaves_the_opportunity_untouched() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    shop.update("7", "delivered").await;
    let before = shop.ghl.with(|ghl| ghl.opportunity(&placed.opportunity).unwrap().clone());
    shop.update("7", "returned").await;
    assert_eq!(shop.ghl.with(|ghl| ghl.opportunity(&placed.opportunity).unwrap().clone()), before);
    assert_eq!(shop.tags(&placed.contact), [""; 0]);
    assert_eq!(shop.contact_field(&placed.contact, "order_status"), json!("returned"));
}

#[tokio::test]
async fn a_step_backward_is_refused_unless_it_is_meant() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    shop.update("7", "shipped").await;
    let (mark, before) = (shop.mark(), shop.db.dump().await);
    let error = shop.change("7", "processing", UpdateOptions::default()).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::TransitionRefused, Some("status")));
    assert_eq!(shop.db.dump().await, before);
    assert_eq!(lines(&shop.sent(mark)), [""; 0]);

    let meant = UpdateOptions { allow_backward: true, ..UpdateOptions::default() };
    shop.change("7", "processing", meant).await.unwrap();
    assert_eq!(lines(&shop.sent(mark)), PUSH);
    assert_eq!(shop.stage(&placed.opportunity), "stage_processing");
    assert_eq!(shop.contact_field(&placed.contact, "progress_percentage"), json!(25));
}

#[tokio::test]
async fn an_old_change_looks_before_it_writes() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    let wait = UpdateOptions { wait_ms: Some(0), ..UpdateOptions::default() };
    shop.change("7", "shipped", wait).await.unwrap();
    shop.let_pass(std::time::Duration::from_secs(6)).await;
    let mark = shop.mark();
    shop.settle().await;
    let sent = shop.sent(mark);
    assert_eq!(lines(&sent), [&["GET /opportunities/{id}"], &PUSH[..]].concat());
    assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
}

#[tokio::test]
async fn several_changes_before_a_push_are_pushed_as_one() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    let (mark, no_wait) = (shop.mark(), UpdateOptions { wait_ms: Some(0), ..UpdateOptions::default() });
    for status in ["processing", "manufacturing", "quality_check", "shipped"] {
        shop.change("7", status, no_wait).await.unwrap();
    }
    shop.settle().await;
    assert_eq!(lines(&shop.sent(mark)), PUSH);
    assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
    assert_eq!(shop.tags(&placed.contact), ["status_shipped"]);
}

#[tokio::test]
async fn an_unknown_order_is_not_found() {
    let shop = Shop::with(Setup::deaf()).await;
    let before = shop.db.dump().await;
    let error = shop.change("404", "shipped", UpdateOptions::default()).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::OrderNotFound, Some("orderId")));
    let error = shop.engine.status(None, &OrderId::new("404")).await.unwrap_err();
    assert_eq!(error.code(), Code::OrderNotFound);
    assert_eq!(shop.db.dump().await, before);
}
