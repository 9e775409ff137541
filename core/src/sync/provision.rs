//! Adds what a location lacks, and says which lines of its settings are missing.

use serde::Serialize;

use crate::{
    api::{
        custom_fields::{Model, NewCustomField},
        pipelines,
    },
    client::CallOptions,
    error::{Error, Result},
    ids::LocationId,
    order::{PipelineStage, StageMap, Status, StatusModel, stage_variable},
};

use super::{
    core::{Core, lock},
    desired::field,
    engine::Engine,
    setup::{chosen, read_fields, stages_of},
};

/// How [`Engine::provision`] goes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProvisionOptions {
    /// Tells what would be made, and makes nothing.
    pub dry_run: bool,
}

/// What [`Engine::provision`] found and did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Provisioned {
    /// Keys of the custom fields it created, e.g. `contact.order_status`.
    pub created_fields: Vec<String>,
    /// In a dry run: keys of the custom fields it would create.
    pub missing_fields: Vec<String>,
    /// Statuses without a stage in the pipeline: their changes do not move the opportunity.
    pub unmapped_statuses: Vec<Status>,
    /// Stages that stand for no status: a move to one of them changes no order.
    pub unmapped_stages: Vec<PipelineStage>,
    /// The stage of each status that has one or should.
    pub stages: Vec<ProposedStage>,
    /// The same as lines to paste: `GHL_STAGE_SHIPPED=…` for the environment, or where several locations are
    /// configured, members of the location's `stages`. Where no stage is likely the line is a comment that lists the
    /// pipeline's stages with their ids.
    pub lines: Vec<String>,
}

/// A status and its stage, as found or as proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct ProposedStage {
    /// The status.
    pub status: Status,
    /// The stage; none where no name resembles the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<PipelineStage>,
    /// Whether the engine uses it already. Otherwise it is a proposal by the likeness of the names.
    pub mapped: bool,
}

impl Engine {
    /// Reads a location's pipeline and custom fields anew, creates the fields that are missing, and tells
    /// what has no partner. Call it when a shop is set up, and after its pipeline was changed.
    ///
    /// # Errors
    /// `config` when the pipeline is not there or a configured stage is not in it; what the client answers.
    pub async fn provision(
        &self,
        location: Option<&LocationId>,
        options: ProvisionOptions,
    ) -> Result<Provisioned> {
        let core = &self.core;
        let location = core.config.location(location)?.id.clone();
        let missing = read_fields(core, &location, &CallOptions::default()).await?.missing();
        let keys = missing.iter().map(|(model, spec)| key_of(*model, spec)).collect();
        if options.dry_run {
            let stages = stages(core, &location).await?;
            return Ok(Provisioned { missing_fields: keys, ..told(core, &stages) });
        }
        for (model, (_, name, data_type)) in missing {
            let (name, data_type) = (name.to_owned(), data_type.to_owned());
            let new = NewCustomField { name, data_type, model, placeholder: None };
            core.client.custom_fields(&location).create(&new).await?;
        }
        lock(&core.contexts).remove(&location);
        let context = core.context(&location, None).await?;
        Ok(Provisioned { created_fields: keys, ..told(core, &context.stages) })
    }
}

/// The key of a field with its object's prefix.
pub(super) fn key_of(model: Model, (key, ..): &field::Spec) -> String {
    format!("{}.{key}", model.as_str())
}

async fn stages(core: &Core, id: &LocationId) -> Result<StageMap> {
    let location = core.config.location(Some(id))?;
    let pipelines = core.client.send(id, &pipelines::list(id)).await?;
    let pipeline = chosen(&pipelines, Some(&location.pipeline))
        .map_err(|expected| Error::config("GHL_ORDERS_PIPELINE_ID", expected))?;
    StageMap::resolve(&core.config.model, &stages_of(pipeline), &location.stages)
}

fn told(core: &Core, stages: &StageMap) -> Provisioned {
    let proposed = proposed(&core.config.model, stages);
    Provisioned {
        unmapped_statuses: stages.unmapped_statuses().to_vec(),
        unmapped_stages: stages.unmapped_stages().cloned().collect(),
        lines: lines(&proposed, stages.stages(), core.config.locations.len() > 1),
        stages: proposed,
        ..Provisioned::default()
    }
}

/// The stage of each status that has one or should.
pub(super) fn proposed(model: &StatusModel, stages: &StageMap) -> Vec<ProposedStage> {
    let likely = stages.likely(model);
    let stage_of = |status: &Status| {
        let id = stages.stage_of(status)?;
        stages.stages().iter().find(|stage| stage.id == *id).cloned()
    };
    model
        .path()
        .filter_map(|status| {
            let (found, status) = (stage_of(status), status.clone());
            if found.is_none() && !stages.unmapped_statuses().contains(&status) {
                return None;
            }
            let mapped = found.is_some();
            let guess = || likely.iter().find(|(of, _)| **of == status).map(|(_, stage)| (*stage).clone());
            Some(ProposedStage { stage: found.or_else(guess), mapped, status })
        })
        .collect()
}

/// Lines of the environment, or of a location's `stages`.
pub(super) fn lines(proposed: &[ProposedStage], all: &[PipelineStage], several: bool) -> Vec<String> {
    // A line is one line, whatever a stage is called.
    let named =
        |stage: &PipelineStage| format!("{} = {}", stage.name.replace(char::is_control, " "), stage.id);
    let choice = all.iter().map(named).collect::<Vec<_>>().join(", ");
    let line = |ProposedStage { status, stage, .. }: &ProposedStage| match (stage, several) {
        (Some(stage), false) => format!("{}={}", stage_variable(status), stage.id),
        (Some(stage), true) => format!("\"{status}\": \"{}\",", stage.id),
        (None, false) => format!("# {}= the id of one of: {choice}", stage_variable(status)),
        (None, true) => format!("// \"{status}\": the id of one of: {choice}"),
    };
    proposed.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ids::StageId;

    #[test]
    fn each_status_has_its_line() {
        let stage = |(name, id): (&str, &str)| PipelineStage { id: StageId::new(id), name: name.to_owned() };
        let all: Vec<_> = [("New Order", "s1"), ("Shipping", "s2"), ("Won", "s3")].map(stage).into();
        let model = StatusModel::default();
        let map = StageMap::resolve(&model, &all, &BTreeMap::new()).unwrap();
        let proposed = proposed(&model, &map);
        let (first, shipped) = (&proposed[0], proposed.iter().find(|one| one.status.as_str() == "shipped"));
        assert_eq!((first.status.as_str(), first.mapped), ("order_placed", true));
        assert_eq!(
            shipped.map(|one| (one.stage.as_ref().unwrap().id.as_str(), one.mapped)),
            Some(("s2", false))
        );
        let env = lines(&proposed, &all, false);
        assert_eq!(env.len(), 7, "quality_check may do without: {env:?}");
        assert_eq!(env[0], "GHL_STAGE_ORDER_PLACED=s1");
        assert!(env.contains(&"GHL_STAGE_SHIPPED=s2".to_owned()), "{env:?}");
        assert!(
            env.contains(
                &"# GHL_STAGE_COMPLETED= the id of one of: New Order = s1, Shipping = s2, Won = s3"
                    .to_owned()
            ),
            "{env:?}"
        );
        assert_eq!(lines(&proposed, &all, true)[0], r#""order_placed": "s1","#);
    }
}
