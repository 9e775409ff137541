use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use futures::future::join_all;

use super::*;
use crate::{
    client::{CallMeta, SendGate, pages},
    error::{Code, Delivery, Error, Result},
    policy::server_clock::Sample,
    ports::{BoxFuture, Clock, TransportErrorKind},
};

#[test]
fn a_request_leaves_whole() {
    let rig = Rig::with(|builder| builder.base_url("http://127.0.0.1:9/").timeout(Duration::from_secs(7)));
    rig.script([ok()]);
    let request = request(Method::Put).with_query("a", "b c");
    assert_eq!(rig.call(&request, &CallOptions::default()).result.unwrap()["a"], 1);
    let sent = &rig.transport.sent()[0].request;
    assert_eq!((sent.method, sent.url.as_str()), (Method::Put, "http://127.0.0.1:9/contacts/con1?a=b+c"));
    let expected = [
        ("accept", "application/json"),
        ("version", "2021-07-28"),
        ("content-type", "application/json"),
        ("user-agent", concat!("ghlkit/", env!("CARGO_PKG_VERSION"))),
        ("authorization", &format!("Bearer {TOKEN}")),
    ];
    let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(headers, expected);
    assert_eq!((sent.body.as_slice(), sent.timeout), (&br#""customer data""#[..], Duration::from_secs(7)));
}

#[test]
fn a_server_error_is_repeated_after_1_and_2_seconds() {
    for status in [408, 500, 502, 503, 504] {
        let rig = Rig::new();
        rig.script([Step::reply(status, "").after_ms(50), Step::reply(status, "").after_ms(50), ok()]);
        let call = rig.call(&request(Method::Put), &CallOptions::default());
        assert!(call.result.is_ok());
        assert_eq!(rig.times(), [0, 1050, 3100], "{status}");
        let meta = CallMeta {
            tries: 3,
            unanswered: 2,
            first_sent_at: Some(START),
            last_sent_at: Some(START + 3100),
            last_unanswered_at: Some(START + 1050),
            server_time: None,
        };
        assert_eq!(call.meta, meta);
    }
}

#[test]
fn after_three_tries_the_error_stands() {
    let rig = Rig::new();
    rig.transport.otherwise(Step::reply(503, r#"{"message":"down"}"#));
    let error = rig.call(&request(Method::Get), &CallOptions::default()).result.unwrap_err();
    assert_eq!((error.code(), error.status()), (Code::Server, Some(503)));
    assert_eq!((error.message(), error.delivery()), ("GHL answered 503: down", Delivery::Unknown));
    assert_eq!(rig.times(), [0, 1000, 3000]);
}

#[test]
fn options_limit_the_tries_to_one_at_least() {
    for (tries, sent) in [(0, 1), (1, 1), (2, 2), (5, 5)] {
        let rig = Rig::new();
        rig.transport.otherwise(Step::reply(500, ""));
        let options = CallOptions { tries: Some(tries), ..CallOptions::default() };
        assert_eq!(rig.call(&request(Method::Get), &options).meta.tries, sent);
        assert_eq!(rig.times().len(), sent as usize);
    }
}

#[test]
fn a_lost_reply_to_a_post_is_not_repeated() {
    for step in [
        Step::error(TransportErrorKind::Broken),
        Step::error(TransportErrorKind::Timeout),
        Step::silence(),
        Step::reply(502, "<html>"),
    ] {
        let rig = Rig::new();
        rig.script([step]);
        rig.transport.otherwise(ok());
        let call = rig.call(&request(Method::Post), &CallOptions::default());
        let error = call.result.unwrap_err();
        assert_eq!((error.code(), error.delivery()), (Code::OutcomeUnknown, Delivery::Unknown));
        assert!(!error.retryable());
        assert_eq!((call.meta.tries, call.meta.unanswered), (1, 1));
        assert_eq!(call.meta.last_unanswered_at, Some(START));
        assert_eq!(rig.times(), [0]);
    }
}

#[test]
fn a_lost_reply_is_repeated_where_that_does_no_harm() {
    let safe = request(Method::Post).safe_to_repeat();
    for request in [request(Method::Get), request(Method::Put), request(Method::Delete), safe] {
        for lost in [TransportErrorKind::Broken, TransportErrorKind::Timeout, TransportErrorKind::Connect] {
            let rig = Rig::new();
            rig.script([Step::error(lost), ok()]);
            let call = rig.call(&request, &CallOptions::default());
            assert!(call.result.is_ok(), "{request:?}");
            let unanswered = u32::from(lost != TransportErrorKind::Connect);
            assert_eq!((call.meta.tries, call.meta.unanswered), (2, unanswered));
            assert_eq!(rig.times(), [0, 1000]);
        }
    }
}

#[test]
fn what_surely_never_left_is_repeated_even_for_a_post() {
    let rig = Rig::new();
    let call = rig.call(&request(Method::Post), &CallOptions::default());
    let error = call.result.unwrap_err();
    assert_eq!((error.code(), error.delivery()), (Code::Network, Delivery::NotSent));
    assert_eq!((call.meta.tries, call.meta.unanswered, call.meta.last_unanswered_at), (3, 0, None));
    assert_eq!(rig.times(), [0, 1000, 3000]);
}

#[test]
fn the_client_itself_ends_a_try_in_time() {
    let rig = Rig::with(|builder| builder.timeout(Duration::from_secs(5)));
    rig.transport.otherwise(Step::silence());
    let error = rig.call(&request(Method::Get), &CallOptions::default()).result.unwrap_err();
    assert_eq!((error.code(), error.delivery()), (Code::Timeout, Delivery::Unknown));
    assert_eq!(rig.times(), [0, 6000, 13_000]);
    let options = CallOptions { timeout: seconds(1), tries: Some(1), ..CallOptions::default() };
    rig.call(&request(Method::Get), &options);
    assert_eq!(rig.clock.now_ms() - START, 19_000);
    assert_eq!(rig.transport.sent()[3].request.timeout, Duration::from_secs(1));
}

#[test]
fn retry_after_of_a_503_replaces_the_delay() {
    let rig = Rig::new();
    rig.script([Step::reply(503, "").header("retry-after", 7), ok()]);
    assert!(rig.call(&request(Method::Get), &CallOptions::default()).result.is_ok());
    assert_eq!(rig.times(), [0, 7000]);
}

#[test]
fn a_delay_longer_than_allowed_ends_the_call_at_once() {
    let rig = Rig::new();
    rig.script([Step::reply(503, "").header("retry-after", 7), ok()]);
    let options = CallOptions { max_wait: seconds(6), ..CallOptions::default() };
    let error = rig.call(&request(Method::Get), &options).result.unwrap_err();
    assert_eq!((error.code(), error.retry_after_ms()), (Code::Server, Some(7000)));
    assert_eq!(rig.clock.now_ms(), START);

    let rig = Rig::new();
    rig.transport.otherwise(Step::reply(503, "").after_ms(60));
    let options = CallOptions { max_wait: seconds(2), ..CallOptions::default() };
    let error = rig.call(&request(Method::Get), &options).result.unwrap_err();
    assert_eq!((error.code(), error.retry_after_ms()), (Code::Server, Some(2000)));
    assert_eq!(rig.times(), [0, 1060], "1 s is spent; 2 more would be too much");
}

#[test]
fn retries_end_with_the_budget() {
    let rig = Rig::new();
    rig.transport.otherwise(Step::reply(500, ""));
    let get = request(Method::Get);
    let calls = join_all((0..20).map(|_| rig.client.send(&rig.location, &get)));
    let errors: Vec<_> = drive(&rig.clock, calls).unwrap().into_iter().map(Result::unwrap_err).collect();
    // 20 tries; the 20 retries that were saved up; a second later the 4 that calls and time have earned.
    assert_eq!(rig.times().len(), 44);
    let (spent, last): (Vec<_>, Vec<_>) = errors.iter().partition(|error| error.code() == Code::RetryBudget);
    assert_eq!((spent.len(), last.len(), last[0].code()), (16, 4, Code::Server));
    for error in spent {
        assert_eq!((error.retry_after_ms(), error.delivery()), (Some(1400), Delivery::Unknown));
        assert!(std::error::Error::source(error).unwrap().to_string().contains("GHL answered 500"));
    }
}

#[test]
fn another_locations_budget_is_its_own() {
    let rig = Rig::new();
    rig.transport.otherwise(Step::reply(500, ""));
    while rig.call(&request(Method::Get), &CallOptions::default()).result.unwrap_err().code()
        != Code::RetryBudget
    {}
    let before = rig.times().len();
    let other = LocationId::new("loc2");
    let error = drive(&rig.clock, rig.client.send(&other, &request(Method::Get))).unwrap().unwrap_err();
    assert_eq!((error.code(), rig.times().len() - before), (Code::Server, 3));
}

/// Hands out numbered tokens and counts the renewals.
struct Renewing {
    current: Mutex<u32>,
    renewals: AtomicU32,
    gives: bool,
}

impl Renewing {
    fn new(gives: bool) -> Arc<Self> {
        Arc::new(Self { current: Mutex::new(1), renewals: AtomicU32::new(0), gives })
    }
}

impl TokenSource for Renewing {
    fn token<'a>(&'a self, _: &'a LocationId) -> BoxFuture<'a, Result<Secret>> {
        let token = Secret::new(format!("token-{}", self.current.lock().unwrap()));
        Box::pin(async move { Ok(token) })
    }

    fn renew<'a>(&'a self, _: &'a LocationId, rejected: &'a Secret) -> BoxFuture<'a, Result<Option<Secret>>> {
        self.renewals.fetch_add(1, Ordering::SeqCst);
        let mut current = self.current.lock().unwrap();
        assert_eq!(rejected.expose(), format!("token-{current}"));
        *current += 1;
        let renewed = self.gives.then(|| Secret::new(format!("token-{current}")));
        Box::pin(async move { Ok(renewed) })
    }
}

#[test]
fn an_invalid_token_is_renewed_once_even_for_a_post() {
    let invalid = || Step::reply(401, r#"{"statusCode":401,"message":"Invalid JWT"}"#);
    let tokens = Renewing::new(true);
    let rig = Rig::with_tokens(tokens.clone(), |builder| builder);
    rig.script([invalid(), ok(), invalid(), invalid()]);
    let call = rig.call(&request(Method::Post), &CallOptions { tries: Some(1), ..CallOptions::default() });
    assert!(call.result.is_ok());
    assert_eq!((call.meta.tries, rig.clock.now_ms()), (2, START));
    let sent = rig.transport.sent();
    let authorization = |n: usize| sent[n].request.headers.last().unwrap().1.clone();
    assert_eq!([0, 1].map(authorization), ["Bearer token-1", "Bearer token-2"]);

    let error = rig.call(&request(Method::Post), &CallOptions::default()).result.unwrap_err();
    assert_eq!((error.code(), error.status()), (Code::Unauthorized, Some(401)));
    assert_eq!((tokens.renewals.load(Ordering::SeqCst), rig.times().len()), (2, 4));
}

#[test]
fn a_token_that_cannot_be_renewed_is_unauthorized() {
    let tokens = Renewing::new(false);
    let rig = Rig::with_tokens(tokens, |builder| builder);
    rig.script([Step::reply(401, r#"{"message":"Invalid Private Integration token"}"#)]);
    let error = rig.call(&request(Method::Get), &CallOptions::default()).result.unwrap_err();
    assert_eq!((error.code(), rig.times().len()), (Code::Unauthorized, 1));
}

#[test]
fn no_other_401_renews() {
    for (message, code) in [
        ("version header was not found.", Code::VersionHeader),
        ("The token is not authorized for this scope.", Code::ScopeMissing),
        ("Token's user type mismatch!", Code::WrongTokenClass),
        ("This authClass type is not allowed to access this scope", Code::WrongTokenClass),
        ("This route is not yet supported by the IAM Service", Code::Refused),
        ("", Code::Unauthorized),
    ] {
        let tokens = Renewing::new(true);
        let rig = Rig::with_tokens(tokens.clone(), |builder| builder);
        rig.script([Step::reply(401, format!(r#"{{"message":"{message}"}}"#))]);
        let error = rig.call(&request(Method::Get), &CallOptions::default()).result.unwrap_err();
        assert_eq!((error.code(), tokens.renewals.load(Ordering::SeqCst)), (code, 0), "{message}");
    }
}

/// Closes at a time, and notes when it was asked.
struct Lease {
    until: i64,
    asked: Mutex<Vec<(i64, Duration)>>,
}

impl SendGate for Lease {
    fn check(&self, now_ms: i64, timeout: Duration) -> Result<()> {
        self.asked.lock().unwrap().push((now_ms - START, timeout));
        let outlives = now_ms + i64::try_from(timeout.as_millis()).unwrap() <= self.until;
        if outlives { Ok(()) } else { Err(Error::new(Code::LeaseLost, "the lease is too short")) }
    }
}

fn lease(ms: i64) -> Lease {
    Lease { until: START + ms, asked: Mutex::new(Vec::new()) }
}

#[test]
fn the_gate_is_asked_before_every_try() {
    let rig = Rig::with(|builder| builder.timeout(Duration::from_secs(2)));
    rig.transport.otherwise(Step::reply(500, ""));
    let gate = lease(60_000);
    rig.call(&request(Method::Get), &CallOptions { gate: Some(&gate), ..CallOptions::default() });
    let timeout = Duration::from_secs(2);
    assert_eq!(*gate.asked.lock().unwrap(), [(0, timeout), (1000, timeout), (3000, timeout)]);
}

#[test]
fn a_closed_gate_sends_nothing() {
    let rig = Rig::new();
    let gate = lease(0);
    let call = rig.call(&request(Method::Post), &CallOptions { gate: Some(&gate), ..CallOptions::default() });
    let error = call.result.unwrap_err();
    assert_eq!((error.code(), error.delivery()), (Code::LeaseLost, Delivery::NotSent));
    assert_eq!((call.meta, rig.times().len()), (CallMeta::default(), 0));
}

#[test]
fn a_gate_that_closes_between_tries_hides_no_earlier_try() {
    let rig = Rig::with(|builder| builder.timeout(Duration::from_secs(2)));
    rig.script([Step::error(TransportErrorKind::Broken), ok()]);
    let gate = lease(2500);
    let call = rig.call(&request(Method::Put), &CallOptions { gate: Some(&gate), ..CallOptions::default() });
    let error = call.result.unwrap_err();
    assert_eq!((error.code(), error.delivery()), (Code::LeaseLost, Delivery::Unknown));
    assert_eq!((call.meta.tries, call.meta.unanswered, rig.times()), (1, 1, vec![0]));
}

#[test]
fn a_request_that_names_nothing_is_not_sent() {
    let rig = Rig::new();
    let request: ApiRequest<Value> = ApiRequest::new(Method::Delete, &["contacts", ""]);
    let call = rig.call(&request, &CallOptions::default());
    assert_eq!((call.result.unwrap_err().code(), call.meta.tries), (Code::InvalidArgument, 0));
    assert_eq!(rig.times().len(), 0);
}

#[test]
fn the_date_header_tells_ghls_clock() {
    let rig = Rig::new();
    assert_eq!(rig.client.server_offset(), None);
    let date = "Fri, 15 Jan 2027 08:00:05 GMT";
    rig.script([ok().header("date", date).after_ms(100), ok().header("date", "yesterday")]);
    let call = rig.call(&request(Method::Get), &CallOptions::default());
    let sample = Sample { date_ms: START + 5000, sent_at_ms: START, received_at_ms: START + 100 };
    assert_eq!(call.meta.server_time, Some(sample));
    assert_eq!(rig.client.server_offset(), Some(sample.offset()));
    assert_eq!(rig.call(&request(Method::Get), &CallOptions::default()).meta.server_time, None);
}

#[test]
fn calls_can_move_between_threads() {
    fn send<T: Send>(value: T) -> T {
        value
    }
    let rig = Rig::new();
    let gate = lease(0);
    let options = CallOptions { gate: Some(&gate), ..CallOptions::default() };
    drop(send(rig.client.call(&rig.location, &request(Method::Get), &options)));
    let split = |value: Value| (vec![value], None);
    drop(send(pages(rig.client.clone(), rig.location.clone(), request(Method::Get), split)));
}
