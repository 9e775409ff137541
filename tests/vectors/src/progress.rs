use serde_json::json;

use crate::{
    documents::{BESIDE, PATH},
    vector::Vectors,
};

/// Manufacturing moves the overall progress from 50 to 65: the greatest whole number that is at most half a
/// percent above the exact value, which is to round half up.
fn while_manufacturing(percent: u32) -> u32 {
    (50..=65).rev().find(|whole| 200 * (whole - 50) <= 30 * percent + 100).unwrap_or(50)
}

pub(crate) fn generate(vectors: &mut Vectors) {
    for percent in 0..=100 {
        let args = json!({ "status": "manufacturing", "manufacturing": percent });
        vectors.gives("progress.overall", args, json!(while_manufacturing(percent)));
    }
    for (documented, overall) in [(25, 54), (50, 58), (75, 61)] {
        let args = json!({ "status": "manufacturing", "manufacturing": documented, "previous": 50 });
        vectors.gives("progress.overall", args, json!(overall));
    }
    elsewhere(vectors);
    milestones(vectors);
    own_model(vectors);
    bad_input(vectors);
}

fn elsewhere(vectors: &mut Vectors) {
    for (status, _, progress, _) in PATH {
        vectors.gives("progress.overall", json!({ "status": status }), json!(progress));
        vectors.gives("progress.overall", json!({ "status": status, "previous": 99 }), json!(progress));
        if status != "manufacturing" {
            for manufacturing in [0, 60, 100] {
                let args = json!({ "status": status, "manufacturing": manufacturing, "previous": 58 });
                vectors.gives("progress.overall", args, json!(progress));
            }
        }
    }
    for (status, _, _) in BESIDE {
        vectors.gives("progress.overall", json!({ "status": status }), json!(0));
        vectors.gives("progress.overall", json!({ "status": status, "previous": null }), json!(0));
        for previous in [0, 1, 50, 58, 100] {
            let args = json!({ "status": status, "manufacturing": 80, "previous": previous });
            vectors.gives("progress.overall", args, json!(previous));
        }
    }
}

fn milestones(vectors: &mut Vectors) {
    let points = [0, 1, 24, 25, 26, 49, 50, 51, 74, 75, 76, 99, 100];
    for last in points {
        for now in points {
            let crossed: Vec<i32> =
                [25, 50, 75, 100].into_iter().filter(|point| (last + 1..=now).contains(point)).collect();
            vectors.gives("milestones.crossed", json!({ "last": last, "now": now }), json!(crossed));
        }
    }
}

fn own_model(vectors: &mut Vectors) {
    let model = json!({
        "path": [
            { "status": "sawing", "progress": 20, "label": "Sawing" },
            { "status": "drying", "progress": 20, "label": "Drying" },
            { "status": "done", "progress": 21, "label": "Done" },
        ],
        "offPath": [{ "status": "void", "label": "Void" }],
        "manufacturing": "drying",
    });
    for (status, manufacturing, overall) in [
        ("sawing", 100, 20),
        ("drying", 0, 20),
        ("drying", 49, 20),
        ("drying", 50, 21),
        ("drying", 100, 21),
        ("done", 0, 21),
    ] {
        let args = json!({ "status": status, "manufacturing": manufacturing, "model": model });
        vectors.gives("progress.overall", args, json!(overall));
    }
    let args = json!({ "status": "shipped", "model": model });
    vectors.refuses("progress.overall", args, "invalid_argument", "status");
}

fn bad_input(vectors: &mut Vectors) {
    for status in ["", "Shipped", "shipped ", "paid", "stage_shipped", "käsittely"] {
        vectors.refuses("progress.overall", json!({ "status": status }), "invalid_argument", "status");
    }
    for percent in
        ["-1", "101", "255", "256", "1e2", "50.5", "\"50\"", "true", "[50]", "18446744073709551616"]
    {
        let args = format!(r#"{{"status":"manufacturing","manufacturing":{percent}}}"#);
        vectors.refuses("progress.overall", args, "invalid_argument", "manufacturing");
        let args = format!(r#"{{"status":"cancelled","previous":{percent}}}"#);
        vectors.refuses("progress.overall", args, "invalid_argument", "previous");
        let args = format!(r#"{{"last":0,"now":{percent}}}"#);
        vectors.refuses("milestones.crossed", args, "invalid_argument", "now");
    }
    vectors.refuses("milestones.crossed", r#"{"last":null,"now":5}"#, "invalid_argument", "last");
}
