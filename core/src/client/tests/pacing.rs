use futures::{FutureExt, future::join_all};

use super::*;
use crate::{
    client::{Priority, SendGate},
    error::{Code, Delivery, Error, Result},
    policy::rate_limit::Limits,
    ports::{BoxFuture, Clock},
};

fn small(builder: ClientBuilder) -> ClientBuilder {
    builder.limits(Limits { burst: 3, ..Limits::default() })
}

/// The most requests in any ten seconds; both ends count.
fn fullest(times: &[i64]) -> usize {
    let inside = |start: &i64| times.iter().filter(|at| (*start..=start + 10_000).contains(at)).count();
    times.iter().map(inside).max().unwrap_or(0)
}

#[test]
fn a_thousand_calls_at_once_leave_a_hundred_in_ten_seconds() {
    let rig = Rig::new();
    rig.transport.otherwise(ok().after_ms(120));
    let get = request(Method::Get);
    let calls = join_all((0..1000).map(|_| rig.client.send(&rig.location, &get)));
    assert!(drive(&rig.clock, calls).unwrap().iter().all(Result::is_ok));
    let times = rig.times();
    assert_eq!((times.len(), fullest(&times)), (1000, 100));
    // Ten rounds, each an interval and a reply after the one before: no second is wasted.
    assert_eq!(times.last(), Some(&(9 * (10_000 + 1 + 120))));
}

#[test]
fn locations_do_not_share_their_limits() {
    let rig = Rig::with(small);
    rig.transport.otherwise(ok());
    let (get, other) = (request(Method::Get), LocationId::new("loc2"));
    let calls = (0..3).flat_map(|_| [&rig.location, &other]).map(|location| rig.client.send(location, &get));
    drive(&rig.clock, join_all(calls)).unwrap();
    assert_eq!(rig.times(), [0; 6]);
}

#[test]
fn callers_are_served_in_their_order() {
    let rig = Rig::with(small);
    rig.transport.otherwise(ok());
    let calls = (0..9).map(|n| {
        let request: ApiRequest<Value> = ApiRequest::new(Method::Get, &["n", &n.to_string()]);
        let rig = &rig;
        async move { rig.client.send(&rig.location, &request).await }
    });
    drive(&rig.clock, join_all(calls)).unwrap();
    let order: Vec<_> = rig.transport.sent().iter().map(|sent| sent.request.url.clone()).collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(rig.times(), [0, 0, 0, 10_001, 10_001, 10_001, 20_002, 20_002, 20_002]);
}

#[test]
fn whoever_waits_for_a_reply_goes_before_bulk() {
    let rig = Rig::with(small);
    rig.transport.otherwise(ok());
    let call = |name: &'static str, priority| {
        let (request, rig) = (ApiRequest::<Value>::new(Method::Get, &[name]), &rig);
        let options = CallOptions { priority, ..CallOptions::default() };
        async move { rig.client.call(&rig.location, &request, &options).await.result }
    };
    let bulk = (0..7).map(|_| call("bulk", Priority::Bulk));
    let interactive = (0..2).map(|_| call("interactive", Priority::Interactive));
    let (bulk, interactive) =
        drive(&rig.clock, async { futures::join!(join_all(bulk), join_all(interactive)) }).unwrap();
    assert!(bulk.iter().chain(&interactive).all(Result::is_ok));
    let sent: Vec<bool> = rig.transport.sent().iter().map(|sent| sent.request.url.contains("bulk")).collect();
    // Three of bulk were there first; then those who wait, and bulk in what is left.
    assert_eq!(sent, [true, true, true, false, false, true, true, true, true]);
    assert_eq!(rig.times(), [0, 0, 0, 10_001, 10_001, 10_001, 20_002, 20_002, 20_002]);
}

#[test]
fn a_deadline_bounds_waiting_tries_and_replies_together() {
    let within = |ms| CallOptions { deadline: Some(Duration::from_millis(ms)), ..CallOptions::default() };
    let get = request(Method::Get);
    // A wait that is too long is refused at once, and nothing is sent.
    let rig = Rig::with(small);
    rig.transport.otherwise(ok());
    (0..3).for_each(|_| drop(rig.call(&get, &CallOptions::default())));
    let error = rig.call(&get, &within(10_000)).result.unwrap_err();
    assert_eq!((error.code(), error.retry_after_ms()), (Code::RateLimited, Some(10_001)));
    assert_eq!((rig.times().len(), rig.clock.now_ms()), (3, START));
    assert!(rig.call(&get, &within(10_002)).result.is_ok());
    // What is left of it is the time-out of a try.
    let rig = Rig::new();
    rig.script([Step::reply(503, "").after_ms(300)]);
    rig.transport.otherwise(Step::silence());
    let error = rig.call(&get, &within(2_000)).result.unwrap_err();
    assert_eq!(error.code(), Code::Timeout);
    assert_eq!((rig.times(), rig.clock.now_ms()), (vec![0, 1_300], START + 2_000));
    // A pause between tries that would outlast it is not begun.
    let rig = Rig::new();
    rig.transport.otherwise(Step::reply(503, ""));
    let error = rig.call(&get, &within(2_500)).result.unwrap_err();
    assert_eq!((error.code(), error.retry_after_ms()), (Code::Server, Some(2_000)));
    assert_eq!((rig.times(), rig.clock.now_ms()), (vec![0, 1_000], START + 1_000));
}

