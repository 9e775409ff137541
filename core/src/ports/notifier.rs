use std::time::Duration;

use super::{BoxFuture, Shared};
use crate::{
    error::Result,
    ids::{LocationId, OrderId},
};

/// Something the shop or its customer should hear about, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The location.
    pub location: LocationId,
    /// The order.
    pub order: OrderId,
    /// Its position in the event log: rising, unique, the same on a repeated telling.
    pub position: i64,
    /// What happened, e.g. `status_changed` or `sync_failed`.
    pub kind: String,
    /// JSON of the event.
    pub payload: String,
    /// When, in epoch milliseconds.
    pub at_ms: i64,
}

/// Tells the outside: e-mail, SSE, a monitor.
pub trait Notifier: Shared {
    /// Passes one notice on.
    ///
    /// # Errors
    /// Any error leaves the notice untold; it is offered again.
    fn notify<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<()>>;

    /// How long it may take over one notice; beyond that it is dropped, and the notice offered again.
    /// Default: 10 s.
    fn patience(&self) -> Duration {
        Duration::from_secs(10)
    }
}
