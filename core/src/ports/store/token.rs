use std::fmt;

use serde::Serialize;

use crate::{
    error::Result,
    ids::{AppId, CompanyId, LocationId},
    ports::{BoxFuture, Shared},
};

/// Whom a token speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", content = "id", rename_all = "camelCase")]
pub enum TokenSubject {
    /// An agency: its token opens no contacts, but gives out tokens of its locations.
    Company(CompanyId),
    /// A location.
    Location(LocationId),
}

impl TokenSubject {
    /// The kind, as the database has it: `company` or `location`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Company(_) => "company",
            Self::Location(_) => "location",
        }
    }

    /// The id, whatever the kind.
    pub fn id(&self) -> &str {
        match self {
            Self::Company(id) => id.as_str(),
            Self::Location(id) => id.as_str(),
        }
    }

    /// The subject of a kind and an id in the database.
    pub fn parse(kind: &str, id: String) -> Option<Self> {
        match kind {
            "company" => Some(Self::Company(CompanyId::new(id))),
            "location" => Some(Self::Location(LocationId::new(id))),
            _ => None,
        }
    }
}

impl fmt::Display for TokenSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.id())
    }
}

/// Whether tokens can be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenState {
    /// They can, as far as is known.
    Active,
    /// The refresh token is used up or revoked: when the access token ends, the app must be installed again.
    Reauthorize,
}

impl TokenState {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Reauthorize => "reauthorize",
        }
    }

    /// Reads the text in the database.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Reauthorize].into_iter().find(|state| state.as_str() == text)
    }
}

/// Tokens as a store keeps them: encrypted before they reach it.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedTokens {
    /// The key they are encrypted with.
    pub key_id: String,
    /// The access token.
    pub access: String,
    /// The refresh token, where there is one.
    pub refresh: Option<String>,
    /// When they were obtained.
    pub obtained_at: i64,
    /// When the access token ends.
    pub expires_at: i64,
}

impl fmt::Debug for SealedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedTokens")
            .field("key_id", &self.key_id)
            .field("obtained_at", &self.obtained_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The longest lease there is, in milliseconds. One that ends later was written by a clock that was wrong.
const LONGEST_LEASE_MS: i64 = 60_000;

/// Who is renewing tokens, and for how long nobody else may: a minute at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshLease {
    /// The process.
    pub owner: String,
    /// The end.
    pub until: i64,
}

/// An installation of an app, with its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// The app.
    pub app: AppId,
    /// Whom the tokens speak for; once per app.
    pub subject: TokenSubject,
    /// A location's agency, where it is known.
    pub company: Option<CompanyId>,
    /// Whether it was the agency that installed the app: then its token gives out the location's, and an
    /// agency that uninstalls the app takes this row with it.
    pub by_company: bool,
    /// The tokens; none yet where the installation is only announced.
    pub tokens: Option<SealedTokens>,
    /// Whether they can be renewed.
    pub state: TokenState,
    /// When the app was installed.
    pub installed_at: i64,
    /// Changes with every change of the row, and no version of a subject ever comes back, not even after a
    /// deletion.
    pub version: i64,
    /// Who is renewing the tokens.
    pub lease: Option<RefreshLease>,
}

impl TokenRow {
    /// The version after this one: later than all there were, as none is ahead of the clock for long.
    pub fn next_version(&self, now: i64) -> i64 {
        now.max(self.version.saturating_add(1))
    }

    /// Whether somebody other than `owner` is renewing the tokens. A lease far in the future is none: the
    /// clock that wrote it was set right since, and nobody would ever renew them.
    pub fn leased_by_another(&self, owner: &str, now: i64) -> bool {
        let holds = |until: i64| now < until && until <= now.saturating_add(LONGEST_LEASE_MS);
        self.lease.as_ref().is_some_and(|lease| lease.owner != owner && holds(lease.until))
    }
}

/// OAuth tokens, one row an app and subject, which many processes share.
///
/// There is one way to change a row: to have read it. Taking the lease, saving renewed tokens and encrypting
/// them anew are each a [`swap_token`](Self::swap_token) with the version that was read, so of many only one
/// succeeds, and none of the others needs to be told apart.
pub trait TokenStore: Shared {
    /// The row of a subject.
    ///
    /// # Errors
    /// `store`.
    fn token_row<'a>(
        &'a self,
        app: &'a AppId,
        subject: &'a TokenSubject,
    ) -> BoxFuture<'a, Result<Option<TokenRow>>>;

    /// An app's rows after a subject: companies, then locations, each by the bytes of their ids.
    ///
    /// # Errors
    /// `store`.
    fn token_rows<'a>(
        &'a self,
        app: &'a AppId,
        after: Option<&'a TokenSubject>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<TokenRow>>>;

    /// Keeps the row exactly as it is given if the one kept has version `expected`; for `None`, if there is
    /// none. `false` where it has another: nothing was written.
    ///
    /// # Errors
    /// `store`: nothing was written.
    fn swap_token(&self, expected: Option<i64>, row: TokenRow) -> BoxFuture<'_, Result<bool>>;

    /// Deletes the row if it has version `expected`. `false` where it has another, or there is none.
    ///
    /// # Errors
    /// `store`: nothing was deleted.
    fn delete_token<'a>(
        &'a self,
        app: &'a AppId,
        subject: &'a TokenSubject,
        expected: i64,
    ) -> BoxFuture<'a, Result<bool>>;
}
