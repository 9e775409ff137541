//! Every switch of [`mock_ghl::Assumptions`] both ways, where no other test does so.

use mock_ghl::{Assumptions, LOCATION_ID, Model, NoDuplicate, OpportunityFieldShape, SearchCursor, Settings};
use serde_json::{Value, json};

use crate::support::{Api, text};

fn api(change: impl FnOnce(&mut Assumptions)) -> Api {
    let mut assumptions = Assumptions::default();
    change(&mut assumptions);
    Api::new(Settings { assumptions, search_lag_ms: 1_000, ..Settings::unlimited() })
}

fn ordered(change: impl FnOnce(&mut Assumptions)) -> (Api, String, String) {
    let mut api = api(change);
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let opportunity = api.opportunity(&contact, "Order #1");
    api.now += 1_000;
    api.events();
    (api, contact, opportunity)
}

#[test]
fn get_is_consistent() {
    for (consistent, city) in [(true, json!("Oulu")), (false, Value::Null)] {
        let (mut api, contact, opportunity) = ordered(|switches| switches.get_is_consistent = consistent);
        api.put(&format!("/contacts/{contact}"), json!({ "city": "Oulu" }));
        api.put(&format!("/opportunities/{opportunity}"), json!({ "name": "Order #2" }));
        assert_eq!(api.get(&format!("/contacts/{contact}")).1["contact"]["city"], city);
        let name = text(&api.get(&format!("/opportunities/{opportunity}")).1["opportunity"]["name"]);
        assert_eq!(name == "Order #2", consistent);
    }
}

#[test]
fn duplicate_lookup_lags_and_no_duplicate() {
    let lookup = |api: &mut Api, email: &str| {
        api.get(&format!("/contacts/search/duplicate?locationId={LOCATION_ID}&email={email}")).1
    };
    for lags in [true, false] {
        let mut api = api(|switches| switches.duplicate_lookup_lags = lags);
        api.contact(json!({ "email": "a@example.com" }));
        assert_eq!(lookup(&mut api, "a@example.com")["contact"].is_null(), lags);
    }
    let mut api = api(|switches| switches.no_duplicate = NoDuplicate::Absent);
    assert_eq!(lookup(&mut api, "a@example.com").get("contact"), None);
}

#[test]
fn stage_time_always_moves() {
    for always in [true, false] {
        let (mut api, _, opportunity) = ordered(|switches| switches.stage_time_always_moves = always);
        let stage = api.stage_id("New Order");
        api.put(&format!("/opportunities/{opportunity}"), json!({ "name": "x" }));
        let created = api.ghl.opportunity(&opportunity).unwrap().created_at;
        assert_eq!(api.ghl.opportunity(&opportunity).unwrap().last_stage_change_at, created);
        api.put(&format!("/opportunities/{opportunity}"), json!({ "pipelineStageId": stage }));
        let moved = api.ghl.opportunity(&opportunity).unwrap().last_stage_change_at;
        assert_eq!(moved == api.now, always);
        assert_eq!(api.ghl.stage_history(&opportunity).len(), 1);
    }
}

#[test]
fn silent_when_unchanged() {
    for silent in [true, false] {
        let (mut api, contact, opportunity) = ordered(|switches| switches.silent_when_unchanged = silent);
        assert_eq!(api.put(&format!("/contacts/{contact}"), json!({ "email": "a@example.com" })).0, 200);
        assert_eq!(api.put(&format!("/opportunities/{opportunity}"), json!({ "name": "Order #1" })).0, 200);
        assert_eq!(api.events().is_empty(), silent);
        assert_eq!(api.ghl.contact(&contact).unwrap().date_updated == api.now, !silent);
        assert_eq!(api.ghl.opportunity(&opportunity).unwrap().updated_at == api.now, !silent);
    }
}

#[test]
fn missing_status() {
    for status in [404, 400] {
        let mut api = api(|switches| switches.missing_status = status);
        for path in ["/contacts/x", "/opportunities/x", "/users/x", "/calendars/events/appointments/x"] {
            let (seen, body) = api.get(path);
            assert_eq!((seen, &body["statusCode"]), (status, &json!(status)), "{path}");
        }
    }
}

#[test]
fn contact_delete_keeps_opportunities() {
    for keeps in [true, false] {
        let (mut api, contact, opportunity) =
            ordered(|switches| switches.contact_delete_keeps_opportunities = keeps);
        api.ghl.delete_contact(api.now, &contact).unwrap();
        assert_eq!(api.ghl.opportunity(&opportunity).is_some(), keeps);
    }
}

