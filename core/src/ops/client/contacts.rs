use super::{
    page::{Page, Paged, page},
    request::{Run, checked, request},
};
use crate::{
    api::{
        Succeeded,
        contacts::{
            self, Contact, ContactInput, ContactPage, ContactSearch, DuplicateLookup, Tags, Upserted,
        },
    },
    error::Error,
    ids::ContactId,
    ops::table::ops,
};

ops! {
    pub(super) const OPS: Run;

    /// Creates a contact. Where the location forbids duplicates and one has the e-mail or phone: `duplicate`.
    "contacts.create" "POST /contacts/" {
        /// What is known of it.
        contact: ContactInput,
        /// Its tags.
        tags: Option<Vec<String>>,
    } -> Contact
        = request(|location, args| {
            contacts::create(location, &args.contact, args.tags.as_deref().unwrap_or_default())
        });

    /// Reads a contact.
    "contacts.get" "GET /contacts/{contactId}" {
        /// The contact.
        contact_id: ContactId,
    } -> Contact = request(|_, args| contacts::get(&args.contact_id));

    /// Changes a contact; what is not given stays as it is.
    "contacts.update" "PUT /contacts/{contactId}" {
        /// The contact.
        contact_id: ContactId,
        /// What changes.
        contact: ContactInput,
    } -> Contact = request(|_, args| contacts::update(&args.contact_id, &args.contact));

    /// Updates the contact with this e-mail or phone, or creates one. A lost reply is not followed by a retry.
    "contacts.upsert" "POST /contacts/upsert" {
        /// What is known of it.
        contact: ContactInput,
    } -> Upserted = request(|location, args| contacts::upsert(location, &args.contact));

    /// Deletes a contact.
    "contacts.delete" "DELETE /contacts/{contactId}" {
        /// The contact.
        contact_id: ContactId,
    } -> Succeeded = request(|_, args| contacts::delete(&args.contact_id));

    /// Looks for the contact with this e-mail or phone.
    "contacts.findDuplicate" "GET /contacts/search/duplicate" {
        /// The e-mail address.
        email: Option<String>,
        /// The phone number in E.164. With an e-mail too, GHL looks by the one its settings prefer.
        phone: Option<String>,
    } -> DuplicateLookup
        = checked(|location, args| match (args.email.as_deref(), args.phone.as_deref()) {
            (None, None) => Err(Error::invalid("email", "expected an `email` or a `phone`")),
            (email, phone) => Ok(contacts::find_duplicate(location, email, phone)),
        });

    /// A page of contacts. The index lags a few seconds behind.
    "contacts.search" "POST /contacts/search" (ContactSearch) -> Page<Contact, ContactSearch>
        = page(contacts::search);

    /// Adds tags and leaves the others.
    "contacts.addTags" "POST /contacts/{contactId}/tags" {
        /// The contact.
        contact_id: ContactId,
        /// The tags.
        tags: Vec<String>,
    } -> Tags = request(|_, args| contacts::add_tags(&args.contact_id, &args.tags));

    /// Removes tags and leaves the others.
    "contacts.removeTags" "DELETE /contacts/{contactId}/tags" {
        /// The contact.
        contact_id: ContactId,
        /// The tags.
        tags: Vec<String>,
    } -> Tags = request(|_, args| contacts::remove_tags(&args.contact_id, &args.tags));
}

impl Paged<ContactSearch> for Page<Contact, ContactSearch> {
    type Wire = ContactPage;

    fn of(wire: ContactPage, fetched: &ContactSearch) -> Self {
        Self { next: wire.next(fetched), total: wire.total, items: wire.contacts }
    }
}
