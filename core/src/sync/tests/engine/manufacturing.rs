//! Manufacturing progress: what is written, told and pushed, and by whom it is refused.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, atomic::Ordering},
};

use serde_json::Value;

use super::host::*;
use crate::{
    error::{Code, Error, Result},
    ids::OrderId,
    policy::rate_limit::Limits,
    ports::{BoxFuture, Clock, ManufacturingSource, store::StatusChange},
    sync::{
        DrainLimits, Engine, Firing, Planned, ProgressOptions, PullLimits, Pulled, Schedule, ScheduledTask,
        SyncOutcome, SyncState, UpdateOptions, event_kind,
    },
};

const QUIETLY: ProgressOptions = ProgressOptions { force: false, wait_ms: Some(0) };

/// Order A-1, in manufacturing and in step.
fn making() -> Host {
    let host = Host::with_synced_order();
    host.transport.otherwise(done());
    host.set("manufacturing", WAIT_NOT).unwrap();
    host.drain();
    host.requests();
    host.ears.heard.lock().unwrap().clear();
    host
}

fn set(host: &Host, percent: u8, options: ProgressOptions) -> Result<SyncOutcome> {
    host.run(host.engine.set_manufacturing_progress(None, &id("A-1"), percent, options))
}

/// What was told since: the kind and what it is about.
fn told(host: &Host) -> Vec<String> {
    host.drain();
    let heard = std::mem::take(&mut *host.ears.heard.lock().unwrap());
    let line = |kind: &str, payload: Value| match kind {
        event_kind::MILESTONE => format!("milestone {} {}", payload["milestone"], payload["progress"]),
        event_kind::PROGRESS_CHANGED => {
            format!("progress {} {}", payload["manufacturingProgress"], payload["progress"])
        }
        kind => format!("{kind} {} {}", payload["status"], payload["progress"]),
    };
    heard.iter().map(|notice| line(&notice.kind, serde_json::from_str(&notice.payload).unwrap())).collect()
}

#[test]
fn it_is_pushed_to_the_contacts_fields_alone() {
    let host = making();
    let outcome = set(&host, 50, QUIETLY).unwrap();
    assert_eq!(outcome.job, host.job("A-1").id);
    host.drain();
    assert_eq!(host.requests(), ["PUT /contacts/con1"]);
    let sent = host.transport.sent().pop().unwrap();
    let body: Value = serde_json::from_slice(&sent.request.body).unwrap();
    let fields: Vec<String> = body["customFields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["field_value"].to_string())
        .collect();
    assert_eq!(fields, ["50", "58"], "{body}");
    assert_eq!((host.row("A-1").manufacturing_progress, host.row("A-1").milestone), (Some(50), 50));
}

#[test]
fn each_milestone_is_told_once_in_order_on_a_jump_too() {
    let host = making();
    set(&host, 10, QUIETLY).unwrap();
    assert_eq!(told(&host), ["progress 10 52"]);
    set(&host, 80, QUIETLY).unwrap();
    assert_eq!(told(&host), ["progress 80 62", "milestone 25 62", "milestone 50 62", "milestone 75 62"]);
    set(&host, 80, QUIETLY).unwrap();
    assert_eq!(told(&host), [""; 0], "the same again is no news");
}

#[test]
fn at_the_end_the_order_goes_on_in_the_same_transaction() {
    let host = making();
    set(&host, 100, QUIETLY).unwrap();
    let row = host.row("A-1");
    assert_eq!((row.status.as_str(), row.manufacturing_progress), ("quality_check", Some(100)));
    assert_eq!(
        told(&host),
        [
            "progress 100 65",
            "milestone 25 65",
            "milestone 50 65",
            "milestone 75 65",
            "milestone 100 65",
            "status_changed \"quality_check\" 65",
        ]
    );
    let again = set(&host, 100, QUIETLY).unwrap();
    assert_eq!((again.job, told(&host).len()), (host.job("A-1").id, 0), "a repeated call is no error");
}

#[test]
fn it_falls_only_by_force_and_tells_no_milestone_again() {
    let host = making();
    set(&host, 60, QUIETLY).unwrap();
    told(&host);
    let error = set(&host, 59, QUIETLY).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::TransitionRefused, Some("percent")));
    assert!(error.message().contains("`force`"), "{error}");
    assert_eq!(host.row("A-1").manufacturing_progress, Some(60));
    let forced = ProgressOptions { force: true, ..QUIETLY };
    set(&host, 20, forced).unwrap();
    assert_eq!(told(&host), ["progress 20 53"]);
    set(&host, 76, QUIETLY).unwrap();
    assert_eq!(told(&host), ["progress 76 61", "milestone 75 61"]);
}

