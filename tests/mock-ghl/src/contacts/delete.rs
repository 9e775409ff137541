//! Deleting and merging contacts.

use std::sync::Arc;

use serde_json::json;

use super::{Contact, ContactChange};
use crate::history::Author;
use crate::http::{Answer, Handled};
use crate::model::Ghl;
use crate::opportunities::OpportunityChange;
use crate::routes::Call;

impl Ghl {
    /// Removes a contact and, unless switched off, its opportunities. `None`: there is no such contact.
    pub(crate) fn remove_contact(&mut self, now: i64, id: &str) -> Option<Arc<Contact>> {
        let contact = self.contacts.remove(now, id)?;
        if !self.settings.assumptions.contact_delete_keeps_opportunities {
            for opportunity_id in self.opportunity_ids_of(id) {
                self.remove_opportunity(now, &opportunity_id);
            }
        }
        self.emit_contact(now, &["ContactDelete"], &contact);
        Some(contact)
    }

    /// Moves everything of one contact to another: opportunities and tags, and values where the other's
    /// are blank. The emptied one is deleted. `None`: one of them does not exist.
    pub(crate) fn join_contacts(&mut self, now: i64, by: Author, from: &str, into: &str) -> Option<()> {
        let (source, target) = (Arc::clone(self.contacts.get(from)?), Arc::clone(self.contacts.get(into)?));
        for opportunity_id in self.opportunity_ids_of(from) {
            let change =
                OpportunityChange { contact_id: Some(into.to_owned()), ..OpportunityChange::default() };
            self.change_opportunity(now, by, &opportunity_id, change);
        }
        self.contacts.remove(now, from);
        self.emit_contact(now, &["ContactDelete"], &source);
        let blank_details = source.details.iter().filter(|(name, _)| !target.details.contains_key(*name));
        let blank_fields =
            source.custom_fields.iter().filter(|(id, _)| !target.custom_fields.contains_key(*id));
        let change = ContactChange {
            details: blank_details.map(|(name, value)| (name.clone(), value.clone())).collect(),
            custom_fields: blank_fields.map(|(id, value)| (id.clone(), value.clone())).collect(),
            tags: Some([target.tags.clone(), source.tags.clone()].concat()),
        };
        self.change_contact(now, by, into, change).map(|_| ())
    }

    fn opportunity_ids_of(&self, contact_id: &str) -> Vec<String> {
        let own = self.opportunities.live().filter(|opportunity| opportunity.contact_id == contact_id);
        own.map(|opportunity| opportunity.id.clone()).collect()
    }
}

pub(super) fn delete(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let contact = ghl.contact_of(call, false)?;
    ghl.remove_contact(call.now, &contact.id);
    Ok(Answer::ok(match call.is_v3() {
        true => json!({ "succeded": true, "succeeded": true }),
        false => json!({ "succeded": true }),
    }))
}
