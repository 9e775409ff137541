//! Goes on with what was left in the middle: a lost reply, a crash, a hint from GHL.

use std::sync::atomic::{AtomicBool, Ordering};

use ghlkit_wire::rfc3339_ms;

use super::{
    book::Made,
    booking_span,
    calls::{stands, time_of},
    cancel::Withdrawn,
    seen::taken_in,
    shift::Shifted,
};
use crate::{
    api::calendars::{self, CalendarEvent},
    error::{Code, Error, Result},
    ports::store::{BookingRow, BookingState, OrderRow},
    sync::{core::Core, events},
    trace,
};

/// When an event was made, in GHL's clock.
fn added_at(event: &CalendarEvent) -> Option<i64> {
    rfc3339_ms(event.extra.get("dateAdded")?.as_str()?)
}

/// How many bookings are looked at in one go.
const BATCH: usize = 32;

/// Waits after the first, second, third and fourth failure; hourly from then on.
const DELAYS_MS: [i64; 4] = [30_000, 120_000, 600_000, 3_600_000];

impl Core {
    /// Looks at the bookings that are due, and begins with none after `until`. Whether there were any.
    pub(crate) async fn settle_bookings(&self, until: i64) -> Result<bool> {
        let due = self.store.due_bookings(self.clock.now_ms(), BATCH).await?;
        let mut any = false;
        for row in due {
            if self.is_stopping() || self.clock.now_ms() >= until {
                break;
            }
            // What was configured when it was booked may not be any more.
            if self.config.location(Some(&row.location)).is_ok() {
                any = true;
                // What calls GHL is large, and seldom there is anything to call it for.
                Box::pin(self.resume(row, &self.stopping)).await?;
            }
        }
        Ok(any)
    }

    /// Goes on with a booking that is due. Nobody else does so meanwhile.
    pub(super) async fn resume(&self, row: BookingRow, stopping: &AtomicBool) -> Result<()> {
        let leased = BookingRow { due_at: Some(self.leased_until()), ..row };
        let Some(row) = self.rekeep(leased, false, Vec::new()).await? else { return Ok(()) };
        let Some(order) = self.store.order(&row.location, &row.order).await? else {
            // The shop has deleted the order: there is nothing to keep in step.
            self.store
                .drop_booking(&row.location, &row.order, row.version, Vec::new(), self.clock.now_ms())
                .await?;
            return Ok(());
        };
        let work = async {
            match row.state {
                BookingState::Booking => self.resume_making(row.clone(), &order, stopping).await,
                BookingState::Moving => self.resume_moving(row.clone(), &order, stopping).await,
                BookingState::Cancelling => self.resume_cancelling(row.clone(), &order, stopping).await,
                BookingState::Scheduled | BookingState::Cancelled => self.look(row.clone(), &order).await,
            }
        };
        let went = trace::within(booking_span("resume", &row.order), work).await;
        match went {
            Ok(()) => Ok(()),
            Err(error) if error.code() == Code::Store => Err(error),
            Err(error) => {
                tracing::warn!(order = %row.order, code = %error.code(), %error, "an installation could not be looked at; it is tried again");
                // What was decided meanwhile stands.
                self.postpone(row, &error).await.map(|_| ())
            }
        }
    }

    /// Puts a booking back, to be looked at later. The row as it is kept by now.
    pub(super) async fn postpone(&self, row: BookingRow, error: &Error) -> Result<BookingRow> {
        let now = self.clock.now_ms();
        let uncounted = match error.code() {
            Code::LeaseLost => Some(if self.stopping.load(Ordering::Relaxed) { 0 } else { 1_000 }),
            Code::RateLimited | Code::DailyLimit | Code::RetryBudget => {
                Some(i64::try_from(error.retry_after_ms().unwrap_or(1_000)).unwrap_or(i64::MAX / 4))
            }
            _ => None,
        };
        let index = usize::try_from(row.failures).unwrap_or(0);
        let delay = uncounted.unwrap_or_else(|| DELAYS_MS.get(index).copied().unwrap_or(3_600_000));
        let failures = row.failures + i64::from(uncounted.is_none());
        let later = BookingRow { due_at: Some(now.saturating_add(delay)), failures, ..row };
        Ok(self.rekeep(later.clone(), false, Vec::new()).await?.unwrap_or(later))
    }