#[test]
fn what_is_wrong_is_refused_and_nothing_is_written() {
    let host = making();
    let error = set(&host, 101, QUIETLY).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("percent")));
    let unknown = host.run(host.engine.set_manufacturing_progress(None, &OrderId::new("x"), 5, QUIETLY));
    assert_eq!(unknown.unwrap_err().code(), Code::OrderNotFound);
    host.set("shipped", WAIT_NOT).unwrap();
    told(&host);
    let error = set(&host, 50, QUIETLY).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::TransitionRefused, Some("status")));
    assert!(error.message().contains("`shipped`"), "{error}");
    assert_eq!((host.row("A-1").manufacturing_progress, told(&host).len()), (None, 0));
}

#[test]
fn another_change_meanwhile_is_decided_on_anew() {
    let host = making();
    let version = host.row("A-1").version;
    let other = StatusChange {
        location: here(),
        order: id("A-1"),
        version,
        status: "cancelled".to_owned(),
        now: 1,
        events: Vec::new(),
    };
    host.store.others.lock().unwrap().push(other);
    assert_eq!(set(&host, 100, QUIETLY).unwrap_err().code(), Code::TransitionRefused);
    assert_eq!(host.row("A-1").status, "cancelled", "not quality_check");
}

/// Tells what it was given, by the order's number; what it was not given fails.
#[derive(Clone, Default)]
struct Plant(Arc<Mutex<BTreeMap<&'static str, Option<u8>>>>);

impl ManufacturingSource for Plant {
    fn progress<'a>(&'a self, order: &'a OrderId) -> BoxFuture<'a, Result<Option<u8>>> {
        Box::pin(async move {
            let told = self.0.lock().unwrap().get(order.as_str()).copied();
            match told {
                Some(Some(255)) => std::future::pending().await,
                Some(percent) => Ok(percent),
                None => Err(Error::new(Code::Network, "the plant does not answer")),
            }
        })
    }
}

fn pull(host: &Host, plant: &Plant, limits: PullLimits) -> Pulled {
    host.run(host.engine.pull_manufacturing(None, plant, limits)).unwrap()
}

#[test]
fn a_pull_asks_for_the_orders_in_manufacturing_and_one_failure_concerns_one_order() {
    let host = making();
    let others = ["A-2", "A-3", "A-4", "A-5", "A-6"];
    for (number, of) in others.iter().zip(0..) {
        let order = order_of(number, &format!("person{of}"), &format!("+35840123450{of}"));
        host.run(host.engine.create_order(&order, WAIT_NOT)).unwrap();
        if *number != "A-6" {
            let id = id(number);
            host.run(host.engine.update_status(None, &id, "manufacturing", WAIT_NOT)).unwrap();
        }
    }
    let plant = Plant::default();
    plant.0.lock().unwrap().extend([
        ("id-A-1", Some(30)),
        ("id-A-2", Some(255)),
        ("id-A-3", None),
        ("id-A-4", Some(200)),
        ("id-A-6", Some(99)),
    ]);
    let pulled = pull(&host, &plant, PullLimits::default());
    assert_eq!((pulled.asked, pulled.changed, pulled.failed, pulled.more), (5, 1, 3, false));
    let mut failed: Vec<_> =
        pulled.failures.iter().map(|(order, error)| (order.as_str(), error.code())).collect();
    failed.sort_unstable_by_key(|(order, _)| *order);
    assert_eq!(
        failed,
        [("id-A-2", Code::Timeout), ("id-A-4", Code::InvalidArgument), ("id-A-5", Code::Network)]
    );
    let progress = |number: &str| host.row(number).manufacturing_progress;
    assert_eq!((progress("A-1"), progress("A-6")), (Some(30), None), "A-6 is not in manufacturing");
    plant.0.lock().unwrap().insert("id-A-1", Some(29));
    assert_eq!(pull(&host, &plant, PullLimits::default()).changed, 0, "it never falls by itself");
    assert_eq!(progress("A-1"), Some(30));
}

#[test]
fn a_pull_ends_at_its_deadline_and_says_that_there_is_more() {
    let host = making();
    let pulled = pull(&host, &Plant::default(), PullLimits { deadline_ms: 0 });
    assert_eq!((pulled.asked, pulled.failed, pulled.more), (0, 0, true));
    host.engine.stop();
    assert!(pull(&host, &Plant::default(), PullLimits::default()).more, "a stopping engine begins nothing");
}

#[test]
fn waiting_for_ghl_ends_with_the_push() {
    let host = making();
    let options = ProgressOptions { wait_ms: None, ..QUIETLY };
    let outcome = set(&host, 40, options).unwrap();
    assert_eq!((outcome.state, host.requests()), (SyncState::Synced, vec!["PUT /contacts/con1".to_owned()]));
}

/// Every order is half done.
struct HalfDone;

impl ManufacturingSource for HalfDone {
    fn progress<'a>(&'a self, _order: &'a OrderId) -> BoxFuture<'a, Result<Option<u8>>> {
        Box::pin(async { Ok(Some(50)) })
    }
}

/// Pulls whatever is being made.
struct PullAll;

impl ScheduledTask for PullAll {
    fn run<'a>(&'a self, engine: &'a Engine, _firing: &'a Firing) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            let pulled = engine.pull_manufacturing(None, &HalfDone, PullLimits::default()).await?;
            assert_eq!((pulled.changed, pulled.failed, pulled.more), (ORDERS, 0, false));
            Ok(())
        })
    }
}

