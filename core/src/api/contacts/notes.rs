//! Notes of a contact.

use crate::{
    api::{
        Succeeded,
        shape::{input, reply},
    },
    client::{ApiRequest, Endpoint, Look},
    ids::{ContactId, NoteId, UserId},
};

reply! {
    /// A note of a contact or of an appointment.
    pub struct Note {
        /// Its id.
        pub id: NoteId = need,
        /// Its text.
        pub body: Option<String> = text,
        /// Who wrote it.
        pub user_id: Option<UserId> = text,
        /// When it was written.
        pub date_added_ms: Option<i64> = time("dateAdded"),
        ..extra
    }
}

input! {
    /// A note to be written.
    pub struct NewNote {
        /// Its text.
        pub body: String,
        /// Who writes it.
        pub user_id: Option<UserId>,
        /// Its title.
        pub title: Option<String>,
        /// Its colour, e.g. `#FFAA00`.
        pub color: Option<String>,
        /// Whether it stays on top.
        pub pinned: Option<bool>,
    }
}

input! {
    /// What changes of a note; what is absent stays as it is.
    #[derive(Default)]
    pub struct NoteInput {
        /// Its text.
        pub body: Option<String>,
        /// Who writes it.
        pub user_id: Option<UserId>,
        /// Its title.
        pub title: Option<String>,
        /// Its colour, e.g. `#FFAA00`.
        pub color: Option<String>,
        /// Whether it stays on top.
        pub pinned: Option<bool>,
    }
}

pub(crate) const LIST: Endpoint = Endpoint::get("/contacts/{contactId}/notes").inside("notes");
pub(crate) const CREATE: Endpoint = Endpoint::post("/contacts/{contactId}/notes")
    .inside("note")
    .found_by(&Look { route: None, by: &[&[]], found: "notes", same: &["body"], made: &["dateAdded"] });
pub(crate) const GET: Endpoint = Endpoint::get("/contacts/{contactId}/notes/{noteId}").inside("note");
pub(crate) const UPDATE: Endpoint = Endpoint::put("/contacts/{contactId}/notes/{noteId}").inside("note");
pub(crate) const DELETE: Endpoint = Endpoint::delete("/contacts/{contactId}/notes/{noteId}");

/// The notes of a contact: `GET /contacts/{id}/notes`.
pub fn list(contact: &ContactId) -> ApiRequest<Vec<Note>> {
    LIST.at(&[contact.as_str()])
}

/// Writes a note: `POST /contacts/{id}/notes`. After a lost reply it is looked for by its text.
pub fn create(contact: &ContactId, new: &NewNote) -> ApiRequest<Note> {
    CREATE.at(&[contact.as_str()]).with_json(new)
}

/// Reads a note: `GET /contacts/{id}/notes/{noteId}`.
pub fn get(contact: &ContactId, id: &NoteId) -> ApiRequest<Note> {
    GET.at(&[contact.as_str(), id.as_str()])
}

/// Changes a note: `PUT /contacts/{id}/notes/{noteId}`.
pub fn update(contact: &ContactId, id: &NoteId, input: &NoteInput) -> ApiRequest<Note> {
    UPDATE.at(&[contact.as_str(), id.as_str()]).with_json(input)
}

/// Deletes a note: `DELETE /contacts/{id}/notes/{noteId}`.
pub fn delete(contact: &ContactId, id: &NoteId) -> ApiRequest<Succeeded> {
    DELETE.at(&[contact.as_str(), id.as_str()])
}
