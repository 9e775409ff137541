use crate::{
    policy::{parse_http_date, rate_limit::RateHeaders},
    ports::HttpResponse,
};

/// The longest delay, however long GHL asks for: 5 minutes. What takes longer is for the caller to schedule.
pub const MAX_DELAY_MS: u64 = 5 * 60 * 1000;
/// Jitter is added, never taken away: a delay is at least what the policy or GHL says.
const MAX_JITTER_MS: u64 = 1000;

/// How often a call is tried and how long it waits in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all. Default 3.
    pub tries: u32,
    /// The delay after the first try, in milliseconds. Default 1000.
    pub base_ms: u64,
    /// What each further delay is multiplied by. Default 2.
    pub factor: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { tries: 3, base_ms: 1000, factor: 2 }
    }
}

impl RetryPolicy {
    /// The delay after the `attempt`-th try (from 1), in milliseconds: what GHL asked for, else `base_ms`
    /// times a power of `factor`; plus up to a quarter of it, at most a second, as `random` (0 to 1) has it.
    pub fn delay_ms(&self, attempt: u32, asked_ms: Option<u64>, random: f64) -> u64 {
        let power = self.factor.saturating_pow(attempt.saturating_sub(1));
        let delay = asked_ms.unwrap_or_else(|| self.base_ms.saturating_mul(power)).min(MAX_DELAY_MS);
        delay + ((delay / 4).min(MAX_JITTER_MS) as f64 * random.clamp(0.0, 1.0)) as u64
    }
}

/// How long a reply asks to wait, in milliseconds: `Retry-After` in seconds or as a date, else, with a 429,
/// `X-RateLimit-Interval-Milliseconds`. Values that make no sense count as absent.
///
/// A date is compared with the reply's own `Date`, so that a difference of the clocks does not matter, or
/// with `now_ms` where there is none.
pub fn retry_after_ms(reply: &HttpResponse, now_ms: i64) -> Option<u64> {
    let from = || reply.header("date").and_then(parse_http_date).unwrap_or(now_ms);
    let after = |text: &str| {
        seconds(text).or_else(|| {
            let until = parse_http_date(text)?;
            Some(u64::try_from(until.saturating_sub(from())).unwrap_or(0))
        })
    };
    let interval = || RateHeaders::read(reply).interval_ms.filter(|_| reply.status == 429)?.try_into().ok();
    let wait = reply.header("retry-after").map(str::trim).and_then(after).or_else(interval)?;
    Some(wait.min(MAX_DELAY_MS))
}

/// Digits only: Rust would also read `+5`.
fn seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse::<u64>().map_or(MAX_DELAY_MS, |seconds| seconds.saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 784_111_777_000;

    fn asked(status: u16, headers: &[(&str, &str)]) -> Option<u64> {
        let headers =
            headers.iter().map(|(name, value)| ((*name).to_owned().into(), (*value).to_owned())).collect();
        retry_after_ms(&HttpResponse { status, headers, body: Vec::new() }, NOW)
    }

    #[test]
    fn delays_double_from_a_second_and_jitter_only_adds() {
        let policy = RetryPolicy::default();
        assert_eq!([1, 2, 3].map(|attempt| policy.delay_ms(attempt, None, 0.0)), [1000, 2000, 4000]);
        assert_eq!([1, 2, 3].map(|attempt| policy.delay_ms(attempt, None, 0.5)), [1125, 2250, 4500]);
        assert_eq!([1, 2, 3].map(|attempt| policy.delay_ms(attempt, None, 1.0)), [1250, 2500, 5000]);
        assert_eq!(policy.delay_ms(1, Some(7000), 1.0), 8000);
        for random in [f64::NAN, -1.0, f64::INFINITY] {
            assert!((1000..=1250).contains(&policy.delay_ms(1, None, random)), "{random}");
        }
    }

    #[test]
    fn no_delay_is_endless() {
        let policy = RetryPolicy { tries: u32::MAX, base_ms: u64::MAX, factor: u64::MAX };
        for attempt in [0, 1, 2, u32::MAX] {
            assert_eq!(policy.delay_ms(attempt, None, 1.0), MAX_DELAY_MS + MAX_JITTER_MS);
        }
        assert_eq!(policy.delay_ms(1, Some(u64::MAX), 0.0), MAX_DELAY_MS);
    }

    #[test]
    fn retry_after_is_read_in_seconds_or_as_a_date() {
        assert_eq!(asked(429, &[("retry-after", "7")]), Some(7000));
        assert_eq!(asked(503, &[("retry-after", " 0 ")]), Some(0));
        assert_eq!(asked(429, &[("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")]), Some(10_000));
        assert_eq!(asked(429, &[("retry-after", "Sun, 06 Nov 1994 08:49:07 GMT")]), Some(0), "in the past");
        let server_is_behind =
            [("retry-after", "Sun, 06 Nov 1994 07:49:47 GMT"), ("date", "Sun, 06 Nov 1994 07:49:37 GMT")];
        assert_eq!(asked(429, &server_is_behind), Some(10_000));
    }

    #[test]
    fn what_is_asked_is_capped() {
        for long in
            ["86400", "18446744073709551615", "99999999999999999999999", "Sun, 06 Nov 2094 08:49:47 GMT"]
        {
            let expected = if long.starts_with("Sun") { None } else { Some(MAX_DELAY_MS) };
            assert_eq!(asked(429, &[("retry-after", long)]), expected, "{long}");
        }
        assert_eq!(asked(429, &[("retry-after", "Sat, 06 Nov 2094 08:49:47 GMT")]), Some(MAX_DELAY_MS));
    }

    #[test]
    fn garbage_counts_as_absent() {
        for garbage in ["", "soon", "-5", "+5", "1.5", "5s", "0x10", "Sun, 06 Nov 1994", "٣"] {
            assert_eq!(asked(429, &[("retry-after", garbage)]), None, "{garbage:?}");
            let interval = ("x-ratelimit-interval-milliseconds", "10000");
            assert_eq!(asked(429, &[("retry-after", garbage), interval]), Some(10_000), "{garbage:?}");
        }
    }

    #[test]
    fn the_interval_counts_for_a_429_only() {
        let interval = [("x-ratelimit-interval-milliseconds", "10000")];
        assert_eq!((asked(429, &interval), asked(503, &interval)), (Some(10_000), None));
        assert_eq!(asked(429, &[("retry-after", "3"), interval[0]]), Some(3000));
        assert_eq!(asked(429, &[("x-ratelimit-interval-milliseconds", "-1")]), None);
    }
}
