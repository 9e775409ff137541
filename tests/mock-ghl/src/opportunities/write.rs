//! Creating, updating and deleting opportunities.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Number, Value, json};

use super::Opportunity;
use crate::custom_fields::Model;
use crate::dto::{Kind, Property, Unknown, check, optional, required};
use crate::history::{Author, StageChange};
use crate::http::{Answer, Handled};
use crate::model::Ghl;
use crate::routes::Call;

/// `all` is a value of the published enumeration, but only searches know what to do with it.
pub(crate) const STATUSES: &[&str] = &["open", "won", "lost", "abandoned"];

const WRITABLE: &[Property] = &[
    optional("pipelineStageId", Kind::Text),
    optional("monetaryValue", Kind::Number),
    optional("assignedTo", Kind::Text),
    optional("customFields", Kind::Array),
];
const CREATE: &[Property] = &[
    required("pipelineId", Kind::Text),
    required("locationId", Kind::Text),
    required("name", Kind::Text),
    required("status", Kind::OneOf(STATUSES)),
    required("contactId", Kind::Text),
];
const UPDATE: &[Property] = &[
    optional("pipelineId", Kind::Text),
    optional("name", Kind::Text),
    optional("status", Kind::OneOf(STATUSES)),
];
const STATUS: &[Property] =
    &[required("status", Kind::OneOf(STATUSES)), optional("lostReasonId", Kind::Text)];

/// A change of an opportunity, from a body or from a human. `None` leaves a property alone.
#[derive(Default)]
pub(crate) struct OpportunityChange {
    pub(crate) contact_id: Option<String>,
    pub(crate) pipeline_id: Option<String>,
    pub(crate) stage_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) monetary_value: Option<Number>,
    pub(crate) assigned_to: Option<String>,
    pub(crate) lost_reason_id: Option<String>,
    pub(crate) custom_fields: Vec<(String, Value)>,
}

fn text(body: &Map<String, Value>, name: &str) -> Option<String> {
    body.get(name).and_then(Value::as_str).map(str::to_owned)
}

impl OpportunityChange {
    fn apply(self, opportunity: &mut Opportunity) {
        let take = |own: &mut String, new: Option<String>| {
            if let Some(new) = new {
                *own = new;
            }
        };
        take(&mut opportunity.contact_id, self.contact_id);
        take(&mut opportunity.pipeline_id, self.pipeline_id);
        take(&mut opportunity.stage_id, self.stage_id);
        take(&mut opportunity.name, self.name);
        take(&mut opportunity.status, self.status);
        if let Some(value) = self.monetary_value {
            opportunity.monetary_value = value;
        }
        opportunity.assigned_to = self.assigned_to.or(opportunity.assigned_to.take());
        opportunity.lost_reason_id = self.lost_reason_id.or(opportunity.lost_reason_id.take());
        for (id, value) in self.custom_fields {
            if value.is_null() || value.as_str() == Some("") {
                opportunity.custom_fields.remove(&id);
            } else {
                opportunity.custom_fields.insert(id, value);
            }
        }
    }
}

impl Ghl {
    fn opportunity_change(
        &self,
        call: &Call<'_>,
        location_id: &str,
        body: &Map<String, Value>,
    ) -> Result<OpportunityChange, Answer> {
        Ok(OpportunityChange {
            contact_id: None,
            pipeline_id: text(body, "pipelineId"),
            stage_id: text(body, "pipelineStageId"),
            name: text(body, "name"),
            status: text(body, "status"),
            monetary_value: body.get("monetaryValue").and_then(Value::as_number).cloned(),
            assigned_to: text(body, "assignedTo"),
            lost_reason_id: text(body, "lostReasonId"),
            custom_fields: self.field_writes(call, location_id, Model::Opportunity, body)?,
        })
    }

    /// The stage a write leads to: the named one if the pipeline has it, else the first.
    fn stage_in(
        &self,
        location_id: &str,
        pipeline_id: &str,
        stage_id: Option<&str>,
    ) -> Result<String, Answer> {
        let Some(pipeline) = self.location(location_id)?.pipeline(pipeline_id) else {
            return Err(Answer::bad_request("The pipeline id is invalid."));
        };
        let stage = match stage_id {
            Some(id) => pipeline.stages.iter().find(|stage| stage.id == id),
            None => pipeline.stages.first(),
        };
        stage.map(|stage| stage.id.clone()).ok_or_else(|| Answer::bad_request("The stage id is invalid."))
    }

