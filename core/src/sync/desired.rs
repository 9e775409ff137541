//! What GHL should show for an order and for the customer behind it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    error::Result,
    ids::StageId,
    order::{Order, OrderData, OrderRules, Outcome, Status, StatusModel, overall_progress},
    ports::{iso, store::OrderRow},
};

use super::context::Context;

/// The custom fields of a contact that are ours.
pub(crate) mod field {
    pub(crate) const ORDER_NUMBER: &str = "order_number";
    pub(crate) const ORDER_TOTAL: &str = "order_total";
    pub(crate) const SAUNA_MODEL: &str = "sauna_model";
    pub(crate) const ORDER_STATUS: &str = "order_status";
    pub(crate) const LAST_UPDATED: &str = "last_updated";
    pub(crate) const PROGRESS: &str = "progress_percentage";
    pub(crate) const MANUFACTURING: &str = "manufacturing_progress";
    /// Of the opportunity.
    pub(crate) const STRIPE_PAYMENT_ID: &str = "stripe_payment_id";
    /// Of the opportunity.
    pub(crate) const DELIVERY_ADDRESS: &str = "delivery_address";

    /// Key, name and data type of a field, as `provision` creates it.
    pub(crate) type Spec = (&'static str, &'static str, &'static str);

    /// Every field of the contact.
    pub(crate) const CONTACT: [Spec; 7] = [
        (ORDER_NUMBER, "Order Number", "TEXT"),
        (ORDER_TOTAL, "Order Total", "TEXT"),
        (SAUNA_MODEL, "Sauna Model", "TEXT"),
        (ORDER_STATUS, "Order Status", "TEXT"),
        (LAST_UPDATED, "Last Updated", "TEXT"),
        (PROGRESS, "Progress Percentage", "NUMERICAL"),
        (MANUFACTURING, "Manufacturing Progress", "NUMERICAL"),
    ];
    /// Every field of the opportunity.
    pub(crate) const OPPORTUNITY: [Spec; 2] =
        [(STRIPE_PAYMENT_ID, "Stripe Payment Id", "TEXT"), (DELIVERY_ADDRESS, "Delivery Address", "TEXT")];
}

/// The opportunity's stage and status for an order's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DesiredOpportunity {
    /// `None`: it stays where it is.
    pub(crate) stage: Option<StageId>,
    /// `None`: it stays what it is.
    pub(crate) status: Option<&'static str>,
}

/// The opportunity for this status. It is opened again only where we closed it: a human's won, lost or
/// abandoned is theirs.
pub(crate) fn opportunity(context: &Context, status: &Status, closed_by_us: bool) -> DesiredOpportunity {
    DesiredOpportunity {
        stage: context.stages.stage_of(status).cloned(),
        status: opportunity_status(&context.model, status, closed_by_us),
    }
}

/// The opportunity's own status, where it is ours to set.
pub(crate) fn opportunity_status(
    model: &StatusModel,
    status: &Status,
    closed_by_us: bool,
) -> Option<&'static str> {
    let ghl = model.outcome(status).as_ghl();
    ghl.filter(|_| model.outcome(status) != Outcome::Open || closed_by_us)
}

/// The stage a new opportunity starts in: that of its status, or of the nearest earlier one that has one.
pub(crate) fn first_stage(context: &Context, status: &Status) -> Option<StageId> {
    let place = context.model.place(status)?;
    context.model.path().take(place + 1).filter_map(|status| context.stages.stage_of(status)).last().cloned()
}

/// Whether an order counts: on the path, and not detached.
pub(crate) fn is_open(context: &Context, order: &OrderRow) -> bool {
    !order.detached && context.model.status(&order.status).is_ok_and(|status| context.model.is_open(&status))
}

/// The order that the contact's fields speak of: the open one whose change was committed last, or the
/// last of all where none is open.
pub(crate) fn owner<'a>(context: &Context, orders: &[&'a OrderRow]) -> Option<&'a OrderRow> {
    orders.iter().copied().max_by_key(|order| (is_open(context, order), order.commit_seq))
}

/// The order as it was given.
pub(crate) fn snapshot(order: &OrderRow) -> Result<Order> {
    OrderData::from_json(&order.snapshot, &OrderRules::default())
}

/// Our fields on the contact, for the order that owns them. Progress is left out while it is frozen, and
/// so is every field the location does not have.
pub(crate) fn contact_fields(context: &Context, owner: &OrderRow) -> Result<BTreeMap<String, String>> {
    let status = context.model.status(&owner.status)?;
    let order = snapshot(owner)?;
    let manufacturing = owner.manufacturing_progress.and_then(|p| u8::try_from(p).ok());
    let mut fields = status_fields(&context.model, &status, manufacturing, owner.changed_at);
    fields.insert(field::ORDER_NUMBER.to_owned(), owner.number.clone());
    fields.insert(field::ORDER_TOTAL.to_owned(), order.total.to_decimal());
    fields.insert(field::SAUNA_MODEL.to_owned(), order.product.name);
    Ok(context.fields.of_contact(fields))
}

/// The contact's fields that follow the status. Progress is left out while it is frozen.
pub(crate) fn status_fields(
    model: &StatusModel,
    status: &Status,
    manufacturing: Option<u8>,
    at: i64,
) -> BTreeMap<String, String> {
    let progress = model.is_open(status).then(|| overall_progress(model, status, manufacturing, None));
    let fields = [
        (field::ORDER_STATUS, Some(status.to_string())),
        (field::LAST_UPDATED, Some(iso(at))),
        (field::PROGRESS, progress.map(|percent| percent.to_string())),
        (field::MANUFACTURING, manufacturing.map(|percent| percent.to_string())),
    ];
    let mut written = BTreeMap::new();
    written.extend(fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    written
}

/// Our tags on the contact: one for each open order.
pub(crate) fn tags(context: &Context, orders: &[&OrderRow]) -> BTreeSet<String> {
    orders
        .iter()
        .filter(|order| is_open(context, order))
        .filter_map(|order| context.model.status(&order.status).ok())
        .map(|status| context.model.tag(&status))
        .collect()
}
