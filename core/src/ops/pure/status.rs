use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Unexpected, Visitor},
};

use super::{Run, function};
use crate::{
    error::{Error, Result},
    ids::StageId,
    json::at,
    ops::{args::within, table::ops},
    order::{
        MILESTONES, ModelSpec, Move, Outcome, PipelineStage, StageMap, Status, StatusModel,
        milestones_crossed, overall_progress, transition,
    },
    ports::store::Side,
};

/// The stages of single statuses: a stage's id, name or key by status, as `GHL_STAGE_<STATUS>` gives it.
pub(in crate::ops) type Stages = BTreeMap<String, String>;

ops! {
    pub(super) const OPS: Run;

    /// A status model with all that a table of statuses needs.
    "model.describe" "function" {
        /// The shop's own model; default the built-in one.
        model: Option<ModelSpec>,
    } -> StatusTable = function(|args| Ok(describe(&model(args.model)?)));

    /// The status of a stage, or null.
    "status.forStage" "function" {
        /// The stage's id, key or name.
        stage: String,
        /// The stages of the pipeline, as GHL lists them. Without them the text alone decides.
        pipeline: Option<Vec<PipelineStage>>,
        /// The stages of single statuses: id, name or key.
        stages: Option<Stages>,
        /// The shop's own model; default the built-in one.
        model: Option<ModelSpec>,
    } -> Option<Status> = function(|args| {
        for_stage(&model(args.model)?, &args.stage, args.pipeline, &args.stages.unwrap_or_default())
    });

    /// The stage of a status: its id in the pipeline; without one what `stages` says, else its key. Null
    /// where the opportunity stays where it is.
    "stage.forStatus" "function" {
        /// The status.
        status: String,
        /// The stages of the pipeline, as GHL lists them.
        pipeline: Option<Vec<PipelineStage>>,
        /// The stages of single statuses: id, name or key.
        stages: Option<Stages>,
        /// The shop's own model; default the built-in one.
        model: Option<ModelSpec>,
    } -> Option<String> = function(|args| {
        for_status(&model(args.model)?, &args.status, args.pipeline, &args.stages.unwrap_or_default())
    });

    /// Which stage of a pipeline stands for which status, and what has no partner.
    "stageMap.resolve" "function" {
        /// The stages of the pipeline, as GHL lists them.
        pipeline: Vec<PipelineStage>,
        /// The stages of single statuses: id, name or key.
        stages: Option<Stages>,
        /// The shop's own model; default the built-in one.
        model: Option<ModelSpec>,
    } -> ResolvedStages = function(|args| {
        resolve(&model(args.model)?, &args.pipeline, &args.stages.unwrap_or_default())
    });

    /// The overall progress of an order, in percent.
    "progress.overall" "function" {
        /// The status.
        status: String,
        /// Manufacturing progress in percent.
        manufacturing: Option<Percent>,
        /// The overall progress before, in percent: it stays at that beside the path.
        previous: Option<Percent>,
        /// The shop's own model; default the built-in one.
        model: Option<ModelSpec>,
    } -> u8 = function(|args| {
        let model = model(args.model)?;
        let status = model.status(&args.status)?;
        Ok(overall_progress(&model, &status, args.manufacturing.map(u8::from), args.previous.map(u8::from)))
    });

    /// The milestones of manufacturing progress that were passed, in order.
    "milestones.crossed" "function" {
        /// The last that was told, in percent.
        last: Percent,
        /// The progress now, in percent.
        now: Percent,
    } -> Vec<u8> = function(|args| Ok(milestones_crossed(args.last.into(), args.now.into())));

    /// How a change of status moves an order, if it may.
    "transition" "function" {
        /// The status before; one that the model does not know counts as beside the path.
        from: String,
        /// The status after.
        to: String,
        /// Who makes the change; default `shop`.
        side: Option<Side>,
        /// Whether the shop means to go backward; default false.
        allow_backward: Option<bool>,
        /// The shop's own model; default the built-in one.
        model: Option<ModelSpec>,
    } -> Move = function(|args| {
        let model = model(args.model)?;
        let (from, to) = (at("from", Status::parse(&args.from))?, at("to", model.status(&args.to))?);
        let side = args.side.unwrap_or(Side::Shop);
        transition(&model, &from, &to, side, args.allow_backward.unwrap_or(false))
    });
}

/// A status model with all that a table of statuses needs.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
struct StatusTable {
    /// Every status: the path in order, then those beside it.
    statuses: Vec<StatusInfo>,
    /// The status of each stage key.
    stages: BTreeMap<String, Status>,
    /// The status of a new order.
    first: Status,
    /// The status during which manufacturing progress counts, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    manufacturing: Option<Status>,
    /// The percentages of manufacturing progress that customers are told about.
    milestones: [u8; 4],
}

/// A status and what it stands for.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
struct StatusInfo {
    /// The status.
    status: Status,
    /// What people read.
    label: String,
    /// Overall progress in percent; absent beside the path, where it is frozen.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<u8>,
    /// The key of its stage; absent where the opportunity stays where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage_key: Option<String>,
    /// Whether a pipeline must have that stage.
    needs_stage: bool,
    /// The opportunity's status.
    outcome: Outcome,
    /// The tag a contact carries while its order has this status.
    tag: String,
    /// Whether it is on the way from placed to completed.
    on_path: bool,
    /// Its place on the path, from 0; absent beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<usize>,
}

