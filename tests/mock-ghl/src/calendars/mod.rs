//! Calendars, their free slots and their appointments.

mod appointments;
mod blocks;
mod human;
mod slots;

use serde_json::{Value, json};

use crate::auth::Access;
use crate::http::{Answer, Handled};
use crate::ids::Rng;
use crate::locations::Location;
use crate::model::Ghl;
use crate::routes::{Call, Route};
use crate::users::User;

pub use appointments::Appointment;
pub use blocks::BlockedSlot;

/// One round-robin calendar.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Opaque id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The users it books.
    pub team: Vec<String>,
    /// Length of a slot in minutes.
    pub slot_minutes: i64,
    /// From one slot's start to the next one's, in minutes.
    pub interval_minutes: i64,
    /// Opening and closing hour of each working day, in the location's zone.
    pub hours: (i64, i64),
}

pub(crate) const ROUTES: &[Route] = &[
    route("GET", "/calendars/", "calendars.readonly", list),
    route("GET", "/calendars/{calendarId}", "calendars.readonly", get),
    route("GET", "/calendars/{calendarId}/free-slots", "calendars.readonly", slots::free_slots),
    route("GET", "/calendars/events", "calendars/events.readonly", appointments::list),
    route("GET", "/calendars/blocked-slots", "calendars/events.readonly", blocks::list),
    route("POST", "/calendars/events/block-slots", "calendars/events.write", blocks::create),
    route("PUT", "/calendars/events/block-slots/{eventId}", "calendars/events.write", blocks::update),
    route("POST", "/calendars/events/appointments", "calendars/events.write", appointments::create),
    route("GET", "/calendars/events/appointments/{eventId}", "calendars/events.readonly", appointments::get),
    route("PUT", "/calendars/events/appointments/{eventId}", "calendars/events.write", appointments::update),
    route("GET", "/contacts/{contactId}/appointments", "contacts.readonly", appointments::of_contact),
    route("DELETE", "/calendars/events/{eventId}", "calendars/events.write", appointments::delete),
];

const fn route(
    method: &'static str,
    pattern: &'static str,
    scope: &'static str,
    handler: fn(&mut Ghl, &Call<'_>) -> Handled,
) -> Route {
    Route { method, pattern, access: Access::Location, scope, handler }
}

/// Six hours an installation, on working days from 8 to 18, by everybody who is no administrator.
pub(crate) fn installation_calendar(rng: &mut Rng, users: &[User]) -> Calendar {
    Calendar {
        id: rng.opaque(),
        name: "Sauna Installation".to_owned(),
        team: users.iter().filter(|user| user.role == "user").map(|user| user.id.clone()).collect(),
        slot_minutes: 360,
        interval_minutes: 120,
        hours: (8, 18),
    }
}

impl Calendar {
    fn to_json(&self, location_id: &str) -> Value {
        let members = self.team.iter().map(|id| json!({ "userId": id, "priority": 0.5, "isPrimary": false }));
        json!({
            "id": self.id,
            "locationId": location_id,
            "name": self.name,
            "isActive": true,
            "calendarType": "round_robin",
            "teamMembers": members.collect::<Vec<_>>(),
            "slotDuration": self.slot_minutes,
            "slotDurationUnit": "mins",
            "slotInterval": self.interval_minutes,
            "slotIntervalUnit": "mins",
            "openHours": [{
                "daysOfTheWeek": [1, 2, 3, 4, 5],
                "hours": [{ "openHour": self.hours.0, "openMinute": 0, "closeHour": self.hours.1, "closeMinute": 0 }],
            }],
            "appoinmentPerSlot": 1,
            "appoinmentPerDay": 0,
        })
    }
}

impl Ghl {
    /// The calendar with that id and the location it is in, if the token opens it.
    fn calendar(&self, call: &Call<'_>, id: &str) -> Result<(&Location, &Calendar), Answer> {
        let mut all = self
            .locations
            .values()
            .flat_map(|location| location.calendars.iter().map(move |own| (location, own)));
        match all.find(|(_, calendar)| calendar.id == id) {
            Some((location, calendar)) => {
                call.require_location(&location.settings.id)?;
                Ok((location, calendar))
            }
            None => Err(self.missing("Calendar", id)),
        }
    }
}

fn list(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let location_id = call.required_query("locationId")?;
    call.require_location(location_id)?;
    let calendars = ghl.location(location_id)?.calendars.iter();
    let calendars: Vec<_> = calendars.map(|calendar| calendar.to_json(location_id)).collect();
    Ok(Answer::ok(json!({ "calendars": calendars })))
}

fn get(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let (location, calendar) = ghl.calendar(call, call.path(0))?;
    Ok(Answer::ok(json!({ "calendar": calendar.to_json(&location.settings.id) })))
}
