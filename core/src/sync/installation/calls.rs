//! The calls to GHL, and what is known after each.

use std::{sync::atomic::AtomicBool, time::Duration};

use ghlkit_wire::rfc3339_ms;
use serde::de::DeserializeOwned;

use crate::{
    api::calendars::{self, AppointmentInput, AppointmentStatus, CalendarEvent, EventQuery, NewAppointment},
    client::{ApiRequest, CallMeta, CallOptions},
    error::{Code, Delivery, Error, Result},
    ids::{LocationId, UserId},
    install::{description, rendered},
    order::format_address,
    ports::store::{BookingRow, BookingTime, OrderRow},
    sync::{core::Core, desired, gate::LeaseGate},
};
use chrono_tz::Tz;

/// The longest a call waits for a slot within the location's limit.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// An appointment's POST leaves within this long of its claim's `creating_since`, or not at all: it may wait for a slot before.
pub(super) const LEAVES_MS: i64 = 40_000;

/// A call that somebody waits for is not stopped by a worker's end.
pub(super) static GO_ON: AtomicBool = AtomicBool::new(false);

/// What is known after a call that changes something.
#[derive(Debug)]
pub(super) enum Outcome<T> {
    /// GHL has done it.
    Done(T),
    /// GHL has refused it.
    Refused(Error),
    /// It surely did not happen; later it may.
    Unsent(Error),
    /// It may have happened.
    Unknown(Error),
}

impl<T> Outcome<T> {
    fn of(result: Result<T>, meta: &CallMeta) -> Self {
        match result {
            Ok(done) => Self::Done(done),
            Err(error) if meta.unanswered > 0 || error.delivery() == Delivery::Unknown => {
                Self::Unknown(error)
            }
            // It was accepted: what cannot be read is its reply.
            Err(error) if error.code() == Code::UnexpectedReply => Self::Unknown(error),
            Err(error) if error.delivery() == Delivery::Answered && !error.retryable() => {
                Self::Refused(error)
            }
            Err(error) => Self::Unsent(error),
        }
    }
}

/// Whether GHL refused an appointment because of its time.
pub(super) fn is_about_the_slot(error: &Error) -> bool {
    let message = error.message().to_ascii_lowercase();
    matches!(error.status(), Some(400 | 409 | 422))
        && (message.contains("slot")
            || message.contains("no longer available")
            || message.contains("not available"))
}

/// A time as GHL writes it, of an event.
pub(super) fn time_of(event: &CalendarEvent) -> Option<(i64, i64)> {
    let ms = |text: &Option<String>| rfc3339_ms(text.as_deref()?);
    Some((ms(&event.start_time)?, ms(&event.end_time)?))
}

/// Whether an event keeps its time.
pub(super) fn stands(event: &CalendarEvent) -> bool {
    !matches!(event.appointment_status.as_deref(), Some("cancelled" | "invalid"))
}

