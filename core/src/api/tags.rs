//! The tags that a location knows (HighLevel docs: Locations API, `Version: 2021-07-28`). A contact's tags
//! are changed through [`contacts`](super::contacts).

use serde::Serialize;

use super::{Succeeded, shape::reply};
use crate::{
    client::{ApiRequest, Client, Endpoint, Look},
    error::Result,
    ids::{LocationId, TagId},
};

reply! {
    /// A tag.
    pub struct Tag {
        /// Its id.
        pub id: String = need,
        /// Its name, which contacts carry.
        pub name: Option<String> = text,
        ..extra
    }
}

pub(crate) const LIST: Endpoint = Endpoint::get("/locations/{locationId}/tags").inside("tags");
pub(crate) const GET: Endpoint = Endpoint::get("/locations/{locationId}/tags/{tagId}").inside("tag");
pub(crate) const UPDATE: Endpoint = Endpoint::put("/locations/{locationId}/tags/{tagId}").inside("tag");
pub(crate) const DELETE: Endpoint = Endpoint::delete("/locations/{locationId}/tags/{tagId}");
pub(crate) const CREATE: Endpoint = Endpoint::post("/locations/{locationId}/tags")
    .inside("tag")
    .found_by(&Look { route: None, by: &[&[]], found: "tags", same: &["name"], made: &[] });

/// The tags of a location: `GET /locations/{id}/tags`.
pub fn list(location: &LocationId) -> ApiRequest<Vec<Tag>> {
    LIST.of(location, &[])
}

#[derive(Serialize)]
struct Body<'a> {
    name: &'a str,
}

/// Creates a tag: `POST /locations/{id}/tags`.
pub fn create(location: &LocationId, name: &str) -> ApiRequest<Tag> {
    CREATE.of(location, &[]).with_json(&Body { name })
}

/// Reads a tag: `GET /locations/{id}/tags/{tagId}`.
pub fn get(location: &LocationId, id: &TagId) -> ApiRequest<Tag> {
    GET.of(location, &[id.as_str()])
}

/// Changes the name of a tag: `PUT /locations/{id}/tags/{tagId}`.
pub fn update(location: &LocationId, id: &TagId, name: &str) -> ApiRequest<Tag> {
    UPDATE.of(location, &[id.as_str()]).with_json(&Body { name })
}

/// Deletes a tag: `DELETE /locations/{id}/tags/{tagId}`.
pub fn delete(location: &LocationId, id: &TagId) -> ApiRequest<Succeeded> {
    DELETE.of(location, &[id.as_str()])
}

/// The tags of one location. Every method fails as [`Client::send`] does.
#[derive(Debug, Clone, Copy)]
pub struct Tags<'a> {
    client: &'a Client,
    location: &'a LocationId,
}

impl Client {
    /// The tags of a location.
    pub fn tags<'a>(&'a self, location: &'a LocationId) -> Tags<'a> {
        Tags { client: self, location }
    }
}

impl Tags<'_> {
    /// See [`list`].
    pub async fn list(&self) -> Result<Vec<Tag>> {
        self.client.send(self.location, &list(self.location)).await
    }

    /// See [`create`].
    pub async fn create(&self, name: &str) -> Result<Tag> {
        self.client.send(self.location, &create(self.location, name)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::line;

    #[test]
    fn the_requests() {
        let location = LocationId::new("loc1");
        assert_eq!(line(&list(&location)), "GET /locations/loc1/tags - 2021-07-28 repeatable -");
        let expected = r#"POST /locations/loc1/tags - 2021-07-28 once {"name":"status_shipped"}"#;
        assert_eq!(line(&create(&location, "status_shipped")), expected);
    }
}
