//! Notices: each told once, and offered again where telling failed.

use std::{sync::atomic::Ordering, time::Duration};

use super::host::*;
use crate::{
    ports::Clock,
    sync::{DrainLimits, UpdateOptions, event_kind},
    testing::Step,
};

/// Order A-1 with three untold changes.
fn three_changes() -> Host {
    let host = Host::with_synced_order();
    host.transport.otherwise(done());
    for status in ["processing", "manufacturing", "shipped"] {
        host.set(status, WAIT_NOT).unwrap();
    }
    host
}

#[test]
fn each_is_told_once_in_order() {
    let host = three_changes();
    host.drain();
    host.drain();
    let heard = host.ears.heard.lock().unwrap();
    let statuses: Vec<String> = heard
        .iter()
        .map(|notice| {
            serde_json::from_str::<serde_json::Value>(&notice.payload).unwrap()["status"].to_string()
        })
        .collect();
    assert_eq!(statuses, [r#""processing""#, r#""manufacturing""#, r#""shipped""#]);
    assert!(heard.is_sorted_by(|a, b| a.position < b.position), "{heard:?}");
    assert!(heard.iter().all(|notice| notice.order == id("A-1") && notice.location == here()));
}

#[test]
fn of_two_processes_one_tells() {
    let host = three_changes();
    let other = host.another();
    let both = futures::future::join(
        Box::pin(host.engine.drain(Default::default())),
        Box::pin(other.drain(Default::default())),
    );
    let (one, two) = host.run(both);
    assert_eq!(one.unwrap().passes + two.unwrap().passes, 1);
    assert_eq!(host.ears.kinds(), [event_kind::STATUS_CHANGED; 3]);
}

#[test]
fn one_that_could_not_be_told_is_offered_again_and_holds_up_no_pass() {
    let host = three_changes();
    host.ears.deaf.store(true, Ordering::Relaxed);
    assert_eq!(host.drain().passes, 1);
    assert!(host.ears.kinds().is_empty());
    host.ears.deaf.store(false, Ordering::Relaxed);
    host.drain();
    let heard = host.ears.heard.lock().unwrap();
    assert_eq!(heard.len(), 3, "{heard:?}");
    assert!(heard.is_sorted_by(|a, b| a.position < b.position), "{heard:?}");
}

#[test]
fn a_notifier_that_never_answers_holds_up_no_pass_and_hears_it_later() {
    let host = three_changes();
    host.ears.stuck.store(true, Ordering::Relaxed);
    let begun = host.clock.now_ms();
    assert_eq!(host.drain().passes, 1);
    assert!(host.clock.now_ms() - begun <= 20_000, "{}", host.clock.now_ms() - begun);
    assert_eq!(host.row("A-1").pushed_version, 4);
    host.ears.stuck.store(false, Ordering::Relaxed);
    host.drain();
    assert_eq!(host.ears.kinds().len(), 3);
}

#[test]
fn a_notifier_that_never_answers_does_not_keep_the_loop_from_stopping() {
    let host = three_changes();
    host.ears.stuck.store(true, Ordering::Relaxed);
    let stop = async {
        host.clock.sleep(Duration::from_secs(30)).await;
        host.engine.stop();
    };
    let begun = host.clock.now_ms();
    let (ran, ()) = host.run(futures::future::join(Box::pin(host.engine.run()), Box::pin(stop)));
    ran.unwrap();
    assert!(host.clock.now_ms() - begun <= 40_000, "{}", host.clock.now_ms() - begun);
}

#[test]
fn none_is_told_after_a_drains_deadline_and_the_rest_later() {
    let host = three_changes();
    *host.ears.slow.lock().unwrap() = Some((host.clock.clone(), Duration::from_secs(6)));
    let begun = host.clock.now_ms();
    let soon = DrainLimits { deadline_ms: 5_000, ..DrainLimits::default() };
    host.run(host.engine.drain(soon)).unwrap();
    assert_eq!((host.ears.kinds().len(), host.clock.now_ms() - begun), (1, 6_000));
    host.drain();
    assert_eq!(host.ears.kinds().len(), 3, "each once");
}

#[test]
fn a_loop_that_is_to_stop_finishes_the_one_it_is_telling() {
    let host = three_changes();
    *host.ears.slow.lock().unwrap() = Some((host.clock.clone(), Duration::from_secs(6)));
    let stop = async {
        host.clock.sleep(Duration::from_secs(8)).await;
        host.engine.stop();
    };
    let begun = host.clock.now_ms();
    let (ran, ()) = host.run(futures::future::join(Box::pin(host.engine.run()), Box::pin(stop)));
    ran.unwrap();
    assert_eq!((host.ears.kinds().len(), host.clock.now_ms() - begun), (2, 12_000));
}

#[test]
fn a_job_that_is_given_up_is_told_once() {
    let host = Host::with_synced_order();
    host.ghl([Step::reply(422, r#"{"message":"no"}"#)]);
    let outcome = host.set("processing", UpdateOptions::default()).unwrap();
    host.drain();
    host.drain();
    assert_eq!(host.ears.kinds(), [event_kind::STATUS_CHANGED, event_kind::SYNC_FAILED]);
    let heard = host.ears.heard.lock().unwrap();
    let payload: serde_json::Value = serde_json::from_str(&heard[1].payload).unwrap();
    assert_eq!((&payload["orderId"], &payload["code"]), (&"id-A-1".into(), &"validation".into()));
    assert_eq!(payload["jobId"], outcome.job.as_str());
}
