//! Creating, updating and upserting contacts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Contact, dnd, find_duplicate};
use crate::custom_fields::Model;
use crate::dto::{Kind, Property, Unknown, check, optional, required, texts};
use crate::history::{Author, FieldChange};
use crate::http::{Answer, Handled};
use crate::model::Ghl;
use crate::routes::Call;

/// Properties every write takes.
const WRITABLE: &[Property] = &[
    optional("firstName", Kind::Text),
    optional("lastName", Kind::Text),
    optional("name", Kind::Text),
    optional("email", Kind::Email),
    optional("phone", Kind::Text),
    optional("address1", Kind::Text),
    optional("city", Kind::Text),
    optional("state", Kind::Text),
    optional("postalCode", Kind::Text),
    optional("country", Kind::Text),
    optional("website", Kind::Text),
    optional("timezone", Kind::Text),
    optional("dateOfBirth", Kind::Text),
    optional("source", Kind::Text),
    optional("assignedTo", Kind::Text),
    optional("dnd", Kind::Flag),
    optional("dndSettings", Kind::Object),
    optional("inboundDndSettings", Kind::Object),
    optional("tags", Kind::Texts),
    optional("customFields", Kind::Array),
];
/// Properties only a create takes; PUT refuses them.
const CREATE: &[Property] = &[
    required("locationId", Kind::Text),
    optional("gender", Kind::Text),
    optional("companyName", Kind::Text),
];
const UPSERT: &[Property] = &[optional("createNewIfDuplicateAllowed", Kind::Flag)];
/// What is no standard property of the record, though a body carries it.
const NOT_DETAILS: [&str; 3] = ["locationId", "tags", "customFields"];

/// A change of a contact, from a body or from a human.
#[derive(Default)]
pub(crate) struct ContactChange {
    /// Standard properties; null or empty text blanks one.
    pub(crate) details: BTreeMap<String, Value>,
    /// Replaces all tags.
    pub(crate) tags: Option<Vec<String>>,
    /// Values by field id; null or empty text blanks one.
    pub(crate) custom_fields: Vec<(String, Value)>,
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

fn set(map: &mut BTreeMap<String, Value>, name: String, value: Value) {
    if is_blank(&value) {
        map.remove(&name);
    } else {
        map.insert(name, value);
    }
}

impl ContactChange {
    fn text(&self, name: &str) -> Option<&str> {
        self.details.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Applies it to a record; full names are split, phone numbers lose their punctuation.
    fn apply(mut self, contact: &mut Contact) {
        if let Some(name) = self.details.remove("name") {
            let (first, last) =
                name.as_str().map(|name| name.split_once(' ').unwrap_or((name, ""))).unwrap_or_default();
            self.details.entry("firstName".to_owned()).or_insert(first.into());
            self.details.entry("lastName".to_owned()).or_insert(last.into());
        }
        if let Some(Value::String(phone)) = self.details.get_mut("phone") {
            phone.retain(|letter| letter.is_ascii_digit() || letter == '+');
        }
        for (name, value) in self.details {
            set(&mut contact.details, name, value);
        }
        for (id, value) in self.custom_fields {
            set(&mut contact.custom_fields, id, value);
        }
        if let Some(tags) = self.tags {
            contact.tags = without_repeats(tags);
        }
    }
}

fn without_repeats(tags: Vec<String>) -> Vec<String> {
    let mut seen = Vec::new();
    for tag in tags {
        if !tag.is_empty() && !seen.contains(&tag) {
            seen.push(tag);
        }
    }
    seen
}

impl Ghl {
    fn contact_change(
        &self,
        call: &Call<'_>,
        location_id: &str,
        body: &Map<String, Value>,
    ) -> Result<ContactChange, Answer> {
        let known = |name: &str| WRITABLE.iter().chain(CREATE).any(|property| property.is(name));
        let details = body.iter().filter(|(name, _)| known(name) && !NOT_DETAILS.contains(&name.as_str()));
        let detail = |(name, value): (&String, &Value)| {
            let value = match name.as_str() {
                "dndSettings" => dnd::kept(value, call.is_v3())?,
                _ => value.clone(),
            };
            Ok((name.clone(), value))
        };
        Ok(ContactChange {
            details: details.map(detail).collect::<Result<_, _>>()?,
            tags: texts(body.get("tags")),
            custom_fields: self.field_writes(call, location_id, Model::Contact, body)?,
        })
    }

    /// The 400 for a second contact with one e-mail or phone number, unless the location allows it.
    fn refuse_duplicate(
        &self,
        location_id: &str,
        change: &ContactChange,
        own_id: &str,
    ) -> Result<(), Answer> {
        if self.location(location_id)?.settings.allow_duplicate_contact {
            return Ok(());
        }
        let others = self.contacts.live().filter(|contact| contact.id != own_id);
        match find_duplicate(others, location_id, change.text("email"), change.text("phone")) {
            None => Ok(()),
            Some((other, field)) => Err(Answer::new(
                400,
                json!({
                    "statusCode": 400,
                    "message": "This location does not allow duplicated contacts.",
                    "meta": { "contactId": other.id, "matchingField": field },
                }),
            )),
        }
    }

