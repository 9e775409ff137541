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
