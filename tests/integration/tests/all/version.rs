//! The versions of the API: what a caller writes and reads is the same in both.

use std::sync::Arc;

use ghlkit::{
    client::ApiVersion,
    config::ClientSettings,
    ids::CompanyId,
    native::{HyperTransport, OsEntropy, SystemClock},
    ops,
};
use integration::{Marketplace, Process, Setup, Shop, TOKEN, here, order};
use mock_ghl::{COMPANY_ID, LOCATION_ID, MockGhl, Model, Running, Settings};
use serde_json::{Value, json};

/// What calls of all that version 3 names differently are answered.
async fn said(ghl: &Running, version: ApiVersion) -> Vec<Value> {
    let version = if version == ApiVersion::V3 { json!("v3") } else { Value::Null };
    let options = json!({ "token": TOKEN, "locationId": LOCATION_ID, "baseUrl": ghl.base_url(), "apiVersion": version });
    let settings = ClientSettings::from_json(&json!({ "options": options }).to_string()).unwrap();
    let transport = Arc::new(HyperTransport::new().unwrap());
    let (client, location) =
        settings.build(None, transport, Arc::new(SystemClock), Arc::new(OsEntropy)).unwrap();
    let call = async |op: &str, args: Value| -> Value {
        let settled = ops::call(&client, location.as_ref(), op, &args.to_string(), "{}").await;
        let settled: Value = serde_json::from_str(&settled).unwrap();
        assert!(settled.get("error").is_none(), "{op}: {settled}");
        settled["ok"].clone()
    };
    let (status, total, payment, pipeline, stage) = ghl.with(|ghl| {
        let field = |model, key| ghl.field_id(LOCATION_ID, model, key).unwrap().to_owned();
        let pipeline = ghl.order_pipeline(LOCATION_ID).unwrap();
        let stage = pipeline.stages[1].id.clone();
        (
            field(Model::Contact, "order_status"),
            field(Model::Contact, "order_total"),
            field(Model::Opportunity, "stripe_payment_id"),
            pipeline.id.clone(),
            stage,
        )
    });
    let contact = json!({
        "email": "aino@example.com", "dnd": false,
        "dndSettings": { "SMS": { "status": "active", "message": "no" }, "WhatsApp": { "status": "permanent" } },
        "customFields": [{ "id": status, "value": "shipped" }, { "id": total, "value": 4999.5 }],
    });
    let created = call("contacts.create", json!({ "contact": contact, "tags": ["vip"] })).await;
    let id = &created["id"];
    let change = json!({ "city": "Oulu", "dndSettings": { "Email": { "status": "inactive" } } });
    let mut all = vec![
        created.clone(),
        call("contacts.update", json!({ "contactId": id, "contact": change })).await,
        call("contacts.get", json!({ "contactId": id })).await,
        call("contacts.upsert", json!({ "contact": { "email": "aino@example.com", "state": "OU" } })).await,
    ];
    let new = json!({
        "pipelineId": pipeline, "name": "Order #1", "contactId": id, "monetaryValue": 4999.5,
        "customFields": [{ "id": payment, "value": "pi_1" }],
    });
    let opportunity = call("opportunities.create", json!({ "opportunity": new })).await;
    let opportunity_id = &opportunity["id"];
    let terms = json!({
        "pipelineId": pipeline, "pipelineStageId": stage, "contactId": id, "status": "open",
    });
    let change = json!({ "pipelineStageId": stage, "customFields": [{ "key": "stripe_payment_id", "value": "pi_2" }] });
    all.push(opportunity.clone());
    all.push(
        call("opportunities.update", json!({ "opportunityId": opportunity_id, "opportunity": change })).await,
    );
    all.push(call("opportunities.search", terms).await);
    all.push(
        call("opportunities.updateStatus", json!({ "opportunityId": opportunity_id, "status": "won" })).await,
    );
    all.push(call("opportunities.delete", json!({ "opportunityId": opportunity_id })).await);
    all.push(call("contacts.removeTags", json!({ "contactId": id, "tags": ["vip"] })).await);
    all.push(call("contacts.delete", json!({ "contactId": id })).await);
    all
}

