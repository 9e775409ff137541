use crate::{
    error::Result,
    ids::{JobId, LocationId, OrderId},
    ports::{BoxFuture, Shared},
};

/// Changes of `orders.status` that the shop makes by itself.
pub trait OutboxStore: Shared {
    /// From now on every change of the status of a known order is what [`super::OrderStore::set_status`] would have
    /// made of it, in the transaction of whoever makes it. Again, it does nothing.
    ///
    /// # Errors
    /// `config` where there is no database; `store`.
    fn install_status_trigger(&self) -> BoxFuture<'_, Result<()>>;

    /// Ends that. Again, it does nothing.
    ///
    /// # Errors
    /// `store`.
    fn remove_status_trigger(&self) -> BoxFuture<'_, Result<()>>;

    /// Takes the order's status as it is for the shop's change, if it is another than ghlkit knows of: bumps `version`
    /// and `commit_seq`, appends the event, and makes the job due now with a fresh schedule. Resolves to the job.
    ///
    /// # Errors
    /// `order_not_found`; `store`.
    fn status_changed<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
        now: i64,
    ) -> BoxFuture<'a, Result<JobId>>;
}