#[test]
fn accept_value_key_and_key_without_id() {
    for (accepts_value, accepts_key) in [(true, false), (false, true)] {
        let (mut api, contact, _) = ordered(|switches| {
            switches.accept_value_key = accepts_value;
            switches.accept_key_without_id = accepts_key;
        });
        let field = api.field_id(Model::Contact, "order_status");
        let mut takes = |item: Value| {
            let body = json!({ "customFields": [item] });
            assert_eq!(api.put(&format!("/contacts/{contact}"), body).0, 200);
            let taken = api.ghl.contact_fields(&contact).contains_key("order_status");
            api.ghl.set_contact_field(api.now, &contact, "order_status", Value::Null).unwrap();
            taken
        };
        assert_eq!(takes(json!({ "id": field, "value": "x" })), accepts_value);
        assert_eq!(takes(json!({ "key": "order_status", "field_value": "x" })), accepts_key);
        assert!(takes(json!({ "id": field, "field_value": "x" })));
    }
}

#[test]
fn opportunity_field_shapes() {
    use OpportunityFieldShape::{FieldValue, Typed};
    for (on_get, in_search) in [(FieldValue, Typed), (Typed, FieldValue)] {
        let (mut api, _, opportunity) = ordered(|switches| {
            switches.opportunity_fields_on_get = on_get;
            switches.opportunity_fields_in_search = in_search;
        });
        let field = api.field_id(Model::Opportunity, "stripe_payment_id");
        let expected = |shape, value: Value, kind: &str, name: &str| match shape {
            FieldValue => json!([{ "id": field, "fieldValue": value }]),
            Typed => json!([{ "id": field, "type": kind, name: value }]),
        };
        for (value, kind, name) in [
            (json!("pi"), "string", "fieldValueString"),
            (json!(5), "number", "fieldValueNumber"),
            (json!(["a"]), "array", "fieldValueArray"),
        ] {
            let body = json!({ "customFields": [{ "id": field, "field_value": value }] });
            let (_, reply) = api.put(&format!("/opportunities/{opportunity}"), body);
            assert_eq!(reply["opportunity"]["customFields"], expected(on_get, value.clone(), kind, name));
            api.now += 1_000;
            let (_, reply) =
                api.post("/opportunities/search", json!({ "locationId": LOCATION_ID, "limit": 1 }));
            assert_eq!(reply["opportunities"][0]["customFields"], expected(in_search, value, kind, name));
        }
    }
}

#[test]
fn opportunity_cursor() {
    for (cursor, present) in [
        (SearchCursor::SearchAfter, "searchAfter"),
        (SearchCursor::Sort, "sort"),
        (SearchCursor::Absent, "none"),
    ] {
        let (mut api, ..) = ordered(|switches| switches.opportunity_cursor = cursor);
        let (_, reply) = api.post("/opportunities/search", json!({ "locationId": LOCATION_ID, "limit": 1 }));
        let row = reply["opportunities"][0].as_object().unwrap();
        for name in ["searchAfter", "sort"] {
            assert_eq!(row.contains_key(name), name == present, "{name}");
        }
    }
}

#[test]
fn start_after_is_array() {
    for is_array in [true, false] {
        let (mut api, _, opportunity) = ordered(|switches| switches.start_after_is_array = is_array);
        let created = api.ghl.opportunity(&opportunity).unwrap().created_at;
        let (_, reply) = api.get(&format!("/opportunities/search?location_id={LOCATION_ID}"));
        let expected = if is_array { json!([created, opportunity]) } else { json!(created) };
        assert_eq!(reply["meta"]["startAfter"], expected);
    }
}

#[test]
fn search_by_update_time() {
    for (supported, status) in [(true, 200), (false, 422)] {
        let (mut api, ..) = ordered(|switches| switches.search_by_update_time = supported);
        let filter = |field: &str| json!({ "field": field, "operator": "range", "value": { "gte": 0 } });
        let grouped = |field: &str| json!([{ "group": "AND", "filters": [filter(field)] }]);
        let sorted = |field: &str| json!([{ "field": field, "direction": "desc" }]);
        let mut search = |path: &str, limit: &str, name: &str, value: Value| {
            api.post(path, json!({ "locationId": LOCATION_ID, limit: 1, name: value })).0
        };
        assert_eq!(search("/contacts/search", "pageLimit", "sort", sorted("dateUpdated")), status);
        assert_eq!(search("/contacts/search", "pageLimit", "filters", grouped("dateUpdated")), status);
        assert_eq!(search("/opportunities/search", "limit", "sort", sorted("updatedAt")), status);
        assert_eq!(search("/opportunities/search", "limit", "filters", grouped("updatedAt")), status);
        assert_eq!(search("/opportunities/search", "limit", "sort", sorted("createdAt")), 200);
    }
}

#[test]
fn full_stages() {
    for full in [true, false] {
        let mut api = api(|switches| switches.full_stages = full);
        let (_, reply) = api.get(&format!("/opportunities/pipelines?locationId={LOCATION_ID}"));
        assert_eq!(reply["pipelines"][0]["stages"][0].as_object().unwrap().len(), if full { 5 } else { 2 });
    }
}

