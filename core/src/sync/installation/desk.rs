//! What a caller asks for, checked, and what is free for it.

use std::{collections::BTreeSet, sync::Arc};

use chrono_tz::Tz;
use futures::future::try_join;

use super::{
    FARTHEST_MS,
    calendar::{Team, View},
    calls::{stands, time_of},
    view,
};
use crate::{
    config::{InstallationRules, minutes},
    error::{Code, Error, InstallationSlot, Result},
    ids::{CalendarId, LocationId, UserId},
    install::{Busy, DAY_MS, Free, Wanted, When, free, parse_zone},
    order::MAX_NOTES_CHARS,
    ports::store::{BookingRow, BookingTime},
    sync::core::Core,
};

/// How many other times an error names.
const ALTERNATIVES: usize = 5;

/// How far before and after a time others are looked for.
const BEFORE_MS: i64 = 3 * DAY_MS;
const AFTER_MS: i64 = 11 * DAY_MS;

/// Beside when: how an installation is booked. What is left out is as configured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InstallationTerms {
    /// Only by this installer. Default: the least busy of that day.
    pub installer: Option<UserId>,
    /// How long it takes, in minutes; 1 to 1,440. Default: as configured, 360.
    pub duration_minutes: Option<i64>,
    /// How long the installer's way to the next takes at least, in minutes; 0 to 1,440. Default: as configured, 0.
    pub buffer_minutes: Option<i64>,
    /// The customer's zone, by the IANA database: that of times without an offset, and of the answer. Default: the shop's.
    pub time_zone: Option<String>,
    /// For the installer, up to 5,000 characters. Default: the order's installation notes.
    pub instructions: Option<String>,
}

/// Where one asks for an installation.
pub(super) struct Desk<'a> {
    pub(super) core: &'a Core,
    pub(super) location: LocationId,
    pub(super) calendar: CalendarId,
    pub(super) rules: InstallationRules,
    pub(super) team: Arc<Team>,
    /// The customer's zone.
    pub(super) zone: Tz,
    pub(super) duration_ms: i64,
    pub(super) buffer_ms: i64,
    pub(super) installer: Option<UserId>,
    pub(super) instructions: Option<String>,
}

impl<'a> Desk<'a> {
    pub(super) async fn open(
        core: &'a Core,
        location: &LocationId,
        terms: &InstallationTerms,
    ) -> Result<Self> {
        let rules = core.config.installation.rules()?;
        let duration_ms = terms
            .duration_minutes
            .map_or(Ok(rules.duration_ms), |given| minutes("durationMinutes", given, 1))?;
        let buffer_ms =
            terms.buffer_minutes.map_or(Ok(rules.buffer_ms), |given| minutes("bufferMinutes", given, 0))?;
        let zone = terms.time_zone.as_deref().map(|zone| parse_zone("timeZone", zone)).transpose()?;
        let instructions = instructions(terms.instructions.as_deref())?;
        let calendar = core.calendar_of(location)?;
        let team = core.team(location).await?;
        if let Some(other) = terms.installer.as_ref().filter(|given| !team.installers.contains(given)) {
            let known: Vec<&str> = team.installers.iter().map(UserId::as_str).collect();
            let expected =
                format_args!("expected one of the calendar's team, {}, got {other}", known.join(", "));
            return Err(Error::invalid("installerId", expected));
        }
        Ok(Self {
            core,
            location: location.clone(),
            calendar,
            rules,
            zone: zone.unwrap_or(team.zone),
            team,
            duration_ms,
            buffer_ms,
            installer: terms.installer.clone(),
            instructions,
        })
    }

    /// The span within which an installation is to begin.
    pub(super) fn span(&self, at: &str) -> Result<(i64, i64)> {
        let now = self.core.clock.now_ms();
        let (from, until) = match When::parse("at", at, self.zone)? {
            When::At(at) => (at, at.saturating_add(1)),
            When::Day(from, until) => (from.max(now.saturating_add(1)), until),
        };
        let past = || Error::invalid("at", format_args!("expected a time to come, got {at:?}"));
        if from <= now || until <= from {
            return Err(past());
        }
        within_reach("at", from, now)?;
        Ok((from, until))
    }

    /// What GHL said lately of the time around a span.
    pub(super) async fn view(&self, span: (i64, i64)) -> Result<Arc<View>> {
        self.core.slots(&self.location, &self.team, span, self.around(span)).await
    }

