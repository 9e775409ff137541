//! What an observer hears of calls, and when.

use std::sync::{Arc, Mutex};

use super::{Rig, START, TOKEN, ok, request};
use crate::{
    client::{ApiRequest, CallEvent, CallOptions, Client, Endpoint, Headers, Observer, Priority},
    ids::LocationId,
    policy::rate_limit::Limits,
    ports::{Clock, Method, TransportErrorKind},
    testing::{ManualClock, Step, drive},
};

/// Writes down what it hears, and when.
struct Notes {
    clock: ManualClock,
    heard: Mutex<Vec<String>>,
}

impl Observer for Notes {
    fn observe(&self, event: &CallEvent<'_>) {
        let at = self.clock.now_ms() - START;
        let CallEvent { call, attempt, what, .. } = event;
        self.heard.lock().unwrap().push(format!("{at} #{call}.{attempt} {what:?}"));
    }
}

fn observed(rig: &Rig) -> (Client, Arc<Notes>) {
    let notes = Arc::new(Notes { clock: rig.clock.clone(), heard: Mutex::default() });
    (rig.client.with_observer(notes.clone()), notes)
}

fn call(rig: &Rig, client: &Client, request: &ApiRequest<serde_json::Value>, options: &CallOptions<'_>) {
    drive(&rig.clock, client.call(&rig.location, request, options)).unwrap();
}

#[test]
fn each_step_of_a_call_is_told_when_it_happens() {
    let rig = Rig::new();
    let (client, notes) = observed(&rig);
    rig.script([
        Step::reply(503, "{}").after_ms(70),
        Step::reply(429, "{}").header("retry-after", 5).after_ms(10),
        Step::error(TransportErrorKind::Broken).after_ms(20),
    ]);
    call(&rig, &client, &request(Method::Get), &CallOptions::default());
    rig.script([ok().after_ms(3)]);
    call(&rig, &client, &request(Method::Get), &CallOptions::default());
    call(&rig, &rig.client, &request(Method::Get).refused("unobserved"), &CallOptions::default());
    assert_eq!(
        *notes.heard.lock().unwrap(),
        [
            "0 #1.1 Request",
            "70 #1.1 Response { status: 503, duration_ms: 70 }",
            "70 #1.1 Retry { code: Server, delay_ms: 1000 }",
            "1070 #1.2 Request",
            "1080 #1.2 Response { status: 429, duration_ms: 10 }",
            "1080 #1.2 RateLimit { wait_ms: 5000, refused: true }",
            "1080 #1.2 Retry { code: RateLimited, delay_ms: 5000 }",
            "1080 #1.3 RateLimit { wait_ms: 5000, refused: false }",
            "6080 #1.3 Request",
            "6100 #1.3 Error { code: Network, status: None, trace_id: None, delivery: Unknown }",
            "6100 #2.1 Request",
            "6103 #2.1 Response { status: 200, duration_ms: 3 }",
        ]
    );
}

#[test]
fn a_call_that_waits_for_its_slot_says_so_before_it_waits() {
    let rig = Rig::with(|builder| builder.limits(Limits { burst: 1, ..Limits::default() }));
    let (client, notes) = observed(&rig);
    rig.transport.otherwise(ok());
    let options = CallOptions { priority: Priority::Bulk, ..CallOptions::default() };
    for _ in 0..2 {
        call(&rig, &client, &request(Method::Get), &options);
    }
    let heard = notes.heard.lock().unwrap();
    assert_eq!(heard[2], "0 #2.1 RateLimit { wait_ms: 10001, refused: false }", "{heard:?}");
    assert_eq!(heard[3], "10001 #2.1 Request", "{heard:?}");
}

#[test]
fn what_cannot_be_sent_or_read_is_an_error_too() {
    let rig = Rig::new();
    let (client, notes) = observed(&rig);
    call(&rig, &client, &ApiRequest::new(Method::Get, &["contacts", ".."]), &CallOptions::default());
    rig.script([Step::reply(200, "[")]);
    call(&rig, &client, &request(Method::Get), &CallOptions::default());
    let heard = notes.heard.lock().unwrap();
    let [first, _, _, last] = &heard[..] else { panic!("{heard:?}") };
    assert!(first.contains("#1.1 Error { code: InvalidArgument"), "{heard:?}");
    assert!(last.contains("#2.1 Error { code: UnexpectedReply, status: Some(200)"), "{heard:?}");
}

#[test]
fn no_event_shows_what_a_request_holds() {
    struct Whole(Mutex<String>);
    impl Observer for Whole {
        fn observe(&self, event: &CallEvent<'_>) {
            let json = serde_json::to_string(event).unwrap();
            self.0.lock().unwrap().push_str(&format!("{event:?} {json}\n"));
        }
    }
    const UPDATE: Endpoint = Endpoint::put("/contacts/{contactId}");
    let rig = Rig::new();
    let whole = Arc::new(Whole(Mutex::default()));
    let client = rig.client.with_observer(whole.clone());
    let echo = |request: &ApiRequest<serde_json::Value>| {
        let said = format!("{TOKEN} q5ecret b5ecret h5ecret id5ecret {}", request.path());
        Step::reply(422, format!(r#"{{"message":"{said}","traceId":"{TOKEN}"}}"#))
    };
    let headers = Headers::new().with("x-key", "h5ecret").unwrap();
    let options = CallOptions { headers: Some(&headers), ..CallOptions::default() };
    let free = ApiRequest::new(Method::Post, &["contacts", "id5ecret", "x"]);
    for request in [UPDATE.of(&LocationId::new("loc1"), &["id5ecret"]), free] {
        let request = request.with_query("email", "q5ecret").with_json(&"b5ecret");
        rig.script([echo(&request)]);
        call(&rig, &client, &request, &options);
    }
    let text = whole.0.lock().unwrap();
    assert!(text.contains("/contacts/{contactId}") && text.contains(r#""route":"/contacts""#), "{text}");
    assert!(!text.contains("5ecret") && !text.contains(TOKEN), "{text}");
}
