//! Looking at the stand-in from outside the API: for assertions, oracles and the demo's final check.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::assumptions::OpportunityFieldShape;
use crate::calendars::Appointment;
use crate::contacts::Contact;
use crate::conversations::Message;
use crate::custom_fields::Model;
use crate::history::{FieldChange, StageChange};
use crate::locations::Location;
use crate::log::{Counters, Received};
use crate::model::Ghl;
use crate::opportunities::Opportunity;
use crate::pipelines::{Pipeline, Stage};
use crate::settings::Settings;

impl Ghl {
    /// How it was set up.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All locations by id.
    pub fn locations(&self) -> impl Iterator<Item = &Location> {
        self.locations.values()
    }

    /// The order pipeline of a location.
    pub fn order_pipeline(&self, location_id: &str) -> Option<&Pipeline> {
        self.locations.get(location_id)?.pipelines.first()
    }

    /// A stage by its id, in any location.
    pub fn stage(&self, stage_id: &str) -> Option<&Stage> {
        self.locations.values().find_map(|location| location.stage(stage_id))
    }

    /// The id of a custom field by its key.
    pub fn field_id(&self, location_id: &str, model: Model, key: &str) -> Option<&str> {
        self.locations.get(location_id)?.field(model, key).map(|field| field.id.as_str())
    }

    /// All contacts by id, as they are and not as the index knows them.
    pub fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.live().map(AsRef::as_ref)
    }

    /// One contact.
    pub fn contact(&self, id: &str) -> Option<&Contact> {
        self.contacts.get(id).map(AsRef::as_ref)
    }

    /// A contact's custom fields by key.
    pub fn contact_fields(&self, id: &str) -> BTreeMap<String, Value> {
        self.contact(id).map_or_else(BTreeMap::new, |contact| {
            self.by_key(&contact.location_id, Model::Contact, &contact.custom_fields)
        })
    }

    /// All opportunities by id, as they are and not as the index knows them.
    pub fn opportunities(&self) -> impl Iterator<Item = &Opportunity> {
        self.opportunities.live().map(AsRef::as_ref)
    }

    /// One opportunity.
    pub fn opportunity(&self, id: &str) -> Option<&Opportunity> {
        self.opportunities.get(id).map(AsRef::as_ref)
    }

    /// An opportunity's custom fields by key.
    pub fn opportunity_fields(&self, id: &str) -> BTreeMap<String, Value> {
        self.opportunity(id).map_or_else(BTreeMap::new, |opportunity| {
            self.by_key(&opportunity.location_id, Model::Opportunity, &opportunity.custom_fields)
        })
    }

    /// All appointments by id.
    pub fn appointments(&self) -> impl Iterator<Item = &Appointment> {
        self.appointments.values()
    }

    /// Messages sent, oldest first.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Each stage an opportunity has had, its first included; kept when it is deleted.
    pub fn stage_history(&self, opportunity_id: &str) -> &[StageChange] {
        self.history.stages_of(opportunity_id)
    }

    /// Each value a contact's custom field has had, named by key; kept when the contact is deleted.
    pub fn field_history(&self, location_id: &str, contact_id: &str, key: &str) -> &[FieldChange] {
        match self.field_id(location_id, Model::Contact, key) {
            Some(field_id) => self.history.field_of(contact_id, field_id),
            None => &[],
        }
    }

    /// What was received, oldest first, up to the log's capacity.
    pub fn received(&self) -> impl Iterator<Item = &Received> {
        self.log.entries.iter()
    }

    /// Totals since the start.
    pub fn counters(&self) -> Counters {
        self.log.counters
    }

    /// Webhooks emitted since the start, of both kinds.
    pub fn webhooks_emitted(&self) -> u64 {
        self.outbox.emitted
    }

    /// The most requests one app sent to one location within any sliding interval (10 s by default),
    /// refused ones included.
    pub fn max_in_window(&self) -> usize {
        self.limiter.max_in_window()
    }

    /// Raw public key of the app's webhooks in base64.
    pub fn webhook_public_key(&self) -> String {
        self.keys.public_key()
    }

    /// Public key of the app's webhooks as PEM.
    pub fn webhook_public_key_pem(&self) -> String {
        self.keys.public_key_pem()
    }

    /// Allowance and use per app and location, as JSON.
    pub fn limits_json(&self) -> Value {
        self.limiter.to_json()
    }

    /// Everything there is, as JSON: contacts and opportunities with their fields by key and the stage in
    /// words.
    pub fn state_json(&self) -> Value {
        let contacts = self.contacts().map(|contact| {
            with(contact.to_json(), json!({ "fieldsByKey": self.contact_fields(&contact.id) }))
        });
        let opportunities = self.opportunities().map(|opportunity| {
            let stage = self.stage(&opportunity.stage_id);
            let added = json!({
                "fieldsByKey": self.opportunity_fields(&opportunity.id),
                "stageName": stage.map(|stage| &stage.name),
                "stageKey": stage.map(Stage::key),
            });
            with(opportunity.to_json(OpportunityFieldShape::FieldValue), added)
        });
        let locations = self.locations.values().map(|location| {
            let pipelines = location.pipelines.iter().map(|pipeline| {
                let stages = pipeline.stages.iter();
                let stages =
                    stages.map(|stage| json!({ "id": stage.id, "name": stage.name, "key": stage.key() }));
                json!({ "id": pipeline.id, "name": pipeline.name, "stages": stages.collect::<Vec<_>>() })
            });
            json!({
                "id": location.settings.id,
                "pipelines": pipelines.collect::<Vec<_>>(),
                "calendars": location.calendars.iter().map(|calendar| &calendar.id).collect::<Vec<_>>(),
                "tags": location.tags.iter().map(|tag| &tag.name).collect::<Vec<_>>(),
            })
        });
        json!({
            "locations": locations.collect::<Vec<_>>(),
            "contacts": contacts.collect::<Vec<_>>(),
            "opportunities": opportunities.collect::<Vec<_>>(),
            "appointments": self.appointments().map(Appointment::event_fields).collect::<Vec<_>>(),
            "messages": self.messages.iter().map(Message::event_fields).collect::<Vec<_>>(),
            "counters": {
                "requests": self.counters().requests,
                "reads": self.counters().reads,
                "writes": self.counters().writes,
                "tooMany": self.counters().too_many,
                "webhooks": self.outbox.emitted,
            },
            "webhookPublicKey": self.webhook_public_key(),
            "webhookPublicKeyPem": self.webhook_public_key_pem(),
        })
    }

    fn by_key(
        &self,
        location_id: &str,
        model: Model,
        values: &BTreeMap<String, Value>,
    ) -> BTreeMap<String, Value> {
        let fields = self.locations.get(location_id).map_or(&[][..], |location| &location.fields);
        let own = fields.iter().filter(|field| field.model == model);
        own.filter_map(|field| Some((field.key.clone(), values.get(&field.id)?.clone()))).collect()
    }
}

fn with(row: Value, added: Value) -> Map<String, Value> {
    let mut fields = crate::http::object(row);
    fields.extend(crate::http::object(added));
    fields
}
