use mock_ghl::{Author, LOCATION_ID, Model};
use serde_json::{Value, json};

use crate::support::{Api, MONDAY, text};

fn body(api: &Api, contact_id: &str) -> Value {
    json!({
        "locationId": LOCATION_ID,
        "pipelineId": api.pipeline_id(),
        "contactId": contact_id,
        "name": "Order #1001",
        "status": "open",
    })
}

#[test]
fn a_created_opportunity_starts_in_the_first_stage_and_has_four_times() {
    let mut api = Api::unlimited();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let mut request = body(&api, &contact);
    request["monetaryValue"] = json!(4999.5);
    let (status, reply) = api.post("/opportunities/", request);
    assert_eq!(status, 201);
    let opportunity = &reply["opportunity"];
    assert_eq!(opportunity["pipelineStageId"], json!(api.stage_id("New Order")));
    assert_eq!(opportunity["monetaryValue"], json!(4999.5));
    for name in ["createdAt", "updatedAt", "lastStageChangeAt", "lastStatusChangeAt"] {
        assert_eq!(opportunity[name], "2026-03-02T00:00:00.000Z", "{name}");
    }
    assert_eq!(opportunity.get("dateUpdated"), None);
    let (status, read) = api.get(&format!("/opportunities/{}", text(&opportunity["id"])));
    assert_eq!((status, &read["opportunity"]), (200, opportunity));
}

#[test]
fn times_move_only_with_what_they_time() {
    let mut api = Api::unlimited();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let id = api.opportunity(&contact, "Order #1");
    let path = format!("/opportunities/{id}");
    let (first, shipped) = (api.stage_id("New Order"), api.stage_id("Shipped"));
    let mut after = |ms: i64, body: Value, suffix: &str| {
        api.now = MONDAY + ms;
        let (status, reply) = api.put(&format!("{path}{suffix}"), body);
        assert_eq!(status, 200, "{reply}");
        let now = api.ghl.opportunity(&id).unwrap();
        [now.updated_at, now.last_stage_change_at, now.last_status_change_at].map(|time| time - MONDAY)
    };
    assert_eq!(after(10, json!({ "name": "Order #2" }), ""), [10, 0, 0]);
    assert_eq!(after(20, json!({ "pipelineStageId": first }), ""), [20, 0, 0], "the stage it is in already");
    assert_eq!(after(30, json!({ "pipelineStageId": shipped }), ""), [30, 30, 0]);
    assert_eq!(after(40, json!({ "status": "lost" }), "/status"), [40, 30, 40]);
    assert_eq!(after(50, json!({ "status": "lost" }), "/status"), [50, 30, 40]);
    assert_eq!(after(60, json!({ "status": "open", "pipelineStageId": first }), ""), [60, 60, 60]);
    let history: Vec<_> =
        api.ghl.stage_history(&id).iter().map(|c| (c.at - MONDAY, c.stage_id.clone())).collect();
    assert_eq!(history, [(0, first.clone()), (30, shipped), (60, first)]);
    assert!(api.ghl.stage_history(&id).iter().all(|change| change.by == Author::Api));
}

#[test]
fn unknown_and_missing_properties_are_refused() {
    let mut api = Api::unlimited();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let (status, reply) = api.post("/opportunities/", json!({ "stage": "x" }));
    assert_eq!(status, 422);
    assert_eq!(
        reply["message"],
        json!([
            "property stage should not exist",
            "pipelineId should not be empty",
            "locationId should not be empty",
            "name should not be empty",
            "status should not be empty",
            "contactId should not be empty",
        ])
    );
    let mut refused = |name: &str, value: Value| {
        let mut request = body(&api, &contact);
        request[name] = value;
        let (status, reply) = api.post("/opportunities/", request);
        (status, reply["message"].clone())
    };
    let statuses = "status must be one of the following values: open, won, lost, abandoned";
    assert_eq!(refused("status", json!("all")), (422, json!([statuses])));
    let number = "monetaryValue must be a number conforming to the specified constraints";
    assert_eq!(refused("monetaryValue", json!("4999")), (422, json!([number])));
    assert_eq!(refused("pipelineId", json!("x")), (400, json!("The pipeline id is invalid.")));
    // A stage is named by its opaque id, never by its name.
    assert_eq!(refused("pipelineStageId", json!("Shipped")), (400, json!("The stage id is invalid.")));
    assert_eq!(refused("contactId", json!("x")), (400, json!("The contact id is invalid.")));
    assert_eq!(api.ghl.opportunities().count(), 0);
    let id = api.opportunity(&contact, "Order #1");
    for name in ["contactId", "locationId", "tags"] {
        assert_eq!(api.put(&format!("/opportunities/{id}"), json!({ name: "x" })).0, 422, "{name}");
    }
}

