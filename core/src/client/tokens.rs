use std::collections::BTreeMap;

use crate::{
    error::{Code, Error, Result},
    ids::LocationId,
    ports::{BoxFuture, TokenSource},
    secret::Secret,
};

/// Tokens that do not change: Private Integration Tokens, one a location.
#[derive(Debug, Clone, Default)]
pub struct StaticTokens(BTreeMap<LocationId, Secret>);

impl StaticTokens {
    /// No tokens yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the token of a location.
    #[must_use]
    pub fn with(mut self, location: LocationId, token: Secret) -> Self {
        self.0.insert(location, token);
        self
    }
}

impl FromIterator<(LocationId, Secret)> for StaticTokens {
    fn from_iter<I: IntoIterator<Item = (LocationId, Secret)>>(tokens: I) -> Self {
        Self(tokens.into_iter().collect())
    }
}

impl TokenSource for StaticTokens {
    fn token<'a>(&'a self, location: &'a LocationId) -> BoxFuture<'a, Result<Secret>> {
        let token = self.0.get(location).cloned().ok_or_else(|| {
            Error::new(Code::Config, format!("location {location}: no token is configured for it"))
                .with_field("token")
        });
        Box::pin(std::future::ready(token))
    }

    fn renew<'a>(&'a self, _: &'a LocationId, _: &'a Secret) -> BoxFuture<'a, Result<Option<Secret>>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}
