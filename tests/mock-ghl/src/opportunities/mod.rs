//! Opportunities: the record and how it is shown.

mod search;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Number, Value, json};

use crate::assumptions::OpportunityFieldShape;
use crate::auth::Access;
use crate::http::{Answer, Handled, object};
use crate::model::Ghl;
use crate::routes::{Call, Route};
use crate::time::iso;

pub(crate) use write::{OpportunityChange, STATUSES};

/// One opportunity. Times are epoch milliseconds; there is no `dateUpdated`.
#[derive(Clone, Debug, PartialEq)]
pub struct Opportunity {
    /// Opaque id.
    pub id: String,
    /// The location it belongs to.
    pub location_id: String,
    /// Its contact.
    pub contact_id: String,
    /// Its pipeline.
    pub pipeline_id: String,
    /// Its stage, a UUID: where an order stands.
    pub stage_id: String,
    /// Its name.
    pub name: String,
    /// `open`, `won`, `lost` or `abandoned`; no matter of stages.
    pub status: String,
    /// Its value in the location's currency, as it was written.
    pub monetary_value: Number,
    /// The user it is assigned to.
    pub assigned_to: Option<String>,
    /// Why it was lost.
    pub lost_reason_id: Option<String>,
    /// Custom field values by field id.
    pub custom_fields: BTreeMap<String, Value>,
    /// When it was created.
    pub created_at: i64,
    /// When anything was last written.
    pub updated_at: i64,
    /// When the stage last changed.
    pub last_stage_change_at: i64,
    /// When the status last changed.
    pub last_status_change_at: i64,
}

pub(crate) const ROUTES: &[Route] = &[
    route("POST", "/opportunities/", "opportunities.write", write::create),
    route("GET", "/opportunities/search", "opportunities.readonly", search::list),
    route("POST", "/opportunities/search", "opportunities.readonly", search::search),
    route("GET", "/opportunities/{id}", "opportunities.readonly", get),
    route("PUT", "/opportunities/{id}", "opportunities.write", write::update),
    route("DELETE", "/opportunities/{id}", "opportunities.write", write::delete),
    route("PUT", "/opportunities/{id}/status", "opportunities.write", write::set_status),
];

const fn route(
    method: &'static str,
    pattern: &'static str,
    scope: &'static str,
    handler: fn(&mut Ghl, &Call<'_>) -> Handled,
) -> Route {
    Route { method, pattern, access: Access::Location, scope, handler }
}

impl Opportunity {
    pub(crate) fn to_json(&self, shape: OpportunityFieldShape) -> Value {
        let fields = self.custom_fields.iter().map(|(id, value)| match shape {
            OpportunityFieldShape::FieldValue => json!({ "id": id, "fieldValue": value }),
            OpportunityFieldShape::Typed => {
                let (kind, name) = match value {
                    Value::Number(_) => ("number", "fieldValueNumber"),
                    Value::Array(_) => ("array", "fieldValueArray"),
                    _ => ("string", "fieldValueString"),
                };
                json!({ "id": id, "type": kind, name: value })
            }
        });
        json!({
            "id": self.id,
            "name": self.name,
            "monetaryValue": self.monetary_value,
            "pipelineId": self.pipeline_id,
            "pipelineStageId": self.stage_id,
            "assignedTo": self.assigned_to,
            "status": self.status,
            "source": "",
            "lastStatusChangeAt": iso(self.last_status_change_at),
            "lastStageChangeAt": iso(self.last_stage_change_at),
            "lastActionDate": iso(self.updated_at),
            "indexVersion": 1,
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
            "contactId": self.contact_id,
            "locationId": self.location_id,
            "lostReasonId": self.lost_reason_id,
            "customFields": fields.collect::<Vec<_>>(),
            "followers": [],
        })
    }

    /// As the app's events show it: no custom fields, no stage name, no former stage.
    pub(crate) fn event_fields(&self) -> Map<String, Value> {
        object(json!({
            "id": self.id,
            "assignedTo": self.assigned_to,
            "contactId": self.contact_id,
            "monetaryValue": self.monetary_value,
            "name": self.name,
            "pipelineId": self.pipeline_id,
            "pipelineStageId": self.stage_id,
            "source": "",
            "status": self.status,
            "dateAdded": iso(self.created_at),
        }))
    }
}

impl Ghl {
    /// The opportunity of a call by id, if the token opens its location. The switch decides whether a
    /// read sees what the index has not seen yet.
    fn opportunity_of(&mut self, call: &Call<'_>, reading: bool) -> Result<Arc<Opportunity>, Answer> {
        let id = call.path(0);
        let opportunity = match reading && !self.settings.assumptions.get_is_consistent {
            true => self.opportunities.indexed(call.now).get(id),
            false => self.opportunities.get(id),
        };
        match opportunity.cloned() {
            Some(opportunity) => call.require_location(&opportunity.location_id).map(|()| opportunity),
            None => Err(self.missing("Opportunity", id)),
        }
    }

    /// `{opportunity}` as create, read and update answer it.
    fn enveloped(&self, opportunity: &Opportunity) -> Value {
        let shape = self.settings.assumptions.opportunity_fields_on_get;
        json!({ "opportunity": opportunity.to_json(shape) })
    }
}

fn get(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let opportunity = ghl.opportunity_of(call, true)?;
    Ok(Answer::ok(ghl.enveloped(&opportunity)))
}
