use std::time::Duration;

use super::{BoxFuture, Shared};
use crate::{error::Result, ids::OrderId};

/// Where the shop's manufacturing progress comes from: a production system, a spreadsheet, a person.
pub trait ManufacturingSource: Shared {
    /// How far an order is, in percent, 0 to 100; `None` where nothing is known of it.
    ///
    /// # Errors
    /// Any error concerns this order alone; the others are asked all the same.
    fn progress<'a>(&'a self, order: &'a OrderId) -> BoxFuture<'a, Result<Option<u8>>>;

    /// How long it may take over one order; beyond that the order fails with `timeout`. Default: 10 s.
    fn patience(&self) -> Duration {
        Duration::from_secs(10)
    }
}
