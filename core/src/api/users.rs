//! Users, the employees of a location (HighLevel docs: Users API, `Version: 2021-07-28`).

use serde::{Deserialize, Deserializer};

use super::{Extra, fields::Fields};
use crate::{
    client::{ApiRequest, Client},
    error::Result,
    ids::{CompanyId, LocationId, UserId},
    ports::Method,
};

/// A user.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their full name.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Everything else.
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

/// The users of a location, from the `skip`-th, 100 at most: `GET /users/search`. GHL wants the agency's id
/// too, which [`locations::get`](super::locations::get) tells.
pub fn search(company: &CompanyId, location: &LocationId, skip: u32) -> ApiRequest<Vec<User>> {
    ApiRequest::new(Method::Get, &["users", "search"])
        .with_query("companyId", company.as_str())
        .with_query("locationId", location.as_str())
        .with_query("skip", skip.to_string())
        .with_query("limit", "100")
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
    pub async fn search(&self, company: &CompanyId, skip: u32) -> Result<Vec<User>> {
        self.client.send(self.location, &search(company, self.location, skip)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::line;

    #[test]
    fn the_request() {
        let request = search(&CompanyId::new("com1"), &LocationId::new("loc1"), 100);
        let query = "companyId=com1&locationId=loc1&skip=100&limit=100";
        assert_eq!(line(&request), format!("GET /users/search {query} 2021-07-28 repeatable -"));
    }
}
