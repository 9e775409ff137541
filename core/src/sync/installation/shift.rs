//! Moving an installation: both times are held until GHL has answered.

use std::collections::BTreeSet;

use super::{
    Installation, InstallationTerms,
    book::REFUSALS,
    booking_span,
    calls::{GO_ON, Outcome, is_about_the_slot},
    desk::Desk,
    unsettled,
};
use crate::{
    error::{Code, Error, Result},
    ids::{LocationId, OrderId},
    install::{Free, MINUTE_MS},
    ports::store::{BookingRow, BookingState, BookingTime, KeepBooking, Kept, OrderRow},
    sync::{core::Core, engine::Engine, events::kind},
    trace,
};

/// What became of an appointment that was to be moved.
pub(super) enum Shifted {
    Moved(BookingRow),
    /// It was deleted in GHL.
    Gone,
    Refused(Error),
    Unsent(Error),
    Unknown(BookingRow, Error),
}

impl Engine {
    /// Moves the installation of an order to another time, and to another installer where its own is not free then or another is
    /// asked for. `at` is as for [`Engine::schedule_installation`]; the installation keeps its length unless another is given.
    /// Where GHL's reply is lost it resolves as [`InstallationState::Moving`](super::InstallationState::Moving), and the worker finds out.
    ///
    /// # Errors
    /// As [`Engine::schedule_installation`], nothing being written then; `invalid_argument`, field `orderId`, for an order without an
    /// installation.
    pub async fn reschedule_installation(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
        at: &str,
        terms: &InstallationTerms,
    ) -> Result<Installation> {
        trace::within(
            booking_span("reschedule", order),
            Box::pin(self.reschedule(location, order, at, terms)),
        )
        .await
    }

    async fn reschedule(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
        at: &str,
        terms: &InstallationTerms,
    ) -> Result<Installation> {
        let core = &*self.core;
        let location = &core.config.location(location)?.id.clone();
        let order = core.order_of(location, order).await?;
        let mut before = core.standing_booking(location, &order.id).await?;
        let length = before.time.ends_at.saturating_sub(before.time.starts_at) / MINUTE_MS;
        let given = terms.duration_minutes.or(Some(length.max(1)));
        let zone = terms.time_zone.clone().or_else(|| Some(before.time_zone.clone()));
        let terms = InstallationTerms { duration_minutes: given, time_zone: zone, ..terms.clone() };
        let desk = Desk::open(core, location, &terms).await?;
        let span = desk.span(at)?;
        let stays = (span.0..span.1).contains(&before.time.starts_at)
            && before.time.ends_at.saturating_sub(before.time.starts_at) == desk.duration_ms
            && desk.installer.as_ref().is_none_or(|installer| *installer == before.time.installer);
        if stays {
            return Ok(Installation::of(&before));
        }
        let view = desk.view(span).await?;
        let mut tried = BTreeSet::new();
        let mut refusals = 0;
        while let Some(free) = desk.free(&view, span, &tried, Some(&before)).await?.into_iter().next() {
            let Some(claim) = desk.move_to(&before, &free) else { break };
            let attempt = (claim.claimed().installer.clone(), free.starts_at);
            let keep = KeepBooking {
                expected: Some(before.version),
                row: claim.clone(),
                exclusive: true,
                show: false,
                events: Vec::new(),
                now: core.clock.now_ms(),
            };
            match core.store.keep_booking(keep).await? {
                Kept::Kept => {}
                Kept::Taken => {
                    tried.insert(attempt);
                    continue;
                }
                Kept::Moved => return Err(unsettled()),
            }
            match desk.is_free(&claim).await {
                Ok(true) => {}
                Ok(false) => {
                    before = core.put_back(&claim, before).await?;
                    core.forget_slots(location).await;
                    tried.insert(attempt);
                    continue;
                }
                Err(error) => {
                    core.put_back(&claim, before).await?;
                    return Err(error);
                }
            }
            match core.shift(claim.clone(), &order, &GO_ON).await? {
                Shifted::Moved(row) | Shifted::Unknown(row, _) => return Ok(Installation::of(&row)),
                Shifted::Gone => return Err(none(&order.id)),
                Shifted::Refused(error) => {
                    before = core.put_back(&claim, before).await?;
                    core.forget_slots(location).await;
                    refusals += 1;
                    if !is_about_the_slot(&error) || refusals == REFUSALS {
                        return Err(error);
                    }
                    tried.insert(attempt);
                }
                Shifted::Unsent(error) => {
                    core.put_back(&claim, before).await?;
                    return Err(error);
                }
            }
        }
        Err(desk.taken(&view, span, &tried, Some(&before)).await)
    }
}

