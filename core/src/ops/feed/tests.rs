use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{FutureExt, executor::block_on, future::join_all};
use serde_json::{Value, json};

use super::*;
use crate::{
    ids::{LocationId, OrderId},
    testing::{ManualClock, drive},
};

struct Rig {
    clock: ManualClock,
    feed: Feed,
    rung: Arc<AtomicUsize>,
}

fn rig() -> Rig {
    let (clock, rung) = (ManualClock::new(1_000), Arc::new(AtomicUsize::new(0)));
    let bell = rung.clone();
    let feed = Feed::new(Arc::new(clock.clone()), move || {
        bell.fetch_add(1, Ordering::Relaxed);
    });
    feed.listen(true);
    Rig { clock, feed, rung }
}

fn notice(position: i64) -> Notice {
    Notice {
        location: LocationId::new("loc1"),
        order: OrderId::new("o1"),
        position,
        kind: "status_changed".to_owned(),
        payload: r#"{"status":"shipped"}"#.to_owned(),
        at_ms: 77,
    }
}

fn items(feed: &Feed) -> Vec<Value> {
    serde_json::from_str(&feed.poll()).unwrap()
}

fn lease(item: &Value) -> &str {
    item["lease"].as_str().unwrap()
}

#[test]
fn an_event_is_taken_once_and_answered_by_its_lease() {
    let Rig { feed, rung, .. } = rig();
    let notice = notice(7);
    assert_eq!((feed.poll(), rung.load(Ordering::Relaxed)), ("[]".to_owned(), 0));
    let mut telling = feed.notify(&notice);
    assert!((&mut telling).now_or_never().is_none());
    assert_eq!(rung.load(Ordering::Relaxed), 1);
    let taken = items(&feed);
    let event = json!({
        "locationId": "loc1", "orderId": "o1", "position": 7, "type": "status_changed",
        "payload": { "status": "shipped" }, "at": 77,
    });
    assert_eq!(taken, [json!({ "lease": lease(&taken[0]), "kind": "event", "event": event })]);
    assert_eq!(feed.poll(), "[]", "it is taken");
    feed.done("999", "null");
    feed.done("no lease", "null");
    assert!((&mut telling).now_or_never().is_none(), "another lease answers nothing");
    feed.done(lease(&taken[0]), "null");
    assert!(block_on(telling).is_ok());
    feed.failed(lease(&taken[0]), "{}");
    assert_eq!((feed.poll(), rung.load(Ordering::Relaxed)), ("[]".to_owned(), 1));
}

