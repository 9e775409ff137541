//! The custom values of a location (HighLevel docs: Locations API, `Version: 2021-07-28`).

use super::shape::reply;
use crate::{
    client::{Endpoint, Look},
    ids::CustomValueId,
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
