//! Errors, as a receiver of Sentry's gets them.

use std::time::Duration;

use ghlkit::sync::UpdateOptions;
use integration::{Front, Setup, Shop, order};
use mock_ghl::Settings;
use monitoring::{Canary, Received, Receiver, Traced};
use serde_json::{Value, json};

/// The events in what was received: an envelope is lines of JSON, and an event's follows the header that says so.
fn events(received: &[Received]) -> Vec<Value> {
    let mut events = Vec::new();
    for Received { path, body, .. } in received {
        assert_eq!(path, "/api/1/envelope/");
        let lines: Vec<Value> =
            str::from_utf8(body).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        events.extend(lines.windows(2).filter(|pair| pair[0]["type"] == "event").map(|pair| pair[1].clone()));
    }
    events
}

#[tokio::test]
async fn an_error_comes_with_its_code_and_what_led_to_it() {
    let receiver = Receiver::start();
    let sentry = sentry::init((
        format!("http://key@{}/1", receiver.address),
        sentry::ClientOptions::new().default_integrations(false),
    ));
    Traced::shared();
    let front = Front::start(Settings::unlimited(), Canary::refusal).await;
    let shop =
        Shop::cold(Setup { vars: vec![("GHL_BASE_URL", front.base_url.clone())], ..Setup::deaf() }).await;
    for id in ["s1", "s2"] {
        let outcome = shop.engine.create_order(&order(id), UpdateOptions::default()).await.unwrap();
        assert!(outcome.error.unwrap().message().contains("canary"), "GHL's words reach the caller");
    }
    assert!(sentry.flush(Some(Duration::from_secs(10))));

    let received = receiver.received();
    Canary::assert_unseen(&received);
    let ours =
        |event: &Value| event["tags"]["ghlkit.order"].as_str().is_some_and(|order| order.starts_with('s'));
    let events: Vec<_> = events(&received).into_iter().filter(ours).collect();
    assert_eq!(events.len(), 2, "{events:#?}");
    for (event, id) in events.iter().zip(["s1", "s2"]) {
        let tags = &event["tags"];
        assert_eq!(
            (&tags["error.type"], &tags["ghlkit.order"]),
            (&json!("refused"), &json!(id)),
            "{event:#}"
        );
        assert_eq!(tags["ghlkit.location"], json!(mock_ghl::LOCATION_ID));
        assert_eq!(event["logger"], "ghlkit");
        let exception = &event["exception"]["values"][0];
        assert_eq!(exception["type"], "refused");
        assert!(
            exception["value"]
                .as_str()
                .unwrap()
                .starts_with("an order was given up: GHL refused the request for a reason"),
            "{exception}"
        );
        let crumbs = event["breadcrumbs"]["values"].as_array().unwrap();
        let told: Vec<_> = crumbs
            .iter()
            .map(|crumb| (crumb["message"].as_str().unwrap(), crumb["data"]["http.route"].as_str().unwrap()))
            .collect();
        let led_to = [
            ("GHL answered", "/contacts/"),
            ("try failed", "/opportunities/"),
            ("a call failed", "/opportunities/"),
        ];
        assert!(told.ends_with(&led_to), "{event:#}");
        let calls = told.iter().filter(|(message, _)| *message == "a call failed");
        assert_eq!(calls.count(), 1, "another order's are among them");
        assert_eq!(crumbs.last().unwrap()["data"]["http.response.status_code"], 403);
    }
}
