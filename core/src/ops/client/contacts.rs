use serde::de::Error as _;

use super::{page::Page, table::requests};
use crate::{
    api::{
        Succeeded,
        calendars::CalendarEvent,
        contacts::{
            BulkTags, Contact, ContactInput, ContactList, ContactSearch, DuplicateLookup, Tags, Upserted,
            requests::{
                ADD_TAGS, ADD_TAGS_TO_ALL, ADD_TO_WORKFLOW, APPOINTMENTS, CREATE, DELETE, FIND_DUPLICATE,
                GET, LIST, REMOVE_FROM_WORKFLOW, REMOVE_TAGS, REMOVE_TAGS_OF_ALL, SEARCH, UPDATE, UPSERT,
            },
            search::{LIST_PAGING, PAGING},
        },
        shape::Check,
    },
    ids::{ContactId, WorkflowId},
    json::Fault,
};

requests! {
    /// Creates a contact. Where the location forbids duplicates and one has the e-mail or phone: `duplicate`.
    "contacts.create" CREATE, {
        /// What is known of it.
        @spread contact: ContactInput,
        /// Its tags.
        tags: Option<Vec<String>>,
        /// Its gender, which cannot be changed.
        gender: Option<String>,
        /// Its company, which cannot be changed.
        company_name: Option<String>,
    } -> Contact;

    /// Reads a contact.
    "contacts.get" GET, {
        /// The contact.
        contact_id: ContactId,
    } -> Contact;

    /// Changes a contact; what is not given stays as it is.
    "contacts.update" UPDATE, {
        /// The contact.
        contact_id: ContactId,
        /// What changes.
        @spread contact: ContactInput,
    } -> Contact;

    /// Updates the contact with this e-mail or phone, or creates one.
    "contacts.upsert" UPSERT, {
        /// What is known of it.
        @spread contact: ContactInput,
        /// Creates another even so, where the location allows duplicates. A lost reply is then not followed by a retry.
        create_new_if_duplicate_allowed: Option<bool>,
        /// Its tags, in place of those it has.
        tags: Option<Vec<String>>,
        /// Its gender.
        gender: Option<String>,
        /// Its company.
        company_name: Option<String>,
    } -> Upserted;

    /// Deletes a contact.
    "contacts.delete" DELETE, {
        /// The contact.
        contact_id: ContactId,
    } -> Succeeded;

    /// Looks for the contact with this e-mail or phone.
    "contacts.findDuplicate" FIND_DUPLICATE, {
        /// The e-mail address.
        email: Option<String>,
        /// The phone number in E.164. With an e-mail too, GHL looks by the one its settings prefer.
        phone in "number": Option<String>,
    } -> DuplicateLookup, where EMAIL_OR_PHONE;

    /// A page of contacts. The index lags a few seconds behind.
    "contacts.search" SEARCH, (ContactSearch) -> Page<Contact, ContactSearch> = PAGING;

    /// A page of contacts. GHL lists them only under its versions by date, and means to end that: use `contacts.search`.
    "contacts.list" LIST, (ContactList) -> Page<Contact, ContactList> = LIST_PAGING;

    /// Adds tags and leaves the others.
    "contacts.addTags" ADD_TAGS, {
        /// The contact.
        contact_id: ContactId,
        /// The tags.
        tags: Vec<String>,
    } -> Tags;

    /// Removes tags and leaves the others.
    "contacts.removeTags" REMOVE_TAGS, {
        /// The contact.
        contact_id: ContactId,
        /// The tags.
        tags: Vec<String>,
    } -> Tags;

    /// Adds tags to several contacts and leaves the others.
    "contacts.addTagsToAll" ADD_TAGS_TO_ALL, {
        /// The contacts.
        contacts: Vec<ContactId>,
        /// The tags.
        tags: Vec<String>,
    } -> BulkTags;

    /// Removes tags of several contacts and leaves the others.
    "contacts.removeTagsOfAll" REMOVE_TAGS_OF_ALL, {
        /// The contacts.
        contacts: Vec<ContactId>,
        /// The tags.
        tags: Vec<String>,
        /// Whether all their tags go, whatever the list says.
        remove_all_tags: Option<bool>,
    } -> BulkTags;

    /// The appointments of a contact.
    "contacts.appointments" APPOINTMENTS, {
        /// The contact.
        contact_id: ContactId,
    } -> Vec<CalendarEvent>;

    /// Adds a contact to a workflow.
    "contacts.addToWorkflow" ADD_TO_WORKFLOW, {
        /// The contact.
        contact_id: ContactId,
        /// The workflow.
        workflow_id: WorkflowId,
        /// When the event takes place that the workflow is about, in ISO 8601 with an offset.
        event_start_time: Option<String>,
    } -> Succeeded;

    /// Removes a contact from a workflow.
    "contacts.removeFromWorkflow" REMOVE_FROM_WORKFLOW, {
        /// The contact.
        contact_id: ContactId,
        /// The workflow.
        workflow_id: WorkflowId,
        /// When the event takes place that the workflow is about, in ISO 8601 with an offset.
        event_start_time: Option<String>,
    } -> Succeeded;
}

const EMAIL_OR_PHONE: Check = |members| match members {
    [None, None] => Err(Fault::custom("expected an `email` or a `phone`").in_field("email")),
    _ => Ok(()),
};
