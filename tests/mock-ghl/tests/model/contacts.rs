use mock_ghl::{LOCATION_ID, Model};
use serde_json::json;

use crate::support::{Api, MONDAY, text};

#[test]
fn a_created_contact_reads_back_with_values_by_field_id() {
    let mut api = Api::unlimited();
    let field = api.field_id(Model::Contact, "order_status");
    let body = json!({
        "locationId": LOCATION_ID,
        "firstName": "Äinö",
        "lastName": "Mäkinen",
        "email": "Aino@Example.com",
        "phone": "+358 (40) 123-4567",
        "tags": ["vip", "vip", "newsletter"],
        "customFields": [{ "id": field, "field_value": "processing" }],
    });
    let (status, reply) = api.post("/contacts/", body);
    assert_eq!(status, 201);
    let contact = &reply["contact"];
    assert_eq!(contact["customFields"], json!([{ "id": field, "value": "processing" }]));
    assert_eq!(contact["dateAdded"], "2026-03-02T00:00:00.000Z");
    let (status, read) = api.get(&format!("/contacts/{}", text(&contact["id"])));
    assert_eq!((status, &read["contact"]), (200, contact));
    assert_eq!(contact["name"], "Äinö Mäkinen");
    assert_eq!(contact["emailLowerCase"], "aino@example.com");
    assert_eq!(contact["phone"], "+358401234567");
    assert_eq!(contact["tags"], json!(["vip", "newsletter"]));
    assert_eq!(api.get(&format!("/locations/{LOCATION_ID}/tags")).1["tags"].as_array().unwrap().len(), 2);
}

#[test]
fn an_unknown_property_is_refused_on_create_and_update_with_a_list() {
    let mut api = Api::unlimited();
    let (status, reply) =
        api.post("/contacts/", json!({ "locationId": LOCATION_ID, "orderNumber": 1, "vat": 2 }));
    assert_eq!(status, 422);
    assert_eq!(
        reply["message"],
        json!(["property orderNumber should not exist", "property vat should not exist"])
    );
    assert_eq!(reply["error"], "Unprocessable Entity");
    assert_eq!(api.ghl.contacts().count(), 0);
    let id = api.contact(json!({ "email": "a@example.com" }));
    for name in ["gender", "companyName", "locationId", "additionalEmails"] {
        let (status, reply) = api.put(&format!("/contacts/{id}"), json!({ name: "x" }));
        assert_eq!((status, &reply["message"]), (422, &json!([format!("property {name} should not exist")])));
    }
}

#[test]
fn malformed_bodies_are_told_what_is_wrong() {
    let mut api = Api::unlimited();
    let mut refused = |body: serde_json::Value| {
        let (status, reply) = api.post("/contacts/", body);
        assert_eq!(status, 422, "{reply}");
        reply["message"].clone()
    };
    assert_eq!(refused(json!({})), json!(["locationId should not be empty"]));
    let place = LOCATION_ID;
    let fields = json!({ "locationId": place, "customFields": { "order_status": "x" } });
    assert_eq!(refused(fields), json!(["customFields must be an array"]));
    let items = json!({ "locationId": place, "customFields": ["x"] });
    assert_eq!(
        refused(items),
        json!(["each value in nested property customFields must be either object or array"])
    );
    assert_eq!(refused(json!({ "locationId": place, "email": "x" })), json!(["email must be an email"]));
    assert_eq!(refused(json!({ "locationId": place, "tags": "x" })), json!(["tags must be an array"]));
    let mut request = api.request("POST", "/contacts/");
    request.body = b"{".to_vec();
    assert_eq!(api.send(&request).status, 400);
    request.body = b"[1]".to_vec();
    assert_eq!(api.send(&request).status, 400);
    assert_eq!(api.ghl.contacts().count(), 0);
}

