use mock_ghl::{LOCATION_ID, Model};
use serde_json::{Value, json};

use crate::support::{Api, column, text};

const LIST: &str = "/opportunities/search?location_id=SaunaLocation0000001";

/// Two contacts, `count` opportunities in turn, one millisecond apart except for every third.
fn seeded(count: usize) -> Api {
    let mut api = Api::unlimited();
    let ann = api.contact(json!({ "firstName": "Ann", "email": "ann@example.com" }));
    let bob = api.contact(json!({ "firstName": "Bob", "email": "bob@example.com", "phone": "+49151" }));
    for at in 0..count {
        api.opportunity(if at % 2 == 0 { &ann } else { &bob }, &format!("Order #{at}"));
        api.now += i64::from(at % 3 != 0);
    }
    api
}

fn names(reply: &Value) -> Vec<String> {
    column(&reply["opportunities"], "name")
}

#[test]
fn the_list_pages_by_number_and_by_cursor() {
    let mut api = seeded(45);
    let (status, first) = api.get(LIST);
    assert_eq!((status, names(&first).len()), (200, 20));
    assert_eq!(first["meta"]["total"], 45);
    assert_eq!((&first["meta"]["nextPage"], &first["meta"]["prevPage"]), (&json!(2), &Value::Null));
    let (mut by_page, mut by_cursor, mut by_url) = (Vec::new(), Vec::new(), Vec::new());
    for page in 1..=3 {
        by_page.extend(names(&api.get(&format!("{LIST}&limit=20&page={page}")).1));
    }
    let (mut cursor, mut url) = (String::new(), format!("{LIST}&limit=7"));
    for _ in 0..45 {
        let (_, reply) = api.get(&format!("{LIST}&limit=7{cursor}"));
        by_cursor.extend(names(&reply));
        let (_, via_url) = api.get(&url);
        by_url.extend(names(&via_url));
        let meta = &reply["meta"];
        cursor = format!("&startAfter={}&startAfterId={}", meta["startAfter"], text(&meta["startAfterId"]));
        match via_url["meta"]["nextPageUrl"].as_str() {
            Some(next) => url = next.strip_prefix("https://services.leadconnectorhq.com").unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(by_page.len(), 45);
    assert_eq!(by_page[0], "Order #44");
    assert_eq!(by_cursor, by_page);
    assert_eq!(by_url, by_page);
}

#[test]
fn the_lists_names_are_snake_case_and_version_3_renames_them() {
    let mut api = seeded(4);
    let (status, reply) = api.get("/opportunities/search?locationId=SaunaLocation0000001");
    assert_eq!((status, &reply["message"]), (422, &json!(["property locationId should not exist"])));
    assert_eq!(api.get("/opportunities/search").0, 422);
    assert_eq!(api.get(&format!("{LIST}&limit=101")).0, 422);
    assert_eq!(api.get(&format!("{LIST}&limit=x")).0, 422);
    api.version = "v3".to_owned();
    assert_eq!(api.get(LIST).0, 422);
    let (status, reply) = api.get("/opportunities/search?locationId=SaunaLocation0000001&limit=100");
    assert_eq!((status, names(&reply).len()), (200, 4));
}

#[test]
fn the_list_filters() {
    let mut api = seeded(5);
    let ann = api.ghl.contacts().find(|contact| contact.text("firstName") == Some("Ann")).unwrap().id.clone();
    let third =
        api.ghl.opportunities().find(|opportunity| opportunity.name == "Order #3").unwrap().id.clone();
    let shipped = api.stage_id("Shipped");
    api.put(&format!("/opportunities/{third}"), json!({ "pipelineStageId": shipped, "status": "won" }));
    let mut found = |query: &str| {
        let (status, reply) = api.get(&format!("{LIST}&{query}"));
        assert_eq!(status, 200, "{query} {reply}");
        let mut numbers: Vec<_> = names(&reply).iter().map(|name| name[7..].to_owned()).collect();
        numbers.sort();
        numbers.concat()
    };
    assert_eq!(found(&format!("contact_id={ann}")), "024");
    assert_eq!(found(&format!("pipeline_stage_id={shipped}")), "3");
    assert_eq!(found("status=open"), "0124");
    assert_eq!(found("status=all"), "01234");
    assert_eq!(found("q=order%20%232"), "2");
    assert_eq!(found("q=bob@"), "13");
    assert_eq!(found("q=%2B49151"), "13");
    assert_eq!(found(&format!("id={third}")), "3");
    assert_eq!(found("pipeline_id=other"), "");
    assert_eq!(found("date=03-02-2026&endDate=03-02-2026"), "01234");
    assert_eq!(found("date=03-03-2026"), "");
    assert_eq!(api.get(&format!("{LIST}&date=2026-03-02")).0, 422);
}

#[test]
fn rows_carry_the_contact_and_typed_fields() {
    let mut api = seeded(1);
    let opportunity = api.ghl.opportunities().next().unwrap().id.clone();
    let payment = api.field_id(Model::Opportunity, "stripe_payment_id");
    let body = json!({ "customFields": [{ "id": payment, "field_value": "pi_1" }] });
    api.put(&format!("/opportunities/{opportunity}"), body);
    let (_, reply) = api.get(LIST);
    let row = &reply["opportunities"][0];
    assert_eq!(row["customFields"], json!([{ "id": payment, "type": "string", "fieldValueString": "pi_1" }]));
    assert_eq!(row["contact"]["email"], "ann@example.com");
    assert_eq!(row["contact"].get("customFields"), None);
}

#[test]
fn post_search_walks_everything_by_its_cursor() {
    let mut api = seeded(23);
    let (mut seen, mut body) = (Vec::new(), json!({ "locationId": LOCATION_ID, "limit": 5 }));
    for _ in 0..23 {
        let (status, reply) = api.post("/opportunities/search", body.clone());
        assert_eq!((status, &reply["total"]), (200, &json!(23)), "{reply}");
        seen.extend(names(&reply));
        let Some(last) = reply["opportunities"].as_array().unwrap().last() else { break };
        body["searchAfter"] = last["searchAfter"].clone();
    }
    let listed = api.get(&format!("{LIST}&limit=100")).1;
    assert_eq!(seen, names(&listed));
    for (name, value) in [("limit", json!(501)), ("page", json!(1)), ("pageLimit", json!(5))] {
        let mut bad = body.clone();
        bad[name] = value;
        assert_eq!(api.post("/opportunities/search", bad).0, 422, "{name}");
    }
}

#[test]
fn post_search_filters_and_sorts_by_update_time() {
    let mut api = seeded(3);
    let since = api.now + 10;
    api.now += 10;
    let id = api.ghl.opportunities().find(|opportunity| opportunity.name == "Order #0").unwrap().id.clone();
    api.put(&format!("/opportunities/{id}"), json!({ "name": "Order #0b" }));
    let (_, reply) = api.post(
        "/opportunities/search",
        json!({
            "locationId": LOCATION_ID,
            "limit": 10,
            "filters": [{ "field": "updatedAt", "operator": "range", "value": { "gte": since } }],
        }),
    );
    assert_eq!(names(&reply), ["Order #0b"]);
    let sort = json!([{ "field": "updatedAt", "direction": "desc" }]);
    let body = json!({ "locationId": LOCATION_ID, "limit": 1, "sort": sort });
    assert_eq!(names(&api.post("/opportunities/search", body).1), ["Order #0b"]);
}

#[test]
fn both_searches_lag() {
    let mut api = Api::with(|settings| settings.search_lag_ms = 500);
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let id = api.opportunity(&contact, "Order #1");
    let body = json!({ "locationId": LOCATION_ID, "limit": 10 });
    assert!(names(&api.get(LIST).1).is_empty());
    assert_eq!(api.post("/opportunities/search", body.clone()).1["total"], 0);
    api.now += 500;
    assert_eq!(names(&api.get(LIST).1), ["Order #1"]);
    let shipped = api.stage_id("Shipped");
    api.put(&format!("/opportunities/{id}"), json!({ "pipelineStageId": shipped }));
    let listed = |api: &mut Api| text(&api.get(LIST).1["opportunities"][0]["pipelineStageId"]);
    assert_ne!(listed(&mut api), shipped);
    assert_eq!(text(&api.get(&format!("/opportunities/{id}")).1["opportunity"]["pipelineStageId"]), shipped);
    api.now += 500;
    assert_eq!(listed(&mut api), shipped);
    api.delete(&format!("/opportunities/{id}"), json!({}));
    assert_eq!(api.post("/opportunities/search", body.clone()).1["total"], 1, "deleted, and still found");
    api.now += 500;
    assert_eq!(api.post("/opportunities/search", body).1["total"], 0);
}
