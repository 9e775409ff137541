//! Reads what a location looks like, and adds what it lacks.

use serde::Serialize;

use crate::{
    api::{
        custom_fields::{self, Model, NewCustomField},
        locations,
        pipelines::{self, Pipeline},
    },
    client::CallOptions,
    config::ExistingContact,
    error::{Code, Error, Result},
    ids::{LocationId, PipelineId},
    order::{PipelineStage, StageMap, Status},
};

use super::{
    context::{Context, FieldMap, Timing},
    core::{Core, lock},
    engine::Engine,
};

/// What [`Engine::provision`] found and did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Provisioned {
    /// Keys of the custom fields it created, e.g. `contact.order_status`.
    pub created_fields: Vec<String>,
    /// Statuses without a stage in the pipeline: their changes do not move the opportunity.
    pub unmapped_statuses: Vec<Status>,
    /// Stages that stand for no status: a move to one of them changes no order.
    pub unmapped_stages: Vec<PipelineStage>,
}

impl Engine {
    /// Reads a location's pipeline and custom fields anew, creates the fields that are missing, and tells
    /// what has no partner. Call it when a shop is set up, and after its pipeline was changed.
    ///
    /// # Errors
    /// `config` when the pipeline is not there or a configured stage is not in it; what the client answers.
    pub async fn provision(&self, location: Option<&LocationId>) -> Result<Provisioned> {
        let core = &self.core;
        let location = core.config.location(location)?.id.clone();
        let mut done = Provisioned::default();
        for (model, (key, name, data_type)) in
            read_fields(core, &location, &CallOptions::default()).await?.missing()
        {
            let new = NewCustomField {
                name: name.to_owned(),
                data_type: data_type.to_owned(),
                model,
                placeholder: None,
            };
            core.client.custom_fields(&location).create(&new).await?;
            done.created_fields.push(format!("{}.{key}", model.as_str()));
        }
        lock(&core.contexts).remove(&location);
        let context = core.context(&location, None).await?;
        done.unmapped_statuses = context.stages.unmapped_statuses().to_vec();
        done.unmapped_stages = context.stages.unmapped_stages().cloned().collect();
        Ok(done)
    }
}

/// Reads a location's context from GHL: four calls.
pub(crate) async fn read(core: &Core, id: &LocationId, options: &CallOptions<'_>) -> Result<Context> {
    let location = core.config.location(Some(id))?;
    let pipelines = core.client.call(id, &pipelines::list(id), options).await.result?;
    let pipeline = chosen(&pipelines, Some(&location.pipeline))
        .map_err(|expected| Error::config("GHL_ORDERS_PIPELINE_ID", expected))?;
    let stages = StageMap::resolve(&core.config.model, &stages_of(pipeline), &location.stages)?;
    let fields = read_fields(core, id, options).await?;
    fields.check()?;
    for (model, (key, ..)) in fields.missing() {
        tracing::warn!(location = %id, model = model.as_str(), key, "a custom field is missing and is not written");
    }
    let sync = &core.config.sync;
    Ok(Context {
        location: id.clone(),
        pipeline: location.pipeline.clone(),
        model: core.config.model.clone(),
        stages,
        fields,
        allows_duplicates: allows_duplicates(core, id, options).await?,
        timing: Timing { call_timeout: sync.call_timeout_ms, search_lag: sync.search_lag_ms },
        overwrite_contact: sync.existing_contact == ExistingContact::Overwrite,
    })
}

/// The pipeline with this id, or the only one where none is named; else what was expected.
pub(crate) fn chosen<'a>(
    pipelines: &'a [Pipeline],
    id: Option<&PipelineId>,
) -> std::result::Result<&'a Pipeline, String> {
    let known = || {
        let name = |p: &Pipeline| format!("{} ({})", p.id, p.name.as_deref().unwrap_or("without a name"));
        pipelines.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    match (id, pipelines) {
        (Some(id), _) => pipelines
            .iter()
            .find(|pipeline| pipeline.id == *id)
            .ok_or_else(|| format!("the location has no pipeline {id}; set the id of one of: {}", known())),
        (None, [only]) => Ok(only),
        (None, _) => Err(format!("the location has not one pipeline; set the id of one of: {}", known())),
    }
}

pub(crate) fn stages_of(pipeline: &Pipeline) -> Vec<PipelineStage> {
    let stages = pipeline.stages.iter();
    stages
        .map(|stage| PipelineStage { id: stage.id.clone(), name: stage.name.clone().unwrap_or_default() })
        .collect()
}

/// Whether the location lets two contacts have one e-mail or phone. Where the token may not read that, yes
/// is assumed: customers are then looked for before they are created.
async fn allows_duplicates(core: &Core, id: &LocationId, options: &CallOptions<'_>) -> Result<bool> {
    match core.client.call(id, &locations::get(id), options).await.result {
        Ok(location) => Ok(location.settings.allow_duplicate_contact.unwrap_or(true)),
        Err(error) if error.code() == Code::ScopeMissing => Ok(true),
        Err(error) => Err(error),
    }
}

async fn read_fields(core: &Core, id: &LocationId, options: &CallOptions<'_>) -> Result<FieldMap> {
    let list =
        |model| async move { core.client.call(id, &custom_fields::list(id, model), options).await.result };
    Ok(FieldMap::resolve(&list(Model::Contact).await?, &list(Model::Opportunity).await?))
}
