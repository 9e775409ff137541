//! Appointments: booked into free slots only, unless the caller asks to ignore that.

use serde_json::{Map, Value, json};

use crate::dto::{Kind, Property, Unknown, check, optional, required};
use crate::http::{Answer, Handled, object};
use crate::model::Ghl;
use crate::routes::Call;
use crate::time::{iso, iso_at_offset, parse_iso};

/// One appointment.
#[derive(Clone, Debug, PartialEq)]
pub struct Appointment {
    /// Opaque id.
    pub id: String,
    /// The location it belongs to.
    pub location_id: String,
    /// Its calendar.
    pub calendar_id: String,
    /// Whom it is with.
    pub contact_id: String,
    /// Who is booked.
    pub user_id: String,
    /// Start, epoch milliseconds.
    pub start: i64,
    /// End, epoch milliseconds.
    pub end: i64,
    /// `title`, `address`, `description`, `appointmentStatus` and the other texts, by API name.
    pub details: Map<String, Value>,
    /// When it was booked.
    pub date_added: i64,
    /// When it was last written.
    pub date_updated: i64,
    offset_minutes: i32,
}

const STATUSES: &[&str] = &["new", "confirmed", "cancelled", "showed", "noshow", "invalid"];
const STATUSES_V3: &[&str] =
    &["new", "confirmed", "cancelled", "showed", "noshow", "invalid", "completed", "active"];
const PLACES: &[&str] = &["custom", "zoom", "gmeet", "phone", "address", "ms_teams", "google"];
/// What the record keeps as it came.
const DETAILS: [&str; 7] = [
    "title",
    "appointmentStatus",
    "description",
    "address",
    "meetingLocationType",
    "meetingLocationId",
    "rrule",
];

const WRITABLE: &[Property] = &[
    optional("title", Kind::Text),
    optional("meetingLocationType", Kind::OneOf(PLACES)),
    optional("meetingLocationId", Kind::Text),
    optional("overrideLocationConfig", Kind::Flag),
    optional("assignedUserId", Kind::Text),
    optional("description", Kind::Text),
    optional("address", Kind::Text),
    optional("ignoreDateRange", Kind::Flag),
    optional("toNotify", Kind::Flag),
    optional("ignoreFreeSlotValidation", Kind::Flag),
    optional("rrule", Kind::Text),
    optional("endTime", Kind::Text),
];
const STATUS: &[Property] = &[optional("appointmentStatus", Kind::OneOf(STATUSES))];
const STATUS_V3: &[Property] = &[optional("appointmentStatus", Kind::OneOf(STATUSES_V3))];
const CREATE: &[Property] = &[
    required("calendarId", Kind::Text),
    required("locationId", Kind::Text),
    required("contactId", Kind::Text),
    required("startTime", Kind::Text),
];
const UPDATE: &[Property] = &[optional("calendarId", Kind::Text), optional("startTime", Kind::Text)];

impl Appointment {
    /// Whether it keeps its slot.
    pub(super) fn stands(&self) -> bool {
        !matches!(self.status(), "cancelled" | "invalid")
    }

    pub(super) fn overlaps(&self, from: i64, until: i64) -> bool {
        self.start < until && from < self.end
    }

    /// `appointmentStatus`.
    pub fn status(&self) -> &str {
        self.details.get("appointmentStatus").and_then(Value::as_str).unwrap_or("confirmed")
    }

    /// The flat object that create and update answer; date versions leave the dates out.
    fn flat(&self, dated: bool) -> Value {
        let mut fields = self.details.clone();
        fields.extend(object(json!({
            "id": self.id,
            "calendarId": self.calendar_id,
            "locationId": self.location_id,
            "contactId": self.contact_id,
            "assignedUserId": self.user_id,
            "startTime": iso_at_offset(self.start, self.offset_minutes),
            "endTime": iso_at_offset(self.end, self.offset_minutes),
            "isRecurring": false,
        })));
        if dated {
            fields.insert("dateAdded".to_owned(), json!(iso(self.date_added)));
            fields.insert("dateUpdated".to_owned(), json!(iso(self.date_updated)));
        }
        Value::Object(fields)
    }

    /// The event object of reads.
    fn to_json(&self) -> Value {
        let mut fields = object(self.flat(true));
        fields.insert("groupId".to_owned(), json!(""));
        fields.insert("users".to_owned(), json!([]));
        Value::Object(fields)
    }

