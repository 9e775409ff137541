use crate::{
    error::Result,
    ports::{BoxFuture, Shared},
};

/// What all processes know together of one schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRow {
    /// One more with every change.
    pub version: i64,
    /// The pattern that `next_at` was reckoned by.
    pub cron: String,
    /// Its time zone.
    pub time_zone: String,
    /// When it is due next.
    pub next_at: i64,
    /// The firing under way: since when it was due, and who has it.
    pub firing: Option<FiringRow>,
    /// When the last firing ended.
    pub ended_at: Option<i64>,
    /// Why it failed, if it did.
    pub error: Option<String>,
}

/// A firing under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiringRow {
    /// When it was due.
    pub due_at: i64,
    /// Who has it, by a random text.
    pub token: String,
    /// After this it is anybody's.
    pub until: i64,
}

/// Schedules that processes share. A row changes only by compare-and-swap.
pub trait ScheduleStore: Shared {
    /// The row of a schedule.
    ///
    /// # Errors
    /// `store`.
    fn schedule<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<ScheduleRow>>>;

    /// Keeps the row if the one kept has version `expected`; for `None`, if there is none. `false` where it has another:
    /// nothing was written.
    ///
    /// # Errors
    /// `store`: nothing was written.
    fn swap_schedule<'a>(
        &'a self,
        name: &'a str,
        expected: Option<i64>,
        row: ScheduleRow,
    ) -> BoxFuture<'a, Result<bool>>;
}