    /// What is free in a span, but for what was tried; `own` is the booking that makes way for itself.
    pub(super) async fn free(
        &self,
        view: &View,
        (from, until): (i64, i64),
        tried: &BTreeSet<(UserId, i64)>,
        own: Option<&BookingRow>,
    ) -> Result<Vec<Free>> {
        let bookings = self
            .core
            .store
            .bookings(&self.location, view.from.saturating_sub(DAY_MS), view.until.saturating_add(2 * DAY_MS))
            .await?;
        // Of our own appointments the store knows more than GHL said a minute ago.
        let ours: BTreeSet<_> =
            bookings.iter().chain(own).filter_map(|row| row.appointment.as_ref()).collect();
        let others = view.events.iter().filter(|(id, _)| !ours.contains(id)).map(|(_, busy)| busy.clone());
        let rows = bookings.iter().filter(|row| own.is_none_or(|own| own.order != row.order));
        let held = rows.flat_map(|row| row.held().map(|time| busy(time, row.buffer_ms)));
        let busy: Vec<Busy> = others.chain(held).collect();
        let wanted = Wanted {
            from,
            until,
            duration_ms: self.duration_ms,
            buffer_ms: self.buffer_ms,
            zone: self.team.zone,
            hours: self.team.hours.as_ref(),
            installer: self.installer.as_ref(),
        };
        let mut starts = view.starts.clone();
        // GHL offers no time at which the installer is at this very installation.
        if let Some(time) = own.map(|own| &own.time).filter(|time| until - from == 1 && from < time.ends_at) {
            let beside = time.starts_at.saturating_sub(self.duration_ms) < from;
            if beside && let Some(starts) = starts.get_mut(&time.installer) {
                starts.insert(from);
            }
        }
        let mut free = free(&wanted, &self.team.installers, &starts, &busy);
        for slot in &mut free {
            slot.installers.retain(|installer| !tried.contains(&(installer.clone(), slot.starts_at)));
        }
        free.retain(|slot| !slot.installers.is_empty());
        Ok(free)
    }

    /// Whether the installer is free by what GHL says now: neither at another appointment of any calendar, the way there
    /// counted in, nor blocked.
    pub(super) async fn is_free(&self, row: &BookingRow) -> Result<bool> {
        let time = row.claimed();
        let (events, blocked) =
            try_join(self.core.events_around(row, time, true), self.core.blocked_around(row, time)).await?;
        let is_there = |event: &crate::api::calendars::CalendarEvent, way: i64| {
            let (starts_at, ends_at) = time_of(event)?;
            let there = Busy { installer: time.installer.clone(), starts_at, ends_at, buffer_ms: 0 };
            Some(there.keeps_from(time.starts_at, time.ends_at, way))
        };
        let another = events
            .iter()
            .filter(|event| stands(event) && row.appointment.as_ref() != Some(&event.id))
            .any(|event| is_there(event, self.buffer_ms) == Some(true));
        let is_blocked = blocked.iter().any(|event| is_there(event, 0) == Some(true));
        Ok(!another && !is_blocked)
    }

    /// The error for a time that nobody has free, with the nearest that somebody has.
    pub(super) async fn taken(
        &self,
        view: &View,
        span: (i64, i64),
        tried: &BTreeSet<(UserId, i64)>,
        own: Option<&BookingRow>,
    ) -> Error {
        let message = match &self.installer {
            Some(installer) => format!("at: installer {installer} is not free then"),
            None => "at: no installer is free then".to_owned(),
        };
        let error = Error::new(Code::SlotTaken, message).with_field("at");
        match self.nearest(view, span, tried, own).await {
            Ok(nearest) => error.with_alternatives(nearest),
            Err(cause) => error.with_source(cause),
        }
    }

    /// The free times that are nearest to a span. Days beyond the view are asked for where it has too few.
    async fn nearest(
        &self,
        view: &View,
        span: (i64, i64),
        tried: &BTreeSet<(UserId, i64)>,
        own: Option<&BookingRow>,
    ) -> Result<Vec<InstallationSlot>> {
        let now = self.core.clock.now_ms();
        let mut free = self.free(view, (now, view.until), tried, own).await?;
        let wide = self.around(span);
        if free.len() < ALTERNATIVES && (wide.0 < view.from || view.until < wide.1) {
            let view = self.core.slots(&self.location, &self.team, wide, wide).await?;
            free = self.free(&view, (now, view.until), tried, own).await?;
        }
        let distance = |at: i64| (at - span.0).abs().min((at - span.1).abs());
        free.sort_by_key(|slot| (distance(slot.starts_at), slot.starts_at));
        free.truncate(ALTERNATIVES);
        Ok(free.into_iter().map(|free| self.told(free)).collect())
    }

    /// The days before and after a span.
    fn around(&self, (from, until): (i64, i64)) -> (i64, i64) {
        (from.saturating_sub(BEFORE_MS).max(self.core.clock.now_ms()), until.saturating_add(AFTER_MS))
    }

    pub(super) fn told(&self, free: Free) -> InstallationSlot {
        view::slot(free, self.zone)
    }
}

/// Refuses what is too far ahead.
pub(super) fn within_reach(field: &str, at: i64, now: i64) -> Result<()> {
    if at > now.saturating_add(FARTHEST_MS) {
        return Err(Error::invalid(field, "expected a time within a year from now"));
    }
    Ok(())
}

fn busy(time: &BookingTime, buffer_ms: i64) -> Busy {
    let BookingTime { installer, starts_at, ends_at } = time.clone();
    Busy { installer, starts_at, ends_at, buffer_ms }
}

fn instructions(given: Option<&str>) -> Result<Option<String>> {
    let Some(text) = given.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let count = text.chars().count();
    let unwelcome = text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    if count > MAX_NOTES_CHARS || unwelcome {
        let expected =
            format_args!("expected at most {MAX_NOTES_CHARS} characters, without control characters");
        return Err(Error::invalid("instructions", expected));
    }
    Ok(Some(text.to_owned()))
}
