//! A POST whose reply was lost: what is looked for, and what is sent again.

use serde_json::{Value, json};

use super::{called, line};
use crate::{
    api::testing::Rig,
    ports::TransportErrorKind::{Broken, Timeout},
    testing::Step,
};

/// 2026-11-24T10:00:00Z.
const NOW: i64 = 1_795_514_400_000;
const THEN: &str = "2026-11-24T10:00:00.000Z";
const BEFORE: &str = "2026-11-24T09:59:00.000Z";
const CREATE: &str = r#"{"contact":{"email":"Zoe@example.com","phone":"+4930"}}"#;
const FIND: &str = "GET /contacts/search/duplicate?locationId=loc1&email=Zoe%40example.com";

fn rig(steps: impl IntoIterator<Item = Step>) -> Rig {
    let rig = Rig::new();
    rig.clock.advance_to(NOW);
    for step in steps {
        rig.transport.then(step);
    }
    rig
}

fn ok(reply: Value) -> Step {
    Step::reply(200, reply.to_string())
}

fn settled(rig: &Rig, op: &str, args: &str, options: &str) -> Value {
    serde_json::from_str(&called(rig, op, args, options)).unwrap()
}

/// Method and path of what was sent, and after how many milliseconds.
fn sent(rig: &Rig) -> Vec<(String, i64)> {
    let short = |line: String| line.split(" {").next().unwrap().to_owned();
    rig.transport.sent().iter().map(|sent| (short(line(sent)), sent.at_ms - NOW)).collect()
}

fn posts(rig: &Rig) -> usize {
    sent(rig).iter().filter(|(line, _)| line.starts_with("POST")).count()
}

#[test]
fn what_is_found_is_the_reply() {
    for lost in [Step::error(Broken), Step::error(Timeout), Step::reply(502, "<html>"), Step::silence()] {
        let found = json!({ "contact": { "id": "con1", "dateAdded": THEN, "customFields": [{ "id": "f", "value": 1 }] } });
        let rig = rig([lost, ok(json!({ "contact": null })), ok(found)]);
        let settled = settled(&rig, "contacts.create", CREATE, "{}");
        assert_eq!(
            (&settled["ok"]["id"], &settled["ok"]["dateAddedMs"]),
            (&json!("con1"), &json!(NOW)),
            "{settled}"
        );
        let lines: Vec<_> = sent(&rig).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, ["POST /contacts/", FIND, FIND]);
    }
}