#[test]
fn a_value_under_the_wrong_key_is_dropped_without_a_word() {
    let mut api = Api::unlimited();
    let field = api.field_id(Model::Contact, "order_status");
    let id = api.contact(json!({ "email": "a@example.com" }));
    let path = format!("/contacts/{id}");
    let mut written = |item: serde_json::Value| {
        let (status, reply) = api.put(&path, json!({ "customFields": [item] }));
        assert_eq!(status, 200, "{reply}");
        let value = api.ghl.contact_fields(&id).remove("order_status");
        assert_eq!(api.put(&path, json!({ "customFields": [{ "id": field, "field_value": "" }] })).0, 200);
        assert!(api.ghl.contact_fields(&id).is_empty());
        value
    };
    assert_eq!(written(json!({ "id": field, "value": "x" })), None);
    // A key where the opaque id belongs names no field.
    assert_eq!(written(json!({ "id": "order_status", "field_value": "x" })), None);
    assert_eq!(written(json!({ "id": "order_status", "value": "x" })), None);
    assert_eq!(written(json!({ "id": field, "field_value": "x" })), Some(json!("x")));
    assert_eq!(written(json!({ "id": field, "fieldValue": "x" })), Some(json!("x")));
    assert_eq!(written(json!({ "key": "order_status", "field_value": "x" })), Some(json!("x")));
    assert_eq!(written(json!({ "key": "contact.order_status", "field_value": 5 })), Some(json!(5)));
}

#[test]
fn a_second_contact_with_one_email_or_phone_is_refused_with_400_and_the_first_ones_id() {
    let mut api = Api::unlimited();
    let first = api.contact(json!({ "email": "Aino@Example.com", "phone": "+358401234567" }));
    for (body, field) in [
        (json!({ "email": "aino@example.COM" }), "email"),
        (json!({ "email": "other@example.com", "phone": "+358 40 123 4567" }), "phone"),
        (json!({ "email": "AINO@example.com", "phone": "+1" }), "email"),
    ] {
        let mut body = body;
        body["locationId"] = json!(LOCATION_ID);
        let (status, reply) = api.post("/contacts/", body);
        assert_eq!(status, 400);
        assert_eq!(reply["statusCode"], 400);
        assert_eq!(reply["message"], "This location does not allow duplicated contacts.");
        assert_eq!(reply["meta"], json!({ "contactId": first, "matchingField": field }));
    }
    let second = api.contact(json!({ "email": "b@example.com" }));
    let (status, reply) = api.put(&format!("/contacts/{second}"), json!({ "phone": "+358401234567" }));
    assert_eq!((status, &reply["meta"]["matchingField"]), (400, &json!("phone")));
    assert_eq!(api.ghl.contact(&second).unwrap().text("phone"), None);
    // Its own values are no duplicates.
    assert_eq!(api.put(&format!("/contacts/{first}"), json!({ "email": "aino@example.com" })).0, 200);
    assert_eq!(api.ghl.contacts().count(), 2);
}

#[test]
fn the_location_may_allow_duplicates() {
    let mut api = Api::with(|settings| settings.locations[0].allow_duplicate_contact = true);
    let one = api.contact(json!({ "email": "a@example.com" }));
    let two = api.contact(json!({ "email": "a@example.com" }));
    assert_ne!(one, two);
    let (_, location) = api.get(&format!("/locations/{LOCATION_ID}"));
    assert_eq!(location["location"]["settings"]["allowDuplicateContact"], true);
}

#[test]
fn put_replaces_tags_and_leaves_them_when_not_named() {
    let mut api = Api::unlimited();
    let id = api.contact(json!({ "email": "a@example.com", "tags": ["vip", "newsletter"] }));
    api.now += 1_000;
    let (status, reply) = api.put(&format!("/contacts/{id}"), json!({ "city": "Turku" }));
    assert_eq!((status, &reply["succeded"]), (200, &json!(true)));
    assert_eq!(reply["contact"]["tags"], json!(["vip", "newsletter"]));
    assert_eq!(reply["contact"]["dateUpdated"], "2026-03-02T00:00:01.000Z");
    let (_, reply) = api.put(&format!("/contacts/{id}"), json!({ "tags": ["status_shipped"] }));
    assert_eq!(reply["contact"]["tags"], json!(["status_shipped"]));
    assert_eq!(reply["contact"]["city"], "Turku");
}

