//! `socketio_receive`: events that a client takes in for each second of its CPU time, from npm's server.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use ghlkit::{
    native::{OsEntropy, SystemClock, TungsteniteConnector},
    realtime::{Backoff, Client, ClientSettings, Happening, SessionSettings},
    webhook,
};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

use crate::{listeners::Server, median, rate, server::cpu_ns};

const EVENTS: usize = 40_000;
const ROUNDS: usize = 7;

/// Both clients hear the same events of one server.
pub(crate) async fn measure(peer: &str) {
    let mut server = Server::start("node", &[peer, "serve"]).await;
    let port = server.at.port().to_string();
    let this = std::env::current_exe().unwrap();
    let mut clients = [
        Server::start(this.to_str().unwrap(), &["receive", &port]).await,
        Server::start("node", &[peer, "receive", &port]).await,
    ];
    let mut rates = [Vec::new(), Vec::new()];
    // The first round warms all up.
    for round in 0..=ROUNDS {
        let mut before = [0.0; 2];
        for (before, client) in before.iter_mut().zip(&mut clients) {
            *before = client.number("cpu").await;
        }
        server.ask(&format!("emit {EVENTS}")).await;
        for (nth, client) in clients.iter_mut().enumerate() {
            client.ask(&format!("until {}", EVENTS * (round + 1))).await;
            let spent = client.number("cpu").await - before[nth];
            if round > 0 {
                rates[nth].push(EVENTS as f64 / (spent / 1e9));
            }
        }
    }
    let [ours, theirs] = rates.map(median);
    rate("socketio_receive", "events a CPU second", ours, ("socket.io-client", theirs));
}

/// Our client as a process. Lines in: `until N` is answered once so many events were read; `cpu` says the CPU time so far, in
/// nanoseconds. It says its server's port once it has joined.
pub(crate) async fn receive(port: u16) {
    let settings = ClientSettings {
        origin: format!("ws://127.0.0.1:{port}"),
        path: "/socket.io/".to_owned(),
        headers: Vec::new(),
        max_message_bytes: 1 << 20,
        session: SessionSettings {
            namespace: "/".to_owned(),
            token: None,
            send_token: false,
            connect_timeout_ms: 10_000,
            backoff: Backoff { first_ms: 1_000, most_ms: 5_000 },
        },
    };
    let connector = Arc::new(TungsteniteConnector::new().unwrap());
    let mut client = Client::new(settings, connector, Arc::new(SystemClock), Arc::new(OsEntropy)).unwrap();
    assert!(matches!(client.next().await, Happening::Joined { .. }));
    println!("{port}");
    let read = Arc::new(AtomicUsize::new(0));
    let counted = read.clone();
    tokio::spawn(async move {
        while let Happening::Event(event) = client.next().await {
            let read = webhook::parse(event.args[0].get().as_bytes()).unwrap();
            assert!(read.location.is_some());
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["cpu"] => println!("{}", cpu_ns()),
            ["until", many] => {
                let many: usize = many.parse().unwrap();
                while read.load(Ordering::Relaxed) < many {
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
                println!("read");
            }
            _ => panic!("{line}"),
        }
    }
}
