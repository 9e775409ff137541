use chrono::DateTime;

/// Reads a date as HTTP writes it (IMF-fixdate, RFC 9110 section 5.6.7), in epoch milliseconds.
pub fn parse(text: &str) -> Option<i64> {
    const EXAMPLE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    if text.len() != EXAMPLE.len() || !text.ends_with(" GMT") {
        return None;
    }
    DateTime::parse_from_rfc2822(text).ok().map(|time| time.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_spelling_is_read() {
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
        for bad in [
            "",
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
}
