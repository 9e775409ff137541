use serde_json::{Map, Value, json};

use crate::{
    documents::{OPTIONAL_STAGE, PATH},
    random::Random,
    stages::{id, names_of, spellings},
    vector::Vectors,
};

const STRANGERS: &[&str] = &["Waiting for payment", "On hold", "Lämmityskoe", "VIP", "…"];

/// A pipeline as people make one.
#[derive(Default)]
struct Pipeline {
    /// Id, name, and the place on the path of the status it stands for.
    stages: Vec<(String, String, Option<usize>)>,
    chosen: Map<String, Value>,
}

impl Pipeline {
    fn args(&self) -> Value {
        let stages: Vec<Value> =
            self.stages.iter().map(|(id, name, _)| json!({ "id": id, "name": name })).collect();
        let mut args = json!({ "pipeline": stages });
        if !self.chosen.is_empty() {
            args["stages"] = json!(self.chosen);
        }
        args
    }

    fn resolved(&self) -> Value {
        let of = |place: usize| self.stages.iter().find(|(_, _, status)| *status == Some(place));
        let (mut links, mut unmapped) = (Vec::new(), Vec::new());
        for (place, (status, ..)) in PATH.iter().enumerate() {
            match of(place) {
                Some((id, name, _)) => {
                    links.push(json!({ "status": status, "stageId": id, "stageName": name }))
                }
                None if *status != OPTIONAL_STAGE => unmapped.push(*status),
                None => {}
            }
        }
        let strangers: Vec<Value> = self
            .stages
            .iter()
            .filter(|(_, _, status)| status.is_none())
            .map(|(id, name, _)| json!({ "id": id, "name": name }))
            .collect();
        json!({ "links": links, "unmappedStatuses": unmapped, "unmappedStages": strangers })
    }
}

pub(crate) fn generate(vectors: &mut Vectors) {
    let mut random = Random::new(3);
    for _ in 0..120 {
        let pipeline = made_up(&mut random);
        vectors.gives("stageMap.resolve", pipeline.args(), pipeline.resolved());
    }
    by_hand(vectors);
    refused(vectors);
}

/// Some statuses have a stage of one of their names, some one that was chosen by hand, and some stages are for
/// something else.
fn made_up(random: &mut Random) -> Pipeline {
    let mut pipeline = Pipeline::default();
    for (place, (status, key, _, label)) in PATH.into_iter().enumerate() {
        let names: Vec<String> =
            names_of(status, key, label).iter().flat_map(|name| spellings(name)).collect();
        match random.below(10) {
            0 | 1 => {}
            2 => {
                // Chosen by hand, by id, name or key: the stage's own name says nothing.
                let name = format!("Vaihe {place}");
                let chosen = if random.below(2) == 0 { id(place) } else { name.to_uppercase() };
                pipeline.chosen.insert(status.to_owned(), json!(chosen));
                pipeline.stages.push((id(place), name, Some(place)));
            }
            3 => pipeline.stages.push((key.to_owned(), format!("Vaihe {place}"), Some(place))),
            _ => {
                let name = random.pick(&names).cloned().unwrap_or_default();
                pipeline.stages.push((id(place), name, Some(place)));
            }
        }
    }
    for (extra, name) in STRANGERS.iter().copied().enumerate() {
        if random.below(4) == 0 {
            pipeline.stages.push((id(50 + extra), name.to_owned(), None));
        }
    }
    random.shuffle(&mut pipeline.stages);
    pipeline
}

fn named(names: &[(&str, Option<&str>)]) -> Pipeline {
    let place = |status: &str| PATH.iter().position(|(known, ..)| *known == status);
    let stage = |(at, (name, status)): (usize, &(&str, Option<&str>))| {
        (id(at), (*name).to_owned(), status.and_then(place))
    };
    Pipeline { stages: names.iter().enumerate().map(stage).collect(), chosen: Map::new() }
}

