//! Cancelling an installation: written down first, then GHL is told.

use super::{
    Installation, booking_span,
    calls::{GO_ON, Outcome},
    shift::none,
    unsettled,
};
use crate::{
    error::{Code, Error, Result},
    ids::{LocationId, OrderId},
    ports::store::{BookingRow, BookingState, OrderRow},
    sync::{core::Core, engine::Engine, events::kind},
    trace,
};

/// What became of an appointment that was to be cancelled.
pub(super) enum Withdrawn {
    Cancelled(BookingRow),
    Refused(Error),
    /// It is to be tried again.
    Later(BookingRow, Error),
}

impl Engine {
    /// Cancels the installation of an order, in GHL too. Where GHL cannot be told now it resolves as
    /// [`InstallationState::Cancelling`](super::InstallationState::Cancelling), and the worker goes on. One that is cancelled already stays so.
    ///
    /// # Errors
    /// `invalid_argument`, field `orderId`, for an order without an installation; `conflict` while another change of it is under way;
    /// `order_not_found`; what GHL refuses it with; `store`.
    pub async fn cancel_installation(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
    ) -> Result<Installation> {
        trace::within(booking_span("cancel", order), Box::pin(self.call_off(location, order))).await
    }

    async fn call_off(&self, location: Option<&LocationId>, order: &OrderId) -> Result<Installation> {
        let core = &*self.core;
        let location = &core.config.location(location)?.id.clone();
        let order = core.order_of(location, order).await?;
        let before = core.settled_booking(location, &order.id).await?.ok_or_else(|| none(&order.id))?;
        match before.state {
            BookingState::Cancelled | BookingState::Cancelling => return Ok(Installation::of(&before)),
            BookingState::Booking | BookingState::Moving => return Err(unsettled()),
            BookingState::Scheduled => {}
        }
        let claim = BookingRow {
            state: BookingState::Cancelling,
            due_at: Some(core.leased_until()),
            ..before.clone()
        };
        let claim = core.rekeep(claim, false, Vec::new()).await?.ok_or_else(unsettled)?;
        match core.withdraw(claim.clone(), &order, &GO_ON).await? {
            Withdrawn::Cancelled(row) => Ok(Installation::of(&row)),
            Withdrawn::Later(row, error) => {
                let row = core.postpone(row, &error).await?;
                Ok(Installation::of(&row))
            }
            Withdrawn::Refused(error) => {
                core.put_back(&claim, before).await?;
                Err(error)
            }
        }
    }
}

impl Core {
    /// Cancels the appointment in GHL, and writes down what came of it.
    pub(super) async fn withdraw(
        &self,
        claim: BookingRow,
        order: &OrderRow,
        stopping: &std::sync::atomic::AtomicBool,
    ) -> Result<Withdrawn> {
        match self.withdraw_appointment(&claim, stopping).await {
            Outcome::Done(_) => {}
            // It was deleted.
            Outcome::Refused(error) if error.code() == Code::NotFound => {}
            Outcome::Refused(error) => return Ok(Withdrawn::Refused(error)),
            Outcome::Unsent(error) | Outcome::Unknown(error) => return Ok(Withdrawn::Later(claim, error)),
        }
        self.forget_slots(&claim.location).await;
        let row = BookingRow { state: BookingState::Cancelled, ..claim.clone() };
        let kept = self.settle_booking(row, order, kind::INSTALLATION_CANCELLED).await?;
        Ok(kept.map_or_else(|| Withdrawn::Later(claim, unsettled()), Withdrawn::Cancelled))
    }

    /// Writes down that the appointment of an order is to be cancelled, because the order has left the path. One that has taken
    /// place stays as it was.
    pub(crate) async fn call_off_installation(&self, location: &LocationId, order: &OrderId) -> Result<()> {
        loop {
            let row = match self.store.booking(location, order).await? {
                Some(row) if matches!(row.state, BookingState::Scheduled | BookingState::Moving) => row,
                // One that is being booked is called off by who finds it.
                _ => return Ok(()),
            };
            if row.time.ends_at <= self.clock.now_ms() {
                return Ok(());
            }
            let row = BookingRow {
                state: BookingState::Cancelling,
                to: None,
                due_at: Some(self.clock.now_ms()),
                failures: 0,
                ..row
            };
            if self.rekeep(row, false, Vec::new()).await?.is_some() {
                self.bell.notify(usize::MAX);
                return Ok(());
            }
        }
    }
}
