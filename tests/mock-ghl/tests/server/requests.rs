use std::sync::Arc;

use mock_ghl::{Fault, FaultPlan, FaultRule, LOCATION_ID, Limits, MockGhl, Settings, TOKEN};
use reqwest::{Client, Method};
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Api, read};

fn plan(rules: &[(u32, &str, &str, Fault)]) -> Settings {
    let rules = rules.iter().map(|(nth, method, path, fault)| FaultRule {
        nth: *nth,
        method: (*method).to_owned(),
        path: (*path).to_owned(),
        fault: Some(*fault),
        latency_ms: 0,
    });
    let faults = FaultPlan { rules: rules.collect(), ..FaultPlan::default() };
    Settings { faults, ..Settings::unlimited() }
}

#[tokio::test]
async fn requests_reach_the_model_byte_for_byte() {
    let api = Api::start(Settings::default()).await;
    let id = api.contact("ä+b@example.com").await;
    let path = format!("/contacts/search/duplicate?locationId={LOCATION_ID}&email=%C3%A4%2Bb%40example.com");
    assert_eq!(api.get(&path).await.1["contact"]["id"], json!(id));
    let response = api.try_call(Method::GET, "/contacts/x", None).await.unwrap();
    assert_eq!(response.headers()["x-ratelimit-remaining"], "97");
    assert!(response.headers().contains_key("date"));
    assert_eq!(read(response).await.0, 404);
    let seen = api.mock.with(|ghl| ghl.received().map(|entry| entry.path.clone()).collect::<Vec<_>>());
    assert_eq!(seen, ["/contacts/", "/contacts/search/duplicate", "/contacts/x"]);
}

#[tokio::test]
async fn a_delete_with_a_body_keeps_it() {
    let api = Api::start(Settings::default()).await;
    let id = api.mock.with(|ghl| ghl.seed_contact(0, LOCATION_ID, &[], &["a", "b"]).unwrap());
    let body = json!({ "tags": ["a"] });
    let response = api.try_call(Method::DELETE, &format!("/contacts/{id}/tags"), Some(&body)).await.unwrap();
    assert_eq!(read(response).await.1["tags"], json!(["b"]));
}

#[tokio::test]
async fn a_lost_reply_is_a_reset_connection_and_the_write_is_there() {
    let api = Api::start(plan(&[
        (1, "POST", "/contacts/", Fault::ResetBefore),
        (2, "POST", "/contacts/", Fault::ResetAfter),
    ]))
    .await;
    let body = json!({ "locationId": LOCATION_ID, "email": "a@example.com" });
    for expected in [0, 1] {
        let error = api.try_call(Method::POST, "/contacts/", Some(&body)).await.unwrap_err();
        assert!(error.is_request() && !error.is_timeout(), "{error:?}");
        assert_eq!(api.mock.with(|ghl| ghl.contacts().count()), expected);
    }
    let (status, reply) = api.post("/contacts/", body).await;
    let id = api.mock.with(|ghl| ghl.contacts().next().unwrap().id.clone());
    assert_eq!((status, &reply["meta"]["contactId"]), (400, &json!(id)));
}

#[tokio::test]
async fn exactly_one_500_is_injected() {
    let api = Api::start(plan(&[(2, "GET", "/locations/", Fault::Status(500))])).await;
    let path = format!("/locations/{LOCATION_ID}");
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(api.get(&path).await.0);
    }
    assert_eq!(statuses, [200, 500, 200, 200]);
}

#[tokio::test]
async fn faults_can_be_changed_under_way() {
    let api = Api::start(Settings::default()).await;
    api.mock.set_faults(FaultPlan { too_many: 1.0, ..FaultPlan::default() });
    assert_eq!(api.get("/contacts/x").await.0, 429);
    api.mock.set_faults(FaultPlan::default());
    assert_eq!(api.get("/contacts/x").await.0, 404);
}

