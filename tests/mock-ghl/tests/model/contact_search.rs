use mock_ghl::{LOCATION_ID, Model};
use serde_json::{Value, json};

use crate::support::{Api, column};

fn search(api: &mut Api, mut body: Value) -> (u16, Value) {
    body["locationId"] = json!(LOCATION_ID);
    api.post("/contacts/search", body)
}

fn seeded(count: usize) -> Api {
    let mut api = Api::unlimited();
    for at in 0..count {
        let email = format!("c{at:05}@example.com");
        api.ghl.seed_contact(api.now, LOCATION_ID, &[("email", &email)], &[]).unwrap();
        api.now += i64::from(at % 3 != 0);
    }
    api
}

fn emails(reply: &Value) -> Vec<String> {
    column(&reply["contacts"], "email")
}

#[test]
fn pages_and_cursors_walk_every_contact_once_newest_first() {
    let mut api = seeded(25);
    let (status, first) = search(&mut api, json!({ "pageLimit": 10, "page": 1 }));
    assert_eq!((status, &first["total"]), (200, &json!(25)));
    assert_eq!(emails(&first)[0], "c00024@example.com");
    let mut by_page = emails(&first);
    for page in 2..=3 {
        by_page.extend(emails(&search(&mut api, json!({ "pageLimit": 10, "page": page })).1));
    }
    let (mut by_cursor, mut cursor) = (Vec::new(), Value::Null);
    for _ in 0..25 {
        let body = match &cursor {
            Value::Null => json!({ "pageLimit": 7 }),
            cursor => json!({ "pageLimit": 7, "searchAfter": cursor }),
        };
        let (_, reply) = search(&mut api, body);
        let Some(last) = reply["contacts"].as_array().unwrap().last() else { break };
        cursor = last["searchAfter"].clone();
        by_cursor.extend(emails(&reply));
    }
    assert_eq!(by_page.len(), 25);
    assert_eq!(by_page, by_cursor);
    let mut sorted = by_page.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), 25);
}

#[test]
fn pages_end_at_ten_thousand_and_a_cursor_goes_on() {
    let mut api = seeded(10_001);
    let (status, last_page) = search(&mut api, json!({ "pageLimit": 500, "page": 20 }));
    assert_eq!((status, &last_page["total"]), (200, &json!(10_001)));
    let (status, reply) = search(&mut api, json!({ "pageLimit": 500, "page": 21 }));
    assert_eq!(status, 400);
    assert!(reply["message"].as_str().unwrap().contains("searchAfter"), "{reply}");
    let cursor = last_page["contacts"][499]["searchAfter"].clone();
    let (_, beyond) = search(&mut api, json!({ "pageLimit": 500, "searchAfter": cursor }));
    assert_eq!(emails(&beyond).len(), 1);
    assert!(!emails(&last_page).contains(&emails(&beyond)[0]));
}

#[test]
fn bad_bodies_are_refused() {
    let mut api = seeded(1);
    for body in [
        json!({}),
        json!({ "pageLimit": 501 }),
        json!({ "pageLimit": 0 }),
        json!({ "pageLimit": 10, "page": 0 }),
        json!({ "pageLimit": 10, "page": 1, "searchAfter": [1, "x"] }),
        json!({ "pageLimit": 10, "searchAfter": ["x"] }),
        json!({ "pageLimit": 10, "limit": 10 }),
        json!({ "pageLimit": 10, "query": "x".repeat(76) }),
        json!({ "pageLimit": 10, "filters": [{ "field": "email" }] }),
        json!({ "pageLimit": 10, "filters": [{ "field": "email", "operator": "like", "value": "x" }] }),
        json!({ "pageLimit": 10, "filters": [{ "group": "XOR", "filters": [] }] }),
    ] {
        let (status, reply) = search(&mut api, body.clone());
        assert_eq!(status, 422, "{body} {reply}");
    }
    assert_eq!(search(&mut api, json!({ "pageLimit": 10, "query": "x".repeat(75) })).0, 200);
}

