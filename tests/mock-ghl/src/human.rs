//! What people do in HighLevel's own pages. Each change emits the same events as a call of the API.

use std::error::Error;
use std::fmt;

use serde_json::{Value, json};

use crate::contacts::ContactChange;
use crate::custom_fields::Model;
use crate::history::Author::{self, Human};
use crate::model::Ghl;
use crate::opportunities::{OpportunityChange, STATUSES};

/// A human was told to touch something that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuch {
    /// `contact`, `opportunity`, `stage`, `status`, `field` or `location`.
    pub what: &'static str,
    /// The name that was given.
    pub name: String,
}

impl fmt::Display for NoSuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no {} `{}`", self.what, self.name)
    }
}

impl Error for NoSuch {}

fn no_such(what: &'static str, name: &str) -> NoSuch {
    NoSuch { what, name: name.to_owned() }
}

/// What a human does, and whether it could be done.
pub type Done = Result<(), NoSuch>;

impl Ghl {
    /// Drags an opportunity to another stage of its pipeline, named by id, name or key.
    pub fn move_stage(&mut self, now: i64, opportunity_id: &str, stage: &str) -> Done {
        let opportunity = self.opportunities.get(opportunity_id);
        let opportunity = opportunity.ok_or_else(|| no_such("opportunity", opportunity_id))?;
        let location = self.locations.get(&opportunity.location_id);
        let pipeline = location.and_then(|location| location.pipeline(&opportunity.pipeline_id));
        let stage_id = pipeline.and_then(|pipeline| pipeline.stage(stage)).map(|stage| stage.id.clone());
        let stage_id = stage_id.ok_or_else(|| no_such("stage", stage))?;
        self.edit_opportunity(
            now,
            opportunity_id,
            OpportunityChange { stage_id: Some(stage_id), ..OpportunityChange::default() },
        )
    }

    /// Marks an opportunity `open`, `won`, `lost` or `abandoned`.
    pub fn set_opportunity_status(&mut self, now: i64, opportunity_id: &str, status: &str) -> Done {
        if !STATUSES.contains(&status) {
            return Err(no_such("status", status));
        }
        self.edit_opportunity(
            now,
            opportunity_id,
            OpportunityChange { status: Some(status.to_owned()), ..OpportunityChange::default() },
        )
    }

    /// Deletes an opportunity.
    pub fn delete_opportunity(&mut self, now: i64, opportunity_id: &str) -> Done {
        self.remove_opportunity(now, opportunity_id)
            .map(|_| ())
            .ok_or_else(|| no_such("opportunity", opportunity_id))
    }

    /// Types a value into a contact's custom field, named by id or key; null or empty text blanks it.
    pub fn set_contact_field(&mut self, now: i64, contact_id: &str, key: &str, value: Value) -> Done {
        let contact = self.contacts.get(contact_id).ok_or_else(|| no_such("contact", contact_id))?;
        let location = self.locations.get(&contact.location_id);
        let field = location.and_then(|location| location.field(Model::Contact, key));
        let field_id = field.map(|field| field.id.clone()).ok_or_else(|| no_such("field", key))?;
        self.edit_contact(
            now,
            contact_id,
            ContactChange { custom_fields: vec![(field_id, value)], ..ContactChange::default() },
        )
    }

    /// Types a value into a standard property (`firstName`, `email`, `phone`, …); empty text blanks it.
    pub fn set_contact_standard_field(
        &mut self,
        now: i64,
        contact_id: &str,
        name: &str,
        value: &str,
    ) -> Done {
        let details = [(name.to_owned(), Value::from(value))].into();
        self.edit_contact(now, contact_id, ContactChange { details, ..ContactChange::default() })
    }

    /// Notes that a contact wants no messages on a channel: `Email`, `SMS`, …
    pub fn set_do_not_disturb(&mut self, now: i64, contact_id: &str, channel: &str) -> Done {
        let settings = json!({ channel: { "status": "active" } });
        let details = [("dndSettings".to_owned(), settings)].into();
        self.edit_contact(now, contact_id, ContactChange { details, ..ContactChange::default() })
    }

    /// Puts a tag on a contact.
    pub fn add_contact_tag(&mut self, now: i64, contact_id: &str, tag: &str) -> Done {
        self.edit_tags(now, contact_id, |tags| tags.push(tag.to_owned()))
    }

    /// Takes a tag off a contact.
    pub fn remove_contact_tag(&mut self, now: i64, contact_id: &str, tag: &str) -> Done {
        self.edit_tags(now, contact_id, |tags| tags.retain(|other| other != tag))
    }

    /// Deletes a contact; its opportunities go too, unless the switch keeps them.
    pub fn delete_contact(&mut self, now: i64, contact_id: &str) -> Done {
        self.remove_contact(now, contact_id).map(|_| ()).ok_or_else(|| no_such("contact", contact_id))
    }

    /// Merges one contact into another: its opportunities, tags and what the other lacks move over, and
    /// it is deleted.
    pub fn merge_contacts(&mut self, now: i64, from: &str, into: &str) -> Done {
        if from == into {
            return Err(no_such("other contact", into));
        }
        let gone = if self.contacts.get(from).is_none() { from } else { into };
        self.join_contacts(now, Human, from, into).ok_or_else(|| no_such("contact", gone))
    }

    /// Adds a contact with tags, as if it had been there before; gives its id. Emits its event like any
    /// creation, so take the webhooks away when a test does not want it.
    pub fn seed_contact(
        &mut self,
        now: i64,
        location_id: &str,
        details: &[(&str, &str)],
        tags: &[&str],
    ) -> Result<String, NoSuch> {
        if !self.locations.contains_key(location_id) {
            return Err(no_such("location", location_id));
        }
        let change = ContactChange {
            details: details.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect(),
            tags: Some(tags.iter().map(|tag| (*tag).to_owned()).collect()),
            ..ContactChange::default()
        };
        Ok(self.add_contact(now, Author::Human, location_id, change).id.clone())
    }

    fn edit_tags(&mut self, now: i64, contact_id: &str, edit: impl FnOnce(&mut Vec<String>)) -> Done {
        let contact = self.contacts.get(contact_id).ok_or_else(|| no_such("contact", contact_id))?;
        let mut tags = contact.tags.clone();
        edit(&mut tags);
        self.edit_contact(now, contact_id, ContactChange { tags: Some(tags), ..ContactChange::default() })
    }

    fn edit_contact(&mut self, now: i64, id: &str, change: ContactChange) -> Done {
        self.change_contact(now, Human, id, change).map(|_| ()).ok_or_else(|| no_such("contact", id))
    }

    fn edit_opportunity(&mut self, now: i64, id: &str, change: OpportunityChange) -> Done {
        self.change_opportunity(now, Human, id, change).map(|_| ()).ok_or_else(|| no_such("opportunity", id))
    }
}
