use super::{
    page::{Page, Paged, page},
    request::{Run, request},
};
use crate::{
    api::{
        custom_fields::{self, CustomFieldDefinition, Model, NewCustomField},
        locations::{self, Location},
        tags::{self, Tag},
        users::{self, User, UserSearch},
    },
    ops::table::ops,
};

ops! {
    pub(super) const OPS: Run;

    /// The custom fields of contacts or of opportunities.
    "customFields.list" "GET /locations/{locationId}/customFields" {
        /// Which of the two.
        model: Model,
    } -> Vec<CustomFieldDefinition> = request(|location, args| custom_fields::list(location, args.model));

    /// Creates a custom field. GHL makes its key from the name.
    "customFields.create" "POST /locations/{locationId}/customFields" {
        /// What it is.
        custom_field: NewCustomField,
    } -> CustomFieldDefinition = request(|location, args| custom_fields::create(location, &args.custom_field));

    /// The tags that the location knows.
    "tags.list" "GET /locations/{locationId}/tags" {} -> Vec<Tag> = request(|location, _| tags::list(location));

    /// Creates a tag.
    "tags.create" "POST /locations/{locationId}/tags" {
        /// Its name.
        name: String,
    } -> Tag = request(|location, args| tags::create(location, &args.name));

    /// A page of the location's users, its employees.
    "users.search" "GET /users/search" (UserSearch) -> Page<User, UserSearch> = page(users::search);

    /// Reads the location.
    "locations.get" "GET /locations/{locationId}" {} -> Location = request(|location, _| locations::get(location));
}

impl Paged<UserSearch> for Page<User, UserSearch> {
    type Wire = Vec<User>;

    fn of(users: Vec<User>, fetched: &UserSearch) -> Self {
        Self { next: fetched.next(users.len()), total: None, items: users }
    }
}
