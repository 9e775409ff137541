//! The shop of `examples/nextjs-shop`, with the packages in it as npm packs them, and its tests in a browser.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use crate::js::{self, Package};
use crate::process::run as run_command;
use crate::report::{Outcome, Report, say};
use crate::workspace::Workspace;
use crate::{chromium, node, packed, postgres, wasm};

const FOLDER: &str = "examples/nextjs-shop";

/// Runs the shop beside a stand-in for GHL, on a database that is thrown away.
pub(crate) fn run() -> ExitCode {
    match Workspace::load().and_then(|workspace| develop(&workspace)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            say(format_args!("error: {reason}"));
            ExitCode::FAILURE
        }
    }
}

fn develop(workspace: &Workspace) -> Result<(), String> {
    prepare(workspace)?;
    js::mock_ghl(workspace)?;
    let (bin, outcome) = postgres::for_tests(workspace);
    if let Outcome::Failed(reason) | Outcome::Skipped(reason) = outcome {
        return Err(reason);
    }
    let mut dev = js::npm();
    postgres::equip(&mut dev, &bin);
    run_command(dev.args(["run", "dev"]).current_dir(workspace.root.join(FOLDER)))
}

/// Builds the shop and tries it with a browser, where one and a database can be had.
pub(crate) fn test(report: &mut Report, workspace: &Workspace) {
    report.step("packages of the shop", |_| prepare(workspace).into());
    let browser = chromium::step(report, "browser of the shop");
    let (mut bin, mut served) = (OsString::new(), false);
    report.step("database of the shop", |_| {
        let (server, outcome) = postgres::for_tests(workspace);
        (bin, served) = (server, outcome == Outcome::Passed);
        outcome
    });
    let (Some(browser), true) = (browser, served) else { return };
    report.step("build of the shop", |_| {
        let mut build = js::npm();
        build.args(["run", "build"]).env("NEXT_TELEMETRY_DISABLED", "1");
        run_command(build.current_dir(workspace.root.join(FOLDER))).into()
    });
    report.step("shop", |tally| {
        let mut node = Command::new("node");
        chromium::equip(&mut node, Some(browser));
        node.env("GHLKIT_SHOTS", workspace.target.join("shop"));
        postgres::equip(&mut node, &bin);
        js::run_files(workspace, &format!("{FOLDER}/test"), node, tally)
    });
}

/// Builds both packages and installs them.
fn prepare(workspace: &Workspace) -> Result<(), String> {
    node::build(workspace, false)?;
    wasm::build_packages(workspace)?;
    let packages = [Package::Node, Package::Wasm];
    packages.into_iter().try_for_each(|package| js::prepare(workspace, package))?;
    js::install_peers(workspace)?;
    packed::install(workspace, &workspace.root.join(FOLDER), &packages)
}
