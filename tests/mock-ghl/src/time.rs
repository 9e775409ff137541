//! Times are epoch milliseconds inside and text at the edge.

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};

pub(crate) const DAY_MS: i64 = 86_400_000;

fn utc(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// `2026-01-31T08:00:00.000Z`, as contacts and opportunities are dated.
pub(crate) fn iso(ms: i64) -> String {
    utc(ms).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `2026-01-31T09:00:00+01:00`, as slots and appointments are dated.
pub(crate) fn iso_at_offset(ms: i64, offset_minutes: i32) -> String {
    match FixedOffset::east_opt(offset_minutes.saturating_mul(60)) {
        Some(offset) => utc(ms).with_timezone(&offset).to_rfc3339_opts(SecondsFormat::Secs, false),
        None => iso(ms),
    }
}

/// The `Date` header.
pub(crate) fn http_date(ms: i64) -> String {
    utc(ms).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// An ISO 8601 time with offset.
pub(crate) fn parse_iso(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis())
}

/// `mm-dd-yyyy`, the day format of `GET /opportunities/search`: its first millisecond in UTC.
pub(crate) fn parse_us_day(text: &str) -> Option<i64> {
    let day = NaiveDate::parse_from_str(text, "%m-%d-%Y").ok()?;
    Some(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_milliseconds_agree() {
        let ms = 1_767_225_600_123; // 2026-01-01T00:00:00.123Z
        assert_eq!(iso(ms), "2026-01-01T00:00:00.123Z");
        assert_eq!(parse_iso(&iso(ms)), Some(ms));
        assert_eq!(http_date(ms), "Thu, 01 Jan 2026 00:00:00 GMT");
        assert_eq!(iso_at_offset(ms, 330), "2026-01-01T05:30:00+05:30");
        assert_eq!(parse_us_day("01-31-2026"), Some(1_769_817_600_000));
        assert_eq!(parse_us_day("2026-01-31"), None);
    }
}
