//! Custom fields by key or name: what is asked, what is sent, and what is refused.

use futures::future::join_all;
use serde_json::Value;

use super::{called, line};
use crate::{
    api::testing::Rig,
    ops::call,
    testing::{Step, drive},
};

const FIELDS: &str = r#"{"customFields":[
    {"id":"f1","name":"Order status","fieldKey":"contact.order_status","dataType":"TEXT"},
    {"id":"f2","name":"Order total","fieldKey":"contact.order_total","dataType":"MONETORY"},
    {"id":"f3","name":"Note","fieldKey":"contact.note"},{"id":"f4","name":"NOTE","fieldKey":"contact.note_2"},
    {"id":"f5"}]}"#;
const LIST: &str = "GET /locations/loc1/customFields?model=contact";

fn lines(rig: &Rig) -> Vec<String> {
    rig.transport.sent().iter().map(line).collect()
}

fn fields(rig: &Rig) -> &Rig {
    rig.transport.then(Step::reply(200, FIELDS));
    rig
}

/// Upserts a contact with these fields: the reply, or the error.
fn upsert(rig: &Rig, custom_fields: &str) -> Value {
    let args = format!(r#"{{"contact":{{"customFields":{custom_fields}}}}}"#);
    serde_json::from_str(&called(rig, "contacts.upsert", &args, "{}")).unwrap()
}

fn rig() -> Rig {
    let rig = Rig::new();
    rig.transport.otherwise(Step::reply(200, r#"{"contact":{"id":"con1"}}"#));
    rig
}

#[test]
fn ids_are_sent_in_place_of_keys_and_names() {
    let rig = rig();
    fields(&rig);
    let given = r#"[{"key":"order_status","value":"shipped"},{"value":4999.00,"name":"Order total"},
        {"id":"f9","value":null},{"key":"contact.note","value":["a"]},{"name":" order STATUS ","value":1},{"name":"NOTE","value":2}]"#;
    assert!(upsert(&rig, given)["ok"].is_object());
    let sent = concat!(
        r#"POST /contacts/upsert {"locationId":"loc1","customFields":[{"id":"f1","field_value":"shipped"},"#,
        r#"{"id":"f2","field_value":4999.00},{"id":"f9","field_value":null},{"id":"f3","field_value":["a"]},"#,
        r#"{"id":"f1","field_value":1},{"id":"f4","field_value":2}]}"#,
    );
    assert_eq!(lines(&rig), [LIST, sent]);
    upsert(&rig, r#"[{"key":"order_total","value":1}]"#);
    assert_eq!(rig.transport.sent().len(), 3, "the list is kept");
}

#[test]
fn who_names_ids_is_not_kept_waiting() {
    let rig = rig();
    upsert(&rig, r#"[{"id":"f1","key":"unheard_of","value":"customFields"}]"#);
    called(&rig, "contacts.upsert", r#"{"contact":{"source":"customFields"}}"#, "{}");
    assert_eq!(rig.transport.sent().len(), 2, "{:?}", lines(&rig));
}

#[test]
fn opportunities_have_fields_of_their_own() {
    let rig = Rig::new();
    let list = r#"{"customFields":[{"id":"o1","name":"Payment","fieldKey":"opportunity.order_status"}]}"#;
    rig.transport.then(Step::reply(200, list)).otherwise(Step::reply(200, r#"{"id":"opp1"}"#));
    let args =
        r#"{"opportunityId":"opp1","opportunity":{"customFields":[{"key":"order_status","value":"x"}]}}"#;
    called(&rig, "opportunities.update", args, "{}");
    let sent = r#"PUT /opportunities/opp1 {"customFields":[{"id":"o1","field_value":"x"}]}"#;
    assert_eq!(lines(&rig), ["GET /locations/loc1/customFields?model=opportunity", sent]);
}

#[test]
fn what_is_unknown_is_looked_for_once_more_and_then_named_with_what_is_near() {
    let rig = rig();
    fields(&rig);
    upsert(&rig, r#"[{"key":"note","value":1}]"#);
    for (field, place, says) in [
        (
            r#"{"key":"order_statu","value":1}"#,
            "key",
            "the location has no contact field with the key `order_statu`; near are `order_status`",
        ),
        (
            r#"{"name":"Ordr totl","value":1}"#,
            "name",
            "the location has no contact field with the name `Ordr totl`; near are `Order total`",
        ),
        (r#"{"key":"colour","value":1}"#, "key", "the location has no contact field with the key `colour`"),
        (
            r#"{"name":"note","value":1}"#,
            "name",
            "expected one field, and several have this name; name it by its key or id",
        ),
    ] {
        let before = rig.transport.sent().len();
        rig.clock.advance(1);
        if place == "key" || field.contains("Ordr") {
            fields(&rig);
        }
        let error = upsert(&rig, &format!(r#"[{{"id":"f1","value":1}},{field}]"#))["error"].clone();
        let place = format!("contact.customFields[1].{place}");
        assert_eq!(
            (&error["code"], &error["field"]),
            (&"invalid_argument".into(), &(*place).into()),
            "{error}"
        );
        assert_eq!(error["message"], format!("{place}: {says}"));
        assert!(
            lines(&rig)[before..].iter().all(|line| line == LIST),
            "nothing is written: {:?}",
            lines(&rig)
        );
    }
    let lists = lines(&rig).iter().filter(|line| *line == LIST).count();
    assert_eq!(lists, 4, "once at first, and once for each that was unknown");
}

#[test]
fn a_field_that_was_made_since_is_found() {
    let rig = rig();
    fields(&rig);
    upsert(&rig, r#"[{"key":"note","value":1}]"#);
    rig.transport.then(Step::reply(200, r#"{"customFields":[{"id":"f7","fieldKey":"contact.colour"}]}"#));
    rig.clock.advance(1);
    assert!(upsert(&rig, r#"[{"key":"colour","value":"red"}]"#)["ok"].is_object());
    assert!(lines(&rig)[3].ends_with(r#"[{"id":"f7","field_value":"red"}]}"#), "{:?}", lines(&rig));
}

#[test]
fn a_list_holds_ten_minutes() {
    let rig = rig();
    for (after_ms, lists) in [(0, 1), (600_000, 1), (1, 2)] {
        rig.clock.advance(after_ms);
        if lists == 2 || after_ms == 0 {
            fields(&rig);
        }
        upsert(&rig, r#"[{"key":"note","value":1}]"#);
        assert_eq!(lines(&rig).iter().filter(|line| *line == LIST).count(), lists);
    }
}

#[test]
fn calls_at_one_time_read_the_list_once_or_fail_together() {
    let args = r#"{"contact":{"customFields":[{"key":"note","value":1}]}}"#;
    for (reply, settled) in [
        (Step::reply(200, FIELDS), "{\"ok\":"),
        (
            Step::reply(401, r#"{"message":"The token is not authorized for this scope."}"#),
            "{\"error\":{\"code\":\"scope_missing\"",
        ),
    ] {
        let rig = rig();
        rig.transport.then(reply.after_ms(50));
        let calls = (0..10).map(|_| call(&rig.client, Some(&rig.location), "contacts.upsert", args, "{}"));
        let all = drive(&rig.clock, join_all(calls)).unwrap();
        assert!(all.iter().all(|one| one.starts_with(settled)), "{all:?}");
        assert_eq!(lines(&rig).iter().filter(|line| *line == LIST).count(), 1);
    }
}

#[test]
fn the_time_for_the_list_counts_towards_the_deadline() {
    let rig = rig();
    rig.transport.then(Step::reply(200, FIELDS).after_ms(5_000));
    let args = r#"{"contact":{"customFields":[{"key":"note","value":1}]}}"#;
    let settled = called(&rig, "contacts.upsert", args, r#"{"deadlineMs":2000}"#);
    assert!(
        settled.contains(r#""code":"timeout""#) && settled.contains(r#""delivery":"not_sent""#),
        "{settled}"
    );
    assert_eq!(lines(&rig), [LIST]);
    let rig = self::rig();
    rig.transport.then(Step::reply(200, FIELDS).after_ms(1_500));
    called(&rig, "contacts.upsert", args, r#"{"deadlineMs":2000}"#);
    assert_eq!(rig.transport.sent()[1].request.timeout.as_millis(), 500);
}
