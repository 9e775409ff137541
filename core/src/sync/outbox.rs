//! Statuses that the shop changes by itself.

use super::engine::{Engine, SyncOutcome};
use crate::{
    error::Result,
    ids::{LocationId, OrderId},
};

impl Engine {
    /// Takes an order's status as it is in the shop's `orders` for the shop's change, after the shop has written it
    /// by itself: writes the intent down, then waits as [`Engine::create_order`] does. Where ghlkit knows the status
    /// already, because of the trigger or an earlier call, there is only the waiting. What the shop has written
    /// stands, even backward; a status that the model does not know ends as `dead`.
    ///
    /// # Errors
    /// Only when nothing was written: `order_not_found`; `store`.
    pub async fn status_changed(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
        wait_ms: Option<i64>,
    ) -> Result<SyncOutcome> {
        let location = self.core.config.location(location)?.id.clone();
        let job = self.core.store.status_changed(&location, order, self.core.clock.now_ms()).await?;
        self.settle(&location, order, job, wait_ms).await
    }

    /// From now on every change of a known order's status is pushed, whoever makes it: a trigger on the shop's
    /// `orders` writes the intent down in the transaction that changes the status. It stays until it is removed.
    /// Called again, it does nothing.
    ///
    /// # Errors
    /// `config` where the engine keeps its orders in memory; `store`.
    pub async fn install_status_trigger(&self) -> Result<()> {
        self.core.store.install_status_trigger().await
    }

    /// Removes the trigger. Called again, it does nothing.
    ///
    /// # Errors
    /// `store`.
    pub async fn remove_status_trigger(&self) -> Result<()> {
        self.core.store.remove_status_trigger().await
    }
}
