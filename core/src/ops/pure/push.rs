use serde::Serialize;

use super::{Run, function, status::model};
use crate::{
    ops::table::ops,
    order::ModelSpec,
    sync::push::{PushChange, PushCommand, PushOrder, plan},
};

ops! {
    pub(super) const OPS: Run;

    /// What GHL has to be told of a change of an order, in order: what `orders.push` would do.
    "orders.plan" "function" {
        /// What the shop knows of the order.
        order: PushOrder,
        /// What happened to it.
        change: PushChange,
        /// The shop's own model; default the built-in one.
        model: Option<ModelSpec>,
    } -> PushPlan = function(|args| {
        Ok(PushPlan { commands: plan(&model(args.model)?, &args.order, &args.change)? })
    });
}

/// What GHL has to be told.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
struct PushPlan {
    /// The writes, in order; none where nothing changed.
    commands: Vec<PushCommand>,
}