/// An app whose tokens never come.
struct Silent;

impl TokenSource for Silent {
    fn token<'a>(&'a self, _: &'a LocationId) -> BoxFuture<'a, Result<Secret>> {
        Box::pin(futures::future::pending())
    }

    fn renew<'a>(&'a self, _: &'a LocationId, _: &'a Secret) -> BoxFuture<'a, Result<Option<Secret>>> {
        Box::pin(futures::future::pending())
    }
}

#[test]
fn a_deadline_bounds_the_wait_for_a_token_too() {
    let rig = Rig::with_tokens(Arc::new(Silent), |builder| builder);
    let options = CallOptions { deadline: seconds(3), ..CallOptions::default() };
    let error = rig.call(&request(Method::Get), &options).result.unwrap_err();
    assert_eq!((error.code(), error.delivery()), (Code::Timeout, Delivery::NotSent));
    assert_eq!((rig.times().len(), rig.clock.now_ms()), (0, START + 3_000));
}

#[test]
fn waiting_for_a_slot_is_no_part_of_the_timeout() {
    let rig = Rig::with(|builder| small(builder).timeout(Duration::from_secs(1)));
    rig.transport.otherwise(ok().after_ms(900));
    let get = request(Method::Get);
    let calls = join_all((0..4).map(|_| rig.client.send(&rig.location, &get)));
    assert!(drive(&rig.clock, calls).unwrap().iter().all(Result::is_ok));
    assert_eq!(rig.times(), [0, 0, 0, 10_901]);
}

#[test]
fn a_wait_longer_than_allowed_is_refused_at_once() {
    let rig = Rig::with(small);
    rig.transport.otherwise(ok());
    (0..3).for_each(|_| drop(rig.call(&request(Method::Get), &CallOptions::default())));
    let options = CallOptions { max_wait: seconds(10), ..CallOptions::default() };
    let call = rig.call(&request(Method::Get), &options);
    let error = call.result.unwrap_err();
    assert_eq!((error.code(), error.retry_after_ms()), (Code::RateLimited, Some(10_001)));
    assert_eq!((call.meta.tries, rig.clock.now_ms()), (0, START));
    let patient = CallOptions { max_wait: Some(Duration::from_millis(10_001)), ..CallOptions::default() };
    assert!(rig.call(&request(Method::Get), &patient).result.is_ok());
    assert_eq!(rig.times(), [0, 0, 0, 10_001]);
}

#[test]
fn those_ahead_count_towards_the_wait() {
    let rig = Rig::with(small);
    rig.transport.otherwise(ok());
    let get = request(Method::Get);
    let patient = join_all((0..6).map(|_| rig.client.send(&rig.location, &get)));
    let options = CallOptions { max_wait: seconds(15), ..CallOptions::default() };
    let hasty = rig.client.call(&rig.location, &get, &options);
    let (served, refused) = drive(&rig.clock, async { futures::join!(patient, hasty) }).unwrap();
    assert!(served.iter().all(Result::is_ok));
    let error = refused.result.unwrap_err();
    assert_eq!((error.code(), error.retry_after_ms()), (Code::RateLimited, Some(20_001)));
    assert_eq!(rig.times().len(), 6);
}

#[test]
fn a_429_shuts_the_gate_for_all_until_one_probe_opens_it() {
    let rig = Rig::new();
    rig.script([Step::reply(429, "").header("retry-after", 4)]);
    rig.transport.otherwise(ok().after_ms(500));
    let get = request(Method::Get);
    assert!(
        rig.client.send(&rig.location, &get).now_or_never().is_none(),
        "waits; then its caller goes away"
    );
    let calls = join_all((0..5).map(|_| rig.client.send(&rig.location, &get)));
    assert!(drive(&rig.clock, calls).unwrap().iter().all(Result::is_ok));
    // The refused one; at 4 s the probe alone; when it is answered, the others.
    assert_eq!(rig.times(), [0, 4000, 4500, 4500, 4500, 4500]);
}

#[test]
fn a_429_is_repeated_for_a_post_too() {
    let rig = Rig::new();
    rig.script([Step::reply(429, "").header("x-ratelimit-interval-milliseconds", 10_000), ok()]);
    let call = rig.call(&request(Method::Post), &CallOptions::default());
    assert!(call.result.is_ok());
    assert_eq!((call.meta.unanswered, rig.times()), (0, vec![0, 10_000]));
}

