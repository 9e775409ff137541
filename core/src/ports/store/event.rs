use crate::{
    error::Result,
    ids::{LocationId, OrderId},
    ports::{BoxFuture, Shared},
};

/// An event to append, in the same transaction as what it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// What happened, e.g. `status_changed`.
    pub kind: String,
    /// Unique per order: a second event with the same key is dropped, so a repeated pass tells nothing twice.
    pub key: String,
    /// JSON.
    pub payload: String,
}

/// An event of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its place: rising and unique.
    pub position: i64,
    /// The location.
    pub location: LocationId,
    /// The order.
    pub order: OrderId,
    /// What happened.
    pub kind: String,
    /// Unique per order.
    pub key: String,
    /// JSON.
    pub payload: String,
    /// When it was written.
    pub at: i64,
    /// Whether a notifier has claimed it.
    pub told: bool,
}

/// The log of what happened to orders, in order.
pub trait EventStore: Shared {
    /// Events after a position, in order.
    ///
    /// # Errors
    /// `store`.
    fn events(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>>;

    /// Claims untold events, oldest first: each is handed to one caller only, so none is told twice.
    ///
    /// # Errors
    /// `store`.
    fn claim_events(&self, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>>;

    /// Gives a claimed event back, because telling it failed.
    ///
    /// # Errors
    /// `store`.
    fn release_event(&self, position: i64) -> BoxFuture<'_, Result<()>>;
}
