//! `cargo xtask bench`: measures the packages against their peers, in the same run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

use crate::js::{self, Package};
use crate::process::{run, stream};
use crate::report::say;
use crate::workspace::Workspace;
use crate::{node, wasm};

/// What must hold of a row: how many times better than its peer, or how large at most.
enum Gate {
    Better(f64),
    AtMost(f64),
}

/// Row, peer, gate, and where we want to be.
const GATES: [(&str, &str, Gate, Gate); 8] = [
    ("webhook_hmac_1k_node", "users_js", Gate::Better(6.0), Gate::Better(8.5)),
    ("webhook_hmac_1k_node", "raw_js", Gate::Better(3.6), Gate::Better(5.0)),
    ("webhook_hmac_1k_wasm", "raw_js", Gate::Better(1.4), Gate::Better(2.0)),
    ("webhook_hmac_1k_wasm", "webcrypto", Gate::Better(5.0), Gate::Better(10.0)),
    ("require_cpu", "official_sdk", Gate::Better(25.0), Gate::Better(50.0)),
    ("wasm_gzip_bytes", "-", Gate::AtMost(110_000.0), Gate::AtMost(90_000.0)),
    ("wasm_verify_gzip_bytes", "-", Gate::AtMost(62_000.0), Gate::AtMost(50_000.0)),
    ("node_addon_bytes", "-", Gate::AtMost(10e6), Gate::AtMost(7e6)),
];

/// What follows `bench` on the command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    json: Option<PathBuf>,
}

impl Options {
    /// Reads `bindings`, which may be left out, and `--json FILE`.
    pub(crate) fn parse(args: &[OsString]) -> Result<Self, String> {
        let mut options = Self { json: None };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("bindings") => {}
                Some("--json") => {
                    let file = args.next().ok_or("--json: expected a file")?;
                    options.json = Some(PathBuf::from(file));
                }
                _ => {
                    let arg = arg.to_string_lossy();
                    return Err(format!("`bench` takes `bindings` and `--json FILE`, not `{arg}`"));
                }
            }
        }
        Ok(options)
    }
}

/// Builds the packages as they are released, runs every row, and fails where a gate does not hold.
pub(crate) fn run_bench(options: &Options) -> ExitCode {
    match bindings(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn bindings(options: &Options) -> Result<bool, String> {
    let workspace = Workspace::load()?;
    let root = &workspace.root;
    node::build(&workspace, true)?;
    wasm::build_packages(&workspace)?;
    js::install(&workspace)?;
    for package in [Package::Node, Package::Wasm] {
        js::build(&workspace, package)?;
    }
    let bench = root.join("bench");
    run(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&bench))?;
    let mut rows = Vec::new();
    let mut command = Command::new("node");
    command.arg(bench.join("bindings/main.mjs"));
    command.args([root.join("bindings-node/npm"), root.join("bindings-wasm/npm")]);
    stream(&mut command, |line| rows.extend(serde_json::from_str::<Value>(line).ok()))?;
    if let Some(file) = &options.json {
        write_json(file, &rows)?;
    }
    Ok(print(&rows))
}

fn write_json(file: &Path, rows: &[Value]) -> Result<(), String> {
    let text = serde_json::to_string_pretty(rows).map_err(|error| error.to_string())?;
    std::fs::write(file, text + "\n").map_err(|error| format!("{}: {error}", file.display()))
}

/// Prints the table, and whether every gate holds. A gate whose row is missing does not.
fn print(rows: &[Value]) -> bool {
    say(format_args!("\n{:<26} {:>14} {:>14} {:<13} {:>8}  gate", "row", "ours", "peer", "", "better"));
    let mut holds = true;
    for row in rows {
        let (name, peer) = (text(row, "name"), text(row, "peer_name"));
        let gate = GATES.iter().find(|(row, of, ..)| *row == name && *of == peer);
        let verdict = gate.map_or("", |(_, _, gate, stretch)| match (met(gate, row), met(stretch, row)) {
            (true, true) => "held, and the stretch too",
            (true, false) => "held",
            (false, _) => "MISSED",
        });
        holds &= verdict != "MISSED";
        let number =
            |key: &str| row.get(key).and_then(Value::as_f64).map_or(String::from("-"), |n| n.to_string());
        let unit = text(row, "unit");
        say(format_args!(
            "{name:<26} {:>14} {:>14} {peer:<13} {:>8}  {verdict} ({unit})",
            number("ours"),
            number("peer"),
            number("better")
        ));
    }
    let missing = GATES.iter().filter(|(name, peer, ..)| {
        !rows.iter().any(|row| text(row, "name") == *name && text(row, "peer_name") == *peer)
    });
    for (name, peer, ..) in missing {
        say(format_args!("{name} against {peer}: MISSED, as there is no such row"));
        holds = false;
    }
    holds
}

fn met(gate: &Gate, row: &Value) -> bool {
    let number = |key: &str| row.get(key).and_then(Value::as_f64);
    match gate {
        Gate::Better(times) => number("better").is_some_and(|better| better >= *times),
        Gate::AtMost(most) => number("ours").is_some_and(|ours| ours <= *most),
    }
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(better: f64, bytes: f64) -> Vec<Value> {
        GATES
            .iter()
            .map(|(name, peer, gate, _)| match gate {
                Gate::Better(_) => {
                    json!({ "name": name, "ours": 1, "peer_name": peer, "peer": better, "better": better })
                }
                Gate::AtMost(_) => {
                    json!({ "name": name, "ours": bytes, "peer_name": peer, "peer": null, "better": null })
                }
            })
            .collect()
    }

    #[test]
    fn every_gate_must_hold_and_every_row_be_there() {
        assert!(print(&rows(100.0, 1.0)));
        assert!(!print(&rows(1.0, 1.0)));
        assert!(!print(&rows(100.0, 1e9)));
        assert!(!print(&rows(100.0, 1.0)[1..]));
        assert!(!print(&[]));
    }

    #[test]
    fn reads_its_options() {
        let parse = |args: &[&str]| Options::parse(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(parse(&[]), Ok(Options { json: None }));
        assert_eq!(parse(&["bindings", "--json", "x"]), Ok(Options { json: Some("x".into()) }));
        assert!(parse(&["--json"]).is_err() && parse(&["http"]).is_err());
    }
}
