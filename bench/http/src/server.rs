//! The server that all are measured against.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use http_body_util::Full;
use hyper::{Request, Response, body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::Outcome;

/// The contact's id.
pub const CONTACT: &str = "ocQHyuzHvysMo5N5VsXc";

/// As GHL answers `GET /contacts/{contactId}`.
const BODY: &str = r#"{"contact":{"id":"ocQHyuzHvysMo5N5VsXc","locationId":"loc1","firstName":"Žofie","lastName":"Nováková","email":"zofie@example.com","phone":"+420601123456","type":"lead","source":"shop","assignedTo":"y0BeYjuRIlDwsDcOHOJo","city":"Praha","postalCode":"110 00","address1":"Dlouhá 12","country":"CZ","timezone":"Europe/Prague","dnd":false,"tags":["status-manufacturing","vip"],"dateAdded":"2026-03-02T08:21:00.000Z","dateUpdated":"2026-03-09T11:00:12.000Z","customFields":[{"id":"MgobCB14YMVKuE4Ka8p1","value":"1042"},{"id":"sYNfvYc2QmGsrMTG3mVn","value":"manufacturing"},{"id":"pXwc5wGkPgp2eN6gVQnG","value":"58"}],"attributions":[],"followers":[]},"traceId":"c3a2f1de-0b1c-4d2e-9f3a-5b6c7d8e9f00"}"#;

/// GHL's interval.
const INTERVAL: Duration = Duration::from_secs(10);

/// When requests came within the last interval, and what was counted.
#[derive(Default)]
struct Window {
    times: VecDeque<Instant>,
    /// For each whole interval since the first request: how many were answered, and how many refused.
    counts: Vec<(u32, u32)>,
    first: Option<Instant>,
}

pub async fn serve(limit: Option<usize>) -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let window: Arc<Mutex<Window>> = Arc::default();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let window = Arc::clone(&window);
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let reply = answer(limit, &window, &request);
                async { Ok::<_, Infallible>(reply) }
            });
            // Whoever goes away in the middle of a request is none of its business.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

fn answer<B>(limit: Option<usize>, window: &Mutex<Window>, request: &Request<B>) -> Response<Full<Bytes>> {
    let mut window = window.lock().expect("no panic");
    if request.uri().path() == "/counts" {
        return Response::new(Full::from(format!("{:?}", window.counts).replace(['(', ')'], "")));
    }
    let reply = Response::builder().header("content-type", "application/json; charset=utf-8");
    let Some(limit) = limit else {
        let reply = reply
            .header("x-ratelimit-max", "10000")
            .header("x-ratelimit-remaining", "9990")
            .header("x-ratelimit-interval-milliseconds", "10")
            .header("x-ratelimit-limit-daily", "4000000000")
            .header("x-ratelimit-daily-remaining", "3999999999");
        return reply.body(Full::from(BODY)).expect("a reply");
    };
    let now = Instant::now();
    while window.times.front().is_some_and(|time| now.duration_since(*time) >= INTERVAL) {
        window.times.pop_front();
    }
    let place = (now.duration_since(*window.first.get_or_insert(now)).as_millis() / INTERVAL.as_millis()) as usize;
    if window.counts.len() <= place {
        window.counts.resize(place + 1, (0, 0));
    }
    let refused = window.times.len() >= limit;
    let (answered, turned_away) = &mut window.counts[place];
    if refused {
        *turned_away += 1;
        return reply.status(429).body(Full::from(r#"{"message":"Too Many Requests"}"#)).expect("a reply");
    }
    *answered += 1;
    window.times.push_back(now);
    let reply = reply
        .header("x-ratelimit-max", limit.to_string())
        .header("x-ratelimit-remaining", (limit - window.times.len()).to_string())
        .header("x-ratelimit-interval-milliseconds", INTERVAL.as_millis().to_string())
        .header("x-ratelimit-limit-daily", "200000")
        .header("x-ratelimit-daily-remaining", "190000");
    reply.body(Full::from(BODY)).expect("a reply")
}
