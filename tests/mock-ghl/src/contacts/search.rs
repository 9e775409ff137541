//! Searching contacts: the lagging index, never the records themselves.

use serde_json::{Value, json};

use super::{Contact, find_duplicate};
use crate::assumptions::NoDuplicate;
use crate::dto::{Kind, Property, Unknown, check, optional, required};
use crate::http::{Answer, Handled};
use crate::model::Ghl;
use crate::routes::Call;
use crate::search::{Search, Searchable};

const SEARCH: &[Property] = &[
    required("locationId", Kind::Text),
    required("pageLimit", Kind::Number),
    optional("page", Kind::Number),
    optional("searchAfter", Kind::Array),
    optional("filters", Kind::Array),
    optional("sort", Kind::Array),
    optional("query", Kind::Text),
];

impl Searchable for Contact {
    fn id(&self) -> &str {
        &self.id
    }

    fn property(&self, name: &str) -> Value {
        match name {
            "id" => json!(self.id),
            "dateAdded" => json!(self.date_added),
            "dateUpdated" => json!(self.date_updated),
            "tags" => json!(self.tags),
            "contactName" | "name" | "fullNameLowerCase" => json!(self.name()),
            _ => {
                let own = match name.strip_prefix("customFields.") {
                    Some(id) => self.custom_fields.get(id),
                    None => self.details.get(name.strip_suffix("LowerCase").unwrap_or(name)),
                };
                own.cloned().unwrap_or(Value::Null)
            }
        }
    }

    fn mentions(&self, query: &str) -> bool {
        let texts = ["email", "phone", "companyName"].into_iter().filter_map(|name| self.text(name));
        self.name().to_lowercase().contains(query)
            || texts.map(str::to_lowercase).any(|text| text.contains(query))
    }
}

pub(super) fn search(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let body = call.json()?;
    check(&body, &[SEARCH], Unknown::Refuse)?;
    let location_id = call.location_in(&body)?;
    let search = Search::parse(&body, "pageLimit", "dateAdded")?;
    search.check_fields(&ghl.settings.assumptions)?;
    let index = ghl.contacts.indexed(call.now);
    let found = search.run(index.values().filter(|contact| contact.location_id == location_id))?;
    let contacts = found.page.iter().map(|contact| {
        let mut row = contact.shown(call);
        if let Value::Object(fields) = &mut row {
            // Unlike a read by id, a search spells out what is blank.
            for name in ["email", "phone", "firstName", "lastName", "companyName", "source", "assignedTo"] {
                fields.entry(name).or_insert(Value::Null);
            }
            fields.insert("searchAfter".to_owned(), search.cursor(contact.as_ref()));
        }
        row
    });
    Ok(Answer::ok(json!({ "contacts": contacts.collect::<Vec<_>>(), "total": found.total })))
}

pub(super) fn duplicate(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let location_id = call.required_query("locationId")?;
    call.require_location(location_id)?;
    let (email, number) = (call.query("email"), call.query("number"));
    if email.is_none() && number.is_none() {
        return Err(Answer::unprocessable_one("either email or number should not be empty"));
    }
    let switches = &ghl.settings.assumptions;
    let absent = switches.no_duplicate;
    let found = match switches.duplicate_lookup_lags {
        true => find_duplicate(ghl.contacts.indexed(call.now).values(), location_id, email, number),
        false => find_duplicate(ghl.contacts.live(), location_id, email, number),
    };
    Ok(Answer::ok(match (found, absent) {
        (Some((contact, _)), _) => json!({ "contact": contact.shown(call) }),
        (None, NoDuplicate::Null) => json!({ "contact": null }),
        (None, NoDuplicate::Absent) => json!({}),
    }))
}
