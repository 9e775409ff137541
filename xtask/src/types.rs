//! `cargo xtask types`: writes down what is generated from the Rust types and the tables of operations.

use std::process::ExitCode;

use crate::process::{cargo, run as run_command};
use crate::report::say;
use crate::workspace::CORE;

pub(crate) fn run() -> ExitCode {
    // The test that compares what is written with the code writes it when told to.
    let test =
        ["test", "--package", CORE, "--no-default-features", "--features", "ts", "--test", "typescript"];
    match run_command(cargo(test).env("GHLKIT_BLESS", "1")) {
        Ok(()) => {
            say("written: js/src/generated/types.ts, js/src/generated/ops.ts, docs/src/operations.md");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}
