//! Tasks of the repository: `cargo xtask demo | test | proof | load | bench | simulate | shop | addon | types | docs | help`.

mod apt;
mod bench;
mod chromium;
mod dependencies;
mod docs;
mod edge;
mod example;
mod js;
mod node;
mod packages;
mod packed;
mod postgres;
mod process;
mod proof;
mod report;
mod rooms;
mod shop;
mod tally;
mod test;
mod types;
mod wasm;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask <task>

  demo [--json] [--limit N] [--database-url URL] [--live]
                  takes sample orders to a stand-in for GoHighLevel and back
  test [rust|postgres|lint|deps|js|node|wasm|packages|edge|shop|docs]
                  runs every check of the repository, or one group of them
  proof client    shows at full counts what the tests try with less: that 100 processes refresh a token once
  load webhook    sends 500 webhooks a second to a service on PostgreSQL, which is away for a while, and prints how long answers took
  bench [bindings|engine|http|realtime|shop|webhook] [--json FILE]
                  measures the packages, the engine, calls, streams, webhooks or a shop's route against what they replace, and
                  fails where a gate does not hold
  simulate [--orders N] [--seed N] …
                  runs the deterministic simulation, or replays one seed of it
  shop            builds the packages, installs them in the example shop, and runs it beside a stand-in for GoHighLevel
  addon           builds the addon for this machine as it is released, tries it, and packs its package
  types           writes down the TypeScript types and the list of operations
  docs            writes the guide, and the pages of the crates and the packages, to target/docs, and follows every link
  help            prints this page

What follows `demo` and `simulate` is handed to them unchanged; `--help` lists what they take.";

/// The exit code of a command line that cannot be understood.
const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let task = args.next();
    let rest: Vec<OsString> = args.collect();
    match task.as_deref().and_then(|task| task.to_str()) {
        Some("demo") => example::run("quickstart", &rest),
        Some("simulate") => example::run("simulation", &rest),
        Some("test") => match test::Group::parse(&rest) {
            Ok(group) => test::run(group),
            Err(problem) => usage_error(&problem),
        },
        Some("proof") => proof::run(&rest).unwrap_or_else(|problem| usage_error(&problem)),
        Some("load") => proof::run_load(&rest).unwrap_or_else(|problem| usage_error(&problem)),
        Some("bench") => match bench::Options::parse(&rest) {
            Ok(options) => bench::run_bench(&options),
            Err(problem) => usage_error(&problem),
        },
        Some("shop") if rest.is_empty() => shop::run(),
        Some("shop") => usage_error("`shop` takes no arguments"),
        Some("addon") if rest.is_empty() => node::release(),
        Some("addon") => usage_error("`addon` takes no arguments"),
        Some("types") if rest.is_empty() => types::run(),
        Some("types") => usage_error("`types` takes no arguments"),
        Some("docs") if rest.is_empty() => docs::run(),
        Some("docs") => usage_error("`docs` takes no arguments"),
        Some("help" | "--help" | "-h") => {
            report::say(USAGE);
            ExitCode::SUCCESS
        }
        Some(other) => usage_error(&format!("there is no task `{other}`")),
        None => usage_error("no task given"),
    }
}

fn usage_error(problem: &str) -> ExitCode {
    eprintln!("error: {problem}\n\n{USAGE}");
    ExitCode::from(USAGE_ERROR)
}
