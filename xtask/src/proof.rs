//! `cargo xtask proof`: what must hold under load, at its full counts. `cargo xtask test` tries the same with less.

use std::ffi::OsString;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use crate::process::{cargo, stream};
use crate::report::say;

/// A program of `tests/integration` that tries one thing. Its last line is JSON: what it tried, and what came of it.
/// It fails where something does not hold.
struct Part {
    name: &'static str,
    args: &'static [&'static str],
}

/// The proofs by name, each with its parts.
const PROOFS: [(&str, &[Part]); 2] = [
    (
        "client",
        &[
            // Processes that stay for all rounds, and rounds.
            Part { name: "refresh_race", args: &["100", "200"] },
            // Processes, calls, and for how many seconds nothing but 429s is answered.
            Part { name: "limit_fleet", args: &["8", "1000", "60"] },
            // Calls that are aborted or time out.
            Part { name: "cancelled", args: &["10000"] },
            // Creates that time out after GHL has acted.
            Part { name: "lost_replies", args: &["10000"] },
        ],
    ),
    (
        "webhook",
        &[
            // Variants of each scheme: HMAC, Ed25519, a shared secret.
            Part { name: "webhook_variants", args: &["940000", "60000", "5000"] },
            // Processes, events, and how often each is delivered.
            Part { name: "webhook_fleet", args: &["8", "10000", "5"] },
        ],
    ),
];

/// The parts of the proof that is named on the command line.
fn parse(args: &[OsString]) -> Result<(&'static str, &'static [Part]), String> {
    let names = PROOFS.map(|(name, _)| name).join(", ");
    let [given] = args else { return Err(format!("`proof` takes one name: {names}")) };
    let proof = PROOFS.into_iter().find(|(name, _)| given == name);
    proof.ok_or_else(|| format!("there is no proof `{}`: use {names}", given.to_string_lossy()))
}

/// Runs every part, also after one that fails. The last line is JSON of what was tried and what failed.
pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, String> {
    let (proof, parts) = parse(args)?;
    let results = parts.iter().map(|part| (part.name, run_part(part)));
    let (report, holds) = summary(proof, results);
    say(report);
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a part said, and why it failed, if it did.
fn run_part(part: &Part) -> (Value, Result<(), String>) {
    let mut said = Value::Null;
    let mut command = cargo(["run", "--quiet", "--package", "integration", "--bin", part.name, "--"]);
    let ended = stream(command.args(part.args), |line| {
        if let Ok(report) = serde_json::from_str(line) {
            said = report;
        }
    });
    let silent = said.is_null().then(|| Err("it did not say what it tried".to_owned()));
    (said, ended.and(silent.unwrap_or(Ok(()))))
}

fn summary(
    proof: &str,
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
    (json!({ "proof": proof, "tried": tried, "failed": failed }), holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_name_of_one_proof() {
        let parse = |args: &[&str]| parse(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert!(matches!(parse(&["client"]), Ok(("client", [_, ..]))));
        for wrong in [&[][..], &["Client"], &["client", "client"]] {
            let error = parse(wrong).err().unwrap();
            assert!(error.contains("client"), "{error}");
        }
    }

    #[test]
    fn the_last_line_tells_what_was_tried_and_what_failed() {
        let good = || ("a", (json!({ "rounds": 2 }), Ok(())));
        let (report, holds) = summary("p", [good()].into_iter());
        assert_eq!(
            (report, holds),
            (json!({ "proof": "p", "tried": { "a": { "rounds": 2 } }, "failed": {} }), true)
        );
        let (report, holds) = summary("p", [good(), ("b", (Value::Null, Err("x".into())))].into_iter());
        let expected =
            json!({ "proof": "p", "tried": { "a": { "rounds": 2 }, "b": null }, "failed": { "b": "x" } });
        assert_eq!((report, holds), (expected, false));
    }
}
