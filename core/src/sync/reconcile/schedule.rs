//! Walks that begin by themselves.

use std::time::Duration;

use crate::{error::Result, ids::LocationId, sync::core::Core};

use super::{claim::Claimed, walk::Kind};

/// How often it is looked whether a walk is due, or was left on the way by another process.
const LOOK_AGAIN_MS: i64 = 60_000;

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
                    tracing::warn!(location = %location.id, %error, "could not reconcile; trying again later");
                }
            }
            self.clock.sleep(Duration::from_millis(every.min(LOOK_AGAIN_MS).unsigned_abs())).await;
        }
    }

    async fn reconcile_if_due(&self, location: &LocationId, every: i64) -> Result<()> {
        let due = |begun: i64| begun.saturating_add(every) <= self.clock.now_ms();
        let claimed =
            Claimed::take_if(self, location, Kind::Repair, |walk| walk.place.is_some() || due(walk.begun));
        match claimed.await? {
            Some(claimed) => self.walk(claimed, i64::MAX).await.map(|_| ()),
            None => Ok(()),
        }
    }
}
