use futures::FutureExt;

use super::*;
use crate::{
    secret::Secret,
    store::MemoryStore,
    testing::ManualClock,
    webhook::{
        Scheme, Tolerance,
        sign::{Signer, test_headers},
    },
};

const NOW: i64 = 1_769_860_800_000;
const SENT: &str =
    r#"{"type":"ContactUpdate","id":"con1","webhookId":"wh-1","timestamp":"2026-01-31T12:00:00Z"}"#;

struct Rig {
    receiver: Receiver,
    clock: ManualClock,
}

impl Rig {
    fn new() -> Self {
        Self::with(Tolerance::widest(), ReceiverOptions::default()).unwrap()
    }

    fn with(tolerance: Tolerance, options: ReceiverOptions) -> Result<Self> {
        let clock = ManualClock::new(NOW);
        let verifier = Verifier::new(
            vec![Scheme::HmacSha256 { secrets: vec![Secret::new("s3cret").into()] }],
            tolerance,
        )
        .unwrap();
        let store = Arc::new(MemoryStore::new());
        let receiver = Receiver::new(verifier, store, Arc::new(clock.clone()), options)?;
        Ok(Self { receiver, clock })
    }

    fn receive(&self, body: &str) -> Result<Received> {
        let headers = test_headers(body.as_bytes(), Signer::Hmac("s3cret"));
        self.receiver.receive(body.as_bytes(), headers).now_or_never().expect("it waits for nothing")
    }

    /// Handles a webhook; whether the handler ran.
    fn handle(&self, body: &str, outcome: Result<(), &'static str>) -> (bool, Result<Handled>) {
        let headers = test_headers(body.as_bytes(), Signer::Hmac("s3cret"));
        let mut ran = false;
        let handled = self
            .receiver
            .handle(body.as_bytes(), headers, |_| {
                ran = true;
                async { outcome }
            })
            .now_or_never();
        (ran, handled.expect("it waits for nothing"))
    }
}

#[test]
fn a_webhook_is_handled_once_for_as_long_as_it_is_remembered() {
    let rig = Rig::new();
    assert!(matches!(rig.handle(SENT, Ok(())), (true, Ok(Handled::Now))));
    for _ in 0..3 {
        assert!(matches!(rig.handle(SENT, Ok(())), (false, Ok(Handled::Before))));
        rig.clock.advance(24 * 60 * 60 * 1_000);
    }
    let other = SENT.replace("wh-1", "wh-2");
    assert!(matches!(rig.handle(&other, Ok(())), (true, Ok(Handled::Now))));
}

#[test]
fn what_a_handler_failed_at_is_handled_when_it_comes_again() {
    let rig = Rig::new();
    for _ in 0..2 {
        let (ran, handled) = rig.handle(SENT, Err("the mail server is down"));
        let error = handled.unwrap_err();
        assert_eq!((ran, error.code()), (true, Code::HandlerFailed));
        assert!(!error.to_string().contains("mail"), "senders are told nothing of the shop's: {error}");
        assert_eq!(Answer::refused(&error).status, 429);
    }
    assert!(matches!(rig.handle(SENT, Ok(())), (true, Ok(Handled::Now))));
}

#[test]
fn a_webhook_that_is_being_handled_is_repeated_later() {
    let rig = Rig::new();
    let Ok(Received::New(_, claimed)) = rig.receive(SENT) else { panic!("it is new") };
    let error = rig.receive(SENT).unwrap_err();
    assert_eq!((error.code(), Answer::refused(&error).status), (Code::Conflict, 429));
    rig.receiver.release(&claimed).now_or_never().unwrap().unwrap();
    let Ok(Received::New(_, claimed)) = rig.receive(SENT) else { panic!("it was given up") };
    rig.receiver.remember(&claimed).now_or_never().unwrap().unwrap();
    assert!(matches!(rig.receive(SENT), Ok(Received::Seen(_))));
}

#[test]
fn the_webhook_of_a_process_that_was_killed_is_handled_after_its_claim() {
    let rig = Rig::new();
    assert!(matches!(rig.receive(SENT), Ok(Received::New(..))));
    rig.clock.advance(59_999);
    assert_eq!(rig.receive(SENT).unwrap_err().code(), Code::Conflict);
    rig.clock.advance(1);
    assert!(matches!(rig.handle(SENT, Ok(())), (true, Ok(Handled::Now))));
}

#[test]
fn a_body_with_a_time_but_no_id_is_known_by_its_bytes_while_its_time_is_accepted() {
    let rig = Rig::with(Tolerance::default(), ReceiverOptions::default()).unwrap();
    let body = r#"{"contactId":"con1","pipelineStage":"stage_shipped","timestamp":"2026-01-31T12:00:00Z"}"#;
    assert!(matches!(rig.handle(body, Ok(())), (true, Ok(Handled::Now))));
    rig.clock.advance(300_000);
    assert!(
        matches!(rig.handle(body, Ok(())), (false, Ok(Handled::Before))),
        "the last moment it is accepted"
    );
    rig.clock.advance(1);
    assert_eq!(rig.handle(body, Ok(())).1.unwrap_err().code(), Code::Stale);
}

#[test]
fn a_body_that_may_rightly_come_twice_is_handled_twice() {
    let rig = Rig::new();
    let body = r#"{"contactId":"con1","pipelineStage":"stage_shipped"}"#;
    for _ in 0..2 {
        assert!(matches!(rig.handle(body, Ok(())), (true, Ok(Handled::Now))));
    }
}

#[test]
fn nothing_forged_is_handled_or_remembered() {
    let rig = Rig::new();
    let handler = |_| async { panic!("it was forged") as Result<(), Error> };
    let headers = test_headers(SENT.as_bytes(), Signer::Hmac("other"));
    let error = rig.receiver.handle(SENT.as_bytes(), headers, handler).now_or_never().unwrap().unwrap_err();
    assert_eq!(Answer::refused(&error).status, 401);
    assert!(matches!(rig.handle(SENT, Ok(())), (true, Ok(Handled::Now))));
}

#[test]
fn an_event_is_not_forgotten_while_it_would_be_accepted() {
    let keep = |ms| ReceiverOptions { keep: Duration::from_millis(ms), ..ReceiverOptions::default() };
    let error = Rig::with(Tolerance::default(), keep(299_999)).err().unwrap();
    assert_eq!((error.code(), error.field()), (Code::Config, Some("keep")));
    assert!(Rig::with(Tolerance::default(), keep(300_000)).is_ok());
}

#[test]
fn receivers_that_share_a_memory_each_handle_a_webhook() {
    let rig = Rig::new();
    let mut other = rig.receiver.clone();
    other.options.name = "mails".to_owned();
    assert!(matches!(rig.handle(SENT, Ok(())), (true, Ok(Handled::Now))));
    let other = Rig { receiver: other, clock: rig.clock.clone() };
    assert!(matches!(other.handle(SENT, Ok(())), (true, Ok(Handled::Now))));
    assert!(matches!(other.handle(SENT, Ok(())), (false, Ok(Handled::Before))));
}
