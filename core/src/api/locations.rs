//! Locations, which GHL also calls sub-accounts (HighLevel docs: Locations API, `Version: 2021-07-28`).

use serde::{Deserialize, Deserializer, Serialize};

use super::{Extra, fields::Fields};
use crate::{
    client::{ApiRequest, Client},
    error::Result,
    ids::{CompanyId, LocationId},
    ports::Method,
};

/// A location.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// The agency it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<CompanyId>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its time zone, e.g. `America/Denver`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The settings that matter to orders; whatever else GHL says of them is kept too.
    #[serde(skip_serializing)]
    #[cfg_attr(feature = "ts", ts(optional, as = "Option<LocationSettings>"))]
    pub settings: LocationSettings,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Settings of a location; absent where GHL does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct LocationSettings {
    /// Whether two contacts may have the same e-mail or phone.
    pub allow_duplicate_contact: Option<bool>,
    /// Whether a contact may have two opportunities.
    pub allow_duplicate_opportunity: Option<bool>,
}

impl<'de> Deserialize<'de> for Location {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            id: LocationId::new(fields.need::<D::Error>("id")?),
            company_id: fields.text("companyId").map(CompanyId::new),
            name: fields.text("name"),
            timezone: fields.text("timezone"),
            settings: fields.look("settings").unwrap_or_default(),
            extra: fields.rest(),
        })
    }
}

/// Reads a location: `GET /locations/{id}`.
pub fn get(id: &LocationId) -> ApiRequest<Location> {
    ApiRequest::new(Method::Get, &["locations", id.as_str()]).inside("location")
}

impl Client {
    /// Reads a location: see [`get`]; fails as [`Client::send`] does.
    pub async fn location(&self, id: &LocationId) -> Result<Location> {
        self.send(id, &get(id)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::{line, read};

    #[test]
    fn the_request() {
        assert_eq!(line(&get(&LocationId::new("loc1"))), "GET /locations/loc1 - 2021-07-28 repeatable -");
    }

    #[test]
    fn settings_are_read_and_kept() {
        let location: Location = read(
            r#"{"id":"loc1","companyId":"com1","name":"Shop","timezone":"US/Central",
            "settings":{"allowDuplicateContact":false,"allowDuplicateOpportunity":true,"other":1}}"#,
        );
        assert_eq!(location.company_id, Some(CompanyId::new("com1")));
        let settings = LocationSettings {
            allow_duplicate_contact: Some(false),
            allow_duplicate_opportunity: Some(true),
        };
        assert_eq!((location.settings, &location.extra["settings"]["other"]), (settings, &1.into()));
        assert_eq!(read::<Location>(r#"{"id":"loc1"}"#).settings, LocationSettings::default());
    }
}
