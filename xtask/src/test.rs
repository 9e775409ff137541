//! `cargo xtask test`: everything that must hold before a change is merged.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use crate::process::{cargo, run as run_command, stream};
use crate::report::{Outcome, Report};
use crate::tally::Tally;
use crate::workspace::{CORE, Workspace};
use crate::{
    dependencies, docs, edge,
    js::{self, Package},
    node, packages, postgres, rooms, shop, wasm,
};

/// A part of the checks that can be run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    All,
    Rust,
    Postgres,
    Lint,
    Deps,
    Js,
    Node,
    Wasm,
    Packages,
    Edge,
    Shop,
    Docs,
}

impl Group {
    /// Reads what follows `test` on the command line: nothing, or the name of one group.
    pub(crate) fn parse(args: &[OsString]) -> Result<Self, String> {
        match args {
            [] => Ok(Self::All),
            [name] => match name.to_str() {
                Some("rust") => Ok(Self::Rust),
                Some("postgres") => Ok(Self::Postgres),
                Some("lint") => Ok(Self::Lint),
                Some("deps") => Ok(Self::Deps),
                Some("js") => Ok(Self::Js),
                Some("node") => Ok(Self::Node),
                Some("wasm") => Ok(Self::Wasm),
                Some("packages") => Ok(Self::Packages),
                Some("edge") => Ok(Self::Edge),
                Some("shop") => Ok(Self::Shop),
                Some("docs") => Ok(Self::Docs),
                _ => Err(format!(
                    "there is no group `{}` of tests: use rust, postgres, lint, deps, js, node, wasm, packages, edge, shop or docs, or nothing for all",
                    name.to_string_lossy()
                )),
            },
            _ => Err("`test` takes one group of tests, or nothing for all".into()),
        }
    }

    /// The surface is tested on both packages that ship it, the core on both databases.
    fn holds(self, other: Self) -> bool {
        match self {
            Self::All => true,
            Self::Js => matches!(other, Self::Js | Self::Node | Self::Wasm),
            Self::Rust => matches!(other, Self::Rust | Self::Postgres),
            _ => self == other,
        }
    }
}

/// Runs the steps of `group`, all of them even when one fails, the quick ones first.
pub(crate) fn run(group: Group) -> ExitCode {
    let workspace = match Workspace::load() {
        Ok(workspace) => workspace,
        Err(reason) => {
            let mut report = Report::new();
            report.step("workspace", |_| Outcome::Failed(reason));
            return report.finish();
        }
    };
    let mut report = Report::new();
    if group.holds(Group::Deps) {
        report.step("banned dependencies", |_| dependencies::gate());
        report.step("reasons for dependencies", |_| dependencies::reasons());
        report.step("licences and sources", |_| dependencies::deny());
    }
    if group.holds(Group::Lint) {
        lint(&mut report, &workspace);
    }
    if group.holds(Group::Postgres) {
        databases(&mut report, &workspace, group);
    }
    if group.holds(Group::Node) {
        report.step("addon", |_| node::build(&workspace, false).into());
        report.step("addon from JavaScript", |tally| node::test(&workspace, tally));
        package(&mut report, &workspace, Package::Node);
    }
    if group.holds(Group::Wasm) {
        report.step("wasm32", |_| wasm::check(&workspace).into());
        report.step("clippy of wasm32", |_| wasm::lint(&workspace));
        report.step("module", |_| wasm::build_packages(&workspace).into());
        report.step("module from JavaScript", |tally| wasm::test(&workspace, tally));
        package(&mut report, &workspace, Package::Wasm);
    }
    if group.holds(Group::Packages) {
        packages::test(&mut report, &workspace);
    }
    if group.holds(Group::Edge) {
        edge::test(&mut report, &workspace);
    }
    if group.holds(Group::Shop) {
        shop::test(&mut report, &workspace);
    }
    if group.holds(Group::Docs) {
        docs::write(&mut report, &workspace);
    }
    report.finish()
}

/// What users install, tried as they use it.
fn package(report: &mut Report, workspace: &Workspace, package: Package) {
    let name = package.name();
    report.step(&format!("build of {name}"), |_| {
        js::prepare(workspace, package).and_then(|()| js::install_peers(workspace)).into()
    });
    report.step(&name, |tally| js::test(workspace, package, tally));
    report.step(&format!("vectors in {name}"), |tally| {
        js::run_suite(workspace, "tests/vectors", package, tally)
    });
}

