use std::ops::RangeInclusive;

use crate::{
    error::Result,
    ids::{LocationId, OrderId},
    ports::{Bell, BoxFuture, Shared},
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

/// What was read at the end of the log, all as of one moment.
///
/// Where transactions run side by side, one that was given a position may be committed after one that was given a later position.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventTail {
    /// Events, in order.
    pub rows: Vec<EventRow>,
    /// All transactions with a lower number had ended: what they wrote was there to be read. 0 where one writes at a time.
    pub oldest: u64,
}

/// Which events of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFilter {
    /// Those after this position.
    pub after: i64,
    /// Those of this location; `None` for all.
    pub location: Option<LocationId>,
    /// Those of this order; `None` for all.
    pub order: Option<OrderId>,
    /// At most this many.
    pub limit: usize,
}

/// The log of what happened to orders, in order.
pub trait EventStore: Shared {
    /// Events after a position, in order.
    ///
    /// # Errors
    /// `store`.
    fn events(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>>;

    /// Events that match, in order.
    ///
    /// # Errors
    /// `store`.
    fn events_of(&self, filter: EventFilter) -> BoxFuture<'_, Result<Vec<EventRow>>>;

    /// The last position that was given out and committed; 0 for none.
    ///
    /// # Errors
    /// `store`.
    fn last_event(&self) -> BoxFuture<'_, Result<i64>>;

    /// Events after a position and those in the `holes` before it, in order.
    ///
    /// # Errors
    /// `store`.
    fn tail(
        &self,
        after: i64,
        holes: Vec<RangeInclusive<i64>>,
        limit: usize,
    ) -> BoxFuture<'_, Result<EventTail>>;

    /// A number above that of every transaction which writes now: what is missing now comes from one of those, or never. 0 where
    /// one writes at a time.
    ///
    /// # Errors
    /// `store`.
    fn horizon(&self) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async { Ok(0) })
    }

    /// Rings the bell whenever events may have come from other processes; does not end. By default nobody is heard: who waits
    /// looks by itself as well.
    fn hear_events<'a>(&'a self, _bell: &'a dyn Bell) -> BoxFuture<'a, ()> {
        Box::pin(std::future::pending())
    }

    /// Tells other processes that there are events, where they can be told.
    ///
    /// # Errors
    /// `store`.
    fn announce_events(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

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
