use crate::{
    error::Result,
    ids::LocationId,
    ports::{BoxFuture, Shared},
};

/// What all processes know together of one location's limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRow {
    /// One more with every change.
    pub version: i64,
    /// What is known, as [`Fleet`](crate::policy::rate_limit::Fleet) writes it.
    pub state: String,
}

/// Keeps the limits that processes share. A row changes only by compare-and-swap; it is of use for minutes, so it may be
/// lost, but not be torn.
pub trait LimitStore: Shared {
    /// The row of a location, and the time as the store has it: its own clock where it has one, else `now`. `scope` names
    /// whose limit it is: an app's, or that of private integrations.
    ///
    /// # Errors
    /// `store`.
    fn limit_row<'a>(
        &'a self,
        scope: &'a str,
        location: &'a LocationId,
        now: i64,
    ) -> BoxFuture<'a, Result<(i64, Option<LimitRow>)>>;

    /// Keeps the row if the one kept has version `expected`; for `None`, if there is none. `false` where it has another:
    /// nothing was written.
    ///
    /// # Errors
    /// `store`: nothing was written.
    fn swap_limit<'a>(
        &'a self,
        scope: &'a str,
        location: &'a LocationId,
        expected: Option<i64>,
        row: LimitRow,
    ) -> BoxFuture<'a, Result<bool>>;
}
