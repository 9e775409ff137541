//! The TypeScript surface: its tools, the two packages it goes into, and the suite that runs on both.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{capture, cargo, run, stream};
use crate::report::Outcome;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// The oldest Node the packages and their tools run on.
const OLDEST_NODE: u32 = 20;
/// A test that takes longer hangs.
const TEST_LIMIT_MS: u32 = 120_000;

/// One of the packages that ship the surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Package {
    Node,
    Wasm,
}

impl Package {
    /// The compiled core it is built on, as a module.
    fn binding(self) -> &'static str {
        match self {
            Self::Node => "bindings-node/npm/dist/native.cjs",
            Self::Wasm => "bindings-wasm/npm/dist/raw/full/node.mjs",
        }
    }

    /// What its build and its folder are called.
    pub(crate) fn host(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Wasm => "wasm",
        }
    }

    /// Its folder, as it is published.
    pub(crate) fn folder(self) -> String {
        format!("bindings-{}/npm", self.host())
    }

    /// Its name for npm.
    pub(crate) fn name(self) -> String {
        format!("@ghlkit/{}", self.host())
    }
}

/// Installs the servers of others that tests talk to.
pub(crate) fn install_peers(workspace: &Workspace) -> Result<(), String> {
    install(&workspace.root.join("tests/peers"))
}

/// Installs what the lockfile of a project names, unless it is there.
pub(crate) fn install(project: &Path) -> Result<(), String> {
    node_is_recent(
        &capture(Command::new("node").arg("--version")).map_err(|error| format!("{error}; {NEEDED}"))?,
    )?;
    let lock = read(&project.join("package-lock.json"))?;
    let installed = project.join("node_modules/.installed-lock.json");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    run(npm().args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(project))?;
    fs::write(&installed, lock).map_err(|error| format!("{}: {error}", installed.display()))
}

/// npm, as it is called here.
pub(crate) fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

const NEEDED: &str = "install Node 20 or newer";

fn node_is_recent(version: &str) -> Result<(), String> {
    let major = version.trim().strip_prefix('v').and_then(|version| version.split('.').next()?.parse().ok());
    match major {
        Some(OLDEST_NODE..) => Ok(()),
        _ => Err(format!("node is {}; {NEEDED}", version.trim())),
    }
}

/// Checks the sources and writes the types of both packages.
pub(crate) fn declare(workspace: &Workspace) -> Result<(), String> {
    install(&workspace.root.join("js"))?;
    run(Command::new("node").arg(workspace.root.join("js/build/main.mjs")))
}

/// Builds a package's JavaScript with the tools that its project names.
pub(crate) fn prepare(workspace: &Workspace, package: Package) -> Result<(), String> {
    install(&workspace.root.join("js"))?;
    build(workspace, package)
}

/// Checks the sources and writes a package's JavaScript and types; its compiled core is put there before.
fn build(workspace: &Workspace, package: Package) -> Result<(), String> {
    run(Command::new("node").arg(workspace.root.join("js/build/main.mjs")).arg(package.host()))
}

/// Runs the suite on a package, beside a stand-in for GHL.
pub(crate) fn test(workspace: &Workspace, package: Package, tally: &mut Tally) -> Outcome {
    run_suite(workspace, "tests/js", package, tally)
}

/// Runs the tests of a folder on a package, beside a stand-in for GHL.
pub(crate) fn run_suite(workspace: &Workspace, folder: &str, package: Package, tally: &mut Tally) -> Outcome {
    let mut command = Command::new("node");
    command
        .env("GHLKIT_PACKAGE", package.name())
        .env("GHLKIT_BINDING", workspace.root.join(package.binding()));
    run_files(workspace, folder, command, tally)
}

/// Runs the tests of a folder with `node`, which knows where the stand-in for GHL is.
pub(crate) fn run_files(workspace: &Workspace, folder: &str, node: Command, tally: &mut Tally) -> Outcome {
    match tested(workspace, folder, node) {
        Ok(seen) => {
            *tally += seen;
            match seen {
                // A count of nothing means that the results were not understood, not that all is well.
                Tally { passed: 0, failed: 0, .. } => Outcome::Failed("no test was run".into()),
                Tally { failed: 0, .. } => Outcome::Passed,
                Tally { failed, .. } => Outcome::Failed(format!("{failed} failed")),
            }
        }
        Err(reason) => Outcome::Failed(reason),
    }
}

fn tested(workspace: &Workspace, folder: &str, mut node: Command) -> Result<Tally, String> {
    let mut seen = Tally::default();
    node.args(["--test", "--test-reporter=spec", &format!("--test-timeout={TEST_LIMIT_MS}")])
        .args(suite(&workspace.root.join(folder))?)
        .env("MOCK_GHL", mock_ghl(workspace)?);
    let ended = stream(&mut node, |line| {
        if let Some(count) = count(line) {
            seen += count;
        }
    });
    // Failed tests are counted; that Node then ends with an error says nothing more.
    if seen.failed > 0 { Ok(seen) } else { ended.map(|()| seen) }
}

/// Builds the stand-in for GHL, and says where it is.
pub(crate) fn mock_ghl(workspace: &Workspace) -> Result<PathBuf, String> {
    run(&mut cargo(["build", "--package", "mock-ghl", "--bin", "mock-ghl"]))?;
    Ok(workspace.target.join("debug").join(format!("mock-ghl{}", std::env::consts::EXE_SUFFIX)))
}

/// The files of the suite. They are named one by one, as versions of Node differ in what a folder means.
fn suite(folder: &Path) -> Result<Vec<OsString>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.to_string_lossy().ends_with(".test.mjs")).collect();
    files.sort();
    Ok(files.into_iter().map(PathBuf::into_os_string).collect())
}

/// Reads a line of the summary Node ends with, such as `ℹ pass 12`.
fn count(line: &str) -> Option<Tally> {
    let (label, number) = line.strip_prefix("ℹ ")?.split_once(' ')?;
    let number = number.parse().ok()?;
    match label {
        "pass" => Some(Tally { passed: number, ..Tally::default() }),
        "fail" | "cancelled" => Some(Tally { failed: number, ..Tally::default() }),
        "skipped" | "todo" => Some(Tally { skipped: number, ..Tally::default() }),
        _ => None,
    }
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_the_summary_says() {
        let summary = "✔ a test (1.5ms)\nℹ tests 9\nℹ suites 2\nℹ pass 5\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 1\nℹ duration_ms 38.4\n";
        let mut seen = Tally::default();
        summary.lines().filter_map(count).for_each(|count| seen += count);
        assert_eq!(seen, Tally { passed: 5, failed: 2, skipped: 2 });
        for line in ["", "ℹ", "ℹ pass", "ℹ pass many", "# pass 5", "  ℹ pass 5"] {
            assert_eq!(count(line), None, "{line:?}");
        }
    }

    #[test]
    fn an_old_node_is_refused() {
        for good in ["v20.0.0\n", "v20.20.2", "v24.1.0"] {
            assert_eq!(node_is_recent(good), Ok(()), "{good}");
        }
        for bad in ["v18.19.0\n", "", "20.1.0", "vx"] {
            assert!(node_is_recent(bad).unwrap_err().contains("Node 20 or newer"), "{bad}");
        }
    }

    #[test]
    fn the_suite_is_found() {
        let files = suite(&Workspace::load().unwrap().root.join("tests/js")).unwrap();
        assert!(files.iter().any(|file| file.to_string_lossy().ends_with("webhooks.test.mjs")), "{files:?}");
    }
}
