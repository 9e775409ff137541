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
    client::{ApiRequest, ApiVersion},
    ops::{SampleRequest, sample_requests},
    ports::Method,
};
use serde_json::{Value, json};

use schema::Document;

/// What the files describe: the first segment of paths.
const AREAS: [&str; 6] = ["calendars", "contacts", "conversations", "locations", "opportunities", "users"];

/// The versions, with the folder of their files and the end of the files' names.
const VERSIONS: [(ApiVersion, &str, &str); 2] =
    [(ApiVersion::ByDate, "v2", ".json"), (ApiVersion::V3, "v3", "-v3.json")];

/// What no file describes.
const EXEMPT: &[&str] = &["payments"];

/// Words that only version 3 knows.
const ONLY_V3: [&str; 2] = [r#""appointmentStatus":"completed""#, r#""appointmentStatus":"active""#];

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
    let (mut passed, mut exempt, mut failures) = (0, 0, Vec::new());
    for (version, files, end) in VERSIONS {
        let documents: BTreeMap<&str, Document> = AREAS
            .into_iter()
            .map(|area| (area, read(Path::new(&folder), area, version, &format!("{files}/{area}{end}"))))
            .collect();
        for (op, samples) in &ops {
            let area =
                samples[0].request.path().trim_start_matches('/').split('/').next().unwrap_or_default();
            if EXEMPT.contains(&area) {
                println!("{op}: exempt, as no file describes /{area}");
                exempt += 1;
                continue;
            }
            let before = failures.len();
            let possible = samples.iter().filter(|sample| {
                version == ApiVersion::V3 || !ONLY_V3.iter().any(|word| sample.args.contains(word))
            });
            for sample in possible {
                let request = sample.request.clone().in_version(version);
                let is_v3 = request.headers().contains(&("version", "v3"));
                if is_v3 != (version == ApiVersion::V3) {
                    continue;
                }
                match documents.get(area) {
                    Some(document) => failures.extend(
                        document
                            .faults(&request)
                            .into_iter()
                            .map(|fault| format!("{files} {op} {}: {fault}", sample.args)),
                    ),
                    None => failures.push(format!("{op}: /{area} is in no file")),
                }
            }
            passed += usize::from(failures.len() == before);
        }
        match documents.get("contacts") {
            Some(contacts) if refuses_what_is_wrong(contacts, version) => passed += 1,
            _ => failures.push(format!("{files}: a wrong request passes")),
        }
    }
    finish(passed, &failures, exempt)
}

/// Whether the validation can fail: GHL drops or refuses all of these.
fn refuses_what_is_wrong(contacts: &Document, version: ApiVersion) -> bool {
    let update = |body: Value| {
        let request = ApiRequest::new(Method::Put, &["contacts", "con1"]).with_json(&body);
        contacts.faults(&request.in_version(version))
    };
    let field = |name: &str| update(json!({ "customFields": [{ "id": "f", name: 4999.0 }] }));
    let (right, other) = match version {
        ApiVersion::ByDate => ("field_value", "fieldValue"),
        ApiVersion::V3 => ("fieldValue", "field_value"),
    };
    let wrong = [
        field("value"),
        field(other),
        update(json!({ "customFields": { "id": "f" } })),
        update(json!({ "dndSettings": { "Sms": { "status": "active" } } })),
        update(json!({ "gender": "x" })),
        update(json!({ "email": 1 })),
    ];
    field(right).is_empty() && wrong.iter().all(|faults| !faults.is_empty())
}

fn read(folder: &Path, area: &str, version: ApiVersion, file: &str) -> Document {
    let json = |path: &str| -> Value {
        let path = folder.join(path);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let mut document = json(file);
    patches::mend(area, version, &mut document);
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
