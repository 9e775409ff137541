//! The hours in which installers work.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::zone::{Pick, day_of, instant};
use crate::error::{Error, Result};

/// Hours of some days of the week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenHours {
    /// The days, each one of `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`.
    pub days: Vec<String>,
    /// When work begins, e.g. `08:00`.
    pub from: String,
    /// When it ends, e.g. `18:00`; `24:00` for the end of the day.
    pub to: String,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTES_A_DAY: u16 = 24 * 60;

/// The hours of a week, in the local time of a zone that is given with each question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BusinessHours {
    /// By day of the week from Monday: from and until which minute of the day.
    week: [Vec<(u16, u16)>; 7],
}

impl BusinessHours {
    /// Reads what is configured.
    ///
    /// # Errors
    /// `invalid_argument`, field e.g. `businessHours[0].from`.
    pub fn parse(hours: &[OpenHours]) -> Result<Self> {
        let mut parsed = Self::default();
        for (i, open) in hours.iter().enumerate() {
            let field = |part: &str| format!("businessHours[{i}].{part}");
            let (from, to) = (minute(&field("from"), &open.from)?, minute(&field("to"), &open.to)?);
            if from >= to {
                let why = format_args!("expected a time after {}, got {}", open.from, open.to);
                return Err(Error::invalid(field("to"), why));
            }
            if open.days.is_empty() {
                return Err(Error::invalid(field("days"), "expected at least one day"));
            }
            for day in &open.days {
                let known = DAYS.iter().position(|known| known == day);
                let Some(hours) = known.and_then(|known| parsed.week.get_mut(known)) else {
                    let expected = format_args!("expected days of {}, got {day:?}", DAYS.join(", "));
                    return Err(Error::invalid(field("days"), expected));
                };
                hours.push((from, to));
            }
        }
        Ok(parsed)
    }

