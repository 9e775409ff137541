use std::borrow::Cow;

use super::{
    event::{
        AppEvent, AppointmentEvent, ContactEvent, EventBody, FieldValue, OpportunityEvent, WorkflowEvent,
    },
    lenient::Maybe,
    wire::{FieldWire, Text, Wire},
};
use crate::{
    error::Result,
    ids::{CalendarId, CompanyId, ContactId, OpportunityId, PipelineId, StageId, UserId},
};

/// What a body says, by its `type`. One that does not name its object is [`EventBody::Other`].
pub(super) fn read(event_type: &str, wire: Wire<'_>) -> EventBody {
    let known = match event_type {
        "INSTALL" => Some(EventBody::Install(app(wire))),
        "UNINSTALL" => Some(EventBody::Uninstall(app(wire))),
        _ if event_type.starts_with("Contact") => contact(wire).map(EventBody::Contact),
        _ if event_type.starts_with("Opportunity") => opportunity(wire).map(EventBody::Opportunity),
        _ if event_type.starts_with("Appointment") => appointment(wire).map(EventBody::Appointment),
        _ => workflow(event_type, wire).map(EventBody::Workflow),
    };
    known.unwrap_or(EventBody::Other)
}

/// The id a field holds, if it is one.
pub(super) fn id<T>(text: &Text<'_>, parse: fn(&str) -> Result<T>) -> Option<T> {
    text.0.as_deref().and_then(|text| parse(text).ok())
}

fn owned(text: Text<'_>) -> Option<String> {
    text.0.map(Cow::into_owned)
}

fn fields(fields: Maybe<Vec<FieldWire<'_>>>) -> Vec<FieldValue> {
    let field = |FieldWire { id, key, value }: FieldWire<'_>| {
        Some(FieldValue { id: id.0.or(key.0)?.into_owned(), value })
    };
    fields.0.unwrap_or_default().into_iter().filter_map(field).collect()
}

fn contact(wire: Wire<'_>) -> Option<ContactEvent> {
    Some(ContactEvent {
        id: id(&wire.id, ContactId::parse).or_else(|| id(&wire.contact_id, ContactId::parse))?,
        email: owned(wire.email),
        phone: owned(wire.phone),
        name: owned(wire.name),
        first_name: owned(wire.first_name),
        last_name: owned(wire.last_name),
        tags: wire.tags.0.map(|tags| tags.into_iter().map(Cow::into_owned).collect()),
        custom_fields: fields(wire.custom_fields),
    })
}

fn opportunity(wire: Wire<'_>) -> Option<OpportunityEvent> {
    Some(OpportunityEvent {
        id: id(&wire.id, OpportunityId::parse).or_else(|| id(&wire.opportunity_id, OpportunityId::parse))?,
        contact: id(&wire.contact_id, ContactId::parse),
        pipeline: id(&wire.pipeline_id, PipelineId::parse),
        stage: id(&wire.pipeline_stage_id, StageId::parse),
        name: owned(wire.name),
        status: owned(wire.status),
        monetary_value: wire.monetary_value.0,
    })
}

fn appointment(wire: Wire<'_>) -> Option<AppointmentEvent> {
    let appointment = wire.appointment.0?;
    Some(AppointmentEvent {
        id: owned(appointment.id)?,
        calendar: id(&appointment.calendar_id, CalendarId::parse),
        contact: id(&appointment.contact_id, ContactId::parse),
        title: owned(appointment.title),
        status: owned(appointment.appointment_status),
        start_time: owned(appointment.start_time),
        end_time: owned(appointment.end_time),
    })
}

/// Workflow bodies are whatever their author composed. Without a type, one that names a contact,
/// opportunity, stage or field is one; a type of the author's own needs a stage or field beside it, since
/// many events of GHL name a contact.
fn workflow(event_type: &str, wire: Wire<'_>) -> Option<WorkflowEvent> {
    let event = WorkflowEvent {
        contact: id(&wire.contact_id, ContactId::parse),
        opportunity: id(&wire.opportunity_id, OpportunityId::parse),
        stage: owned(wire.pipeline_stage),
        custom_fields: fields(wire.custom_fields),
    };
    let says = event.stage.is_some() || !event.custom_fields.is_empty();
    let names = event.contact.is_some() || event.opportunity.is_some();
    (says || (event_type.is_empty() && names)).then_some(event)
}

fn app(wire: Wire<'_>) -> AppEvent {
    AppEvent {
        company: id(&wire.company_id, CompanyId::parse),
        user: id(&wire.user_id, UserId::parse),
        app_id: owned(wire.app_id),
        plan_id: owned(wire.plan_id),
    }
}
