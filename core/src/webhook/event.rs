use serde::Serialize;

use super::{
    Json, Texts, body_hash,
    records::{
        AssociationEvent, CampaignEvent, ConversationEvent, EmailStatsEvent, InvoiceEvent, LocationEvent,
        MessageEvent, NoteEvent, ObjectSchemaEvent, PaymentOrderEvent, PlanChangeEvent, ProductEvent,
        ProviderMessageEvent, RecordEvent, RelationEvent, TaskEvent, UserEvent,
    },
};
use crate::ids::{CalendarId, CompanyId, ContactId, LocationId, OpportunityId, PipelineId, StageId, UserId};

/// A webhook that was read. Its payload is a hint that something changed, not the truth of what is.
///
/// In JSON the fields of its body stand beside its own, and `kind` says which body it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "WebhookEvent"))]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// `type`, e.g. `OpportunityStageUpdate`; `workflow` for a workflow's body without one, and `unknown`
    /// for any other body without one.
    #[serde(rename = "type")]
    pub event_type: String,
    /// GHL's id of the event, the same when it is repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<String>,
    /// When it was sent, in epoch milliseconds of GHL's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_ms: Option<i64>,
    /// The location it is about.
    #[serde(rename = "locationId", skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationId>,
    /// What it says.
    #[serde(flatten)]
    pub body: EventBody,
}

/// What an event says. A field that is absent or of an unexpected type is `None` or empty.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "WebhookEventBody"))]
#[serde(tag = "kind", rename_all = "camelCase")]
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
    /// `NoteCreate`, `NoteUpdate`, `NoteDelete`.
    Note(NoteEvent),
    /// `TaskCreate`, `TaskComplete`, `TaskDelete`.
    Task(TaskEvent),
    /// `InboundMessage`, `OutboundMessage`.
    Message(MessageEvent),
    /// The message that a provider of the app's own is to send; its type is `SMS` or `Email`.
    ProviderMessage(ProviderMessageEvent),
    /// `OrderCreate`, `OrderStatusUpdate`, of GHL's own payments.
    PaymentOrder(PaymentOrderEvent),
    /// `InvoiceCreate` and the other events of invoices.
    Invoice(InvoiceEvent),
    /// `ProductCreate`, `ProductUpdate`, `ProductDelete`.
    Product(ProductEvent),
    /// `LocationCreate`, `LocationUpdate`.
    Location(LocationEvent),
    /// `UserCreate`, `UserUpdate`, `UserDelete`.
    User(UserEvent),
    /// `CampaignStatusUpdate`.
    Campaign(CampaignEvent),
    /// `ConversationUnreadUpdate`.
    Conversation(ConversationEvent),
    /// `AssociationCreate`, `AssociationUpdate`, `AssociationDelete`.
    Association(AssociationEvent),
    /// `RelationCreate`, `RelationDelete`.
    Relation(RelationEvent),
    /// `ObjectSchemaCreate`, `ObjectSchemaUpdate`.
    ObjectSchema(ObjectSchemaEvent),
    /// `RecordCreate`, `RecordUpdate`, `RecordDelete`.
    Record(RecordEvent),
    /// `LCEmailStats`.
    EmailStats(EmailStatsEvent),
    /// `PLAN_CHANGE`.
    PlanChange(PlanChangeEvent),
    /// Any other event, and one of contact, opportunity or appointment that does not name it.
    Other,
}

impl Event {
    /// What is the same when the event is repeated, and differs from that of every other: its id, or where it has
    /// none but a `timestamp`, the hash of its bytes. `None` for a body that may rightly come twice, byte by byte.
    pub fn identity(&self, raw: &[u8]) -> Option<String> {
        self.webhook_id.clone().or_else(|| self.hash(raw))
    }

    /// The hash that identifies an event which carries no id, but a `timestamp`.
    pub(crate) fn hash(&self, raw: &[u8]) -> Option<String> {
        let hashed = self.webhook_id.is_none() && self.timestamp_ms.is_some();
        hashed.then(|| body_hash(raw))
    }
}

impl EventBody {
    /// The contact and the opportunity an event names.
    pub(crate) fn names(&self) -> (Option<ContactId>, Option<OpportunityId>) {
        match self {
            EventBody::Contact(event) => (Some(event.id.clone()), None),
            EventBody::Opportunity(event) => (event.contact.clone(), Some(event.id.clone())),
            EventBody::Workflow(event) => (event.contact.clone(), event.opportunity.clone()),
            _ => (None, None),
        }
    }
}