    pub(crate) fn add_contact(
        &mut self,
        now: i64,
        by: Author,
        location_id: &str,
        change: ContactChange,
    ) -> Arc<Contact> {
        let mut contact = Contact {
            id: self.rng.opaque(),
            location_id: location_id.to_owned(),
            details: BTreeMap::new(),
            tags: Vec::new(),
            custom_fields: BTreeMap::new(),
            date_added: now,
            date_updated: now,
        };
        change.apply(&mut contact);
        self.learn_tags(location_id, &contact.tags);
        self.remember_fields(now, by, None, &contact);
        let id = contact.id.clone();
        let contact = self.contacts.put(now, &id, contact);
        self.emit_contact(now, &["ContactCreate"], &contact);
        contact
    }

    /// Changes a contact, whoever asks, and tells the outside. `None`: there is no such contact.
    pub(crate) fn change_contact(
        &mut self,
        now: i64,
        by: Author,
        id: &str,
        change: ContactChange,
    ) -> Option<Arc<Contact>> {
        let before = Arc::clone(self.contacts.get(id)?);
        let mut contact = (*before).clone();
        change.apply(&mut contact);
        if contact == *before && self.settings.assumptions.silent_when_unchanged {
            return Some(before);
        }
        contact.date_updated = now;
        self.learn_tags(&contact.location_id, &contact.tags);
        self.remember_fields(now, by, Some(&before), &contact);
        let contact = self.contacts.put(now, id, contact);
        let events: &[&str] = if contact.tags == before.tags {
            &["ContactUpdate"]
        } else {
            &["ContactTagUpdate", "ContactUpdate"]
        };
        self.emit_contact(now, events, &contact);
        Some(contact)
    }

    fn remember_fields(&mut self, now: i64, by: Author, before: Option<&Contact>, after: &Contact) {
        let old = before.map(|contact| &contact.custom_fields);
        let ids = after.custom_fields.keys().chain(old.into_iter().flat_map(BTreeMap::keys));
        for id in ids.collect::<std::collections::BTreeSet<_>>() {
            let (was, is) = (old.and_then(|fields| fields.get(id)), after.custom_fields.get(id));
            if was != is {
                let value = is.cloned().unwrap_or(Value::Null);
                self.history.field(&after.id, id, FieldChange { at: now, value, by });
            }
        }
    }
}

pub(super) fn create(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let body = call.json()?;
    check(&body, &[WRITABLE, CREATE], Unknown::Refuse)?;
    let location_id = call.location_in(&body)?;
    let change = ghl.contact_change(call, &location_id, &body)?;
    ghl.refuse_duplicate(&location_id, &change, "")?;
    let contact = ghl.add_contact(call.now, Author::Api, &location_id, change);
    Ok(Answer::created(json!({ "contact": contact.shown(call) })))
}

pub(super) fn update(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let body = call.json()?;
    check(&body, &[WRITABLE], Unknown::Refuse)?;
    let before = ghl.contact_of(call, false)?;
    let change = ghl.contact_change(call, &before.location_id, &body)?;
    ghl.refuse_duplicate(&before.location_id, &change, &before.id)?;
    let contact = ghl.change_contact(call.now, Author::Api, &before.id, change).unwrap_or(before);
    let succeeded = if call.is_v3() { "succeeded" } else { "succeded" };
    Ok(Answer::ok(json!({ succeeded: true, "contact": contact.shown(call) })))
}

/// Unknown properties vanish; where e-mail and phone point to two contacts, the e-mail's is updated and
/// the phone number silently not taken.
pub(super) fn upsert(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let body = call.json()?;
    check(&body, &[WRITABLE, CREATE, UPSERT], Unknown::Drop)?;
    let location_id = call.location_in(&body)?;
    let mut change = ghl.contact_change(call, &location_id, &body)?;
    let wants_new = body.get("createNewIfDuplicateAllowed").and_then(Value::as_bool).unwrap_or(false);
    let allowed = ghl.location(&location_id)?.settings.allow_duplicate_contact;
    let duplicate = match allowed && wants_new {
        true => None,
        false => {
            find_duplicate(ghl.contacts.live(), &location_id, change.text("email"), change.text("phone"))
        }
    };
    let Some(id) = duplicate.map(|(contact, _)| contact.id.clone()) else {
        let contact = ghl.add_contact(call.now, Author::Api, &location_id, change);
        return Ok(Answer::ok(json!({ "new": true, "contact": contact.shown(call) })));
    };
    if ghl.refuse_duplicate(&location_id, &change, &id).is_err() {
        change.details.remove("phone");
    }
    let contact = ghl.change_contact(call.now, Author::Api, &id, change);
    Ok(Answer::ok(json!({ "new": false, "contact": contact.map(|contact| contact.shown(call)) })))
}
