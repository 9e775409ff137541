//! The custom fields that a location defines (HighLevel docs: Locations API, `Version: 2021-07-28`). The
//! routes under `/custom-fields` serve custom objects only.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Extra, fields::Fields};
use crate::{
    client::{ApiRequest, Client},
    error::Result,
    ids::{CustomFieldId, LocationId},
    ports::Method,
};

/// What a custom field belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "CustomFieldModel"))]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// Contacts.
    Contact,
    /// Opportunities.
    Opportunity,
}

impl Model {
    /// GHL's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Model::Contact => "contact",
            Model::Opportunity => "opportunity",
        }
    }
}

/// The definition of a custom field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CustomFieldDefinition {
    /// Its id, under which values are read and written.
    pub id: CustomFieldId,
    /// Its name, as people see and change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its key with the object's prefix, e.g. `contact.order_status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field_key: Option<String>,
    /// Its type, e.g. `TEXT`, `NUMERICAL`, `MONETORY` (GHL's spelling).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_type: Option<String>,
    /// What it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CustomFieldDefinition {
    /// The key without the object's prefix, e.g. `order_status`.
    pub fn key(&self) -> Option<&str> {
        let key = self.field_key.as_deref()?;
        Some(key.split_once('.').map_or(key, |(_, key)| key))
    }
}

impl<'de> Deserialize<'de> for CustomFieldDefinition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            id: CustomFieldId::new(fields.need::<D::Error>("id")?),
            name: fields.text("name"),
            field_key: fields.text("fieldKey"),
            data_type: fields.text("dataType"),
            model: fields.take(&["model"]),
            extra: fields.rest(),
        })
    }
}

/// A custom field to be created. GHL makes the key from the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCustomField {
    /// The name.
    pub name: String,
    /// The type, e.g. `TEXT`, `NUMERICAL`, `MONETORY` (GHL's spelling).
    pub data_type: String,
    /// What it belongs to.
    pub model: Model,
    /// What an empty field shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
}

/// The custom fields of contacts or of opportunities: `GET /locations/{id}/customFields`.
pub fn list(location: &LocationId, model: Model) -> ApiRequest<Vec<CustomFieldDefinition>> {
    ApiRequest::new(Method::Get, &["locations", location.as_str(), "customFields"])
        .with_query("model", model.as_str())
        .inside("customFields")
}

/// Creates a custom field: `POST /locations/{id}/customFields`.
pub fn create(location: &LocationId, new: &NewCustomField) -> ApiRequest<CustomFieldDefinition> {
    ApiRequest::new(Method::Post, &["locations", location.as_str(), "customFields"])
        .with_json(new)
        .inside("customField")
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