/// Where the rules meet.
fn by_hand(vectors: &mut Vectors) {
    let mut gives =
        |pipeline: &Pipeline| vectors.gives("stageMap.resolve", pipeline.args(), pipeline.resolved());
    gives(&Pipeline::default());
    // The key's words go before the label's, the label's before the status's own.
    gives(&named(&[("Order placed", None), ("New order", Some("order_placed"))]));
    gives(&named(&[("Manufacturing", None), ("In production", Some("manufacturing"))]));
    gives(&named(&[("Manufacturing", Some("manufacturing"))]));
    // A name that two stages share matches neither; a better one still matches.
    gives(&named(&[("Shipped", None), ("shipped", None), ("Delivered", Some("delivered"))]));
    gives(&named(&[("Order placed", None), ("order-placed", None), ("New order", Some("order_placed"))]));
    gives(&named(&[("New order", None), ("new-order", None), ("Order placed", Some("order_placed"))]));
    // What is chosen by hand decides alone, and takes the stage from the status of its name.
    for text in [id(1), "Delivered".to_owned(), "delivered".to_owned(), "stage_delivered".to_owned()] {
        let mut pipeline = named(&[("Shipped", None), ("Delivered", Some("shipped"))]);
        pipeline.chosen.insert("shipped".to_owned(), json!(text));
        gives(&pipeline);
    }
    let mut swapped = named(&[("Shipped", Some("delivered")), ("Delivered", Some("shipped"))]);
    swapped.chosen.insert("shipped".to_owned(), json!("Delivered"));
    swapped.chosen.insert("delivered".to_owned(), json!("Shipped"));
    gives(&swapped);
    // Of two stages with one name, the id chooses.
    let mut twins = named(&[("Shipped", None), ("Shipped", Some("shipped"))]);
    twins.chosen.insert("shipped".to_owned(), json!(id(1)));
    gives(&twins);
    // What GHL says of a stage beyond id and name is ignored, and a name may be missing.
    let args = r#"{"pipeline":[{"id":"a","name":"Shipped","position":4,"showInFunnel":true},{"id":"b"}]}"#;
    let expected = json!({
        "links": [{ "status": "shipped", "stageId": "a", "stageName": "Shipped" }],
        "unmappedStatuses": ["order_placed", "processing", "manufacturing", "delivered", "installation", "completed"],
        "unmappedStages": [{ "id": "b", "name": "" }],
    });
    vectors.gives("stageMap.resolve", args, expected);
    let model = json!({ "path": [
        { "status": "new", "stage": "stage_new", "progress": 0, "label": "Uusi" },
        { "status": "hidden", "progress": 0, "label": "Piilossa" },
    ] });
    let args = json!({ "model": model, "pipeline": [{ "id": "a", "name": "Piilossa" }, { "id": "b", "name": "UUSI" }] });
    let expected = json!({
        "links": [{ "status": "new", "stageId": "b", "stageName": "UUSI" }],
        "unmappedStatuses": [],
        "unmappedStages": [{ "id": "a", "name": "Piilossa" }],
    });
    vectors.gives("stageMap.resolve", args, expected);
}

fn refused(vectors: &mut Vectors) {
    let full: Vec<Value> = PATH
        .iter()
        .enumerate()
        .map(|(place, (_, _, _, label))| json!({ "id": id(place), "name": label }))
        .collect();
    for (stages, field) in [
        (json!({ "shipped": "Sent" }), "stages.shipped"),
        (json!({ "shipped": "" }), "stages.shipped"),
        (json!({ "delivered": "Shipped", "shipped": "stage_shipped" }), "stages.shipped"),
        (json!({ "completed": "Shipped", "shipped": id(4) }), "stages.shipped"),
        (json!({ "cancelled": "Shipped" }), "stages.cancelled"),
        (json!({ "mislaid": "Shipped" }), "stages"),
        (json!({ "Shipped": "Shipped" }), "stages"),
        (json!({ "shipped": 5 }), "stages.shipped"),
        (json!({ "shipped": null }), "stages.shipped"),
        (json!(["Shipped"]), "stages"),
    ] {
        let args = json!({ "pipeline": full, "stages": stages });
        vectors.refuses("stageMap.resolve", args, "invalid_argument", field);
    }
    let twins = json!([{ "id": "a", "name": "Shipped" }, { "id": "b", "name": "shipped" }]);
    let args = json!({ "pipeline": twins, "stages": { "shipped": "Shipped" } });
    vectors.refuses("stageMap.resolve", args, "invalid_argument", "stages.shipped");
    let args = json!({ "pipeline": [], "stages": { "shipped": "Shipped" } });
    vectors.refuses("stageMap.resolve", args, "invalid_argument", "stages.shipped");
    vectors.refuses("stageMap.resolve", "{}", "invalid_argument", "pipeline");
    vectors.refuses("stageMap.resolve", r#"{"pipeline":null}"#, "invalid_argument", "pipeline");
}
