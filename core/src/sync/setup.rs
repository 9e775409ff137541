//! Reads what a location looks like.

use crate::{
    api::{
        custom_fields::{self, Model},
        locations,
        pipelines::{self, Pipeline},
    },
    client::CallOptions,
    config::ExistingContact,
    error::{Code, Error, Result},
    ids::{LocationId, PipelineId},
    order::{PipelineStage, StageMap},
};

use super::{
    context::{Context, FieldMap, Timing},
    core::Core,
};

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

pub(super) async fn read_fields(core: &Core, id: &LocationId, options: &CallOptions<'_>) -> Result<FieldMap> {
    let list =
        |model| async move { core.client.call(id, &custom_fields::list(id, model), options).await.result };
    Ok(FieldMap::resolve(&list(Model::Contact).await?, &list(Model::Opportunity).await?))
}
