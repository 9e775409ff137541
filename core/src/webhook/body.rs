use std::borrow::Cow;

use super::{
    event::{
        AppEvent, AppointmentEvent, ContactEvent, EventBody, FieldValue, OpportunityEvent, WorkflowEvent,
    },
    nested::FieldWire,
    wire::{Key, Wire},
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

/// Workflow bodies are whatever their author composed. Without a type, one that names a contact,
/// opportunity, stage or field is one; a type of the author's own needs a stage or field beside it, since
/// many events of GHL name a contact.
pub(super) fn is_workflow(event_type: &str, wire: &Wire<'_>) -> bool {
    let fields = wire.order_status.as_ref().is_some_and(|list| list.fields)
        || wire.custom_fields.iter().flatten().any(|field| field.id.is_some() || field.key.is_some());
    let names = || contact_id(wire).is_some() || opportunity_id(wire).is_some();
    fields || wire.text(Key::PipelineStage).is_some() || (event_type.is_empty() && names())
}

/// What a body says, by its `type`. One that does not name its object is [`EventBody::Other`].
pub(super) fn read(event_type: &str, wire: Wire<'_>) -> EventBody {
    let known = match Kind::of(event_type) {
        Kind::Install => Some(EventBody::Install(app(wire))),
        Kind::Uninstall => Some(EventBody::Uninstall(app(wire))),
        Kind::Contact => contact(wire).map(EventBody::Contact),
        Kind::Opportunity => opportunity(wire).map(EventBody::Opportunity),
        Kind::Appointment => appointment(wire).map(EventBody::Appointment),
        Kind::Workflow => is_workflow(event_type, &wire).then(|| EventBody::Workflow(workflow(wire))),
    };
    known.unwrap_or(EventBody::Other)
}

/// The id a text is, if it is one.
fn id<T>(text: Option<&str>, parse: fn(&str) -> Result<T>) -> Option<T> {
    text.and_then(|text| parse(text).ok())
}

fn contact_id(wire: &Wire<'_>) -> Option<ContactId> {
    id(wire.text(Key::ContactId), ContactId::parse)
}

fn opportunity_id(wire: &Wire<'_>) -> Option<OpportunityId> {
    id(wire.text(Key::OpportunityId), OpportunityId::parse)
}

fn owned(wire: &mut Wire<'_>, key: Key) -> Option<String> {
    wire.take(key).map(Cow::into_owned)
}

fn fields(fields: Option<Vec<FieldWire<'_>>>) -> Vec<FieldValue> {
    let field = |FieldWire { id, key, value }: FieldWire<'_>| {
        Some(FieldValue { id: id.or(key)?.into_owned(), value })
    };
    fields.unwrap_or_default().into_iter().filter_map(field).collect()
}

fn contact(mut wire: Wire<'_>) -> Option<ContactEvent> {
    Some(ContactEvent {
        id: id(wire.text(Key::Id), ContactId::parse).or_else(|| contact_id(&wire))?,
        email: owned(&mut wire, Key::Email),
        phone: owned(&mut wire, Key::Phone),
        name: owned(&mut wire, Key::Name),
        first_name: owned(&mut wire, Key::FirstName),
        last_name: owned(&mut wire, Key::LastName),
        tags: wire.tags.map(|tags| tags.into_iter().map(Cow::into_owned).collect()),
        custom_fields: fields(wire.custom_fields),
    })
}

fn opportunity(mut wire: Wire<'_>) -> Option<OpportunityEvent> {
    Some(OpportunityEvent {
        id: id(wire.text(Key::Id), OpportunityId::parse).or_else(|| opportunity_id(&wire))?,
        contact: contact_id(&wire),
        pipeline: id(wire.text(Key::PipelineId), PipelineId::parse),
        stage: id(wire.text(Key::PipelineStageId), StageId::parse),
        name: owned(&mut wire, Key::Name),
        status: owned(&mut wire, Key::Status),
        monetary_value: wire.monetary_value,
    })
}

fn appointment(wire: Wire<'_>) -> Option<AppointmentEvent> {
    let appointment = wire.appointment?;
    let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
    Some(AppointmentEvent {
        id: owned(appointment.id)?,
        calendar: id(appointment.calendar_id.as_deref(), CalendarId::parse),
        contact: id(appointment.contact_id.as_deref(), ContactId::parse),
        title: owned(appointment.title),
        status: owned(appointment.appointment_status),
        start_time: owned(appointment.start_time),
        end_time: owned(appointment.end_time),
    })
}

fn workflow(mut wire: Wire<'_>) -> WorkflowEvent {
    WorkflowEvent {
        contact: contact_id(&wire),
        opportunity: opportunity_id(&wire),
        stage: owned(&mut wire, Key::PipelineStage),
        custom_fields: fields(wire.custom_fields),
    }
}

fn app(mut wire: Wire<'_>) -> AppEvent {
    AppEvent {
        company: id(wire.text(Key::CompanyId), CompanyId::parse),
        user: id(wire.text(Key::UserId), UserId::parse),
        app_id: owned(&mut wire, Key::AppId),
        plan_id: owned(&mut wire, Key::PlanId),
    }
}
