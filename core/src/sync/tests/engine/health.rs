//! Health: no verdict that is not so, and no call that is not needed.

use futures::{FutureExt, future::join_all};

use super::host::*;
use crate::{
    error::Code,
    ports::TransportErrorKind,
    sync::{
        CheckStatus::{self, Failing, Ok},
        Checks, Health, HealthLimits, HealthStatus,
    },
    testing::Step,
};

const MINUTE: i64 = 60_000;

fn health(host: &Host) -> Health {
    host.run(host.engine.health(HealthLimits::default()))
}

/// GHL, webhooks, queue, last sync.
fn parts(health: &Health) -> [CheckStatus; 4] {
    let Checks { ghl_api, webhook_listener, sync_queue, last_sync, realtime } = &health.checks;
    assert_eq!(*realtime, None, "nothing is listened to");
    [ghl_api.status, webhook_listener.status, sync_queue.status, last_sync.status]
}

#[test]
fn it_is_good_after_a_sync_and_asks_ghl_nothing() {
    let host = Host::new();
    host.ghl([made_contact("con1"), made_opportunity("opp1")]);
    host.run(host.engine.create_order(&order("A-1"), Default::default())).unwrap();
    host.requests();
    let good = health(&host);
    assert_eq!((good.status, parts(&good)), (HealthStatus::Healthy, [Ok; 4]), "{good:?}");
    assert_eq!(host.requests(), [""; 0], "its own calls have shown it");
    let text = serde_json::to_value(&good).unwrap();
    assert_eq!((&text["status"], &text["checks"]["ghl_api"]["status"]), (&"healthy".into(), &"ok".into()));
    assert!(text["checks"]["last_sync"]["since"].is_string(), "{text}");
}

#[test]
fn ghl_is_asked_once_in_thirty_seconds_whoever_asks() {
    let host = Host::new();
    host.transport.otherwise(Step::reply(200, r#"{"pipelines":[]}"#));
    let all = (0..5).map(|_| host.engine.health(HealthLimits::default()).boxed_local());
    assert!(host.run(join_all(all)).iter().all(|health| health.status == HealthStatus::Healthy));
    assert_eq!(host.requests().len(), 1);
    host.clock.advance(29_000);
    health(&host);
    assert_eq!(host.requests().len(), 0);
    host.clock.advance(1_001);
    health(&host);
    assert_eq!(host.requests().len(), 1);
}

#[test]
fn an_outage_shows_with_its_cause_and_its_beginning_and_ends_with_the_next_reply() {
    for (step, code) in [
        (Step::error(TransportErrorKind::Connect), Code::Network),
        (Step::reply(503, "{}"), Code::Server),
        (Step::reply(401, r#"{"message":"Invalid JWT"}"#), Code::Unauthorized),
    ] {
        let host = Host::new();
        host.transport.otherwise(step);
        let bad = health(&host);
        assert_eq!((bad.status, parts(&bad)), (HealthStatus::Degraded, [Failing, Ok, Ok, Ok]), "{code:?}");
        let began = bad.checks.ghl_api.since.clone();
        assert!(bad.checks.ghl_api.detail.contains(code.as_str()), "{bad:?}");
        host.clock.advance(MINUTE);
        assert_eq!(health(&host).checks.ghl_api.since, began, "it goes on since then");
        host.clock.advance(MINUTE);
        host.transport.otherwise(Step::reply(200, r#"{"pipelines":[]}"#));
        assert_eq!(health(&host).status, HealthStatus::Healthy, "{code:?}");
    }
}

#[test]
fn a_refusal_of_one_request_is_no_outage() {
    let host = Host::with_synced_order();
    host.transport.otherwise(Step::reply(404, r#"{"message":"not found"}"#));
    host.set("processing", WAIT_NOT).unwrap();
    host.drain();
    assert_eq!(health(&host).checks.ghl_api.status, Ok);
}

#[test]
fn a_queue_that_nobody_works_on_shows() {
    let host = Host::new();
    host.transport.otherwise(Step::reply(200, r#"{"pipelines":[]}"#));
    host.run(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap();
    host.clock.advance(5 * MINUTE);
    assert_eq!(parts(&health(&host)), [Ok; 4]);
    host.clock.advance(1);
    let bad = health(&host);
    assert_eq!(parts(&bad), [Ok, Ok, Failing, Ok]);
    assert!(bad.checks.sync_queue.detail.starts_with("1 waiting, 0 given up"), "{bad:?}");
}

#[test]
fn orders_that_fail_show_once_none_has_succeeded_for_a_while() {
    let host = Host::with_synced_order();
    host.transport.otherwise(Step::reply(503, "{}"));
    host.set("processing", WAIT_NOT).unwrap();
    host.drain();
    assert_eq!(health(&host).checks.last_sync.status, Ok);
    for _ in 0..16 {
        host.clock.advance(MINUTE);
        host.drain();
    }
    assert_eq!(health(&host).checks.last_sync.status, Failing);
}

#[test]
fn what_was_given_up_counts_where_it_is_told_to() {
    let host = Host::with_synced_order();
    host.transport.otherwise(Step::reply(400, r#"{"message":"bad"}"#));
    host.set("processing", WAIT_NOT).unwrap();
    host.drain();
    assert_eq!(health(&host).checks.sync_queue.status, Ok);
    let strict = HealthLimits { dead: Some(0), ..HealthLimits::default() };
    let bad = host.run(host.engine.health(strict));
    assert_eq!(bad.checks.sync_queue.status, Failing, "{bad:?}");
}

#[test]
fn a_webhook_that_waits_shows() {
    let host = Host::with_synced_order();
    host.transport.otherwise(Step::reply(200, r#"{"pipelines":[]}"#));
    host.webhook(r#"{"contactId":"con1","pipelineStage":"stage_shipped"}"#).unwrap();
    assert_eq!(health(&host).checks.webhook_listener.status, Ok);
    host.clock.advance(5 * MINUTE + 1);
    assert_eq!(health(&host).checks.webhook_listener.status, Failing);
}
