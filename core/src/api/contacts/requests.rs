use serde::Serialize;

use super::{Contact, ContactInput, ContactPage, ContactSearch, DuplicateLookup, Tags, Upserted};
use crate::{
    api::Succeeded,
    client::ApiRequest,
    ids::{ContactId, LocationId},
    ports::Method,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewContact<'a> {
    location_id: &'a LocationId,
    #[serde(flatten)]
    input: &'a ContactInput,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
}

#[derive(Serialize)]
struct TagList<'a> {
    tags: &'a [String],
}

/// Creates a contact: `POST /contacts/`. Where the location forbids duplicates, GHL answers `duplicate` and
/// names the contact that has the e-mail or phone.
pub fn create(location: &LocationId, input: &ContactInput, tags: &[String]) -> ApiRequest<Contact> {
    ApiRequest::new(Method::Post, &["contacts"])
        .with_trailing_slash()
        .with_json(&NewContact { location_id: location, input, tags })
        .inside("contact")
}

/// Reads a contact: `GET /contacts/{id}`.
pub fn get(id: &ContactId) -> ApiRequest<Contact> {
    ApiRequest::new(Method::Get, &["contacts", id.as_str()]).inside("contact")
}

/// Changes a contact: `PUT /contacts/{id}`.
pub fn update(id: &ContactId, input: &ContactInput) -> ApiRequest<Contact> {
    ApiRequest::new(Method::Put, &["contacts", id.as_str()]).with_json(input).inside("contact")
}

/// Updates the contact with this e-mail or phone, or creates one: `POST /contacts/upsert`. Which of the two
/// fields counts is a setting of the location; where they point to two contacts, GHL updates the first and
/// drops the other field without a word. It is a POST: a lost reply is not followed by a retry.
pub fn upsert(location: &LocationId, input: &ContactInput) -> ApiRequest<Upserted> {
    ApiRequest::new(Method::Post, &["contacts", "upsert"]).with_json(&NewContact {
        location_id: location,
        input,
        tags: &[],
    })
}

/// Deletes a contact: `DELETE /contacts/{id}`.
pub fn delete(id: &ContactId) -> ApiRequest<Succeeded> {
    ApiRequest::new(Method::Delete, &["contacts", id.as_str()])
}

/// Looks for the contact with this e-mail or phone: `GET /contacts/search/duplicate`.
pub fn find_duplicate(
    location: &LocationId,
    email: Option<&str>,
    phone: Option<&str>,
) -> ApiRequest<DuplicateLookup> {
    ApiRequest::new(Method::Get, &["contacts", "search", "duplicate"])
        .with_query("locationId", location.as_str())
        .with_query_if("email", email)
        .with_query_if("number", phone)
}

/// A page of contacts: `POST /contacts/search`. The index lags a few seconds behind.
pub fn search(location: &LocationId, search: &ContactSearch) -> ApiRequest<ContactPage> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body<'a> {
        location_id: &'a LocationId,
        #[serde(flatten)]
        search: &'a ContactSearch,
    }
    ApiRequest::new(Method::Post, &["contacts", "search"])
        .with_json(&Body { location_id: location, search })
        .safe_to_repeat()
}

/// Adds tags and leaves the others: `POST /contacts/{id}/tags`. A tag twice is a tag once, so a lost reply
/// may be followed by a retry.
pub fn add_tags(id: &ContactId, tags: &[String]) -> ApiRequest<Tags> {
    ApiRequest::new(Method::Post, &["contacts", id.as_str(), "tags"])
        .with_json(&TagList { tags })
        .safe_to_repeat()
}

/// Removes tags and leaves the others: `DELETE /contacts/{id}/tags`, with a body.
pub fn remove_tags(id: &ContactId, tags: &[String]) -> ApiRequest<Tags> {
    ApiRequest::new(Method::Delete, &["contacts", id.as_str(), "tags"]).with_json(&TagList { tags })
}