impl Desk<'_> {
    /// The booking with the claim of another time: its own installer comes where free.
    fn move_to(&self, before: &BookingRow, free: &Free) -> Option<BookingRow> {
        let own = free.installers.iter().find(|installer| **installer == before.time.installer);
        let installer = own.or(free.installers.first())?.clone();
        let to = BookingTime { installer, starts_at: free.starts_at, ends_at: free.ends_at };
        Some(BookingRow {
            version: before.version + 1,
            state: BookingState::Moving,
            to: Some(to),
            buffer_ms: self.buffer_ms,
            time_zone: self.zone.name().to_owned(),
            due_at: Some(self.core.leased_until()),
            ..before.clone()
        })
    }
}

impl Core {
    /// Until when a booking is left to who is at work on it.
    pub(super) fn leased_until(&self) -> i64 {
        self.clock.now_ms().saturating_add(self.config.sync.lease_ms)
    }

    /// Takes the claim of another time back: the booking stands as before.
    pub(super) async fn put_back(&self, claim: &BookingRow, before: BookingRow) -> Result<BookingRow> {
        self.give_back(claim, Some(before)).await?.ok_or_else(unsettled)
    }

    /// The booking of an order whose appointment stands.
    pub(super) async fn standing_booking(
        &self,
        location: &LocationId,
        order: &OrderId,
    ) -> Result<BookingRow> {
        match self.settled_booking(location, order).await? {
            Some(row) if row.state == BookingState::Scheduled => Ok(row),
            Some(row) if row.state.is_open() => Err(unsettled()),
            _ => Err(none(order)),
        }
    }

    /// Moves the appointment to where it is claimed, and writes down what came of it.
    pub(super) async fn shift(
        &self,
        claim: BookingRow,
        order: &OrderRow,
        stopping: &std::sync::atomic::AtomicBool,
    ) -> Result<Shifted> {
        match self.move_appointment(&claim, stopping).await {
            Outcome::Done(_) => {
                let row = BookingRow {
                    state: BookingState::Scheduled,
                    time: claim.claimed().clone(),
                    ..claim.clone()
                };
                self.forget_slots(&claim.location).await;
                match self.settle_booking(row, order, kind::INSTALLATION_RESCHEDULED).await {
                    Ok(Some(row)) => Ok(Shifted::Moved(row)),
                    Ok(None) => Ok(Shifted::Unknown(claim, unsettled())),
                    Err(error) => Ok(Shifted::Unknown(claim, error)),
                }
            }
            Outcome::Refused(error) if error.code() == Code::NotFound => {
                let row = BookingRow { state: BookingState::Cancelled, ..claim };
                self.settle_booking(row, order, kind::INSTALLATION_CANCELLED).await?;
                Ok(Shifted::Gone)
            }
            Outcome::Refused(error) => Ok(Shifted::Refused(error)),
            Outcome::Unsent(error) => Ok(Shifted::Unsent(error)),
            Outcome::Unknown(error) => {
                tracing::warn!(order = %claim.order, code = %error.code(), %error, "whether GHL has moved the appointment is not known yet");
                Ok(Shifted::Unknown(claim, error))
            }
        }
    }
}

pub(super) fn none(order: &OrderId) -> Error {
    let expected = format_args!("expected an order with an installation, {order} has none; book one first");
    Error::invalid("orderId", expected)
}
