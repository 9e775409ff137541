//! Locations, which GHL also calls sub-accounts (HighLevel docs: Locations API, `Version: 2021-07-28`).

use serde::{Deserialize, Serialize};

use super::shape::{self, Paging, Shape, Shaped, input, reply};
use crate::{
    client::{ApiRequest, Client, Endpoint},
    error::Result,
    ids::{CompanyId, LocationId},
};

reply! {
    /// A location.
    pub struct Location {
        /// Its id.
        pub id: LocationId = need,
        /// The agency it belongs to.
        pub company_id: Option<CompanyId> = text,
        /// Its name.
        pub name: Option<String> = text,
        /// Its time zone, e.g. `America/Denver`.
        pub timezone: Option<String> = text,
        /// The settings that matter to orders; whatever else GHL says of them is kept too.
        #[cfg_attr(feature = "ts", ts(optional, as = "Option<LocationSettings>"))]
        pub settings: LocationSettings = look,
        ..extra
    }
}

/// Settings of a location; absent where GHL does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct LocationSettings {
    /// Whether two contacts may have the same e-mail or phone.
    pub allow_duplicate_contact: Option<bool>,
    /// Whether a contact may have two opportunities.
    pub allow_duplicate_opportunity: Option<bool>,
}

impl Shaped for LocationSettings {
    const SHAPE: Shape = Shape::Any;

    /// It is written with everything else.
    fn absent(&self) -> bool {
        true
    }
}

input! {
    /// Which locations of an agency to find.
    pub struct LocationSearch {
        /// The agency.
        pub company_id: Option<CompanyId>,
        /// With this e-mail address.
        pub email: Option<String>,
        /// How many to pass over; 0 where it is not given.
        #[serde(default)]
        pub skip: u32 = 0,
        /// Locations a page; as many as GHL's default where it is not given.
        #[serde(default = "crate::api::shape::number::<10>")]
        pub limit: u32 = 10,
    }
}

pub(crate) const SEARCH: Endpoint = Endpoint::get("/locations/search");
pub(crate) const PAGING: Paging = Paging::Offset { items: "locations", offset: "skip", limit: "limit" };
pub(crate) const GET: Endpoint = Endpoint::get("/locations/{locationId}").inside("location");

/// Reads a location: `GET /locations/{id}`.
pub fn get(id: &LocationId) -> ApiRequest<Location> {
    GET.of(id, &[])
}

/// A page of an agency's locations, or of those that the token knows: `GET /locations/search`.
pub fn search(search: &LocationSearch) -> ApiRequest<Vec<Location>> {
    // The route names no location.
    shape::searched(&SEARCH, &LocationId::new(""), search).inside("locations")
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
