//! Received webhooks: what is accepted, and what has been seen.

use super::host::*;
use crate::{
    error::Code,
    ports::{
        Clock,
        store::{InboxStore, Received},
    },
    sync::tests::shop::stage,
    webhook::sign::{Signer, test_headers},
};

fn moved(to: &str, more: &str) -> String {
    format!(
        r#"{{"type":"OpportunityStageUpdate","id":"opp1","locationId":"loc1","contactId":"con1",
        "pipelineId":"pip1","pipelineStageId":"{}","status":"open"{more}}}"#,
        stage(to)
    )
}

/// A workflow's body at this time: it carries no id.
fn workflow(host: &Host) -> String {
    format!(
        r#"{{"contactId":"con1","opportunityId":"opp1","pipelineStage":"stage_shipped","timestamp":"{}"}}"#,
        now(host)
    )
}

#[test]
fn a_webhook_is_kept_to_the_byte_and_nothing_is_called_yet() {
    let host = Host::with_synced_order();
    let body = moved("shipped", r#","x":"a\u0000b""#);
    let receipt = host.webhook(&body).unwrap();
    assert!(matches!(receipt.received, Received::New(_)));
    assert_eq!((receipt.event_type.as_str(), host.requests().len()), ("OpportunityStageUpdate", 0));
    let [row] = &host.run(host.store.pending_inbox(0, 10)).unwrap()[..] else { panic!() };
    assert_eq!(row.raw, body.as_bytes());
    assert_eq!(host.row("A-1").status, "order_placed", "a payload is never applied");
}

#[test]
fn the_same_webhook_id_is_seen_whatever_else_the_body_says() {
    let host = Host::with_synced_order();
    let with_id = r#","webhookId":"wh-1""#;
    assert!(matches!(host.webhook(&moved("shipped", with_id)).unwrap().received, Received::New(_)));
    assert_eq!(host.webhook(&moved("shipped", with_id)).unwrap().received, Received::Seen);
    host.transport.otherwise(shows("order_placed", "2027-01-15T08:00:00.000Z"));
    host.drain();
    assert_eq!(host.webhook(&moved("delivered", with_id)).unwrap().received, Received::Seen, "for good");
}

/// A → B → A can be byte-equal: once the first is applied, the same bytes are a hint once more.
#[test]
fn the_same_bytes_with_a_timestamp_are_seen_only_while_the_first_is_unapplied() {
    let host = Host::with_synced_order();
    let body = workflow(&host);
    assert!(matches!(host.webhook(&body).unwrap().received, Received::New(_)));
    assert_eq!(host.webhook(&body).unwrap().received, Received::Seen);
    host.transport.otherwise(shows("order_placed", "2027-01-15T08:00:00.000Z"));
    host.drain();
    assert_eq!(host.requests(), ["GET /opportunities/opp1"]);
    assert!(matches!(host.webhook(&body).unwrap().received, Received::New(_)));
    host.drain();
    assert_eq!(host.requests(), ["GET /opportunities/opp1"]);
}

#[test]
fn bytes_without_a_timestamp_are_never_taken_for_the_same_event() {
    let host = Host::with_synced_order();
    for _ in 0..2 {
        assert!(matches!(host.webhook(&moved("shipped", "")).unwrap().received, Received::New(_)));
    }
}

#[test]
fn several_events_of_one_change_are_one_transition_and_one_notice() {
    let host = Host::with_synced_order();
    for _ in 0..3 {
        host.webhook(&moved("shipped", "")).unwrap();
    }
    host.ghl([shows("shipped", "2027-01-15T08:30:00.000Z"), done(), done(), done()]);
    host.drain();
    assert_eq!(
        host.requests(),
        [
            "GET /opportunities/opp1",
            "PUT /contacts/con1",
            "POST /contacts/con1/tags",
            "DELETE /contacts/con1/tags"
        ]
    );
    assert_eq!((host.row("A-1").version, host.ears.kinds()), (2, vec!["status_changed".to_owned()]));
}

#[test]
fn what_is_not_genuine_or_not_ours_is_refused_and_nothing_is_kept() {
    let host = Host::with_synced_order();
    let body = moved("shipped", "");
    let refuse = |raw: &[u8], signed_as: &[u8], secret: &str| {
        let headers = test_headers(signed_as, Signer::Hmac(secret));
        host.run(host.engine.receive_webhook(None, raw, headers)).unwrap_err()
    };
    let genuine = "s3cret";
    assert_eq!(refuse(body.as_bytes(), body.as_bytes(), "wrong").code(), Code::Signature);
    assert_eq!(refuse(body.as_bytes(), b"{}", genuine).code(), Code::Signature);
    assert_eq!(refuse(b"not json", b"not json", genuine).code(), Code::Payload);
    assert_eq!(refuse(b"{\"a\":\"\xff\"}", b"{\"a\":\"\xff\"}", genuine).code(), Code::Payload);
    let elsewhere = body.replace("loc1", "loc2");
    let error = refuse(elsewhere.as_bytes(), elsewhere.as_bytes(), genuine);
    assert_eq!((error.code(), error.field()), (Code::WrongLocation, Some("locationId")));
    let old = moved("shipped", r#","timestamp":"2027-01-12T08:59:59.000Z""#);
    assert_eq!(refuse(old.as_bytes(), old.as_bytes(), genuine).code(), Code::Stale);
    let none = host.run(host.engine.receive_webhook(None, body.as_bytes(), [("x", "y")])).unwrap_err();
    assert_eq!(none.code(), Code::Signature);
    assert!(host.run(host.store.pending_inbox(0, 10)).unwrap().is_empty());
}

/// GHL repeats an app webhook that was answered 429: nothing may look received that is not.
#[test]
fn what_cannot_be_written_is_an_error_and_is_taken_when_repeated() {
    let host = Host::with_synced_order();
    let body = moved("shipped", r#","webhookId":"wh-1""#);
    *host.store.full.lock().unwrap() = true;
    assert_eq!(host.webhook(&body).unwrap_err().code(), Code::Store);
    *host.store.full.lock().unwrap() = false;
    assert!(matches!(host.webhook(&body).unwrap().received, Received::New(_)));
}

/// Most events that arrive while a pass is at work are its own echo.
#[test]
fn an_echo_that_arrives_during_its_own_push_costs_no_call() {
    let host = Host::with_synced_order();
    host.set("processing", WAIT_NOT).unwrap();
    host.ghl([shows("processing", &now(&host)).after_ms(500), done().after_ms(500), done(), done()]);
    let echo = moved("processing", "");
    let scenario = async {
        host.clock.sleep(std::time::Duration::from_millis(600)).await;
        let headers = test_headers(echo.as_bytes(), Signer::Hmac("s3cret"));
        host.engine.receive_webhook(None, echo.as_bytes(), headers).await.unwrap();
        host.clock.sleep(std::time::Duration::from_secs(10)).await;
        host.engine.stop();
    };
    let (ran, ()) = host.run(futures::future::join(Box::pin(host.engine.run()), Box::pin(scenario)));
    ran.unwrap();
    assert_eq!(host.requests().len(), 4, "the push alone");
    assert_eq!((host.row("A-1").dirty, host.row("A-1").status.as_str()), (0, "processing"));
    assert!(host.run(host.store.pending_inbox(0, 10)).unwrap().is_empty());
}
