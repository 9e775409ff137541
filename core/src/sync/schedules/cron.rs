use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeZone};
use chrono_tz::Tz;
use croner::Cron;

use crate::error::{Error, Result};

/// The longest name of a schedule.
const MAX_NAME_CHARS: usize = 100;

/// When something is done, by a cron pattern in a time zone.
#[derive(Clone)]
pub struct Schedule {
    name: String,
    pattern: String,
    cron: Cron,
    zone: Tz,
}

impl Schedule {
    /// A schedule. `name` tells it from others in the database, 1 to 100 characters. `cron` is a pattern of five fields
    /// (minute, hour, day, month, weekday), six with seconds before or seven with a year behind, e.g. `*/15 * * * *`.
    /// `time_zone` is a name of the IANA database, e.g. `Europe/Helsinki`; default `UTC`.
    ///
    /// Where clocks change, a time of day that is left out is due right after the gap, and one that comes twice is due once.
    ///
    /// # Errors
    /// `invalid_argument`, field `name`, `cron` or `timeZone`.
    pub fn new(name: &str, cron: &str, time_zone: Option<&str>) -> Result<Self> {
        if name.trim().is_empty() || name.chars().count() > MAX_NAME_CHARS {
            return Err(Error::invalid("name", format_args!("expected 1 to {MAX_NAME_CHARS} characters")));
        }
        let parsed = Cron::from_str(cron).map_err(|problem| {
            let example = "expected a cron pattern such as `*/15 * * * *`";
            Error::invalid("cron", format_args!("{example}: {problem}"))
        })?;
        let given = time_zone.unwrap_or("UTC");
        let zone = Tz::from_str(given).map_err(|_| {
            let expected = "expected a time zone of the IANA database, e.g. `Europe/Helsinki`";
            Error::invalid("timeZone", format_args!("{expected}, got {given:?}"))
        })?;
        Ok(Self { name: name.to_owned(), pattern: cron.to_owned(), cron: parsed, zone })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The pattern, as it was given.
    pub fn cron(&self) -> &str {
        &self.pattern
    }

    /// The time zone.
    pub fn time_zone(&self) -> &'static str {
        self.zone.name()
    }

    /// When it is due next after a time, both in epoch milliseconds; `None` if never again.
    pub fn next_after(&self, ms: i64) -> Option<i64> {
        let utc = DateTime::from_timestamp_millis(ms)?;
        let local = self.zone.from_utc_datetime(&utc.naive_utc());
        let next = self.cron.find_next_occurrence(&local, false).ok()?;
        Some(next.timestamp_millis())
    }

    pub(super) fn never(&self) -> Error {
        Error::invalid(
            "cron",
            format_args!("expected a pattern that comes due, but {:?} never does", self.pattern),
        )
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.name, self.pattern, self.time_zone())
    }
}
