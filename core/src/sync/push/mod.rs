//! A push without memory, for hosts that keep no store: the shop says what it knows of an order, and GHL is
//! told what changed.

mod plan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    api::{
        contacts::{self, ContactInput},
        custom_fields::{self, Model},
        opportunities, pipelines,
    },
    client::{ApiRequest, CallOptions, Client},
    error::{Error, Result},
    ids::{LocationId, PipelineId, StageId},
    order::{StageMap, Status, StatusModel},
};

use super::{
    context::FieldMap,
    setup::{chosen, stages_of},
    wire,
};
use plan::Checked;

pub use plan::{PushChange, PushCommand, PushOrder, plan};

/// Where and how a push is made.
#[derive(Clone, Copy)]
pub struct PushTo<'a> {
    /// Through which client.
    pub client: &'a Client,
    /// To which location.
    pub location: &'a LocationId,
    /// Its pipeline of orders; `None` where it has but one.
    pub pipeline: Option<&'a PipelineId>,
    /// The shop's statuses.
    pub model: &'a StatusModel,
    /// Stages chosen by hand, as in [`crate::config::LocationConfig::stages`].
    pub stages: &'a BTreeMap<Status, String>,
    /// Of every call.
    pub options: &'a CallOptions<'a>,
}

/// What a push came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Pushed {
    /// What GHL was told, in this order.
    pub commands: Vec<PushCommand>,
    /// What the location lacks, so that it was left out: keys of custom fields, e.g.
    /// `contact.progress_percentage`, and of stages, e.g. `stage_shipped`.
    pub missing: Vec<String>,
}

/// Tells GHL of a change: carries out its [`plan`], with the stage and the fields of the location. Takes up
/// to two calls to read the location, and up to four to write. It can be repeated.
///
/// # Errors
/// As [`plan`]; `invalid_argument`, field `pipelineId`; `config`, for a stage that is not in the pipeline
/// and where the location lacks the fields of an order; what the client answers: what stands before it in
/// the plan was written.
pub async fn push(to: PushTo<'_>, order: &PushOrder, change: &PushChange) -> Result<Pushed> {
    let checked = Checked::new(to.model, order, change)?;
    let mut missing = Vec::new();
    let moves = order.opportunity_id.is_some() && !checked.is_old();
    let stage = if moves { to.stage(&checked.status, &mut missing).await? } else { None };
    let stage_id = stage.as_ref().map(|(_, stage)| stage.to_string());
    let mut commands = checked.commands(to.model, order, stage_id);
    let writes_fields = |command: &PushCommand| matches!(command, PushCommand::UpdateContact { .. });
    let fields = if commands.iter().any(writes_fields) { to.fields().await? } else { FieldMap::default() };
    for command in &mut commands {
        match command {
            PushCommand::UpdateOpportunity { opportunity_id, status, .. } => {
                let input = wire::opportunity_input(stage.clone(), status.as_deref());
                to.send(&opportunities::update(opportunity_id, &input)).await?;
            }
            PushCommand::UpdateContact { contact_id, custom_fields } => {
                let wanted = std::mem::take(custom_fields);
                *custom_fields = fields.of_contact(wanted.clone());
                let lacking = wanted.into_keys().filter(|key| !custom_fields.contains_key(key));
                missing.extend(lacking.map(|key| format!("{}.{key}", Model::Contact.as_str())));
                let custom_fields = wire::contact_fields(&fields, custom_fields)?;
                let input = ContactInput { custom_fields, ..ContactInput::default() };
                to.send(&contacts::update(contact_id, &input)).await?;
            }
            PushCommand::AddTags { contact_id, tags } => {
                to.send(&contacts::add_tags(contact_id, tags)).await?;
            }
            PushCommand::RemoveTags { contact_id, tags } => {
                to.send(&contacts::remove_tags(contact_id, tags)).await?;
            }
        }
    }
    Ok(Pushed { commands, missing })
}

impl PushTo<'_> {
    async fn send<T: DeserializeOwned>(&self, request: &ApiRequest<T>) -> Result<T> {
        self.client.call(self.location, request, self.options).await.result
    }

    /// The stage of a status, with its pipeline; read only where a status can have one.
    async fn stage(
        &self,
        status: &Status,
        missing: &mut Vec<String>,
    ) -> Result<Option<(PipelineId, StageId)>> {
        let key = self.model.stage_key(status);
        if key.is_none() && !self.stages.contains_key(status) {
            return Ok(None);
        }
        let pipelines = self.send(&pipelines::list(self.location)).await?;
        let pipeline =
            chosen(&pipelines, self.pipeline).map_err(|expected| Error::invalid("pipelineId", expected))?;
        let map = StageMap::resolve(self.model, &stages_of(pipeline), self.stages)?;
        let stage = map.stage_of(status).cloned();
        if stage.is_none() && self.model.needs_stage(status) {
            missing.extend(key.map(str::to_owned));
        }
        Ok(stage.map(|stage| (pipeline.id.clone(), stage)))
    }

    async fn fields(&self) -> Result<FieldMap> {
        let contact = self.send(&custom_fields::list(self.location, Model::Contact)).await?;
        let fields = FieldMap::resolve(&contact, &[]);
        fields.check()?;
        Ok(fields)
    }
}
