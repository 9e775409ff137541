//! Events: what HighLevel says to the outside when a record changes.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::calendars::Appointment;
use crate::contacts::Contact;
use crate::custom_fields::Model;
use crate::http::object;
use crate::model::Ghl;
use crate::opportunities::Opportunity;
use crate::settings::StageSpelling;
use crate::time::iso;
use crate::webhooks::{Webhook, WebhookKind};

/// Webhooks nobody has taken yet; beyond this the oldest are lost.
const UNTAKEN: usize = 100_000;

#[derive(Default)]
pub(crate) struct Outbox {
    waiting: VecDeque<Webhook>,
    pub(crate) emitted: u64,
}

impl Outbox {
    fn push(&mut self, webhook: Webhook) {
        self.emitted += 1;
        if self.waiting.len() == UNTAKEN {
            self.waiting.pop_front();
        }
        self.waiting.push_back(webhook);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn take(&mut self) -> Vec<Webhook> {
        self.waiting.drain(..).collect()
    }
}

impl Ghl {
    pub(crate) fn emit_contact(&mut self, now: i64, events: &[&str], contact: &Contact) {
        for event in events {
            self.emit_app(now, event, &contact.location_id, contact.event_fields());
        }
    }

    pub(crate) fn emit_opportunity(&mut self, now: i64, events: &[&str], opportunity: &Opportunity) {
        for event in events {
            self.emit_app(now, event, &opportunity.location_id, opportunity.event_fields());
        }
    }

    pub(crate) fn emit_appointment(&mut self, now: i64, event: &str, appointment: &Appointment) {
        let fields = json!({ "appointment": appointment.event_fields() });
        self.emit_app(now, event, &appointment.location_id, object(fields));
    }

    pub(crate) fn emit_app(&mut self, now: i64, event: &str, location_id: &str, fields: Map<String, Value>) {
        if !self.settings.webhooks.app {
            return;
        }
        let id = self.rng.uuid();
        let mut body = object(json!({ "type": event, "locationId": location_id }));
        body.extend(fields);
        body.extend(object(json!({
            "timestamp": iso(now),
            "webhookId": id,
            "appId": self.settings.app.app_id(),
            "versionId": self.settings.app.version_id,
        })));
        self.outbox.push(Webhook {
            kind: WebhookKind::App,
            event: event.to_owned(),
            id,
            at: now,
            location_id: location_id.to_owned(),
            body: Value::Object(body).to_string().into_bytes(),
            keys: Arc::clone(&self.keys),
        });
    }

    /// The body a workflow with a Custom Webhook action posts when a stage changes: no id, no type.
    pub(crate) fn emit_workflow(&mut self, now: i64, opportunity: &Opportunity) {
        let settings = &self.settings.webhooks;
        let (true, Some(location)) = (settings.workflow, self.locations.get(&opportunity.location_id)) else {
            return;
        };
        let stage = match settings.stage {
            StageSpelling::Id => opportunity.stage_id.clone(),
            StageSpelling::Key => {
                location.stage(&opportunity.stage_id).map_or_else(String::new, |stage| stage.key())
            }
            StageSpelling::Name => {
                location.stage(&opportunity.stage_id).map_or_else(String::new, |stage| stage.name.clone())
            }
        };
        let contact = self.contacts.get(&opportunity.contact_id);
        let fields = settings.workflow_fields.iter().filter_map(|key| {
            let field = location.field(Model::Contact, key)?;
            Some(json!({ "id": key, "value": contact?.custom_fields.get(&field.id)? }))
        });
        let body = json!({
            "contactId": opportunity.contact_id,
            "pipelineStage": stage,
            "customFields": fields.collect::<Vec<_>>(),
            "timestamp": iso(now),
        });
        self.outbox.push(Webhook {
            kind: WebhookKind::Workflow,
            event: "workflow".to_owned(),
            id: String::new(),
            at: now,
            location_id: opportunity.location_id.clone(),
            body: body.to_string().into_bytes(),
            keys: Arc::clone(&self.keys),
        });
    }
}
