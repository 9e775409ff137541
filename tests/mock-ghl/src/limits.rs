//! Rate limits: a fixed window, a sliding window and a day, each per app and location.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::assumptions::{Assumptions, RateLimitBody, ResetUnit};
use crate::http::Answer;
use crate::settings::Limits;
use crate::time::DAY_MS;

/// What one app has used of one location's allowance.
#[derive(Default)]
struct Usage {
    /// Times of the accepted requests in the sliding window.
    accepted: VecDeque<i64>,
    /// Times of all requests in the sliding window, refused ones included.
    arrived: VecDeque<i64>,
    max_in_window: usize,
    /// The running interval and how many requests arrived in it, refused ones included, as a plain
    /// counter has it: who keeps calling in spite of a 429 waits for the next interval.
    fixed: (i64, u32),
    day: (i64, u32),
}

/// The allowance left after a request, as the headers tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) accepted: bool,
    remaining: u32,
    daily_remaining: u32,
    /// Until another request may be accepted.
    wait_ms: i64,
    day_ends_in_ms: i64,
}

pub(crate) struct Limiter {
    limits: Limits,
    usage: BTreeMap<String, Usage>,
}

fn forget_before(times: &mut VecDeque<i64>, oldest: i64) {
    while times.front().is_some_and(|time| *time <= oldest) {
        times.pop_front();
    }
}

/// Count of the running period, 0 when a new one has begun.
fn used(counter: (i64, u32), period: i64) -> u32 {
    if counter.0 == period { counter.1 } else { 0 }
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits: Limits { interval_ms: limits.interval_ms.max(1), ..limits }, usage: BTreeMap::new() }
    }

    /// Counts a request that arrived; accepted only if neither window nor the day is exhausted.
    pub(crate) fn admit(&mut self, now: i64, key: &str) -> Allowance {
        let Limits { burst, interval_ms, daily } = self.limits;
        let usage = match self.usage.get_mut(key) {
            Some(usage) => usage,
            None => self.usage.entry(key.to_owned()).or_default(),
        };
        usage.arrive(now, interval_ms);
        forget_before(&mut usage.accepted, now - interval_ms);
        let (period, day) = (now.div_euclid(interval_ms), now.div_euclid(DAY_MS));
        let in_fixed = used(usage.fixed, period);
        let in_sliding = u32::try_from(usage.accepted.len()).unwrap_or(u32::MAX);
        let in_day = used(usage.day, day);
        let day_ends_in_ms = DAY_MS - now.rem_euclid(DAY_MS);
        let accepted = in_fixed < burst && in_sliding < burst && in_day < daily;
        usage.fixed = (period, in_fixed.saturating_add(1));
        if accepted {
            usage.accepted.push_back(now);
            usage.day = (day, in_day + 1);
        }
        let taken = u32::from(accepted);
        let fixed_wait = if in_fixed >= burst { interval_ms - now.rem_euclid(interval_ms) } else { 0 };
        let sliding_wait = match usage.accepted.front() {
            Some(oldest) if in_sliding >= burst => oldest + interval_ms - now,
            _ => 0,
        };
        let daily_wait = if in_day >= daily { day_ends_in_ms } else { 0 };
        Allowance {
            accepted,
            remaining: burst.saturating_sub(in_fixed.max(in_sliding) + taken),
            daily_remaining: daily.saturating_sub(in_day + taken),
            wait_ms: fixed_wait.max(sliding_wait).max(daily_wait),
            day_ends_in_ms,
        }
    }

    /// Counts a request that arrived and was answered before the limits were looked at.
    pub(crate) fn note_arrival(&mut self, now: i64, key: &str) {
        let interval_ms = self.limits.interval_ms;
        self.usage.entry(key.to_owned()).or_default().arrive(now, interval_ms);
    }

    /// The most requests one app sent to one location within any sliding interval.
    pub(crate) fn max_in_window(&self) -> usize {
        self.usage.values().map(|usage| usage.max_in_window).max().unwrap_or(0)
    }

    pub(crate) fn headers(&self, allowance: &Allowance, unit: ResetUnit) -> Vec<(String, String)> {
        let reset = match unit {
            ResetUnit::Millis => allowance.day_ends_in_ms,
            ResetUnit::Seconds => allowance.day_ends_in_ms / 1_000,
        };
        [
            ("X-RateLimit-Max", i64::from(self.limits.burst)),
            ("X-RateLimit-Interval-Milliseconds", self.limits.interval_ms),
            ("X-RateLimit-Remaining", i64::from(allowance.remaining)),
            ("X-RateLimit-Limit-Daily", i64::from(self.limits.daily)),
            ("X-RateLimit-Daily-Remaining", i64::from(allowance.daily_remaining)),
            ("X-RateLimit-Daily-Reset", reset),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_string()))
        .into()
    }

    pub(crate) fn to_json(&self) -> Value {
        let per_app = self.usage.iter().map(|(key, usage)| {
            let row = json!({
                "maxInWindow": usage.max_in_window,
                "inWindow": usage.arrived.len(),
                "today": usage.day.1,
            });
            (key.clone(), row)
        });
        json!({
            "burst": self.limits.burst,
            "intervalMs": self.limits.interval_ms,
            "daily": self.limits.daily,
            "usage": per_app.collect::<serde_json::Map<_, _>>(),
        })
    }
}

