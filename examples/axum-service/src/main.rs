//! A shop's service in Rust.
//!
//! Its settings are the variables of the guide; without `DATABASE_URL` it keeps a SQLite file. Beside them stand `PORT` (3000),
//! `SHOP_TOKEN` (what the shop's own programs send), `CRON_SECRET`, `GHLKIT_WEBHOOK_URL` and `GHLKIT_METRICS_TOKEN`.

mod access;
mod answer;
mod body;
mod installation;
mod oauth;
mod orders;
mod routes;

use std::{env, process::ExitCode};

use ghlkit::{
    config::{Config, OAuthSettings},
    native::{BackgroundTokens, OpenOptions, open_oauth, open_with_store},
};
use tokio::net::TcpListener;

use crate::access::Secrets;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Failure> {
    // Where there is an app, people can install it; calls are made with GOHIGHLEVEL_API_KEY either way.
    let app = match env::var("GHL_CLIENT_ID") {
        Ok(_) => Some(open_oauth(OAuthSettings::from_env()?).await?),
        Err(_) => None,
    };
    let tokens = app.as_ref().map(|(tokens, _)| BackgroundTokens::tokens(tokens).clone());
    let (engine, database) = open_with_store(Config::from_env()?, OpenOptions::default()).await?;
    let port: u16 = match env::var("PORT") {
        Ok(port) => port.parse().map_err(|_| format!("PORT: expected a number up to 65535, got {port:?}"))?,
        Err(_) => 3000,
    };
    let listener = TcpListener::bind(("0.0.0.0", port)).await?;
    println!("listens on {}", listener.local_addr()?);

    let worker = tokio::spawn({
        let engine = engine.clone();
        async move { engine.run().await }
    });
    let service = routes::of(engine.clone(), tokens, Secrets::from_env());
    axum::serve(listener, service)
        .with_graceful_shutdown(async move {
            told_to_end().await;
            // Ends the streams too, which would else hold the server open; browsers go on elsewhere.
            engine.stop();
            engine.end_streams();
        })
        .await?;
    worker.await??;
    database.close().await;
    if let Some((_, database)) = app {
        database.close().await;
    }
    Ok(())
}

/// SIGTERM, as platforms send it, or Ctrl-C.
async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
