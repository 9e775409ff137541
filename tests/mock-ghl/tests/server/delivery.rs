use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, VerifyingKey};
use mock_ghl::{FaultPlan, Settings, WebhookFaults, WebhookKind, WebhookRetry};

use crate::support::{Api, Receiver};

fn settings(app: &Receiver, workflow: Option<&Receiver>) -> Settings {
    let mut settings = Settings::unlimited();
    settings.webhooks.app_url = Some(app.url.clone());
    settings.webhooks.workflow_url = workflow.map(|receiver| receiver.url.clone());
    settings.webhooks.retry_base_ms = 1;
    settings
}

async fn settle(api: &Api) {
    tokio::time::timeout(Duration::from_secs(30), api.mock.webhooks_settled()).await.unwrap();
}

#[tokio::test]
async fn both_kinds_arrive_signed_at_their_own_address() {
    let (app, workflow) = (Receiver::start(&[]).await, Receiver::start(&[]).await);
    let api = Api::start(settings(&app, Some(&workflow))).await;
    let contact = api.contact("a@example.com").await;
    let opportunity = api.opportunity(&contact).await;
    settle(&api).await;
    let now = api.mock.now();
    api.mock.with(|ghl| ghl.move_stage(now, &opportunity, "Shipped")).unwrap();
    settle(&api).await;
    let mut events = app.events();
    events.sort();
    let expected = ["ContactCreate", "OpportunityCreate", "OpportunityStageUpdate", "OpportunityUpdate"];
    assert_eq!(events, expected);
    let raw = api.mock.with(|ghl| ghl.webhook_public_key());
    let key = VerifyingKey::from_bytes(&BASE64.decode(raw).unwrap().try_into().unwrap()).unwrap();
    for arrived in app.arrived() {
        assert_eq!(arrived.headers["content-type"], "application/json");
        let signature = BASE64.decode(arrived.headers["x-ghl-signature"].as_bytes()).unwrap();
        key.verify_strict(&arrived.body, &Signature::from_slice(&signature).unwrap()).unwrap();
    }
    let [arrived] = &workflow.arrived()[..] else { panic!("one workflow body was expected") };
    assert_eq!(arrived.json()["pipelineStage"], "stage_shipped");
    assert_eq!(arrived.headers["x-ghl-signature"].len(), 64);
}

#[tokio::test]
async fn a_failed_app_webhook_is_repeated_with_the_same_bytes() {
    let app = Receiver::start(&[500, 404, 429]).await;
    let api = Api::start(settings(&app, None)).await;
    api.contact("a@example.com").await;
    settle(&api).await;
    let arrived = app.arrived();
    assert_eq!(arrived.len(), 4);
    assert!(arrived.iter().all(|one| one.body == arrived[0].body));
    let tries: Vec<_> =
        api.mock.deliveries().iter().map(|delivery| (delivery.attempt, delivery.status)).collect();
    assert_eq!(tries, [(1, Some(500)), (2, Some(404)), (3, Some(429)), (4, Some(200))]);
}

#[tokio::test]
async fn twelve_repetitions_are_the_most() {
    let app = Receiver::start(&[500; 20]).await;
    let mut settings = settings(&app, None);
    settings.webhooks.retry_base_ms = 0;
    let api = Api::start(settings).await;
    api.contact("a@example.com").await;
    settle(&api).await;
    assert_eq!(app.arrived().len(), 13);
}

#[tokio::test]
async fn the_legacy_policy_repeats_only_429() {
    let app = Receiver::start(&[429, 500]).await;
    let mut settings = settings(&app, None);
    settings.assumptions.webhook_retry = WebhookRetry::OnlyTooManyRequests;
    let api = Api::start(settings).await;
    api.contact("a@example.com").await;
    settle(&api).await;
    assert_eq!(app.arrived().len(), 2);
}

#[tokio::test]
async fn a_repetition_may_refresh_its_timestamp() {
    let app = Receiver::start(&[500]).await;
    let mut settings = settings(&app, None);
    settings.assumptions.retry_refreshes_timestamp = true;
    settings.webhooks.retry_base_ms = 20;
    let api = Api::start(settings).await;
    api.contact("a@example.com").await;
    settle(&api).await;
    let [first, second] = &app.arrived()[..] else { panic!("two deliveries were expected") };
    assert_eq!(first.json()["webhookId"], second.json()["webhookId"]);
    assert!(first.json()["timestamp"].as_str() < second.json()["timestamp"].as_str());
    assert_ne!(first.headers["x-ghl-signature"], second.headers["x-ghl-signature"]);
}

#[tokio::test]
async fn a_workflow_is_never_repeated_and_a_dead_receiver_is_no_answer() {
    let workflow = Receiver::start(&[500, 500]).await;
    let mut settings = Settings::unlimited();
    settings.webhooks.workflow_url = Some(workflow.url.clone());
    let api = Api::start(settings).await;
    let contact = api.contact("a@example.com").await;
    let opportunity = api.opportunity(&contact).await;
    let now = api.mock.now();
    api.mock.with(|ghl| ghl.move_stage(now, &opportunity, "Shipped")).unwrap();
    settle(&api).await;
    assert_eq!(workflow.arrived().len(), 1);

    let mut settings = Settings::unlimited();
    settings.webhooks.app_url = Some("http://127.0.0.1:1/closed".to_owned());
    settings.webhooks.retry_base_ms = 0;
    let api = Api::start(settings).await;
    api.contact("a@example.com").await;
    settle(&api).await;
    let tries = api.mock.deliveries();
    assert_eq!(tries.len(), 13);
    assert!(tries.iter().all(|delivery| delivery.status.is_none() && delivery.kind == WebhookKind::App));
}

#[tokio::test]
async fn webhooks_are_dropped_and_doubled_as_planned() {
    let faulty = |webhooks| FaultPlan { webhooks, ..FaultPlan::default() };
    let app = Receiver::start(&[]).await;
    let mut settings = settings(&app, None);
    settings.faults = faulty(WebhookFaults { duplicate: 1.0, ..WebhookFaults::default() });
    let api = Api::start(settings).await;
    api.contact("a@example.com").await;
    settle(&api).await;
    let arrived = app.arrived();
    assert_eq!(arrived.len(), 2);
    assert_eq!(arrived[0].body, arrived[1].body);
    api.mock.set_faults(faulty(WebhookFaults { drop: 1.0, ..WebhookFaults::default() }));
    api.contact("b@example.com").await;
    settle(&api).await;
    assert_eq!(app.arrived().len(), 2);
}
