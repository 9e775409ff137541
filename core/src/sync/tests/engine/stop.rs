//! `stop`: nothing more is sent, and nothing has failed.

use std::{pin::pin, time::Duration};

use futures::future::join;

use super::host::*;
use crate::{
    error::Code,
    ids::ContactId,
    ports::{Clock, store::JobState},
    sync::{SyncState, UpdateOptions},
};

/// Runs the loop, and stops it after this long.
fn run_and_stop(host: &Host, after_ms: u64) {
    let stop = async {
        host.clock.sleep(Duration::from_millis(after_ms)).await;
        host.engine.stop();
    };
    let (ran, ()) = host.run(join(pin!(host.engine.run()), pin!(stop)));
    ran.unwrap();
}

#[test]
fn what_is_on_the_wire_is_waited_for_and_nothing_else_leaves() {
    let host = Host::new();
    host.run(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap();
    host.ghl([made_contact("con1").after_ms(1_000), made_opportunity("opp1")]);
    run_and_stop(&host, 400);
    assert_eq!(host.requests(), ["POST /contacts/"]);
    let (job, row) = (host.job("A-1"), host.row("A-1"));
    assert_eq!((job.state, job.failures, job.error_code), (JobState::Waiting, 0, None));
    assert!(job.due_at <= host.clock.now_ms(), "for whoever comes next");
    assert_eq!((row.contact, row.creating), (Some(ContactId::new("con1")), None));
}

#[test]
fn what_another_process_announces_is_begun_at_once() {
    let host = Host::new();
    host.ghl([made_contact("con1"), made_opportunity("opp1")]);
    let other = host.another();
    let script = async {
        // The loop has looked in vain, and would look again two seconds later.
        host.clock.sleep(Duration::from_millis(100)).await;
        other.create_order(&order("A-1"), WAIT_NOT).await.unwrap();
        host.clock.sleep(Duration::from_millis(100)).await;
        assert_eq!(host.requests(), [""; 0], "nobody has said so yet");
        host.store.announced.notify(usize::MAX);
        host.clock.sleep(Duration::from_millis(100)).await;
        host.engine.stop();
    };
    let (ran, ()) = host.run(join(pin!(host.engine.run()), pin!(script)));
    ran.unwrap();
    assert_eq!(host.job("A-1").state, JobState::Done);
}

#[test]
fn another_process_goes_on_where_it_was_stopped() {
    let host = Host::new();
    host.run(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap();
    host.ghl([made_contact("con1").after_ms(1_000)]);
    run_and_stop(&host, 400);
    host.requests();
    host.ghl([shows_contact("A-1", "order_placed"), done(), done(), made_opportunity("opp1")]);
    host.run(host.another().drain(Default::default())).unwrap();
    assert_eq!(host.job("A-1").state, JobState::Done);
    let requests = host.requests();
    assert_eq!(requests.first().unwrap(), "GET /contacts/con1");
    assert_eq!(requests.last().unwrap(), "POST /opportunities/");
}

#[test]
fn a_push_that_was_stopped_leaves_no_doubt_about_what_never_left() {
    let host = Host::with_synced_order();
    host.set("processing", WAIT_NOT).unwrap();
    host.ghl([shows("processing", &now(&host)).after_ms(1_000)]);
    run_and_stop(&host, 400);
    assert_eq!(host.requests(), ["PUT /opportunities/opp1"]);
    let job = host.job("A-1");
    assert_eq!((job.state, job.failures), (JobState::Waiting, 0));
}

#[test]
fn an_idle_loop_ends_at_once() {
    let host = Host::new();
    let begun = host.clock.now_ms();
    run_and_stop(&host, 300);
    assert_eq!(host.clock.now_ms() - begun, 300);
}

#[test]
fn after_it_nothing_is_leased_or_sent() {
    let host = Host::new();
    host.engine.stop();
    host.run(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap();
    assert_eq!(host.drain().passes, 0);
    assert_eq!((host.requests().len(), host.job("A-1").state), (0, JobState::Waiting));
}

#[test]
fn what_was_stopped_can_go_on() {
    let host = Host::new();
    host.engine.stop();
    host.run(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap();
    host.engine.resume();
    host.ghl([made_contact("con1"), made_opportunity("opp1")]);
    assert_eq!(host.drain().passes, 1);
    assert_eq!(host.job("A-1").state, JobState::Done);
}

/// A call that waits still resolves: what it wrote down is kept for another process.
#[test]
fn a_caller_is_told_that_its_order_is_queued() {
    let host = Host::new();
    host.engine.stop();
    let outcome = host.run(host.engine.create_order(&order("A-1"), UpdateOptions::default())).unwrap();
    assert_eq!((outcome.state, host.requests().len()), (SyncState::Queued, 0));
    let job = host.job("A-1");
    assert_eq!((job.state, job.failures, host.row("A-1").creating), (JobState::Waiting, 0, None));
}

#[test]
fn while_the_database_fails_the_loop_waits_and_then_goes_on() {
    let host = Host::new();
    host.run(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap();
    *host.store.full.lock().unwrap() = true;
    host.ghl([made_contact("con1"), made_opportunity("opp1")]);
    let mend = async {
        host.clock.sleep(Duration::from_secs(600)).await;
        assert_eq!(host.requests(), [""; 0]);
        *host.store.full.lock().unwrap() = false;
        host.clock.sleep(Duration::from_millis(1_500)).await;
        assert_eq!(host.job("A-1").state, JobState::Done, "within a second and the calls");
        *host.store.full.lock().unwrap() = true;
        host.clock.sleep(Duration::from_secs(10)).await;
        host.engine.stop();
    };
    let (ran, ()) = host.run(join(pin!(host.engine.run()), pin!(mend)));
    ran.unwrap();
    assert_eq!(host.requests().len(), 2);
}

#[test]
fn a_drain_tells_that_the_database_fails() {
    let host = Host::new();
    *host.store.full.lock().unwrap() = true;
    let error = host.run(host.engine.drain(Default::default())).unwrap_err();
    assert_eq!(error.code(), Code::Store);
}
