//! When `create_order` and `update_status` resolve, and with what.

use futures::{
    executor::block_on,
    future::{Either, select},
};
use std::pin::pin;

use super::host::*;
use crate::{
    error::Code,
    ids::{ContactId, OpportunityId, OrderId},
    ports::{
        Clock, TransportErrorKind,
        store::{Change, Fence, Finish, JobFilter, JobState, JobStore, Lease, StatusChange},
    },
    sync::{SyncState, UpdateOptions},
    testing::Step,
};

const PUSHED: [&str; 4] = [
    "PUT /opportunities/opp1",
    "PUT /contacts/con1",
    "POST /contacts/con1/tags",
    "DELETE /contacts/con1/tags",
];

fn wait(ms: i64) -> UpdateOptions {
    UpdateOptions { wait_ms: Some(ms), ..UpdateOptions::default() }
}

#[test]
fn without_waiting_the_intent_is_committed_and_nothing_is_sent() {
    let host = Host::new();
    let outcome = host.run(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap();
    assert_eq!((outcome.state, outcome.contact, outcome.opportunity), (SyncState::Queued, None, None));
    assert!(outcome.error.is_none(), "{:?}", outcome.error);
    assert_eq!(host.requests(), [""; 0]);
    let (row, job) = (host.row("A-1"), host.job("A-1"));
    assert_eq!((row.status.as_str(), row.version, row.pushed_version), ("order_placed", 1, 0));
    assert_eq!((job.id, job.state, job.due_at), (outcome.job, JobState::Waiting, host.clock.now_ms()));
    assert_eq!(host.events().iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["status_changed"]);
}

#[test]
fn without_a_loop_the_call_does_the_pass_itself() {
    let host = Host::new();
    host.ghl([made_contact("con1"), made_opportunity("opp1")]);
    let outcome = host.run(host.engine.create_order(&order("A-1"), UpdateOptions::default())).unwrap();
    assert_eq!(outcome.state, SyncState::Synced);
    assert_eq!(outcome.contact, Some(ContactId::new("con1")));
    assert_eq!(outcome.opportunity, Some(OpportunityId::new("opp1")));
    assert_eq!(host.requests(), ["POST /contacts/", "POST /opportunities/"]);
    host.ghl([shows("processing", &now(&host)), done(), done(), done()]);
    let outcome = host.set("processing", UpdateOptions::default()).unwrap();
    assert_eq!((outcome.state, host.requests()), (SyncState::Synced, PUSHED.map(str::to_owned).to_vec()));
    assert_eq!(host.row("A-1").pushed_version, 2);
}

#[test]
fn with_a_loop_the_call_waits_for_it() {
    let host = Host::new();
    host.ghl([made_contact("con1").after_ms(300), made_opportunity("opp1").after_ms(300)]);
    let order = order("A-1");
    let call = pin!(host.engine.create_order(&order, UpdateOptions::default()));
    let work = pin!(host.engine.run());
    let Either::Right((outcome, _)) = host.run(select(work, call)) else { panic!("the loop ended") };
    assert_eq!(outcome.unwrap().state, SyncState::Synced);
    assert_eq!(host.requests(), ["POST /contacts/", "POST /opportunities/"], "each once");
}

#[test]
fn a_loop_that_is_slower_than_the_wait_goes_on_without_the_caller() {
    let host = Host::new();
    host.ghl([made_contact("con1").after_ms(5_000), made_opportunity("opp1")]);
    let begun = host.clock.now_ms();
    let scenario = async {
        let outcome = host.engine.create_order(&order("A-1"), wait(1_000)).await.unwrap();
        assert_eq!((outcome.state, host.clock.now_ms() - begun), (SyncState::Queued, 1_000));
        host.clock.sleep(std::time::Duration::from_secs(10)).await;
    };
    let Either::Right(_) = host.run(select(pin!(host.engine.run()), pin!(scenario))) else { panic!() };
    assert_eq!(host.job("A-1").state, JobState::Done);
}

/// What is under way when the wait is over is waited for, since dropping it would leave its outcome open.
#[test]
fn without_a_loop_no_try_is_begun_after_the_wait() {
    let host = Host::with_synced_order();
    host.transport.otherwise(Step::silence());
    let begun = host.clock.now_ms();
    let outcome = host.set("processing", wait(1_000)).unwrap();
    assert_eq!(outcome.state, SyncState::Queued);
    let (took, timeout) = (host.clock.now_ms() - begun, host.engine.config().sync.call_timeout_ms);
    // The pause after the try is 1,000 ms and up to a quarter more.
    assert!(took <= timeout + 1_250, "{took} ms");
    assert_eq!(host.requests().len(), 1);
}

#[test]
fn a_ghl_that_is_down_leaves_the_order_queued_with_the_reason() {
    let host = Host::new();
    host.transport.otherwise(Step::error(TransportErrorKind::Connect));
    let outcome = host.run(host.engine.create_order(&order("A-1"), UpdateOptions::default())).unwrap();
    assert_eq!(outcome.state, SyncState::Queued);
    assert_eq!(outcome.error.unwrap().code(), Code::Network);
    assert_eq!(host.requests(), ["POST /contacts/"; 3], "three tries of the call");
    assert_eq!((host.job("A-1").failures, host.row("A-1").creating), (1, None));
}

/// 3 tries, recoverable errors only; a create that may have arrived is not repeated inside the call.
#[test]
fn a_create_without_a_reply_is_sent_once() {
    let host = Host::new();
    host.ghl([Step::error(TransportErrorKind::Broken)]);
    let outcome = host.run(host.engine.create_order(&order("A-1"), UpdateOptions::default())).unwrap();
    assert_eq!((outcome.state, host.requests().len()), (SyncState::Queued, 1));
    assert_eq!(outcome.error.unwrap().code(), Code::OutcomeUnknown);
    assert_eq!(host.job("A-1").due_at, host.row("A-1").creating.unwrap().since + 50_000);
}

#[test]
fn a_refusal_is_dead_and_says_why() {
    let host = Host::with_synced_order();
    host.ghl([Step::reply(422, r#"{"statusCode":422,"message":["pipelineStageId must be known"]}"#)]);
    let outcome = host.set("processing", UpdateOptions::default()).unwrap();
    assert_eq!(outcome.state, SyncState::Dead);
    let error = outcome.error.unwrap();
    assert_eq!(error.code(), Code::Validation);
    assert!(error.message().contains("pipelineStageId must be known"), "{error}");
    // Listed and replayable.
    assert_eq!(host.job("A-1").state, JobState::Dead);
    assert!(host.run(host.engine.replay(&outcome.job)).unwrap());
    host.ghl([done(), done(), done(), done()]);
    host.drain();
    assert_eq!(host.job("A-1").state, JobState::Done);
}

#[test]
fn a_deleted_opportunity_is_skipped() {
    let host = Host::with_synced_order();
    host.ghl([Step::reply(404, "{}"), done(), done()]);
    let outcome = host.set("processing", UpdateOptions::default()).unwrap();
    assert_eq!((outcome.state, host.row("A-1").detached), (SyncState::Skipped, true));
}

/// The shop's own other process changed it between reading and writing: decided anew, on what is there.
#[test]
fn a_status_is_decided_anew_when_someone_was_faster() {
    let host = Host::with_synced_order();
    let other = |version, status: &str| StatusChange {
        location: here(),
        order: id("A-1"),
        version,
        status: status.to_owned(),
        now: host.clock.now_ms(),
        events: Vec::new(),
    };
    host.store.others.lock().unwrap().extend([other(2, "manufacturing"), other(1, "processing")]);
    host.set("shipped", WAIT_NOT).unwrap();
    assert!(host.store.others.lock().unwrap().is_empty(), "it was beaten twice");
    let row = host.row("A-1");
    assert_eq!((row.status.as_str(), row.version), ("shipped", 4));
    let last = host.events().pop().unwrap();
    assert!(last.payload.contains(r#""previousStatus":"manufacturing""#), "{}", last.payload);
    assert_eq!(last.key, "status:4");
    // What was allowed when it was read is refused when it no longer is.
    host.store.others.lock().unwrap().push(other(4, "completed"));
    let error = host.set("delivered", WAIT_NOT).unwrap_err();
    assert_eq!((error.code(), host.row("A-1").version), (Code::TransitionRefused, 5));
}

#[test]
fn a_step_backward_is_refused_unless_it_is_meant() {
    let host = Host::with_synced_order();
    host.set("shipped", WAIT_NOT).unwrap();
    let events = host.events().len();
    let error = host.set("processing", WAIT_NOT).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::TransitionRefused, Some("status")));
    assert_eq!((host.row("A-1").status.as_str(), host.row("A-1").version), ("shipped", 2));
    assert_eq!(host.events().len(), events);
    host.set("processing", UpdateOptions { allow_backward: true, ..WAIT_NOT }).unwrap();
    assert_eq!(host.row("A-1").status, "processing");
}

#[test]
fn off_the_path_and_back_by_the_shop() {
    let host = Host::with_synced_order();
    host.set("cancelled", WAIT_NOT).unwrap();
    host.set("processing", WAIT_NOT).unwrap();
    assert_eq!((host.row("A-1").status.as_str(), host.row("A-1").version), ("processing", 3));
}

#[test]
fn what_is_rejected_wrote_nothing() {
    let host = Host::with_synced_order();
    let unknown = block_on(host.engine.update_status(None, &id("A-9"), "shipped", WAIT_NOT)).unwrap_err();
    assert_eq!((unknown.code(), unknown.field()), (Code::OrderNotFound, Some("orderId")));
    let status = host.set("Shipped!", WAIT_NOT).unwrap_err();
    assert_eq!((status.code(), status.field()), (Code::InvalidArgument, Some("status")));
    let taken = block_on(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap_err();
    assert_eq!((taken.code(), taken.field()), (Code::OrderExists, Some("id")));
    let mut off_path = order("A-2");
    off_path.status = Some(crate::order::Status::parse("cancelled").unwrap());
    let error = block_on(host.engine.create_order(&off_path, WAIT_NOT)).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("status")));
    let mut elsewhere = order("A-2");
    elsewhere.location = Some(crate::ids::LocationId::new("loc9"));
    let error = block_on(host.engine.create_order(&elsewhere, WAIT_NOT)).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("locationId")));
    assert_eq!((host.events().len(), host.row("A-1").version, host.requests().len()), (1, 1, 0));
    assert!(block_on(host.engine.status(None, &id("A-2"))).is_err());
}

#[test]
fn all_that_was_given_up_is_tried_again_or_what_the_filter_names() {
    let host = Host::new();
    for number in 0..250 {
        host.run(host.engine.create_order(&order(&format!("A-{number}")), WAIT_NOT)).unwrap();
    }
    // All are one customer's, so that one at a time can be had.
    let give_up = || {
        let now = host.clock.now_ms();
        let lease = Lease { worker: "w".into(), token: "t".into(), now, until: now + 1, max: 1, only: None };
        while let Some(job) = host.run(host.store.lease(lease.clone())).unwrap().pop() {
            let code = if job.order.as_str() == "id-A-7" { Code::Config } else { Code::Validation };
            let dead = Finish::Dead { error: (code.as_str().to_owned(), "no".to_owned()) };
            let fence = Fence { job: job.id, token: "t".to_owned(), now, version: None };
            host.run(host.store.commit(fence, vec![Change::Finish(dead)])).unwrap();
        }
    };
    give_up();
    let replayed = |filter| host.run(host.engine.replay_all(filter)).unwrap();
    assert_eq!(replayed(JobFilter { error: Some(Code::Config), ..JobFilter::default() }), 1);
    assert_eq!(host.job("A-7").state, JobState::Waiting);
    assert_eq!(host.job("A-8").state, JobState::Dead);
    assert_eq!(replayed(JobFilter { order: Some(OrderId::new("id-A-8")), ..JobFilter::default() }), 1);
    assert_eq!(replayed(JobFilter { limit: 1, ..JobFilter::default() }), 248);
    assert_eq!(replayed(JobFilter::default()), 0);
    give_up();
    assert_eq!(replayed(JobFilter::default()), 250);
}
