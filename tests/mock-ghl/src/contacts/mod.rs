//! Contacts: the record, its reads by id, and the duplicate rule.

mod delete;
mod dnd;
mod search;
mod tags;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::auth::Access;
use crate::http::{Answer, Handled, object};
use crate::model::Ghl;
use crate::routes::{Call, Route};
use crate::time::iso;

pub(crate) use write::ContactChange;

/// One contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// Opaque id.
    pub id: String,
    /// The location it belongs to.
    pub location_id: String,
    /// Standard properties by their API name (`firstName`, `email`, `address1`, …), absent when blank.
    pub details: BTreeMap<String, Value>,
    /// Tags in the order they were put on.
    pub tags: Vec<String>,
    /// Custom field values by field id.
    pub custom_fields: BTreeMap<String, Value>,
    /// Epoch milliseconds.
    pub date_added: i64,
    /// Epoch milliseconds of the last write.
    pub date_updated: i64,
}

pub(crate) const ROUTES: &[Route] = &[
    route("POST", "/contacts/", "contacts.write", write::create),
    route("POST", "/contacts/upsert", "contacts.write", write::upsert),
    route("GET", "/contacts/{contactId}", "contacts.readonly", get),
    route("PUT", "/contacts/{contactId}", "contacts.write", write::update),
    route("DELETE", "/contacts/{contactId}", "contacts.write", delete::delete),
    route("GET", "/contacts/search/duplicate", "contacts.readonly", search::duplicate),
    route("POST", "/contacts/search", "contacts.readonly", search::search),
    route("POST", "/contacts/{contactId}/tags", "contacts.write", tags::add),
    route("DELETE", "/contacts/{contactId}/tags", "contacts.write", tags::remove),
];

const fn route(
    method: &'static str,
    pattern: &'static str,
    scope: &'static str,
    handler: fn(&mut Ghl, &Call<'_>) -> Handled,
) -> Route {
    Route { method, pattern, access: Access::Location, scope, handler }
}

impl Contact {
    /// A standard property as text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.details.get(name).and_then(Value::as_str)
    }

    /// Given and family name.
    pub fn name(&self) -> String {
        let parts = ["firstName", "lastName"].into_iter().filter_map(|part| self.text(part));
        parts.collect::<Vec<_>>().join(" ")
    }

    fn fields_as_read(&self) -> Vec<Value> {
        self.custom_fields.iter().map(|(id, value)| json!({ "id": id, "value": value })).collect()
    }

    /// As `GET /contacts/{id}` shows it.
    pub(crate) fn to_json(&self) -> Value {
        let mut fields: Map<String, Value> = self.details.clone().into_iter().collect();
        for (lower_case, name) in [
            ("emailLowerCase", "email"),
            ("firstNameLowerCase", "firstName"),
            ("lastNameLowerCase", "lastName"),
        ] {
            if let Some(text) = self.text(name) {
                fields.insert(lower_case.to_owned(), text.to_lowercase().into());
            }
        }
        fields.entry("dnd").or_insert(json!(false));
        fields.extend(object(json!({
            "id": self.id,
            "locationId": self.location_id,
            "name": self.name(),
            "fullNameLowerCase": self.name().to_lowercase(),
            "type": "lead",
            "tags": self.tags,
            "attachments": [],
            "dateAdded": iso(self.date_added),
            "dateUpdated": iso(self.date_updated),
            "customFields": self.fields_as_read(),
        })));
        Value::Object(fields)
    }

    /// As a call's reply shows it.
    fn shown(&self, call: &Call<'_>) -> Value {
        let mut shown = self.to_json();
        if let (true, Some(settings)) = (call.is_v3(), shown.get_mut("dndSettings")) {
            dnd::in_v3(settings);
        }
        shown
    }

    /// As the app's events show it; no update time, no source of the change.
    pub(crate) fn event_fields(&self) -> Map<String, Value> {
        const TOLD: [&str; 13] = [
            "address1",
            "city",
            "companyName",
            "country",
            "source",
            "dateOfBirth",
            "email",
            "firstName",
            "lastName",
            "phone",
            "postalCode",
            "state",
            "website",
        ];
        let told =
            self.details.iter().filter(|(name, _)| TOLD.contains(&name.as_str()) || *name == "assignedTo");
        let mut fields: Map<String, Value> =
            told.map(|(name, value)| (name.clone(), value.clone())).collect();
        fields.extend(object(json!({
            "id": self.id,
            "name": self.name(),
            "dnd": self.details.get("dnd").and_then(Value::as_bool).unwrap_or(false),
            "dateAdded": iso(self.date_added),
            "tags": self.tags,
            "attachments": [],
            "customFields": self.fields_as_read(),
        })));
        fields
    }

    fn has_email(&self, email: &str) -> bool {
        !email.is_empty() && self.text("email").is_some_and(|own| own.to_lowercase() == email.to_lowercase())
    }

    fn has_phone(&self, phone: &str) -> bool {
        !phone.is_empty() && self.text("phone").is_some_and(|own| digits(own).eq(digits(phone)))
    }
}

fn digits(phone: &str) -> impl Iterator<Item = char> + '_ {
    phone.chars().filter(char::is_ascii_digit)
}

/// The first contact with that e-mail, else the first with that phone number, and which of them matched.
fn find_duplicate<'a>(
    contacts: impl Iterator<Item = &'a Arc<Contact>> + Clone,
    location_id: &str,
    email: Option<&str>,
    phone: Option<&str>,
) -> Option<(&'a Arc<Contact>, &'static str)> {
    let mut here = contacts.filter(|contact| contact.location_id == location_id);
    let by_email = email.and_then(|email| here.clone().find(|contact| contact.has_email(email)));
    let mut by_phone = || phone.and_then(|phone| here.find(|contact| contact.has_phone(phone)));
    by_email.map(|contact| (contact, "email")).or_else(|| by_phone().map(|contact| (contact, "phone")))
}

impl Ghl {
    /// The contact of a call by id, if the token opens its location. The switch decides whether a read
    /// sees what the index has not seen yet.
    fn contact_of(&mut self, call: &Call<'_>, reading: bool) -> Result<Arc<Contact>, Answer> {
        let id = call.path(0);
        let contact = match reading && !self.settings.assumptions.get_is_consistent {
            true => self.contacts.indexed(call.now).get(id),
            false => self.contacts.get(id),
        };
        match contact.cloned() {
            Some(contact) => call.require_location(&contact.location_id).map(|()| contact),
            None => Err(self.missing("Contact", id)),
        }
    }
}

fn get(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let contact = ghl.contact_of(call, true)?;
    Ok(Answer::ok(json!({ "contact": contact.shown(call) })))
}
