//! Users, the employees of a location (HighLevel docs: Users API, `Version: 2021-07-28`).

use serde::{Deserialize, Deserializer, Serialize};

use super::{Extra, fields::Fields};
use crate::{
    client::{ApiRequest, Client},
    error::Result,
    ids::{CompanyId, LocationId, UserId},
    ports::Method,
};

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub extra: Extra,
}

impl<'de> Deserialize<'de> for User {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            id: UserId::new(fields.need::<D::Error>("id")?),
            name: fields.text("name"),
            email: fields.text("email"),
            extra: fields.rest(),
        })
    }
}

/// Users a page.
const PAGE: u32 = 100;

/// Which users of a location to find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserSearch {
    /// The agency, which GHL wants to be told; the location knows it.
    pub company_id: CompanyId,
    /// How many to pass over; 0 where it is not given.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional, as = "Option<u32>"))]
    pub skip: u32,
}

impl UserSearch {
    /// The search for the page after this one, which found this many, if there is one.
    pub fn next(&self, found: usize) -> Option<Self> {
        let full = found >= PAGE as usize;
        full.then(|| Self { skip: self.skip.saturating_add(PAGE), ..self.clone() })
    }
}

/// The users of a location, 100 at most: `GET /users/search`.
pub fn search(location: &LocationId, search: &UserSearch) -> ApiRequest<Vec<User>> {
    ApiRequest::new(Method::Get, &["users", "search"])
        .with_query("companyId", search.company_id.as_str())
        .with_query("locationId", location.as_str())
        .with_query("skip", search.skip.to_string())
        .with_query("limit", PAGE.to_string())
        .inside("users")
}

/// The users of one location.
#[derive(Debug, Clone, Copy)]
pub struct Users<'a> {
    client: &'a Client,
    location: &'a LocationId,
}

impl Client {
    /// The users of a location.
    pub fn users<'a>(&'a self, location: &'a LocationId) -> Users<'a> {
        Users { client: self, location }
    }
}

impl Users<'_> {
    /// See [`search`]; fails as [`Client::send`] does.
    pub async fn search(&self, terms: &UserSearch) -> Result<Vec<User>> {
        self.client.send(self.location, &search(self.location, terms)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::line;

    #[test]
    fn the_request() {
        let terms = UserSearch { company_id: CompanyId::new("com1"), skip: 100 };
        let request = search(&LocationId::new("loc1"), &terms);
        let query = "companyId=com1&locationId=loc1&skip=100&limit=100";
        assert_eq!(line(&request), format!("GET /users/search {query} 2021-07-28 repeatable -"));
        assert_eq!((terms.next(99), terms.next(100).unwrap().skip), (None, 200));
    }
}
