use super::{called, line, refused};
use crate::{
    api::testing::Rig,
    client::{ClientBuilder, StaticTokens},
    ids::LocationId,
    ops::call,
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
        (r#"{"tries":0}"#, "tries"),
        (r#"{"tries":11}"#, "tries"),
        (r#"{"tries":4294967296}"#, "tries"),
        (r#"{"maxWaitMs":3600001}"#, "maxWaitMs"),
        (r#"{"locationId":""}"#, "locationId"),
        (r#"{"locationId":"a/b"}"#, "locationId"),
        (r#"{"locationId":5}"#, "locationId"),
        (r#"{"timeout":5}"#, "timeout"),
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
    let settled = called(&rig, "contacts.get", GET, r#"{"timeoutMs":600000,"tries":1,"maxWaitMs":0}"#);
    assert!(settled.starts_with(r#"{"error":{"code":"server","#), "{settled}");
    let sent = rig.transport.sent();
    assert_eq!((sent.len(), sent[0].request.timeout), (1, Duration::from_secs(600)));

    let rig = Rig::new();
    rig.transport.then(Step::silence()).then(Step::silence());
    let settled = called(&rig, "contacts.get", GET, r#"{"timeoutMs":1,"tries":2}"#);
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
        assert!(sent.request.headers.contains(&("authorization", format!("Bearer pit-{id}"))));
    }
}
