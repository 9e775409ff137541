//! The tags that a location knows (HighLevel docs: Locations API, `Version: 2021-07-28`). A contact's tags
//! are changed through [`contacts`](super::contacts).

use serde::{Deserialize, Deserializer, Serialize};

use super::{Extra, fields::Fields};
use crate::{
    client::{ApiRequest, Client},
    error::Result,
    ids::LocationId,
    ports::Method,
};

/// A tag.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    /// Its id.
    pub id: String,
    /// Its name, which contacts carry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Extra,
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Self { id: fields.need::<D::Error>("id")?, name: fields.text("name"), extra: fields.rest() })
    }
}

/// The tags of a location: `GET /locations/{id}/tags`.
pub fn list(location: &LocationId) -> ApiRequest<Vec<Tag>> {
    ApiRequest::new(Method::Get, &["locations", location.as_str(), "tags"]).inside("tags")
}

/// Creates a tag: `POST /locations/{id}/tags`.
pub fn create(location: &LocationId, name: &str) -> ApiRequest<Tag> {
    #[derive(Serialize)]
    struct Body<'a> {
        name: &'a str,
    }
    ApiRequest::new(Method::Post, &["locations", location.as_str(), "tags"])
        .with_json(&Body { name })
        .inside("tag")
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
