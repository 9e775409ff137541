use futures::{future::join, pin_mut, poll};

use super::{called, line};
use crate::{
    api::testing::Rig,
    ops::call,
    testing::{Step, drive},
};

fn batch(rig: &Rig, calls: &str, options: &str) -> String {
    called(rig, "batch", &format!(r#"{{"calls":[{calls}]}}"#), options)
}

fn get(id: &str) -> String {
    format!(r#"{{"op":"contacts.get","args":{{"contactId":"{id}"}}}}"#)
}

#[test]
fn each_call_has_its_own_outcome_at_its_place() {
    let rig = Rig::new();
    rig.transport
        .then(Step::reply(200, r#"{"contact":{"id":"slow"}}"#).after_ms(50))
        .then(Step::reply(404, r#"{"message":"none"}"#))
        .then(Step::reply(200, r#"{"pipelines":[]}"#));
    let calls = [
        get("slow"),
        get("gone"),
        r#"{"op":"pipelines.list","args":{}}"#.to_owned(),
        r#"{"op":"contacts.explode","args":{}}"#.to_owned(),
        r#"{"op":"contacts.get","args":{"contactId":5}}"#.to_owned(),
        r#"{"op":"batch","args":{"calls":[]}}"#.to_owned(),
        r#"{"op":"contacts.get","args":{"contactId":"a"},"options":{"signal":{}}}"#.to_owned(),
    ];
    let settled: serde_json::Value = serde_json::from_str(&batch(&rig, &calls.join(","), "{}")).unwrap();
    let settled = settled["ok"].as_array().unwrap();
    let error =
        |place: usize| (settled[place]["error"]["code"].as_str(), settled[place]["error"]["field"].as_str());
    assert_eq!(settled.len(), calls.len());
    assert_eq!(settled[0]["ok"]["id"], "slow");
    assert_eq!(error(1), (Some("not_found"), None));
    assert_eq!(settled[2]["ok"], serde_json::json!([]));
    assert_eq!(error(3), (Some("invalid_argument"), Some("op")));
    assert_eq!(error(4), (Some("invalid_argument"), Some("contactId")));
    assert_eq!(error(5), (Some("invalid_argument"), Some("op")));
    assert_eq!(error(6), (Some("invalid_argument"), Some("signal")));
    assert_eq!(rig.transport.sent().len(), 3);
}

#[test]
fn a_calls_options_go_before_those_of_the_batch() {
    let rig = Rig::new();
    rig.transport.otherwise(Step::reply(503, "{}"));
    let own = r#"{"op":"contacts.get","args":{"contactId":"b"},"options":{"timeoutMs":70,"headers":{"x-a":"own"}}}"#;
    let all = r#"{"timeoutMs":90,"maxRetries":0,"headers":{"x-a":"all"}}"#;
    batch(&rig, &format!("{},{own}", get("a")), all);
    let sent = rig.transport.sent();
    let sent: Vec<_> = sent
        .iter()
        .map(|sent| (line(sent), sent.request.timeout.as_millis(), sent.request.header("x-a")))
        .collect();
    assert_eq!(
        sent,
        [("GET /contacts/a".into(), 90, Some("all")), ("GET /contacts/b".into(), 70, Some("own"))]
    );
}

#[test]
fn no_more_than_64_are_under_way() {
    let rig = Rig::new();
    rig.transport.otherwise(Step::reply(200, r#"{"contact":{"id":"x"}}"#).after_ms(10));
    let calls = vec![get("x"); 65].join(",");
    let args = format!(r#"{{"calls":[{calls}]}}"#);
    let all = async {
        let batch = call(&rig.client, Some(&rig.location), "batch", &args, "{}");
        pin_mut!(batch);
        assert!(poll!(batch.as_mut()).is_pending());
        assert_eq!(rig.transport.sent().len(), 64);
        join(batch, async {}).await.0
    };
    let settled = drive(&rig.clock, all).unwrap();
    assert_eq!((settled.matches(r#"{"ok":{"id":"x""#).count(), rig.transport.sent().len()), (65, 65));
}

#[test]
fn what_is_no_list_of_calls_is_refused_as_a_whole() {
    let many = vec![get("x"); 1_001].join(",");
    for (args, field) in [
        (format!(r#"{{"calls":[{many}]}}"#), "calls"),
        (r#"{"calls":{}}"#.to_owned(), "calls"),
        (r#"{"calls":[{"op":"contacts.get"}]}"#.to_owned(), "calls[0].args"),
        (r#"{"calls":[{"op":5,"args":{}}]}"#.to_owned(), "calls[0].op"),
        (r#"{"calls":[{"op":"x","args":{},"signal":{}}]}"#.to_owned(), "calls[0].signal"),
        (r#"{"calls":[null]}"#.to_owned(), "calls[0]"),
        ("{}".to_owned(), "calls"),
    ] {
        let rig = Rig::new();
        let settled = called(&rig, "batch", &args, "{}");
        assert_eq!(super::refused(&rig, &settled), field, "{settled}");
    }
    assert_eq!(batch(&Rig::new(), "", "{}"), r#"{"ok":[]}"#);
}
