//! Booking: a time is claimed, looked at once more in GHL, and then the appointment is made.

use std::{collections::BTreeSet, sync::atomic::AtomicBool};

use super::{
    Installation, InstallationTerms, booking_span,
    calls::{GO_ON, LEAVES_MS, Outcome, is_about_the_slot},
    desk::{Desk, within_reach},
    unsettled,
};
use crate::{
    error::{Code, Error, InstallationSlot, Result},
    ids::{EventId, LocationId, OrderId, UserId},
    install::{Free, When},
    ports::store::{BookingRow, BookingState, BookingTime, JobFilter, KeepBooking, Kept, OrderRow},
    sync::{
        core::Core,
        desired,
        engine::{Engine, not_found},
        events::kind,
    },
    trace,
};

/// How often GHL may refuse a slot that it offered before a caller hears of it.
pub(super) const REFUSALS: usize = 3;

/// A claim is not renewed before its appointment is made, if it is no older than this.
const FRESH_MS: i64 = 2_000;

/// The longest span that is listed: 31 days, two of which may be longer than 24 hours.
const LONGEST_SPAN_MS: i64 = (31 * 24 + 2) * 3_600_000;

/// What became of an appointment that was to be made.
pub(super) enum Made {
    /// It is in GHL, and written down.
    Scheduled(BookingRow),
    /// GHL refused it.
    Refused(Error),
    /// It was not made; later it may be.
    Unsent(Error),
    /// It may be in GHL: whoever looks later finds out.
    Unknown(BookingRow),
}

impl Engine {
    /// Books the installation of an order: claims a free slot of the calendar for an installer of its team, makes the appointment in
    /// GHL, and writes `ghl_appointment_id`, `installation_date` and `installation_status` into the order. At most three calls
    /// where the slots are known from the minute before.
    ///
    /// `at` is a local time in the customer's zone (`2026-10-25T09:00`), an instant (with an offset or `Z`), or a day
    /// (`2026-10-25`) whose first free slot is meant. Where GHL's reply is lost it resolves as
    /// [`InstallationState::Booking`](super::InstallationState::Booking): the time is kept, and the worker finds out. Called again
    /// for the same time, it gives what was booked.
    ///
    /// # Errors
    /// Nothing is written then: `invalid_argument`, field `at` (malformed, past, too far ahead, missing or ambiguous where clocks
    /// change), `timeZone`, `durationMinutes`, `bufferMinutes`, `installerId`, `instructions`, or `orderId` for an order that has an
    /// installation at another time; `slot_taken` with the nearest times that are free; `transition_refused` for an order beside the path; `order_not_found`;
    /// `conflict` while the order's customer is not in GHL, or another change of it is under way; `config` without a calendar;
    /// what the client answers; `store`.
    pub async fn schedule_installation(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
        at: &str,
        terms: &InstallationTerms,
    ) -> Result<Installation> {
        trace::within(booking_span("schedule", order), Box::pin(self.book(location, order, at, terms))).await
    }

    async fn book(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
        at: &str,
        terms: &InstallationTerms,
    ) -> Result<Installation> {
        let core = &*self.core;
        let location = &core.config.location(location)?.id.clone();
        let row = core.order_of(location, order).await?;
        let status = core.config.model.status(&row.status)?;
        if !core.config.model.is_open(&status) {
            let why = format!("status: expected an order on the path, this one is `{status}`");
            return Err(Error::new(Code::TransitionRefused, why).with_field("status"));
        }
        let desk = Desk::open(core, location, terms).await?;
        let span = desk.span(at)?;
        let mut before = match core.settled_booking(location, order).await? {
            Some(known) if known.state == BookingState::Cancelled => Some(known),
            Some(known) => return desk.known(&known, span),
            None => None,
        };
        let row = self.with_contact(row).await?;
        let view = desk.view(span).await?;
        let mut tried = BTreeSet::new();
        let mut refusals = 0;
        while let Some(free) = desk.free(&view, span, &tried, None).await?.into_iter().next() {
            let Some(installer) = free.installers.first().cloned() else { break };
            let attempt = (installer.clone(), free.starts_at);
            let claim = desk.claim(&row, before.as_ref(), installer, &free)?;
            let keep = KeepBooking {
                expected: before.as_ref().map(|before| before.version),
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
                // Another call for this order was quicker.
                Kept::Moved => {
                    let known = core.store.booking(location, order).await?.ok_or_else(unsettled)?;
                    return desk.known(&known, span);
                }
            }
            match desk.is_free(&claim).await {
                Ok(true) => {}
                Ok(false) => {
                    before = core.give_back(&claim, before).await?;
                    core.forget_slots(location).await;
                    tried.insert(attempt);
                    continue;
                }
                Err(error) => {
                    core.give_back(&claim, before).await?;
                    return Err(error);
                }
            }
            let Some(claim) = core.renewed(claim).await? else { return Err(unsettled()) };
            match core.make(claim.clone(), &row, &GO_ON).await? {
                Made::Scheduled(row) | Made::Unknown(row) => return Ok(Installation::of(&row)),
                Made::Refused(error) => {
                    before = core.give_back(&claim, before).await?;
                    core.forget_slots(location).await;
                    refusals += 1;
                    if !is_about_the_slot(&error) || refusals == REFUSALS {
                        return Err(error);
                    }
                    tried.insert(attempt);
                }
                Made::Unsent(error) => {
                    core.give_back(&claim, before).await?;
                    return Err(error);
                }
            }
        }
        Err(desk.taken(&view, span, &tried, None).await)
    }

