//! `cargo xtask proof`: what must hold under load, at its full counts, and `cargo xtask load`: what must hold at a steady rate.
//! `cargo xtask test` tries the same with less.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use serde_json::{Map, Value, json};

use crate::process::{cargo, stream};
use crate::report::say;
use crate::workspace::Workspace;
use crate::{js, postgres};

/// A program of `tests/integration` that tries one thing. Its last line is JSON: what it tried, and what came of it.
/// It fails where something does not hold.
struct Part {
    name: &'static str,
    program: &'static str,
    args: &'static [&'static str],
}

impl Part {
    /// A part that is a program.
    const fn alone(name: &'static str, args: &'static [&'static str]) -> Self {
        Self { name, program: name, args }
    }

    /// A part of the proof of listening.
    const fn realtime(name: &'static str, args: &'static [&'static str]) -> Self {
        Self { name, program: "realtime_proof", args }
    }

    /// A part of the engine's proof.
    const fn engine(name: &'static str, args: &'static [&'static str]) -> Self {
        Self { name, program: "engine_proof", args }
    }
}

/// The proofs by name, each with its parts.
const PROOFS: [(&str, &[Part]); 4] = [
    (
        "client",
        &[
            // Processes that stay for all rounds, and rounds.
            Part::alone("refresh_race", &["100", "200"]),
            // Processes, calls, and for how many seconds nothing but 429s is answered.
            Part::alone("limit_fleet", &["8", "1000", "60"]),
            // Calls that are aborted or time out.
            Part::alone("cancelled", &["10000"]),
            // Creates that time out after GHL has acted.
            Part::alone("lost_replies", &["10000"]),
        ],
    ),
    (
        "webhook",
        &[
            // Variants of each scheme: HMAC, Ed25519, a shared secret.
            Part::alone("webhook_variants", &["940000", "60000", "5000"]),
            // Processes, events, and how often each is delivered.
            Part::alone("webhook_fleet", &["8", "10000", "5"]),
        ],
    ),
    (
        "realtime",
        &[
            // Events, drops of every connection, and kills of the server.
            Part::realtime("events", &["events", "10000"]),
            Part::realtime("drops", &["drops", "100"]),
            Part::realtime("kills", &["kills", "100"]),
        ],
    ),
    (
        "engine",
        &[
            // Orders, kills, and by how many milliseconds an order may be taken up late.
            Part::engine("kills/sqlite", &["kills", "sqlite", "10000", "200", "1000"]),
            Part::engine("kills/postgres", &["kills", "postgres", "10000", "200", "1000"]),
            // Times that a worker is stopped past its lease.
            Part::engine("stopped/sqlite", &["stopped", "sqlite", "50"]),
            Part::engine("stopped/postgres", &["stopped", "postgres", "50"]),
            // Times that a worker is told to end.
            Part::engine("sigterm/sqlite", &["sigterm", "sqlite", "50"]),
            Part::engine("sigterm/postgres", &["sigterm", "postgres", "50"]),
            // Times that the database fails, and after how many milliseconds it must be well again.
            Part::engine("database/sqlite", &["database", "sqlite", "20", "5000"]),
            Part::engine("database/postgres", &["database", "postgres", "20", "5000"]),
        ],
    ),
];

/// The loads by name. What they time is built as it is released.
const LOADS: [(&str, &[Part]); 1] = [
    // Webhooks a second, for how many seconds, and for how many of them the database is away.
    ("webhook", &[Part::alone("webhook_load", &["500", "60", "20"])]),
];

/// The parts of the proof that is named on the command line: all, or those of one name, which may leave out the database.
fn parse(args: &[OsString]) -> Result<(&'static str, Vec<&'static Part>), String> {
    let names = PROOFS.map(|(name, _)| name).join(", ");
    let (given, part) = match args {
        [given] => (given, None),
        [given, part] => (given, Some(part)),
        _ => return Err(format!("`proof` takes a name, and may take one of its parts: {names}")),
    };
    let proof = PROOFS.into_iter().find(|(name, _)| given == name);
    let (name, all) =
        proof.ok_or_else(|| format!("there is no proof `{}`: use {names}", given.to_string_lossy()))?;
    let is_meant = |of: &&Part| {
        part.is_none_or(|part| part == of.name || of.name.split('/').next().is_some_and(|name| part == name))
    };
    let parts: Vec<_> = all.iter().filter(is_meant).collect();
    match part {
        Some(part) if parts.is_empty() => {
            let names: Vec<_> = all.iter().map(|part| part.name).collect();
            let part = part.to_string_lossy();
            Err(format!("the proof `{name}` has no part `{part}`: use one of {}", names.join(", ")))
        }
        _ => Ok((name, parts)),
    }
}

/// Runs every part, also after one that fails. The last line is JSON of what was tried and what failed.
pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, String> {
    let (proof, parts) = parse(args)?;
    if proof == "realtime" {
        js::install_peers(&Workspace::load()?)?;
    }
    let build = ["run", "--quiet", "--package", "integration", "--bin"];
    Ok(run_parts(("proof", proof), parts.into_iter(), || cargo(build)))
}

/// Runs a load. The last line is JSON as that of a proof.
pub(crate) fn run_load(args: &[OsString]) -> Result<ExitCode, String> {
    let names = LOADS.map(|(name, _)| name).join(", ");
    let [given] = args else { return Err(format!("`load` takes a name: {names}")) };
    let load = LOADS.into_iter().find(|(name, _)| given == name);
    let (name, parts) =
        load.ok_or_else(|| format!("there is no load `{}`: use {names}", given.to_string_lossy()))?;
    let (server, _) = postgres::for_tests(&Workspace::load()?);
    let build = ["run", "--quiet", "--release", "--package", "integration", "--bin"];
    Ok(run_parts(("load", name), parts.iter(), || {
        let mut command = cargo(build);
        postgres::equip(&mut command, &server);
        command
    }))
}

/// Runs every part by what `cargo` begins with.
fn run_parts(
    (task, name): (&str, &str),
    parts: impl Iterator<Item = &'static Part>,
    cargo: impl Fn() -> Command,
) -> ExitCode {
    let results = parts.map(|part| (part.name, run_part(part, cargo())));
    let (report, holds) = summary(task, name, results);
    say(report);
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What a part said, and why it failed, if it did.
fn run_part(part: &Part, mut command: Command) -> (Value, Result<(), String>) {
    let mut said = Value::Null;
    command.args([part.program, "--"]);
    let ended = stream(command.args(part.args), |line| {
        if let Ok(report) = serde_json::from_str(line) {
            said = report;
        }
    });
    let silent = said.is_null().then(|| Err("it did not say what it tried".to_owned()));
    (said, ended.and(silent.unwrap_or(Ok(()))))
}

fn summary(
    task: &str,
    name: &str,
    parts: impl Iterator<Item = (&'static str, (Value, Result<(), String>))>,
) -> (Value, bool) {
    let (mut tried, mut failed) = (Map::new(), Map::new());
    for (name, (said, ended)) in parts {
        tried.insert(name.to_owned(), said);
        if let Err(reason) = ended {
            failed.insert(name.to_owned(), reason.into());
        }
    }
    let holds = failed.is_empty();
    (json!({ task: name, "tried": tried, "failed": failed }), holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_name_of_one_proof_and_of_a_part() {
        let parse = |args: &[&str]| parse(&args.iter().map(OsString::from).collect::<Vec<_>>());
        let names = |args| {
            let (proof, parts) = parse(args).unwrap();
            (proof, parts.iter().map(|part| part.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["client"]).1.len(), PROOFS[0].1.len());
        assert_eq!(names(&["engine", "kills"]), ("engine", vec!["kills/sqlite", "kills/postgres"]));
        assert_eq!(names(&["engine", "kills/postgres"]), ("engine", vec!["kills/postgres"]));
        for wrong in [&[][..], &["Client"], &["client", "client"], &["client", "limit_fleet", "client"]] {
            let error = parse(wrong).err().unwrap();
            assert!(error.contains("client"), "{error}");
        }
        for wrong in [&[][..], &["client"], &["webhook", "webhook"]] {
            let args: Vec<_> = wrong.iter().map(OsString::from).collect();
            assert!(run_load(&args).unwrap_err().contains("webhook"));
        }
    }

    #[test]
    fn the_last_line_tells_what_was_tried_and_what_failed() {
        let good = || ("a", (json!({ "rounds": 2 }), Ok(())));
        let (report, holds) = summary("proof", "p", [good()].into_iter());
        assert_eq!(
            (report, holds),
            (json!({ "proof": "p", "tried": { "a": { "rounds": 2 } }, "failed": {} }), true)
        );
        let (report, holds) =
            summary("proof", "p", [good(), ("b", (Value::Null, Err("x".into())))].into_iter());
        let expected =
            json!({ "proof": "p", "tried": { "a": { "rounds": 2 }, "b": null }, "failed": { "b": "x" } });
        assert_eq!((report, holds), (expected, false));
    }
}