    /// What the app's events carry under `appointment`.
    pub(crate) fn event_fields(&self) -> Value {
        let mut fields = object(self.to_json());
        fields.retain(|name, _| !["locationId", "isRecurring", "rrule"].contains(&name.as_str()));
        fields.insert("source".to_owned(), json!("third_party"));
        Value::Object(fields)
    }

    fn take_details(&mut self, body: &Map<String, Value>) {
        let taken = body.iter().filter(|(name, _)| DETAILS.contains(&name.as_str()));
        self.details.extend(taken.map(|(name, value)| (name.clone(), value.clone())));
    }
}

pub(super) fn time(body: &Map<String, Value>, name: &str) -> Result<Option<i64>, Answer> {
    match body.get(name).and_then(Value::as_str).map(parse_iso) {
        None => Ok(None),
        Some(Some(time)) => Ok(Some(time)),
        Some(None) => Err(Answer::unprocessable_one(format!("{name} must be a valid ISO 8601 date string"))),
    }
}

impl Ghl {
    /// Who takes the appointment: the named member if free, else the first free one.
    fn assign(
        &self,
        call: &Call<'_>,
        body: &Map<String, Value>,
        appointment: &Appointment,
    ) -> Result<String, Answer> {
        let (location, calendar) = self.calendar(call, &appointment.calendar_id)?;
        let flag = |name: &str| body.get(name).and_then(Value::as_bool).unwrap_or(false);
        let offered = calendar.offers(appointment.start, location.settings.utc_offset_minutes)
            && appointment.start > call.now;
        let asked = body.contains_key("startTime") && self.settings.assumptions.appointments_on_the_grid;
        if asked && !offered && !flag("ignoreFreeSlotValidation") {
            return Err(Answer::bad_request("The slot you have selected is no longer available."));
        }
        let named = body.get("assignedUserId").and_then(Value::as_str);
        let candidates = match named {
            Some(user) if calendar.team.iter().any(|member| member == user) => vec![user.to_owned()],
            Some(_) => return Err(Answer::bad_request("The user is not part of the calendar team.")),
            None if appointment.user_id.is_empty() => calendar.team.clone(),
            None => vec![appointment.user_id.clone()],
        };
        let free = self.free_user(&candidates, appointment.start, appointment.end, &appointment.id);
        match free.or_else(|| candidates.first().filter(|_| flag("ignoreFreeSlotValidation")).cloned()) {
            Some(user) => Ok(user),
            None => Err(Answer::bad_request("The slot you have selected is no longer available.")),
        }
    }

    fn appointment(&self, call: &Call<'_>) -> Result<Appointment, Answer> {
        match self.appointments.get(call.path(0)) {
            Some(appointment) => {
                call.require_location(&appointment.location_id)?;
                Ok(appointment.clone())
            }
            None => Err(self.missing("Appointment", call.path(0))),
        }
    }

    pub(super) fn keep_appointment(&mut self, now: i64, event: &str, appointment: Appointment) {
        self.emit_appointment(now, event, &appointment);
        self.appointments.insert(appointment.id.clone(), appointment);
    }
}

