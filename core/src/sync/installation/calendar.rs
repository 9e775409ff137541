//! What is known of a location's calendar: its team for ten minutes, its free slots for one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono_tz::Tz;
use futures::{
    StreamExt, TryStreamExt,
    future::{try_join, try_join_all},
    stream,
};

use super::calls::{stands, time_of};
use crate::{
    api::{
        calendars::{self, EventQuery},
        locations,
    },
    error::{Code, Error, Result},
    ids::{CalendarId, EventId, LocationId, UserId},
    install::{BusinessHours, Busy, DAY_MS, free_starts, open_hours, parse_zone, team},
    sync::core::Core,
};

/// How long a calendar's team and hours are taken to be as they were.
const CALENDAR_MS: i64 = 600_000;

/// How long free slots are taken to be free: what has been taken since shows when they are booked.
const SLOTS_MS: i64 = 60_000;

/// GHL tells the slots of at most this many days at a time.
const CHUNK_MS: i64 = 31 * DAY_MS;

/// How many views are kept.
const VIEWS: usize = 32;

/// How many installers are asked about at a time.
const AT_ONCE: usize = 4;

/// What is known. Whoever asks holds it meanwhile, so that of many one asks.
#[derive(Default)]
pub(crate) struct Known {
    calendars: BTreeMap<LocationId, (i64, Arc<Team>)>,
    views: Vec<Arc<View>>,
}

/// Who installs, when and where.
#[derive(Debug)]
pub(super) struct Team {
    pub(super) installers: Vec<UserId>,
    pub(super) hours: Option<BusinessHours>,
    pub(super) zone: Tz,
}

/// What GHL said of a span of time.
#[derive(Debug)]
pub(super) struct View {
    location: LocationId,
    at: i64,
    pub(super) from: i64,
    pub(super) until: i64,
    /// The slots offered for each installer.
    pub(super) starts: BTreeMap<UserId, BTreeSet<i64>>,
    /// Where installers are, by the calendar's events.
    pub(super) events: Vec<(EventId, Busy)>,
}

impl Core {
    /// Who installs at a location.
    pub(super) async fn team(&self, location: &LocationId) -> Result<Arc<Team>> {
        let mut known = self.installing.lock().await;
        let now = self.clock.now_ms();
        if let Some((_, team)) =
            known.calendars.get(location).filter(|(at, _)| now < at.saturating_add(CALENDAR_MS))
        {
            return Ok(team.clone());
        }
        let team = Arc::new(self.read_team(location).await?);
        known.calendars.insert(location.clone(), (self.clock.now_ms(), team.clone()));
        Ok(team)
    }

    async fn read_team(&self, location: &LocationId) -> Result<Team> {
        let id = self.calendar_of(location)?;
        let rules = self.config.installation.rules()?;
        let calendar = async {
            let read = self.ask(location, &calendars::get(&id)).await;
            read.map_err(|error| match error.code() {
                Code::NotFound => {
                    Error::config("calendarId", format_args!("the location has no calendar {id}"))
                }
                _ => error,
            })
        };
        let zone = async {
            match rules.zone {
                Some(zone) => Ok(zone),
                None => {
                    let named = self.ask(location, &locations::get(location)).await?.timezone;
                    let unknown = || {
                        Error::config(
                            "installation.timeZone",
                            "GHL does not say in which zone the location is; set it",
                        )
                    };
                    parse_zone("timeZone", named.as_deref().unwrap_or_default()).map_err(|_| unknown())
                }
            }
        };
        let (calendar, zone) = try_join(calendar, zone).await?;
        let installers = team(&calendar);
        if installers.is_empty() {
            return Err(Error::config(
                "calendarId",
                format_args!("expected a calendar with a team, but {id} has nobody in it"),
            ));
        }
        let hours = rules.hours.or_else(|| open_hours(&calendar));
        Ok(Team { installers, hours, zone })
    }

    /// The configured calendar of installations.
    pub(super) fn calendar_of(&self, location: &LocationId) -> Result<CalendarId> {
        let calendar = self.config.location(Some(location))?.calendar.clone();
        let unset = "is not set, nor is GHL_INSTALLATION_CALENDAR_ID; it is the calendar of installations";
        calendar
            .ok_or_else(|| Error::new(Code::Config, format!("calendarId: {unset}")).with_field("calendarId"))
    }

    /// What is free at a location in a span: as it was said within the last minute, or asked for `wide` now.
    pub(super) async fn slots(
        &self,
        location: &LocationId,
        team: &Team,
        needed: (i64, i64),
        wide: (i64, i64),
    ) -> Result<Arc<View>> {
        let mut known = self.installing.lock().await;
        let now = self.clock.now_ms();
        known.views.retain(|view| now < view.at.saturating_add(SLOTS_MS));
        let covers = |view: &&Arc<View>| {
            view.location == *location && view.from <= needed.0.max(now) && needed.1 <= view.until
        };
        if let Some(view) = known.views.iter().find(covers) {
            return Ok(view.clone());
        }
        let view = Arc::new(self.read_slots(location, team, wide).await?);
        if known.views.len() >= VIEWS {
            known.views.remove(0);
        }
        known.views.push(view.clone());
        Ok(view)
    }

    /// The free slots of a location are others by now.
    pub(super) async fn forget_slots(&self, location: &LocationId) {
        self.installing.lock().await.views.retain(|view| view.location != *location);
    }

    async fn read_slots(
        &self,
        location: &LocationId,
        team: &Team,
        (from, until): (i64, i64),
    ) -> Result<View> {
        let id = &self.calendar_of(location)?;
        let at = self.clock.now_ms();
        let of_installer = |installer: UserId| async move {
            let chunks: Vec<_> = std::iter::successors(Some(from), |begun| begun.checked_add(CHUNK_MS))
                .take_while(|begun| *begun < until)
                .map(|begun| (begun, until.min(begun.saturating_add(CHUNK_MS))))
                .collect();
            let chunk = |(from, until): (i64, i64)| {
                let request = calendars::free_slots(id, from, until, &installer, team.zone.name());
                async move { self.ask(location, &request).await }
            };
            let slots = try_join_all(chunks.into_iter().map(chunk)).await?;
            Ok((installer, slots.iter().flat_map(free_starts).collect()))
        };
        let starts = stream::iter(team.installers.clone()).map(of_installer).buffered(AT_ONCE).try_collect();
        let query = EventQuery {
            start_time: from.saturating_sub(DAY_MS),
            end_time: until.saturating_add(2 * DAY_MS),
            calendar_id: Some(id.clone()),
            user_id: None,
            group_id: None,
        };
        let request = calendars::events(location, &query);
        let events = self.ask(location, &request);
        let (starts, events) = try_join(starts, events).await?;
        let busy = events.iter().filter(|event| stands(event)).filter_map(|event| {
            let (starts_at, ends_at) = time_of(event)?;
            let installer = event.assigned_user_id.clone()?;
            Some((event.id.clone(), Busy { installer, starts_at, ends_at, buffer_ms: 0 }))
        });
        Ok(View { location: location.clone(), at, from, until, starts, events: busy.collect() })
    }
}
