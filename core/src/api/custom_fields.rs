//! The custom fields that a location defines (HighLevel docs: Locations API, `Version: 2021-07-28`). The
//! routes under `/custom-fields` serve custom objects only.

use serde::Serialize;

use super::{
    Succeeded,
    shape::{input, reply, words},
};
use crate::{
    client::{ApiRequest, Client, Endpoint, Look},
    error::Result,
    ids::{CustomFieldId, LocationId},
};

words! {
    /// What a custom field belongs to.
    #[cfg_attr(feature = "ts", ts(rename = "CustomFieldModel"))]
    pub enum Model {
        /// Contacts.
        Contact = "contact",
        /// Opportunities.
        Opportunity = "opportunity",
    }
}

reply! {
    /// The definition of a custom field.
    pub struct CustomFieldDefinition {
        /// Its id, under which values are read and written.
        pub id: CustomFieldId = need,
        /// Its name, as people see and change it.
        pub name: Option<String> = text,
        /// Its key with the object's prefix, e.g. `contact.order_status`.
        pub field_key: Option<String> = text,
        /// Its type, e.g. `TEXT`, `NUMERICAL`, `MONETORY` (GHL's spelling).
        pub data_type: Option<String> = text,
        /// What it belongs to.
        pub model: Option<Model> = take,
        ..extra
    }
}

impl CustomFieldDefinition {
    /// The key without the object's prefix, e.g. `order_status`.
    pub fn key(&self) -> Option<&str> {
        let key = self.field_key.as_deref()?;
        Some(key.split_once('.').map_or(key, |(_, key)| key))
    }
}

input! {
    /// A custom field to be created. GHL makes the key from the name.
    #[derive(Eq)]
    pub struct NewCustomField {
        /// The name.
        pub name: String,
        /// The type, e.g. `TEXT`, `NUMERICAL`, `MONETORY` (GHL's spelling).
        pub data_type: String,
        /// What it belongs to.
        pub model: Model,
        /// What an empty field shows.
        pub placeholder: Option<String>,
    }
}

pub(crate) const LIST: Endpoint =
    Endpoint::get("/locations/{locationId}/customFields").inside("customFields");
pub(crate) const GET: Endpoint =
    Endpoint::get("/locations/{locationId}/customFields/{customFieldId}").inside("customField");
pub(crate) const UPDATE: Endpoint =
    Endpoint::put("/locations/{locationId}/customFields/{customFieldId}").inside("customField");
pub(crate) const DELETE: Endpoint = Endpoint::delete("/locations/{locationId}/customFields/{customFieldId}");
pub(crate) const CREATE: Endpoint =
    Endpoint::post("/locations/{locationId}/customFields").inside("customField").found_by(&Look {
        route: None,
        by: &[&[("model", "model")]],
        found: "customFields",
        same: &["name"],
        made: &[],
    });

/// The custom fields of contacts or of opportunities: `GET /locations/{id}/customFields`.
pub fn list(location: &LocationId, model: Model) -> ApiRequest<Vec<CustomFieldDefinition>> {
    LIST.of(location, &[]).with_query("model", model.as_str())
}

/// Creates a custom field: `POST /locations/{id}/customFields`.
pub fn create(location: &LocationId, new: &NewCustomField) -> ApiRequest<CustomFieldDefinition> {
    CREATE.of(location, &[]).with_json(new)
}

/// Reads a custom field by its id or its key: `GET /locations/{id}/customFields/{customFieldId}`.
pub fn get(location: &LocationId, id: &CustomFieldId) -> ApiRequest<CustomFieldDefinition> {
    GET.of(location, &[id.as_str()])
}

/// Changes the name of a custom field; its key stays: `PUT /locations/{id}/customFields/{customFieldId}`.
pub fn update(
    location: &LocationId,
    id: &CustomFieldId,
    name: &str,
    placeholder: Option<&str>,
) -> ApiRequest<CustomFieldDefinition> {
    #[derive(Serialize)]
    struct Body<'a> {
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        placeholder: Option<&'a str>,
    }
    UPDATE.of(location, &[id.as_str()]).with_json(&Body { name, placeholder })
}

/// Deletes a custom field and all of its values: `DELETE /locations/{id}/customFields/{customFieldId}`.
pub fn delete(location: &LocationId, id: &CustomFieldId) -> ApiRequest<Succeeded> {
    DELETE.of(location, &[id.as_str()])
}

/// The custom fields of one location. Every method fails as [`Client::send`] does.
#[derive(Debug, Clone, Copy)]
pub struct CustomFields<'a> {
    client: &'a Client,
    location: &'a LocationId,
}

impl Client {
    /// The custom fields of a location.
    pub fn custom_fields<'a>(&'a self, location: &'a LocationId) -> CustomFields<'a> {
        CustomFields { client: self, location }
    }
}

impl CustomFields<'_> {
    /// See [`list`].
    pub async fn list(&self, model: Model) -> Result<Vec<CustomFieldDefinition>> {
        self.client.send(self.location, &list(self.location, model)).await
    }

    /// See [`create`].
    pub async fn create(&self, new: &NewCustomField) -> Result<CustomFieldDefinition> {
        self.client.send(self.location, &create(self.location, new)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::{line, read};

    #[test]
    fn the_requests() {
        let location = LocationId::new("loc1");
        let head = "/locations/loc1/customFields";
        assert_eq!(
            line(&list(&location, Model::Opportunity)),
            format!("GET {head} model=opportunity 2021-07-28 repeatable -")
        );
        let new = NewCustomField {
            name: "Order status".into(),
            data_type: "TEXT".into(),
            model: Model::Contact,
            placeholder: None,
        };
        let body = r#"{"name":"Order status","dataType":"TEXT","model":"contact"}"#;
        assert_eq!(line(&create(&location, &new)), format!("POST {head} - 2021-07-28 once {body}"));
    }

    #[test]
    fn a_definition_knows_its_key_with_and_without_prefix() {
        let field: CustomFieldDefinition = read(
            r#"{"id":"f1","name":"Order status","fieldKey":"contact.order_status","dataType":"TEXT",
            "model":"contact","picklistOptions":[]}"#,
        );
        assert_eq!((field.key(), field.model), (Some("order_status"), Some(Model::Contact)));
        assert_eq!(field.extra.keys().collect::<Vec<_>>(), ["picklistOptions"]);
        let bare: CustomFieldDefinition = read(r#"{"id":"f1","fieldKey":"order_status","model":"all"}"#);
        assert_eq!((bare.key(), bare.model), (Some("order_status"), None));
        assert_eq!(read::<CustomFieldDefinition>(r#"{"id":"f1"}"#).key(), None);
    }
}