#[test]
fn a_location_may_refuse_a_second_open_opportunity() {
    let mut api = Api::with(|settings| settings.locations[0].allow_duplicate_opportunity = false);
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let first = api.opportunity(&contact, "Order #1");
    let request = body(&api, &contact);
    let (status, reply) = api.post("/opportunities/", request.clone());
    let message = json!("Can not create duplicate opportunity for the contact.");
    assert_eq!((status, &reply["message"]), (400, &message));
    assert_eq!(api.ghl.opportunities().count(), 1);
    // A closed one is in nobody's way, nor is another contact's.
    api.put(&format!("/opportunities/{first}/status"), json!({ "status": "won" }));
    assert_eq!(api.post("/opportunities/", request).0, 201);
    let other = api.contact(json!({ "email": "b@example.com" }));
    api.opportunity(&other, "Order #3");
}

#[test]
fn custom_fields_are_written_by_id_or_key_and_read_as_field_value() {
    let mut api = Api::unlimited();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let (payment, address) = (
        api.field_id(Model::Opportunity, "stripe_payment_id"),
        api.field_id(Model::Opportunity, "delivery_address"),
    );
    let mut request = body(&api, &contact);
    request["customFields"] = json!([
        { "id": payment, "field_value": "pi_1" },
        { "key": "delivery_address", "field_value": "1 Harbour St" },
        { "key": "order_status", "field_value": "a contact's field" },
        { "id": payment, "value": "dropped" },
    ]);
    let (_, reply) = api.post("/opportunities/", request);
    let mut fields = reply["opportunity"]["customFields"].as_array().unwrap().clone();
    fields.sort_by_key(|field| field["id"] == json!(address));
    assert_eq!(
        fields,
        [
            json!({ "id": payment, "fieldValue": "pi_1" }),
            json!({ "id": address, "fieldValue": "1 Harbour St" })
        ]
    );
    let id = text(&reply["opportunity"]["id"]);
    let write = |key: &str| json!({ "customFields": [{ "id": payment, key: "pi_2" }] });
    api.put(&format!("/opportunities/{id}"), write("fieldValue"));
    assert_eq!(
        api.ghl.opportunity_fields(&id)["stripe_payment_id"],
        "pi_1",
        "a date version reads field_value"
    );
    api.version = "v3".to_owned();
    api.put(&format!("/opportunities/{id}"), write("field_value"));
    assert_eq!(api.ghl.opportunity_fields(&id)["stripe_payment_id"], "pi_1", "version 3 reads fieldValue");
    api.put(&format!("/opportunities/{id}"), write("fieldValue"));
    assert_eq!(api.ghl.opportunity_fields(&id)["stripe_payment_id"], "pi_2");
}

#[test]
fn a_deleted_opportunity_is_gone_and_its_history_stays() {
    let mut api = Api::unlimited();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let id = api.opportunity(&contact, "Order #1");
    let (status, reply) = api.delete(&format!("/opportunities/{id}"), json!({}));
    assert_eq!((status, &reply["succeded"], reply.get("success")), (200, &json!(true), None));
    let (status, reply) = api.get(&format!("/opportunities/{id}"));
    assert_eq!((status, &reply["message"]), (404, &json!(format!("Opportunity with id {id} not found"))));
    assert_eq!(api.ghl.stage_history(&id).len(), 1);
    assert_eq!(api.get(&format!("/contacts/{contact}")).0, 200);
    let second = api.opportunity(&contact, "Order #2");
    api.version = "v3".to_owned();
    let (_, reply) = api.delete(&format!("/opportunities/{second}"), json!({}));
    assert_eq!((&reply["succeded"], &reply["success"]), (&json!(true), &json!(true)));
}

#[test]
fn the_pipeline_lists_eight_named_stages_with_uuids() {
    let mut api = Api::unlimited();
    assert_eq!(api.get("/opportunities/pipelines").0, 422);
    let (status, reply) = api.get(&format!("/opportunities/pipelines?locationId={LOCATION_ID}"));
    assert_eq!(status, 200);
    let pipeline = &reply["pipelines"][0];
    assert_eq!(pipeline["name"], "Sauna Orders");
    let stages = pipeline["stages"].as_array().unwrap();
    let names: Vec<_> = stages.iter().map(|stage| text(&stage["name"])).collect();
    assert_eq!(
        names,
        [
            "New Order",
            "Processing",
            "In Production",
            "Quality Check",
            "Shipped",
            "Delivered",
            "Installation",
            "Completed"
        ]
    );
    assert!(stages.iter().all(|stage| text(&stage["id"]).len() == 36 && stage["position"].is_u64()));
    assert_eq!(api.stage_id("stage_in_production"), text(&stages[2]["id"]));
}
