use crate::{
    error::Result,
    ids::LocationId,
    ports::{BoxFuture, Shared},
};

/// How far a walk over a location's lists at GHL has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkRow {
    /// One more with every change.
    pub version: i64,
    /// What is known, as the engine writes it.
    pub state: String,
}

/// Keeps where walks stand, so that another process goes on where one has ended. A row changes only by
/// compare-and-swap: of many processes one is on a walk.
pub trait WalkStore: Shared {
    /// The row of a location's walk of this name.
    ///
    /// # Errors
    /// `store`.
    fn walk<'a>(&'a self, location: &'a LocationId, name: &'a str) -> BoxFuture<'a, Result<Option<WalkRow>>>;

    /// Keeps the row if the one kept has version `expected`; for `None`, if there is none. `false` where it has another:
    /// nothing was written.
    ///
    /// # Errors
    /// `store`: nothing was written.
    fn swap_walk<'a>(
        &'a self,
        location: &'a LocationId,
        name: &'a str,
        expected: Option<i64>,
        row: WalkRow,
    ) -> BoxFuture<'a, Result<bool>>;
}
