//! What is told of an order: events for the log, and lines for `crm_sync_log`.

use serde_json::{Value, json};

use crate::{
    error::Error,
    ids::ContactId,
    install::rendered,
    order::{Status, StatusModel, overall_progress},
    ports::{
        iso,
        store::{BookingRow, BookingState, EventRow, JobRow, NewEvent, OrderRow},
    },
    store::rules,
};

use super::call::{Answer, Call, SeenOpportunity};

/// The kinds of event in the log.
pub mod kind {
    /// The order's status changed, by either side.
    pub const STATUS_CHANGED: &str = crate::store::rules::STATUS_CHANGED;
    /// The order's manufacturing progress changed.
    pub const PROGRESS_CHANGED: &str = "progress_changed";
    /// The manufacturing progress reached 25, 50, 75 or 100 percent; once each.
    pub const MILESTONE: &str = "milestone";
    /// A job was given up; once for each time.
    pub const SYNC_FAILED: &str = "sync_failed";
    /// An edit in GHL lost against a change by the shop.
    pub const EDIT_LOST: &str = "edit_lost";
    /// A change by the shop lost against an edit in GHL.
    pub const CHANGE_LOST: &str = "change_lost";
    /// The opportunity was moved to a stage or pipeline without a status.
    pub const STAGE_UNMAPPED: &str = "stage_unmapped";
    /// The contact's `order_status` was set to something that is no status on the path.
    pub const FIELD_UNMAPPED: &str = "field_unmapped";
    /// Someone set the opportunity to won, lost or abandoned, or opened it again.
    pub const OPPORTUNITY_STATUS: &str = "opportunity_status";
    /// The opportunity was deleted in GHL.
    pub const DETACHED: &str = "detached";
    /// The order's installation has its appointment in GHL.
    pub const INSTALLATION_SCHEDULED: &str = "installation_scheduled";
    /// The installation takes place at another time, or by another installer: by the shop, or by a human in GHL.
    pub const INSTALLATION_RESCHEDULED: &str = "installation_rescheduled";
    /// The installation is cancelled: by the shop, by a human in GHL, or because the order left the path.
    pub const INSTALLATION_CANCELLED: &str = "installation_cancelled";
    /// A booking or a move that was taken in came to nothing in GHL: for the shop to look at.
    pub const INSTALLATION_FAILED: &str = "installation_failed";
    /// E-mail and phone of the order belong to two contacts.
    pub const TWO_CONTACTS: &str = "two_contacts";
}

fn event(kind: &str, key: String, payload: Value) -> NewEvent {
    NewEvent { kind: kind.to_owned(), key, payload: payload.to_string() }
}

/// The order has a new status, already in the row; `before` is `None` for a new order. `now` is when the
/// change was made known, in our clock.
pub(crate) fn status_changed(
    model: &StatusModel,
    order: &OrderRow,
    before: Option<&Status>,
    now: i64,
) -> NewEvent {
    let mut event = rules::status_changed(order, before.map(Status::as_str), now);
    let manufacturing = order.manufacturing_progress.and_then(|percent| u8::try_from(percent).ok());
    event.payload = with_progress(model, event.payload, manufacturing);
    event
}

/// The order has a new manufacturing progress, already in the row.
pub(crate) fn progress_changed(model: &StatusModel, order: &OrderRow, now: i64) -> NewEvent {
    let percent = order.manufacturing_progress.and_then(|percent| u8::try_from(percent).ok());
    let payload = json!({
        "type": "PROGRESS_UPDATE",
        "orderId": order.id,
        "status": order.status,
        "manufacturingProgress": percent,
        "timestamp": iso(now),
    });
    let key = format!("progress:{}:{now}", percent.unwrap_or_default());
    progress_event(model, kind::PROGRESS_CHANGED, key, payload, percent)
}

/// The order's manufacturing has come to a milestone.
pub(crate) fn milestone(model: &StatusModel, order: &OrderRow, percent: u8, now: i64) -> NewEvent {
    let payload = json!({
        "type": "MILESTONE",
        "orderId": order.id,
        "status": order.status,
        "milestone": percent,
        "timestamp": iso(now),
    });
    // The progress is the order's, which may be further: who shows it goes never back.
    let reached = order.manufacturing_progress.and_then(|percent| u8::try_from(percent).ok());
    progress_event(model, kind::MILESTONE, format!("milestone:{percent}"), payload, reached)
}