    /// The times within a span, of at most 31 days, at which an installation can begin, in order. `from` and `to` are as for
    /// [`Engine::schedule_installation`]; a day counts from its beginning or to its end.
    ///
    /// # Errors
    /// `invalid_argument`, field `from`, `to`, `timeZone`, `durationMinutes`, `bufferMinutes` or `installerId`; `config` without a
    /// calendar; what the client answers; `store`.
    pub async fn available_installations(
        &self,
        location: Option<&LocationId>,
        from: &str,
        to: &str,
        terms: &InstallationTerms,
    ) -> Result<Vec<InstallationSlot>> {
        let core = &*self.core;
        let location = &core.config.location(location)?.id.clone();
        let desk = Desk::open(core, location, terms).await?;
        let now = core.clock.now_ms();
        let (When::At(from) | When::Day(from, _)) = When::parse("from", from, desk.zone)?;
        let (When::At(until) | When::Day(_, until)) = When::parse("to", to, desk.zone)?;
        if until <= now || until <= from {
            return Err(Error::invalid("to", "expected a time to come, after `from`"));
        }
        within_reach("from", from, now)?;
        let from = from.max(now);
        if until.saturating_sub(from) > LONGEST_SPAN_MS {
            return Err(Error::invalid("to", "expected a time within 31 days of `from`"));
        }
        let view = core.slots(location, &desk.team, (from, until), (from, until)).await?;
        let free = desk.free(&view, (from, until), &BTreeSet::new(), None).await?;
        Ok(free.into_iter().map(|free| desk.told(free)).collect())
    }

    /// The order once its customer is in GHL: its job is waited for where it is not yet.
    async fn with_contact(&self, row: OrderRow) -> Result<OrderRow> {
        if row.contact.is_some() {
            return Ok(row);
        }
        let core = &*self.core;
        let (location, order) = (row.location, row.id);
        let filter = JobFilter {
            location: Some(location.clone()),
            order: Some(order.clone()),
            ..JobFilter::default()
        };
        let job = core.store.jobs(filter).await?.pop().ok_or_else(|| not_found(&order))?;
        self.settle(&location, &order, job.id, None).await?;
        let row = core.order_of(&location, &order).await?;
        let message = "the order's customer is not in GHL yet, so there is nobody to make an appointment with; see its sync job";
        if row.contact.is_some() {
            Ok(row)
        } else {
            Err(Error::new(Code::Conflict, message).with_field("orderId"))
        }
    }
}

impl Desk<'_> {
    /// What there is to say of an installation that the order has already.
    fn known(&self, known: &BookingRow, (from, until): (i64, i64)) -> Result<Installation> {
        if known.state == BookingState::Cancelled {
            return Err(unsettled());
        }
        let time = known.claimed();
        let same = (from..until).contains(&time.starts_at)
            && known.state != BookingState::Cancelling
            && self.installer.as_ref().is_none_or(|installer| *installer == time.installer);
        if same {
            return Ok(Installation::of(known));
        }
        if known.state.is_open() {
            return Err(unsettled());
        }
        let at = Installation::of(known).starts_at;
        let expected = format_args!(
            "expected an order without an installation, this one's is at {at}; reschedule it instead"
        );
        Err(Error::invalid("orderId", expected))
    }

    /// The booking that claims a time.
    fn claim(
        &self,
        order: &OrderRow,
        before: Option<&BookingRow>,
        installer: UserId,
        free: &Free,
    ) -> Result<BookingRow> {
        let data = desired::snapshot(order)?;
        let now = self.core.clock.now_ms();
        Ok(BookingRow {
            location: self.location.clone(),
            order: order.id.clone(),
            version: before.map_or(0, |before| before.version) + 1,
            state: BookingState::Booking,
            appointment: None,
            calendar: self.calendar.clone(),
            time: BookingTime { installer, starts_at: free.starts_at, ends_at: free.ends_at },
            to: None,
            buffer_ms: self.buffer_ms,
            time_zone: self.zone.name().to_owned(),
            title: self.rules.title.of(&data),
            instructions: self.instructions.clone().or(data.installation_notes),
            product: data.product.name,
            creating_since: Some(now),
            due_at: Some(self.core.visible_at(now)),
            failures: 0,
        })
    }
}

