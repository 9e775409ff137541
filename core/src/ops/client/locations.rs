use super::{page::Page, table::requests};
use crate::{
    api::{
        Succeeded,
        custom_fields::{self, CustomFieldDefinition, Model, NewCustomField},
        custom_values::{self, CustomValue},
        locations::{self, Location, LocationSearch},
        tags::{self, Tag},
        users::{self, User, UserSearch},
    },
    ids::{CustomFieldId, CustomValueId, TagId, UserId},
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

    /// Reads a custom field by its id or its key.
    "customFields.get" custom_fields::GET, {
        /// The custom field.
        custom_field_id: CustomFieldId,
    } -> CustomFieldDefinition;

    /// Changes the name of a custom field; its key stays.
    "customFields.update" custom_fields::UPDATE, {
        /// The custom field.
        custom_field_id: CustomFieldId,
        /// Its name.
        name: String,
        /// What an empty field shows.
        placeholder: Option<String>,
    } -> CustomFieldDefinition;

    /// Deletes a custom field and all of its values.
    "customFields.delete" custom_fields::DELETE, {
        /// The custom field.
        custom_field_id: CustomFieldId,
    } -> Succeeded;

    /// The custom values of the location.
    "customValues.list" custom_values::LIST, {} -> Vec<CustomValue>;

    /// Creates a custom value.
    "customValues.create" custom_values::CREATE, {
        /// Its name.
        name: String,
        /// Its text.
        value: String,
    } -> CustomValue;

    /// Reads a custom value.
    "customValues.get" custom_values::GET, {
        /// The custom value.
        custom_value_id: CustomValueId,
    } -> CustomValue;

    /// Changes a custom value.
    "customValues.update" custom_values::UPDATE, {
        /// The custom value.
        custom_value_id: CustomValueId,
        /// Its name.
        name: String,
        /// Its text.
        value: String,
    } -> CustomValue;

    /// Deletes a custom value.
    "customValues.delete" custom_values::DELETE, {
        /// The custom value.
        custom_value_id: CustomValueId,
    } -> Succeeded;

    /// The tags that the location knows.
    "tags.list" tags::LIST, {} -> Vec<Tag>;

    /// Creates a tag.
    "tags.create" tags::CREATE, {
        /// Its name.
        name: String,
    } -> Tag;

    /// Reads a tag.
    "tags.get" tags::GET, {
        /// The tag.
        tag_id: TagId,
    } -> Tag;

    /// Changes the name of a tag.
    "tags.update" tags::UPDATE, {
        /// The tag.
        tag_id: TagId,
        /// Its name.
        name: String,
    } -> Tag;

    /// Deletes a tag.
    "tags.delete" tags::DELETE, {
        /// The tag.
        tag_id: TagId,
    } -> Succeeded;

    /// Reads a user.
    "users.get" users::GET, {
        /// The user.
        user_id: UserId,
    } -> User;

    /// A page of the location's users, its employees.
    "users.search" users::SEARCH, (UserSearch) -> Page<User, UserSearch> = users::PAGING;

    /// Reads the location.
    "locations.get" locations::GET, {} -> Location;

    /// A page of an agency's locations, or of those that the token knows.
    "locations.search" locations::SEARCH, (LocationSearch) -> Page<Location, LocationSearch> = locations::PAGING;
}
