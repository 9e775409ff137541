use super::{BoxFuture, Shared};
use crate::{error::Result, ids::LocationId, secret::Secret};

/// Supplies the bearer token of a location.
pub trait TokenSource: Shared {
    /// The token to use now.
    ///
    /// # Errors
    /// `config` when the location has none; `reauthorize` when the app is not installed there, or its token
    /// cannot be renewed; what obtaining one may answer. Of the call itself, nothing was sent.
    fn token<'a>(&'a self, location: &'a LocationId) -> BoxFuture<'a, Result<Secret>>;

    /// GHL refused `rejected` as expired or invalid: supplies another, or `None` where there is none
    /// (a Private Integration Token is static).
    ///
    /// # Errors
    /// As [`TokenSource::token`].
    fn renew<'a>(
        &'a self,
        location: &'a LocationId,
        rejected: &'a Secret,
    ) -> BoxFuture<'a, Result<Option<Secret>>>;
}