#[tokio::test]
async fn parallel_requests_never_pass_the_limit() {
    let api =
        Api::start(Settings { limits: Limits { burst: 20, ..Limits::default() }, ..Settings::default() })
            .await;
    let api = Arc::new(api);
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let api = Arc::clone(&api);
        calls.spawn(async move { api.get("/contacts/x").await.0 });
    }
    let statuses = calls.join_all().await;
    assert!(statuses.iter().all(|status| [404, 429].contains(status)), "{statuses:?}");
    let accepted: Vec<_> = api
        .mock
        .with(|ghl| ghl.received().filter(|entry| entry.status == 404).map(|entry| entry.at).collect());
    assert!(accepted.len() >= 20);
    for end in &accepted {
        assert!(accepted.iter().filter(|at| (end - 9_999..=*end).contains(at)).count() <= 20);
    }
}

#[tokio::test]
async fn the_clock_may_be_ahead_of_this_machines() {
    let day = 86_400_000;
    let ahead = Api::start(Settings { clock_offset_ms: day, ..Settings::default() }).await;
    let here = Api::start(Settings::default()).await;
    let difference = ahead.mock.now() - here.mock.now();
    assert!((day - 60_000..=day + 60_000).contains(&difference), "{difference}");
}

#[tokio::test]
async fn a_body_beyond_four_mebibytes_is_refused_and_the_server_lives() {
    let api = Api::start(Settings::default()).await;
    let response = api
        .client
        .post(format!("{}/contacts/", api.mock.base_url()))
        .bearer_auth(TOKEN)
        .header("Version", "2021-07-28")
        .body(vec![b' '; 5 * 1024 * 1024])
        .send()
        .await;
    // Whether the refusal is read depends on how much the client had sent by then.
    if let Ok(response) = response {
        assert_eq!(response.status(), 413);
    }
    assert_eq!(api.get("/contacts/x").await.0, 404);
    assert_eq!(api.mock.with(|ghl| ghl.received().count()), 1);
}

#[tokio::test]
async fn stopped_or_dropped_it_takes_no_more_connections() {
    let client = Client::builder().no_proxy().build().unwrap();
    let stopped = MockGhl::start(Settings::default()).await.unwrap();
    let url = stopped.base_url();
    assert_eq!(client.get(&url).send().await.unwrap().status(), 404);
    stopped.stop().await;
    assert!(client.get(&url).send().await.unwrap_err().is_connect());
    let dropped = MockGhl::start(Settings::default()).await.unwrap();
    let port = dropped.base_url().rsplit(':').next().unwrap().parse().unwrap();
    let taken = MockGhl::start(Settings { port, ..Settings::default() }).await;
    assert!(taken.is_err(), "the port is taken");
    drop(dropped);
    // The listener is closed by its task, so wait for the port to come free.
    let again = tokio::time::timeout(std::time::Duration::from_secs(10), async {
        loop {
            match MockGhl::start(Settings { port, ..Settings::default() }).await {
                Ok(running) => return running,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    });
    again.await.unwrap().stop().await;
}

#[tokio::test]
async fn a_webhook_address_that_is_none_is_named() {
    let mut settings = Settings::default();
    settings.webhooks.app_url = Some("not an address".to_owned());
    let error = MockGhl::start(settings).await.err().unwrap().to_string();
    assert!(error.contains("not an address") && error.contains("expected an absolute URL"), "{error}");
}

#[tokio::test]
async fn a_stalled_request_is_told_until_its_caller_hangs_up() {
    for (fault, made) in [(Fault::StallBefore, 0), (Fault::StallWithin, 1), (Fault::StallAfter, 1)] {
        let api = Api::start(plan(&[(1, "POST", "/contacts/", fault)])).await;
        let body = json!({ "locationId": LOCATION_ID, "email": "a@example.com" });
        let call = async { api.try_call(Method::POST, "/contacts/", Some(&body)).await?.bytes().await };
        let called = tokio::select! {
            called = call => called.map(|_| ()),
            () = until(|| api.mock.with(|ghl| ghl.received().count()) == 1) => {
                assert_eq!((api.mock.waiting(), api.mock.connections()), (1, 1), "{fault:?}");
                Ok(())
            }
        };
        called.unwrap();
        until(|| api.mock.waiting() == 0 && api.mock.connections() == 0).await;
        assert_eq!(api.mock.with(|ghl| ghl.contacts().count()), made, "{fault:?}");
        assert_eq!(api.post("/contacts/", body).await.0, if made == 0 { 201 } else { 400 });
    }
}

async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}
