//! The engine by name, over the memory store and a scripted GHL.

mod feed;

use std::{pin::pin, sync::Arc};

use futures::{
    FutureExt,
    future::{Either, select},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    config::{ClientSettings, Config},
    ops::Feed,
    ports::Clock,
    store::MemoryStore,
    testing::{ManualClock, ScriptedTransport, SeededEntropy, Step, drive},
    webhook::sign::{Signer, test_headers},
};

const SETTINGS: &str = r#"{"options":{"token":"pit-1","locationId":"loc1","pipelineId":"pip1",
    "webhooks":{"hmac":"s3cret"},"sync":{"waitMs":5000}}}"#;
const CLIENT: &str = r#"{"options":{"token":"pit-1"}}"#;

struct Rig {
    clock: ManualClock,
    transport: ScriptedTransport,
    feed: Feed,
    engine: Engine,
}

impl Rig {
    fn new() -> Self {
        let clock = ManualClock::new(1_800_000_000_000);
        let transport = ScriptedTransport::new(clock.clone());
        let entropy = Arc::new(SeededEntropy::new(1));
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let (client, _) = ClientSettings::from_json(CLIENT)
            .unwrap()
            .build(None, Arc::new(transport.clone()), shared.clone(), entropy.clone())
            .unwrap();
        let feed = Feed::new(shared.clone(), || {});
        let config = Config::from_json(SETTINGS).unwrap();
        let store = Arc::new(MemoryStore::default());
        let engine = Engine::new(config, client, store, shared, entropy, Some(Arc::new(feed.clone())));
        Self { clock, transport, feed, engine }
    }

    /// Reads of the location: its pipeline, its fields, its settings.
    fn location(&self) {
        let fields: Vec<Value> = ["order_number", "order_total", "sauna_model", "order_status", "last_updated"]
            .iter()
            .map(|key| json!({ "id": format!("f_{key}"), "fieldKey": format!("contact.{key}"), "dataType": "TEXT" }))
            .collect();
        let stages = json!([
            { "id": "s1", "name": "New Order" }, { "id": "s2", "name": "Processing" }, { "id": "s9", "name": "Misc" }
        ]);
        self.reply(200, json!({ "pipelines": [{ "id": "pip1", "name": "Orders", "stages": stages }] }));
        self.reply(200, json!({ "customFields": fields }));
        self.reply(200, json!({ "customFields": [] }));
        self.reply(
            200,
            json!({ "location": { "id": "loc1", "settings": { "allowDuplicateContact": false } } }),
        );
    }

    fn reply(&self, status: u16, body: Value) {
        self.transport.then(Step::reply(status, body.to_string()));
    }

    /// The requests so far, as `METHOD path`.
    fn requests(&self) -> Vec<String> {
        let line = |url: &str| url.split_once(".com").map(|(_, path)| path.to_owned()).unwrap_or_default();
        let sent = self.transport.sent();
        sent.iter()
            .map(|sent| format!("{} {}", sent.request.method.as_str(), line(&sent.request.url)))
            .collect()
    }

