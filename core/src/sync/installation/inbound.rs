//! An event about an appointment: either what is known already, or a hint to look.

use ghlkit_wire::rfc3339_ms;

use crate::{
    error::Result,
    ids::{EventId, LocationId},
    ports::store::{BookingRow, BookingState, Lookup},
    sync::core::Core,
    webhook::{AppointmentEvent, Event},
};

/// What an event about an appointment comes to.
pub(crate) enum Hinted {
    /// It has to wait: a change of ours is under way.
    Later,
    /// Nothing; why.
    Nothing(&'static str),
    /// The booking is looked at.
    Look,
}

impl Core {
    pub(crate) async fn hint_appointment(
        &self,
        location: &LocationId,
        event: &Event,
        body: &AppointmentEvent,
    ) -> Result<Hinted> {
        let id = EventId::new(body.id.clone());
        loop {
            let Some(row) = self.store.booking_of(location, &id).await? else {
                let awaited = self.awaits_appointment(location, body).await?;
                return Ok(if awaited {
                    Hinted::Later
                } else {
                    Hinted::Nothing("of an appointment of no order")
                });
            };
            if row.state.is_open() {
                return Ok(Hinted::Later);
            }
            let deleted = event.event_type.ends_with("Delete");
            if is_known(&row, body, deleted) {
                return Ok(Hinted::Nothing("equals what is known"));
            }
            let due = BookingRow { due_at: Some(self.clock.now_ms()), failures: 0, ..row };
            if self.rekeep(due, false, Vec::new()).await?.is_some() {
                return Ok(Hinted::Look);
            }
        }
    }

    /// Whether an appointment of the contact is being made, and this may be it.
    async fn awaits_appointment(&self, location: &LocationId, body: &AppointmentEvent) -> Result<bool> {
        let Some(contact) = &body.contact else { return Ok(false) };
        for order in self.store.find_orders(location, Lookup::Contact(contact)).await? {
            let row = self.store.booking(location, &order.id).await?;
            if row.is_some_and(|row| row.state == BookingState::Booking) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether an event says what is known already: all of it, as a part that is absent may have changed.
fn is_known(row: &BookingRow, body: &AppointmentEvent, deleted: bool) -> bool {
    if row.state == BookingState::Cancelled {
        return deleted || matches!(body.status.as_deref(), Some("cancelled" | "invalid"));
    }
    let ms = |text: &Option<String>| rfc3339_ms(text.as_deref()?);
    let stands = body.status.as_deref().is_some_and(|status| !matches!(status, "cancelled" | "invalid"));
    !deleted
        && stands
        && ms(&body.start_time) == Some(row.time.starts_at)
        && ms(&body.end_time) == Some(row.time.ends_at)
        && body.assigned_user.as_ref() == Some(&row.time.installer)
}
