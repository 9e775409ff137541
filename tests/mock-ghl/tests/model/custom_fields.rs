use mock_ghl::{COMPANY_ID, LOCATION_ID};
use serde_json::{Value, json};

use crate::support::{Api, column, text};

const FIELDS: &str = "/locations/SaunaLocation0000001/customFields";

#[test]
fn the_order_fields_are_there_by_model() {
    let mut api = Api::unlimited();
    let (status, contact) = api.get(FIELDS);
    assert_eq!(status, 200);
    let contact_keys = [
        "contact.order_number",
        "contact.order_total",
        "contact.sauna_model",
        "contact.order_status",
        "contact.last_updated",
        "contact.progress_percentage",
        "contact.manufacturing_progress",
    ];
    assert_eq!(column(&contact["customFields"], "fieldKey"), contact_keys);
    let (_, opportunity) = api.get(&format!("{FIELDS}?model=opportunity"));
    assert_eq!(
        column(&opportunity["customFields"], "fieldKey"),
        ["opportunity.stripe_payment_id", "opportunity.delivery_address"]
    );
    assert_eq!(api.get(&format!("{FIELDS}?model=all")).1["customFields"].as_array().unwrap().len(), 9);
    assert_eq!(api.get(&format!("{FIELDS}?model=company")).0, 422);
    assert_eq!(contact["customFields"][5]["dataType"], "NUMERICAL");
}

#[test]
fn fields_may_be_absent_and_are_then_created_once() {
    let mut api = Api::with(|settings| settings.locations[0].order_fields = false);
    assert_eq!(api.get(&format!("{FIELDS}?model=all")).1["customFields"], json!([]));
    let body = json!({ "name": "Order Status", "dataType": "TEXT", "model": "contact" });
    let (status, reply) = api.post(FIELDS, body.clone());
    assert_eq!((status, &reply["customField"]["fieldKey"]), (201, &json!("contact.order_status")));
    assert_eq!(api.post(FIELDS, body).0, 400);
    let (_, reply) =
        api.post(FIELDS, json!({ "name": "order_status", "dataType": "TEXT", "model": "opportunity" }));
    assert_eq!(reply["customField"]["fieldKey"], "opportunity.order_status");
    let id = text(&reply["customField"]["id"]);
    assert_eq!(api.get(&format!("{FIELDS}?model=opportunity")).1["customFields"][0]["id"], json!(id));
    let (status, reply) = api.post(FIELDS, json!({ "name": "x", "dataType": "STRING", "fieldKey": "x" }));
    assert_eq!((status, reply["message"].as_array().unwrap().len()), (422, 2));
}

#[test]
fn tags_are_listed_created_once_and_learnt_from_contacts() {
    let mut api = Api::unlimited();
    let path = format!("/locations/{LOCATION_ID}/tags");
    let (status, reply) = api.post(&path, json!({ "name": "status_shipped" }));
    assert_eq!((status, &reply["tag"]["name"]), (200, &json!("status_shipped")));
    assert_eq!(api.post(&path, json!({ "name": "status_shipped" })).0, 400);
    api.contact(json!({ "email": "a@example.com", "tags": ["vip", "status_shipped"] }));
    assert_eq!(column(&api.get(&path).1["tags"], "name"), ["status_shipped", "vip"]);
}

#[test]
fn users_are_searched_with_the_companys_id() {
    let mut api = Api::unlimited();
    assert_eq!(api.get("/users/search").0, 422);
    assert_eq!(api.get("/users/search?companyId=other").0, 401);
    let path = format!("/users/search?companyId={COMPANY_ID}");
    let (status, reply) = api.get(&path);
    assert_eq!((status, &reply["count"]), (200, &json!(3)));
    let (_, page) = api.get(&format!("{path}&role=user&skip=1&limit=1"));
    assert_eq!((page["users"].as_array().unwrap().len(), &page["count"]), (1, &json!(2)));
    let id = text(&page["users"][0]["id"]);
    let (status, user) = api.get(&format!("/users/{id}"));
    assert_eq!((status, &user["roles"]["role"]), (200, &json!("user")));
    assert_eq!(api.get("/users/nobody").0, 404);
    let (_, named) = api.get(&format!("{path}&query=mikko"));
    assert_eq!(column(&named["users"], "firstName"), ["Mikko"]);
}

#[test]
fn the_location_tells_its_company_and_settings() {
    let mut api = Api::unlimited();
    let (status, reply) = api.get(&format!("/locations/{LOCATION_ID}"));
    assert_eq!((status, &reply["location"]["companyId"]), (200, &json!(COMPANY_ID)));
    assert_eq!(
        reply["location"]["settings"],
        json!({
            "allowDuplicateContact": false,
            "allowDuplicateOpportunity": true,
            "allowFacebookNameMerge": false,
            "disableContactTimezone": false,
        })
    );
    assert_eq!(reply["location"]["timezone"], "Etc/UTC");
    assert_eq!(api.get("/locations/other").0, 403);
    api.token = mock_ghl::AGENCY_TOKEN.to_owned();
    assert_eq!(api.get(&format!("/locations/{LOCATION_ID}")).0, 200);
    assert_eq!(api.get("/locations/other").1["location"], Value::Null);
}