#[test]
fn tags_are_added_and_removed_one_by_one() {
    let mut api = Api::unlimited();
    let id = api.contact(json!({ "email": "a@example.com", "tags": ["vip"] }));
    let path = format!("/contacts/{id}/tags");
    let (status, reply) = api.post(&path, json!({ "tags": ["new", "vip"] }));
    assert_eq!((status, &reply["tags"]), (201, &json!(["vip", "new"])));
    let (status, reply) = api.delete(&path, json!({ "tags": ["vip", "absent"] }));
    assert_eq!((status, &reply["tags"]), (200, &json!(["new"])));
    assert_eq!(api.ghl.contact(&id).unwrap().tags, ["new"]);
    // A proxy that strips the body of a DELETE loses the tags' names.
    let bare = api.request("DELETE", &path);
    assert_eq!(api.send(&bare).status, 400);
    assert_eq!(api.delete(&path, json!({})).0, 422);
    assert_eq!(api.post(&path, json!({ "tag": "x" })).0, 422);
    assert_eq!(api.ghl.contact(&id).unwrap().tags, ["new"]);
}

#[test]
fn upsert_updates_the_match_replaces_tags_and_drops_unknown_properties() {
    let mut api = Api::unlimited();
    let (status, created) = api
        .post("/contacts/upsert", json!({ "locationId": LOCATION_ID, "email": "a@example.com", "vat": "x" }));
    assert_eq!((status, &created["new"]), (200, &json!(true)));
    assert!(created["traceId"].is_string());
    let id = text(&created["contact"]["id"]);
    api.post(&format!("/contacts/{id}/tags"), json!({ "tags": ["vip"] }));
    let body =
        json!({ "locationId": LOCATION_ID, "email": "A@example.com", "firstName": "Aino", "tags": ["x"] });
    let (status, updated) = api.post("/contacts/upsert", body);
    assert_eq!((status, &updated["new"], &updated["contact"]["id"]), (200, &json!(false), &json!(id)));
    assert_eq!(api.ghl.contact(&id).unwrap().tags, ["x"]);
    assert_eq!(api.ghl.contact(&id).unwrap().text("vat"), None);
}

#[test]
fn upsert_takes_the_emails_contact_and_ignores_anothers_phone_silently() {
    let mut api = Api::unlimited();
    let by_email = api.contact(json!({ "email": "a@example.com", "phone": "+1111111" }));
    let by_phone = api.contact(json!({ "email": "b@example.com", "phone": "+2222222" }));
    let body =
        json!({ "locationId": LOCATION_ID, "email": "a@example.com", "phone": "+2222222", "city": "Oulu" });
    let (status, reply) = api.post("/contacts/upsert", body);
    assert_eq!((status, &reply["contact"]["id"]), (200, &json!(by_email)));
    let contact = api.ghl.contact(&by_email).unwrap();
    assert_eq!((contact.text("phone"), contact.text("city")), (Some("+1111111"), Some("Oulu")));
    assert_eq!(api.ghl.contact(&by_phone).unwrap().text("city"), None);
}

#[test]
fn upsert_makes_a_second_one_only_where_that_is_allowed_and_asked_for() {
    let body = |wanted: bool| json!({ "locationId": LOCATION_ID, "email": "a@example.com", "createNewIfDuplicateAllowed": wanted });
    for (allowed, wanted, expected) in [(false, true, 1), (true, false, 1), (true, true, 2)] {
        let mut api = Api::with(|settings| settings.locations[0].allow_duplicate_contact = allowed);
        api.contact(json!({ "email": "a@example.com" }));
        assert_eq!(api.post("/contacts/upsert", body(wanted)).0, 200);
        assert_eq!(api.ghl.contacts().count(), expected, "allowed {allowed}, wanted {wanted}");
    }
}

