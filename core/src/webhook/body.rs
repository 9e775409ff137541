use ghlkit_wire::{Key, Text, Wire};

use super::{
    Json, Texts,
    event::{
        AppEvent, AppointmentEvent, ContactEvent, EventBody, FieldValue, OpportunityEvent, WorkflowEvent,
    },
    records::Members,
};
use crate::{
    error::Result,
    ids::{CalendarId, CompanyId, ContactId, OpportunityId, PipelineId, StageId, UserId},
};

/// What a body is about, by its `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Install,
    Uninstall,
    Contact,
    Opportunity,
    Appointment,
    /// None of the above: a workflow's body, if it is any that is read.
    Workflow,
}

impl Kind {
    pub(super) fn of(event_type: &str) -> Self {
        match event_type {
            "INSTALL" => Kind::Install,
            "UNINSTALL" => Kind::Uninstall,
            _ if event_type.starts_with("Contact") => Kind::Contact,
            _ if event_type.starts_with("Opportunity") => Kind::Opportunity,
            _ if event_type.starts_with("Appointment") => Kind::Appointment,
            _ => Kind::Workflow,
        }
    }
}

/// Whether it is the type of an event that is read.
#[cfg(feature = "realtime")]
pub(crate) fn is_known(event_type: &str) -> bool {
    Kind::of(event_type) != Kind::Workflow
}

/// Workflow bodies are whatever their author composed. Without a type, one that names a contact,
/// opportunity, stage or field is one; a type of the author's own needs a stage or field beside it, since
/// many events of GHL name a contact.
pub(super) fn is_workflow(event_type: &str, wire: &Wire<'_>) -> bool {
    let fields = wire.order_status.is_some_and(|list| list.fields)
        || wire.custom_fields.is_some_and(|list| list.named > 0);
    let names = || contact_id(wire).is_some() || opportunity_id(wire).is_some();
    fields || wire.text(Key::PipelineStage).is_some() || (event_type.is_empty() && names())
}

/// What is read of bodies beside what their [`Wire`] holds.
const MEMBERS: &[&str] = &[
    "address",
    "address1",
    "appointment",
    "assignedTo",
    "assignedUserId",
    "city",
    "companyName",
    "country",
    "dateAdded",
    "dateOfBirth",
    "dateUpdated",
    "dnd",
    "dndSettings",
    "groupId",
    "installType",
    "isWhitelabelCompany",
    "newStageId",
    "notes",
    "postalCode",
    "previousStageId",
    "source",
    "state",
    "trial",
    "versionId",
    "website",
    "whitelabelDetails",
];

/// What a body says, by its `type`. One that does not name its object is [`EventBody::Other`].
pub(super) fn read(event_type: &str, wire: &Wire<'_>, text: &str) -> EventBody {
    let members = || Members::of(wire, text, MEMBERS);
    let known = match Kind::of(event_type) {
        Kind::Install => Some(EventBody::Install(app(wire, &members()))),
        Kind::Uninstall => Some(EventBody::Uninstall(app(wire, &members()))),
        Kind::Contact => contact(wire, &members()).map(EventBody::Contact),
        Kind::Opportunity => opportunity(wire, &members()).map(EventBody::Opportunity),
        Kind::Appointment => appointment(wire, &members()).map(EventBody::Appointment),
        Kind::Workflow => is_workflow(event_type, wire).then(|| EventBody::Workflow(workflow(wire))),
    };
    known.unwrap_or(EventBody::Other)
}

/// The id a text is, if it is one.
fn id<T>(wire: &Wire<'_>, key: Key, parse: fn(&str) -> Result<T>) -> Option<T> {
    wire.text(key).and_then(|text| parse(&text).ok())
}

fn contact_id(wire: &Wire<'_>) -> Option<ContactId> {
    id(wire, Key::ContactId, ContactId::parse)
}

fn opportunity_id(wire: &Wire<'_>) -> Option<OpportunityId> {
    id(wire, Key::OpportunityId, OpportunityId::parse)
}

fn owned(wire: &Wire<'_>, key: Key) -> Option<String> {
    wire.text(key).map(Into::into)
}

fn decoded(text: Option<Text<'_>>) -> Option<String> {
    text.and_then(Text::decode_storable).map(Into::into)
}

