//! What people do in HighLevel's calendar page.

use serde_json::json;

use super::{Appointment, BlockedSlot, Calendar};
use crate::human::{Done, NoSuch};
use crate::model::Ghl;

fn no_such(what: &'static str, name: &str) -> NoSuch {
    NoSuch { what, name: name.to_owned() }
}

impl Ghl {
    /// The first calendar of a location, to be set up otherwise.
    pub fn calendar_mut(&mut self, location_id: &str) -> Option<&mut Calendar> {
        self.locations.get_mut(location_id)?.calendars.first_mut()
    }

    /// Blocked slots by id.
    pub fn blocked_slots(&self) -> impl Iterator<Item = &BlockedSlot> {
        self.blocked.values()
    }

    /// Drags an appointment to another time, in epoch milliseconds, wherever that is free or not.
    pub fn move_appointment(&mut self, now: i64, id: &str, start: i64, end: i64) -> Done {
        self.edit_appointment(now, id, |appointment| (appointment.start, appointment.end) = (start, end))
    }

    /// Gives an appointment to another user.
    pub fn assign_appointment(&mut self, now: i64, id: &str, user_id: &str) -> Done {
        self.edit_appointment(now, id, |appointment| user_id.clone_into(&mut appointment.user_id))
    }

    /// Sets the status of an appointment, e.g. `cancelled`.
    pub fn set_appointment_status(&mut self, now: i64, id: &str, status: &str) -> Done {
        self.edit_appointment(now, id, |appointment| {
            appointment.details.insert("appointmentStatus".to_owned(), json!(status));
        })
    }

    /// Deletes an appointment.
    pub fn delete_appointment(&mut self, now: i64, id: &str) -> Done {
        let appointment = self.appointments.remove(id).ok_or_else(|| no_such("appointment", id))?;
        self.emit_appointment(now, "AppointmentDelete", &appointment);
        Ok(())
    }

    /// Blocks time of a user; gives the id of the block.
    pub fn block_time(
        &mut self,
        location_id: &str,
        user_id: &str,
        start: i64,
        end: i64,
    ) -> Result<String, NoSuch> {
        let location = self.locations.get(location_id).ok_or_else(|| no_such("location", location_id))?;
        let slot = BlockedSlot {
            location_id: location_id.to_owned(),
            calendar_id: String::new(),
            user_id: user_id.to_owned(),
            start,
            end,
            title: "Blocked".to_owned(),
            offset_minutes: location.settings.utc_offset_minutes,
            id: self.rng.opaque(),
        };
        let id = slot.id.clone();
        self.blocked.insert(id.clone(), slot);
        Ok(id)
    }

    fn edit_appointment(&mut self, now: i64, id: &str, edit: impl FnOnce(&mut Appointment)) -> Done {
        let mut appointment = self.appointments.get(id).cloned().ok_or_else(|| no_such("appointment", id))?;
        edit(&mut appointment);
        appointment.date_updated = now;
        self.keep_appointment(now, "AppointmentUpdate", appointment);
        Ok(())
    }
}
