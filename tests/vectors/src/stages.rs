use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::{
    documents::{BESIDE, OPTIONAL_STAGE, PATH},
    vector::Vectors,
};

/// Names of stages that stand for no status.
const STRANGERS: &[&str] = &[
    "",
    " ",
    "stage",
    "stage_",
    "Production",
    "Not in production",
    "Waiting for payment",
    "Order",
    "Placed",
    "Ship",
    "Shippedd",
    "Ship ped",
    "—",
    "🚚",
    "cancelled",
    "stage_cancelled",
];

/// A stage's name as people may have written it. Case, `stage` in front, and what is neither letter nor digit do
/// not count.
pub(crate) fn spellings(words: &str) -> Vec<String> {
    let words: Vec<&str> = words.split(['_', ' ']).collect();
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    let capitals: Vec<String> = words.iter().map(|word| capital(word)).collect();
    vec![
        words.join(" "),
        words.join("_"),
        words.join("-"),
        words.join("\u{a0}").to_uppercase(),
        capitals.join(" "),
        format!("  {}! ", capitals.join("   ")),
        format!("stage_{}", words.join("_")),
        format!("Stage: {}", capitals.join(" ")),
        format!("🔥 {} ({})", capitals.join(" / "), "…"),
    ]
}

/// The names that mean a status: what its stage's key says, its label, and the status itself.
pub(crate) fn names_of(status: &str, key: &str, label: &str) -> BTreeSet<String> {
    [key.trim_start_matches("stage_"), &label.to_lowercase(), status].map(str::to_owned).into()
}

/// The id of the stage at a place.
pub(crate) fn id(place: usize) -> String {
    format!("e93ba61a-53b3-45e7-985a-{place:012}")
}

pub(crate) fn generate(vectors: &mut Vectors) {
    let mut texts = BTreeSet::new();
    for (status, key, _, label) in PATH {
        vectors.gives("stage.forStatus", json!({ "status": status }), json!(key));
        for text in names_of(status, key, label).iter().flat_map(|name| spellings(name)) {
            if texts.insert(text.clone()) {
                vectors.gives("status.forStage", json!({ "stage": text }), json!(status));
            }
        }
    }
    for (status, ..) in BESIDE {
        vectors.gives("stage.forStatus", json!({ "status": status }), Value::Null);
    }
    for stranger in STRANGERS {
        vectors.gives("status.forStage", json!({ "stage": stranger }), Value::Null);
    }
    chosen(vectors);
    in_a_pipeline(vectors);
    bad_input(vectors);
}

/// Stages set by hand, without the pipeline's list.
fn chosen(vectors: &mut Vectors) {
    let by_hand: Map<String, Value> = PATH
        .iter()
        .enumerate()
        .map(|(place, (status, ..))| ((*status).to_owned(), json!(id(place))))
        .collect();
    for (place, (status, key, ..)) in PATH.into_iter().enumerate() {
        let stages = json!(by_hand);
        vectors.gives("stage.forStatus", json!({ "status": status, "stages": stages }), json!(id(place)));
        vectors.gives("status.forStage", json!({ "stage": id(place), "stages": stages }), json!(status));
        // The key means the status, and so its stage.
        vectors.gives("status.forStage", json!({ "stage": key, "stages": stages }), json!(status));
        let one = json!({ status: id(place) });
        vectors.gives("stage.forStatus", json!({ "status": status, "stages": one }), json!(id(place)));
        vectors.gives("status.forStage", json!({ "stage": id(place), "stages": one }), json!(status));
        vectors.gives("status.forStage", json!({ "stage": id(99), "stages": one }), Value::Null);
    }
    let one = json!({ "shipped": "Matkalla" });
    for (stage, status) in [
        ("Matkalla", json!("shipped")),
        ("matkalla", json!("shipped")),
        ("stage_shipped", json!("shipped")),
        ("Delivered", json!("delivered")),
        // Another stage is chosen for that status, so one of its name stands for none.
        ("Shipped", Value::Null),
    ] {
        vectors.gives("status.forStage", json!({ "stage": stage, "stages": one }), status);
    }
    vectors.gives(
        "stage.forStatus",
        json!({ "status": "delivered", "stages": one }),
        json!("stage_delivered"),
    );
    vectors.gives("stage.forStatus", json!({ "status": "returned", "stages": one }), Value::Null);
}