#[test]
fn free_slots_trace_id() {
    for traced in [true, false] {
        let mut api = api(|switches| switches.free_slots_trace_id = traced);
        let calendar = api.ghl.locations().next().unwrap().calendars[0].id.clone();
        let until = api.now + 86_400_000;
        let (_, reply) =
            api.get(&format!("/calendars/{calendar}/free-slots?startDate={}&endDate={until}", api.now));
        assert_eq!(reply.get("traceId").is_some(), traced);
    }
}

#[test]
fn appointments_on_the_grid() {
    for on_the_grid in [true, false] {
        let mut api = api(|switches| switches.appointments_on_the_grid = on_the_grid);
        let calendar = api.ghl.locations().next().unwrap().calendars[0].id.clone();
        let contact = api.contact(json!({ "email": "a@example.com" }));
        let mut body = json!({
            "calendarId": calendar, "locationId": LOCATION_ID, "contactId": contact, "startTime": "2026-03-03T09:00:00Z",
        });
        let path = "/calendars/events/appointments";
        assert_eq!(api.post(path, body.clone()).0, if on_the_grid { 400 } else { 200 });
        body["ignoreFreeSlotValidation"] = json!(true);
        assert_eq!(api.post(path, body).0, 200);
    }
}

#[test]
fn fields_default_to_contact() {
    for (contact_only, count) in [(true, 7), (false, 9)] {
        let mut api = api(|switches| switches.fields_default_to_contact = contact_only);
        let (_, reply) = api.get(&format!("/locations/{LOCATION_ID}/customFields"));
        assert_eq!(reply["customFields"].as_array().unwrap().len(), count);
    }
}

#[test]
fn messages_nested() {
    for nested in [true, false] {
        let mut api = api(|switches| switches.messages_nested = nested);
        let contact = api.contact(json!({ "email": "a@example.com", "phone": "+358401234567" }));
        let mut sent = Vec::new();
        for body in [
            json!({ "type": "Email", "contactId": contact, "html": "<b>x</b>", "subject": "First" }),
            json!({ "type": "SMS", "contactId": contact, "message": "Short" }),
            json!({ "type": "Email", "contactId": contact, "html": "y", "subject": "Second" }),
        ] {
            sent.push(text(&api.post("/conversations/messages", body).1["messageId"]));
        }
        let found = api.get(&format!("/conversations/search?locationId={LOCATION_ID}&contactId={contact}")).1;
        assert_eq!(found["total"], 1);
        let conversation = text(&found["conversations"][0]["id"]);
        let (_, reply) = api.get(&format!("/conversations/{conversation}/messages"));
        let list = if nested { &reply["messages"]["messages"] } else { &reply["messages"] };
        let kinds: Vec<&str> =
            list.as_array().unwrap().iter().map(|one| one["messageType"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["TYPE_EMAIL", "TYPE_SMS"]);
        assert_eq!(list[0]["meta"]["email"]["messageIds"], json!([sent[0], sent[2]]));
        let (_, email) = api.get(&format!("/conversations/messages/email/{}", sent[2]));
        assert_eq!((&email["subject"], &email["body"]), (&json!("Second"), &json!("y")));
        assert_eq!(api.get("/conversations/nowhere/messages").0, 404);
        assert_eq!(api.get(&format!("/conversations/messages/email/{}", sent[1])).0, 404);
    }
}

#[test]
fn statuses_of_creations() {
    let mut api = api(|switches| {
        switches.message_status = 201;
        switches.location_token_status = 200;
    });
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let mail = json!({ "type": "Email", "contactId": contact, "html": "x" });
    assert_eq!(api.post("/conversations/messages", mail).0, 201);
    let code = api.ghl.issue_code(None);
    let pairs = [
        ("client_id", mock_ghl::CLIENT_ID),
        ("client_secret", mock_ghl::CLIENT_SECRET),
        ("grant_type", "authorization_code"),
        ("code", &code),
    ];
    let tokens = api.send(&mock_ghl::Request::new("POST", "/oauth/token").form(&pairs)).json();
    api.token = text(&tokens["access_token"]);
    let pairs = [("companyId", mock_ghl::COMPANY_ID), ("locationId", LOCATION_ID)];
    let request = api.request("POST", "/oauth/locationToken").form(&pairs);
    assert_eq!(api.send(&request).status, 200);
}

#[test]
fn every_switch_has_its_entry() {
    let written = include_str!("../../ASSUMPTIONS.md");
    let source = include_str!("../../src/assumptions.rs");
    let names = source
        .split("pub struct Assumptions {")
        .nth(1)
        .unwrap()
        .split("\n}")
        .next()
        .unwrap()
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next());
    let names: Vec<_> = names.collect();
    assert_eq!(names.len(), 28);
    for name in names {
        assert!(written.contains(&format!("`{name}`")), "{name} has no entry");
    }
}
