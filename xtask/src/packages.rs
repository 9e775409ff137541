//! What is published: the crates, and the packages as npm packs them, in the projects of their users.

use std::process::Command;

use crate::js::{self, Package};
use crate::process::{cargo, run};
use crate::report::Report;
use crate::workspace::{CORE, Workspace};
use crate::{chromium, node, packed, wasm};

const FOLDER: &str = "tests/packages";
const MONITORING: &str = "examples/monitoring";

/// Looks at what is published, and tries it with what users build by.
pub(crate) fn test(report: &mut Report, workspace: &Workspace) {
    report.step("crates as users have them", |_| {
        let mut package = cargo(["package", "--offline", "--no-verify", "--allow-dirty"]);
        run(package.args(["--package", "ghlkit-wire", "--package", CORE])).into()
    });
    report.step("packages as users have them", |_| prepare(workspace).into());
    report.step("build on Next.js 15", |_| {
        let project = workspace.root.join(FOLDER).join("next");
        let mut build = js::npm();
        build.args(["exec", "--offline", "next", "build"]).env("NEXT_TELEMETRY_DISABLED", "1");
        run(build.current_dir(project)).into()
    });
    let browser = chromium::step(report, "browser of the packages");
    report.step("packages", |tally| {
        let mut node = Command::new("node");
        chromium::equip(&mut node, browser);
        node.env("GHLKIT_PACKED", packed::folder(workspace));
        js::run_files(workspace, FOLDER, node, tally)
    });
    report.step("monitoring as users have it", |_| {
        packed::install(workspace, &workspace.root.join(MONITORING), &[Package::Node]).into()
    });
    report.step("monitoring", |tally| {
        js::run_files(workspace, &format!("{MONITORING}/test"), Command::new("node"), tally)
    });
}

/// Builds both packages, and installs them as well as what tries them.
fn prepare(workspace: &Workspace) -> Result<(), String> {
    node::build(workspace, false)?;
    wasm::build_packages(workspace)?;
    let packages = [Package::Node, Package::Wasm];
    packages.into_iter().try_for_each(|package| js::prepare(workspace, package))?;
    packed::install(workspace, &workspace.root.join(FOLDER), &packages)?;
    node::write_platform_packages(workspace, &packed::folder(workspace).join("platforms"))
}
