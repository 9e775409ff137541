use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use mock_ghl::{CLIENT_ID, LOCATION_ID, Model, StageSpelling, WORKFLOW_SECRET, Webhook, WebhookKind};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::Api;

fn body(webhook: &Webhook) -> Value {
    serde_json::from_slice(&webhook.body).unwrap()
}

fn signature(webhook: &Webhook) -> String {
    let headers = webhook.headers();
    let mut own = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-ghl-signature"));
    own.next().unwrap().1.clone()
}

/// A contact with an order number and an opportunity, nothing emitted yet.
fn ordered() -> (Api, String, String) {
    let mut api = Api::unlimited();
    let number = api.field_id(Model::Contact, "order_number");
    let contact = api.contact(json!({
        "email": "a@example.com", "customFields": [{ "id": number, "field_value": "1001" }]
    }));
    let opportunity = api.opportunity(&contact, "Order #1001");
    api.events();
    (api, contact, opportunity)
}

#[test]
fn each_change_emits_what_highlevel_emits_for_it() {
    let mut api = Api::unlimited();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    assert_eq!(api.events(), ["ContactCreate"]);
    let at = |suffix: &str| format!("/contacts/{contact}{suffix}");
    api.put(&at(""), json!({ "city": "Oulu" }));
    assert_eq!(api.events(), ["ContactUpdate"]);
    api.post(&at("/tags"), json!({ "tags": ["vip"] }));
    assert_eq!(api.events(), ["ContactTagUpdate", "ContactUpdate"]);
    let opportunity = api.opportunity(&contact, "Order #1");
    assert_eq!(api.events(), ["OpportunityCreate"]);
    let at = |suffix: &str| format!("/opportunities/{opportunity}{suffix}");
    let shipped = api.stage_id("Shipped");
    api.put(&at(""), json!({ "pipelineStageId": shipped }));
    assert_eq!(api.events(), ["OpportunityUpdate", "OpportunityStageUpdate", "workflow"]);
    api.put(&at(""), json!({ "monetaryValue": 5, "assignedTo": "somebody", "status": "won" }));
    assert_eq!(
        api.events(),
        [
            "OpportunityUpdate",
            "OpportunityStatusUpdate",
            "OpportunityMonetaryValueUpdate",
            "OpportunityAssignedToUpdate"
        ]
    );
    api.put(&at("/status"), json!({ "status": "open" }));
    assert_eq!(api.events(), ["OpportunityUpdate", "OpportunityStatusUpdate"]);
    api.put(&at(""), json!({ "pipelineStageId": shipped }));
    assert_eq!(api.events(), ["OpportunityUpdate"], "nothing moved, yet it was written");
    api.delete(&at(""), json!({}));
    assert_eq!(api.events(), ["OpportunityDelete"]);
    api.opportunity(&contact, "Order #2");
    api.events();
    api.delete(&format!("/contacts/{contact}"), json!({}));
    assert_eq!(api.events(), ["OpportunityDelete", "ContactDelete"]);
    // What is refused changes nothing and tells nobody.
    api.put(&at(""), json!({ "name": "x" }));
    api.post("/contacts/", json!({ "locationId": LOCATION_ID, "vat": 1 }));
    assert!(api.events().is_empty());
}

#[test]
fn an_opportunity_event_has_ids_and_no_custom_fields() {
    let (mut api, contact, opportunity) = ordered();
    let payment = api.field_id(Model::Opportunity, "stripe_payment_id");
    let shipped = api.stage_id("Shipped");
    let change = json!({
        "pipelineStageId": shipped, "monetaryValue": 40, "customFields": [{ "id": payment, "field_value": "x" }]
    });
    api.now += 1_500;
    api.put(&format!("/opportunities/{opportunity}"), change);
    let webhooks = api.ghl.take_webhooks();
    let staged = webhooks.iter().find(|webhook| webhook.event == "OpportunityStageUpdate").unwrap();
    let (app_id, _) = CLIENT_ID.split_once('-').unwrap();
    assert_eq!(
        body(staged),
        json!({
            "type": "OpportunityStageUpdate",
            "locationId": LOCATION_ID,
            "id": opportunity,
            "assignedTo": null,
            "contactId": contact,
            "monetaryValue": 40,
            "name": "Order #1001",
            "pipelineId": api.pipeline_id(),
            "pipelineStageId": shipped,
            "source": "",
            "status": "open",
            "dateAdded": "2026-03-02T00:00:00.000Z",
            "timestamp": "2026-03-02T00:00:01.500Z",
            "webhookId": staged.id,
            "appId": app_id,
            "versionId": api.ghl.settings().app.version_id,
        })
    );
    let ids: std::collections::BTreeSet<_> = webhooks.iter().map(|webhook| &webhook.id).collect();
    assert_eq!(ids.len(), webhooks.len(), "every event has an id of its own");
}