    /// Changes an opportunity, whoever asks, and tells the outside: one event for the change and one more
    /// for each special aspect, as HighLevel does. `None`: there is no such opportunity.
    pub(crate) fn change_opportunity(
        &mut self,
        now: i64,
        by: Author,
        id: &str,
        change: OpportunityChange,
    ) -> Option<Arc<Opportunity>> {
        let before = Arc::clone(self.opportunities.get(id)?);
        let names_stage = change.stage_id.is_some();
        let mut opportunity = (*before).clone();
        change.apply(&mut opportunity);
        let switches = &self.settings.assumptions;
        if opportunity == *before && switches.silent_when_unchanged {
            return Some(before);
        }
        let stage_moved = opportunity.stage_id != before.stage_id;
        let status_changed = opportunity.status != before.status;
        opportunity.updated_at = now;
        if stage_moved || (names_stage && switches.stage_time_always_moves) {
            opportunity.last_stage_change_at = now;
        }
        if status_changed {
            opportunity.last_status_change_at = now;
        }
        let opportunity = self.opportunities.put(now, id, opportunity);
        let mut events = vec!["OpportunityUpdate"];
        let mut also = |changed: bool, event: &'static str| events.extend(changed.then_some(event));
        also(stage_moved, "OpportunityStageUpdate");
        also(status_changed, "OpportunityStatusUpdate");
        also(opportunity.monetary_value != before.monetary_value, "OpportunityMonetaryValueUpdate");
        also(opportunity.assigned_to != before.assigned_to, "OpportunityAssignedToUpdate");
        self.emit_opportunity(now, &events, &opportunity);
        if stage_moved {
            self.history.stage(id, StageChange { at: now, stage_id: opportunity.stage_id.clone(), by });
            self.emit_workflow(now, &opportunity);
        }
        Some(opportunity)
    }

    /// Removes an opportunity and tells the outside. `None`: there is no such opportunity.
    pub(crate) fn remove_opportunity(&mut self, now: i64, id: &str) -> Option<Arc<Opportunity>> {
        let opportunity = self.opportunities.remove(now, id)?;
        self.emit_opportunity(now, &["OpportunityDelete"], &opportunity);
        Some(opportunity)
    }

    fn refuse_second_open(
        &self,
        location_id: &str,
        contact_id: &str,
        pipeline_id: &str,
    ) -> Result<(), Answer> {
        let mut open = self.opportunities.live().filter(|other| other.status == "open");
        let taken = open.any(|other| other.contact_id == contact_id && other.pipeline_id == pipeline_id);
        if taken && !self.location(location_id)?.settings.allow_duplicate_opportunity {
            return Err(Answer::bad_request("Can not create duplicate opportunity for the contact."));
        }
        Ok(())
    }
}

pub(super) fn create(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let body = call.json()?;
    check(&body, &[CREATE, WRITABLE], Unknown::Refuse)?;
    let location_id = call.location_in(&body)?;
    let required = |name| text(&body, name).unwrap_or_default();
    let (pipeline_id, contact_id) = (required("pipelineId"), required("contactId"));
    let stage_id =
        ghl.stage_in(&location_id, &pipeline_id, body.get("pipelineStageId").and_then(Value::as_str))?;
    if ghl.contacts.get(&contact_id).is_none_or(|contact| contact.location_id != location_id) {
        return Err(Answer::bad_request("The contact id is invalid."));
    }
    ghl.refuse_second_open(&location_id, &contact_id, &pipeline_id)?;
    let change = ghl.opportunity_change(call, &location_id, &body)?;
    let mut opportunity = Opportunity {
        id: ghl.rng.opaque(),
        contact_id,
        pipeline_id,
        name: required("name"),
        status: required("status"),
        location_id,
        stage_id: String::new(),
        monetary_value: 0.into(),
        assigned_to: None,
        lost_reason_id: None,
        custom_fields: BTreeMap::new(),
        created_at: call.now,
        updated_at: call.now,
        last_stage_change_at: call.now,
        last_status_change_at: call.now,
    };
    OpportunityChange { stage_id: Some(stage_id.clone()), ..change }.apply(&mut opportunity);
    let id = opportunity.id.clone();
    let opportunity = ghl.opportunities.put(call.now, &id, opportunity);
    ghl.history.stage(&id, StageChange { at: call.now, stage_id, by: Author::Api });
    ghl.emit_opportunity(call.now, &["OpportunityCreate"], &opportunity);
    Ok(Answer::created(ghl.enveloped(&opportunity)))
}

pub(super) fn update(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let body = call.json()?;
    check(&body, &[UPDATE, WRITABLE], Unknown::Refuse)?;
    let before = ghl.opportunity_of(call, false)?;
    let mut change = ghl.opportunity_change(call, &before.location_id, &body)?;
    let pipeline_id = change.pipeline_id.as_deref().unwrap_or(&before.pipeline_id);
    if change.stage_id.is_some() || pipeline_id != before.pipeline_id {
        let stage_id = ghl.stage_in(&before.location_id, pipeline_id, change.stage_id.as_deref())?;
        change.stage_id = Some(stage_id);
    }
    let opportunity = ghl.change_opportunity(call.now, Author::Api, &before.id, change).unwrap_or(before);
    Ok(Answer::ok(ghl.enveloped(&opportunity)))
}

fn done(call: &Call<'_>) -> Answer {
    Answer::ok(match call.is_v3() {
        true => json!({ "succeded": true, "success": true }),
        false => json!({ "succeded": true }),
    })
}

pub(super) fn set_status(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let body = call.json()?;
    check(&body, &[STATUS], Unknown::Refuse)?;
    let before = ghl.opportunity_of(call, false)?;
    let change = ghl.opportunity_change(call, &before.location_id, &body)?;
    ghl.change_opportunity(call.now, Author::Api, &before.id, change);
    Ok(done(call))
}

pub(super) fn delete(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let opportunity = ghl.opportunity_of(call, false)?;
    ghl.remove_opportunity(call.now, &opportunity.id);
    Ok(done(call))
}