#[test]
fn a_failure_of_the_host_is_one_of_the_notifier() {
    let Rig { feed, .. } = rig();
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(10_000));
    for (said, code, message) in [
        (r#"{"code":"network","message":"no mail"}"#, Code::Network, "the host failed: no mail"),
        (r#"{"code":"ENOENT","message":"no file","stack":"…"}"#, Code::Aborted, "the host failed: no file"),
        ("not JSON", Code::Aborted, "the host failed: "),
        (&long, Code::Aborted, &format!("the host failed: {}", "x".repeat(500))),
    ] {
        let notice = notice(1);
        let mut telling = feed.notify(&notice);
        assert!((&mut telling).now_or_never().is_none());
        feed.failed(lease(&items(&feed)[0]), said);
        let error = block_on(telling).unwrap_err();
        assert_eq!((error.code(), error.message()), (code, message));
    }
}

#[test]
fn what_nobody_takes_or_answers_fails_after_a_minute_each() {
    let Rig { clock, feed, .. } = rig();
    let notice = notice(1);
    let error = drive(&clock, feed.notify(&notice)).unwrap().unwrap_err();
    assert_eq!((error.code(), clock.now_ms()), (Code::Timeout, 61_000));
    assert_eq!(feed.poll(), "[]", "it is not handed over afterwards");

    let mut telling = feed.notify(&notice);
    assert!((&mut telling).now_or_never().is_none());
    clock.advance(59_000);
    let taken = items(&feed);
    let error = drive(&clock, telling).unwrap().unwrap_err();
    assert_eq!((error.code(), clock.now_ms()), (Code::Timeout, 61_000 + 59_000 + 60_000));
    feed.done(lease(&taken[0]), "null");
    assert!(Notifier::patience(&feed) > 2 * ANSWER_WITHIN, "the engine must not give up before");
}

#[test]
fn while_nobody_listens_everything_counts_as_heard() {
    let Rig { feed, rung, .. } = rig();
    let notices: Vec<Notice> = (0..40).map(notice).collect();
    let mut telling = join_all(notices.iter().map(|notice| feed.notify(notice)));
    assert!((&mut telling).now_or_never().is_none());
    let taken = items(&feed);
    assert_eq!(taken.len(), 32);
    feed.listen(false);
    assert!((&mut telling).now_or_never().is_none(), "what was taken is the host's to answer");
    for item in &taken {
        feed.done(lease(item), "null");
    }
    assert!(block_on(telling).into_iter().all(|told| told.is_ok()));
    assert_eq!((feed.poll(), rung.load(Ordering::Relaxed)), ("[]".to_owned(), 40));
    assert!(block_on(feed.notify(&notices[0])).is_ok());
    assert_eq!((feed.poll(), rung.load(Ordering::Relaxed)), ("[]".to_owned(), 40));
}

#[test]
fn closing_fails_what_is_not_answered_and_all_that_follows() {
    let Rig { feed, .. } = rig();
    let notices: Vec<Notice> = (0..40).map(notice).collect();
    let mut telling = join_all(notices.iter().map(|notice| feed.notify(notice)));
    assert!((&mut telling).now_or_never().is_none());
    let taken = items(&feed);
    feed.close();
    feed.done(lease(&taken[0]), "null");
    let codes =
        |told: Vec<Result<()>>| told.into_iter().map(|told| told.unwrap_err().code()).collect::<Vec<_>>();
    assert_eq!(codes(block_on(telling)), [Code::Aborted; 40]);
    feed.listen(true);
    assert_eq!(codes(vec![block_on(feed.notify(&notices[0]))]), [Code::Aborted]);
    assert_eq!(feed.poll(), "[]");
}

#[test]
fn at_its_end_only_what_was_taken_can_still_be_answered() {
    let Rig { feed, .. } = rig();
    let notices: Vec<Notice> = (0..40).map(notice).collect();
    let mut telling = join_all(notices.iter().map(|notice| feed.notify(notice)));
    assert!((&mut telling).now_or_never().is_none());
    let taken = items(&feed);
    feed.end();
    assert_eq!(feed.poll(), "[]");
    assert_eq!(block_on(feed.notify(&notices[0])).unwrap_err().code(), Code::Aborted);
    assert!((&mut telling).now_or_never().is_none());
    for item in &taken {
        feed.done(lease(item), "null");
    }
    let told = block_on(telling);
    assert!(told.iter().take(32).all(Result::is_ok) && told.iter().skip(32).all(Result::is_err));
}

#[test]
fn a_full_queue_makes_the_next_wait_and_keeps_the_order() {
    let Rig { feed, rung, .. } = rig();
    let notices: Vec<Notice> = (0..=1_000).map(notice).collect();
    let mut telling = join_all(notices.iter().map(|notice| feed.notify(notice)));
    assert!((&mut telling).now_or_never().is_none());
    assert_eq!(rung.load(Ordering::Relaxed), 1_000);
    let mut positions = Vec::new();
    for _ in 0..40 {
        for item in items(&feed) {
            positions.push(item["event"]["position"].as_i64().unwrap());
            feed.done(lease(&item), "null");
        }
        if (&mut telling).now_or_never().is_some() {
            break;
        }
    }
    assert_eq!(positions, (0..=1_000).collect::<Vec<_>>());
}

#[test]
fn an_event_whose_teller_is_gone_is_not_handed_over() {
    let Rig { feed, .. } = rig();
    let notice = notice(1);
    let mut telling = feed.notify(&notice);
    assert!((&mut telling).now_or_never().is_none());
    drop(telling);
    assert_eq!(feed.poll(), "[]");
    assert!(feed.inner.lock().items.is_empty());
}

#[test]
fn a_payload_that_is_no_json_is_told_as_text() {
    let Rig { feed, .. } = rig();
    let notice = Notice { payload: "{broken".to_owned(), ..notice(1) };
    let mut telling = feed.notify(&notice);
    assert!((&mut telling).now_or_never().is_none());
    assert_eq!(items(&feed)[0]["event"]["payload"], "{broken");
}
