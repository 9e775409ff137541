//! What a look at an appointment means for its booking. Pure.

use super::calls::{stands, time_of};
use crate::{
    api::calendars::CalendarEvent,
    ports::store::{BookingRow, BookingState, BookingTime},
    sync::events::kind,
};

/// The booking as the appointment is, and what there is to tell of it. `None` stands for one that is not there any more.
pub(super) fn taken_in(row: &BookingRow, seen: Option<&CalendarEvent>) -> (BookingRow, Option<&'static str>) {
    let standing = seen.filter(|event| stands(event));
    let state = if standing.is_some() { BookingState::Scheduled } else { BookingState::Cancelled };
    let time = standing.map_or_else(
        || row.time.clone(),
        |event| {
            // A time that cannot be read is taken to be as it was.
            let (starts_at, ends_at) = time_of(event).unwrap_or((row.time.starts_at, row.time.ends_at));
            let installer = event.assigned_user_id.clone().unwrap_or_else(|| row.time.installer.clone());
            BookingTime { installer, starts_at, ends_at }
        },
    );
    let kind = match (row.state == BookingState::Cancelled, state) {
        (true, BookingState::Scheduled) => Some(kind::INSTALLATION_SCHEDULED),
        (false, BookingState::Cancelled) => Some(kind::INSTALLATION_CANCELLED),
        (false, _) if time != row.time => Some(kind::INSTALLATION_RESCHEDULED),
        _ => None,
    };
    (BookingRow { state, time, ..row.clone() }, kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CalendarId, EventId, LocationId, OrderId, UserId};

    fn row(state: BookingState) -> BookingRow {
        BookingRow {
            location: LocationId::new("loc1"),
            order: OrderId::new("7"),
            version: 3,
            state,
            appointment: Some(EventId::new("evt1")),
            calendar: CalendarId::new("cal1"),
            time: BookingTime { installer: UserId::new("a"), starts_at: 3_600_000, ends_at: 7_200_000 },
            to: None,
            buffer_ms: 0,
            time_zone: "UTC".to_owned(),
            title: String::new(),
            product: String::new(),
            instructions: None,
            creating_since: None,
            due_at: None,
            failures: 0,
        }
    }

    fn event(status: &str, installer: &str, starts: &str) -> CalendarEvent {
        let json = format!(
            r#"{{"id":"evt1","appointmentStatus":"{status}","assignedUserId":"{installer}","startTime":"{starts}","endTime":"1970-01-01T02:00:00Z"}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn a_look_tells_only_what_is_new() {
        use BookingState::{Cancelled, Scheduled};
        let one = "1970-01-01T03:00:00+02:00";
        let half_past = "1970-01-01T01:30:00Z";
        let table = [
            (Scheduled, Some(event("confirmed", "a", one)), Scheduled, None),
            (Scheduled, Some(event("showed", "a", one)), Scheduled, None),
            (Scheduled, Some(event("confirmed", "a", "soon")), Scheduled, None),
            (
                Scheduled,
                Some(event("confirmed", "a", half_past)),
                Scheduled,
                Some(kind::INSTALLATION_RESCHEDULED),
            ),
            (Scheduled, Some(event("confirmed", "b", one)), Scheduled, Some(kind::INSTALLATION_RESCHEDULED)),
            (Scheduled, Some(event("cancelled", "a", one)), Cancelled, Some(kind::INSTALLATION_CANCELLED)),
            (Scheduled, None, Cancelled, Some(kind::INSTALLATION_CANCELLED)),
            (Cancelled, None, Cancelled, None),
            (Cancelled, Some(event("invalid", "a", half_past)), Cancelled, None),
            (Cancelled, Some(event("confirmed", "a", one)), Scheduled, Some(kind::INSTALLATION_SCHEDULED)),
        ];
        for (before, seen, after, told) in table {
            let (taken, kind) = taken_in(&row(before), seen.as_ref());
            assert_eq!((taken.state, kind), (after, told), "{before:?} {seen:?}");
        }
    }
}