#[test]
fn a_429_without_a_hint_backs_off() {
    let rig = Rig::new();
    rig.transport.otherwise(Step::reply(429, r#"{"statusCode":429,"message":"Too many"}"#));
    let error = rig.call(&request(Method::Get), &CallOptions::default()).result.unwrap_err();
    assert_eq!(rig.times(), [0, 1000, 3000]);
    assert_eq!(
        (error.code(), error.status(), error.retry_after_ms()),
        (Code::RateLimited, Some(429), Some(4000))
    );
    // The gate is shut for the next call as well.
    rig.script([ok()]);
    assert!(rig.call(&request(Method::Get), &CallOptions::default()).result.is_ok());
    assert_eq!(rig.times().last(), Some(&7000));
}

#[test]
fn a_429_with_a_long_wait_is_handed_to_the_caller() {
    let rig = Rig::new();
    rig.script([Step::reply(429, "").header("retry-after", 60)]);
    rig.transport.otherwise(ok());
    let options = CallOptions { max_wait: seconds(30), ..CallOptions::default() };
    let error = rig.call(&request(Method::Get), &options).result.unwrap_err();
    assert_eq!((error.code(), error.retry_after_ms()), (Code::RateLimited, Some(60_000)));
    assert_eq!(rig.times(), [0]);
}

#[test]
fn a_call_that_waits_for_a_probe_does_not_wait_for_ever() {
    let rig = Rig::new();
    rig.script([Step::reply(429, "").header("retry-after", 1), Step::silence()]);
    rig.transport.otherwise(ok());
    let get = request(Method::Get);
    let once = CallOptions { tries: Some(1), ..CallOptions::default() };
    rig.call(&get, &once);
    rig.clock.advance(1000);
    let hasty = CallOptions { max_wait: seconds(5), ..CallOptions::default() };
    let calls = async {
        futures::join!(
            rig.client.call(&rig.location, &get, &once),
            rig.client.call(&rig.location, &get, &hasty)
        )
    };
    let (probe, waiter) = drive(&rig.clock, calls).unwrap();
    assert_eq!(probe.result.unwrap_err().code(), Code::Timeout);
    assert_eq!(waiter.result.unwrap_err().code(), Code::RateLimited);
    assert!(rig.call(&get, &once).result.is_ok(), "the next one is the probe");
}

#[test]
fn the_daily_limit_is_not_waited_for() {
    let rig = Rig::new();
    let exhausted = Step::reply(429, "").header("x-ratelimit-daily-remaining", 0).header("retry-after", 1);
    rig.script([exhausted.header("x-ratelimit-daily-reset", 7_200_000)]);
    rig.transport.otherwise(ok());
    for tries in [1, 0] {
        let call = rig.call(&request(Method::Get), &CallOptions::default());
        let error = call.result.unwrap_err();
        assert_eq!((error.code(), error.retry_after_ms()), (Code::DailyLimit, Some(7_200_000)));
        assert_eq!(call.meta.tries, tries);
    }
    rig.clock.advance(7_200_000);
    assert!(rig.call(&request(Method::Get), &CallOptions::default()).result.is_ok());
}

#[test]
fn the_headers_correct_the_limit() {
    let rig = Rig::new();
    rig.transport.otherwise(ok().header("x-ratelimit-max", 2).header("x-ratelimit-remaining", 1));
    (0..3).for_each(|_| drop(rig.call(&request(Method::Get), &CallOptions::default())));
    assert_eq!(rig.times(), [0, 0, 10_001]);
}

#[test]
fn a_dropped_call_counts_as_one_that_timed_out() {
    let rig = Rig::with(|builder| small(builder).timeout(Duration::from_secs(5)));
    rig.transport.otherwise(Step::silence());
    let get = request(Method::Get);
    for _ in 0..3 {
        assert!(rig.client.send(&rig.location, &get).now_or_never().is_none());
    }
    rig.transport.otherwise(ok());
    assert!(rig.call(&get, &CallOptions::default()).result.is_ok());
    // 5 s in which they may yet arrive, and the interval.
    assert_eq!(rig.times(), [0, 0, 0, 15_001]);
}

#[test]
fn whoever_goes_away_while_waiting_makes_room() {
    let rig = Rig::with(small);
    rig.transport.otherwise(ok());
    let get = request(Method::Get);
    (0..3).for_each(|_| drop(rig.call(&get, &CallOptions::default())));
    let first = rig.client.send(&rig.location, &get);
    let mut first = Box::pin(first);
    let mut second = Box::pin(rig.client.send(&rig.location, &get));
    assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
    drop(first);
    assert!(drive(&rig.clock, second).unwrap().is_ok());
    assert_eq!(rig.times(), [0, 0, 0, 10_001]);
}

#[test]
fn what_was_not_sent_leaves_its_slot() {
    struct Closed;
    impl SendGate for Closed {
        fn check(&self, _: i64, _: Duration) -> Result<()> {
            Err(Error::new(Code::LeaseLost, "over"))
        }
    }
    let rig = Rig::with(small);
    for _ in 0..10 {
        // A closed gate, and (without a script) a connection that cannot be made.
        let options = CallOptions { gate: Some(&Closed), ..CallOptions::default() };
        rig.call(&request(Method::Get), &options);
        rig.call(&request(Method::Get), &CallOptions { tries: Some(1), ..CallOptions::default() });
    }
    assert_eq!((rig.times().len(), rig.clock.now_ms()), (10, START));
}
