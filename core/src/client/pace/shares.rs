use std::{fmt, sync::Arc, time::Duration};

use crate::{
    error::{Code, Error, Result},
    ids::LocationId,
    policy::rate_limit::{Claim, Fleet, Grant, Limits},
    ports::{
        BoxFuture, Clock, Entropy, Shared,
        store::{LimitRow, LimitStore},
    },
};

/// So often a row is tried that others change at the same time.
const ATTEMPTS: u32 = 100;
/// The longest pause between two of these.
const PAUSE_MS: f64 = 10.0;

/// Gives this process its share of a location's limit.
pub trait Shares: Shared {
    /// Tells what is known of the share, and claims it for the next seconds.
    ///
    /// # Errors
    /// `store`: nothing is known to have changed.
    fn claim<'a>(&'a self, location: &'a LocationId, claim: &'a Claim) -> BoxFuture<'a, Result<Grant>>;
}

/// Shares kept in a store that all processes open.
pub struct StoredShares {
    store: Arc<dyn LimitStore>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    scope: String,
    limits: Limits,
    member: String,
}

impl fmt::Debug for StoredShares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredShares").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl StoredShares {
    /// Shares in the limits of an app, named by its id, or of private integrations, whose `scope` is empty. `limits` hold
    /// until a reply of GHL's has told others.
    pub fn new(
        store: Arc<dyn LimitStore>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        scope: impl Into<String>,
        limits: Limits,
    ) -> Self {
        let member = entropy.hex_id();
        Self { store, clock, entropy, scope: scope.into(), limits, member }
    }

    /// One attempt; nothing if others were faster.
    async fn attempt(&self, location: &LocationId, claim: &Claim) -> Result<Option<Grant>> {
        let (now, row) = self.store.limit_row(&self.scope, location, self.clock.now_ms()).await?;
        let (expected, mut fleet) = match row {
            Some(row) => {
                let fleet = serde_json::from_str(&row.state);
                // Whatever another version wrote ends by itself.
                (Some(row.version), fleet.unwrap_or_else(|_| Fleet::in_use(self.limits, now)))
            }
            None => (None, Fleet::new(self.limits)),
        };
        let grant = fleet.claim(now, &self.member, claim);
        let state = serde_json::to_string(&fleet)
            .map_err(|error| Error::new(Code::Store, format!("limits of {location}: {error}")))?;
        let row = LimitRow { version: expected.unwrap_or_default().saturating_add(1), state };
        let swapped = self.store.swap_limit(&self.scope, location, expected, row).await?;
        Ok(swapped.then_some(grant))
    }
}

impl Shares for StoredShares {
    fn claim<'a>(&'a self, location: &'a LocationId, claim: &'a Claim) -> BoxFuture<'a, Result<Grant>> {
        Box::pin(async move {
            for _ in 0..ATTEMPTS {
                if let Some(grant) = self.attempt(location, claim).await? {
                    return Ok(grant);
                }
                self.clock.sleep(Duration::from_secs_f64(self.entropy.unit() * PAUSE_MS / 1000.0)).await;
            }
            Err(Error::new(
                Code::Store,
                format!("limits of {location}: too many processes change them at once"),
            ))
        })
    }
}
