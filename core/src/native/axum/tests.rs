use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Extension, Router};

use super::*;
use crate::{
    receiver::ReceiverOptions,
    secret::Secret,
    store::MemoryStore,
    testing::ManualClock,
    webhook::{
        SIGNATURE_HEADER, Scheme, Tolerance,
        sign::{Signer, test_headers},
    },
};

const SENT: &str = r#"{"type":"ContactUpdate","id":"con1","webhookId":"wh-1"}"#;

fn verifier() -> Verifier {
    let scheme = Scheme::HmacSha256 { secrets: vec![Secret::new("s3cret").into()] };
    Verifier::new(vec![scheme], Tolerance::default()).unwrap().with_max_bytes(1_000)
}

fn receiver() -> Receiver {
    let clock = Arc::new(ManualClock::new(0));
    Receiver::new(verifier(), Arc::new(MemoryStore::new()), clock, ReceiverOptions::default()).unwrap()
}

/// A router that answers with the status it is told, and how often its handler was called.
fn shop(status: Arc<AtomicUsize>) -> (Router, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let seen = calls.clone();
    let handler = move |Extension(event): Extension<Arc<Event>>, body: String| async move {
        assert_eq!((event.event_type.as_str(), body.as_str()), ("ContactUpdate", SENT));
        seen.fetch_add(1, Ordering::Relaxed);
        StatusCode::from_u16(u16::try_from(status.load(Ordering::Relaxed)).unwrap()).unwrap()
    };
    (Router::new().route("/hook", post(handler).layer(ReceiverLayer::new(receiver()))), calls)
}

fn request(body: &str, with: impl IntoIterator<Item = (&'static str, String)>) -> Request {
    let mut request = axum::http::Request::post("/hook").header("content-type", "application/json");
    for (name, value) in with {
        request = request.header(name, value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

fn signed(body: &str) -> Request {
    let headers = test_headers(body.as_bytes(), Signer::Hmac("s3cret"));
    let signature = headers.into_iter().find(|(name, _)| name == SIGNATURE_HEADER);
    request(body, signature.map(|(_, value)| (SIGNATURE_HEADER, value)))
}

async fn answer(router: &Router, request: Request) -> (u16, Option<String>, String) {
    let response = router.clone().call(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let retry = parts.headers.get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
    let body = to_bytes(body, 10_000).await.unwrap();
    (parts.status.as_u16(), retry, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_layer_calls_the_handler_once_for_what_is_genuine() {
    let (router, calls) = shop(Arc::new(AtomicUsize::new(204)));
    assert_eq!(answer(&router, signed(SENT)).await, (204, None, String::new()));
    for _ in 0..3 {
        assert_eq!(answer(&router, signed(SENT)).await, (200, None, r#"{"success":true}"#.to_owned()));
    }
    for (status, refused) in [
        (401, request(SENT, [])),
        (401, request(SENT, [("x-ghl-signature", "0".repeat(64))])),
        (401, request(SENT, [("x-ghl-signature", "a".repeat(64)), ("x-ghl-signature", "b".repeat(64))])),
        (400, signed("{")),
        (413, signed(&"x".repeat(1_001))),
    ] {
        assert_eq!(answer(&router, refused).await.0, status);
    }
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_the_handler_refuses_comes_again() {
    let status = Arc::new(AtomicUsize::new(503));
    let (router, calls) = shop(status.clone());
    for _ in 0..2 {
        let (code, retry, body) = answer(&router, signed(SENT)).await;
        assert_eq!((code, retry.as_deref()), (429, Some("30")));
        assert!(body.contains(r#""code":"handler_failed""#), "{body}");
    }
    status.store(200, Ordering::Relaxed);
    assert_eq!(answer(&router, signed(SENT)).await.0, 200);
    assert_eq!(answer(&router, signed(SENT)).await.0, 200);
    assert_eq!(calls.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_body_of_another_type_is_not_read() {
    let (router, _) = shop(Arc::new(AtomicUsize::new(200)));
    let form = |declared: &str| {
        let mut request = signed(SENT);
        request.headers_mut().insert(header::CONTENT_TYPE, declared.parse().unwrap());
        request
    };
    assert_eq!(answer(&router, form("application/x-www-form-urlencoded")).await.0, 415);
    assert_eq!(answer(&router, form("application/json; charset=utf-8")).await.0, 200);
    let mut silent = signed(SENT);
    silent.headers_mut().remove(header::CONTENT_TYPE);
    assert_eq!(answer(&router, silent).await.0, 200);
}

#[tokio::test]
async fn an_extractor_hands_over_what_is_genuine() {
    let handler = |Webhook(event): Webhook| async move { event.event_type };
    let router = Router::new().route("/hook", post(handler)).with_state(verifier());
    assert_eq!(answer(&router, signed(SENT)).await, (200, None, "ContactUpdate".to_owned()));
    assert_eq!(answer(&router, request(SENT, [])).await.0, 401);
    let stale = SENT.replace('}', r#","timestamp":"2020-01-31T12:00:00Z"}"#);
    let (status, _, body) = answer(&router, signed(&stale)).await;
    assert_eq!(status, 401);
    assert!(body.contains(r#""code":"stale""#), "{body}");
}

#[test]
fn only_who_sends_the_token_reads_metrics() {
    let token = Secret::new("t0ken");
    assert!(is_bearer(b"Bearer t0ken", &token));
    for other in [&b""[..], b"t0ken", b"Bearer", b"Bearer t0ken ", b"bearer t0ken"] {
        assert!(!is_bearer(other, &token));
    }
    assert!(!is_bearer(b"Bearer ", &Secret::new("")), "an empty token lets nobody in");
}
