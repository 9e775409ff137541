//! `drain`: what is due, within its limits.

use std::sync::atomic::Ordering;

use futures::future::join;

use super::host::*;
use crate::{
    ports::{Clock, store::JobState},
    sync::{DrainLimits, Drained, UpdateOptions},
    testing::Step,
};

/// Three customers, an order each, none pushed.
fn three_orders() -> Host {
    let host = Host::new();
    for (number, name, phone) in
        [("A-1", "a", "+358401234561"), ("A-2", "b", "+358401234562"), ("A-3", "c", "+358401234563")]
    {
        host.run(host.engine.create_order(&order_of(number, name, phone), WAIT_NOT)).unwrap();
    }
    host
}

fn at_most(max: usize) -> DrainLimits {
    DrainLimits { max, ..DrainLimits::default() }
}

#[test]
fn everything_that_is_due_is_done_and_then_it_ends() {
    let host = three_orders();
    host.transport.otherwise(Step::reply(201, r#"{"contact":{"id":"con1"},"opportunity":{"id":"opp1"}}"#));
    assert_eq!(host.drain(), Drained { passes: 3, more: false });
    assert_eq!(host.requests().len(), 6);
    assert_eq!(host.drain(), Drained { passes: 0, more: false });
    assert_eq!(host.requests(), [""; 0]);
}

#[test]
fn no_more_passes_are_begun_than_allowed() {
    let host = three_orders();
    host.transport.otherwise(Step::reply(201, r#"{"contact":{"id":"con1"},"opportunity":{"id":"opp1"}}"#));
    assert_eq!(host.run(host.engine.drain(at_most(2))).unwrap(), Drained { passes: 2, more: true });
    assert_eq!(host.run(host.engine.drain(at_most(0))).unwrap(), Drained { passes: 0, more: true });
    assert_eq!(host.run(host.engine.drain(at_most(2))).unwrap(), Drained { passes: 1, more: false });
}

#[test]
fn nothing_is_begun_after_the_deadline_and_what_is_under_way_is_finished() {
    let host = three_orders();
    let now = DrainLimits { deadline_ms: 0, ..DrainLimits::default() };
    assert_eq!(host.run(host.engine.drain(now)).unwrap(), Drained { passes: 0, more: true });

    let host = Host::with(crate::config::SyncOptions { concurrency: 1, ..Default::default() });
    for (number, name, phone) in [("A-1", "a", "+358401234561"), ("A-2", "b", "+358401234562")] {
        host.run(host.engine.create_order(&order_of(number, name, phone), WAIT_NOT)).unwrap();
    }
    host.ghl([made_contact("con1").after_ms(2_000), made_opportunity("opp1")]);
    let soon = DrainLimits { deadline_ms: 1_000, ..DrainLimits::default() };
    assert_eq!(host.run(host.engine.drain(soon)).unwrap(), Drained { passes: 1, more: true });
    assert_eq!((host.job("A-1").state, host.job("A-2").state), (JobState::Done, JobState::Waiting));
}

/// What became due while the last pass was under way is told too.
#[test]
fn a_change_during_the_last_pass_is_left_and_said_so() {
    let host = Host::new();
    host.run(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap();
    host.ghl([made_contact("con1").after_ms(500), made_opportunity("opp1")]);
    let change = async {
        host.clock.sleep(std::time::Duration::from_millis(100)).await;
        host.engine.update_status(None, &id("A-1"), "processing", WAIT_NOT).await.unwrap();
    };
    let (drained, _) = host.run(join(Box::pin(host.engine.drain(at_most(1))), Box::pin(change)));
    assert_eq!(drained.unwrap(), Drained { passes: 1, more: true });
}

#[test]
fn what_is_not_due_is_left() {
    let host = Host::new();
    host.ghl([Step::reply(500, "")]);
    host.run(host.engine.create_order(&order("A-1"), UpdateOptions::default())).unwrap();
    host.requests();
    assert!(host.job("A-1").due_at > host.clock.now_ms());
    assert_eq!(host.drain(), Drained { passes: 0, more: false });
    assert_eq!(host.requests(), [""; 0]);
}

/// Two orders of one customer never race: the second finds the contact that the first has made.
#[test]
fn orders_of_one_customer_are_done_one_after_the_other() {
    let host = Host::new();
    for number in ["A-1", "A-2"] {
        host.run(host.engine.create_order(&order(number), WAIT_NOT)).unwrap();
    }
    host.ghl([made_contact("con1").after_ms(700), made_opportunity("opp1").after_ms(700)]);
    host.ghl([shows_contact("A-1", "order_placed"), done(), made_opportunity("opp2")]);
    assert_eq!(host.drain(), Drained { passes: 2, more: false });
    assert_eq!(
        host.requests(),
        [
            "POST /contacts/",
            "POST /opportunities/",
            "GET /contacts/con1",
            "PUT /contacts/con1",
            "POST /opportunities/",
        ]
    );
    assert_eq!(host.row("A-2").opportunity.unwrap().as_str(), "opp2");
    assert_eq!(host.row("A-1").lease_key, host.row("A-2").lease_key);
}

#[test]
fn webhooks_and_notices_are_worked_on_too() {
    let host = Host::with_synced_order();
    let body = format!(
        r#"{{"type":"OpportunityStageUpdate","id":"opp1","locationId":"loc1","contactId":"con1",
        "pipelineId":"pip1","pipelineStageId":"{}","status":"open"}}"#,
        crate::sync::tests::shop::stage("shipped")
    );
    host.ghl([shows("shipped", "2027-01-15T08:30:00.000Z"), done(), done(), done()]);
    host.webhook(&body).unwrap();
    assert_eq!(host.drain(), Drained { passes: 1, more: false });
    assert_eq!(
        (host.row("A-1").status.as_str(), host.ears.kinds()),
        ("shipped", vec!["status_changed".to_owned()])
    );
    let last = host.events().pop().unwrap().position;
    assert_eq!(host.store.told_up_to.load(Ordering::Relaxed), last, "other processes are told of it");
}
