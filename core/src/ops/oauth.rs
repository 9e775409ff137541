//! The operations of an app's installations and their tokens.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    args::{Arguments, write},
    settle::settle,
    table::{self, Op, ops},
};
use crate::{
    error::Result,
    ids::{CompanyId, LocationId},
    oauth::{AppChange, Installation, InstalledLocation, OAuthTokens, Rekeyed},
    ports::{BoxFuture, store::TokenSubject},
    webhook,
};

/// What runs an operation, given the JSON of its arguments.
type Run = for<'a> fn(&'a OAuthTokens, &'a str) -> BoxFuture<'a, Result<String>>;

static TABLES: &[&[Op<Run>]] = &[OPS];

ops! {
    const OPS: Run;

    /// Takes the consent page's answer: checks that it belongs to the session, and keeps the tokens.
    "callback" "function" {
        /// The query of the request to the redirect URI.
        query: String,
        /// The session, as it was given to `authorizeUrl`.
        session: String,
    } -> Installation = run(|tokens, args| Box::pin(async move {
        tokens.callback(&args.query, &args.session).await
    }));

    /// Exchanges the code of an installation that was begun in the marketplace, which has no session.
    "exchangeCode" "function" {
        /// The code.
        code: String,
    } -> Installation = run(|tokens, args| Box::pin(async move { tokens.exchange_code(&args.code).await }));

    /// Applies an `INSTALL` or `UNINSTALL` event, which must be verified.
    "applyEvent" "function" {
        /// The body of the event.
        #[cfg_attr(feature = "ts", ts(type = "unknown"))]
        event: Box<RawValue>,
    } -> AppChanged = run(|tokens, args| Box::pin(async move {
        let event = webhook::parse(args.event.get().as_bytes())?;
        tokens.apply_event(&event).await.map(AppChanged::from)
    }));

    /// The locations of an agency where the app is installed, by the agency's token.
    "installedLocations" "function" {
        /// The agency.
        company_id: CompanyId,
    } -> Vec<InstalledLocation> = run(|tokens, args| Box::pin(async move {
        tokens.installed_locations(&args.company_id).await
    }));

    /// Makes the locations of an agency known where the app is installed; those that were not.
    "adoptInstalled" "function" {
        /// The agency.
        company_id: CompanyId,
    } -> Vec<LocationId> = run(|tokens, args| Box::pin(async move {
        tokens.adopt_installed(&args.company_id).await
    }));

    /// Encrypts all tokens of the app with the current key, while everything goes on.
    "rekey" "function" {} -> Rekeyed = run(|tokens, _| Box::pin(async move { tokens.rekey().await }));
}

/// What an event changed; nothing, where it is of another app or kind, known already, or late.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
struct AppChanged {
    /// The location that is known now.
    #[serde(skip_serializing_if = "Option::is_none")]
    installed: Option<LocationId>,
    /// Whose tokens were deleted.
    removed: Vec<TokenSubject>,
}

impl From<AppChange> for AppChanged {
    fn from(change: AppChange) -> Self {
        match change {
            AppChange::Installed(location) => Self { installed: Some(location), removed: Vec::new() },
            AppChange::Removed(removed) => Self { installed: None, removed },
            AppChange::None => Self { installed: None, removed: Vec::new() },
        }
    }
}

/// The operation that awaits `call`.
fn run<'a, A: Arguments, R: Serialize + 'a>(
    tokens: &'a OAuthTokens,
    args: &'a str,
    call: fn(&'a OAuthTokens, A) -> BoxFuture<'a, Result<R>>,
) -> BoxFuture<'a, Result<String>> {
    let call = A::read(args).map(|args| call(tokens, args));
    Box::pin(async move { write(&call?.await?) })
}

/// Calls an operation of an app's tokens by its name. The text it resolves to is that of [`settle`].
pub async fn oauth_call(tokens: &OAuthTokens, op: &str, args: &str) -> String {
    match table::find(TABLES, op) {
        Ok(op) => settle((op.run)(tokens, args).await),
        Err(error) => settle(Err(error)),
    }
}

/// The address of the consent page, for a session; the text is that of [`settle`].
pub fn authorize_url(tokens: &OAuthTokens, session: &str) -> String {
    settle(tokens.authorize_url(session).and_then(|url| write(&url)))
}

/// The operations, by name.
pub fn names() -> Vec<&'static str> {
    table::names(TABLES)
}

#[cfg(feature = "ts")]
pub(super) fn pages() -> Vec<super::typescript::OpPage> {
    table::pages(TABLES)
}