const ORDERS: usize = 1_000;

#[test]
fn a_thousand_updates_of_a_tick_leave_as_fast_as_the_limit_lets_them() {
    let host = Host::new();
    host.store.busy.store(20 * ORDERS, Ordering::Relaxed);
    let everything = DrainLimits { max: usize::MAX, deadline_ms: 3_000_000 };
    let patient = UpdateOptions { wait_ms: Some(60_000), ..UpdateOptions::default() };
    for number in 0..ORDERS {
        host.ghl([made_contact(&format!("con{number}")), made_opportunity(&format!("opp{number}"))]);
        let order =
            order_of(&format!("B-{number}"), &format!("person{number}"), &format!("+35840{number:07}"));
        let outcome = host.run(host.engine.create_order(&order, patient)).unwrap();
        assert_eq!(outcome.state, SyncState::Synced, "{outcome:?}");
    }
    // GHL takes its time.
    host.transport.otherwise(done().after_ms(200));
    for number in 0..ORDERS {
        let id = id(&format!("B-{number}"));
        host.run(host.engine.update_status(None, &id, "manufacturing", WAIT_NOT)).unwrap();
    }
    host.run(host.engine.drain(everything)).unwrap();

    let schedule = Schedule::new("manufacturing", "*/15 * * * *", None).unwrap();
    let planned = [Planned { schedule, task: Arc::new(PullAll) }];
    let seen = host.run(host.engine.tick(&planned)).unwrap();
    host.clock.advance(seen.next_at.max(host.clock.now_ms() + 900_000) - host.clock.now_ms());
    let before = host.transport.sent().len();
    assert_eq!(host.run(host.engine.tick(&planned)).unwrap().fired.len(), 1);
    host.run(host.engine.drain(everything)).unwrap();

    let sent = host.transport.sent().split_off(before);
    let urls: BTreeSet<_> = sent.iter().map(|sent| sent.request.url.as_str()).collect();
    assert_eq!((sent.len(), urls.len()), (ORDERS, ORDERS), "a call for each order");
    assert!(sent.iter().all(|sent| sent.request.url.contains("/contacts/con")));
    let Limits { burst, interval_ms, .. } = Limits::default();
    let mut times: Vec<_> = sent.iter().map(|sent| sent.at_ms).collect();
    times.sort_unstable();
    let most =
        times.iter().map(|from| times.iter().filter(|at| (*from..from + interval_ms).contains(at)).count());
    assert!(most.max() <= usize::try_from(burst).ok(), "never more than the limit");
    // The first hundred leave at once, and so on: the last hundred cannot leave before the tenth interval begins.
    let least = (i64::try_from(ORDERS).unwrap() / i64::from(burst) - 1) * interval_ms;
    let took = times[ORDERS - 1] - times[0];
    assert!(took * 95 <= least * 100, "{took} ms, where the limit lets it be done in {least} ms");
}
