//! The vectors as they are committed: up to date, true of the core, and of every function.

#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use ghlkit::ops::{evaluate, evaluate_mapping, pure_ops};
use vectors::{DATA, Vector};

const REGENERATE: &str = "cargo run -p vectors";

fn committed() -> BTreeMap<String, Vec<Vector>> {
    let read = |path: &Path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let files = fs::read_dir(DATA).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), read(&path))).collect()
}

#[test]
fn the_files_are_what_the_generator_writes() {
    let files = vectors::files();
    for file in &files {
        assert!(file.vectors.disagreements().is_empty(), "{}", file.vectors.disagreements().join("\n"));
        let written = fs::read_to_string(Path::new(DATA).join(file.name)).unwrap_or_default();
        assert!(
            written == file.vectors.to_json(),
            "{} is out of date; regenerate it: {REGENERATE}",
            file.name
        );
    }
    let generated: BTreeSet<&str> = files.iter().map(|file| file.name).collect();
    let committed = committed();
    assert_eq!(committed.keys().map(String::as_str).collect::<BTreeSet<_>>(), generated);
}

#[test]
fn the_core_answers_byte_for_byte() {
    let files = committed();
    assert!(files.values().map(Vec::len).sum::<usize>() >= 1_000);
    for (file, vectors) in files {
        for Vector { op, args, expect } in vectors {
            assert_eq!(evaluate(&op, &args), expect, "{file}: {op} {args}");
        }
    }
}

#[test]
fn a_build_for_verification_and_mapping_answers_alike() {
    let whole = ["arguments.json", "plans.json", "orders.json", "phones.json", "retry.json"];
    for (file, vectors) in committed() {
        for Vector { op, args, expect } in vectors {
            let settled = evaluate_mapping(&op, &args);
            assert!(settled == expect || whole.contains(&file.as_str()), "{file}: {op} {args}");
        }
    }
}

#[test]
fn every_function_has_vectors_of_success_and_of_refusal() {
    let vectors: Vec<Vector> = committed().into_values().flatten().collect();
    for op in pure_ops() {
        for start in [r#"{"ok":"#, r#"{"error":"#] {
            let found = vectors.iter().any(|vector| vector.op == op && vector.expect.starts_with(start));
            assert!(found, "{op}: no vector settles as {start}");
        }
    }
}

#[test]
fn no_error_shows_a_secret() {
    let vectors: Vec<Vector> = committed().into_values().flatten().collect();
    let secrets = ["5ecret", "k3y"];
    let of_secrets = |vector: &&Vector| secrets.iter().any(|secret| vector.args.contains(secret));
    let refused =
        vectors.iter().filter(of_secrets).filter(|vector| vector.expect.starts_with(r#"{"error":"#));
    assert!(refused.clone().count() > 150);
    for Vector { op, args, expect } in refused {
        assert!(!secrets.iter().any(|secret| expect.contains(secret)), "{op} {args}: {expect}");
    }
}
