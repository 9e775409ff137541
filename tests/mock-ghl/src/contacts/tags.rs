//! Adding and removing tags of a contact, which unlike PUT leaves the others alone.

use serde_json::json;

use super::ContactChange;
use crate::dto::{Kind, Property, Unknown, check, required, texts};
use crate::history::Author;
use crate::http::{Answer, Handled};
use crate::model::Ghl;
use crate::routes::Call;

const TAGS: &[Property] = &[required("tags", Kind::Texts)];

fn change(
    ghl: &mut Ghl,
    call: &Call<'_>,
    status: u16,
    edit: impl Fn(&mut Vec<String>, Vec<String>),
) -> Handled {
    let body = call.json()?;
    check(&body, &[TAGS], Unknown::Refuse)?;
    let contact = ghl.contact_of(call, false)?;
    let mut tags = contact.tags.clone();
    edit(&mut tags, texts(body.get("tags")).unwrap_or_default());
    let change = ContactChange { tags: Some(tags), ..ContactChange::default() };
    let contact = ghl.change_contact(call.now, Author::Api, &contact.id, change).unwrap_or(contact);
    Ok(Answer::new(status, json!({ "tags": contact.tags })))
}

pub(super) fn add(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    change(ghl, call, 201, |tags, named| tags.extend(named))
}

/// The tags are named in a JSON body, on DELETE too.
pub(super) fn remove(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    change(ghl, call, 200, |tags, named| tags.retain(|tag| !named.contains(tag)))
}
