//! What `cargo xtask proof engine` tries, with less.

use std::process::Stdio;

use integration::Keep;
use serde_json::Value;
use tokio::process::Command;

/// Runs a part, which fails where something does not hold, and gives what it said.
async fn prove(part: &str, counts: &[&str]) -> Option<Value> {
    let keep = match Keep::usual() {
        Keep::Postgres => {
            postgres_server::Server::of_this_process().await?;
            "postgres"
        }
        _ => "sqlite",
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_engine_proof"));
    command.args([part, keep]).args(counts).stderr(Stdio::inherit()).kill_on_drop(true);
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    Some(serde_json::from_str(said.lines().last().unwrap()).unwrap())
}

#[tokio::test]
async fn workers_that_are_killed_lose_and_double_nothing() {
    // On a busy machine an order may well be taken up later than on one that has nothing else to do.
    let Some(said) = prove("kills", &["300", "20", "20000"]).await else { return };
    assert_eq!((&said["orders"], &said["kills"]), (&300.into(), &20.into()), "{said}");
}

#[tokio::test]
async fn a_worker_stopped_past_its_lease_sends_and_writes_nothing_more() {
    let Some(said) = prove("stopped", &["2"]).await else { return };
    assert_eq!(said["stopped_past_the_lease"], 2, "{said}");
}

#[tokio::test]
async fn a_worker_that_is_told_to_end_ends_in_good_order() {
    let Some(said) = prove("sigterm", &["2"]).await else { return };
    assert_eq!(said["ends"], 2, "{said}");
}

#[tokio::test]
async fn a_database_that_fails_for_a_while_costs_no_order() {
    let Some(said) = prove("database", &["2", "30000"]).await else { return };
    assert_eq!(said["times"], 2, "{said}");
}