fn lint(report: &mut Report, workspace: &Workspace) {
    report.step("format", |_| run_command(&mut cargo(["fmt", "--all", "--check"])).into());
    report.step("rooms of the core", |_| rooms::check(&workspace.core_source).into());
    let clippy = ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    report.step("clippy", |_| run_command(&mut cargo(clippy)).into());
    // A feature that compiles only beside another one shows when it is alone.
    let alone = ["clippy", "--package", CORE, "--no-default-features", "--features"];
    for feature in std::iter::once("").chain(workspace.core_features.iter().map(String::as_str)) {
        let name = format!("{CORE} with {}", if feature.is_empty() { "no feature" } else { feature });
        let mut command = cargo(alone);
        command.args([feature, "--", "-D", "warnings"]);
        report.step(&name, |_| run_command(&mut command).into());
    }
    report.step("rustdoc", |_| run_command(&mut docs::rustdoc()).into());
}

/// Unit, integration and doc tests of the workspace, and what is tried on PostgreSQL too.
fn databases(report: &mut Report, workspace: &Workspace, group: Group) {
    report.step("servers of others", |_| js::install_peers(workspace).into());
    let mut bin = OsString::new();
    let mut found = false;
    report.step("PostgreSQL server", |_| {
        let (server, outcome) = postgres::for_tests(workspace);
        (bin, found) = (server, matches!(outcome, Outcome::Passed));
        outcome
    });
    let mut step = |name: &str, mut command: Command| {
        postgres::equip(&mut command, &bin);
        report.step(name, |tally| tests(command, tally));
    };
    let [store, outside] = postgres::commands();
    if group.holds(Group::Rust) {
        let workspace = ["test", "--workspace", "--exclude", "vectors", "--all-features", "--no-fail-fast"];
        step("tests", cargo(workspace));
        // What the bindings answer, which have no feature beside those they need.
        step("vectors", cargo(["test", "--package", "vectors", "--no-fail-fast"]));
    } else if found {
        step(store.0, store.1);
    }
    if found {
        step(outside.0, outside.1);
    }
}

fn tests(mut command: Command, tally: &mut Tally) -> Outcome {
    let mut seen = Tally::default();
    let result = stream(&mut command, |line| {
        if let Some(binary) = Tally::of_test_result(line) {
            seen += binary;
        }
    });
    *tally += seen;
    // A count of nothing means that the results were not understood, not that all is well.
    match result {
        Ok(()) if seen.total() == 0 => Outcome::Failed("no test was run".into()),
        result => result.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Group, String> {
        Group::parse(&args.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn parses_each_group_and_nothing_else() {
        assert_eq!(parse(&[]), Ok(Group::All));
        assert_eq!(parse(&["rust"]), Ok(Group::Rust));
        assert_eq!(parse(&["postgres"]), Ok(Group::Postgres));
        assert_eq!(parse(&["lint"]), Ok(Group::Lint));
        assert_eq!(parse(&["deps"]), Ok(Group::Deps));
        assert_eq!(parse(&["js"]), Ok(Group::Js));
        assert_eq!(parse(&["node"]), Ok(Group::Node));
        assert_eq!(parse(&["wasm"]), Ok(Group::Wasm));
        assert_eq!(parse(&["packages"]), Ok(Group::Packages));
        assert_eq!(parse(&["edge"]), Ok(Group::Edge));
        assert_eq!(parse(&["shop"]), Ok(Group::Shop));
        assert_eq!(parse(&["docs"]), Ok(Group::Docs));
        let error = parse(&["Rust"]).unwrap_err();
        assert!(
            error.contains("`Rust`")
                && error.contains("rust, postgres, lint, deps, js, node, wasm, packages, edge, shop or docs"),
            "{error}"
        );
        assert!(parse(&[""]).is_err());
        assert!(parse(&["rust", "lint"]).is_err());
    }

    #[test]
    fn all_holds_every_group_and_a_group_only_itself() {
        use Group::{Deps, Docs, Edge, Lint, Node, Packages, Postgres, Shop, Wasm};
        let groups = [Postgres, Lint, Deps, Node, Wasm, Packages, Edge, Shop, Docs];
        for group in groups {
            assert!(Group::All.holds(group));
            let held: Vec<_> = groups.into_iter().filter(|other| group.holds(*other)).collect();
            assert_eq!(held, [group]);
        }
        let held: Vec<_> = groups.into_iter().filter(|other| Group::Js.holds(*other)).collect();
        assert_eq!(held, [Group::Node, Group::Wasm]);
        assert!(Group::Rust.holds(Group::Postgres) && !Group::Postgres.holds(Group::Rust));
    }
}
