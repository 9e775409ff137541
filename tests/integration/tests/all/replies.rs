//! Replies that are none, byte by byte over sockets: each a typed error in bounded time and memory, without a secret, and
//! what came over is not believed. The server knows no HTTP, so nothing is mended on the way.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ghlkit::{
    Code, Error, Result,
    api::contacts::{self, ContactInput},
    client::{CallOptions, Client, ClientBuilder, StaticTokens},
    error::Delivery,
    ids::{ContactId, LocationId},
    native::{HyperTransport, OsEntropy, SystemClock},
    secret::Secret,
};
use integration::{Piece, Process, Raw, TOKEN, here, wait_until};
use mock_ghl::{CLIENT_ID, CLIENT_SECRET};

/// What the client tells of a reply, at the longest.
const PATIENCE: Duration = Duration::from_secs(10);
const TRACE: &str = "0c52e980-41f6-4be7-8c4b-32b6bd1d2a9c";
/// Of a reply, or of the request that it answers: in no error.
const CANARIES: [&str; 5] = [TOKEN, "canary", "Bearer", CLIENT_SECRET, "Päivi"];

fn client(base_url: &str) -> Client {
    let transport = Arc::new(HyperTransport::new().unwrap());
    let ports = (Arc::new(SystemClock), Arc::new(OsEntropy), StaticTokens::for_any(Secret::new(TOKEN)));
    let client = ClientBuilder::new(transport, ports.0, ports.1, Arc::new(ports.2));
    client.base_url(base_url).max_reply_bytes(1024 * 1024).search_lag(Duration::ZERO).build().unwrap()
}

