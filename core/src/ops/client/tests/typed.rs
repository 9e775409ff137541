//! Every operation by name is a function in Rust too, which makes the same request.

use std::collections::BTreeSet;

use super::every_op::rows;
use crate::{
    api::{
        calendars, contacts, conversations, custom_fields, custom_values, locations, opportunities, payments,
        pipelines, tags, users,
    },
    client::ApiRequest,
    ids::{
        CalendarId, ContactId, ConversationId, CustomFieldId, CustomValueId, EventId, LocationId, MessageId,
        NoteId, OpportunityId, PaymentOrderId, TagId, TaskId, UserId, WorkflowId,
    },
};

/// Method, path, query and body, as the rows have them.
fn line<T>(request: ApiRequest<T>) -> String {
    let query = request.query_string();
    let question = if query.is_empty() { "" } else { "?" };
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    format!("{} {}{question}{query} {body}", request.method().as_str(), request.path()).trim_end().to_owned()
}

/// As an input is read from JSON.
fn input<T: serde::de::DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

fn of_contacts() -> Vec<String> {
    let (location, id) = (LocationId::new("loc1"), ContactId::new("con1"));
    let (note, task, workflow) = (NoteId::new("note1"), TaskId::new("task1"), WorkflowId::new("wf1"));
    let (ids, tags) = ([id.clone()], ["vip".to_owned()]);
    use contacts::{notes, tasks};
    vec![
        line(contacts::create(&location, &input("{}"), &[])),
        line(contacts::get(&id)),
        line(contacts::update(&id, &input("{}"))),
        line(contacts::upsert(&location, &input("{}"))),
        line(contacts::delete(&id)),
        line(contacts::find_duplicate(&location, Some("a@example.com"), None)),
        line(contacts::search(&location, &contacts::ContactSearch::default())),
        line(contacts::list(&location, &contacts::ContactList::default())),
        line(contacts::add_tags(&id, &tags)),
        line(contacts::remove_tags(&id, &tags)),
        line(contacts::add_tags_to_all(&location, &ids, &tags)),
        line(contacts::remove_tags_of_all(&location, &ids, &tags, true)),
        line(contacts::appointments(&id)),
        line(contacts::add_to_workflow(&id, &workflow, Some("2026-10-25T11:00:00+03:00"))),
        line(contacts::remove_from_workflow(&id, &workflow, None)),
        line(notes::list(&id)),
        line(notes::create(&id, &input(r#"{"body":"b"}"#))),
        line(notes::get(&id, &note)),
        line(notes::update(&id, &note, &input(r#"{"pinned":true}"#))),
        line(notes::delete(&id, &note)),
        line(tasks::list(&id)),
        line(tasks::search(&location, &tasks::TaskSearch::default())),
        line(tasks::create(&id, &input(r#"{"title":"t","dueDate":"2026-10-25T11:00:00Z"}"#))),
        line(tasks::get(&id, &task)),
        line(tasks::update(&id, &task, &input(r#"{"title":"t"}"#))),
        line(tasks::complete(&id, &task, true)),
        line(tasks::delete(&id, &task)),
    ]
}

fn of_opportunities() -> Vec<String> {
    let (location, id) = (LocationId::new("loc1"), OpportunityId::new("opp1"));
    let new = r#"{"pipelineId":"pip1","name":"n","contactId":"con1"}"#;
    let upsert = r#"{"pipelineId":"pip1","contactId":"con1"}"#;
    let users = [UserId::new("usr1")];
    use opportunities as all;
    vec![
        line(all::create(&location, &input(new))),
        line(all::get(&id)),
        line(all::update(&id, &input("{}"))),
        line(all::update_status(&id, all::OpportunityStatus::Won)),
        line(all::delete(&id)),
        line(all::search(&location, &all::OpportunitySearch::default())),
        line(all::search_filtered(&location, &all::FilteredSearch::default())),
        line(all::upsert(&location, &input(upsert))),
        line(all::add_followers(&id, &users)),
        line(all::remove_followers(&id, &users)),
        line(all::lost_reasons(&location, &input("{}"))),
        line(pipelines::list(&location)),
    ]
}

fn of_calendars() -> Vec<String> {
    let (location, id, user) = (LocationId::new("loc1"), CalendarId::new("cal1"), UserId::new("usr1"));
    let (event, slot, note) = (EventId::new("evt1"), EventId::new("evt2"), NoteId::new("note1"));
    let times = r#"{"calendarId":"cal1","startTime":1,"endTime":2}"#;
    let appointment = r#"{"calendarId":"cal1","contactId":"con1","startTime":"2026-10-25T11:00:00+02:00"}"#;
    let blocked = r#"{"calendarId":"cal1"}"#;
    use calendars as all;
    vec![
        line(all::list(&location, None, None)),
        line(all::get(&id)),
        line(all::free_slots(&id, 1, 2, &user, "UTC")),
        line(all::events(&location, &input(times))),
        line(all::blocked_slots(&location, &input(times))),
        line(all::block_slot(&location, &input(blocked))),
        line(all::update_blocked_slot(&location, &slot, &input(blocked))),
        line(all::delete_event(&slot)),
        line(all::create_appointment(&location, &input(appointment))),
        line(all::get_appointment(&event)),
        line(all::update_appointment(&event, &input("{}"))),
        line(all::delete_event(&event)),
        line(all::notes(&input(r#"{"eventId":"evt1"}"#))),
        line(all::create_note(&event, "b", Some(&user))),
        line(all::update_note(&event, &note, "b", None)),
        line(all::delete_note(&event, &note)),
    ]
}

fn of_locations() -> Vec<String> {
    let location = LocationId::new("loc1");
    let (field, value, tag) = (CustomFieldId::new("f1"), CustomValueId::new("cv1"), TagId::new("t1"));
    let new = r#"{"name":"n","dataType":"TEXT","model":"contact"}"#;
    vec![
        line(custom_fields::list(&location, custom_fields::Model::Contact)),
        line(custom_fields::create(&location, &input(new))),
        line(custom_fields::get(&location, &field)),
        line(custom_fields::update(&location, &field, "n", None)),
        line(custom_fields::delete(&location, &field)),
        line(custom_values::list(&location)),
        line(custom_values::create(&location, "n", "v")),
        line(custom_values::get(&location, &value)),
        line(custom_values::update(&location, &value, "n", "v")),
        line(custom_values::delete(&location, &value)),
        line(tags::list(&location)),
        line(tags::create(&location, "n")),
        line(tags::get(&location, &tag)),
        line(tags::update(&location, &tag, "n")),
        line(tags::delete(&location, &tag)),
        line(users::get(&UserId::new("usr1"))),
        line(users::search(&location, &input(r#"{"companyId":"com1"}"#))),
        line(locations::get(&location)),
        line(locations::search(&input("{}"))),
    ]
}

fn of_conversations_and_payments() -> Vec<String> {
    let (location, contact) = (LocationId::new("loc1"), ContactId::new("con1"));
    let (id, message) = (ConversationId::new("cnv1"), MessageId::new("msg1"));
    let order = PaymentOrderId::new("po1");
    use conversations as all;
    vec![
        line(all::create(&location, &contact)),
        line(all::get(&id)),
        line(all::search(&location, &all::ConversationQuery::default())),
        line(all::messages(&id, 5)),
        line(all::send(&input(r#"{"type":"SMS","contactId":"con1","message":"m"}"#))),
        line(all::message(&message)),
        line(all::email(&MessageId::new("eml1"))),
        line(all::update_status(&message, all::DeliveryStatus::Delivered)),
        line(payments::list(&location, &input("{}"))),
        line(payments::get(&location, &order)),
        line(payments::fulfillments(&location, &order)),
        line(payments::fulfil(&location, &order, &[], &[], true)),
    ]
}

/// Method and path.
fn route(line: &str) -> &str {
    let end = line.match_indices([' ', '?']).nth(1).map_or(line.len(), |(at, _)| at);
    &line[..end]
}

#[test]
fn no_operation_is_left_out() {
    let lines =
        [of_contacts(), of_opportunities(), of_calendars(), of_locations(), of_conversations_and_payments()];
    let lines = lines.concat();
    let typed: BTreeSet<&str> = lines.iter().map(|line| route(line)).collect();
    let by_name: BTreeSet<&str> = rows().map(|row| route(row.2)).collect();
    assert_eq!(typed, by_name);
}

#[test]
fn a_function_says_what_the_operation_says() {
    let lines =
        [of_contacts(), of_opportunities(), of_calendars(), of_locations(), of_conversations_and_payments()];
    let lines = lines.concat();
    for expected in [
        r#"POST /contacts/con1/workflow/wf1 {"eventStartTime":"2026-10-25T11:00:00+03:00"}"#,
        "DELETE /contacts/con1/workflow/wf1 {}",
        "GET /contacts/?locationId=loc1&limit=100",
        r#"POST /contacts/bulk/tags/update/add {"locationId":"loc1","contacts":["con1"],"tags":["vip"]}"#,
        r#"POST /contacts/bulk/tags/update/remove {"locationId":"loc1","contacts":["con1"],"tags":["vip"],"removeAllTags":true}"#,
        r#"PUT /contacts/con1/notes/note1 {"pinned":true}"#,
        r#"POST /contacts/con1/tasks {"title":"t","dueDate":"2026-10-25T11:00:00Z","completed":false}"#,
        r#"PUT /contacts/con1/tasks/task1/completed {"completed":true}"#,
        r#"POST /locations/loc1/tasks/search {"skip":0,"limit":100}"#,
        r#"POST /opportunities/opp1/followers {"followers":["usr1"]}"#,
        "GET /opportunities/lost-reason?locationId=loc1&skip=0&limit=100",
        "GET /calendars/?locationId=loc1",
        "DELETE /calendars/events/evt1 {}",
        r#"PUT /calendars/events/block-slots/evt2 {"locationId":"loc1","calendarId":"cal1"}"#,
        r#"POST /calendars/appointments/evt1/notes {"body":"b","userId":"usr1"}"#,
        "GET /calendars/appointments/evt1/notes?offset=0&limit=20",
        r#"PUT /locations/loc1/customFields/f1 {"name":"n"}"#,
        r#"PUT /locations/loc1/customValues/cv1 {"name":"n","value":"v"}"#,
        "GET /locations/search?skip=0&limit=10",
        r#"POST /conversations/ {"locationId":"loc1","contactId":"con1"}"#,
        r#"PUT /conversations/messages/msg1/status {"status":"delivered"}"#,
        "GET /payments/orders?altId=loc1&altType=location&offset=0&limit=100",
        r#"POST /payments/orders/po1/fulfillments {"altId":"loc1","altType":"location","trackings":[],"items":[],"notifyCustomer":true}"#,
    ] {
        let same: Vec<_> = lines.iter().filter(|line| route(line) == route(expected)).collect();
        assert!(same.contains(&&expected.to_owned()), "{expected}: {same:?}");
    }
}
