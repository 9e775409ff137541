//! Which slots of a calendar are free.

use serde_json::{Map, json};

use super::Calendar;
use crate::http::{Answer, Handled};
use crate::model::Ghl;
use crate::routes::Call;
use crate::time::{DAY_MS, iso_at_offset};

const MINUTE_MS: i64 = 60_000;
const LONGEST_RANGE_DAYS: i64 = 31;

impl Calendar {
    pub(super) fn slot_ms(&self) -> i64 {
        self.slot_minutes * MINUTE_MS
    }

    /// Whether a slot begins then, free or not.
    pub(super) fn offers(&self, start: i64, offset_minutes: i32) -> bool {
        let shift = i64::from(offset_minutes) * MINUTE_MS;
        let day = (start + shift).div_euclid(DAY_MS);
        is_working_day(day) && self.starts(day * DAY_MS - shift).any(|offered| offered == start)
    }

    /// The starts of all slots of the working day that begins at `midnight`, free or not.
    fn starts(&self, midnight: i64) -> impl Iterator<Item = i64> {
        let (open, close) =
            (midnight + self.hours.0 * 60 * MINUTE_MS, midnight + self.hours.1 * 60 * MINUTE_MS);
        let (length, step) = (self.slot_ms(), self.interval_minutes.max(1) * MINUTE_MS);
        let starts = std::iter::successors(Some(open), move |start| Some(start + step));
        starts.take_while(move |start| start + length <= close)
    }
}

/// Monday to Friday; the epoch began on a Thursday.
fn is_working_day(day: i64) -> bool {
    (day + 3).rem_euclid(7) < 5
}

impl Ghl {
    /// The first of these users whom no standing appointment keeps busy in that time.
    pub(super) fn free_user(&self, users: &[String], from: i64, until: i64, except: &str) -> Option<String> {
        let busy = |user: &str| {
            self.blocked.values().any(|slot| slot.keeps(user, from, until))
                || self.appointments.values().any(|other| {
                    other.user_id == user
                        && other.id != except
                        && other.stands()
                        && other.overlaps(from, until)
                })
        };
        users.iter().find(|user| !busy(user)).cloned()
    }
}

/// A map keyed by date, and by switch a `traceId` among the dates.
pub(super) fn free_slots(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let bound = |name: &'static str| {
        let text = call.required_query(name)?;
        let invalid = || Answer::unprocessable_one(format!("{name} must be a number of milliseconds"));
        text.parse::<i64>().map_err(|_| invalid())
    };
    let (from, until) = (bound("startDate")?, bound("endDate")?);
    if until <= from {
        return Err(Answer::unprocessable_one("endDate must be after startDate"));
    }
    if until.saturating_sub(from) > LONGEST_RANGE_DAYS * DAY_MS {
        let message = format!("The date range must not exceed {LONGEST_RANGE_DAYS} days");
        return Err(Answer::bad_request(&message));
    }
    let (location, calendar) = ghl.calendar(call, call.path(0))?;
    let users = match call.query("userId") {
        Some(user) => calendar.team.iter().filter(|member| *member == user).cloned().collect(),
        None => calendar.team.clone(),
    };
    let utc = matches!(call.query("timezone"), Some("UTC" | "Etc/UTC"));
    let offset_minutes = location.settings.utc_offset_minutes;
    let shown_at = if utc { 0 } else { offset_minutes };
    let shift = i64::from(offset_minutes) * MINUTE_MS;
    let days = (from + shift).div_euclid(DAY_MS)..=(until + shift).div_euclid(DAY_MS);
    let mut dates = Map::new();
    for day in days.filter(|day| is_working_day(*day)) {
        for start in calendar.starts(day * DAY_MS - shift) {
            let wanted = start >= from && start < until && start > call.now;
            if wanted && ghl.free_user(&users, start, start + calendar.slot_ms(), "").is_some() {
                let text = iso_at_offset(start, shown_at);
                let date = text.get(..10).unwrap_or_default().to_owned();
                let slots = dates.entry(date).or_insert_with(|| json!({ "slots": [] }));
                if let Some(list) = slots.get_mut("slots").and_then(|slots| slots.as_array_mut()) {
                    list.push(json!(text));
                }
            }
        }
    }
    let answer = Answer::ok(dates.into());
    Ok(if ghl.settings.assumptions.free_slots_trace_id { answer } else { answer.untraced() })
}
