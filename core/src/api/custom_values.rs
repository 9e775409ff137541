//! The custom values of a location (HighLevel docs: Locations API, `Version: 2021-07-28`).

use serde::Serialize;

use super::{Succeeded, shape::reply};
use crate::{
    client::{ApiRequest, Endpoint, Look},
    ids::{CustomValueId, LocationId},
};

reply! {
    /// A custom value, which templates refer to by its key.
    pub struct CustomValue {
        /// Its id.
        pub id: CustomValueId = need,
        /// Its name.
        pub name: Option<String> = text,
        /// Its key, e.g. `{{ custom_values.opening_hours }}`.
        pub field_key: Option<String> = text,
        /// Its text.
        pub value: Option<String> = text,
        ..extra
    }
}

pub(crate) const LIST: Endpoint =
    Endpoint::get("/locations/{locationId}/customValues").inside("customValues");
pub(crate) const CREATE: Endpoint = Endpoint::post("/locations/{locationId}/customValues")
    .inside("customValue")
    .found_by(&Look { route: None, by: &[&[]], found: "customValues", same: &["name", "value"], made: &[] });
pub(crate) const GET: Endpoint =
    Endpoint::get("/locations/{locationId}/customValues/{customValueId}").inside("customValue");
pub(crate) const UPDATE: Endpoint =
    Endpoint::put("/locations/{locationId}/customValues/{customValueId}").inside("customValue");
pub(crate) const DELETE: Endpoint = Endpoint::delete("/locations/{locationId}/customValues/{customValueId}");

#[derive(Serialize)]
struct Body<'a> {
    name: &'a str,
    value: &'a str,
}

/// The custom values of a location: `GET /locations/{id}/customValues`.
pub fn list(location: &LocationId) -> ApiRequest<Vec<CustomValue>> {
    LIST.of(location, &[])
}

/// Creates a custom value: `POST /locations/{id}/customValues`. After a lost reply it is looked for by name and value.
pub fn create(location: &LocationId, name: &str, value: &str) -> ApiRequest<CustomValue> {
    CREATE.of(location, &[]).with_json(&Body { name, value })
}

/// Reads a custom value: `GET /locations/{id}/customValues/{customValueId}`.
pub fn get(location: &LocationId, id: &CustomValueId) -> ApiRequest<CustomValue> {
    GET.of(location, &[id.as_str()])
}

/// Changes a custom value: `PUT /locations/{id}/customValues/{customValueId}`.
pub fn update(location: &LocationId, id: &CustomValueId, name: &str, value: &str) -> ApiRequest<CustomValue> {
    UPDATE.of(location, &[id.as_str()]).with_json(&Body { name, value })
}

/// Deletes a custom value: `DELETE /locations/{id}/customValues/{customValueId}`.
pub fn delete(location: &LocationId, id: &CustomValueId) -> ApiRequest<Succeeded> {
    DELETE.of(location, &[id.as_str()])
}
