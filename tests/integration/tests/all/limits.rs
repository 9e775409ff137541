//! Several processes within one limit.

use std::process::Stdio;

use integration::Keep;
use postgres_server::Server;
use serde_json::Value;
use tokio::process::Command;

#[tokio::test]
async fn processes_that_share_a_database_keep_one_limit_and_one_gate() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_limit_fleet"));
    command.args(["2", "200", "12"]);
    if Keep::usual() == Keep::Postgres {
        let Some(server) = Server::of_this_process().await else { return };
        command.arg(server.database().await);
    }
    let fleet = command.stderr(Stdio::inherit()).output().await.unwrap();
    let said = String::from_utf8_lossy(&fleet.stdout);
    assert!(fleet.status.success(), "{said}");
    // Success says that all is within its bounds; that there was anything to bound is said here.
    let report: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((&report["calls"], &report["failed"]), (&200.into(), &0.into()));
    assert!(report["refused"].as_u64() > Some(0) && report["requests"].as_u64() > Some(200), "{report}");
}
