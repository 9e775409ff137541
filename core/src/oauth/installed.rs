use serde::{Deserialize, Serialize};

use crate::{
    error::{Code, Error, Result},
    ids::{CompanyId, LocationId},
    ports::store::{TokenRow, TokenSubject},
};

use super::{OAuthTokens, grant, tokens::Inner};

const PAGE: usize = 100;
/// The most pages that are read: a list without end is a defect of the server.
const PAGES: usize = 1_000;

/// A location where the app is installed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct InstalledLocation {
    /// The location.
    #[serde(alias = "_id")]
    pub id: LocationId,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether the app is installed there; GHL lists others too.
    #[serde(default = "installed")]
    pub is_installed: bool,
    /// The version that is installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
}

fn installed() -> bool {
    true
}

/// Where a page begins.
pub(super) enum Position {
    /// How many to pass over.
    Skip(usize),
    /// As the page before it said.
    Token(String),
}

/// One page; version 3 of the API calls the locations `items`.
#[derive(Debug, Deserialize)]
pub(super) struct InstalledPage {
    #[serde(alias = "items", default)]
    locations: Vec<InstalledLocation>,
    /// In version 3.
    pagination: Option<Pagination>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    next_page_token: Option<String>,
}

impl InstalledPage {
    /// Where the page after this one begins, which is the `nth` from 0; none after the last.
    fn next(&mut self, nth: usize) -> Option<Position> {
        match self.pagination.take() {
            Some(Pagination { next_page_token }) => {
                next_page_token.filter(|token| !token.is_empty()).map(Position::Token)
            }
            None => (self.locations.len() >= PAGE).then(|| Position::Skip((nth + 1) * PAGE)),
        }
    }
}

impl OAuthTokens {
    /// The locations of an agency where the app is installed, by the agency's token; scope `oauth.readonly`.
    ///
    /// # Errors
    /// `reauthorize` when the agency has not installed the app; `scope_missing`; those of a call.
    pub async fn installed_locations(&self, company: &CompanyId) -> Result<Vec<InstalledLocation>> {
        let inner = &self.inner;
        let (mut all, mut position) = (Vec::new(), Position::Skip(0));
        for nth in 0..PAGES {
            let request = grant::installed(&inner.app, company, &position, PAGE);
            let mut page = inner.as_company(company, &request).await.map_err(|failed| failed.error)?;
            let next = page.next(nth);
            all.extend(page.locations.into_iter().filter(|location| location.is_installed));
            match next {
                Some(next) => position = next,
                None => return Ok(all),
            }
        }
        Err(Error::new(Code::UnexpectedReply, "GHL's list of installed locations does not end"))
    }

    /// Makes the locations of an agency known where the app is installed, as `INSTALL` events do; for an
    /// agency that installed it for all its locations. Returns those that were not known.
    ///
    /// # Errors
    /// As [`OAuthTokens::installed_locations`], and `store`.
    pub async fn adopt_installed(&self, company: &CompanyId) -> Result<Vec<LocationId>> {
        let mut new = Vec::new();
        for location in self.installed_locations(company).await? {
            if self.inner.announce(&location.id, company, None).await? {
                new.push(location.id);
            }
        }
        Ok(new)
    }
}

impl Inner {
    /// Makes a row for a location whose agency installed the app; its token is fetched when it is needed.
    /// Whether it was not known, or could not be renewed any more.
    pub(super) async fn announce(
        &self,
        location: &LocationId,
        company: &CompanyId,
        at: Option<i64>,
    ) -> Result<bool> {
        let subject = TokenSubject::Location(location.clone());
        let new = |row: Option<&TokenRow>| match row {
            None => {
                let row = self.vault.new_row(&subject);
                let installed_at = at.unwrap_or(row.installed_at);
                Some(TokenRow { company: Some(company.clone()), by_company: true, installed_at, ..row })
            }
            Some(row) => row.revived(company),
        };
        self.vault.change(&subject, new).await
    }
}