/// Replies without what differs from run to run.
fn without_times(mut reply: Value) -> Value {
    match &mut reply {
        Value::Object(members) => {
            members.retain(|name, _| {
                let lower = name.to_lowercase();
                !["ms", "at", "id", "date"].iter().any(|end| lower.ends_with(end))
            });
            members.values_mut().for_each(|value| *value = without_times(value.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_times(item.take())),
        _ => {}
    }
    reply
}

#[tokio::test]
async fn the_same_is_written_and_read_in_both() {
    let mut told = Vec::new();
    for (version, header) in [(ApiVersion::ByDate, "2021-07-28"), (ApiVersion::V3, "v3")] {
        let ghl = MockGhl::start(Settings::unlimited()).await.unwrap();
        let replies = said(&ghl, version).await;
        let contact = &replies[2];
        assert_eq!(contact["dndSettings"], json!({ "Email": { "status": "inactive" } }), "{version:?}");
        assert_eq!(contact["customFields"].as_array().unwrap().len(), 2, "{version:?}: {contact}");
        assert_eq!(replies[1]["dndSettings"], contact["dndSettings"], "{version:?}");
        assert_eq!(replies[0]["dndSettings"]["WhatsApp"], json!({ "status": "permanent" }), "{version:?}");
        assert_eq!(replies[5]["customFields"][0]["value"], "pi_2", "{version:?}: {}", replies[5]);
        assert_eq!(replies[6]["items"].as_array().map(Vec::len), Some(1), "{version:?}: {}", replies[6]);
        ghl.with(|ghl| {
            let versions: Vec<_> = ghl.received().map(|received| received.version.clone().unwrap()).collect();
            assert!(versions.iter().all(|version| version == header), "{versions:?}");
            assert_eq!((ghl.contacts().count(), ghl.opportunities().count()), (0, 0));
        });
        told.push(replies.into_iter().map(without_times).collect::<Vec<_>>());
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn an_agencys_tokens_are_obtained_under_version_3() {
    let market = Marketplace::open().await;
    let store = Arc::new(Process::store(&market.file).await);
    let process = Process::speaking(ApiVersion::V3, &market.ghl.base_url(), store);
    let code = market.ghl.with(|ghl| ghl.issue_code(None));
    process.tokens.tokens().exchange_code(&code).await.unwrap();
    let company = CompanyId::new(COMPANY_ID);
    let installed = process.tokens.tokens().installed_locations(&company).await.unwrap();
    assert_eq!(installed.iter().map(|location| &location.id).collect::<Vec<_>>(), [&here()]);
    process.call().await.unwrap();
    market.expire();
    process.call().await.unwrap();
    market.ghl.with(|ghl| {
        let lines: Vec<_> = ghl
            .received()
            .map(|received| {
                assert_eq!(received.version.as_deref(), Some("v3"), "{received:?}");
                format!("{} {} {}", received.method, received.path, received.status)
            })
            .collect();
        let minted = lines.iter().filter(|line| *line == "POST /oauth/location-token 201").count();
        assert!(lines.contains(&"GET /oauth/installed-locations 200".to_owned()) && minted == 1, "{lines:?}");
    });
}

#[tokio::test]
async fn an_order_walks_under_version_3() {
    let vars = vec![("GHL_API_VERSION", "v3".to_owned())];
    let shop = Shop::with(Setup { vars, ..Setup::deaf() }).await;
    let placed = shop.place(&order("7")).await;
    shop.update("7", "shipped").await;
    assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
    let contact = shop.ghl.with(|ghl| ghl.opportunity(&placed.opportunity).unwrap().contact_id.clone());
    assert_eq!(shop.contact_field(&contact, "order_status"), json!("shipped"));
    assert_eq!(shop.contact_field(&contact, "progress_percentage"), json!(75));
    let fields = shop.ghl.with(|ghl| ghl.opportunity_fields(&placed.opportunity));
    assert!(fields["stripe_payment_id"].is_string() && fields["delivery_address"].is_string(), "{fields:?}");
    let versions =
        shop.ghl.with(|ghl| ghl.received().map(|received| received.version.clone()).collect::<Vec<_>>());
    assert!(versions.iter().all(|version| version.as_deref() == Some("v3")), "{versions:?}");
}
