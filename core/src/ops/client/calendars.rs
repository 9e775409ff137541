use super::{page::Page, table::requests};
use crate::{
    api::{
        Succeeded,
        calendars::{
            AppointmentInput, BLOCK_SLOT, BLOCKED_SLOTS, BlockedSlot, CREATE_APPOINTMENT, CREATE_NOTE,
            Calendar, CalendarEvent, DELETE_EVENT, DELETE_NOTE, EVENTS, EventQuery, FREE_SLOTS, FreeSlots,
            GET, GET_APPOINTMENT, LIST, NOTES, NOTES_PAGING, NewAppointment, NoteQuery, UPDATE_APPOINTMENT,
            UPDATE_BLOCKED_SLOT, UPDATE_NOTE,
        },
        contacts::Note,
    },
    ids::{CalendarId, EventId, NoteId, UserId},
};

requests! {
    /// The calendars of the location.
    "calendars.list" LIST, {
        /// Only of this group.
        group_id: Option<String>,
        /// Whether drafts are listed too; GHL takes it for so where it is not given.
        show_drafted: Option<bool>,
    } -> Vec<Calendar>;

    /// Reads a calendar.
    "calendars.get" GET, {
        /// The calendar.
        calendar_id: CalendarId,
    } -> Calendar;

    /// The free slots of a calendar within at most 31 days, by date.
    "calendars.freeSlots" FREE_SLOTS, {
        /// The calendar.
        calendar_id: CalendarId,
        /// From when, in epoch milliseconds.
        start_date: i64,
        /// Until when, in epoch milliseconds.
        end_date: i64,
        /// In which time zone the slots are told, e.g. `Europe/Helsinki`.
        timezone: Option<String>,
        /// Only of this employee.
        user_id: Option<UserId>,
    } -> FreeSlots;

    /// The events of a calendar, an employee or a group.
    "calendars.events" EVENTS, (EventQuery) -> Vec<CalendarEvent>;

    /// The blocked slots of a calendar, an employee or a group.
    "calendars.blockedSlots" BLOCKED_SLOTS, (EventQuery) -> Vec<CalendarEvent>;

    /// Blocks a slot.
    "calendars.blockSlot" BLOCK_SLOT, {
        /// The slot.
        @spread slot: BlockedSlot,
    } -> CalendarEvent;

    /// Changes a blocked slot.
    "calendars.updateBlockedSlot" UPDATE_BLOCKED_SLOT, {
        /// The blocked slot.
        event_id: EventId,
        /// What it is from now on.
        @spread slot: BlockedSlot,
    } -> CalendarEvent;

    /// Deletes an appointment or a blocked slot.
    "calendars.deleteEvent" DELETE_EVENT, {
        /// The event.
        event_id: EventId,
    } -> Succeeded;

    /// Makes an appointment. After a lost reply it is looked for among those of the contact.
    "appointments.create" CREATE_APPOINTMENT, {
        /// What it is.
        @spread appointment: NewAppointment,
    } -> CalendarEvent;

    /// Reads an appointment.
    "appointments.get" GET_APPOINTMENT, {
        /// The appointment.
        event_id: EventId,
    } -> CalendarEvent;

    /// Changes an appointment; what is not given stays as it is.
    "appointments.update" UPDATE_APPOINTMENT, {
        /// The appointment.
        event_id: EventId,
        /// What changes.
        @spread appointment: AppointmentInput,
    } -> CalendarEvent;

    /// Deletes an appointment.
    "appointments.delete" DELETE_EVENT, {
        /// The appointment.
        event_id: EventId,
    } -> Succeeded;

    /// The notes of an appointment.
    "appointmentNotes.list" NOTES, (NoteQuery) -> Page<Note, NoteQuery> = NOTES_PAGING;

    /// Writes a note.
    "appointmentNotes.create" CREATE_NOTE, {
        /// The appointment.
        event_id: EventId,
        /// Its text.
        body: String,
        /// Who writes it.
        user_id: Option<UserId>,
    } -> Note;

    /// Changes a note.
    "appointmentNotes.update" UPDATE_NOTE, {
        /// The appointment.
        event_id: EventId,
        /// The note.
        note_id: NoteId,
        /// Its text.
        body: String,
        /// Who writes it.
        user_id: Option<UserId>,
    } -> Note;

    /// Deletes a note.
    "appointmentNotes.delete" DELETE_NOTE, {
        /// The appointment.
        event_id: EventId,
        /// The note.
        note_id: NoteId,
    } -> Succeeded;
}
