use super::{page::Page, table::requests};
use crate::api::{
    custom_fields::{self, CustomFieldDefinition, Model, NewCustomField},
    locations::{self, Location},
    tags::{self, Tag},
    users::{self, User, UserSearch},
};

requests! {
    /// The custom fields of contacts or of opportunities.
    "customFields.list" custom_fields::LIST, {
        /// Which of the two.
        model: Model,
    } -> Vec<CustomFieldDefinition>;

    /// Creates a custom field. GHL makes its key from the name.
    "customFields.create" custom_fields::CREATE, {
        /// What it is.
        @spread custom_field: NewCustomField,
    } -> CustomFieldDefinition;

    /// The tags that the location knows.
    "tags.list" tags::LIST, {} -> Vec<Tag>;

    /// Creates a tag.
    "tags.create" tags::CREATE, {
        /// Its name.
        name: String,
    } -> Tag;

    /// A page of the location's users, its employees.
    "users.search" users::SEARCH, (UserSearch) -> Page<User, UserSearch> = users::PAGING;

    /// Reads the location.
    "locations.get" locations::GET, {} -> Location;
}
