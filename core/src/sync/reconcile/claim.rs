//! Of all who could be on a walk, one is: by a claim in the walk's own row, which is kept for as long as it goes on.

use crate::{
    error::{Code, Error, Result},
    ids::LocationId,
    ports::store::StateRow,
    sync::core::{Core, lock},
};

use super::walk::{Claim, Kind, Walk};

/// A walk that stood still for this long begins anew: what it saw is too old.
const STALE_MS: i64 = 24 * 3_600_000;

/// A walk that this call is on.
pub(super) struct Claimed<'a> {
    pub(super) location: &'a LocationId,
    pub(super) kind: Kind,
    pub(super) walk: Walk,
    core: &'a Core,
    version: i64,
    _walking: Walking<'a>,
}

impl<'a> Claimed<'a> {
    /// Takes the walk of this kind, which goes on from where it stands.
    ///
    /// # Errors
    /// `conflict` while somebody else is on it; `store`.
    pub(super) async fn take(core: &'a Core, location: &'a LocationId, kind: Kind) -> Result<Self> {
        match Self::take_if(core, location, kind, |_| true).await? {
            Some(claimed) => Ok(claimed),
            None => Err(Error::new(
                Code::Conflict,
                format!("another call reconciles {location}; call again once it has ended"),
            )),
        }
    }

    /// The same for a walk that is wanted as it stands; `None` where it is not, or somebody else is on it.
    pub(super) async fn take_if(
        core: &'a Core,
        location: &'a LocationId,
        kind: Kind,
        wanted: impl Fn(&Walk) -> bool,
    ) -> Result<Option<Self>> {
        let Some(walking) = Walking::begin(core, location, kind) else { return Ok(None) };
        let row = core.store.state(kind.as_str(), location.as_str()).await?;
        let version = row.as_ref().map(|row| row.version);
        let walk: Walk = row.and_then(|row| serde_json::from_str(&row.state).ok()).unwrap_or_default();
        let now = core.clock.now_ms();
        // One of this worker's own was given up on the way: nobody here is on it.
        let taken = walk.claim.as_ref().is_some_and(|claim| claim.until > now && claim.by != core.worker);
        if taken || !wanted(&walk) {
            return Ok(None);
        }
        let stale = walk.at.saturating_add(STALE_MS) <= now;
        let walk = if walk.place.is_none() || stale { Walk::begin(now) } else { walk };
        let mut claimed =
            Self { location, kind, walk, core, version: version.unwrap_or(0), _walking: walking };
        Ok(claimed.swap(version, true).await?.then_some(claimed))
    }

    /// Whether a walk of this kind that began then or later has seen all.
    #[cfg(feature = "realtime")]
    pub(super) async fn has_ended(
        core: &Core,
        location: &LocationId,
        kind: Kind,
        since: i64,
    ) -> Result<bool> {
        let row = core.store.state(kind.as_str(), location.as_str()).await?;
        let walk: Option<Walk> = row.and_then(|row| serde_json::from_str(&row.state).ok());
        Ok(walk.is_some_and(|walk| walk.place.is_none() && !walk.failed && walk.begun >= since))
    }

    /// Writes down where the walk stands; `false` where somebody else has taken it over.
    pub(super) async fn keep(&mut self) -> Result<bool> {
        self.walk.at = self.core.clock.now_ms();
        self.swap(Some(self.version), self.walk.place.is_some()).await
    }

    /// Lets others have the walk. After an error that waiting does not mend it begins anew: GHL may know the place no
    /// more.
    pub(super) async fn release(mut self, error: Option<&Error>) -> Result<()> {
        if self.walk.claim.is_none() {
            return Ok(());
        }
        match error {
            Some(error) if !error.retryable() => self.walk.fail(),
            _ => {}
        }
        let released = self.swap(Some(self.version), false).await;
        match error {
            // That one is told; the claim ends by itself.
            Some(_) => Ok(()),
            None => released.map(|_| ()),
        }
    }

    async fn swap(&mut self, expected: Option<i64>, claim: bool) -> Result<bool> {
        let core = self.core;
        let until = core.clock.now_ms().saturating_add(core.config.sync.lease_ms);
        self.walk.claim = claim.then(|| Claim { by: core.worker.clone(), until });
        let state = serde_json::to_string(&self.walk).map_err(|error| {
            Error::new(Code::Store, "a walk could not be written as JSON").with_source(error)
        })?;
        let row = StateRow { version: self.version + 1, state };
        let kept = core.store.swap_state(self.kind.as_str(), self.location.as_str(), expected, row).await?;
        if kept {
            self.version += 1;
        } else {
            // It is not ours to release.
            self.walk.claim = None;
        }
        Ok(kept)
    }
}

/// Marks a walk that a call of this process is on, until it is dropped.
struct Walking<'a> {
    core: &'a Core,
    key: (LocationId, Kind),
}

impl<'a> Walking<'a> {
    fn begin(core: &'a Core, location: &LocationId, kind: Kind) -> Option<Self> {
        let key = (location.clone(), kind);
        lock(&core.walking).insert(key.clone()).then_some(Self { core, key })
    }
}

impl Drop for Walking<'_> {
    fn drop(&mut self) {
        lock(&self.core.walking).remove(&self.key);
    }
}