    /// Adds hours of a day of the week, 0 for Monday, in minutes of the day.
    pub(super) fn add(&mut self, weekday: usize, from: u16, to: u16) {
        if let Some(hours) = self.week.get_mut(weekday).filter(|_| from < to && to <= MINUTES_A_DAY) {
            hours.push((from, to));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.week.iter().all(Vec::is_empty)
    }

    /// When work goes on at a local day, as instants in epoch milliseconds. Where clocks change within it, what is meant by one
    /// of its ends may be two instants: it is then the shorter time of the two.
    pub(super) fn of_day(&self, zone: Tz, date: NaiveDate) -> Vec<(i64, i64)> {
        let weekday = usize::try_from(date.weekday().num_days_from_monday()).unwrap_or_default();
        let hours = self.week.get(weekday).into_iter().flatten();
        hours
            .map(|(from, to)| {
                (instant(zone, at(date, *from), Pick::Second), instant(zone, at(date, *to), Pick::First))
            })
            .filter(|(from, to)| from < to)
            .collect()
    }

    /// Whether a time lies within the hours from its beginning to its end. Hours that touch are one time, over midnight too.
    pub fn hold(&self, zone: Tz, starts_at: i64, ends_at: i64) -> bool {
        let (first, last) = (day_of(starts_at, zone), day_of(ends_at, zone));
        let mut open: Vec<(i64, i64)> = std::iter::successors(Some(first), |day| day.succ_opt())
            .take_while(|day| *day <= last)
            .take(3)
            .flat_map(|day| self.of_day(zone, day))
            .collect();
        open.sort_unstable();
        let mut until = starts_at;
        for (from, to) in open {
            if from <= until {
                until = until.max(to);
            }
        }
        until >= ends_at
    }
}

/// The minute of a day, as a local time; the last is the beginning of the next day.
fn at(date: NaiveDate, minute: u16) -> NaiveDateTime {
    let time = NaiveTime::from_hms_opt(u32::from(minute / 60), u32::from(minute % 60), 0);
    match time {
        Some(time) => date.and_time(time),
        None => date.checked_add_days(Days::new(1)).unwrap_or(date).and_time(NaiveTime::MIN),
    }
}

fn minute(field: &str, text: &str) -> Result<u16> {
    let read = || {
        let (hours, minutes) = text.split_once(':').filter(|_| text.len() == 5)?;
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        let digits = text.bytes().filter(u8::is_ascii_digit).count() == 4;
        Some(hours * 60 + minutes).filter(|all| digits && minutes < 60 && *all <= MINUTES_A_DAY)
    };
    read().ok_or_else(|| {
        Error::invalid(field, format_args!("expected a time of day such as `08:00`, got {text:?}"))
    })
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::{DateTime, Timelike};

    use super::*;
    use crate::install::{parse_zone, zone::first_instant};

    fn hours(days: &[&str], from: &str, to: &str) -> BusinessHours {
        let days = days.iter().map(|day| (*day).to_owned()).collect();
        BusinessHours::parse(&[OpenHours { days, from: from.to_owned(), to: to.to_owned() }]).unwrap()
    }

    fn ms(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    #[test]
    fn a_time_lies_within_the_hours_or_not() {
        let zone = parse_zone("z", "Europe/Helsinki").unwrap();
        let work = hours(&DAYS[..5], "08:00", "18:00");
        for (from, to, inside) in [
            ("2026-06-01T08:00:00+03:00", "2026-06-01T14:00:00+03:00", true),
            ("2026-06-01T12:00:00+03:00", "2026-06-01T18:00:00+03:00", true),
            ("2026-06-01T07:59:00+03:00", "2026-06-01T13:59:00+03:00", false),
            ("2026-06-01T12:01:00+03:00", "2026-06-01T18:01:00+03:00", false),
            // A Saturday.
            ("2026-06-06T09:00:00+03:00", "2026-06-06T15:00:00+03:00", false),
            // In UTC it is the day before.
            ("2026-05-31T21:00:00+00:00", "2026-05-31T22:00:00+00:00", false),
        ] {
            assert_eq!(work.hold(zone, ms(from), ms(to)), inside, "{from}");
        }
        let always = hours(&DAYS, "00:00", "24:00");
        assert!(
            always.hold(zone, ms("2026-06-01T20:00:00+03:00"), ms("2026-06-02T02:00:00+03:00")),
            "over midnight"
        );
        let mut split = hours(&["mon"], "08:00", "12:00");
        split.add(0, 13 * 60, 18 * 60);
        assert!(
            !split.hold(zone, ms("2026-06-01T11:00:00+03:00"), ms("2026-06-01T14:00:00+03:00")),
            "over lunch"
        );
    }

    #[test]
    fn malformed_hours_are_named() {
        let of = |days: &[&str], from: &str, to: &str| {
            let days = days.iter().map(|day| (*day).to_owned()).collect();
            let error = BusinessHours::parse(&[OpenHours { days, from: from.to_owned(), to: to.to_owned() }])
                .unwrap_err();
            error.field().unwrap().to_owned()
        };
        assert_eq!(of(&["mon"], "8:00", "18:00"), "businessHours[0].from");
        assert_eq!(of(&["mon"], "+8:00", "18:00"), "businessHours[0].from");
        assert_eq!(of(&["mon"], "08:60", "18:00"), "businessHours[0].from");
        assert_eq!(of(&["mon"], "08:00", "24:01"), "businessHours[0].to");
        assert_eq!(of(&["mon"], "18:00", "08:00"), "businessHours[0].to");
        assert_eq!(of(&["monday"], "08:00", "18:00"), "businessHours[0].days");
        assert_eq!(of(&[], "08:00", "18:00"), "businessHours[0].days");
    }

    /// The days on which a zone's clocks change, with those around them: from 2000 on, and the only change of some zones before.
    pub(in crate::install) fn days_of_change(zone: Tz) -> Vec<NaiveDate> {
        let offset = |date: NaiveDate| {
            use chrono::{Offset, TimeZone};
            zone.offset_from_utc_datetime(&date.and_time(NaiveTime::MIN)).fix().local_minus_utc()
        };
        let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
        let mut days = std::collections::BTreeSet::new();
        for day in first.iter_days().take(366 * 31) {
            let before = day.pred_opt().unwrap();
            if offset(day) != offset(before) {
                days.extend([before.pred_opt().unwrap(), before, day, day.succ_opt().unwrap()]);
            }
        }
        days.into_iter().collect()
    }

    /// In every zone, on the days around every change of its clocks since 2000: what is open is exactly what a clock on the wall
    /// shows to be open, save for a minute that comes twice; and a day is as long as it is.
    #[test]
    fn in_every_zone_the_hours_are_those_of_the_clock_on_the_wall() {
        let all = [
            ("00:00", "24:00"),
            ("08:00", "18:00"),
            ("01:30", "02:30"),
            ("00:30", "05:00"),
            ("22:00", "23:45"),
        ];
        let all = all
            .map(|(from, to)| (hours(&DAYS, from, to), minute("f", from).unwrap(), minute("t", to).unwrap()));
        let mut changes = 0;
        for zone in chrono_tz::TZ_VARIANTS {
            for date in days_of_change(zone) {
                changes += 1;
                let (day, next) = (first_instant(zone, date), first_instant(zone, date.succ_opt().unwrap()));
                let hours_long = (next - day) as f64 / 3_600_000.0;
                assert!((0.0..=48.0).contains(&hours_long), "{zone} {date}: {hours_long} h");
                if day < next {
                    assert_eq!(day_of(day, zone), date, "{zone}");
                    assert_ne!(day_of(day - 1, zone), date, "{zone} {date} begins earlier");
                }
                for (work, from, to) in &all {
                    let open = work.of_day(zone, date);
                    assert!(open.len() <= 1);
                    for instant in (day..next).step_by(15 * 60_000) {
                        let wall = DateTime::from_timestamp_millis(instant).unwrap().with_timezone(&zone);
                        let at = u16::try_from(wall.num_seconds_from_midnight() / 60).unwrap();
                        let shown = (*from..*to).contains(&at) && wall.date_naive() == date;
                        let held = open.iter().any(|(from, to)| (*from..*to).contains(&instant));
                        assert!(!held || shown, "{zone} {wall}: open, though the clock shows {at}");
                        let twice = |minute: u16| {
                            use chrono::{MappedLocalTime, TimeZone};
                            matches!(
                                zone.from_local_datetime(&super::at(date, minute)),
                                MappedLocalTime::Ambiguous(..)
                            )
                        };
                        assert!(held || !shown || twice(*from) || twice(*to), "{zone} {wall}: shut");
                    }
                }
            }
        }
        assert!(changes > 10_000, "{changes}");
    }
}
