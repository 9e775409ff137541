//! Metrics: what happened is counted, once, and nothing else.

use futures::FutureExt as _;

use super::host::*;
use crate::{
    sync::MetricsOptions,
    testing::Step,
    webhook::sign::{Signer, test_headers},
};

fn text(host: &Host) -> String {
    host.run(host.engine.metrics(MetricsOptions::default()))
}

/// The value of a series, as it is written.
fn value<'a>(text: &'a str, series: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
}

#[test]
fn calls_and_retries_are_counted_by_route_and_code_and_told_without_a_call() {
    let host = Host::with_synced_order();
    assert!(value(&text(&host), "ghlkit_last_sync_timestamp_seconds").is_some());
    host.ghl([
        Step::reply(503, "{}"),
        shows("order_placed", "2027-01-15T08:00:00.000Z"),
        done(),
        done(),
        done(),
        done(),
    ]);
    host.set("processing", WAIT_NOT).unwrap();
    host.drain();
    host.requests();
    let text = text(&host);
    assert_eq!(host.requests(), [""; 0], "the text asks GHL nothing");
    let call = |method, route, code| {
        value(&text, &format!(r#"ghlkit_calls_total{{method="{method}",route="{route}",code="{code}"}}"#))
    };
    assert_eq!(call("POST", "/contacts/", "ok"), Some("1"), "{text}");
    assert_eq!(call("POST", "/opportunities/", "ok"), Some("1"));
    let retried =
        r#"ghlkit_retries_total{method="GET",route="/opportunities/{opportunityId}",code="server"}"#;
    let first = r#"ghlkit_retries_total{method="PUT",route="/opportunities/{opportunityId}",code="server"}"#;
    assert_eq!(value(&text, retried).or(value(&text, first)), Some("1"), "{text}");
    assert_eq!(value(&text, r#"ghlkit_notifications_total{channel="host",outcome="failed"}"#), None);
    assert!(
        !text.contains("loc1") && !text.contains("con1") && !text.contains("opp1"),
        "no id is a label: {text}"
    );
    let all = host.run(host.engine.metrics(MetricsOptions { locations: true }));
    assert!(all.contains(r#"ghlkit_rate_headroom{location="loc1"} "#), "{all}");
}

#[test]
fn webhooks_are_counted_by_verdict_and_by_how_long_they_waited() {
    let host = Host::with_synced_order();
    let body = r#"{"type":"NoteCreate","locationId":"loc1","webhookId":"w1","id":"n1"}"#;
    host.webhook(body).unwrap();
    host.webhook(body).unwrap();
    let forged = test_headers(body.as_bytes(), Signer::Hmac("other"));
    host.run(host.engine.receive_webhook(None, body.as_bytes(), forged)).unwrap_err();
    host.webhook(r#"{"type":"NoteCreate","locationId":"loc2"}"#).unwrap_err();
    assert!(host.webhook("{").is_err());
    host.clock.advance(20_000);
    let before = text(&host);
    assert_eq!(value(&before, "ghlkit_webhook_oldest_seconds"), Some("20"));
    host.drain();
    let after = text(&host);
    for (verdict, count) in
        [("accepted", "1"), ("seen", "1"), ("signature", "1"), ("wrong_location", "1"), ("payload", "1")]
    {
        let series = format!(r#"ghlkit_webhooks_total{{verdict="{verdict}"}}"#);
        assert_eq!(value(&after, &series), Some(count), "{after}");
    }
    assert_eq!(value(&after, "ghlkit_webhook_oldest_seconds"), Some("0"));
    assert_eq!(value(&after, r#"ghlkit_webhook_apply_seconds_bucket{le="5"}"#), Some("0"));
    assert_eq!(value(&after, r#"ghlkit_webhook_apply_seconds_bucket{le="30"}"#), Some("1"));
}

#[test]
fn a_queue_that_waits_and_what_was_given_up_show() {
    let host = Host::new();
    host.run(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap();
    host.clock.advance(61_000);
    let waits = text(&host);
    assert_eq!(value(&waits, r#"ghlkit_jobs{state="waiting"}"#), Some("1"));
    assert_eq!(value(&waits, "ghlkit_job_oldest_seconds"), Some("61"));

    let host = Host::with_synced_order();
    host.transport.otherwise(Step::reply(400, r#"{"message":"bad"}"#));
    host.set("processing", WAIT_NOT).unwrap();
    host.drain();
    let dead = text(&host);
    assert_eq!(value(&dead, r#"ghlkit_jobs{state="dead"}"#), Some("1"));
    assert_eq!(value(&dead, r#"ghlkit_jobs{state="waiting"}"#), Some("0"));
    assert!(dead.contains(r#"code="validation"} 1"#), "{dead}");
}

#[test]
fn notices_are_counted_whether_they_were_told() {
    let host = Host::new();
    host.ears.deaf.store(true, std::sync::atomic::Ordering::Relaxed);
    host.ghl([made_contact("con1"), made_opportunity("opp1")]);
    host.run(host.engine.create_order(&order("A-1"), Default::default())).unwrap();
    host.drain();
    host.ears.deaf.store(false, std::sync::atomic::Ordering::Relaxed);
    host.clock.advance(60_000);
    host.drain();
    let text = text(&host);
    for outcome in ["told", "failed"] {
        let series = format!(r#"ghlkit_notifications_total{{channel="host",outcome="{outcome}"}}"#);
        assert_eq!(value(&text, &series), Some("1"), "{text}");
    }
}

#[test]
fn a_receiver_counts_among_the_engines() {
    let host = Host::new();
    let (verifier, counters) =
        (host.engine.config().locations[0].verifier.clone(), host.engine.counters().clone());
    let seen = std::sync::Arc::new(crate::store::MemoryStore::default());
    let clock = std::sync::Arc::new(host.clock.clone());
    let receiver = crate::receiver::Receiver::new(verifier, seen, clock, Default::default())
        .unwrap()
        .with_metrics(counters);
    let body = br#"{"type":"NoteCreate","webhookId":"w1"}"#;
    let headers = test_headers(body, Signer::Hmac("s3cret"));
    for _ in 0..2 {
        let handled =
            receiver.handle(body, headers.clone(), |_| async { Ok::<(), crate::Error>(()) }).boxed_local();
        host.run(handled).unwrap();
    }
    let text = text(&host);
    for verdict in ["accepted", "seen"] {
        assert_eq!(
            value(&text, &format!(r#"ghlkit_webhooks_total{{verdict="{verdict}"}}"#)),
            Some("1"),
            "{text}"
        );
    }
}
