//! Local times: what was meant by one, and how an instant is told.

use std::str::FromStr;

use chrono::{
    DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone,
};
use chrono_tz::{GapInfo, OffsetComponents, Tz};

use crate::error::{Error, Result};

/// Beyond these years a date is a mistake, and arithmetic with it another.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2500;

/// A time zone of the IANA database.
///
/// # Errors
/// `invalid_argument` naming the field.
pub fn parse_zone(field: &str, name: &str) -> Result<Tz> {
    Tz::from_str(name).map_err(|_| {
        let expected = "expected a time zone of the IANA database, e.g. `Europe/Helsinki`";
        Error::invalid(field, format_args!("{expected}, got {:?}", name.chars().take(60).collect::<String>()))
    })
}

/// An instant as a person there reads it: ISO 8601 with the zone's offset, e.g. `2026-10-25T09:00:00+02:00`.
pub fn rendered(ms: i64, zone: Tz) -> String {
    let utc = DateTime::from_timestamp_millis(ms).unwrap_or_default();
    utc.with_timezone(&zone).fixed_offset().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What a caller means by a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// This instant, in epoch milliseconds.
    At(i64),
    /// Some time of this day: from its first instant until the next day's, in epoch milliseconds. A day has 23 or 25 hours
    /// where clocks change.
    Day(i64, i64),
}

impl When {
    /// Reads `2026-10-25T09:00` as a local time of the zone, with an offset or `Z` behind it as an instant, and `2026-10-25` as a
    /// whole day of the zone.
    ///
    /// # Errors
    /// `invalid_argument` naming the field: it has another form, or is a local time that comes twice or not at all where clocks
    /// change.
    pub fn parse(field: &str, text: &str, zone: Tz) -> Result<Self> {
        let text = text.trim();
        let malformed = || {
            let shown: String = text.chars().take(40).collect();
            let expected =
                "expected ISO 8601, such as `2026-10-25T09:00`, `2026-10-25T09:00:00+02:00` or `2026-10-25`";
            Error::invalid(field, format_args!("{expected}, got {shown:?}"))
        };
        let in_bounds =
            |date: NaiveDate| if YEARS.contains(&date.year()) { Ok(()) } else { Err(malformed()) };
        // A sign, a fraction or white space more would pass for numbers.
        if !text.is_ascii() || text.len() > 40 || text.bytes().any(|byte| byte.is_ascii_whitespace()) {
            return Err(malformed());
        }
        if let (10, Ok(date)) = (text.len(), NaiveDate::parse_from_str(text, "%Y-%m-%d")) {
            in_bounds(date)?;
            let next = date.succ_opt().ok_or_else(malformed)?;
            let (from, until) = (first_instant(zone, date), first_instant(zone, next));
            return if from < until {
                Ok(Self::Day(from, until))
            } else {
                Err(Error::invalid(
                    field,
                    format_args!("{date} was left out in {zone}; expected another day"),
                ))
            };
        }
        let (local, offset) = split_offset(text);
        let time = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
            .into_iter()
            .find_map(|form| NaiveDateTime::parse_from_str(local, form).ok())
            .filter(|_| local.as_bytes().get(10) == Some(&b'T'))
            .ok_or_else(malformed)?;
        in_bounds(time.date())?;
        match offset {
            Some(offset) => {
                let seconds = seconds(offset).ok_or_else(malformed)?;
                Ok(Self::At(time.and_utc().timestamp_millis().saturating_sub(seconds.saturating_mul(1_000))))
            }
            None => match zone.from_local_datetime(&time) {
                MappedLocalTime::Single(at) => Ok(Self::At(at.timestamp_millis())),
                MappedLocalTime::Ambiguous(first, second) => Err(Error::invalid(
                    field,
                    format_args!(
                        "{local} comes twice in {zone}, where clocks go back; expected it with its offset: {} or {}",
                        rendered(first.timestamp_millis(), zone),
                        rendered(second.timestamp_millis(), zone),
                    ),
                )),
                MappedLocalTime::None => Err(Error::invalid(
                    field,
                    format_args!(
                        "{local} does not come in {zone}, where clocks go forward; expected another time"
                    ),
                )),
            },
        }
    }
}