fn in_a_pipeline(vectors: &mut Vectors) {
    let stage = |(place, (_, _, _, label)): (usize, (&str, &str, u8, &str))| json!({ "id": id(place), "name": label });
    let full: Vec<Value> = PATH.into_iter().enumerate().map(stage).collect();
    let without_shipped: Vec<Value> =
        full.iter().filter(|stage| stage["name"] != "Shipped").cloned().collect();
    for (place, (status, key, _, label)) in PATH.into_iter().enumerate() {
        vectors.gives("stage.forStatus", json!({ "status": status, "pipeline": full }), json!(id(place)));
        for text in [id(place), key.to_owned(), label.to_owned(), label.to_uppercase()] {
            vectors.gives("status.forStage", json!({ "stage": text, "pipeline": full }), json!(status));
        }
        let expected = if status == "shipped" { Value::Null } else { json!(id(place)) };
        vectors.gives("stage.forStatus", json!({ "status": status, "pipeline": without_shipped }), expected);
    }
    for stage in ["stage_shipped", "Shipped", &id(4), "Waiting for payment", ""] {
        vectors.gives("status.forStage", json!({ "stage": stage, "pipeline": without_shipped }), Value::Null);
        vectors.gives("status.forStage", json!({ "stage": stage, "pipeline": [] }), Value::Null);
    }
    for (status, ..) in BESIDE {
        vectors.gives("stage.forStatus", json!({ "status": status, "pipeline": full }), Value::Null);
    }
}

fn bad_input(vectors: &mut Vectors) {
    for status in ["", "paid", "Shipped", "stage_shipped", "shipped ", "\u{0}"] {
        vectors.refuses("stage.forStatus", json!({ "status": status }), "invalid_argument", "status");
        let stages = json!({ status: "x" });
        vectors.refuses(
            "status.forStage",
            json!({ "stage": "x", "stages": stages }),
            "invalid_argument",
            "stages",
        );
    }
    for (status, ..) in BESIDE {
        let args = json!({ "stage": "x", "stages": { status: "x" } });
        vectors.refuses("status.forStage", args, "invalid_argument", &format!("stages.{status}"));
    }
    let twice = json!({ "delivered": "Sent", "shipped": "Sent" });
    vectors.refuses(
        "status.forStage",
        json!({ "stage": "x", "stages": twice }),
        "invalid_argument",
        "stages.shipped",
    );
    for stage in [json!(5), Value::Null, json!(["stage_shipped"]), json!({ "id": "x" })] {
        vectors.refuses("status.forStage", json!({ "stage": stage }), "invalid_argument", "stage");
    }
    for (pipeline, field) in [
        (json!("Shipped"), "pipeline"),
        (json!(["Shipped"]), "pipeline[0]"),
        (json!([["a", "Shipped"]]), "pipeline[0]"),
        (json!([{ "id": "a", "name": "A" }, { "name": "Shipped" }]), "pipeline[1].id"),
        (json!([{ "id": 5, "name": "Shipped" }]), "pipeline[0].id"),
    ] {
        vectors.refuses(
            "status.forStage",
            json!({ "stage": "x", "pipeline": pipeline }),
            "invalid_argument",
            field,
        );
    }
}

