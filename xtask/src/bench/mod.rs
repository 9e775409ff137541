//! `cargo xtask bench`: measures the packages against their peers, in the same run.

mod gates;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

use crate::js::{self, Package};
use crate::process::{cargo, run, stream};
use crate::workspace::Workspace;
use crate::{node, packed, postgres, wasm};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bench {
    Bindings,
    Engine,
    Http,
    Realtime,
    Shop,
    Webhook,
}

/// What follows `bench` on the command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    bench: Bench,
    json: Option<PathBuf>,
}

impl Options {
    /// Reads `bindings`, which may be left out, `engine`, `http`, `realtime`, `shop` or `webhook`, and `--json FILE`.
    pub(crate) fn parse(args: &[OsString]) -> Result<Self, String> {
        let mut options = Self { bench: Bench::Bindings, json: None };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("bindings") => options.bench = Bench::Bindings,
                Some("engine") => options.bench = Bench::Engine,
                Some("http") => options.bench = Bench::Http,
                Some("realtime") => options.bench = Bench::Realtime,
                Some("shop") => options.bench = Bench::Shop,
                Some("webhook") => options.bench = Bench::Webhook,
                Some("--json") => {
                    let file = args.next().ok_or("--json: expected a file")?;
                    options.json = Some(PathBuf::from(file));
                }
                _ => {
                    let arg = arg.to_string_lossy();
                    return Err(format!(
                        "`bench` takes `bindings`, `engine`, `http`, `realtime`, `shop` or `webhook`, and `--json FILE`, not `{arg}`"
                    ));
                }
            }
        }
        Ok(options)
    }
}

/// Builds the packages as they are released, runs every row, and fails where a gate does not hold.
pub(crate) fn run_bench(options: &Options) -> ExitCode {
    match measured(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn measured(options: &Options) -> Result<bool, String> {
    let workspace = Workspace::load()?;
    let (commands, gates) = match options.bench {
        Bench::Bindings => (vec![bindings(&workspace, &[])?], gates::BINDINGS),
        Bench::Engine => (vec![engine(&workspace)?], gates::ENGINE),
        Bench::Http => (vec![http(&workspace)?], gates::HTTP),
        Bench::Realtime => (vec![realtime(&workspace, "realtime")?], gates::REALTIME),
        Bench::Shop => (vec![shop(&workspace)?], gates::SHOP),
        Bench::Webhook => {
            (vec![bindings(&workspace, &["webhooks"])?, realtime(&workspace, "webhook")?], gates::WEBHOOK)
        }
    };
    let bench = workspace.root.join("bench");
    run(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&bench))?;
    let mut rows = Vec::new();
    for mut command in commands {
        stream(&mut command, |line| rows.extend(serde_json::from_str::<Value>(line).ok()))?;
    }
    if let Some(file) = &options.json {
        write_json(file, &rows)?;
    }
    Ok(gates::print(&rows, gates))
}

/// Both packages, and what measures them: all of it, or only what is named.
fn bindings(workspace: &Workspace, what: &[&str]) -> Result<Command, String> {
    let root = &workspace.root;
    node::build(workspace, true)?;
    wasm::build_packages(workspace)?;
    for package in [Package::Node, Package::Wasm] {
        js::prepare(workspace, package)?;
    }
    let mut command = Command::new("node");
    command.arg(root.join("bench/bindings/main.mjs"));
    command.args([root.join("bindings-node/npm"), root.join("bindings-wasm/npm")]).args(what);
    Ok(command)
}

/// What measures the engine on both databases, with a peer in Rust.
fn engine(workspace: &Workspace) -> Result<Command, String> {
    let mut command = Command::new(release(workspace, "engine")?);
    let (server, _) = postgres::for_tests(workspace);
    postgres::equip(&mut command, &server);
    Ok(command)
}

/// The package for Node and the program with the server and the clients in Rust, and what measures them.
fn http(workspace: &Workspace) -> Result<Command, String> {
    let root = &workspace.root;
    node::build(workspace, true)?;
    js::prepare(workspace, Package::Node)?;
    let program = release(workspace, "http")?;
    let mut command = Command::new("node");
    command.arg(root.join("bench/http/main.mjs")).arg(root.join("bindings-node/npm")).arg(program);
    Ok(command)
}

/// What measures streams, or the receiver of webhooks, with a peer on Node.
fn realtime(workspace: &Workspace, what: &str) -> Result<Command, String> {
    let mut command = Command::new(release(workspace, "realtime")?);
    command.arg(what).arg(workspace.root.join("bench/realtime"));
    let (server, _) = postgres::for_tests(workspace);
    postgres::equip(&mut command, &server);
    Ok(command)
}

/// A build of Next.js with the package as npm packs it, and what measures its routes.
fn shop(workspace: &Workspace) -> Result<Command, String> {
    let folder = workspace.root.join("bench/shop");
    node::build(workspace, true)?;
    js::prepare(workspace, Package::Node)?;
    packed::install(workspace, &folder, &[Package::Node])?;
    // What starts its databases.
    js::install(&workspace.root.join("examples/nextjs-shop"))?;
    let next = folder.join("node_modules/next/dist/bin/next");
    let mut build = Command::new("node");
    run(build.arg(next).arg("build").current_dir(&folder).env("NEXT_TELEMETRY_DISABLED", "1"))?;
    let mut command = Command::new("node");
    command.arg(folder.join("main.mjs"));
    let (server, _) = postgres::for_tests(workspace);
    postgres::equip(&mut command, &server);
    Ok(command)
}

/// A program of `bench`, built as it is released.
fn release(workspace: &Workspace, name: &str) -> Result<PathBuf, String> {
    let target = workspace.target.join(format!("bench-{name}"));
    let mut build = cargo(["build", "--release", "--locked", "--manifest-path"]);
    build.arg(workspace.root.join(format!("bench/{name}/Cargo.toml")));
    run(build.arg("--target-dir").arg(&target))?;
    Ok(target.join(format!("release/bench-{name}")))
}

fn write_json(file: &Path, rows: &[Value]) -> Result<(), String> {
    let text = serde_json::to_string_pretty(rows).map_err(|error| error.to_string())?;
    std::fs::write(file, text + "\n").map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_options() {
        let parse = |args: &[&str]| Options::parse(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(parse(&[]), Ok(Options { bench: Bench::Bindings, json: None }));
        let json = Some("x".into());
        assert_eq!(parse(&["http", "--json", "x"]), Ok(Options { bench: Bench::Http, json }));
        assert_eq!(parse(&["engine"]), Ok(Options { bench: Bench::Engine, json: None }));
        assert!(parse(&["--json"]).is_err() && parse(&["htp"]).is_err());
    }
}
