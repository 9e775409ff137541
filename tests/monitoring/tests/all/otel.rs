//! Spans, as an OTLP receiver gets them.

use ghlkit::{
    sync::UpdateOptions,
    webhook::sign::{Signer, test_headers},
};
use integration::{Front, Setup, Shop, order};
use mock_ghl::{Fault, FaultRule, Settings};
use monitoring::{Canary, Span, Traced};
use serde_json::json;

/// The syncs of an order, once there are so many, with the calls of each.
fn syncs(spans: &[Span], order: &str, count: usize) -> Option<Vec<(Span, Vec<Span>)>> {
    let of = |span: &&Span| span.name == "sync_order" && span.said("ghlkit.order") == order;
    let syncs: Vec<_> = spans.iter().filter(of).map(|sync| (sync.clone(), sync.parts(spans))).collect();
    (syncs.len() == count).then_some(syncs)
}

#[tokio::test]
async fn the_sync_of_an_order_is_a_tree_of_spans() {
    let traced = Traced::shared();
    let shop = Shop::with(Setup::deaf()).await;
    shop.fault(vec![FaultRule {
        nth: 1,
        method: "POST".to_owned(),
        path: "/contacts/".to_owned(),
        fault: Some(Fault::TooMany),
        latency_ms: 0,
    }]);
    shop.place(&order("7")).await;
    let syncs = traced.spans(|spans| syncs(spans, "7", 1)).await;

    let [(sync, calls)] = &syncs[..] else { panic!("{syncs:#?}") };
    assert!(sync.is_root() && sync.time.0 <= sync.time.1);
    assert_eq!((sync.kind, sync.status), (1, 0));
    assert_eq!(sync.said("ghlkit.location"), json!(mock_ghl::LOCATION_ID));
    assert_eq!(sync.said("ghlkit.attempt"), json!(1));
    assert_eq!(sync.said("ghlkit.outcome"), json!("done"));

    let names: Vec<_> = calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["POST /contacts/", "POST /opportunities/"]);
    for call in calls {
        assert_eq!((call.kind, call.status), (3, 0));
        assert!(sync.time.0 <= call.time.0 && call.time.1 <= sync.time.1, "within what it is part of");
        assert_eq!(call.said("http.request.method"), json!("POST"));
        assert_eq!(call.said("http.response.status_code"), json!(201));
    }
    assert_eq!(calls[0].said("http.route"), json!("/contacts/"));
    assert_eq!(calls[0].said("http.request.resend_count"), json!(1), "it was turned away once");
    assert_eq!(calls[0].events, ["try failed", "GHL answered"]);
    let known = |name: &String| ["ghlkit.", "http.", "error."].iter().any(|room| name.starts_with(room));
    assert!(calls.iter().chain([sync]).all(|span| span.attributes.keys().all(known)), "{syncs:#?}");
}

#[tokio::test]
async fn a_failure_is_told_by_its_code_alone() {
    let traced = Traced::shared();
    let front = Front::start(Settings::unlimited(), Canary::refusal).await;
    let vars = vec![("GHL_BASE_URL", front.base_url.clone())];
    let shop = Shop::cold(Setup { vars, ..Setup::deaf() }).await;
    let outcome = shop.engine.create_order(&order("8"), UpdateOptions::default()).await.unwrap();
    assert!(outcome.error.unwrap().message().contains("canary"), "GHL's words reach the caller");
    let syncs = traced.spans(|spans| syncs(spans, "8", 1)).await;

    let (sync, calls) = &syncs[0];
    assert_eq!(sync.said("ghlkit.outcome"), json!("given_up"));
    let create = calls.iter().find(|call| call.name == "POST /opportunities/").unwrap();
    for failed in [sync, create] {
        assert_eq!((failed.status, failed.said("error.type")), (2, json!("refused")), "{failed:?}");
    }
    assert_eq!(create.said("http.response.status_code"), json!(403));
}

#[tokio::test]
async fn webhooks_are_spans_when_they_come_and_when_they_are_applied() {
    let traced = Traced::shared();
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("9")).await;
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_processing"));
    let body = json!({
        "type": "OpportunityStageUpdate", "locationId": mock_ghl::LOCATION_ID, "id": placed.opportunity,
        "pipelineStageId": shop.stage_id("stage_processing"), "contactId": placed.contact, "name": "canary Ängström",
    });
    shop.post(&body).await.unwrap();
    let raw = body.to_string();
    let forged = test_headers(raw.as_bytes(), Signer::Hmac("5ecret canary"));
    shop.engine.receive_webhook(None, raw.as_bytes(), forged).await.unwrap_err();
    shop.settle().await;
    assert_eq!(shop.row("9").await.status, "processing");

    let named = |spans: &[Span], name: &str, count| {
        let named: Vec<_> = spans.iter().filter(|span| span.name == name).cloned().collect();
        (named.len() == count).then_some(named)
    };
    let received = traced.spans(|spans| named(spans, "receive_webhook", 2)).await;
    assert_eq!(received[0].said("ghlkit.event"), json!("OpportunityStageUpdate"));
    assert_eq!((received[0].said("ghlkit.seen"), received[0].status), (json!(false), 0));
    assert_eq!((received[1].said("error.type"), received[1].status), (json!("signature"), 2));
    let applied = traced.spans(|spans| named(spans, "apply_webhook", 1)).await;
    assert_eq!(
        (applied[0].said("ghlkit.outcome"), applied[0].said("ghlkit.order")),
        (json!("hint"), json!("9"))
    );
    let syncs = traced.spans(|spans| syncs(spans, "9", 2)).await;
    assert_eq!(syncs[1].1[0].name, "GET /opportunities/{opportunityId}");
}
