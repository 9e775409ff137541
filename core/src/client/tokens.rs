use std::collections::BTreeMap;

use crate::{
    error::{Code, Error, Result},
    ids::LocationId,
    ports::{BoxFuture, TokenSource},
    secret::Secret,
};

/// Tokens that do not change: Private Integration Tokens, one a location.
#[derive(Debug, Clone, Default)]
pub struct StaticTokens {
    tokens: BTreeMap<LocationId, Secret>,
    any: Option<Secret>,
}

impl StaticTokens {
    /// No tokens yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One token for whatever location is called: GHL decides whether it holds there.
    pub fn for_any(token: Secret) -> Self {
        Self { any: Some(token), ..Self::default() }
    }

    /// Adds the token of a location.
    #[must_use]
    pub fn with(mut self, location: LocationId, token: Secret) -> Self {
        self.tokens.insert(location, token);
        self
    }
}

impl FromIterator<(LocationId, Secret)> for StaticTokens {
    fn from_iter<I: IntoIterator<Item = (LocationId, Secret)>>(tokens: I) -> Self {
        Self { tokens: tokens.into_iter().collect(), any: None }
    }
}

impl TokenSource for StaticTokens {
    fn token<'a>(&'a self, location: &'a LocationId) -> BoxFuture<'a, Result<Secret>> {
        let token = self.tokens.get(location).or(self.any.as_ref()).cloned().ok_or_else(|| {
            Error::new(Code::Config, format!("location {location}: no token is configured for it"))
                .with_field("token")
        });
        Box::pin(std::future::ready(token))
    }

    fn renew<'a>(&'a self, _: &'a LocationId, _: &'a Secret) -> BoxFuture<'a, Result<Option<Secret>>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}