    /// The appointment that a claim was to make, if GHL has it and no other order does.
    pub(super) async fn find_made(
        &self,
        claim: &BookingRow,
        order: &OrderRow,
    ) -> Result<Option<CalendarEvent>> {
        let events = self.events_around(claim, &claim.time, false).await?;
        let now = self.now();
        let since = now.to_ghl(claim.creating_since.unwrap_or_default()).saturating_sub(now.offset.error_ms);
        let ours = events.into_iter().filter(|event| {
            event.contact_id == order.contact
                && event.title.as_deref().is_some_and(|title| title.trim() == claim.title.trim())
                && time_of(event).is_some_and(|(starts_at, _)| starts_at == claim.time.starts_at)
                // An earlier one of the order's was cancelled before this was made.
                && (stands(event) || added_at(event) >= Some(since))
        });
        let mut ours: Vec<CalendarEvent> = ours.collect();
        ours.sort_by_key(|event| (!stands(event), added_at(event)));
        for event in ours {
            // A title need not tell the orders of a customer apart.
            let known = self.store.booking_of(&claim.location, &event.id).await?;
            if known.is_none_or(|row| row.order == claim.order) {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    async fn resume_making(&self, row: BookingRow, order: &OrderRow, stopping: &AtomicBool) -> Result<()> {
        if let Some(event) = self.find_made(&row, order).await? {
            let installer = event.assigned_user_id.clone().unwrap_or_else(|| row.time.installer.clone());
            if let Some(row) = self.scheduled(&row, event.id.clone(), installer, order).await? {
                return self.after_scheduling(row, order, &event).await;
            }
            return Ok(());
        }
        let now = self.clock.now_ms();
        let on_path =
            self.config.model.status(&order.status).is_ok_and(|status| self.config.model.is_open(&status));
        if !on_path || row.time.starts_at <= now {
            let why = Error::new(Code::SlotTaken, "the appointment was not made in time");
            return self.fail(&row, order, &why).await;
        }
        let again = BookingRow { creating_since: Some(now), due_at: Some(self.visible_at(now)), ..row };
        let Some(claim) = self.rekeep(again, false, Vec::new()).await? else { return Ok(()) };
        match self.make(claim.clone(), order, stopping).await? {
            Made::Scheduled(_) | Made::Unknown(_) => Ok(()),
            Made::Refused(error) => self.fail(&claim, order, &error).await,
            Made::Unsent(error) => self.postpone(claim, &error).await.map(|_| ()),
        }
    }

    /// What has happened to an appointment before it was known to be there.
    async fn after_scheduling(&self, row: BookingRow, order: &OrderRow, event: &CalendarEvent) -> Result<()> {
        if !stands(event) {
            return self.take_in(row, order, Some(event)).await;
        }
        self.call_off_if_gone(&row, order).await
    }

    /// Calls an appointment off whose order has left the path while it was made.
    pub(super) async fn call_off_if_gone(&self, row: &BookingRow, order: &OrderRow) -> Result<()> {
        let status = self.config.model.status(&order.status);
        if status.is_ok_and(|status| !self.config.model.is_open(&status)) {
            return self.call_off_installation(&row.location, &row.order).await;
        }
        Ok(())
    }

    /// Gives a claim up that GHL does not have, and says why.
    async fn fail(&self, row: &BookingRow, order: &OrderRow, why: &Error) -> Result<()> {
        tracing::error!(order = %row.order, code = %why.code(), %why, "an installation could not be booked");
        let now = self.clock.now_ms();
        let event = events::installation_failed(order, row, why, now);
        self.store.drop_booking(&row.location, &row.order, row.version, vec![event], now).await?;
        self.wrote();
        Ok(())
    }

    async fn resume_moving(&self, row: BookingRow, order: &OrderRow, stopping: &AtomicBool) -> Result<()> {
        match self.shift(row.clone(), order, stopping).await? {
            Shifted::Moved(_) | Shifted::Gone => Ok(()),
            Shifted::Refused(why) => {
                tracing::warn!(order = %row.order, code = %why.code(), %why, "an installation could not be moved");
                let now = self.clock.now_ms();
                let event = events::installation_failed(order, &row, &why, now);
                // Where it is now is looked at once more: an earlier try may have moved it.
                let back = BookingRow { state: BookingState::Scheduled, to: None, due_at: Some(now), ..row };
                self.rekeep(back, false, vec![event]).await.map(|_| ())
            }
            Shifted::Unsent(error) | Shifted::Unknown(_, error) => {
                self.postpone(row, &error).await.map(|_| ())
            }
        }
    }

    async fn resume_cancelling(
        &self,
        row: BookingRow,
        order: &OrderRow,
        stopping: &AtomicBool,
    ) -> Result<()> {
        match self.withdraw(row.clone(), order, stopping).await? {
            Withdrawn::Cancelled(_) => Ok(()),
            Withdrawn::Refused(error) | Withdrawn::Later(_, error) => {
                self.postpone(row, &error).await.map(|_| ())
            }
        }
    }

    /// Looks at an appointment that GHL hinted at.
    async fn look(&self, row: BookingRow, order: &OrderRow) -> Result<()> {
        let Some(id) = row.appointment.clone() else {
            return self.rekeep(BookingRow { due_at: None, ..row }, false, Vec::new()).await.map(|_| ());
        };
        match self.ask(&row.location, &calendars::get_appointment(&id)).await {
            Ok(event) => self.take_in(row, order, Some(&event)).await,
            Err(error) if error.code() == Code::NotFound => self.take_in(row, order, None).await,
            Err(error) => Err(error),
        }
    }

    async fn take_in(&self, row: BookingRow, order: &OrderRow, seen: Option<&CalendarEvent>) -> Result<()> {
        let (taken, kind) = taken_in(&row, seen);
        match kind {
            Some(kind) => {
                self.forget_slots(&taken.location).await;
                self.settle_booking(taken, order, kind).await?;
            }
            None => {
                self.rekeep(BookingRow { due_at: None, failures: 0, ..taken }, false, Vec::new()).await?;
            }
        }
        Ok(())
    }
}