impl Core {
    /// Asks GHL for something.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        location: &LocationId,
        request: &ApiRequest<T>,
    ) -> Result<T> {
        self.client.call(location, request, &self.asking(None)).await.result
    }

    fn asking<'a>(&self, gate: Option<&'a LeaseGate<'a>>) -> CallOptions<'a> {
        CallOptions {
            gate: gate.map(|gate| gate as _),
            timeout: Some(Duration::from_millis(self.config.sync.call_timeout_ms.unsigned_abs())),
            max_wait: Some(MAX_WAIT),
            // What became of it is looked for here, and remembered.
            leave_unknown: true,
            ..CallOptions::default()
        }
    }

    /// Makes the appointment.
    pub(super) async fn create_appointment(
        &self,
        row: &BookingRow,
        order: &OrderRow,
        stopping: &AtomicBool,
    ) -> Result<Outcome<CalendarEvent>> {
        let data = desired::snapshot(order)?;
        let Some(contact) = order.contact.clone() else {
            return Ok(Outcome::Unsent(Error::new(Code::Conflict, "the order's customer is not in GHL yet")));
        };
        let (starts, ends) = self.rendered(row, &row.time);
        let new = NewAppointment {
            calendar_id: row.calendar.clone(),
            contact_id: contact,
            start_time: starts,
            end_time: Some(ends),
            title: Some(row.title.clone()),
            appointment_status: Some(AppointmentStatus::Confirmed),
            assigned_user_id: Some(row.time.installer.clone()),
            address: Some(format_address(&data.shipping_address)),
            description: Some(description(&data, row.instructions.as_deref())),
            ignore_date_range: None,
            ignore_free_slot_validation: None,
            to_notify: None,
        };
        let leave_by = row.creating_since.map(|since| since.saturating_add(LEAVES_MS));
        let gate = LeaseGate::new(row.due_at.unwrap_or(i64::MAX), leave_by, stopping);
        let request = calendars::create_appointment(&row.location, &new);
        let call = self.client.call(&row.location, &request, &self.asking(Some(&gate))).await;
        Ok(Outcome::of(call.result, &call.meta))
    }

    /// Moves the appointment to where it is claimed.
    pub(super) async fn move_appointment(
        &self,
        row: &BookingRow,
        stopping: &AtomicBool,
    ) -> Outcome<CalendarEvent> {
        let time = row.claimed();
        let (starts, ends) = self.rendered(row, time);
        let input = AppointmentInput {
            start_time: Some(starts),
            end_time: Some(ends),
            assigned_user_id: Some(time.installer.clone()),
            ..AppointmentInput::default()
        };
        self.change_appointment(row, &input, stopping).await
    }

    /// Cancels the appointment.
    pub(super) async fn withdraw_appointment(
        &self,
        row: &BookingRow,
        stopping: &AtomicBool,
    ) -> Outcome<CalendarEvent> {
        let status = Some(AppointmentStatus::Cancelled);
        self.change_appointment(
            row,
            &AppointmentInput { appointment_status: status, ..Default::default() },
            stopping,
        )
        .await
    }

    async fn change_appointment(
        &self,
        row: &BookingRow,
        input: &AppointmentInput,
        stopping: &AtomicBool,
    ) -> Outcome<CalendarEvent> {
        let Some(id) = &row.appointment else {
            return Outcome::Refused(Error::new(Code::NotFound, "the booking has no appointment"));
        };
        let gate = LeaseGate::new(row.due_at.unwrap_or(i64::MAX), None, stopping);
        let request = calendars::update_appointment(id, input);
        let call = self.client.call(&row.location, &request, &self.asking(Some(&gate))).await;
        Outcome::of(call.result, &call.meta)
    }

    fn rendered(&self, row: &BookingRow, time: &BookingTime) -> (String, String) {
        let zone = row.time_zone.parse().unwrap_or(Tz::UTC);
        (rendered(time.starts_at, zone), rendered(time.ends_at, zone))
    }

    /// The events around a time, of an installer or of the calendar.
    pub(super) async fn events_around(
        &self,
        row: &BookingRow,
        time: &BookingTime,
        of_installer: bool,
    ) -> Result<Vec<CalendarEvent>> {
        let query = around(time, of_installer.then_some(&time.installer), row);
        self.ask(&row.location, &calendars::events(&row.location, &query)).await
    }

    /// What is blocked around a time of an installer.
    pub(super) async fn blocked_around(
        &self,
        row: &BookingRow,
        time: &BookingTime,
    ) -> Result<Vec<CalendarEvent>> {
        let query = around(time, Some(&time.installer), row);
        self.ask(&row.location, &calendars::blocked_slots(&row.location, &query)).await
    }
}

/// With a day on each side: which end of an event has to lie within is not documented.
fn around(time: &BookingTime, installer: Option<&UserId>, row: &BookingRow) -> EventQuery {
    EventQuery {
        start_time: time.starts_at.saturating_sub(crate::install::DAY_MS),
        end_time: time.ends_at.saturating_add(crate::install::DAY_MS),
        calendar_id: installer.is_none().then(|| row.calendar.clone()),
        user_id: installer.cloned(),
        group_id: None,
    }
}