#[test]
fn a_contact_event_has_values_by_field_id_and_no_update_time() {
    let (mut api, contact, _) = ordered();
    let number = api.field_id(Model::Contact, "order_number");
    api.now += 10;
    api.put(
        &format!("/contacts/{contact}"),
        json!({ "tags": ["vip"], "firstName": "Aino", "timezone": "x" }),
    );
    let webhooks = api.ghl.take_webhooks();
    let told = body(&webhooks[1]);
    assert_eq!(told["type"], "ContactUpdate");
    assert_eq!(told["id"], json!(contact));
    assert_eq!(told["tags"], json!(["vip"]));
    assert_eq!(told["customFields"], json!([{ "id": number, "value": "1001" }]));
    assert_eq!((&told["dnd"], &told["attachments"]), (&json!(false), &json!([])));
    for absent in ["contactId", "dateUpdated", "timezone"] {
        assert_eq!(told.get(absent), None, "{absent}");
    }
}

#[test]
fn app_events_are_signed_with_the_key_that_is_told() {
    let (mut api, contact, _) = ordered();
    api.ghl.add_contact_tag(api.now, &contact, "ünïcode").unwrap();
    let raw: [u8; 32] = BASE64.decode(api.ghl.webhook_public_key()).unwrap().try_into().unwrap();
    let key = VerifyingKey::from_bytes(&raw).unwrap();
    let webhooks = api.ghl.take_webhooks();
    assert_eq!(webhooks.len(), 2);
    for webhook in &webhooks {
        let signature = Signature::from_slice(&BASE64.decode(signature(webhook)).unwrap()).unwrap();
        key.verify_strict(&webhook.body, &signature).unwrap();
    }
    let other = Api::with(|settings| settings.seed = 2);
    assert_ne!(other.ghl.webhook_public_key(), api.ghl.webhook_public_key());
}

#[test]
fn the_workflow_body_is_the_users_and_carries_its_hmac() {
    let (mut api, contact, opportunity) = ordered();
    api.ghl.set_contact_field(api.now, &contact, "order_status", json!("manufacturing")).unwrap();
    api.events();
    api.ghl.move_stage(api.now + 1, &opportunity, "In Production").unwrap();
    let webhooks = api.ghl.take_webhooks();
    let workflow = webhooks.iter().find(|webhook| webhook.kind == WebhookKind::Workflow).unwrap();
    assert_eq!(
        body(workflow),
        json!({
            "contactId": contact,
            "pipelineStage": "stage_in_production",
            "customFields": [
                { "id": "order_number", "value": "1001" },
                { "id": "order_status", "value": "manufacturing" },
            ],
            "timestamp": "2026-03-02T00:00:00.001Z",
        })
    );
    let mac =
        Hmac::<Sha256>::new_from_slice(WORKFLOW_SECRET.as_bytes()).unwrap().chain_update(&workflow.body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(signature(workflow), hex);
}

#[test]
fn the_workflow_names_the_stage_as_it_was_told_to() {
    for (spelling, expected) in [(StageSpelling::Key, "stage_shipped"), (StageSpelling::Name, "Shipped")] {
        let mut api = Api::with(|settings| settings.webhooks.stage = spelling);
        let contact = api.contact(json!({ "email": "a@example.com" }));
        let opportunity = api.opportunity(&contact, "Order #1");
        api.ghl.move_stage(api.now, &opportunity, "stage_shipped").unwrap();
        assert_eq!(body(api.ghl.take_webhooks().last().unwrap())["pipelineStage"], expected);
    }
    let mut api = Api::with(|settings| settings.webhooks.stage = StageSpelling::Id);
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let opportunity = api.opportunity(&contact, "Order #1");
    api.ghl.move_stage(api.now, &opportunity, "stage_shipped").unwrap();
    assert_eq!(
        body(api.ghl.take_webhooks().last().unwrap())["pipelineStage"],
        json!(api.stage_id("Shipped"))
    );
}

#[test]
fn either_kind_can_be_switched_off() {
    let run = |app, workflow| {
        let mut api = Api::with(|settings| {
            settings.webhooks.app = app;
            settings.webhooks.workflow = workflow;
        });
        let contact = api.contact(json!({ "email": "a@example.com" }));
        let opportunity = api.opportunity(&contact, "Order #1");
        api.ghl.move_stage(api.now, &opportunity, "Shipped").unwrap();
        api.events()
    };
    assert_eq!(run(false, true), ["workflow"]);
    assert!(!run(true, false).contains(&"workflow".to_owned()));
    assert!(run(false, false).is_empty());
}