#[test]
fn a_full_name_is_split_and_null_blanks() {
    let mut api = Api::unlimited();
    let id = api.contact(json!({ "name": "Åsa Öberg Lind", "email": "a@example.com", "city": "Umeå" }));
    let contact = api.ghl.contact(&id).unwrap();
    assert_eq!((contact.text("firstName"), contact.text("lastName")), (Some("Åsa"), Some("Öberg Lind")));
    api.put(&format!("/contacts/{id}"), json!({ "city": null, "lastName": "" }));
    let contact = api.ghl.contact(&id).unwrap();
    assert_eq!((contact.text("city"), contact.name().as_str()), (None, "Åsa"));
}

#[test]
fn a_deleted_contact_is_gone_with_its_opportunities() {
    let mut api = Api::unlimited();
    let id = api.contact(json!({ "email": "a@example.com" }));
    let opportunity = api.opportunity(&id, "Order #1");
    let (status, reply) = api.delete(&format!("/contacts/{id}"), json!({}));
    assert_eq!((status, &reply["succeded"]), (200, &json!(true)));
    assert_eq!(api.get(&format!("/contacts/{id}")).0, 404);
    assert_eq!(api.get(&format!("/opportunities/{opportunity}")).0, 404);
    assert_eq!(api.delete(&format!("/contacts/{id}"), json!({})).0, 404);
    // Its e-mail is free again.
    api.contact(json!({ "email": "a@example.com" }));
}

#[test]
fn version_3_spells_success_differently() {
    let mut api = Api::unlimited();
    api.version = "v3".to_owned();
    let id = api.contact(json!({ "email": "a@example.com" }));
    let (_, reply) = api.put(&format!("/contacts/{id}"), json!({ "city": "Oulu" }));
    assert_eq!((&reply["succeeded"], reply.get("succeded")), (&json!(true), None));
    let (_, reply) = api.delete(&format!("/contacts/{id}"), json!({}));
    assert_eq!((&reply["succeeded"], &reply["succeded"]), (&json!(true), &json!(true)));
}

#[test]
fn version_3_names_channels_differently() {
    let mut api = Api::unlimited();
    let id = api.contact(json!({ "dndSettings": { "SMS": { "status": "active" } } }));
    let path = format!("/contacts/{id}");
    let wrong = json!({ "dndSettings": { "sms": { "status": "active" } } });
    assert_eq!(api.put(&path, wrong.clone()).0, 422);
    assert_eq!(api.get(&path).1["contact"]["dndSettings"], json!({ "SMS": { "status": "active" } }));
    api.version = "v3".to_owned();
    assert_eq!(api.get(&path).1["contact"]["dndSettings"], wrong["dndSettings"]);
    assert_eq!(api.put(&path, json!({ "dndSettings": { "SMS": { "status": "active" } } })).0, 422);
    let (status, reply) = api.put(&path, json!({ "dndSettings": { "fb": { "status": "permanent" } } }));
    assert_eq!((status, &reply["contact"]["dndSettings"]["fb"]["status"]), (200, &json!("permanent")));
}

#[test]
fn field_history_tells_who_wrote_what_when() {
    let mut api = Api::unlimited();
    let field = api.field_id(Model::Contact, "order_status");
    let id = api.contact(json!({
        "email": "a@example.com", "customFields": [{ "id": field, "field_value": "processing" }]
    }));
    api.now += 5;
    api.put(&format!("/contacts/{id}"), json!({ "city": "Oulu" }));
    api.ghl.set_contact_field(MONDAY + 9, &id, "order_status", json!("shipped")).unwrap();
    let history = api.ghl.field_history(LOCATION_ID, &id, "order_status");
    let told: Vec<_> =
        history.iter().map(|change| (change.at - MONDAY, change.value.clone(), change.by)).collect();
    assert_eq!(
        told,
        [(0, json!("processing"), mock_ghl::Author::Api), (9, json!("shipped"), mock_ghl::Author::Human)]
    );
}
