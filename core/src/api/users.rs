//! Users, the employees of a location (HighLevel docs: Users API, `Version: 2021-07-28`).

use super::shape::{self, Paging, input, reply};
use crate::{
    client::{ApiRequest, Client, Endpoint},
    error::Result,
    ids::{CompanyId, LocationId, UserId},
};

reply! {
    /// A user.
    pub struct User {
        /// Their id.
        pub id: UserId = need,
        /// Their full name.
        pub name: Option<String> = text,
        /// Their e-mail address.
        pub email: Option<String> = text,
        ..extra
    }
}

/// Users a page.
const PAGE: u32 = 100;

input! {
    /// Which users of a location to find.
    #[derive(Eq)]
    pub struct UserSearch {
        /// The agency, which GHL wants to be told; the location knows it.
        pub company_id: CompanyId,
        /// How many to pass over; 0 where it is not given.
        #[serde(default)]
        pub skip: u32 = 0,
    }
}

impl UserSearch {
    /// The search for the page after this one, which found this many, if there is one.
    pub fn next(&self, found: usize) -> Option<Self> {
        let full = found >= PAGE as usize;
        full.then(|| Self { skip: self.skip.saturating_add(PAGE), ..self.clone() })
    }
}

pub(crate) const GET: Endpoint = Endpoint::get("/users/{userId}");
pub(crate) const SEARCH: Endpoint = Endpoint::get("/users/search")
    .location_in_query("locationId")
    .with_defaults(&[("limit", "100")])
    .inside("users");
pub(crate) const PAGING: Paging = Paging::Skip { size: PAGE };

/// Reads a user: `GET /users/{id}`.
pub fn get(id: &UserId) -> ApiRequest<User> {
    GET.at(&[id.as_str()])
}

/// The users of a location, 100 at most: `GET /users/search`.
pub fn search(location: &LocationId, search: &UserSearch) -> ApiRequest<Vec<User>> {
    shape::searched(&SEARCH, location, search)
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
        let query = "locationId=loc1&companyId=com1&skip=100&limit=100";
        assert_eq!(line(&request), format!("GET /users/search {query} 2021-07-28 repeatable -"));
        assert_eq!((terms.next(99), terms.next(100).unwrap().skip), (None, 200));
    }
}
