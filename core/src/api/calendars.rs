//! Calendars, their appointments, blocked slots and notes (HighLevel docs: Calendars API, `Version: 2021-04-15`).

use serde::Serialize;

use super::{
    Succeeded,
    contacts::{Note, requests::APPOINTMENTS},
    shape::{self, Paging, input, reply, words},
};
use crate::{
    client::{ApiRequest, Endpoint, Look},
    ids::{CalendarId, ContactId, EventId, LocationId, NoteId, UserId},
};

reply! {
    /// A calendar.
    pub struct Calendar {
        /// Its id.
        pub id: CalendarId = need,
        /// The location it belongs to.
        pub location_id: Option<LocationId> = text,
        /// Its name.
        pub name: Option<String> = text,
        ..extra
    }
}

reply! {
    /// The free slots of a calendar: under each date, e.g. `2026-10-25`, an object whose `slots` are times in ISO
    /// 8601.
    pub struct FreeSlots {
        ..extra
    }
}

reply! {
    /// An event of a calendar: an appointment or a blocked slot. Times are as GHL writes them.
    pub struct CalendarEvent {
        /// Its id.
        pub id: EventId = need,
        /// The calendar.
        pub calendar_id: Option<CalendarId> = text,
        /// The location.
        pub location_id: Option<LocationId> = text,
        /// The contact.
        pub contact_id: Option<ContactId> = text,
        /// Its title.
        pub title: Option<String> = text,
        /// The status of an appointment, e.g. `confirmed`.
        pub appointment_status: Option<String> = text("appointmentStatus", "appoinmentStatus"),
        /// The employee in charge.
        pub assigned_user_id: Option<UserId> = text,
        /// When it begins.
        pub start_time: Option<String> = text,
        /// When it ends.
        pub end_time: Option<String> = text,
        ..extra
    }
}

words! {
    /// The status of an appointment.
    pub enum AppointmentStatus {
        /// Not confirmed yet.
        New = "new",
        /// Confirmed.
        Confirmed = "confirmed",
        /// Cancelled.
        Cancelled = "cancelled",
        /// The contact came.
        Showed = "showed",
        /// The contact did not come.
        NoShow = "noshow",
        /// A mistake.
        Invalid = "invalid",
        /// Over; known to version 3 of the API only.
        Completed = "completed",
        /// Under way; known to version 3 of the API only.
        Active = "active",
    }
}

input! {
    /// An appointment to be made. Times are in ISO 8601 with an offset, e.g. `2026-10-25T11:00:00+03:00`.
    pub struct NewAppointment {
        /// The calendar.
        pub calendar_id: CalendarId,
        /// The contact.
        pub contact_id: ContactId,
        /// When it begins.
        pub start_time: String,
        /// When it ends; absent means as long as the calendar's slots.
        pub end_time: Option<String>,
        /// Its title.
        pub title: Option<String>,
        /// Its status.
        pub appointment_status: Option<AppointmentStatus>,
        /// The employee in charge.
        pub assigned_user_id: Option<UserId>,
        /// Where it takes place.
        pub address: Option<String>,
        /// What it is about.
        pub description: Option<String>,
        /// Whether it may lie outside of what the calendar offers.
        pub ignore_date_range: Option<bool>,
        /// Whether the slot may be taken.
        pub ignore_free_slot_validation: Option<bool>,
        /// Whether GHL's automations run.
        pub to_notify: Option<bool>,
    }
}

input! {
    /// What changes of an appointment; what is absent stays as it is.
    #[derive(Default)]
    pub struct AppointmentInput {
        /// The calendar.
        pub calendar_id: Option<CalendarId>,
        /// When it begins.
        pub start_time: Option<String>,
        /// When it ends.
        pub end_time: Option<String>,
        /// Its title.
        pub title: Option<String>,
        /// Its status.
        pub appointment_status: Option<AppointmentStatus>,
        /// The employee in charge.
        pub assigned_user_id: Option<UserId>,
        /// Where it takes place.
        pub address: Option<String>,
        /// What it is about.
        pub description: Option<String>,
        /// Whether it may lie outside of what the calendar offers.
        pub ignore_date_range: Option<bool>,
        /// Whether the slot may be taken.
        pub ignore_free_slot_validation: Option<bool>,
        /// Whether GHL's automations run.
        pub to_notify: Option<bool>,
    }
}

