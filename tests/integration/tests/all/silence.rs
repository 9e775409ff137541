//! GHL is silent: what is left of calls that ended, and what becomes of creates. The full counts are those of the proof.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

/// Runs a program that fails where something does not hold, and gives what it says.
async fn tried(program: &str, count: &str) -> Value {
    let run = Command::new(program).arg(count).stderr(Stdio::inherit()).output().await.unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}");
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

#[tokio::test]
async fn calls_that_are_aborted_or_time_out_leave_no_socket_and_no_task() {
    let report = tried(env!("CARGO_BIN_EXE_cancelled"), "1000").await;
    assert_eq!(
        report["aborted"].as_u64().unwrap() + report["timed_out"].as_u64().unwrap(),
        1_000,
        "{report}"
    );
}

#[tokio::test]
async fn creates_that_time_out_after_ghl_has_acted_make_nothing_twice() {
    let report = tried(env!("CARGO_BIN_EXE_lost_replies"), "200").await;
    assert!(
        report["timeouts_after_acting"].as_u64() >= Some(200) && report["done"].as_u64() > Some(200),
        "{report}"
    );
}
