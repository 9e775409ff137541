//! What a body nests: custom fields and the appointment.

use crate::{
    property::{each, items, properties, text},
    scanner::{Fault, Scanner},
    text::Text,
};

/// A custom field: app events give its id, a workflow's author may give its key in place of it.
#[derive(Debug, Default, Clone, Copy)]
pub struct FieldWire<'a> {
    /// `id`
    pub id: Option<Text<'a>>,
    /// `key`
    pub key: Option<Text<'a>>,
    /// The JSON of `value`, whatever it is.
    pub value: Option<&'a str>,
}

properties! { FieldProperty: Id "id" Key "key" Value "value" }

/// A list of custom fields, `None` where it is no list; entries that are no object are left out.
pub(crate) fn fields<'a>(json: &mut Scanner<'a>) -> Result<Option<Vec<FieldWire<'a>>>, Fault> {
    let mut fields = Vec::new();
    let is_list = items(json, |json| {
        let mut field = FieldWire::default();
        let is_object = each(json, |property, json| {
            match property {
                FieldProperty::Id => field.id = text(json)?,
                FieldProperty::Key => field.key = text(json)?,
                FieldProperty::Value => field.value = Some(json.raw()?),
            }
            Ok(())
        })?;
        fields.extend(is_object.then_some(field));
        Ok(())
    })?;
    Ok(is_list.then_some(fields))
}

/// What a list of custom fields says of the order, without keeping the list.
#[derive(Debug, Default, Clone, Copy)]
pub struct StatusWire<'a> {
    /// Whether the list names any field.
    pub fields: bool,
    /// The text of the field `order_status`; the last one if it is repeated.
    pub order_status: Option<Text<'a>>,
}

/// A list of custom fields, of which only the order's status is kept.
pub(crate) fn order_status<'a>(json: &mut Scanner<'a>) -> Result<Option<StatusWire<'a>>, Fault> {
    let mut status = StatusWire::default();
    let is_list = items(json, |json| {
        let (mut id, mut key, mut value) = (None, None, None);
        each(json, |property, json| {
            let slot = match property {
                FieldProperty::Id => &mut id,
                FieldProperty::Key => &mut key,
                FieldProperty::Value => &mut value,
            };
            *slot = text(json)?;
            Ok(())
        })?;
        let storable = |name: Option<Text<'a>>| name.and_then(Text::decode_storable);
        if let Some(name) = storable(id).or_else(|| storable(key)) {
            status.fields = true;
            if name == "order_status" {
                status.order_status = value;
            }
        }
        Ok(())
    })?;
    Ok(is_list.then_some(status))
}

/// The appointment of an event, by its properties' names in JSON.
#[derive(Debug, Default, Clone, Copy)]
#[expect(missing_docs, reason = "each is the JSON property of its name")]
pub struct AppointmentWire<'a> {
    pub id: Option<Text<'a>>,
    pub calendar_id: Option<Text<'a>>,
    pub contact_id: Option<Text<'a>>,
    pub title: Option<Text<'a>>,
    pub appointment_status: Option<Text<'a>>,
    pub start_time: Option<Text<'a>>,
    pub end_time: Option<Text<'a>>,
}

properties! {
    AppointmentProperty:
    Id "id"
    CalendarId "calendarId"
    ContactId "contactId"
    Title "title"
    Status "appointmentStatus"
    StartTime "startTime"
    EndTime "endTime"
}

/// An appointment, `None` where it is no object.
pub(crate) fn appointment<'a>(json: &mut Scanner<'a>) -> Result<Option<AppointmentWire<'a>>, Fault> {
    let mut appointment = AppointmentWire::default();
    let is_object = each(json, |property, json| {
        let slot = match property {
            AppointmentProperty::Id => &mut appointment.id,
            AppointmentProperty::CalendarId => &mut appointment.calendar_id,
            AppointmentProperty::ContactId => &mut appointment.contact_id,
            AppointmentProperty::Title => &mut appointment.title,
            AppointmentProperty::Status => &mut appointment.appointment_status,
            AppointmentProperty::StartTime => &mut appointment.start_time,
            AppointmentProperty::EndTime => &mut appointment.end_time,
        };
        *slot = text(json)?;
        Ok(())
    })?;
    Ok(is_object.then_some(appointment))
}