input! {
    /// Which events to list: those of a calendar, an employee or a group.
    pub struct EventQuery {
        /// From when, in epoch milliseconds.
        pub start_time: i64,
        /// Until when, in epoch milliseconds.
        pub end_time: i64,
        /// Of this calendar.
        pub calendar_id: Option<CalendarId>,
        /// Of this employee.
        pub user_id: Option<UserId>,
        /// Of this group of calendars.
        pub group_id: Option<String>,
    }
}

input! {
    /// A slot to be blocked. Times are in ISO 8601 with an offset.
    pub struct BlockedSlot {
        /// The calendar.
        pub calendar_id: CalendarId,
        /// When it begins.
        pub start_time: Option<String>,
        /// When it ends.
        pub end_time: Option<String>,
        /// Its title.
        pub title: Option<String>,
        /// Whose time it is.
        pub assigned_user_id: Option<UserId>,
    }
}

input! {
    /// Which notes of an appointment to list.
    pub struct NoteQuery {
        /// The appointment.
        pub event_id: EventId,
        /// How many to pass over; 0 where it is not given.
        #[serde(default)]
        pub offset: u32 = 0,
        /// Notes a page; 20 where it is not given.
        #[serde(default = "crate::api::shape::number::<20>")]
        pub limit: u32 = 20,
    }
}

pub(crate) const NOTES_PAGING: Paging = Paging::Offset { items: "notes", offset: "offset", limit: "limit" };
pub(crate) const LIST: Endpoint =
    Endpoint::get("/calendars/").of_2021_04_15().location_in_query("locationId").inside("calendars");
pub(crate) const GET: Endpoint = Endpoint::get("/calendars/{calendarId}").of_2021_04_15().inside("calendar");
pub(crate) const FREE_SLOTS: Endpoint = Endpoint::get("/calendars/{calendarId}/free-slots").of_2021_04_15();
pub(crate) const EVENTS: Endpoint =
    Endpoint::get("/calendars/events").of_2021_04_15().location_in_query("locationId").inside("events");
pub(crate) const BLOCKED_SLOTS: Endpoint = Endpoint::get("/calendars/blocked-slots")
    .of_2021_04_15()
    .location_in_query("locationId")
    .inside("events");
pub(crate) const BLOCK_SLOT: Endpoint =
    Endpoint::post("/calendars/events/block-slots").of_2021_04_15().location_in_body();
pub(crate) const UPDATE_BLOCKED_SLOT: Endpoint =
    Endpoint::put("/calendars/events/block-slots/{eventId}").of_2021_04_15().location_in_body();
pub(crate) const CREATE_APPOINTMENT: Endpoint = Endpoint::post("/calendars/events/appointments")
    .of_2021_04_15()
    .location_in_body()
    .inside("event")
    .found_by(&Look {
        route: Some(APPOINTMENTS),
        by: &[&[]],
        found: "events",
        same: &["calendarId", "startTime"],
        made: &["dateAdded"],
    });
pub(crate) const GET_APPOINTMENT: Endpoint =
    Endpoint::get("/calendars/events/appointments/{eventId}").of_2021_04_15().inside("event");
pub(crate) const UPDATE_APPOINTMENT: Endpoint =
    Endpoint::put("/calendars/events/appointments/{eventId}").of_2021_04_15().inside("event");
pub(crate) const DELETE_EVENT: Endpoint =
    Endpoint::delete("/calendars/events/{eventId}").of_2021_04_15().with_body();