/// What is of the wrong type where it is not needed is kept as GHL has it.
#[tokio::test]
async fn a_field_of_another_type_that_nobody_needs_spoils_no_reply() {
    let raw = Raw::start(reply("200 OK", "", r#"{"contact":{"id":"con1","email":["a"],"source":{}}}"#)).await;
    let contact = read(&raw, PATIENCE).await.unwrap();
    assert_eq!((contact.id.as_str(), contact.email), ("con1", None));
    assert_eq!(contact.extra.get("email").unwrap().to_string(), r#"["a"]"#);
}

/// One try of a read.
async fn read(raw: &Raw, timeout: Duration) -> Result<contacts::Contact> {
    let options = CallOptions { timeout: Some(timeout), tries: Some(1), ..CallOptions::default() };
    let request = contacts::get(&ContactId::new("con1canary"));
    client(&raw.base_url).call(&here(), &request, &options).await.result
}

/// One try of a create, of which it is not looked what became.
async fn create(raw: &Raw, timeout: Duration) -> Error {
    let input = ContactInput { email: Some("canary@example.com".to_owned()), ..ContactInput::default() };
    let (location, tags) = (LocationId::new("loc1"), ["canary".to_owned()]);
    let options =
        CallOptions { timeout: Some(timeout), tries: Some(1), leave_unknown: true, ..CallOptions::default() };
    let request = contacts::create(&location, &input, &tags);
    client(&raw.base_url).call(&location, &request, &options).await.result.unwrap_err()
}

/// Display, Debug and JSON of an error and all that led to it hold no canary.
#[track_caller]
fn assert_clean(error: &Error) {
    let mut told = format!("{:?} {}", error, serde_json::to_string(error).unwrap());
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(next) = source {
        told += &format!("\n{next} {next:?}");
        source = next.source();
    }
    for canary in CANARIES {
        assert!(!told.contains(canary), "{canary} is told: {told}");
    }
}

/// A reply with this status, and a body of the length it is said to have.
fn reply(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<Piece> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    vec![Piece::Bytes([head.as_bytes(), body].concat())]
}

/// A reply whose end is missing, or that has none.
fn cut(text: &str) -> Vec<Piece> {
    vec![text.into()]
}

#[tokio::test]
async fn a_reply_that_was_answered_and_cannot_be_read_is_told_by_its_trace() {
    let in_last_place = format!(r#"{{"contact":{{"id":{{"canary":1}}}},"traceId":"{TRACE}"}}"#);
    let unended = format!(r#"{{"traceId":"{TRACE}","contact":{{"id":"con1canary","email":"canary@exa"#);
    let mut not_utf8 = format!(r#"{{"traceId":"{TRACE}","contact":{{"id":"canary"#).into_bytes();
    not_utf8.extend_from_slice(b"\xff\xfe\"}}");
    for (body, trace) in [
        ("<html><body>canary</body></html>".into(), None),
        ("".into(), None),
        ("\u{feff}{}".into(), None),
        ("[[[[".repeat(200_000).into_bytes(), None),
        (r#"{"contact":"#.repeat(50_000).into_bytes(), None),
        (in_last_place.into_bytes(), Some(TRACE)),
        (unended.into_bytes(), Some(TRACE)),
        (not_utf8, Some(TRACE)),
        (format!(r#"{{"contact":[7,"canary"],"traceId":"{TRACE}"}}"#).into_bytes(), Some(TRACE)),
        (format!(r#"{{"contact":{{"id":["canary"]}},"traceId":"{TRACE}"}}"#).into_bytes(), Some(TRACE)),
        (format!(r#"{{"contact":"canary","traceId":"{TRACE}"}}"#).into_bytes(), Some(TRACE)),
        // What is no id of GHL's may be an echo.
        (r#"{"contact":5,"traceId":"canary"}"#.into(), None),
    ] {
        let text = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        let raw = Raw::start(reply("200 OK", "", &body)).await;
        for error in [read(&raw, PATIENCE).await.unwrap_err(), create(&raw, PATIENCE).await] {
            assert_eq!(error.code(), Code::UnexpectedReply, "{text}: {error}");
            assert_eq!((error.status(), error.trace_id()), (Some(200), trace), "{text}");
            assert_eq!((error.delivery(), error.retryable()), (Delivery::Answered, false), "{text}");
            assert_clean(&error);
        }
        assert_eq!(raw.requests().len(), 2, "{text}: it is not asked again");
    }
}

#[tokio::test]
async fn a_refusal_that_is_no_json_has_its_status() {
    let refusals = [
        ("502 Bad Gateway", "<html>canary</html>".to_owned(), Code::Server, None),
        ("404 Not Found", "[".repeat(100_000), Code::NotFound, None),
        (
            "403 Forbidden",
            format!(r#"{{"message":{{"canary":[1]}},"traceId":"{TRACE}"}}"#),
            Code::Refused,
            Some(TRACE),
        ),
        (
            "400 Bad Request",
            r#"{"meta":{"contactId":{"canary":1}},"traceId":7}"#.to_owned(),
            Code::Validation,
            None,
        ),
        ("299 Odd", "canary".to_owned(), Code::UnexpectedReply, None),
        ("999 Odd", "canary".to_owned(), Code::UnexpectedReply, None),
    ];
    for (status, body, code, trace) in refusals {
        let raw = Raw::start(reply(status, "", body)).await;
        let error = read(&raw, PATIENCE).await.unwrap_err();
        assert_eq!((error.code(), error.trace_id()), (code, trace), "{status}: {error}");
        assert_eq!(error.status().map(|status| status.to_string()).as_deref(), status.get(..3), "{error}");
        assert_clean(&error);
    }
}

#[tokio::test]
async fn a_reply_that_ends_too_early_or_is_no_http_may_have_been_acted_on() {
    for answer in [
        cut(""),
        cut("canary"),
        cut("HTTP/1.1 200 OK\r\ncontent-le"),
        cut("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"contact\":{\"id\":\"canary\""),
        cut("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{\"contact\":\"canary\""),
        cut("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\ncanary\r\n"),
        cut("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}"),
        cut("HTTP/1.1 200 OK\r\ncontent-length: -canary\r\n\r\n{}"),
        cut("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 30\r\n\r\n{\"canary\":5}"),
        cut("HTTP/9.9 canary\r\n\r\n"),
        cut("HTTP/1.1 200 OK\r\na header of no kind: canary\u{1}\r\n\r\n"),
        // Headers without end.
        vec!["HTTP/1.1 200 OK\r\nx-canary: ".into(), Piece::Flood(100 << 20)],
    ] {
        let shown = format!("{:?}", answer[0]);
        let raw = Raw::start(answer).await;
        let begun = Instant::now();
        let error = read(&raw, PATIENCE).await.unwrap_err();
        assert_eq!((error.code(), error.retryable()), (Code::Network, true), "{shown}: {error}");
        assert_eq!((error.delivery(), error.status()), (Delivery::Unknown, None), "{shown}");
        assert_clean(&error);
        // A create is not repeated.
        let error = create(&raw, PATIENCE).await;
        assert_eq!((error.code(), error.delivery()), (Code::OutcomeUnknown, Delivery::Unknown), "{shown}");
        assert_clean(&error);
        assert!(begun.elapsed() < PATIENCE, "{shown} took {:?}", begun.elapsed());
        assert_eq!(raw.requests().len(), 2, "{shown}");
        assert!(raw.written() < 32 << 20, "{shown}: {} bytes of headers were taken", raw.written());
    }
}

/// The most memory that this process ever held, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn a_reply_of_100_mb_is_read_no_further_than_its_limit() {
    let announced: Piece = "HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n".into();
    let unannounced: Piece = "HTTP/1.1 200 OK\r\n\r\n".into();
    let chunk: Piece = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6400000\r\n".into();
    let refusal: Piece = "HTTP/1.1 422 No\r\n\r\n{\"message\":\"".into();
    for head in [announced, unannounced, chunk, refusal] {
        let shown = format!("{head:?}");
        let raw = Raw::start(vec![head, Piece::Flood(100 << 20)]).await;
        let error = read(&raw, PATIENCE).await.unwrap_err();
        assert_eq!((error.code(), error.retryable()), (Code::UnexpectedReply, false), "{shown}: {error}");
        assert!(error.message().contains("1048576 bytes"), "{error}");
        assert_clean(&error);
        let error = create(&raw, PATIENCE).await;
        assert_eq!(error.code(), Code::OutcomeUnknown, "{shown}: {error}");
        // The limit, and what the sockets of both sides hold.
        wait_until("the connections are closed", || async { (raw.open() == 0).then_some(()) }).await;
        assert!(raw.written() < 2 * (16 << 20), "{shown}: {} bytes were taken", raw.written());
    }
    // All tests of the process together.
    assert!(peak() < 1 << 30, "{} MB", peak() >> 20);
}

#[tokio::test]
async fn a_reply_that_never_ends_is_left_at_the_time_out() {
    const TIMEOUT: Duration = Duration::from_millis(300);
    for answer in [
        vec![Piece::Silence],
        vec!["HTTP/1.1 200 OK\r\n".into(), Piece::Trickle("x-canary: canary\r\n")],
        vec!["HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n".into(), Piece::Trickle(" ")],
        vec!["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".into(), Piece::Trickle("1\r\n \r\n")],
        vec!["HTTP/1.1 200 OK\r\n\r\n{\"contact\":\"".into(), Piece::Trickle("canary")],
        vec![Piece::Trickle("HTTP/1.1 100 Continue\r\n\r\n")],
        vec!["HTTP/1.1 401 No\r\ncontent-length: 900\r\n\r\n".into(), Piece::Silence],
    ] {
        let shown = format!("{answer:?}");
        let raw = Raw::start(answer).await;
        let begun = Instant::now();
        let error = read(&raw, TIMEOUT).await.unwrap_err();
        let took = begun.elapsed();
        assert_eq!((error.code(), error.delivery()), (Code::Timeout, Delivery::Unknown), "{shown}: {error}");
        assert!(took >= TIMEOUT && took < PATIENCE, "{shown} took {took:?}");
        assert_clean(&error);
        let error = create(&raw, TIMEOUT).await;
        assert_eq!(error.code(), Code::OutcomeUnknown, "{shown}: {error}");
        wait_until("the connections are closed", || async { (raw.open() == 0).then_some(()) }).await;
    }
}

#[tokio::test]
async fn a_redirect_leads_nowhere_and_no_credential_along() {
    let other = Raw::start(reply("200 OK", "", r#"{"contact":{"id":"con1"}}"#)).await;
    let elsewhere = other.base_url.trim_start_matches("http:").to_owned();
    let port = elsewhere.rsplit(':').next().unwrap();
    let names =
        [format!("http:{elsewhere}/contacts/c"), elsewhere.clone(), format!("http://localhost:{port}/")];
    for status in ["300 Many", "301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        for name in &names {
            let raw = Raw::start(reply(status, &format!("location: {name}\r\n"), "")).await;
            let error = read(&raw, PATIENCE).await.unwrap_err();
            assert_eq!((error.code(), error.retryable()), (Code::UnexpectedReply, false), "{error}");
            assert!(error.message().contains("not followed"), "{error}");
            assert_clean(&error);
            let unknown = create(&raw, PATIENCE).await;
            assert_eq!(unknown.code(), Code::OutcomeUnknown, "{status}: {unknown}");
            assert_eq!(raw.requests().len(), 2, "{status}");
        }
    }
    assert_eq!((other.connections(), other.requests()), (0, vec![]));
}

#[tokio::test]
async fn what_answers_in_place_of_the_token_endpoint_gets_no_more_than_it_was_sent() {
    let other = Raw::start(reply("200 OK", "", "{}")).await;
    let redirect = reply("307 Elsewhere", &format!("location: {}/oauth/token\r\n", other.base_url), "");
    let wrong = r#"{"access_token":{"canary":1},"refresh_token":"canary","expires_in":"canary"}"#;
    let flood = vec!["HTTP/1.1 200 OK\r\n\r\n".into(), Piece::Flood(100 << 20)];
    for (answer, codes) in [
        (redirect, [Code::UnexpectedReply, Code::OutcomeUnknown]),
        (reply("200 OK", "", "<html>canary</html>"), [Code::UnexpectedReply; 2]),
        (reply("200 OK", "", wrong), [Code::UnexpectedReply; 2]),
        (
            cut("HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"access_token\":\"canary"),
            [Code::OutcomeUnknown, Code::Network],
        ),
        (flood, [Code::UnexpectedReply, Code::OutcomeUnknown]),
    ] {
        let shown = format!("{:?}", answer[0]);
        let raw = Raw::start(answer).await;
        let dir = tempfile::tempdir().unwrap();
        let process = Process::open(&raw.base_url, &dir.path().join("tokens.db")).await;
        let error = process.tokens.tokens().exchange_code("code-canary").await.unwrap_err();
        assert!(codes.contains(&error.code()), "{shown}: {error}");
        assert_clean(&error);
        let requests = raw.requests();
        assert!(
            !requests.is_empty() && requests.iter().all(|asked| asked.contains(CLIENT_ID)),
            "{requests:?}"
        );
        assert!(raw.written() < 16 << 20, "{shown}: {} bytes were taken", raw.written());
    }
    assert_eq!((other.connections(), other.requests()), (0, vec![]));
}