impl Usage {
    fn arrive(&mut self, now: i64, interval_ms: i64) {
        forget_before(&mut self.arrived, now - interval_ms);
        self.arrived.push_back(now);
        self.max_in_window = self.max_in_window.max(self.arrived.len());
    }
}

/// The 429. `wait_ms` feeds `Retry-After` where the switch sends it.
pub(crate) fn too_many(wait_ms: i64, assumptions: &Assumptions) -> Answer {
    let mut answer = match assumptions.rate_limit_body {
        RateLimitBody::Json => Answer::new(429, json!({ "statusCode": 429, "message": "Too Many Requests" })),
        RateLimitBody::Text => Answer::new(429, json!("Too Many Requests")).untraced(),
    };
    if assumptions.retry_after {
        let seconds = (wait_ms.max(1) + 999) / 1_000;
        answer.headers.push(("Retry-After".to_owned(), seconds.to_string()));
    }
    answer
}

impl Allowance {
    pub(crate) fn refusal(&self, assumptions: &Assumptions) -> Answer {
        too_many(self.wait_ms, assumptions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(burst: u32, daily: u32) -> Limiter {
        Limiter::new(Limits { burst, interval_ms: 10_000, daily })
    }

    #[test]
    fn the_fixed_window_refuses_what_the_sliding_one_would_take_and_the_other_way_round() {
        let mut limiter = limiter(2, 100);
        assert!(limiter.admit(9_000, "a").accepted);
        assert!(limiter.admit(9_999, "a").accepted);
        // A new fixed window, but both are still within ten seconds.
        let refused = limiter.admit(10_001, "a");
        assert_eq!((refused.accepted, refused.remaining, refused.wait_ms), (false, 0, 8_999));
        // The first has left the sliding window, and the fixed one has room.
        assert!(limiter.admit(19_000, "a").accepted);
        // Both have left, but the refused call and the last one have filled the fixed window.
        let refused = limiter.admit(19_999, "a");
        assert_eq!((refused.accepted, refused.wait_ms), (false, 1));
        assert!(limiter.admit(20_000, "a").accepted);
    }

    #[test]
    fn keys_do_not_share_and_arrivals_are_counted_even_if_refused() {
        let mut limiter = limiter(1, 100);
        assert!(limiter.admit(0, "a").accepted);
        assert!(!limiter.admit(1, "a").accepted);
        assert!(limiter.admit(1, "b").accepted);
        assert_eq!(limiter.max_in_window(), 2);
        limiter.admit(10_001, "a");
        assert_eq!(limiter.max_in_window(), 2);
    }

    #[test]
    fn the_day_ends_at_midnight_utc() {
        let mut limiter = limiter(100, 1);
        assert_eq!(limiter.admit(DAY_MS - 5, "a").daily_remaining, 0);
        let refused = limiter.admit(DAY_MS - 4, "a");
        assert_eq!((refused.accepted, refused.wait_ms), (false, 4));
        assert!(limiter.admit(DAY_MS, "a").accepted);
    }

    #[test]
    fn retry_after_is_rounded_up_and_sent_by_switch_only() {
        let silent = too_many(8_001, &Assumptions::default());
        assert!(silent.headers.is_empty());
        let told = too_many(8_001, &Assumptions { retry_after: true, ..Assumptions::default() });
        assert_eq!(told.headers, [("Retry-After".to_owned(), "9".to_owned())]);
    }
}