/// A time and the offset behind it.
fn split_offset(text: &str) -> (&str, Option<&str>) {
    if let Some(local) = text.strip_suffix(['Z', 'z']) {
        return (local, Some("+00:00"));
    }
    let sign = text.len().checked_sub(6).filter(|at| matches!(text.as_bytes().get(*at), Some(b'+' | b'-')));
    match sign.and_then(|at| text.split_at_checked(at)) {
        // The minus of a date stands further left.
        Some((local, offset)) if local.len() > 10 => (local, Some(offset)),
        _ => (text, None),
    }
}

/// The seconds of an offset `+hh:mm`.
fn seconds(offset: &str) -> Option<i64> {
    let (sign, rest) = offset.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let part = |text: &str, most: i64| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|value| digits && *value <= most)
    };
    let seconds = (part(hours, 23)? * 60 + part(minutes, 59)?) * 60;
    Some(if sign == "-" { -seconds } else { seconds })
}

/// Which of two instants a local time stands for that comes twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pick {
    First,
    Second,
}

/// The instant of a local time, in epoch milliseconds; of one that is left out the first instant after the gap.
pub(super) fn instant(zone: Tz, local: NaiveDateTime, pick: Pick) -> i64 {
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(at) => at.timestamp_millis(),
        MappedLocalTime::Ambiguous(first, second) => {
            let (first, second) = (first.timestamp_millis(), second.timestamp_millis());
            if pick == Pick::First { first.min(second) } else { first.max(second) }
        }
        MappedLocalTime::None => after_gap(zone, local),
    }
}

fn after_gap(zone: Tz, local: NaiveDateTime) -> i64 {
    let before = GapInfo::new(&local, &zone).and_then(|gap| gap.begin);
    let (begun, offset) = match before {
        Some((begun, offset)) => (begun, (offset.base_utc_offset() + offset.dst_offset()).num_milliseconds()),
        None => (local, 0),
    };
    begun.and_utc().timestamp_millis().saturating_sub(offset)
}

/// The first instant of a local day, in epoch milliseconds; of a day that is left out that of the next.
pub(super) fn first_instant(zone: Tz, date: NaiveDate) -> i64 {
    instant(zone, date.and_time(NaiveTime::MIN), Pick::First)
}

