//! Every request the table of operations can make, validated against the OpenAPI files that HighLevel publishes.
//!
//! The folder of the files is `GHLKIT_OPENAPI_DIR`; without it the test counts as skipped. The files have defects,
//! which `patches.rs` names and mends.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test, though it counts for itself"
)]

mod patches;
mod schema;

use std::{collections::BTreeMap, env, fs, path::Path, process::ExitCode};

use ghlkit::{
    client::ApiRequest,
    ops::{SampleRequest, sample_requests},
    ports::Method,
};
use serde_json::{Value, json};

use schema::Document;

/// The first segment of a path, and the file that describes it.
const FILES: &[(&str, &str)] = &[
    ("calendars", "calendars.json"),
    ("contacts", "contacts.json"),
    ("conversations", "conversations.json"),
    ("locations", "locations.json"),
    ("opportunities", "opportunities.json"),
    ("users", "users.json"),
];

/// What no file describes.
const EXEMPT: &[&str] = &["payments"];

fn main() -> ExitCode {
    let samples = match sample_requests() {
        Ok(samples) => samples,
        Err(error) => return finish(0, &[error.to_string()], 0),
    };
    let ops: BTreeMap<&str, Vec<&SampleRequest>> = samples.iter().fold(BTreeMap::new(), |mut ops, sample| {
        ops.entry(sample.op).or_insert_with(Vec::new).push(sample);
        ops
    });
    let Some(folder) = env::var_os("GHLKIT_OPENAPI_DIR").filter(|folder| !folder.is_empty()) else {
        println!("GHLKIT_OPENAPI_DIR is not set: nothing to validate {} operations against", ops.len());
        return finish(0, &[], ops.len());
    };
    let documents: BTreeMap<&str, Document> =
        FILES.iter().map(|(area, file)| (*area, read(Path::new(&folder), area, file))).collect();
    let (mut passed, mut exempt, mut failures) = (0, 0, Vec::new());
    for (op, samples) in ops {
        let area = samples[0].request.path().trim_start_matches('/').split('/').next().unwrap_or_default();
        if EXEMPT.contains(&area) {
            println!("{op}: exempt, as no file describes /{area}");
            exempt += 1;
            continue;
        }
        let before = failures.len();
        for sample in samples {
            match documents.get(area) {
                Some(document) => failures.extend(
                    document.faults(sample).into_iter().map(|fault| format!("{op} {}: {fault}", sample.args)),
                ),
                None => failures.push(format!("{op}: /{area} is in no file")),
            }
        }
        passed += usize::from(failures.len() == before);
    }
    match documents.get("contacts") {
        Some(contacts) if refuses_what_is_wrong(contacts) => passed += 1,
        _ => failures.push("a wrong request passes".to_owned()),
    }
    finish(passed, &failures, exempt)
}

/// Whether the validation can fail: GHL drops or refuses all of these.
fn refuses_what_is_wrong(contacts: &Document) -> bool {
    let update = |body: Value| {
        let request = ApiRequest::new(Method::Put, &["contacts", "con1"]).with_json(&body);
        let sample = SampleRequest { op: "", args: String::new(), route: String::new(), request };
        contacts.faults(&sample)
    };
    let field = |field: Value| update(json!({ "customFields": [field] }));
    let right = field(json!({ "id": "f", "field_value": 4999.0 }));
    let wrong = [
        field(json!({ "id": "f", "value": "x" })),
        field(json!({ "id": "f", "fieldValue": "x" })),
        update(json!({ "customFields": { "id": "f" } })),
        update(json!({ "gender": "x" })),
        update(json!({ "email": 1 })),
    ];
    right.is_empty() && wrong.iter().all(|faults| !faults.is_empty())
}

fn read(folder: &Path, area: &str, file: &str) -> Document {
    let json = |path: &str| -> Value {
        let path = folder.join(path);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let mut document = json(&format!("v2/{file}"));
    patches::mend(area, &mut document);
    Document::new(document, json("common/common-schemas.json"))
}

/// The last line is that of Rust's tests, which counts.
fn finish(passed: usize, failures: &[String], skipped: usize) -> ExitCode {
    for failure in failures {
        println!("{failure}");
    }
    let (failed, word) = (failures.len(), if failures.is_empty() { "ok" } else { "FAILED" });
    println!(
        "\ntest result: {word}. {passed} passed; {failed} failed; {skipped} ignored; 0 measured; 0 filtered out"
    );
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