impl Core {
    /// When an appointment whose creation began then is either to be seen in GHL or will never be.
    pub(super) fn visible_at(&self, since: i64) -> i64 {
        let sync = &self.config.sync;
        since
            .saturating_add(LEAVES_MS)
            .saturating_add(sync.call_timeout_ms)
            .saturating_add(sync.search_lag_ms)
    }

    /// The booking of an order, after another look where it was left in the middle of something.
    pub(super) async fn settled_booking(
        &self,
        location: &LocationId,
        order: &OrderId,
    ) -> Result<Option<BookingRow>> {
        let known = self.store.booking(location, order).await?;
        let now = self.clock.now_ms();
        match known {
            Some(row) if row.state.is_open() && row.due_at.is_some_and(|due| due <= now) => {
                self.resume(row, &GO_ON).await?;
                self.store.booking(location, order).await
            }
            known => Ok(known),
        }
    }

    /// A claim whose appointment is about to be made: as new, where looking at it has taken its time. `None`: another has taken it
    /// over.
    async fn renewed(&self, claim: BookingRow) -> Result<Option<BookingRow>> {
        let now = self.clock.now_ms();
        if claim.creating_since.is_some_and(|since| now.saturating_sub(since) < FRESH_MS) {
            return Ok(Some(claim));
        }
        let due_at = Some(self.visible_at(now));
        self.rekeep(BookingRow { creating_since: Some(now), due_at, ..claim }, false, Vec::new()).await
    }

    /// Takes a claim back that came to nothing. The row that stands in its place, as before.
    pub(super) async fn give_back(
        &self,
        claim: &BookingRow,
        before: Option<BookingRow>,
    ) -> Result<Option<BookingRow>> {
        match before {
            None => {
                let now = self.clock.now_ms();
                self.store
                    .drop_booking(&claim.location, &claim.order, claim.version, Vec::new(), now)
                    .await?;
                Ok(None)
            }
            Some(before) => {
                let back = BookingRow { version: claim.version, ..before };
                self.rekeep(back, false, Vec::new())
                    .await?
                    .map_or_else(|| Err(unsettled()), |row| Ok(Some(row)))
            }
        }
    }

    /// Makes the appointment that a claim is for, and writes down what came of it.
    pub(super) async fn make(
        &self,
        claim: BookingRow,
        order: &OrderRow,
        stopping: &AtomicBool,
    ) -> Result<Made> {
        let made = match self.create_appointment(&claim, order, stopping).await? {
            Outcome::Done(event) => event,
            // GHL is known to refuse with a 422 what it has done all the same.
            Outcome::Refused(error) if error.status() == Some(422) => {
                match self.find_made(&claim, order).await {
                    Ok(Some(event)) => event,
                    Ok(None) => return Ok(Made::Refused(error)),
                    Err(_) => return Ok(Made::Unknown(claim)),
                }
            }
            Outcome::Refused(error) => return Ok(Made::Refused(error)),
            Outcome::Unsent(error) => return Ok(Made::Unsent(error)),
            Outcome::Unknown(error) => {
                tracing::warn!(order = %claim.order, code = %error.code(), %error, "whether GHL has the appointment is not known yet");
                // Nothing more is sent: it can be looked for sooner than after a crash.
                let sync = &self.config.sync;
                let visible = self.clock.now_ms().saturating_add(sync.call_timeout_ms + sync.search_lag_ms);
                let row = BookingRow { due_at: Some(visible), ..claim.clone() };
                return Ok(Made::Unknown(
                    self.rekeep(row, false, Vec::new()).await.ok().flatten().unwrap_or(claim),
                ));
            }
        };
        let installer = made.assigned_user_id.unwrap_or_else(|| claim.time.installer.clone());
        match self.scheduled(&claim, made.id, installer, order).await {
            Ok(Some(row)) => {
                // Its status may have changed meanwhile: whoever changed it saw no appointment to call off.
                match self.store.order(&row.location, &row.order).await {
                    Ok(Some(order)) => self.call_off_if_gone(&row, &order).await?,
                    Ok(None) => {}
                    Err(error) => return Err(error),
                }
                Ok(Made::Scheduled(row))
            }
            // Another has taken over, who finds it in GHL.
            Ok(None) => Ok(Made::Unknown(claim)),
            Err(error) => {
                tracing::warn!(order = %claim.order, code = %error.code(), %error, "an appointment could not be written down; it is looked for later");
                Ok(Made::Unknown(claim))
            }
        }
    }

    /// Writes down that the appointment is there.
    pub(super) async fn scheduled(
        &self,
        claim: &BookingRow,
        appointment: EventId,
        installer: UserId,
        order: &OrderRow,
    ) -> Result<Option<BookingRow>> {
        let time = BookingTime { installer, ..claim.time.clone() };
        let row = BookingRow {
            state: BookingState::Scheduled,
            appointment: Some(appointment),
            time,
            ..claim.clone()
        };
        self.settle_booking(row, order, kind::INSTALLATION_SCHEDULED).await
    }
}
