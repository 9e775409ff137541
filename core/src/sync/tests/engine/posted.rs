//! Events as they are, to whoever takes them: the shop's URL, and pages by Pusher.

use serde_json::Value;

use super::{
    deliveries::{agreeable, deliveries, telling},
    host::*,
};
use crate::{ports::iso, testing::Step, webhook::sign};

#[test]
fn events_are_posted_signed_to_the_shops_url_until_it_takes_them() {
    let host = telling(r#"{"webhook":{"url":"https://hooks.example/in?a=1","secret":"s3cret"}}"#);
    host.set("shipped", WAIT_NOT).unwrap();
    host.transport.otherwise(Step::reply(503, "busy"));
    host.drain();
    host.transport.otherwise(agreeable());
    host.clock.advance(600_000);
    host.drain();
    let posted: Vec<_> =
        host.transport.sent().into_iter().filter(|sent| sent.request.url.contains("hooks")).collect();
    let mut ids = Vec::new();
    for sent in &posted {
        let request = &sent.request;
        assert_eq!(request.url, "https://hooks.example/in?a=1");
        assert_eq!(request.header("x-ghlkit-signature"), Some(&*sign::hmac("s3cret", &request.body)));
        assert_eq!(request.header("authorization"), None, "GHL's token is none of their business");
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["orderId"], "id-A-1");
        if body["type"] != "status_changed" {
            continue;
        }
        assert_eq!(body["sentAt"], iso(sent.at_ms));
        ids.push((body["id"].as_i64().unwrap(), body["payload"]["status"].as_str().unwrap().to_owned()));
    }
    let shipped: Vec<i64> = ids.iter().filter(|(_, status)| status == "shipped").map(|(id, _)| *id).collect();
    assert_eq!(shipped.len(), 2, "{ids:?}");
    assert_eq!(shipped[0], shipped[1], "the same id with every try");
    assert!(deliveries(&host).iter().all(|row| row.contains(" done ")), "{:?}", deliveries(&host));
}

#[test]
fn a_url_that_refuses_an_event_is_not_asked_again() {
    for (status, state) in [(404, "dead refused"), (302, "dead refused"), (200, "done ")] {
        let host = telling(r#"{"webhook":{"url":"https://hooks.example/","secret":"s3cret"}}"#);
        host.set("shipped", WAIT_NOT).unwrap();
        host.transport
            .otherwise(Step::reply(status, r#"{"contact":{"id":"con1"},"opportunity":{"id":"opp1"}}"#));
        host.drain();
        assert!(deliveries(&host)[1].ends_with(state), "{:?}", deliveries(&host));
    }
}

const PUSHER: &str = r#"{"pusher":{"appId":"3","key":"k","secret":"s3cret","host":"pusher.example"}}"#;

/// What pages were told since: the statuses, or those that Pusher did not take.
fn told(host: &Host) -> Vec<String> {
    let sent = host.transport.sent();
    let pages =
        sent.iter().filter(|sent| sent.request.url.starts_with("https://pusher.example/apps/3/events?"));
    pages
        .map(|sent| {
            assert_eq!(sent.request.header("authorization"), None);
            let body: Value = serde_json::from_slice(&sent.request.body).unwrap();
            assert_eq!(
                (&body["name"], &body["channels"][0]),
                (&"status-changed".into(), &"order-id-A-1".into())
            );
            let data: Value = serde_json::from_str(body["data"].as_str().unwrap()).unwrap();
            data["status"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn a_page_is_not_led_back_by_what_comes_late() {
    let host = telling(PUSHER);
    host.set("manufacturing", WAIT_NOT).unwrap();
    host.transport.otherwise(Step::reply(503, "busy"));
    host.drain();
    host.transport.otherwise(agreeable());
    host.set("shipped", WAIT_NOT).unwrap();
    host.drain();
    host.clock.advance(600_000);
    host.drain();
    assert_eq!(told(&host), ["order_placed", "manufacturing", "shipped"], "the second was refused");
    assert_eq!(
        deliveries(&host),
        [
            "pusher status_changed done ",
            "pusher status_changed skipped overtaken",
            "pusher status_changed done ",
        ]
    );
}

#[test]
fn what_is_late_and_still_so_is_told() {
    let host = telling(PUSHER);
    host.set("shipped", WAIT_NOT).unwrap();
    host.transport.otherwise(Step::reply(503, "busy"));
    host.drain();
    host.transport.otherwise(agreeable());
    host.clock.advance(600_000);
    host.drain();
    assert_eq!(told(&host), ["order_placed", "shipped", "shipped"]);
    assert!(deliveries(&host).iter().all(|row| row.ends_with(" done ")), "{:?}", deliveries(&host));
}
