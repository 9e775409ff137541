//! A shop's work, done by processes of their own.

use std::{collections::BTreeMap, panic, pin::pin, process, sync::Arc, time::Duration};

use axum::Router;
use ghlkit::{
    config::{Config, SyncOptions},
    native::{
        self, Database, DatabaseOptions, OsEntropy, SystemClock, axum::engine_route, sqlite::SqliteOptions,
    },
    policy::rate_limit::Limits,
    sync::Engine,
};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{BufReader, Lines, Stdin},
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{Child, Shop, ready};

/// The route of webhooks of [`serve`].
pub const WEBHOOKS: &str = "/webhooks/ghl";

/// What a process needs to open the shop.
#[derive(Deserialize)]
struct Passport {
    vars: BTreeMap<String, String>,
    sync: SyncOptions,
    burst: u32,
    busy_ms: u64,
    max_pages: Option<u32>,
}

impl Shop {
    /// Starts a process that does the shop's work until it is sent SIGTERM. Its program calls [`work`], or [`serve`].
    pub async fn worker_process(&self) -> Child {
        let config = self.engine.config();
        let database = [("DATABASE_URL", config.database_url.expose().to_owned())];
        let (sync, sqlite) = (&config.sync, &self.database().sqlite);
        let passport = json!({
            "vars": Self::vars(&self.ghl, self.file(), &database),
            "sync": {
                "callTimeoutMs": sync.call_timeout_ms,
                "searchLagMs": sync.search_lag_ms,
                "leaseMs": sync.lease_ms,
                "concurrency": sync.concurrency,
            },
            "burst": self.burst(),
            "busy_ms": u64::try_from(sqlite.busy_timeout.as_millis()).unwrap(),
            "max_pages": sqlite.max_pages,
        });
        Child::start([passport.to_string()]).await
    }
}

/// In the process itself: works, and ends in good order at SIGTERM. A panic anywhere in it ends it at once, and so does the
/// end of who started it.
pub async fn work(passport: &str) -> ! {
    let engine = open(passport).await;
    run(&engine, ready()).await
}

/// In the process itself: serves the route of webhooks as a shop's service does, and works beside it. It says its port once it is
/// ready.
pub async fn serve(passport: &str) -> ! {
    let engine = open(passport).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let routes = Router::new().route(WEBHOOKS, engine_route(engine.clone()));
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let starter = ready();
    println!("{port}");
    run(&engine, starter).await
}

async fn open(passport: &str) -> Engine {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        report(info);
        process::abort();
    }));
    let Passport { vars, sync, burst, busy_ms, max_pages } = serde_json::from_str(passport).unwrap();
    let config = Config { sync, ..Config::from_vars(|name| vars.get(name).cloned()).unwrap() };
    let limits = Limits { burst, ..Limits::default() };
    // Each with a limit of its own: the shares of killed processes stay taken for a while, and soon there would be no more.
    let client = native::client(&config, limits).unwrap();
    let busy_timeout = Duration::from_millis(busy_ms);
    let sqlite = SqliteOptions { busy_timeout, max_pages, ..SqliteOptions::default() };
    let options = DatabaseOptions { sqlite, ..DatabaseOptions::default() };
    let store = Database::open(&config.database_url, options).await.unwrap().store();
    Engine::new(config, client, store, Arc::new(SystemClock), Arc::new(OsEntropy), None)
}

async fn run(engine: &Engine, mut starter: Lines<BufReader<Stdin>>) -> ! {
    let mut end = signal(SignalKind::terminate()).unwrap();
    let mut run = pin!(engine.run());
    tokio::select! {
        ended = &mut run => ended.unwrap(),
        _ = starter.next_line() => {}
        _ = end.recv() => {
            engine.stop();
            run.await.unwrap();
        }
    }
    // Returning would wait for the input, which is read on a thread.
    process::exit(0)
}