    fn settled(&self, text: &str) -> Value {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn call(&self, op: &str, args: Value) -> Value {
        let args = args.to_string();
        self.settled(&drive(&self.clock, engine_call(&self.engine, op, &args)).unwrap())
    }

    fn ok(&self, op: &str, args: Value) -> Value {
        let settled = self.call(op, args);
        settled.get("ok").unwrap_or_else(|| panic!("{settled}")).clone()
    }

    fn error(&self, op: &str, args: Value) -> (String, Option<String>) {
        let settled = self.call(op, args);
        let text = |name: &str| settled["error"][name].as_str().map(str::to_owned);
        (text("code").unwrap_or_else(|| panic!("{settled}")), text("field"))
    }

    /// Order o1 in GHL as `con1` and `opp1`.
    fn with_order() -> Self {
        let rig = Self::new();
        rig.location();
        rig.reply(201, json!({ "contact": { "id": "con1" } }));
        rig.reply(201, json!({ "opportunity": { "id": "opp1", "pipelineStageId": "s1" } }));
        let outcome = rig.ok("createOrder", json!({ "order": order("o1") }));
        assert_eq!(outcome["state"], "synced", "{outcome}");
        rig
    }

    fn webhook(&self, location: Option<&str>, body: &str, secret: &str) -> Value {
        let headers = test_headers(body.as_bytes(), Signer::Hmac(secret));
        let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        let lines = lines.join("\n");
        let receiving = receive_webhook(&self.engine, location, body.as_bytes(), &lines);
        self.settled(&receiving.now_or_never().unwrap())
    }
}

fn order(id: &str) -> Value {
    json!({
        "id": id, "orderNumber": format!("A-{id}"),
        "customer": { "firstName": "Aino", "lastName": "V", "email": "aino@example.com" },
        "product": { "name": "Barrel" }, "total": { "minor": 499900, "currency": "EUR" },
        "shippingAddress": { "line1": "Rantatie 5", "city": "Turku", "postalCode": "20100", "country": "FI" },
    })
}

#[test]
fn an_order_is_created_moved_and_shown() {
    let rig = Rig::with_order();
    assert_eq!(
        rig.requests(),
        [
            "GET /opportunities/pipelines?locationId=loc1",
            "GET /locations/loc1/customFields?model=contact",
            "GET /locations/loc1/customFields?model=opportunity",
            "GET /locations/loc1",
            "POST /contacts/",
            "POST /opportunities/",
        ]
    );
    let created = rig.clock.now_ms();
    let shown = json!({
        "id": "o1", "locationId": "loc1", "orderNumber": "A-o1", "status": "order_placed", "progress": 10,
        "contactId": "con1", "opportunityId": "opp1", "version": 1, "syncedVersion": 1,
        "updatedAt": created, "updatedBy": "shop", "detached": false,
    });
    assert_eq!(rig.ok("order", json!({ "orderId": "o1" })), shown, "and nothing of the customer");

    for reply in [
        json!({ "opportunity": { "id": "opp1" } }),
        json!({ "contact": { "id": "con1" } }),
        json!({}),
        json!({}),
    ] {
        rig.reply(200, reply);
    }
    let outcome =
        rig.ok("updateStatus", json!({ "orderId": "o1", "status": "processing", "locationId": "loc1" }));
    let job = rig.ok("jobs", json!({}))[0]["id"].clone();
    assert_eq!(
        outcome,
        json!({ "state": "synced", "jobId": job, "contactId": "con1", "opportunityId": "opp1" })
    );
    assert_eq!(
        rig.requests()[6..],
        [
            "PUT /opportunities/opp1",
            "PUT /contacts/con1",
            "POST /contacts/con1/tags",
            "DELETE /contacts/con1/tags"
        ]
    );
    let back = json!({ "orderId": "o1", "status": "order_placed", "waitMs": 0 });
    assert_eq!(rig.error("updateStatus", back.clone()).0, "transition_refused");
    let mut meant = back;
    meant["allowBackward"] = json!(true);
    assert_eq!(rig.ok("updateStatus", meant)["state"], "queued");
    rig.call("updateStatus", json!({ "orderId": "o1", "status": "cancelled", "waitMs": 0 }));
    let cancelled = rig.ok("order", json!({ "orderId": "o1" }));
    assert_eq!(
        (&cancelled["status"], &cancelled["version"], &cancelled["syncedVersion"]),
        (&json!("cancelled"), &json!(4), &json!(2))
    );
    assert_eq!(cancelled.get("progress"), None, "it is frozen");
}

#[test]
fn a_job_that_was_given_up_is_listed_with_its_error_and_replayed() {
    let rig = Rig::with_order();
    rig.transport.then(Step::reply(422, r#"{"message":"no such stage","traceId":"t-1"}"#));
    let outcome = rig.ok("updateStatus", json!({ "orderId": "o1", "status": "processing" }));
    assert_eq!((&outcome["state"], &outcome["error"]["code"]), (&json!("dead"), &json!("validation")));
    assert_eq!(outcome["error"]["retryable"], false);
    let jobs = rig.ok("jobs", json!({ "state": "dead", "locationId": "loc1", "limit": 1 }));
    let error = &jobs[0]["error"];
    assert!(error["message"].as_str().unwrap().contains("no such stage"), "{jobs}");
    assert_eq!(
        jobs,
        json!([{
            "id": outcome["jobId"], "locationId": "loc1", "orderId": "o1", "state": "dead",
            "dueAt": jobs[0]["dueAt"], "failures": jobs[0]["failures"], "error": error,
        }]),
        "and nothing of its lease"
    );
    assert_eq!(rig.ok("jobs", json!({ "state": "done" })), json!([]));
    assert_eq!(rig.ok("jobs", json!({ "after": outcome["jobId"] })), json!([]));
    assert_eq!(rig.ok("replay", json!({ "jobId": outcome["jobId"] })), true);
    assert_eq!(rig.ok("replay", json!({ "jobId": outcome["jobId"] })), false, "it is due already");
    assert_eq!(rig.ok("jobs", json!({}))[0]["state"], "waiting");
    for reply in [
        json!({ "opportunity": { "id": "opp1" } }),
        json!({ "contact": { "id": "con1" } }),
        json!({}),
        json!({}),
    ] {
        rig.reply(200, reply);
    }
    assert_eq!(
        rig.ok("drain", json!({ "max": 10, "deadlineMs": 1000 })),
        json!({ "passes": 1, "more": false })
    );
    assert_eq!(rig.ok("jobs", json!({}))[0]["state"], "done");
}

#[test]
fn a_webhook_is_received_once_and_listed_where_it_fits_no_order() {
    let rig = Rig::new();
    rig.location();
    let body = r#"{"type":"OpportunityStageUpdate","webhookId":"w1","locationId":"loc1","id":"opp9",
        "contactId":"con9","pipelineId":"pip1","pipelineStageId":"s2","name":"Order #A-9"}"#;
    let receipt = rig.webhook(None, body, "s3cret");
    assert_eq!(receipt, json!({ "ok": { "received": "new", "id": 1, "type": "OpportunityStageUpdate" } }));
    let again = rig.webhook(Some("loc1"), body, "s3cret");
    assert_eq!(again, json!({ "ok": { "received": "seen", "type": "OpportunityStageUpdate" } }));
    let error = |settled: Value| settled["error"]["code"].as_str().map(str::to_owned).unwrap();
    assert_eq!(error(rig.webhook(Some(""), body, "wrong")), "signature");
    assert_eq!(error(rig.webhook(Some("a b"), body, "s3cret")), "invalid_argument");
    assert_eq!(error(rig.webhook(Some("loc2"), body, "s3cret")), "invalid_argument");
    assert_eq!(error(rig.webhook(None, "{", "s3cret")), "payload");

    assert_eq!(rig.ok("unresolved", json!({})), json!([]), "it is not looked at yet");
    rig.ok("drain", json!({}));
    let listed = rig.ok("unresolved", json!({ "locationId": "loc1", "after": 0, "limit": 10 }));
    assert_eq!(
        listed,
        json!([{
            "id": 1, "locationId": "loc1", "type": "OpportunityStageUpdate", "contactId": "con9",
            "opportunityId": "opp9", "receivedAt": rig.clock.now_ms(), "reason": listed[0]["reason"],
        }])
    );
    assert!(listed[0]["reason"].is_string());
    assert_eq!(rig.ok("unresolved", json!({ "after": 1 })), json!([]));
}

#[test]
fn a_location_is_provisioned_and_reconciled() {
    let rig = Rig::new();
    let status = [("order_number", "TEXT"), ("order_status", "TEXT")];
    let fields: Vec<Value> = status
        .iter()
        .map(|(key, kind)| json!({ "id": key, "fieldKey": format!("contact.{key}"), "dataType": kind }))
        .collect();
    rig.reply(200, json!({ "customFields": fields }));
    rig.reply(200, json!({ "customFields": [] }));
    for _ in 0..7 {
        rig.reply(201, json!({ "customField": { "id": "new" } }));
    }
    rig.location();
    let provisioned = rig.ok("provision", json!({}));
    assert_eq!(
        provisioned["createdFields"],
        json!([
            "contact.order_total",
            "contact.sauna_model",
            "contact.last_updated",
            "contact.progress_percentage",
            "contact.manufacturing_progress",
            "opportunity.stripe_payment_id",
            "opportunity.delivery_address",
        ])
    );
    assert_eq!(provisioned["unmappedStages"], json!([{ "id": "s9", "name": "Misc" }]));
    assert_eq!(provisioned["unmappedStatuses"][0], "manufacturing");
    rig.reply(200, json!({ "opportunities": [], "meta": { "total": 0 } }));
    rig.reply(200, json!({ "contacts": [], "total": 0 }));
    let reconciled = rig.ok("reconcile", json!({ "locationId": "loc1" }));
    assert_eq!(
        reconciled,
        json!({ "opportunities": 0, "contacts": 0, "marked": 0, "more": false, "differences": [] })
    );
}

#[test]
fn what_is_wrong_with_arguments_is_named() {
    let rig = Rig::new();
    let mut nameless = order("o1");
    nameless["product"]["name"] = json!("");
    let mut unknown = order("o1");
    unknown["status"] = json!("unheard_of");
    for (op, args, field) in [
        ("createOrders", json!({}), "op"),
        ("createOrder", json!({}), "order"),
        ("createOrder", json!({ "order": nameless }), "product.name"),
        ("createOrder", json!({ "order": unknown }), "status"),
        ("createOrder", json!({ "order": order("o1"), "waitMs": -1 }), "waitMs"),
        ("createOrder", json!({ "order": order("o1"), "waitMs": 600_001 }), "waitMs"),
        ("createOrder", json!({ "order": order("o1"), "wait": 1 }), "wait"),
        ("updateStatus", json!({ "orderId": "", "status": "shipped" }), "orderId"),
        ("updateStatus", json!({ "orderId": "o1" }), "status"),
        ("updateStatus", json!({ "orderId": "o1", "status": "shipped", "locationId": "loc2" }), "locationId"),
        ("updateStatus", json!({ "orderId": "o1", "status": "unheard_of" }), "status"),
        ("order", json!({ "orderId": 5 }), "orderId"),
        ("jobs", json!({ "state": "asleep" }), "state"),
        ("jobs", json!({ "limit": 0 }), "limit"),
        ("jobs", json!({ "limit": 1_001 }), "limit"),
        ("jobs", json!({ "after": "no id" }), "after"),
        ("replay", json!({}), "jobId"),
        ("drain", json!({ "max": 0 }), "max"),
        ("drain", json!({ "deadlineMs": -1 }), "deadlineMs"),
        ("drain", json!({ "deadlineMs": 1.5 }), "deadlineMs"),
        ("provision", json!({ "locationId": "loc2" }), "locationId"),
        ("unresolved", json!({ "limit": 1_001 }), "limit"),
        ("unresolved", json!([]), "arguments"),
    ] {
        assert_eq!(
            rig.error(op, args.clone()),
            ("invalid_argument".to_owned(), Some(field.to_owned())),
            "{op} {args}"
        );
    }
    assert_eq!(rig.error("order", json!({ "orderId": "o9" })).0, "order_not_found");
    assert_eq!(
        rig.error("updateStatus", json!({ "orderId": "o9", "status": "shipped" })).0,
        "order_not_found"
    );
    assert_eq!(rig.requests(), [""; 0], "nothing was asked of GHL");
    assert_eq!(rig.ok("jobs", json!({})), json!([]), "and nothing was written");
}

#[test]
fn calls_can_move_between_threads() {
    fn sendable<T: Send>(_: &T) {}
    let rig = Rig::new();
    sendable(&engine_call(&rig.engine, "drain", "{}"));
    sendable(&receive_webhook(&rig.engine, None, b"{}", ""));
}
