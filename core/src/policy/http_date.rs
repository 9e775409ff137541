use ghlkit_wire::rfc3339_ms;

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MS: i64 = 86_400_000;

/// Reads a date as HTTP writes it (IMF-fixdate, RFC 9110 section 5.6.7), e.g. `Sun, 06 Nov 1994 08:49:37 GMT`, in
/// epoch milliseconds.
pub fn parse(text: &str) -> Option<i64> {
    let separators = [(3..5, ", "), (7..8, " "), (11..12, " "), (16..17, " "), (25..text.len(), " GMT")];
    if !separators.into_iter().all(|(place, separator)| text.get(place) == Some(separator)) {
        return None;
    }
    let place = |names: &[&str], name: &str| names.iter().position(|one| one.eq_ignore_ascii_case(name));
    let weekday = place(&WEEKDAYS, text.get(..3)?)?;
    let month = place(&MONTHS, text.get(8..11)?)? + 1;
    let (day, year, time) = (text.get(5..7)?, text.get(12..16)?, text.get(17..25)?);
    let ms = rfc3339_ms(&format!("{year}-{month:02}-{day}T{time}Z"))?;
    // Second 60 is the first of the next minute, which may be the next day's.
    let noon = rfc3339_ms(&format!("{year}-{month:02}-{day}T12:00:00Z"))?;
    // 1970 began on a Thursday.
    ((noon.div_euclid(DAY_MS) + 4).rem_euclid(7) == weekday as i64).then_some(ms)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn only_the_one_spelling_is_read() {
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
        assert_eq!(parse("Sat, 31 Dec 2016 23:59:60 GMT"), Some(1_483_228_800_000));
        assert_eq!(parse("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800_000));
        for bad in [
            "",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun,+6 Nov 1994 08:49:37 GMT",
            "S\u{fc}, 06 Nov 1994 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "784111777",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_day_reads_as_a_calendar_library_writes_it() {
        for day in (-25_567..47_482).step_by(13) {
            let at = DateTime::from_timestamp(day * 86_400 + 86_399, 0).unwrap();
            let text = at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            assert_eq!(parse(&text), Some(at.timestamp_millis()), "{text}");
        }
    }
}
