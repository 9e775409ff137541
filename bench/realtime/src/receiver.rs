//! `receiver_axum`: webhooks that a receiver takes in for each second of its CPU time, verified, read, mapped and answered.

use std::sync::Arc;

use axum::{Extension, Router, http::StatusCode, response::IntoResponse, routing::post};
use chrono::{DateTime, SecondsFormat};
use ghlkit::{
    ids::StageId,
    native::{SystemClock, axum::ReceiverLayer},
    order::{PipelineStage, StageMap, Status, StatusModel},
    ports::Clock as _,
    receiver::{Answer, Receiver, ReceiverOptions},
    secret::Secret,
    store::MemoryStore,
    webhook::{
        Event, EventBody, Scheme, Tolerance, Verifier,
        sign::{Signer, test_headers},
    },
};
use integration::Sender;
use tokio::{
    io::{AsyncBufReadExt, BufReader, stdin},
    net::TcpListener,
    task::JoinSet,
};

use crate::{listeners::Server, median, rate, server::cpu_ns};

const SECRET: &str = "a-secret-of-the-usual-length-0123456789";
const PATH: &str = "/webhooks/ghl";
const SIZE: usize = 1_024;
const NOTE: &str = "Säunan toimitus Ääneistössä – kiuas & kiviä, hyvää löylyä! ";
const STAGES: [&str; 8] = [
    "New Order",
    "Processing",
    "In Production",
    "Quality Check",
    "Shipped",
    "Delivered",
    "Installation",
    "Completed",
];
/// Webhooks of a round, and how many are under way at once.
const WEBHOOKS: usize = 20_000;
const AT_ONCE: usize = 32;
const ROUNDS: usize = 9;

/// One client sends the same to both, in turns.
pub(crate) async fn measure(peer: &str) {
    let this = std::env::current_exe().unwrap();
    let mut servers = [
        Server::start(this.to_str().unwrap(), &["serve-receiver"]).await,
        Server::start("node", &[peer, PATH, SECRET]).await,
    ];
    let mut rates = [Vec::new(), Vec::new()];
    // The first round warms both up.
    for round in 0..=ROUNDS {
        for (nth, server) in servers.iter_mut().enumerate() {
            // Connections of its own: a server closes those that were idle for long.
            let sender = Arc::new(Sender::to(server.at));
            refuses_what_is_forged(&sender).await;
            let due = (0..WEBHOOKS).map(|n| webhook(&sender, round * WEBHOOKS + n, SECRET)).collect();
            let before = server.number("cpu").await;
            send(&sender, due).await;
            let spent = server.number("cpu").await - before;
            if round > 0 {
                rates[nth].push(WEBHOOKS as f64 / (spent / 1e9));
            }
        }
    }
    let [ours, theirs] = rates.map(median);
    rate("receiver_axum", "webhooks a CPU second", ours, ("users_js", theirs));
}

/// A request of exactly so many bytes of body, signed.
fn webhook(sender: &Sender, n: usize, secret: &str) -> Vec<u8> {
    let now = DateTime::from_timestamp_millis(SystemClock.now_ms()).unwrap();
    let sent = now.to_rfc3339_opts(SecondsFormat::Millis, true);
    let mut body = format!(
        r#"{{"contactId":"ocQHyuzHvysMo5N5VsXc","pipelineStage":"stage_in_production","customFields":[{{"id":"order_status","value":"manufacturing"}}],"timestamp":"{sent}","n":{n},"note":""#
    );
    for letter in NOTE.chars().cycle() {
        if body.len() + letter.len_utf8() + 2 > SIZE {
            break;
        }
        body.push(letter);
    }
    body.push_str(&".".repeat(SIZE - 2 - body.len()));
    body.push_str("\"}");
    let headers = test_headers(body.as_bytes(), Signer::Hmac(secret));
    sender.request(PATH, &headers, &body)
}

async fn send(sender: &Arc<Sender>, due: Vec<Vec<u8>>) {
    let due = Arc::new(std::sync::Mutex::new(due));
    let mut senders = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (due, sender) = (due.clone(), sender.clone());
        senders.spawn(async move {
            loop {
                let Some(request) = due.lock().unwrap().pop() else { return };
                assert_eq!(sender.post(&request).await.unwrap().status, 200);
            }
        });
    }
    senders.join_all().await;
}

async fn refuses_what_is_forged(sender: &Sender) {
    let forged = webhook(sender, 0, "another secret");
    assert_eq!(sender.post(&forged).await.unwrap().status, 401);
}

/// Our receiver as a process. It says its port first, and to `cpu` its CPU time so far, in nanoseconds.
pub(crate) async fn serve() {
    let scheme = Scheme::HmacSha256 { secrets: vec![Secret::new(SECRET).into()] };
    let verifier = Verifier::new(vec![scheme], Tolerance::default()).unwrap();
    let (seen, options) = (Arc::new(MemoryStore::new()), ReceiverOptions::default());
    let receiver = Receiver::new(verifier, seen, Arc::new(SystemClock), options).unwrap();
    let stage = |(nth, name): (usize, &&str)| PipelineStage {
        id: StageId::new(format!("s{nth}")),
        name: (*name).to_owned(),
    };
    let stages: Vec<PipelineStage> = STAGES.iter().enumerate().map(stage).collect();
    let map = Arc::new(StageMap::resolve(&StatusModel::default(), &stages, &Default::default()).unwrap());
    let on_webhook = move |Extension(event): Extension<Arc<Event>>| {
        let map = map.clone();
        async move {
            match status(&event, &map) {
                Some(status) if status.as_str() == "manufacturing" => Answer::accepted().into_response(),
                _ => StatusCode::NOT_FOUND.into_response(),
            }
        }
    };
    let app = Router::new().route(PATH, post(on_webhook).layer(ReceiverLayer::new(receiver)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        assert_eq!(line, "cpu");
        println!("{}", cpu_ns());
    }
}

fn status<'a>(event: &Event, map: &'a StageMap) -> Option<&'a Status> {
    let EventBody::Workflow(workflow) = &event.body else { return None };
    workflow.contact.as_ref()?;
    map.status_of(map.find(workflow.stage.as_deref()?)?)
}