/// Version 3 knows more of them.
fn status(call: &Call<'_>) -> &'static [Property] {
    if call.is_v3() { STATUS_V3 } else { STATUS }
}

pub(super) fn create(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let body = call.json()?;
    check(&body, &[CREATE, WRITABLE, status(call)], Unknown::Refuse)?;
    let location_id = call.location_in(&body)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if ghl.contacts.get(&text("contactId")).is_none_or(|contact| contact.location_id != location_id) {
        return Err(Answer::bad_request("Contact not found"));
    }
    let (location, calendar) = ghl.calendar(call, &text("calendarId"))?;
    let start = time(&body, "startTime")?.unwrap_or(call.now);
    let end = time(&body, "endTime")?.unwrap_or(start + calendar.slot_ms());
    if end <= start {
        return Err(Answer::bad_request("endTime must be after startTime"));
    }
    let mut appointment = Appointment {
        id: String::new(),
        location_id,
        calendar_id: calendar.id.clone(),
        contact_id: text("contactId"),
        user_id: String::new(),
        start,
        end,
        details: object(json!({ "appointmentStatus": "confirmed", "title": calendar.name })),
        date_added: call.now,
        date_updated: call.now,
        offset_minutes: location.settings.utc_offset_minutes,
    };
    appointment.take_details(&body);
    appointment.user_id = ghl.assign(call, &body, &appointment)?;
    appointment.id = ghl.rng.opaque();
    let answer = appointment.flat(call.is_v3());
    ghl.keep_appointment(call.now, "AppointmentCreate", appointment);
    Ok(Answer::ok(answer))
}

pub(super) fn get(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let appointment = ghl.appointment(call)?;
    Ok(Answer::ok(json!({ "event": appointment.to_json() })))
}

/// Which events are asked for.
pub(super) struct Asked<'a> {
    pub(super) location_id: &'a str,
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) calendar: Option<&'a str>,
    pub(super) user: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// Here the bounds are epoch milliseconds in text, unlike anywhere else.
    pub(super) fn of(call: &'a Call<'_>) -> Result<Self, Answer> {
        let location_id = call.required_query("locationId")?;
        call.require_location(location_id)?;
        let bound = |name: &'static str| {
            let invalid = || Answer::unprocessable_one(format!("{name} must be a number string"));
            call.required_query(name)?.parse::<i64>().map_err(|_| invalid())
        };
        let (from, until) = (bound("startTime")?, bound("endTime")?);
        let (calendar, user) = (call.query("calendarId"), call.query("userId"));
        if calendar.is_none() && user.is_none() && call.query("groupId").is_none() {
            return Err(Answer::bad_request("Either of userId, calendarId or groupId is required"));
        }
        Ok(Self { location_id, from, until, calendar, user })
    }
}

pub(super) fn list(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let asked = Asked::of(call)?;
    let events = ghl.appointments.values().filter(|appointment| {
        appointment.location_id == asked.location_id
            && appointment.overlaps(asked.from, asked.until)
            && asked.calendar.is_none_or(|id| id == appointment.calendar_id)
            && asked.user.is_none_or(|id| id == appointment.user_id)
    });
    let events: Vec<_> = events.map(Appointment::to_json).collect();
    Ok(Answer::ok(json!({ "events": events })))
}

/// Those of a contact.
pub(super) fn of_contact(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let contact_id = call.path(0);
    let contact = ghl.contacts.get(contact_id).ok_or_else(|| ghl.missing("Contact", contact_id))?;
    call.require_location(&contact.location_id)?;
    let events = ghl.appointments.values().filter(|appointment| appointment.contact_id == contact_id);
    let events: Vec<_> = events.map(Appointment::to_json).collect();
    Ok(Answer::ok(json!({ "events": events })))
}

pub(super) fn update(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let body = call.json()?;
    check(&body, &[UPDATE, WRITABLE, status(call)], Unknown::Refuse)?;
    let mut appointment = ghl.appointment(call)?;
    if let Some(calendar_id) = body.get("calendarId").and_then(Value::as_str) {
        appointment.calendar_id = calendar_id.to_owned();
    }
    let length = appointment.end - appointment.start;
    appointment.start = time(&body, "startTime")?.unwrap_or(appointment.start);
    appointment.end = time(&body, "endTime")?.unwrap_or(appointment.start + length);
    if appointment.end <= appointment.start {
        return Err(Answer::bad_request("endTime must be after startTime"));
    }
    appointment.take_details(&body);
    if appointment.stands() {
        appointment.user_id = ghl.assign(call, &body, &appointment)?;
    }
    appointment.date_updated = call.now;
    let answer = appointment.flat(call.is_v3());
    ghl.keep_appointment(call.now, "AppointmentUpdate", appointment);
    Ok(Answer::ok(answer))
}

/// Answers 201, as published.
pub(super) fn delete(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    if let Some(slot) = ghl.blocked.get(call.path(0)) {
        call.require_location(&slot.location_id)?;
        ghl.blocked.remove(call.path(0));
        return Ok(Answer::created(json!({ "succeeded": true })));
    }
    let appointment = ghl.appointment(call)?;
    ghl.appointments.remove(&appointment.id);
    ghl.emit_appointment(call.now, "AppointmentDelete", &appointment);
    Ok(Answer::created(json!({ "succeeded": true })))
}
