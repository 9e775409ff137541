use serde_json::value::RawValue;

use super::{Run, function};
use crate::{
    error::Result,
    ops::table::ops,
    order::{Currency, Order, OrderData, OrderRules},
};

ops! {
    pub(super) const OPS: Run;

    /// The order as the engine would take it: trimmed, with a normalised identity and an exact total.
    "order.check" "function" {
        /// The order. What is wrong in it is named by its path, e.g. `customer.email`.
        #[cfg_attr(feature = "ts", ts(as = "OrderData"))]
        order: Box<RawValue>,
        /// The currency of a total that is a bare number, ISO 4217; without one such a total is refused.
        currency: Option<String>,
    } -> Order = function(|args| check(args.order.get(), args.currency.as_deref()));
}

fn check(order: &str, currency: Option<&str>) -> Result<Order> {
    let currency = currency.map(Currency::parse).transpose()?;
    OrderData::from_json(order, &OrderRules { currency })
}
