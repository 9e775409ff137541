use crate::{
    error::Result,
    ports::{BoxFuture, Shared},
};

use super::Inspection;

/// What processes know together of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    /// One more with every change.
    pub version: i64,
    /// What is known, as the engine writes it.
    pub state: String,
}

/// Keeps what processes know together: how far a reconciliation has come, when a schedule is due. A row changes only by
/// compare-and-swap, so of many who have read it one takes the next step.
pub trait StateStore: Shared {
    /// The row of a thing, by its kind and name.
    ///
    /// # Errors
    /// `store`.
    fn state<'a>(&'a self, kind: &'a str, name: &'a str) -> BoxFuture<'a, Result<Option<StateRow>>>;

    /// Keeps the row if the one kept has version `expected`; for `None`, if there is none. `false` where it has another:
    /// nothing was written.
    ///
    /// # Errors
    /// `store`: nothing was written.
    fn swap_state<'a>(
        &'a self,
        kind: &'a str,
        name: &'a str,
        expected: Option<i64>,
        row: StateRow,
    ) -> BoxFuture<'a, Result<bool>>;

    /// What the store itself is like. Nothing is written. Default: a store that has nothing to migrate and refuses nothing.
    ///
    /// # Errors
    /// `store`: it does not work.
    fn inspect(&self) -> BoxFuture<'_, Result<Inspection>> {
        Box::pin(std::future::ready(Ok(Inspection::default())))
    }
}
