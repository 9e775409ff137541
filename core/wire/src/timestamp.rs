use crate::scanner::{Fault, Kind, Scanner};

/// When an event happened. Unlike other fields, one that cannot be read is not taken for absent: else a
/// replay could pass by spoiling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timestamp {
    /// Epoch milliseconds.
    At(i64),
    /// It is something else than an RFC 3339 text.
    Malformed,
}

/// A timestamp; null counts as absent.
pub(crate) fn read(json: &mut Scanner<'_>) -> Result<Option<Timestamp>, Fault> {
    let kind = json.kind()?;
    if kind != Kind::Text {
        json.skip()?;
        return Ok((kind != Kind::Null).then_some(Timestamp::Malformed));
    }
    let at = rfc3339_ms(&json.text()?.decode());
    Ok(Some(at.map_or(Timestamp::Malformed, Timestamp::At)))
}

/// The epoch milliseconds of an RFC 3339 text, e.g. `2026-01-31T12:00:00.000Z` or `2026-01-31 14:00:00+02:00`.
/// What is finer than a millisecond is cut off; second 60 is the first of the next minute.
pub fn rfc3339_ms(text: &str) -> Option<i64> {
    let (date_time, rest) = text.as_bytes().split_first_chunk::<19>()?;
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        mo1,
        mo2,
        b'-',
        d1,
        d2,
        b'T' | b't' | b' ',
        h1,
        h2,
        b':',
        mi1,
        mi2,
        b':',
        s1,
        s2,
    ] = *date_time
    else {
        return None;
    };
    let days = days(number(&[y1, y2, y3, y4])?, number(&[mo1, mo2])?, number(&[d1, d2])?)?;
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[mi1, mi2])?, number(&[s1, s2])?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (milliseconds, zone) = fraction(rest)?;
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset(zone)?;
    Some(seconds * 1_000 + milliseconds)
}

/// The milliseconds of a fraction, if there is one, and what follows it.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(digits) = text.strip_prefix(b".") else { return Some((0, text)) };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at_checked(length).filter(|(digits, _)| !digits.is_empty())?;
    let digit = |place: usize| digits.get(place).map_or(0, |digit| i64::from(digit - b'0'));
    Some((digit(0) * 100 + digit(1) * 10 + digit(2), rest))
}

/// The seconds that a zone's clocks are ahead.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, h1, h2, m1, m2) = match *zone {
        [b'Z' | b'z'] => return Some(0),
        [b'+', h1, h2, b':', m1, m2] => (1, h1, h2, m1, m2),
        [b'-', h1, h2, b':', m1, m2] => (-1, h1, h2, m1, m2),
        _ => return None,
    };
    let (hours, minutes) = (number(&[h1, h2])?, number(&[m1, m2])?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// The days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years begin in March here, so that the leap day is their last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // From 0000-03-01; 719,468 days lie between it and 1970-01-01.
    Some(year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits
        .iter()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Datelike, NaiveDate};
    use proptest::prelude::*;

    use super::*;

    fn expected(text: &str) -> Option<i64> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_millis())
    }

    #[test]
    fn every_day_of_the_calendar() {
        let mut day = NaiveDate::from_ymd_opt(0, 1, 1).unwrap();
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
        while day.year() < 10_000 {
            let read = days(day.year().into(), day.month().into(), day.day().into());
            assert_eq!(read, Some((day - epoch).num_days()), "{day}");
            day = day.succ_opt().unwrap();
        }
        for (year, month, day) in
            [(2026, 2, 29), (1900, 2, 29), (2026, 0, 1), (2026, 13, 1), (2026, 4, 31), (2026, 1, 0)]
        {
            assert_eq!(days(year, month, day), None);
        }
    }

    #[test]
    fn forms() {
        for text in [
            "2026-01-31T12:00:00.000Z",
            "2026-01-31T12:00:00Z",
            "2026-01-31t12:00:00z",
            "2026-01-31 12:00:00+02:00",
            "2026-01-31T12:00:00.1-23:59",
            "2026-01-31T12:00:00.123456789123Z",
            "2016-12-31T23:59:60Z",
            "2016-12-31T23:59:60.999+00:00",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999Z",
        ] {
            assert!(expected(text).is_some() && rfc3339_ms(text) == expected(text), "{text}");
        }
        for text in [
            "",
            "now",
            "2026-01-31",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T12:60:00Z",
            "2026-01-31T12:00:61Z",
            "2026-02-30T12:00:00Z",
            "2026-01-31T12:00:00+2:00",
            "2026-01-31T12:00:00+0200",
            "2026-01-31T12:00:00+24:00",
            "2026-01-31T12:00:00+02:60",
            "2026-01-31T12:00:00Z ",
            " 2026-01-31T12:00:00Z",
            "+2026-01-31T12:00:00Z",
            "2026-1-31T12:00:00Z",
            "２026-01-31T12:00:00Z",
        ] {
            assert_eq!((rfc3339_ms(text), expected(text)), (None, None), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn it_reads_as_a_calendar_library_does(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,10})?([Zz]|[+-][0-2][0-9]:[0-6][0-9])?",
        ) {
            prop_assert_eq!(rfc3339_ms(&text), expected(&text));
        }
    }
}