pub(crate) const NOTES: Endpoint = Endpoint::get("/calendars/appointments/{eventId}/notes").of_2021_04_15();
pub(crate) const CREATE_NOTE: Endpoint =
    Endpoint::post("/calendars/appointments/{eventId}/notes").of_2021_04_15().inside("note");
pub(crate) const UPDATE_NOTE: Endpoint =
    Endpoint::put("/calendars/appointments/{eventId}/notes/{noteId}").of_2021_04_15().inside("note");
pub(crate) const DELETE_NOTE: Endpoint =
    Endpoint::delete("/calendars/appointments/{eventId}/notes/{noteId}").of_2021_04_15();

/// The calendars of a location, or of one of its groups; with `show_drafted` of false without drafts: `GET /calendars/`.
pub fn list(
    location: &LocationId,
    group: Option<&str>,
    show_drafted: Option<bool>,
) -> ApiRequest<Vec<Calendar>> {
    LIST.of(location, &[]).with_query_if("groupId", group).with_query_if("showDrafted", show_drafted)
}

/// Reads a calendar: `GET /calendars/{id}`.
pub fn get(id: &CalendarId) -> ApiRequest<Calendar> {
    GET.at(&[id.as_str()])
}

/// The free slots of a calendar for one of its team, within at most 31 days of epoch milliseconds:
/// `GET /calendars/{id}/free-slots`.
pub fn free_slots(
    id: &CalendarId,
    from: i64,
    until: i64,
    user: &UserId,
    timezone: &str,
) -> ApiRequest<FreeSlots> {
    FREE_SLOTS
        .at(&[id.as_str()])
        .with_query("startDate", from.to_string())
        .with_query("endDate", until.to_string())
        .with_query("timezone", timezone)
        .with_query("userId", user.as_str())
}

/// Events of a calendar, an employee or a group: `GET /calendars/events`.
pub fn events(location: &LocationId, query: &EventQuery) -> ApiRequest<Vec<CalendarEvent>> {
    shape::searched(&EVENTS, location, query)
}

/// Blocked slots of a calendar, an employee or a group: `GET /calendars/blocked-slots`.
pub fn blocked_slots(location: &LocationId, query: &EventQuery) -> ApiRequest<Vec<CalendarEvent>> {
    shape::searched(&BLOCKED_SLOTS, location, query)
}

/// Makes an appointment: `POST /calendars/events/appointments`. Not safe to repeat.
pub fn create_appointment(location: &LocationId, new: &NewAppointment) -> ApiRequest<CalendarEvent> {
    CREATE_APPOINTMENT.of(location, &[]).with_json(new)
}

/// Reads an appointment: `GET /calendars/events/appointments/{id}`.
pub fn get_appointment(id: &EventId) -> ApiRequest<CalendarEvent> {
    GET_APPOINTMENT.at(&[id.as_str()])
}

/// Changes an appointment: `PUT /calendars/events/appointments/{id}`.
pub fn update_appointment(id: &EventId, input: &AppointmentInput) -> ApiRequest<CalendarEvent> {
    UPDATE_APPOINTMENT.at(&[id.as_str()]).with_json(input)
}

/// Deletes an appointment or a blocked slot: `DELETE /calendars/events/{id}`, with an empty body.
pub fn delete_event(id: &EventId) -> ApiRequest<Succeeded> {
    // The route names no location.
    DELETE_EVENT.of(&LocationId::new(""), &[id.as_str()])
}

/// Blocks a slot: `POST /calendars/events/block-slots`. Not safe to repeat.
pub fn block_slot(location: &LocationId, slot: &BlockedSlot) -> ApiRequest<CalendarEvent> {
    BLOCK_SLOT.of(location, &[]).with_json(slot)
}

/// Changes a blocked slot: `PUT /calendars/events/block-slots/{id}`.
pub fn update_blocked_slot(
    location: &LocationId,
    id: &EventId,
    slot: &BlockedSlot,
) -> ApiRequest<CalendarEvent> {
    UPDATE_BLOCKED_SLOT.of(location, &[id.as_str()]).with_json(slot)
}

