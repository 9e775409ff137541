//! What a body nests: custom fields, lists of texts and the appointment.

use std::borrow::Cow;

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

impl<'a> FieldWire<'a> {
    /// What the field is known by.
    pub fn name(&self) -> Option<Cow<'a, str>> {
        let storable = |text: Option<Text<'a>>| text.and_then(Text::decode_storable);
        storable(self.id).or_else(|| storable(self.key))
    }
}

/// A list of custom fields, which was found well-formed and is read again by whoever needs it: kept, many small ones would take many
/// times their text.
#[derive(Debug, Clone, Copy)]
pub struct FieldList<'a> {
    json: &'a str,
    /// How many of them have a name.
    pub named: usize,
}

impl<'a> FieldList<'a> {
    /// Hands over each field.
    pub fn each(self, field: impl FnMut(FieldWire<'a>)) {
        // It cannot fail any more.
        let _ = each_field(&mut Scanner::new(self.json), field);
    }
}

/// A list of custom fields, `None` where it is no list; entries that are no object are left out.
pub(crate) fn fields<'a>(json: &mut Scanner<'a>) -> Result<Option<FieldList<'a>>, Fault> {
    let mut named = 0;
    let count = |field: FieldWire<'a>| named += usize::from(field.name().is_some());
    let (is_list, json) = json.span(|json| each_field(json, count))?;
    Ok(is_list.then_some(FieldList { json, named }))
}

fn each_field<'a>(json: &mut Scanner<'a>, mut take: impl FnMut(FieldWire<'a>)) -> Result<bool, Fault> {
    items(json, |json| {
        let mut field = FieldWire::default();
        let is_object = each(json, |property, json| {
            match property {
                FieldProperty::Id => field.id = text(json)?,
                FieldProperty::Key => field.key = text(json)?,
                FieldProperty::Value => field.value = Some(json.raw()?),
            }
            Ok(())
        })?;
        if is_object {
            take(field);
        }
        Ok(())
    })
}

/// A list of texts, which was found well-formed and is read again by whoever needs it, as a [`FieldList`] is.
#[derive(Debug, Clone, Copy)]
pub struct TextList<'a>(&'a str);

impl<'a> TextList<'a> {
    /// How long it is, in bytes.
    pub const fn size(self) -> usize {
        self.0.len()
    }

    /// Hands over each text; entries of another type are left out.
    pub fn each(self, take: impl FnMut(Text<'a>)) {
        // It cannot fail any more.
        let _ = each_text(&mut Scanner::new(self.0), take);
    }
}

/// A list of texts, `None` where it is no list.
pub(crate) fn texts<'a>(json: &mut Scanner<'a>) -> Result<Option<TextList<'a>>, Fault> {
    let (is_list, json) = json.span(|json| each_text(json, drop))?;
    Ok(is_list.then_some(TextList(json)))
}

fn each_text<'a>(json: &mut Scanner<'a>, mut take: impl FnMut(Text<'a>)) -> Result<bool, Fault> {
    items(json, |json| {
        text(json)?.into_iter().for_each(&mut take);
        Ok(())
    })
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
        let (mut field, mut value) = (FieldWire::default(), None);
        each(json, |property, json| {
            let slot = match property {
                FieldProperty::Id => &mut field.id,
                FieldProperty::Key => &mut field.key,
                FieldProperty::Value => &mut value,
            };
            *slot = text(json)?;
            Ok(())
        })?;
        if let Some(name) = field.name() {
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
