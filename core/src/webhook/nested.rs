//! What a body nests: custom fields and the appointment.

use std::borrow::Cow;

use serde::de::{MapAccess, SeqAccess};
use serde_json::Value;

use super::{
    lenient::{Expect, Lenient, Text},
    property::{each, properties},
};

/// A custom field: app events give its id, a workflow's author may give its key in place of it.
#[derive(Default)]
pub(super) struct FieldWire<'a> {
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) key: Option<Cow<'a, str>>,
    pub(super) value: Value,
}

properties! { FieldProperty: Id "id" Key "key" Value "value" }

/// Expects a [`FieldWire`].
#[derive(Clone, Copy)]
pub(super) struct Field;

impl<'de> Expect<'de> for Field {
    type Value = FieldWire<'de>;

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Self::Value>, A::Error> {
        let mut field = FieldWire::default();
        each(&mut map, |key, map| {
            match key {
                FieldProperty::Id => field.id = map.next_value_seed(Lenient(Text))?,
                FieldProperty::Key => field.key = map.next_value_seed(Lenient(Text))?,
                FieldProperty::Value => field.value = map.next_value()?,
            }
            Ok(())
        })?;
        Ok(Some(field))
    }
}

/// What a list of custom fields says of the order, without keeping the list.
#[derive(Default)]
pub(super) struct StatusWire<'a> {
    /// Whether the list names any field.
    pub(super) fields: bool,
    /// The text of the field `order_status`; the last one if it is repeated.
    pub(super) order_status: Option<Cow<'a, str>>,
}

/// Expects a list of custom fields, and makes a [`StatusWire`] of it.
#[derive(Clone, Copy)]
pub(super) struct OrderStatus;

impl<'de> Expect<'de> for OrderStatus {
    type Value = StatusWire<'de>;

    fn seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<Self::Value>, A::Error> {
        let mut status = StatusWire::default();
        while let Some(field) = seq.next_element_seed(Lenient(FieldText))? {
            let Some((Some(id), text)) = field else { continue };
            status.fields = true;
            if id == "order_status" {
                status.order_status = text;
            }
        }
        Ok(Some(status))
    }
}

/// Expects a custom field: its id, else its key, and its value if that is a text.
#[derive(Clone, Copy)]
struct FieldText;

impl<'de> Expect<'de> for FieldText {
    type Value = (Option<Cow<'de, str>>, Option<Cow<'de, str>>);

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Self::Value>, A::Error> {
        let (mut id, mut key, mut value) = (None, None, None);
        each(&mut map, |name, map| {
            let slot = match name {
                FieldProperty::Id => &mut id,
                FieldProperty::Key => &mut key,
                FieldProperty::Value => &mut value,
            };
            *slot = map.next_value_seed(Lenient(Text))?;
            Ok(())
        })?;
        Ok(Some((id.or(key), value)))
    }
}

#[derive(Default)]
pub(super) struct AppointmentWire<'a> {
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) calendar_id: Option<Cow<'a, str>>,
    pub(super) contact_id: Option<Cow<'a, str>>,
    pub(super) title: Option<Cow<'a, str>>,
    pub(super) appointment_status: Option<Cow<'a, str>>,
    pub(super) start_time: Option<Cow<'a, str>>,
    pub(super) end_time: Option<Cow<'a, str>>,
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

/// Expects an [`AppointmentWire`].
#[derive(Clone, Copy)]
pub(super) struct Appointment;

impl<'de> Expect<'de> for Appointment {
    type Value = AppointmentWire<'de>;

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Self::Value>, A::Error> {
        let mut appointment = AppointmentWire::default();
        each(&mut map, |key, map| {
            let slot = match key {
                AppointmentProperty::Id => &mut appointment.id,
                AppointmentProperty::CalendarId => &mut appointment.calendar_id,
                AppointmentProperty::ContactId => &mut appointment.contact_id,
                AppointmentProperty::Title => &mut appointment.title,
                AppointmentProperty::Status => &mut appointment.appointment_status,
                AppointmentProperty::StartTime => &mut appointment.start_time,
                AppointmentProperty::EndTime => &mut appointment.end_time,
            };
            *slot = map.next_value_seed(Lenient(Text))?;
            Ok(())
        })?;
        Ok(Some(appointment))
    }
}
