//! Walks that begin by themselves.

use std::time::Duration;

use crate::{error::Result, ids::LocationId, sync::core::Core};

use super::{claim::Claimed, walk::Kind};

/// How often it is looked whether a walk is due, or was left on the way by another process.
const LOOK_AGAIN_MS: i64 = 60_000;

/// How often it is looked whether another's walk has ended.
#[cfg(feature = "realtime")]
const ANOTHERS_MS: u64 = 1_000;

impl Core {
    /// Reconciles every location each `reconcile_every_ms`, in whichever process comes first. Without end; dropped, the
    /// walk goes on in the next process that looks.
    pub(crate) async fn reconcile_on_schedule(&self) {
        let every = self.config.sync.reconcile_every_ms;
        if every == 0 {
            return std::future::pending().await;
        }
        loop {
            for location in &self.config.locations {
                if let Err(error) = self.reconcile_if_due(&location.id, every).await {
                    tracing::warn!(location = %location.id, code = %error.code(), %error, "could not reconcile; trying again later");
                }
            }
            self.clock.sleep(Duration::from_millis(every.min(LOOK_AGAIN_MS).unsigned_abs())).await;
        }
    }

    /// Resolves once all that GHL lists was seen by a walk that began at `since` or later, whoever made it.
    #[cfg(feature = "realtime")]
    pub(crate) async fn reconcile_since(&self, location: &LocationId, since: i64) -> Result<()> {
        while !Claimed::has_ended(self, location, Kind::Repair, since).await? {
            if self.is_stopping() {
                // Nothing more is asked; the host may let work go on.
                self.clock.sleep(Duration::from_millis(ANOTHERS_MS)).await;
                continue;
            }
            match Claimed::take_if(self, location, Kind::Repair, |_| true).await? {
                // It may be one that was left on the way, from before.
                Some(claimed) => drop(self.walk(claimed, i64::MAX).await?),
                None => self.clock.sleep(Duration::from_millis(ANOTHERS_MS)).await,
            }
        }
        Ok(())
    }

    async fn reconcile_if_due(&self, location: &LocationId, every: i64) -> Result<()> {
        if self.is_stopping() {
            return Ok(());
        }
        let due = |begun: i64| begun.saturating_add(every) <= self.clock.now_ms();
        let claimed =
            Claimed::take_if(self, location, Kind::Repair, |walk| walk.place.is_some() || due(walk.begun));
        match claimed.await? {
            Some(claimed) => self.walk(claimed, i64::MAX).await.map(|_| ()),
            None => Ok(()),
        }
    }
}
