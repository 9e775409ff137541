use mock_ghl::{Author, LOCATION_ID};
use serde_json::json;

use crate::support::Api;

fn ordered() -> (Api, String, String) {
    let mut api = Api::unlimited();
    let contact = api.contact(json!({ "email": "a@example.com", "phone": "+1111111", "tags": ["vip"] }));
    let opportunity = api.opportunity(&contact, "Order #1");
    api.events();
    (api, contact, opportunity)
}

#[test]
fn a_stage_is_moved_by_id_name_or_key_and_the_history_says_by_whom() {
    let (mut api, _, opportunity) = ordered();
    let delivered = api.stage_id("Delivered");
    for (at, stage) in ["Shipped", "stage_quality_check", &delivered].into_iter().enumerate() {
        api.ghl.move_stage(api.now + 1 + at as i64, &opportunity, stage).unwrap();
    }
    let names: Vec<_> = api
        .ghl
        .stage_history(&opportunity)
        .iter()
        .map(|change| {
            (change.at - api.now, api.ghl.stage(&change.stage_id).unwrap().name.as_str(), change.by)
        })
        .collect();
    assert_eq!(
        names,
        [
            (0, "New Order", Author::Api),
            (1, "Shipped", Author::Human),
            (2, "Quality Check", Author::Human),
            (3, "Delivered", Author::Human)
        ]
    );
    let opportunity = api.ghl.opportunity(&opportunity).unwrap();
    assert_eq!(opportunity.last_stage_change_at, api.now + 3);
    assert_eq!(api.events().iter().filter(|event| *event == "workflow").count(), 3);
}

#[test]
fn what_is_not_there_is_named() {
    let (mut api, contact, opportunity) = ordered();
    let now = api.now;
    let ghl = &mut api.ghl;
    let told = |done: mock_ghl::Done| done.unwrap_err().to_string();
    assert_eq!(told(ghl.move_stage(now, "x", "Shipped")), "there is no opportunity `x`");
    assert_eq!(told(ghl.move_stage(now, &opportunity, "Lost")), "there is no stage `Lost`");
    assert_eq!(told(ghl.set_contact_field(now, &contact, "colour", json!(1))), "there is no field `colour`");
    assert_eq!(told(ghl.set_contact_field(now, "x", "order_status", json!(1))), "there is no contact `x`");
    assert_eq!(told(ghl.set_opportunity_status(now, &opportunity, "done")), "there is no status `done`");
    assert_eq!(told(ghl.merge_contacts(now, &contact, "x")), "there is no contact `x`");
    assert_eq!(
        told(ghl.merge_contacts(now, &contact, &contact)),
        format!("there is no other contact `{contact}`")
    );
    assert_eq!(told(ghl.delete_contact(now, "x")), "there is no contact `x`");
    assert!(api.events().is_empty());
    assert!(api.ghl.contact(&contact).is_some());
}

#[test]
fn fields_tags_and_details_are_edited_with_the_same_events_as_by_the_api() {
    let (mut api, contact, opportunity) = ordered();
    api.ghl.set_contact_field(api.now, &contact, "order_status", json!("shipped")).unwrap();
    assert_eq!(api.events(), ["ContactUpdate"]);
    assert_eq!(api.ghl.contact_fields(&contact)["order_status"], "shipped");
    api.ghl.add_contact_tag(api.now, &contact, "late").unwrap();
    api.ghl.remove_contact_tag(api.now, &contact, "vip").unwrap();
    assert_eq!(api.events(), ["ContactTagUpdate", "ContactUpdate", "ContactTagUpdate", "ContactUpdate"]);
    assert_eq!(api.ghl.contact(&contact).unwrap().tags, ["late"]);
    api.ghl.set_contact_standard_field(api.now, &contact, "phone", "").unwrap();
    assert_eq!(api.ghl.contact(&contact).unwrap().text("phone"), None);
    api.events();
    api.ghl.set_opportunity_status(api.now, &opportunity, "won").unwrap();
    assert_eq!(api.events(), ["OpportunityUpdate", "OpportunityStatusUpdate"]);
    api.ghl.delete_opportunity(api.now, &opportunity).unwrap();
    assert_eq!(api.events(), ["OpportunityDelete"]);
}

#[test]
fn merging_moves_opportunities_tags_and_blanks() {
    let (mut api, from, opportunity) = ordered();
    let into = api.contact(json!({ "email": "b@example.com", "tags": ["old"] }));
    api.events();
    api.ghl.merge_contacts(api.now, &from, &into).unwrap();
    assert_eq!(api.events(), ["OpportunityUpdate", "ContactDelete", "ContactTagUpdate", "ContactUpdate"]);
    assert_eq!(api.get(&format!("/contacts/{from}")).0, 404);
    assert_eq!(api.ghl.opportunity(&opportunity).unwrap().contact_id, into);
    let merged = api.ghl.contact(&into).unwrap();
    assert_eq!((merged.text("email"), merged.text("phone")), (Some("b@example.com"), Some("+1111111")));
    assert_eq!(merged.tags, ["old", "vip"]);
}

#[test]
fn a_seeded_contact_is_a_duplicate_like_any_other() {
    let mut api = Api::unlimited();
    let details = [("name", "Mikko Laine"), ("email", "m@example.com")];
    let id = api.ghl.seed_contact(0, LOCATION_ID, &details, &["vip", "newsletter"]).unwrap();
    let (status, reply) =
        api.post("/contacts/", json!({ "locationId": LOCATION_ID, "email": "M@example.com" }));
    assert_eq!((status, &reply["meta"]["contactId"]), (400, &json!(id)));
    assert_eq!(api.ghl.contact(&id).unwrap().tags, ["vip", "newsletter"]);
    assert_eq!(api.ghl.contact(&id).unwrap().text("lastName"), Some("Laine"));
    assert!(api.ghl.seed_contact(0, "nowhere", &details, &[]).is_err());
}

#[test]
fn the_state_in_json_has_fields_by_key_and_stages_in_words() {
    let (mut api, contact, opportunity) = ordered();
    api.ghl.set_contact_field(api.now, &contact, "progress_percentage", json!(25)).unwrap();
    api.ghl.move_stage(api.now, &opportunity, "Processing").unwrap();
    let state = api.ghl.state_json();
    assert_eq!(state["contacts"][0]["fieldsByKey"], json!({ "progress_percentage": 25 }));
    assert_eq!(state["opportunities"][0]["stageKey"], "stage_processing");
    assert_eq!(state["locations"][0]["pipelines"][0]["stages"].as_array().unwrap().len(), 8);
    assert_eq!(state["counters"]["writes"], 2);
}
