use crate::{
    error::Result,
    ids::LocationId,
    ports::{BoxFuture, TokenSource, store::TokenSubject},
    secret::Secret,
};

use super::{OAuthTokens, slot::Look};

/// What is known of a location's token without asking the store or GHL.
#[derive(Debug)]
pub enum Cached {
    /// The token to use.
    Fresh(Secret),
    /// It holds, and it is time to renew it: [`TokenSource::token`] would.
    Due(Secret),
    /// [`TokenSource::token`] would have to ask.
    Absent,
}

impl OAuthTokens {
    /// What is known of a location's token, without waiting: for a host that renews in the background.
    pub fn cached(&self, location: &LocationId) -> Cached {
        let subject = TokenSubject::Location(location.clone());
        match self.inner.slots.of(&subject).look(self.inner.now()) {
            Look::Fresh(token) => Cached::Fresh(token),
            Look::Due(token) => Cached::Due(token),
            Look::Failing(_) | Look::Absent => Cached::Absent,
        }
    }
}

impl TokenSource for OAuthTokens {
    fn token<'a>(&'a self, location: &'a LocationId) -> BoxFuture<'a, Result<Secret>> {
        Box::pin(async move { self.inner.token_of(&TokenSubject::Location(location.clone())).await })
    }

    fn renew<'a>(
        &'a self,
        location: &'a LocationId,
        rejected: &'a Secret,
    ) -> BoxFuture<'a, Result<Option<Secret>>> {
        let subject = TokenSubject::Location(location.clone());
        Box::pin(async move { self.inner.renewed(&subject, rejected).await.map(Some) })
    }
}