/// The local day of an instant.
pub(super) fn day_of(ms: i64, zone: Tz) -> NaiveDate {
    DateTime::from_timestamp_millis(ms).unwrap_or_default().with_timezone(&zone).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn helsinki() -> Tz {
        parse_zone("timeZone", "Europe/Helsinki").unwrap()
    }

    fn at(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    #[test]
    fn a_time_is_an_instant_a_local_time_or_a_day() {
        let nine = When::At(at("2026-06-01T09:00:00+03:00"));
        for text in [
            "2026-06-01T09:00",
            "2026-06-01T09:00:00",
            "2026-06-01T09:00+03:00",
            "2026-06-01T06:00:00Z",
            " 2026-06-01T06:00:00.000Z ",
        ] {
            assert_eq!(When::parse("at", text, helsinki()).unwrap(), nine, "{text}");
        }
        let day = When::Day(at("2026-06-01T00:00:00+03:00"), at("2026-06-02T00:00:00+03:00"));
        assert_eq!(When::parse("at", "2026-06-01", helsinki()).unwrap(), day);
        assert_eq!(rendered(at("2026-06-01T06:00:00Z"), helsinki()), "2026-06-01T09:00:00+03:00");
    }

    #[test]
    fn what_is_malformed_missing_or_ambiguous_names_the_field() {
        let table = [
            ("", "expected ISO 8601"),
            ("tomorrow", "expected ISO 8601"),
            ("2026-13-01", "expected ISO 8601"),
            ("2026-02-30T09:00", "expected ISO 8601"),
            ("2026-06-01 09:00", "expected ISO 8601"),
            ("2026-06-01T09:00+3", "expected ISO 8601"),
            ("2026-06-01T09:00+03:60", "expected ISO 8601"),
            ("2026-06-01T09", "expected ISO 8601"),
            ("+2026-6-1", "expected ISO 8601"),
            ("9999-06-01T09:00", "expected ISO 8601"),
            ("0001-06-01", "expected ISO 8601"),
            ("2026-06-01T09:00:00\u{e4}", "expected ISO 8601"),
            // Clocks go from 03:00 to 04:00, and in October from 04:00 back to 03:00.
            ("2026-03-29T03:30", "does not come"),
            ("2026-10-25T03:30", "comes twice"),
        ];
        for (text, said) in table {
            let error = When::parse("at", text, helsinki()).unwrap_err();
            assert_eq!(error.field(), Some("at"), "{text}");
            assert!(error.message().contains(said), "{text}: {error}");
        }
        let twice = When::parse("at", "2026-10-25T03:30", helsinki()).unwrap_err();
        assert!(
            twice.message().contains("2026-10-25T03:30:00+03:00 or 2026-10-25T03:30:00+02:00"),
            "{twice}"
        );
        assert_eq!(parse_zone("timeZone", "Mars/Base").unwrap_err().field(), Some("timeZone"));
    }

    #[test]
    fn a_day_has_the_hours_it_has() {
        let hours = |text: &str, zone: &str| match When::parse("at", text, parse_zone("z", zone).unwrap()) {
            Ok(When::Day(from, until)) => Some((until - from) / 3_600_000),
            _ => None,
        };
        assert_eq!(hours("2026-03-29", "Europe/Helsinki"), Some(23));
        assert_eq!(hours("2026-10-25", "Europe/Helsinki"), Some(25));
        assert_eq!(hours("2026-10-26", "Europe/Helsinki"), Some(24));
        assert_eq!(hours("2011-12-30", "Pacific/Apia"), None, "the day that Samoa left out");
        // Clocks go forward at midnight: the day begins at one.
        assert_eq!(hours("2026-04-24", "Africa/Cairo"), Some(23));
    }

    /// In every zone, around every change of its clocks: a local time is the instant at which a clock on the wall shows
    /// it, or it is refused; and days follow each other without a gap.
    #[test]
    fn in_every_zone_a_local_time_is_what_the_clock_on_the_wall_shows() {
        let mut tried = [0, 0, 0];
        for zone in chrono_tz::TZ_VARIANTS {
            for date in crate::install::hours::tests::days_of_change(zone) {
                let day = When::parse("at", &date.to_string(), zone);
                let next = date.succ_opt().unwrap();
                match day {
                    Ok(When::Day(from, until)) => {
                        assert_eq!(until, first_instant(zone, next), "{zone} {date}");
                        assert_eq!((day_of(from, zone), day_of(until - 1, zone)), (date, date), "{zone}");
                    }
                    Ok(When::At(_)) => panic!("{date} is a day"),
                    Err(_) => {
                        assert_eq!(first_instant(zone, date), first_instant(zone, next), "{zone} {date}")
                    }
                }
                // The days themselves, of the last years: each is looked at closely.
                let usual = first_instant(zone, next) - first_instant(zone, date) == 86_400_000;
                let closely = date.year() >= 2018 && !usual;
                for quarter in (0..96).filter(|_| closely) {
                    let text = format!("{date}T{:02}:{:02}", quarter / 4, quarter % 4 * 15);
                    match When::parse("at", &text, zone) {
                        Ok(When::At(at)) => {
                            let told = rendered(at, zone);
                            assert!(told.starts_with(&text), "{zone} {text}: {told}");
                            assert_eq!(
                                When::parse("at", &told, zone).unwrap(),
                                When::At(at),
                                "{zone} {told}"
                            );
                            tried[0] += 1;
                        }
                        Ok(When::Day(..)) => panic!("{text} is a time"),
                        Err(error) => {
                            assert_eq!(error.field(), Some("at"));
                            tried[if error.message().contains("comes twice") { 1 } else { 2 }] += 1;
                        }
                    }
                }
            }
        }
        assert!(tried[0] > 100_000 && tried[1] > 1_000 && tried[2] > 1_000, "{tried:?}");
    }
}
