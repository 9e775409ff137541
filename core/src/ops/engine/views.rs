//! Rows of the store as a shop sees them: without leases, snapshots and what only the engine needs.

use serde::Serialize;

use crate::{
    error::{Code, Error},
    ids::{ContactId, JobId, LocationId, OpportunityId, OrderId},
    order::{StatusModel, overall_progress},
    ports::store::{DeliveryRow, DeliveryState, InboxRow, JobRow, JobState, OrderRow, Side},
    webhook,
};

/// An order, and how far GHL has it. Times are epoch milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub(super) struct TrackedOrder {
    /// The id of the shop's `orders` row.
    id: OrderId,
    /// Its location.
    location_id: LocationId,
    /// The number customers know.
    order_number: String,
    /// Its status.
    status: String,
    /// Overall progress in percent; absent beside the path, where it is frozen.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<u8>,
    /// Manufacturing progress in percent, where the shop told one.
    #[serde(skip_serializing_if = "Option::is_none")]
    manufacturing_progress: Option<i64>,
    /// The contact, once known.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_id: Option<ContactId>,
    /// The opportunity, once known.
    #[serde(skip_serializing_if = "Option::is_none")]
    opportunity_id: Option<OpportunityId>,
    /// Rises with every change of status from either side.
    version: i64,
    /// The version that GHL has acknowledged; less than `version` while a change is under way.
    synced_version: i64,
    /// When the status last changed: by the shop's clock if `shop` changed it, by GHL's if `ghl` did.
    updated_at: i64,
    /// Who changed it.
    updated_by: Side,
    /// The opportunity was deleted in GHL: nothing is pushed any more.
    detached: bool,
}

impl TrackedOrder {
    pub(super) fn new(row: OrderRow, model: &StatusModel) -> Self {
        let manufacturing = row.manufacturing_progress.and_then(|percent| u8::try_from(percent).ok());
        let status = model.status(&row.status).ok().filter(|status| model.is_open(status));
        Self {
            progress: status.map(|status| overall_progress(model, &status, manufacturing, None)),
            id: row.id,
            location_id: row.location,
            order_number: row.number,
            status: row.status,
            manufacturing_progress: row.manufacturing_progress,
            contact_id: row.contact,
            opportunity_id: row.opportunity,
            version: row.version,
            synced_version: row.pushed_version,
            updated_at: row.changed_at,
            updated_by: row.changed_by,
            detached: row.detached,
        }
    }
}

/// The sync job of an order. Times are epoch milliseconds.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub(super) struct Job {
    /// Its id.
    id: JobId,
    /// The order's location.
    location_id: LocationId,
    /// The order.
    order_id: OrderId,
    /// Where it stands.
    state: JobState,
    /// When it is due, if it waits; while it is leased, when another worker may take it.
    due_at: i64,
    /// Failures since the last success or change.
    failures: i64,
    /// When the first of them happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_failed_at: Option<i64>,
    /// The last failure.
    #[cfg_attr(feature = "ts", ts(as = "Option<crate::error::ErrorJson<'static>>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        let code = row.error_code.as_deref().and_then(Code::parse);
        let message = row.error_message.unwrap_or_default();
        Self {
            id: row.id,
            location_id: row.location,
            order_id: row.order,
            state: row.state,
            due_at: row.due_at,
            failures: row.failures,
            first_failed_at: row.first_failed_at,
            error: code.map(|code| Error::new(code, message)),
        }
    }
}

/// A message on its channel. Times are epoch milliseconds.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub(super) struct MessageDelivery {
    /// Its id, which is also that of what is sent.
    id: i64,
    /// The order's location.
    location_id: LocationId,
    /// The order.
    order_id: OrderId,
    /// `email`, `sms`, `smtp`, `hook`, `webhook` or `pusher`.
    channel: String,
    /// What is told, e.g. `status.shipped`; on the channel `webhook` the type of event.
    message: String,
    /// Where it stands.
    state: DeliveryState,
    /// When it is due, if it waits; while it is leased, when another worker may take it; afterwards, when it ended.
    due_at: i64,
    /// Failures since it was made or replayed.
    failures: i64,
    /// What the channel calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// Why it was skipped: `do_not_disturb`, `no_address`, `no_contact`, `contact_gone`, `order_gone` or `off`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The last failure.
    #[cfg_attr(feature = "ts", ts(as = "Option<crate::error::ErrorJson<'static>>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
}

impl From<DeliveryRow> for MessageDelivery {
    fn from(row: DeliveryRow) -> Self {
        let code = row.error_code.as_deref().and_then(Code::parse);
        let message = row.error_message.unwrap_or_default();
        Self {
            id: row.id,
            location_id: row.location,
            order_id: row.order,
            channel: row.channel,
            message: row.message,
            due_at: row.due_at,
            failures: row.failures,
            reference: row.reference,
            reason: row.error_code.filter(|_| row.state == DeliveryState::Skipped),
            error: code.map(|code| Error::new(code, message)),
            state: row.state,
        }
    }
}

/// A received event that belongs to no known order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub(super) struct UnresolvedEvent {
    /// Its id.
    id: i64,
    /// The location it was received for.
    location_id: LocationId,
    /// Its type, e.g. `OpportunityStageUpdate`.
    #[serde(rename = "type")]
    event_type: String,
    /// The contact it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_id: Option<ContactId>,
    /// The opportunity it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    opportunity_id: Option<OpportunityId>,
    /// When it was received, in epoch milliseconds.
    received_at: i64,
    /// Why it belongs to no order.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<InboxRow> for UnresolvedEvent {
    fn from(row: InboxRow) -> Self {
        let (contact_id, opportunity_id) =
            webhook::parse(&row.raw).map(|event| event.body.names()).unwrap_or_default();
        Self {
            id: row.id,
            location_id: row.location,
            event_type: row.event_type,
            contact_id,
            opportunity_id,
            received_at: row.received_at,
            reason: row.reason,
        }
    }
}