/// A contact was created, changed or deleted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ContactEvent {
    /// The contact.
    #[serde(rename = "contactId")]
    pub id: ContactId,
    /// Its e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Its phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Its full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Its last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// All of its tags, where the event carries them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<String>>"))]
    pub tags: Option<Texts>,
    /// Its custom fields, by id.
    pub custom_fields: Vec<FieldValue>,
    /// Its company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address1: Option<String>,
    /// Its city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Its state or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Its postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Its country, ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Its website.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Its date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<String>,
    /// Where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whose contact it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<UserId>,
    /// Whether it is to be left alone on every channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dnd: Option<bool>,
    /// Whether it is to be left alone, channel by channel, as GHL has it; in `ContactDndUpdate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dnd_settings: Option<Json>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_added: Option<String>,
}

/// An opportunity was created, changed or deleted. GHL's event carries neither custom fields nor what was
/// before.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct OpportunityEvent {
    /// The opportunity.
    #[serde(rename = "opportunityId")]
    pub id: OpportunityId,
    /// Its contact.
    #[serde(rename = "contactId", skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// Its pipeline.
    #[serde(rename = "pipelineId", skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<PipelineId>,
    /// Its stage: `pipelineStageId`, or `newStageId` of a relay's.
    #[serde(rename = "pipelineStageId", skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageId>,
    /// The stage before, where a relay says so.
    #[serde(rename = "previousStageId", skip_serializing_if = "Option::is_none")]
    pub previous_stage: Option<StageId>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `open`, `won`, `lost` or `abandoned`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Its value in major units of the location's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monetary_value: Option<f64>,
    /// Whose opportunity it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<UserId>,
    /// Where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_added: Option<String>,
}

/// An appointment was created, changed or deleted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct AppointmentEvent {
    /// The appointment.
    #[serde(rename = "appointmentId")]
    pub id: String,
    /// Its calendar.
    #[serde(rename = "calendarId", skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarId>,
    /// Its contact.
    #[serde(rename = "contactId", skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `confirmed`, `cancelled`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Its start, ISO 8601 with an offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<String>,
    /// Its end, ISO 8601 with an offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
    /// Who goes there.
    #[serde(rename = "assignedUserId", skip_serializing_if = "Option::is_none")]
    pub assigned_user: Option<UserId>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What was noted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Where it was booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The group of its calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_added: Option<String>,
    /// When it was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_updated: Option<String>,
}

/// A body that the author of a workflow composed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct WorkflowEvent {
    /// `contactId`.
    #[serde(rename = "contactId", skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// `opportunityId`.
    #[serde(rename = "opportunityId", skip_serializing_if = "Option::is_none")]
    pub opportunity: Option<OpportunityId>,
    /// `pipelineStage`: a stage's key, id or name.
    #[serde(rename = "pipelineStage", skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// `customFields`, by id or key.
    pub custom_fields: Vec<FieldValue>,
}

impl WorkflowEvent {
    /// The value of a custom field by its id or key, e.g. `order_status`; the last one if it is repeated.
    pub fn field(&self, id: &str) -> Option<&Json> {
        self.custom_fields.iter().rev().find(|field| field.id == id).map(|field| &field.value)
    }
}

/// A custom field and its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "WebhookField"))]
pub struct FieldValue {
    /// The field's id, or in a workflow's body perhaps its key.
    pub id: String,
    /// Text, a number, a list or an object, by the field's type.
    pub value: Json,
}

/// An app was installed or uninstalled; the location, if it was one, is the event's.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct AppEvent {
    /// The app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// The agency.
    #[serde(rename = "companyId", skip_serializing_if = "Option::is_none")]
    pub company: Option<CompanyId>,
    /// Who did it.
    #[serde(rename = "userId", skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
    /// `Company` or `Location`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub install_type: Option<String>,
    /// The name of the agency or location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// The trial, as GHL has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial: Option<Json>,
    /// Whether the agency has a brand of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_whitelabel_company: Option<bool>,
    /// That brand, as GHL has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whitelabel_details: Option<Json>,
    /// The version of the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
}