fn fields(wire: &Wire<'_>) -> Vec<FieldValue> {
    let Some(list) = wire.custom_fields else { return Vec::new() };
    let mut fields = Vec::with_capacity(list.named);
    list.each(|field| {
        let value = || field.value.map(Json::of).unwrap_or_default();
        fields.extend(field.name().map(|id| FieldValue { id: id.into(), value: value() }));
    });
    fields
}

fn contact(wire: &Wire<'_>, members: &Members<'_, '_>) -> Option<ContactEvent> {
    Some(ContactEvent {
        id: id(wire, Key::Id, ContactId::parse).or_else(|| contact_id(wire))?,
        email: owned(wire, Key::Email),
        phone: owned(wire, Key::Phone),
        name: owned(wire, Key::Name),
        first_name: owned(wire, Key::FirstName),
        last_name: owned(wire, Key::LastName),
        tags: wire.tags.and_then(Texts::of),
        custom_fields: fields(wire),
        company_name: members.get("companyName"),
        address1: members.get("address1"),
        city: members.get("city"),
        state: members.get("state"),
        postal_code: members.get("postalCode"),
        country: members.get("country"),
        website: members.get("website"),
        date_of_birth: members.get("dateOfBirth"),
        source: members.get("source"),
        assigned_to: members.get("assignedTo"),
        dnd: members.get("dnd"),
        dnd_settings: members.get("dndSettings"),
        date_added: members.get("dateAdded"),
    })
}

fn opportunity(wire: &Wire<'_>, members: &Members<'_, '_>) -> Option<OpportunityEvent> {
    Some(OpportunityEvent {
        id: id(wire, Key::Id, OpportunityId::parse).or_else(|| opportunity_id(wire))?,
        contact: contact_id(wire),
        pipeline: id(wire, Key::PipelineId, PipelineId::parse),
        stage: id(wire, Key::PipelineStageId, StageId::parse).or_else(|| members.get("newStageId")),
        previous_stage: members.get("previousStageId"),
        name: owned(wire, Key::Name),
        status: owned(wire, Key::Status),
        monetary_value: wire.monetary_value,
        assigned_to: members.get("assignedTo"),
        source: members.get("source"),
        date_added: members.get("dateAdded"),
    })
}

fn appointment(wire: &Wire<'_>, members: &Members<'_, '_>) -> Option<AppointmentEvent> {
    let appointment = wire.appointment?;
    let inner = members.object("appointment");
    let decoded_id = |text| decoded(text).unwrap_or_default();
    Some(AppointmentEvent {
        id: decoded(appointment.id)?,
        calendar: CalendarId::parse(&decoded_id(appointment.calendar_id)).ok(),
        contact: ContactId::parse(&decoded_id(appointment.contact_id)).ok(),
        title: decoded(appointment.title),
        status: decoded(appointment.appointment_status),
        start_time: decoded(appointment.start_time),
        end_time: decoded(appointment.end_time),
        assigned_user: inner.get("assignedUserId"),
        address: inner.get("address"),
        notes: inner.get("notes"),
        source: inner.get("source"),
        group_id: inner.get("groupId"),
        date_added: inner.get("dateAdded"),
        date_updated: inner.get("dateUpdated"),
    })
}

fn workflow(wire: &Wire<'_>) -> WorkflowEvent {
    WorkflowEvent {
        contact: contact_id(wire),
        opportunity: opportunity_id(wire),
        stage: owned(wire, Key::PipelineStage),
        custom_fields: fields(wire),
    }
}

fn app(wire: &Wire<'_>, members: &Members<'_, '_>) -> AppEvent {
    AppEvent {
        company: id(wire, Key::CompanyId, CompanyId::parse),
        user: id(wire, Key::UserId, UserId::parse),
        app_id: owned(wire, Key::AppId),
        plan_id: owned(wire, Key::PlanId),
        install_type: members.get("installType"),
        company_name: members.get("companyName"),
        trial: members.get("trial"),
        is_whitelabel_company: members.get("isWhitelabelCompany"),
        whitelabel_details: members.get("whitelabelDetails"),
        version_id: members.get("versionId"),
    }
}