/// A page of the notes of an appointment: `GET /calendars/appointments/{id}/notes`.
pub fn notes(query: &NoteQuery) -> ApiRequest<Vec<Note>> {
    NOTES
        .at(&[query.event_id.as_str()])
        .with_query("offset", query.offset.to_string())
        .with_query("limit", query.limit.to_string())
        .inside("notes")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NoteBody<'a> {
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a UserId>,
}

/// Writes a note of an appointment: `POST /calendars/appointments/{id}/notes`. Not safe to repeat.
pub fn create_note(event: &EventId, body: &str, user_id: Option<&UserId>) -> ApiRequest<Note> {
    CREATE_NOTE.at(&[event.as_str()]).with_json(&NoteBody { body, user_id })
}

/// Changes a note of an appointment: `PUT /calendars/appointments/{id}/notes/{noteId}`.
pub fn update_note(event: &EventId, id: &NoteId, body: &str, user_id: Option<&UserId>) -> ApiRequest<Note> {
    UPDATE_NOTE.at(&[event.as_str(), id.as_str()]).with_json(&NoteBody { body, user_id })
}

/// Deletes a note of an appointment: `DELETE /calendars/appointments/{id}/notes/{noteId}`.
pub fn delete_note(event: &EventId, id: &NoteId) -> ApiRequest<Succeeded> {
    DELETE_NOTE.at(&[event.as_str(), id.as_str()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::line;

    #[test]
    fn the_requests() {
        let (location, calendar) = (LocationId::new("loc1"), CalendarId::new("cal1"));
        let (user, event) = (UserId::new("usr1"), EventId::new("evt1"));
        assert_eq!(line(&get(&calendar)), "GET /calendars/cal1 - 2021-04-15 repeatable -");
        let query = "startDate=1&endDate=2&timezone=Europe%2FHelsinki&userId=usr1";
        assert_eq!(
            line(&free_slots(&calendar, 1, 2, &user, "Europe/Helsinki")),
            format!("GET /calendars/cal1/free-slots {query} 2021-04-15 repeatable -")
        );
        let query =
            EventQuery { start_time: 1, end_time: 2, calendar_id: None, user_id: Some(user), group_id: None };
        let text = "locationId=loc1&startTime=1&endTime=2&userId=usr1 2021-04-15 repeatable -";
        assert_eq!(line(&events(&location, &query)), format!("GET /calendars/events {text}"));
        assert_eq!(line(&blocked_slots(&location, &query)), format!("GET /calendars/blocked-slots {text}"));
        let new = NewAppointment {
            calendar_id: calendar,
            contact_id: ContactId::new("con1"),
            start_time: "2026-10-26T08:00:00+02:00".into(),
            end_time: None,
            title: None,
            appointment_status: Some(AppointmentStatus::Confirmed),
            assigned_user_id: None,
            address: None,
            description: None,
            ignore_date_range: None,
            ignore_free_slot_validation: None,
            to_notify: None,
        };
        let body = r#"{"locationId":"loc1","calendarId":"cal1","contactId":"con1","startTime":"2026-10-26T08:00:00+02:00","appointmentStatus":"confirmed"}"#;
        assert_eq!(
            line(&create_appointment(&location, &new)),
            format!("POST /calendars/events/appointments - 2021-04-15 once {body}")
        );
        assert_eq!(
            line(&get_appointment(&event)),
            "GET /calendars/events/appointments/evt1 - 2021-04-15 repeatable -"
        );
        let input =
            AppointmentInput { appointment_status: Some(AppointmentStatus::Cancelled), ..Default::default() };
        assert_eq!(
            line(&update_appointment(&event, &input)),
            r#"PUT /calendars/events/appointments/evt1 - 2021-04-15 repeatable {"appointmentStatus":"cancelled"}"#
        );
    }
}