fn progress_event(
    model: &StatusModel,
    kind: &str,
    key: String,
    payload: Value,
    manufacturing: Option<u8>,
) -> NewEvent {
    let payload = with_progress(model, payload.to_string(), manufacturing);
    NewEvent { kind: kind.to_owned(), key, payload }
}

/// The payload of an event as it is told. A change that the shop made by itself was written down without the model.
pub(crate) fn told(model: &StatusModel, event: &mut EventRow) {
    if event.kind == kind::STATUS_CHANGED {
        let payload = std::mem::take(&mut event.payload);
        event.payload = with_progress(model, payload, None);
    }
}

/// Whether it is about the order, and not about how it is kept in step.
pub(crate) fn is_for_customers(found: &str) -> bool {
    [
        kind::STATUS_CHANGED,
        kind::PROGRESS_CHANGED,
        kind::MILESTONE,
        kind::INSTALLATION_SCHEDULED,
        kind::INSTALLATION_RESCHEDULED,
        kind::INSTALLATION_CANCELLED,
    ]
    .contains(&found)
}

/// The payload without what is the shop's own: who works, and what GHL calls it.
pub(crate) fn for_customers(payload: &str) -> Option<serde_json::Map<String, Value>> {
    let mut payload: serde_json::Map<String, Value> = serde_json::from_str(payload).ok()?;
    payload.remove("by");
    if let Some(Value::Object(installation)) = payload.get_mut("installation") {
        installation.remove("appointmentId");
        installation.remove("installerId");
    }
    Some(payload)
}

/// Adds the overall progress to what tells of a status, where it is not there: null beside the path.
fn with_progress(model: &StatusModel, payload: String, manufacturing: Option<u8>) -> String {
    let Ok(Value::Object(mut told)) = serde_json::from_str(&payload) else { return payload };
    let status = told.get("status").and_then(Value::as_str).and_then(|status| model.status(status).ok());
    let on_path = status.filter(|status| model.is_open(status));
    told.entry("progress").or_insert_with(|| {
        json!(on_path.map(|status| overall_progress(model, &status, manufacturing, None)))
    });
    Value::Object(told).to_string()
}

pub(crate) fn sync_failed(job: &JobRow, (code, message): &(String, String)) -> NewEvent {
    event(
        kind::SYNC_FAILED,
        format!("failed:{}", job.leased_wanted),
        json!({ "orderId": job.order, "jobId": job.id, "code": code, "message": message }),
    )
}

pub(crate) fn edit_lost(order: &OrderRow, status: &Status, at: i64, where_: &str) -> NewEvent {
    event(
        kind::EDIT_LOST,
        format!("edit_lost:{where_}:{at}:{status}"),
        json!({ "orderId": order.id, "status": status, "kept": order.status, "in": where_, "at": iso(at) }),
    )
}

pub(crate) fn change_lost(order: &OrderRow, status: &Status, at: i64) -> NewEvent {
    event(
        kind::CHANGE_LOST,
        format!("change_lost:{}", order.version),
        json!({ "orderId": order.id, "status": order.status, "kept": status, "at": iso(at) }),
    )
}

pub(crate) fn stage_unmapped(order: &OrderRow, seen: &SeenOpportunity, at: i64) -> NewEvent {
    event(
        kind::STAGE_UNMAPPED,
        format!("stage_unmapped:{at}"),
        json!({ "orderId": order.id, "pipelineId": seen.pipeline, "pipelineStageId": seen.stage, "at": iso(at) }),
    )
}

pub(crate) fn field_unmapped(order: &OrderRow, value: &str, at: i64) -> NewEvent {
    event(
        kind::FIELD_UNMAPPED,
        format!("field_unmapped:{at}"),
        json!({ "orderId": order.id, "value": value, "at": iso(at) }),
    )
}

pub(crate) fn opportunity_closed(order: &OrderRow, status: &str, at: i64) -> NewEvent {
    event(
        kind::OPPORTUNITY_STATUS,
        format!("opportunity_status:{at}:{status}"),
        json!({ "orderId": order.id, "opportunityStatus": status, "at": iso(at) }),
    )
}

pub(crate) fn detached(order: &OrderRow) -> NewEvent {
    event(kind::DETACHED, "detached".to_owned(), json!({ "orderId": order.id }))
}