#[test]
fn filters_narrow_and_groups_combine() {
    let mut api = Api::unlimited();
    let field = api.field_id(Model::Contact, "order_number");
    let start = api.now;
    for (email, tags, order) in [
        ("ann@example.com", json!(["vip"]), Some("1001")),
        ("bob@example.com", json!(["vip", "late"]), None),
        ("cleo@shop.example", json!([]), Some("1003")),
    ] {
        let fields = order.map(|order| json!([{ "id": field, "field_value": order }])).unwrap_or(json!([]));
        api.contact(json!({ "email": email, "tags": tags, "customFields": fields }));
        api.now += 1_000;
    }
    let mut found = |filters: Value| {
        let (status, reply) = search(&mut api, json!({ "pageLimit": 10, "filters": filters }));
        assert_eq!(status, 200, "{reply}");
        let mut found: Vec<_> = emails(&reply).iter().map(|email| email[..1].to_owned()).collect();
        found.sort();
        found.concat()
    };
    let one = |field: &str, operator: &str, value: Value| json!([{ "field": field, "operator": operator, "value": value }]);
    assert_eq!(found(one("email", "eq", json!("ANN@example.com"))), "a");
    assert_eq!(found(one("email", "not_eq", json!("ann@example.com"))), "bc");
    assert_eq!(found(one("email", "contains", json!("example.com"))), "ab");
    assert_eq!(found(one("email", "not_contains", json!("example.com"))), "c");
    assert_eq!(found(one("tags", "eq", json!("vip"))), "ab");
    assert_eq!(found(one("tags", "eq", json!(["vip", "late"]))), "b");
    assert_eq!(found(one(&format!("customFields.{field}"), "exists", Value::Null)), "ac");
    assert_eq!(found(one(&format!("customFields.{field}"), "eq", json!("1003"))), "c");
    assert_eq!(found(one("phone", "not_exists", Value::Null)), "abc");
    assert_eq!(found(one("dateAdded", "range", json!({ "gt": start, "lte": start + 2_000 }))), "bc");
    assert_eq!(found(one("dateUpdated", "range", json!({ "lt": "2026-03-02T00:00:01.000Z" }))), "a");
    let either = json!([{ "group": "OR", "filters": [
        { "field": "email", "operator": "eq", "value": "ann@example.com" },
        { "field": "email", "operator": "eq", "value": "cleo@shop.example" },
    ] }, { "field": "tags", "operator": "contains", "value": "vip" }]);
    assert_eq!(found(either), "a");
}

#[test]
fn sort_orders_by_any_property_and_its_cursor_follows() {
    let mut api = Api::unlimited();
    for name in ["Cleo", "ann", "Bob", "Bob"] {
        api.contact(json!({ "firstName": name }));
    }
    let sort = json!([{ "field": "firstName", "direction": "asc" }]);
    let (_, first) = search(&mut api, json!({ "pageLimit": 2, "sort": sort }));
    assert_eq!(column(&first["contacts"], "firstName"), ["ann", "Bob"]);
    let cursor = first["contacts"][1]["searchAfter"].clone();
    let (_, rest) = search(&mut api, json!({ "pageLimit": 5, "sort": sort, "searchAfter": cursor }));
    assert_eq!(column(&rest["contacts"], "firstName"), ["Bob", "Cleo"]);
}

#[test]
fn searches_lag_and_reads_by_id_do_not() {
    let mut api = Api::with(|settings| settings.search_lag_ms = 2_000);
    let id = api.contact(json!({ "email": "a@example.com" }));
    let lookup = format!("/contacts/search/duplicate?locationId={LOCATION_ID}&email=A%40example.com");
    assert_eq!(api.get(&format!("/contacts/{id}")).0, 200);
    assert_eq!(search(&mut api, json!({ "pageLimit": 5 })).1["total"], 0);
    assert_eq!(api.get(&lookup).1["contact"], Value::Null);
    api.now += 2_000;
    assert_eq!(search(&mut api, json!({ "pageLimit": 5 })).1["total"], 1);
    assert_eq!(api.get(&lookup).1["contact"]["id"], json!(id));
    // The refusal of a duplicate never lags.
    api.put(&format!("/contacts/{id}"), json!({ "email": "b@example.com" }));
    assert_eq!(api.get(&lookup).1["contact"]["id"], json!(id), "still under the old address");
    let (status, _) = api.post("/contacts/", json!({ "locationId": LOCATION_ID, "email": "b@example.com" }));
    assert_eq!(status, 400);
}

#[test]
fn the_duplicate_lookup_needs_an_address_and_a_coded_plus() {
    let mut api = Api::unlimited();
    let id = api.contact(json!({ "email": "a+b@example.com", "phone": "+358401234567" }));
    let path = format!("/contacts/search/duplicate?locationId={LOCATION_ID}");
    assert_eq!(api.get(&path).0, 422);
    assert_eq!(api.get("/contacts/search/duplicate?email=a@b.c").0, 422);
    assert_eq!(api.get(&format!("{path}&email=a%2Bb@example.com")).1["contact"]["id"], json!(id));
    assert_eq!(api.get(&format!("{path}&email=a+b@example.com")).1["contact"], Value::Null);
    assert_eq!(api.get(&format!("{path}&number=%2B358401234567")).1["contact"]["id"], json!(id));
}
