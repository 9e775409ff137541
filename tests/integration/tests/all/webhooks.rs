//! Webhooks at several processes, and altered ones.

use std::process::Stdio;

use integration::Keep;
use postgres_server::Server;
use serde_json::Value;
use tokio::process::Command;

async fn report(program: &str, args: &[&str], more: Option<String>) -> Value {
    let ran = Command::new(program).args(args).args(more).stderr(Stdio::inherit()).output().await.unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}");
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

#[tokio::test]
async fn processes_that_share_a_database_handle_each_webhook_once() {
    let mut database = None;
    if Keep::usual() == Keep::Postgres {
        let Some(server) = Server::of_this_process().await else { return };
        database = Some(server.database().await);
    }
    let report = report(env!("CARGO_BIN_EXE_webhook_fleet"), &["4", "200", "5"], database).await;
    assert_eq!((&report["handled"], &report["handled_twice"]), (&200.into(), &0.into()));
    assert!(report["repeated"].as_u64() > Some(9), "the handler failed at ten of them at least: {report}");
}

#[tokio::test]
async fn of_a_genuine_webhook_no_byte_can_be_changed() {
    let report = report(env!("CARGO_BIN_EXE_webhook_variants"), &["20000", "2000", "5000"], None).await;
    assert_eq!(report["accepted"], 0);
}

/// What `cargo xtask load webhook` tries, with less.
#[tokio::test]
async fn a_database_that_is_away_costs_no_webhook() {
    if Keep::usual() != Keep::Postgres || Server::of_this_process().await.is_none() {
        return;
    }
    let report = report(env!("CARGO_BIN_EXE_webhook_load"), &["100", "12", "3"], None).await;
    assert_eq!(
        (&report["in_the_inbox"]["events"], &report["wrong_or_too_late"]),
        (&"1210".into(), &0.into())
    );
    assert!(report["while_away"]["answered"].as_u64() > Some(20), "most were refused meanwhile: {report}");
}
