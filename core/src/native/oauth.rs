use std::sync::Arc;

use tokio::runtime::Handle;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
use super::{Database, DatabaseOptions};
use super::{HyperTransport, OsEntropy, SystemClock};
use crate::{
    config::OAuthSettings,
    error::{Code, Error, Result},
    ids::LocationId,
    oauth::{Cached, OAuthPorts, OAuthTokens},
    ports::{BoxFuture, TokenSource, store::TokenStore},
    secret::Secret,
};

/// The tokens of an app in a server process: HTTP over reqwest, the system's clock and randomness.
///
/// # Errors
/// `config`.
pub fn oauth_tokens(settings: OAuthSettings, store: Arc<dyn TokenStore>) -> Result<OAuthTokens> {
    let ports = OAuthPorts {
        transport: Arc::new(HyperTransport::new()?),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
        store,
    };
    OAuthTokens::new(settings.app, settings.keys, ports)
}

/// The tokens of an app in a server process, renewed in the background and kept in the database that the
/// settings name, which is migrated as needed; and the store, to be closed at the end.
///
/// # Errors
/// `config`; `store` when the database cannot be opened.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub async fn open_oauth(settings: OAuthSettings) -> Result<(BackgroundTokens, Database)> {
    let database = Database::open(&settings.database_url, DatabaseOptions::default()).await?;
    let tokens = oauth_tokens(settings, database.tokens())?;
    Ok((BackgroundTokens::new(tokens), database))
}

/// An app's tokens, renewed in tasks of their own on the Tokio runtime: a call whose token still holds does not
/// wait for the next one, and a call that is cancelled does not take a renewal with it that has used up the
/// refresh token.
#[derive(Debug, Clone)]
pub struct BackgroundTokens(OAuthTokens);

impl BackgroundTokens {
    /// Renews these in the background.
    pub fn new(tokens: OAuthTokens) -> Self {
        Self(tokens)
    }

    /// What is renewed.
    pub fn tokens(&self) -> &OAuthTokens {
        &self.0
    }
}

impl TokenSource for BackgroundTokens {
    fn token<'a>(&'a self, location: &'a LocationId) -> BoxFuture<'a, Result<Secret>> {
        Box::pin(async move {
            let (tokens, at) = (self.0.clone(), location.clone());
            let token = async move { tokens.token(&at).await };
            match self.0.cached(location) {
                Cached::Fresh(token) => Ok(token),
                Cached::Due(held) => match Handle::try_current() {
                    Ok(runtime) => {
                        runtime.spawn(token);
                        Ok(held)
                    }
                    Err(_) => token.await,
                },
                Cached::Absent => in_background(token).await,
            }
        })
    }

    fn renew<'a>(
        &'a self,
        location: &'a LocationId,
        rejected: &'a Secret,
    ) -> BoxFuture<'a, Result<Option<Secret>>> {
        let (tokens, location, rejected) = (self.0.clone(), location.clone(), rejected.clone());
        Box::pin(in_background(async move { tokens.renew(&location, &rejected).await }))
    }
}

/// Runs it to its end even if nobody waits any more; without a runtime, only as long as somebody does.
async fn in_background<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    match Handle::try_current() {
        Ok(runtime) => runtime.spawn(work).await.unwrap_or_else(|_| {
            Err(Error::new(Code::Aborted, "the process ended while the token was being renewed"))
        }),
        Err(_) => work.await,
    }
}
