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
    let browser = chromium::step(report, "browser at the edge");
    report.step("edge", |tally| {
        let mut node = Command::new("node");
        chromium::equip(&mut node, browser);
        js::run_files(workspace, &format!("{FOLDER}/test"), node, tally)
    });
}

fn prepare(workspace: &Workspace) -> Result<(), String> {
    wasm::build_packages(workspace)?;
    js::prepare(workspace, Package::Wasm)?;
    packed::install(workspace, &workspace.root.join(FOLDER), &[Package::Wasm])
}