/// Whole models: the built-in one, shops' own, and such as are refused.
pub(crate) fn models(vectors: &mut Vectors) {
    vectors.gives("model.describe", "{}", built_in());
    vectors.gives("model.describe", r#"{"model":null}"#, built_in());
    let model = json!({
        "path": [
            { "status": "new", "stage": " stage_new ", "progress": 0, "label": " Uusi " },
            { "status": "waiting", "progress": 0, "label": "Odottaa" },
            { "status": "ready", "stage": "s", "stageOptional": true, "progress": 100, "label": "Valmis", "outcome": "won" },
        ],
        "offPath": [{ "status": "void", "label": "Mitätöity", "outcome": "abandoned" }, { "status": "lost_it", "label": "-" }],
        "manufacturing": "waiting",
    });
    let described = json!({
        "statuses": [
            { "status": "new", "label": "Uusi", "progress": 0, "stageKey": "stage_new", "needsStage": true,
              "outcome": "open", "tag": "status_new", "onPath": true, "place": 0 },
            { "status": "waiting", "label": "Odottaa", "progress": 0, "needsStage": false,
              "outcome": "open", "tag": "status_waiting", "onPath": true, "place": 1 },
            { "status": "ready", "label": "Valmis", "progress": 100, "stageKey": "s", "needsStage": false,
              "outcome": "won", "tag": "status_ready", "onPath": true, "place": 2 },
            { "status": "void", "label": "Mitätöity", "needsStage": false, "outcome": "abandoned",
              "tag": "status_void", "onPath": false },
            { "status": "lost_it", "label": "-", "needsStage": false, "outcome": "untouched",
              "tag": "status_lost_it", "onPath": false },
        ],
        "stages": { "stage_new": "new", "s": "ready" },
        "first": "new",
        "manufacturing": "waiting",
        "milestones": [25, 50, 75, 100],
    });
    vectors.gives("model.describe", json!({ "model": model }), described);
    for (status, stage) in [("new", json!("stage_new")), ("waiting", Value::Null), ("void", Value::Null)] {
        vectors.gives("stage.forStatus", json!({ "status": status, "model": model }), stage);
    }
    for (stage, status) in
        [("UUSI", json!("new")), ("s", json!("ready")), ("Odottaa", Value::Null), ("Shipped", Value::Null)]
    {
        vectors.gives("status.forStage", json!({ "stage": stage, "model": model }), status);
    }
    refused_models(vectors);
}

fn built_in() -> Value {
    let on_path = |(place, (status, key, progress, label)): (usize, (&str, &str, u8, &str))| {
        json!({
            "status": status, "label": label, "progress": progress, "stageKey": key, "needsStage": status != OPTIONAL_STAGE,
            "outcome": "open", "tag": format!("status_{status}"), "onPath": true, "place": place,
        })
    };
    let beside = |(status, label, outcome): (&str, &str, &str)| {
        json!({
            "status": status, "label": label, "needsStage": false, "outcome": outcome,
            "tag": format!("status_{status}"), "onPath": false,
        })
    };
    let stages: Map<String, Value> =
        PATH.iter().map(|(status, key, ..)| ((*key).to_owned(), json!(status))).collect();
    json!({
        "statuses": PATH.into_iter().enumerate().map(on_path).chain(BESIDE.into_iter().map(beside)).collect::<Vec<_>>(),
        "stages": stages,
        "first": "order_placed",
        "manufacturing": "manufacturing",
        "milestones": [25, 50, 75, 100],
    })
}

fn refused_models(vectors: &mut Vectors) {
    let first = json!({ "status": "a", "stage": "stage_a", "progress": 10, "label": "A" });
    let with = |entry: Value| json!({ "path": [first, entry] });
    let entry = |name: &str, value: Value| {
        let mut entry = json!({ "status": "b", "progress": 20, "label": "B" });
        entry[name] = value;
        with(entry)
    };
    let beside = |off: Value| json!({ "path": [first], "offPath": [off] });
    let table = [
        (json!([]), "model"),
        (json!("default"), "model"),
        (json!({}), "model.path"),
        (json!({ "path": [] }), "model.path"),
        (json!({ "path": {} }), "model.path"),
        (json!({ "path": [["a", "stage_a", false, 10, "A"]] }), "model.path[0]"),
        (json!({ "path": [first], "colour": 1 }), "model.colour"),
        (entry("progress", json!(9)), "model.path[1].progress"),
        (entry("progress", json!(101)), "model.path[1].progress"),
        (entry("progress", json!(300)), "model.path[1].progress"),
        (entry("progress", json!(-1)), "model.path[1].progress"),
        (entry("progress", json!(10.5)), "model.path[1].progress"),
        (with(json!({ "status": "b", "label": "B" })), "model.path[1].progress"),
        (entry("status", json!("a")), "model.path[1].status"),
        (entry("status", json!("B")), "model.path[1].status"),
        (entry("status", json!("b".repeat(51))), "model.path[1].status"),
        (with(json!({ "progress": 20, "label": "B" })), "model.path[1].status"),
        (entry("label", json!(" ")), "model.path[1].label"),
        (entry("label", json!("x".repeat(101))), "model.path[1].label"),
        (entry("label", json!("a\nb")), "model.path[1].label"),
        (entry("stage", json!("")), "model.path[1].stage"),
        (entry("stage", json!("stage_a")), "model.path[1].stage"),
        (entry("outcome", json!("paid")), "model.path[1].outcome"),
        (entry("colour", json!("red")), "model.path[1].colour"),
        (json!({ "path": [first], "manufacturing": "a" }), "model.manufacturing"),
        (json!({ "path": [first], "manufacturing": "z" }), "model.manufacturing"),
        (beside(json!({ "status": "a", "label": "A" })), "model.offPath[0].status"),
        (beside(json!({ "status": "z", "label": "" })), "model.offPath[0].label"),
        (beside(json!({ "status": "z", "label": "Z", "progress": 5 })), "model.offPath[0].progress"),
    ];
    for (model, field) in table {
        vectors.refuses("model.describe", json!({ "model": model }), "invalid_argument", field);
    }
}