#[test]
fn it_is_sent_again_once_it_must_have_been_seen() {
    let nobody = || ok(json!({}));
    let rig = rig([Step::error(Broken)]);
    for _ in 0..6 {
        rig.transport.then(nobody());
    }
    // Somebody who was there before is not what the call made.
    rig.transport.then(ok(json!({ "contact": { "id": "con0", "dateAdded": BEFORE } })));
    rig.transport.then(Step::reply(201, r#"{"contact":{"id":"con2"}}"#));
    assert_eq!(settled(&rig, "contacts.create", CREATE, "{}")["ok"]["id"], "con2");
    let times: Vec<_> = sent(&rig).into_iter().map(|(_, at)| at).collect();
    assert_eq!(
        times,
        [0, 0, 500, 1_500, 3_500, 7_500, 15_500, 20_000, 20_000],
        "a try's 10 s, and the index's"
    );
    assert_eq!(posts(&rig), 2);
}

#[test]
fn where_the_time_does_not_suffice_the_outcome_is_unknown() {
    for (options, requests) in
        [(r#"{"deadlineMs":15000}"#, 6), (r#"{"maxWaitMs":2000}"#, 4), (r#"{"maxRetries":0}"#, 8)]
    {
        let rig = rig([Step::error(Broken)]);
        rig.transport.otherwise(ok(json!({ "contact": null })));
        let error = settled(&rig, "contacts.create", CREATE, options)["error"].clone();
        assert_eq!(
            (&error["code"], &error["delivery"]),
            (&json!("outcome_unknown"), &json!("unknown")),
            "{error}"
        );
        assert_eq!((posts(&rig), sent(&rig).len()), (1, requests), "{options}");
    }
}

#[test]
fn a_contact_is_looked_for_by_its_phone_or_not_at_all() {
    let by_phone = rig([Step::error(Broken), ok(json!({ "contact": { "id": "c", "dateAdded": NOW } }))]);
    settled(&by_phone, "contacts.create", r#"{"contact":{"phone":"+4930"}}"#, "{}");
    assert_eq!(sent(&by_phone)[1].0, "GET /contacts/search/duplicate?locationId=loc1&number=%2B4930");
    let by_nothing = rig([Step::error(Broken)]);
    let settled = settled(&by_nothing, "contacts.create", r#"{"contact":{"firstName":"Zoë"}}"#, "{}");
    assert_eq!((&settled["error"]["code"], sent(&by_nothing).len()), (&json!("outcome_unknown"), 1));
}

#[test]
fn a_refusal_without_a_reason_may_have_been_done() {
    let refused =
        |message: Value| Step::reply(422, json!({ "statusCode": 422, "message": message }).to_string());
    let found = || ok(json!({ "contact": { "id": "con1", "dateAdded": THEN } }));
    let done = rig([refused(json!(["Unprocessable Entity"])), found()]);
    assert_eq!(settled(&done, "contacts.create", CREATE, "{}")["ok"]["id"], "con1");
    for why in
        [json!(["email must be an email"]), json!("Invalid email"), json!({ "message": "Expected a phone" })]
    {
        let wrong = rig([refused(why)]);
        let error = settled(&wrong, "contacts.create", CREATE, "{}");
        assert_eq!((&error["error"]["code"], sent(&wrong).len()), (&json!("validation"), 1));
    }
    let not_done = rig([refused(json!("Unprocessable Entity"))]);
    not_done.transport.otherwise(ok(json!({ "contact": null })));
    assert_eq!(settled(&not_done, "contacts.create", CREATE, "{}")["error"]["code"], "validation");
    assert_eq!((posts(&not_done), sent(&not_done).last().unwrap().1), (1, 10_000));
}

/// GHL has answered, so nothing is under way; only its index may lag, and a look costs little.
#[test]
fn what_was_done_in_spite_of_a_refusal_is_found_soon_after_it_is_seen() {
    for (lag, at) in [(0, 0), (400, 500), (2_000, 3_500), (3_600, 5_500), (7_000, 7_500), (9_900, 10_000)] {
        let rig = rig([Step::reply(422, json!({ "message": "Unprocessable Entity" }).to_string())]);
        for look in [0, 500, 1_500, 3_500, 5_500, 7_500, 9_500, 10_000] {
            rig.transport.then(match look >= lag {
                true => ok(json!({ "contact": { "id": "con1", "dateAdded": THEN } })),
                false => ok(json!({ "contact": null })),
            });
        }
        assert_eq!(settled(&rig, "contacts.create", CREATE, "{}")["ok"]["id"], "con1", "{lag}");
        assert_eq!((posts(&rig), sent(&rig).last().unwrap().1), (1, at), "{lag}");
    }
}

#[test]
fn a_look_that_fails_is_tried_again_and_not_for_ever() {
    let found = || ok(json!({ "contact": { "id": "con1", "dateAdded": THEN } }));
    let late = rig([Step::error(Broken), Step::reply(500, ""), Step::error(Timeout), found()]);
    assert_eq!(settled(&late, "contacts.create", CREATE, "{}")["ok"]["id"], "con1");
    let refused = Step::reply(422, json!({ "message": "Unprocessable Entity" }).to_string());
    let never = rig([refused]);
    never.transport.otherwise(Step::reply(500, ""));
    let error = settled(&never, "contacts.create", CREATE, "{}")["error"].clone();
    assert_eq!((&error["code"], &error["delivery"]), (&json!("validation"), &json!("unknown")), "{error}");
    assert_eq!(sent(&never).len(), 4);
    let forbidden = rig([Step::error(Broken), Step::reply(403, "")]);
    assert_eq!(settled(&forbidden, "contacts.create", CREATE, "{}")["error"]["code"], "outcome_unknown");
    assert_eq!(sent(&forbidden).len(), 2);
}

#[test]
fn a_duplicate_may_be_what_an_earlier_try_made() {
    let duplicate =
        r#"{"message":"This location does not allow duplicated contacts.","meta":{"contactId":"con1"}}"#;
    let rig = rig([Step::error(Broken)]);
    for _ in 0..7 {
        rig.transport.then(ok(json!({ "contact": null })));
    }
    rig.transport.then(Step::reply(400, duplicate));
    rig.transport.then(ok(json!({ "contact": { "id": "con1", "dateAdded": THEN } })));
    assert_eq!(settled(&rig, "contacts.create", CREATE, "{}")["ok"]["id"], "con1");
    let plain = self::rig([Step::reply(400, duplicate)]);
    assert_eq!(settled(&plain, "contacts.create", CREATE, "{}")["error"]["code"], "duplicate");
    assert_eq!(sent(&plain).len(), 1);
}

#[test]
fn an_opportunity_is_found_by_contact_pipeline_and_name() {
    let one = |id: &str, name: &str, at: &str| json!({ "id": id, "name": name, "createdAt": at });
    let page = format!(
        r#"{{"opportunities":[{},{},{},{{"id":"opp3","name":"order #1","createdAt":"2026-11-24T12:00:01+02:00","monetaryValue":4999.10}}]}}"#,
        one("opp0", "Order #1", BEFORE),
        one("opp1", "Order #10", THEN),
        one("opp2", "Order #1", "2026-11-24T10:00:05Z"),
    );
    let rig = rig([Step::error(Broken), Step::reply(200, page)]);
    let args = r#"{"opportunity":{"pipelineId":"pip1","name":"Order #1","contactId":"con1"}}"#;
    let settled = called(&rig, "opportunities.create", args, "{}");
    assert!(
        settled.contains(r#""id":"opp3""#) && settled.contains("4999.10"),
        "the first of ours: {settled}"
    );
    let find = "GET /opportunities/search?location_id=loc1&status=all&pipeline_id=pip1&contact_id=con1";
    assert_eq!(sent(&rig)[1].0, find);
}

#[test]
fn others_are_looked_for_where_they_are_listed() {
    let appointment =
        r#"{"appointment":{"calendarId":"cal1","contactId":"con1","startTime":"2026-12-01T11:00:00+02:00"}}"#;
    for (op, args, find, reply) in [
        (
            "tags.create",
            r#"{"name":"VIP"}"#,
            "/locations/loc1/tags",
            json!({ "tags": [{ "id": "no", "name": "v" }, { "id": "x", "name": "vip" }] }),
        ),
        (
            "customFields.create",
            r#"{"customField":{"name":"Colour","dataType":"TEXT","model":"contact"}}"#,
            "/locations/loc1/customFields?model=contact",
            json!({ "customFields": [{ "id": "x", "name": "Colour" }] }),
        ),
        (
            "customValues.create",
            r#"{"name":"hours","value":"9-17"}"#,
            "/locations/loc1/customValues",
            json!({ "customValues": [{ "id": "no", "name": "hours", "value": "8" }, { "id": "x", "name": "hours", "value": "9-17" }] }),
        ),
        (
            "contactNotes.create",
            r#"{"contactId":"con1","note":{"body":"Hei"}}"#,
            "/contacts/con1/notes",
            json!({ "notes": [{ "id": "no", "body": "Hei", "dateAdded": BEFORE }, { "id": "x", "body": "Hei", "dateAdded": THEN }] }),
        ),
        (
            "appointments.create",
            appointment,
            "/contacts/con1/appointments",
            json!({ "events": [{ "id": "no", "calendarId": "cal2", "startTime": "2026-12-01T09:00:00Z", "dateAdded": THEN },
                { "id": "x", "calendarId": "cal1", "startTime": "2026-12-01T09:00:00Z", "dateAdded": THEN }] }),
        ),
        (
            "conversations.create",
            r#"{"contactId":"con1"}"#,
            "/conversations/search?locationId=loc1&contactId=con1",
            json!({ "conversations": [{ "id": "x", "contactId": "con1" }] }),
        ),
    ] {
        let rig = rig([Step::error(Broken), ok(reply)]);
        let settled = settled(&rig, op, args, "{}");
        assert_eq!(settled["ok"]["id"], "x", "{op}: {settled} {:?}", sent(&rig));
        assert_eq!(sent(&rig)[1].0, format!("GET {find}"), "{op}");
        let versions: Vec<_> = rig.transport.sent().iter().map(|sent| sent.request.headers.clone()).collect();
        let of = |at: usize| versions[at].iter().find(|(name, _)| *name == "version").cloned();
        assert!(of(1).is_some() && (of(0) == of(1) || op == "appointments.create"), "{op}");
    }
}

#[test]
fn who_cannot_look_says_so_at_once_and_an_upsert_needs_not() {
    for (op, args) in [
        ("messages.send", r#"{"type":"SMS","contactId":"con1","message":"Hei"}"#),
        (
            "contactTasks.create",
            r#"{"contactId":"con1","task":{"title":"T","dueDate":"2026-12-01T09:00:00Z","completed":false}}"#,
        ),
        ("contacts.upsert", r#"{"contact":{"email":"a@example.com"},"createNewIfDuplicateAllowed":true}"#),
        ("request", r#"{"method":"POST","path":"/contacts/","body":{"email":"a@example.com"}}"#),
    ] {
        let rig = rig([Step::error(Broken)]);
        assert_eq!(settled(&rig, op, args, "{}")["error"]["code"], "outcome_unknown", "{op}");
        assert_eq!(sent(&rig).len(), 1, "{op}");
    }
    for flag in ["", r#","createNewIfDuplicateAllowed":false"#] {
        let rig = rig([Step::error(Broken), ok(json!({ "new": true, "contact": { "id": "con1" } }))]);
        let args = format!(r#"{{"contact":{{"email":"a@example.com"}}{flag}}}"#);
        assert_eq!(settled(&rig, "contacts.upsert", &args, "{}")["ok"]["contact"]["id"], "con1");
        assert_eq!(posts(&rig), 2);
    }
}

#[test]
fn a_server_in_trouble_is_not_looked_at_for_every_call() {
    let rig = rig([]);
    rig.transport.otherwise(Step::reply(503, ""));
    for _ in 0..200 {
        assert_eq!(settled(&rig, "contacts.create", CREATE, "{}")["error"]["code"], "outcome_unknown");
    }
    // 20 are saved up, a fifth is earned by what is sent, and one by every other second.
    let (all, looks) = (sent(&rig), sent(&rig).len() - posts(&rig));
    let (_, ms) = all.last().unwrap();
    let most = 21 + all.len() / 5 + usize::try_from(ms / 2_000).unwrap();
    assert!(posts(&rig) == 200 && (20..=most).contains(&looks), "{looks}, at most {most}");
}
