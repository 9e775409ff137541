use serde_json::Value;

use crate::ids::{CalendarId, CompanyId, ContactId, LocationId, OpportunityId, PipelineId, StageId, UserId};

/// A webhook that was read. Its payload is a hint that something changed, not the truth of what is.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// `type`, e.g. `OpportunityStageUpdate`; `workflow` for a workflow's body without one, and `unknown`
    /// for any other body without one.
    pub event_type: String,
    /// GHL's id of the event, the same when it is repeated.
    pub webhook_id: Option<String>,
    /// When it was sent, in epoch milliseconds of GHL's clock.
    pub timestamp_ms: Option<i64>,
    /// The location it is about.
    pub location: Option<LocationId>,
    /// What it says.
    pub body: EventBody,
}

/// What an event says. A field that is absent or of an unexpected type is `None` or empty.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum EventBody {
    /// `ContactCreate`, `ContactUpdate`, `ContactDelete`, `ContactTagUpdate`, `ContactDndUpdate`.
    Contact(ContactEvent),
    /// `OpportunityCreate`, `OpportunityUpdate`, `OpportunityStageUpdate` and the other opportunity events.
    Opportunity(OpportunityEvent),
    /// `AppointmentCreate`, `AppointmentUpdate`, `AppointmentDelete`.
    Appointment(AppointmentEvent),
    /// What a workflow of GHL sends.
    Workflow(WorkflowEvent),
    /// `INSTALL`.
    Install(AppEvent),
    /// `UNINSTALL`.
    Uninstall(AppEvent),
    /// Any other event, and one of the above that does not name its object.
    Other,
}

/// A contact was created, changed or deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactEvent {
    /// The contact.
    pub id: ContactId,
    /// Its e-mail.
    pub email: Option<String>,
    /// Its phone.
    pub phone: Option<String>,
    /// Its full name.
    pub name: Option<String>,
    /// Its first name.
    pub first_name: Option<String>,
    /// Its last name.
    pub last_name: Option<String>,
    /// All of its tags, where the event carries them.
    pub tags: Option<Vec<String>>,
    /// Its custom fields, by id.
    pub custom_fields: Vec<FieldValue>,
}

/// An opportunity was created, changed or deleted. The event carries neither custom fields nor what was
/// before.
#[derive(Debug, Clone, PartialEq)]
pub struct OpportunityEvent {
    /// The opportunity.
    pub id: OpportunityId,
    /// Its contact.
    pub contact: Option<ContactId>,
    /// Its pipeline.
    pub pipeline: Option<PipelineId>,
    /// Its stage.
    pub stage: Option<StageId>,
    /// Its name.
    pub name: Option<String>,
    /// `open`, `won`, `lost` or `abandoned`.
    pub status: Option<String>,
    /// Its value in major units of the location's currency.
    pub monetary_value: Option<f64>,
}

/// An appointment was created, changed or deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct AppointmentEvent {
    /// The appointment.
    pub id: String,
    /// Its calendar.
    pub calendar: Option<CalendarId>,
    /// Its contact.
    pub contact: Option<ContactId>,
    /// Its title.
    pub title: Option<String>,
    /// `confirmed`, `cancelled`, …
    pub status: Option<String>,
    /// Its start, ISO 8601 with an offset.
    pub start_time: Option<String>,
    /// Its end, ISO 8601 with an offset.
    pub end_time: Option<String>,
}

/// A body that the author of a workflow composed.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowEvent {
    /// `contactId`.
    pub contact: Option<ContactId>,
    /// `opportunityId`.
    pub opportunity: Option<OpportunityId>,
    /// `pipelineStage`: a stage's key, id or name.
    pub stage: Option<String>,
    /// `customFields`, by id or key.
    pub custom_fields: Vec<FieldValue>,
}

impl WorkflowEvent {
    /// The value of a custom field by its id or key, e.g. `order_status`; the last one if it is repeated.
    pub fn field(&self, id: &str) -> Option<&Value> {
        self.custom_fields.iter().rev().find(|field| field.id == id).map(|field| &field.value)
    }
}

/// A custom field and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldValue {
    /// The field's id, or in a workflow's body perhaps its key.
    pub id: String,
    /// Text, a number, a list or an object, by the field's type.
    pub value: Value,
}

/// An app was installed or uninstalled; the location, if it was one, is the event's.
#[derive(Debug, Clone, PartialEq)]
pub struct AppEvent {
    /// The app.
    pub app_id: Option<String>,
    /// The agency.
    pub company: Option<CompanyId>,
    /// Who did it.
    pub user: Option<UserId>,
    /// The plan.
    pub plan_id: Option<String>,
}