/// The installation of an order as it is from now on. The version of the booking is in the key: back at an earlier time is news too.
pub(crate) fn installation(kind: &str, order: &OrderRow, row: &BookingRow, now: i64) -> NewEvent {
    let state = installation_state(row);
    let appointment = row.appointment.as_ref().map(AsRef::as_ref).unwrap_or_default();
    let mut times = installation_times(row);
    times.insert("appointmentId".to_owned(), json!(row.appointment));
    times.insert("installerId".to_owned(), json!(row.time.installer));
    event(
        kind,
        format!("installation:{state}:{appointment}:{}:{}", row.time.starts_at, row.version),
        json!({
            "type": "INSTALLATION",
            "orderId": order.id,
            "status": order.status,
            "installation": times,
            "timestamp": iso(now),
        }),
    )
}

/// When an installation is, for whomever it concerns.
pub(crate) fn installation_times(row: &BookingRow) -> serde_json::Map<String, Value> {
    let zone = row.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    let times = [
        ("state", json!(installation_state(row))),
        ("startsAt", json!(rendered(row.time.starts_at, zone))),
        ("endsAt", json!(rendered(row.time.ends_at, zone))),
        ("timeZone", json!(row.time_zone)),
    ];
    times.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}

fn installation_state(row: &BookingRow) -> &'static str {
    if row.state == BookingState::Cancelled { "cancelled" } else { "scheduled" }
}

/// A booking or a move of an order's installation came to nothing.
pub(crate) fn installation_failed(order: &OrderRow, row: &BookingRow, why: &Error, now: i64) -> NewEvent {
    let zone = row.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    event(
        kind::INSTALLATION_FAILED,
        format!("installation:failed:{}:{}:{now}", row.version, row.claimed().starts_at),
        json!({
            "orderId": order.id,
            "startsAt": rendered(row.claimed().starts_at, zone),
            "code": why.code(),
            "message": why.message(),
            "timestamp": iso(now),
        }),
    )
}

pub(crate) fn two_contacts(order: &OrderRow, used: &ContactId, other: &ContactId) -> NewEvent {
    event(
        kind::TWO_CONTACTS,
        format!("two_contacts:{other}"),
        json!({ "orderId": order.id, "contactId": used, "otherContactId": other }),
    )
}

/// One call, as `crm_sync_log` shows it: ids, stages, statuses and tags, but nothing of the customer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogLine {
    request: Value,
    response: Value,
}

impl LogLine {
    pub(crate) fn ok(call: &Call, answer: &Answer) -> Self {
        let response = match answer {
            Answer::Contact(seen) => json!({ "contactId": seen.id }),
            Answer::ContactFound(found) => json!({ "contactId": found }),
            Answer::Opportunity(seen) => json!({ "opportunityId": seen.id, "pipelineStageId": seen.stage }),
            Answer::OpportunitiesFound(found) => json!({ "found": found.len() }),
            Answer::Done => json!({ "ok": true }),
        };
        Self { request: request(call), response }
    }

    pub(crate) fn failed(call: &Call, error: &Error) -> Self {
        let response = json!({
            "code": error.code().as_str(),
            "status": error.status(),
            "traceId": error.trace_id(),
            "message": error.message(),
        });
        Self { request: request(call), response }
    }
}

fn request(call: &Call) -> Value {
    let mut value = match call {
        Call::CreateContact { fields, tags } => json!({ "customFields": fields, "tags": tags }),
        Call::FindContact(_) => json!({}),
        Call::GetContact(contact) => json!({ "contactId": contact }),
        Call::UpdateContact { contact, fields, .. } => {
            json!({ "contactId": contact, "customFields": fields })
        }
        Call::AddTags { contact, tags } | Call::RemoveTags { contact, tags } => {
            json!({ "contactId": contact, "tags": tags })
        }
        Call::CreateOpportunity { contact, stage } => {
            json!({ "contactId": contact, "pipelineStageId": stage })
        }
        Call::FindOpportunity { contact } => json!({ "contactId": contact }),
        Call::GetOpportunity(id) => json!({ "opportunityId": id }),
        Call::UpdateOpportunity { id, stage, status } => {
            json!({ "opportunityId": id, "pipelineStageId": stage, "status": status })
        }
    };
    if let Some(object) = value.as_object_mut() {
        object.insert("call".to_owned(), json!(call.name()));
    }
    value
}

/// The request and response columns of a log row.
pub(crate) fn log_json(lines: &[LogLine]) -> (String, String) {
    let requests: Vec<&Value> = lines.iter().map(|line| &line.request).collect();
    let responses: Vec<&Value> = lines.iter().map(|line| &line.response).collect();
    (json!(requests).to_string(), json!(responses).to_string())
}