/// Which stage stands for which status, and what has no partner.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
struct ResolvedStages {
    /// The statuses that have a stage, in the order of the path.
    links: Vec<StageLink>,
    /// The statuses that should have a stage and found none.
    unmapped_statuses: Vec<Status>,
    /// The stages that stand for no status.
    unmapped_stages: Vec<PipelineStage>,
}

/// A status and its stage.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
struct StageLink {
    /// The status.
    status: Status,
    /// The stage's id.
    stage_id: StageId,
    /// The stage's name.
    stage_name: String,
}

fn describe(model: &StatusModel) -> StatusTable {
    let info = |status: &Status| StatusInfo {
        status: status.clone(),
        label: model.label(status).to_owned(),
        progress: model.progress(status),
        stage_key: model.stage_key(status).map(str::to_owned),
        needs_stage: model.needs_stage(status),
        outcome: model.outcome(status),
        tag: model.tag(status),
        on_path: model.is_open(status),
        place: model.place(status),
    };
    let stage = |status: &Status| Some((model.stage_key(status)?.to_owned(), status.clone()));
    let mut stages = BTreeMap::new();
    stages.extend(model.path().filter_map(stage));
    StatusTable {
        statuses: model.statuses().map(info).collect(),
        stages,
        first: model.first().clone(),
        manufacturing: model.manufacturing().cloned(),
        milestones: MILESTONES,
    }
}

/// Without a pipeline its stages are those that `stages` names; a text that is none of them is looked at as
/// a stage of its own.
fn for_stage(
    model: &StatusModel,
    text: &str,
    pipeline: Option<Vec<PipelineStage>>,
    stages: &Stages,
) -> Result<Option<Status>> {
    let status = |map: &StageMap| map.find(text).and_then(|stage| map.status_of(stage)).cloned();
    let listed = pipeline.is_some();
    let mut pipeline = pipeline.unwrap_or_else(|| named_in(stages));
    let known = status(&stage_map(model, &pipeline, stages)?);
    if listed || known.is_some() {
        return Ok(known);
    }
    pipeline.push(named(text));
    Ok(status(&stage_map(model, &pipeline, stages)?))
}

fn for_status(
    model: &StatusModel,
    status: &str,
    pipeline: Option<Vec<PipelineStage>>,
    stages: &Stages,
) -> Result<Option<String>> {
    let status = model.status(status)?;
    let key = if pipeline.is_none() { model.stage_key(&status) } else { None };
    let map = stage_map(model, &pipeline.unwrap_or_else(|| named_in(stages)), stages)?;
    Ok(map.stage_of(&status).map(StageId::as_str).or(key).map(str::to_owned))
}

fn resolve(model: &StatusModel, pipeline: &[PipelineStage], stages: &Stages) -> Result<ResolvedStages> {
    let map = stage_map(model, pipeline, stages)?;
    let link = |status: &Status| {
        let stage = map.stage_of(status)?;
        let stage_name = map.name_of(stage).unwrap_or_default().to_owned();
        Some(StageLink { status: status.clone(), stage_id: stage.clone(), stage_name })
    };
    Ok(ResolvedStages {
        links: model.path().filter_map(link).collect(),
        unmapped_statuses: map.unmapped_statuses().to_vec(),
        unmapped_stages: map.unmapped_stages().cloned().collect(),
    })
}

pub(in crate::ops) fn model(spec: Option<ModelSpec>) -> Result<StatusModel> {
    spec.map_or_else(|| Ok(StatusModel::default()), |spec| within("model", StatusModel::new(spec)))
}

/// A stage of which only one text is known.
fn named(text: &str) -> PipelineStage {
    PipelineStage { id: StageId::new(text), name: text.to_owned() }
}

fn named_in(stages: &Stages) -> Vec<PipelineStage> {
    stages.values().map(|text| named(text)).collect()
}

/// Resolves a pipeline.
fn stage_map(model: &StatusModel, pipeline: &[PipelineStage], stages: &Stages) -> Result<StageMap> {
    StageMap::resolve(model, pipeline, &chosen(model, stages)?).map_err(as_argument)
}

/// The stages chosen by hand.
pub(in crate::ops) fn chosen(model: &StatusModel, stages: &Stages) -> Result<BTreeMap<Status, String>> {
    let mut chosen = BTreeMap::new();
    for (status, stage) in stages {
        chosen.insert(at("stages", model.status(status))?, stage.clone());
    }
    Ok(chosen)
}

/// An error of resolving a pipeline that names the argument in place of the environment's variable.
pub(in crate::ops) fn as_argument(error: Error) -> Error {
    let variable = error.field().unwrap_or_default();
    let Some(status) = variable.strip_prefix("GHL_STAGE_") else { return error };
    let said = error.message().strip_prefix(variable).and_then(|said| said.strip_prefix(": "));
    Error::invalid(format!("stages.{}", status.to_ascii_lowercase()), said.unwrap_or(error.message()))
}

/// A percentage: a whole number from 0 to 100.
#[derive(Clone, Copy)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
struct Percent(u8);

impl From<Percent> for u8 {
    fn from(percent: Percent) -> Self {
        percent.0
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeNumber)
    }
}

struct WholeNumber;

impl Visitor<'_> for WholeNumber {
    type Value = Percent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 0 to 100")
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Percent, E> {
        let percent = u8::try_from(number).ok().filter(|percent| *percent <= 100);
        percent.map(Percent).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
}
