//! Which spans there are of what the engine does beside the sync of orders, and what they say.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    deliveries::{agreeable, telling},
    host::*,
};
use crate::{
    error::{Code, Error, Result},
    ports::BoxFuture,
    sync::{Engine, Firing, InstallationTerms, Planned, ReconcileOptions, Schedule, ScheduledTask},
    testing::{Step, observed::told},
};

/// What was said of what goes by this name.
fn said(told: &[(String, Value)], of: &str) -> Vec<Value> {
    told.iter().filter(|(name, _)| name == of).map(|(_, fields)| fields.clone()).collect()
}

struct Fails;

impl ScheduledTask for Fails {
    fn run<'a>(&'a self, _engine: &'a Engine, _firing: &'a Firing) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Err(Error::new(Code::Network, "ann@example.com is not at the plant")) })
    }
}

#[test]
fn a_schedule_is_a_span_and_its_failure_is_told_within() {
    let host = Host::new();
    let schedule = Schedule::new("hourly", "0 * * * *", None).unwrap();
    let planned = [Planned { schedule, task: Arc::new(Fails) }];
    host.run(host.engine.tick(&planned)).unwrap();
    host.clock.advance(3_600_000);
    let told = told(|| assert_eq!(host.run(host.engine.tick(&planned)).unwrap().failed.len(), 1));
    let fields = json!({ "error.type": "network", "ghlkit.schedule": "hourly" });
    assert_eq!(
        told,
        [("a scheduled task failed".to_owned(), fields.clone()), ("schedule hourly".to_owned(), fields)]
    );
}

#[test]
fn each_try_at_a_message_is_a_span() {
    let host = telling(r#"{"webhook":{"url":"https://hooks.example/in","secret":"s3cret"}}"#);
    host.set("shipped", WAIT_NOT).unwrap();
    host.transport.otherwise(Step::reply(503, "busy"));
    let first = told(|| _ = host.drain());
    host.transport.otherwise(agreeable());
    host.clock.advance(600_000);
    let second = told(|| _ = host.drain());
    let tries = |told: &[(String, Value)]| {
        let of_order = said(told, "deliver_message");
        let told = of_order.iter().map(|fields| {
            assert_eq!(
                (&fields["ghlkit.order"], &fields["ghlkit.channel"]),
                (&json!("id-A-1"), &json!("webhook"))
            );
            json!([fields["ghlkit.attempt"], fields["ghlkit.outcome"], fields["error.type"]])
        });
        told.collect::<Vec<_>>()
    };
    assert!(tries(&first).contains(&json!([1, "waits", "server"])), "{first:?}");
    assert!(tries(&second).contains(&json!([2, "done", null])), "{second:?}");
}

#[test]
fn a_reconciliation_and_an_installation_are_spans_that_say_why_they_failed() {
    let host = Host::with_synced_order();
    host.transport.otherwise(Step::reply(403, r#"{"message":"ann@example.com may not"}"#));
    let dry = ReconcileOptions { dry_run: true, ..ReconcileOptions::default() };
    let told = told(|| {
        host.run(host.engine.reconcile(None, dry)).unwrap_err();
        let (order, terms) = (id("A-1"), InstallationTerms::default());
        let booked = host.engine.schedule_installation(None, &order, "2027-03-01", &terms);
        host.run(booked).unwrap_err();
    });
    let looked = json!({ "error.type": "refused", "ghlkit.dry_run": true, "ghlkit.location": "loc1" });
    assert_eq!(said(&told, "reconcile"), [looked]);
    let booked = json!({ "error.type": "config", "ghlkit.order": "id-A-1" });
    assert_eq!(said(&told, "schedule installation"), [booked], "{told:?}");
    assert!(!json!(told).to_string().contains("example.com"));
}
