//! The worker of `examples/edge` on the hosts that it is for, with the package in it as npm packs it.

use std::process::Command;

use crate::js::{self, Package};
use crate::report::Report;
use crate::workspace::Workspace;
use crate::{chromium, packed, wasm};

const FOLDER: &str = "examples/edge";

/// Tries the same behaviours on every host: each in its own runtime, which npm installs, and in a browser where one can be had.
pub(crate) fn test(report: &mut Report, workspace: &Workspace) {
    report.step("package at the edge", |_| prepare(workspace).into());
    let mut browser = None;
    report.step("browser at the edge", |_| {
        let (found, outcome) = chromium::for_tests();
        browser = found;
        outcome
    });
    report.step("edge", |tally| {
        let mut node = Command::new("node");
        node.env(chromium::VARIABLE, browser.map_or_else(|| "none".into(), |found| found.into_os_string()));
        js::run_files(workspace, &format!("{FOLDER}/test"), node, tally)
    });
}

fn prepare(workspace: &Workspace) -> Result<(), String> {
    wasm::build_packages(workspace)?;
    js::prepare(workspace, Package::Wasm)?;
    packed::install(workspace, &workspace.root.join(FOLDER), &[Package::Wasm])
}
