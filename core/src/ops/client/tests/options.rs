use super::{called, line, refused};
use crate::{
    api::testing::Rig,
    client::{ClientBuilder, StaticTokens},
    ids::LocationId,
    ops::call,
    ports::Clock,
    secret::Secret,
    testing::{SeededEntropy, Step, drive},
};
use std::{sync::Arc, time::Duration};

const GET: &str = r#"{"contactId":"con1"}"#;

#[test]
fn options_out_of_their_bounds_are_named() {
    let table = [
        (r#"{"timeoutMs":0}"#, "timeoutMs"),
        (r#"{"timeoutMs":600001}"#, "timeoutMs"),
        (r#"{"timeoutMs":-1}"#, "timeoutMs"),
        (r#"{"timeoutMs":1.5}"#, "timeoutMs"),
        (r#"{"timeoutMs":"5"}"#, "timeoutMs"),
        (r#"{"maxRetries":-1}"#, "maxRetries"),
        (r#"{"maxRetries":10}"#, "maxRetries"),
        (r#"{"maxRetries":4294967296}"#, "maxRetries"),
        (r#"{"maxWaitMs":3600001}"#, "maxWaitMs"),
        (r#"{"deadlineMs":0}"#, "deadlineMs"),
        (r#"{"deadlineMs":3600001}"#, "deadlineMs"),
        (r#"{"priority":"urgent"}"#, "priority"),
        (r#"{"locationId":""}"#, "locationId"),
        (r#"{"locationId":"a/b"}"#, "locationId"),
        (r#"{"locationId":5}"#, "locationId"),
        (r#"{"timeout":5}"#, "timeout"),
        (r#"{"headers":{"x-a":5}}"#, "headers.x-a"),
        (r#"{"headers":{"x-a":"b\nc"}}"#, "headers"),
        (r#"{"headers":{"Authorization":"Bearer x"}}"#, "headers"),
        (r#"{"headers":[]}"#, "headers"),
        ("[]", "options"),
        ("null", "options"),
        ("", "options"),
        ("{", "options"),
    ];
    for (options, field) in table {
        let rig = Rig::new();
        assert_eq!(refused(&rig, &called(&rig, "contacts.get", GET, options)), field, "{options}");
    }
}

#[test]
fn a_call_has_its_own_time_limit_and_number_of_tries() {
    let rig = Rig::new();
    rig.transport.then(Step::reply(503, "{}"));
    let settled = called(&rig, "contacts.get", GET, r#"{"timeoutMs":600000,"maxRetries":0,"maxWaitMs":0}"#);
    assert!(settled.starts_with(r#"{"error":{"code":"server","#), "{settled}");
    let sent = rig.transport.sent();
    assert_eq!((sent.len(), sent[0].request.timeout), (1, Duration::from_secs(600)));

    let rig = Rig::new();
    rig.transport.then(Step::silence()).then(Step::silence());
    let settled = called(&rig, "contacts.get", GET, r#"{"timeoutMs":1,"maxRetries":1}"#);
    assert!(settled.starts_with(r#"{"error":{"code":"timeout","#), "{settled}");
    assert_eq!(rig.transport.sent().len(), 2);
}

#[test]
fn a_call_waits_no_longer_than_it_may() {
    let rig = Rig::new();
    rig.transport.then(Step::reply(503, "{}"));
    let settled = called(&rig, "contacts.get", GET, r#"{"maxWaitMs":0}"#);
    assert!(settled.contains(r#""code":"server""#) && settled.contains(r#""retryAfterMs":"#), "{settled}");
    assert_eq!(rig.transport.sent().len(), 1);
}

#[test]
fn somebody_who_waits_has_a_deadline_and_bulk_has_none() {
    for (options, timeout) in [
        (r#"{"deadlineMs":700}"#, 700),
        ("{}", 10_000),
        (r#"{"timeoutMs":60000}"#, 60_000),
        (r#"{"timeoutMs":60000,"deadlineMs":30000}"#, 30_000),
        (r#"{"timeoutMs":60000,"priority":"bulk"}"#, 60_000),
    ] {
        let rig = Rig::new();
        rig.transport.then(Step::reply(200, r#"{"contact":{"id":"con1"}}"#));
        called(&rig, "contacts.get", GET, options);
        assert_eq!(rig.transport.sent()[0].request.timeout, Duration::from_millis(timeout), "{options}");
    }
    // Three silent tries and their pauses take 33 s: the last one is cut short, but not in bulk.
    for (options, tries, least, most) in [
        ("{}", 3, 30_000, 30_000),
        (r#"{"priority":"bulk"}"#, 3, 33_000, 34_000),
        (r#"{"deadlineMs":10500}"#, 1, 10_000, 10_000),
    ] {
        let rig = Rig::new();
        let began = rig.clock.now_ms();
        rig.transport.otherwise(Step::silence());
        let settled = called(&rig, "contacts.get", GET, options);
        assert!(settled.contains(r#""code":"timeout""#), "{settled}");
        assert_eq!(rig.transport.sent().len(), tries, "{options}");
        let took = rig.clock.now_ms() - began;
        assert!((least..=most).contains(&took), "{options}: {took}");
    }
}

#[test]
fn the_location_of_a_call_comes_before_the_clients_own() {
    let rig = Rig::new();
    let tokens = ["loc1", "loc2"].into_iter().fold(StaticTokens::new(), |tokens, id| {
        tokens.with(LocationId::new(id), Secret::new(format!("pit-{id}")))
    });
    let ports = (Arc::new(rig.transport.clone()), Arc::new(rig.clock.clone()));
    let client = ClientBuilder::new(ports.0, ports.1, Arc::new(SeededEntropy::new(1)), Arc::new(tokens));
    let client = client.build().unwrap();
    for (own, options, id) in [
        (Some("loc1"), "{}", "loc1"),
        (Some("loc1"), r#"{"locationId":"loc2"}"#, "loc2"),
        (None, r#"{"locationId":"loc2"}"#, "loc2"),
    ] {
        rig.transport.then(Step::reply(200, r#"{"pipelines":[]}"#));
        let own = own.map(LocationId::new);
        let settled =
            drive(&rig.clock, call(&client, own.as_ref(), "pipelines.list", "{}", options)).unwrap();
        assert_eq!(settled, r#"{"ok":[]}"#);
        let sent = rig.transport.sent().pop().unwrap();
        assert_eq!(line(&sent), format!("GET /opportunities/pipelines?locationId={id}"));
        assert_eq!(sent.request.header("authorization"), Some(&*format!("Bearer pit-{id}")));
    }
}

#[test]
fn a_calls_own_headers_go_along_and_no_error_repeats_them() {
    let rig = Rig::new();
    rig.transport.then(Step::reply(400, r#"{"message":"you sent X-Key 5ecret-key"}"#));
    let options = r#"{"headers":{"X-Key":"5ecret-key","x-trace":"t 1"}}"#;
    let settled = called(&rig, "contacts.get", GET, options);
    assert!(settled.contains("you sent X-Key [redacted]"), "{settled}");
    let [sent] = &rig.transport.sent()[..] else { panic!("{settled}") };
    let header = |name| sent.request.header(name);
    assert_eq!((header("x-key"), header("x-trace")), (Some("5ecret-key"), Some("t 1")));
    assert_eq!(header("user-agent"), Some(concat!("ghlkit/", env!("CARGO_PKG_VERSION"))));
    assert_eq!((header("version"), header("authorization")), (Some("2021-07-28"), Some("Bearer pit-1")));
}
