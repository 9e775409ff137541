use crate::ports::HttpResponse;

/// What a reply says of the location's limits (HighLevel docs: Rate Limits). All may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateHeaders {
    /// `X-RateLimit-Max`: requests an interval.
    pub burst: Option<u32>,
    /// `X-RateLimit-Interval-Milliseconds`: the interval.
    pub interval_ms: Option<i64>,
    /// `X-RateLimit-Remaining`: requests left in the interval.
    pub remaining: Option<u32>,
    /// `X-RateLimit-Limit-Daily`: requests a day.
    pub daily: Option<u32>,
    /// `X-RateLimit-Daily-Remaining`: requests left in the day.
    pub daily_remaining: Option<u32>,
    /// `X-RateLimit-Daily-Reset`: milliseconds until the day ends; sent, though not documented.
    pub daily_reset_ms: Option<i64>,
}

impl RateHeaders {
    /// Reads them. A value that makes no sense counts as absent: a limit of 0 would shut the location for
    /// ever, and an interval or a day of no or endless length too.
    pub fn read(reply: &HttpResponse) -> Self {
        let number = |name| reply.header(name)?.trim().parse::<u32>().ok();
        let millis = |name, max| number(name).map(i64::from).filter(|ms| (1..=max).contains(ms));
        Self {
            burst: number("x-ratelimit-max").filter(|max| *max > 0),
            interval_ms: millis("x-ratelimit-interval-milliseconds", 10 * 60 * 1000),
            remaining: number("x-ratelimit-remaining"),
            daily: number("x-ratelimit-limit-daily").filter(|max| *max > 0),
            daily_remaining: number("x-ratelimit-daily-remaining"),
            daily_reset_ms: millis("x-ratelimit-daily-reset", super::DAY_MS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&str, &str)]) -> RateHeaders {
        let headers =
            headers.iter().map(|(name, value)| ((*name).to_owned().into(), (*value).to_owned())).collect();
        RateHeaders::read(&HttpResponse { status: 200, headers, body: Vec::new() })
    }

    #[test]
    fn all_are_read() {
        let headers = read(&[
            ("x-ratelimit-max", "25"),
            ("x-ratelimit-interval-milliseconds", "10000"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-limit-daily", "10000"),
            ("x-ratelimit-daily-remaining", "9999"),
            ("x-ratelimit-daily-reset", "84322000"),
        ]);
        let expected = RateHeaders {
            burst: Some(25),
            interval_ms: Some(10_000),
            remaining: Some(0),
            daily: Some(10_000),
            daily_remaining: Some(9999),
            daily_reset_ms: Some(84_322_000),
        };
        assert_eq!(headers, expected);
    }

    #[test]
    fn what_would_shut_a_location_for_ever_counts_as_absent() {
        let headers = read(&[
            ("x-ratelimit-max", "0"),
            ("x-ratelimit-interval-milliseconds", "0"),
            ("x-ratelimit-remaining", "-1"),
            ("x-ratelimit-limit-daily", "0"),
            ("x-ratelimit-daily-remaining", "many"),
            ("x-ratelimit-daily-reset", "4294967295"),
        ]);
        assert_eq!(headers, RateHeaders::default());
    }
}
