/// One retry in the bucket's unit, of which time earns one a millisecond: half a retry a second, so that a
/// quiet client may repeat its few calls.
const RETRY: i64 = 2000;
/// What a call earns: a fifth of a retry.
const PER_CALL: i64 = RETRY / 5;
/// The most that is saved up: 20 retries.
const CAPACITY: i64 = 20 * RETRY;

/// Bounds the retries of a location to about a fifth of its calls, so that a GHL in trouble is not sent
/// three times the load. A full bucket allows 20 retries at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryBudget {
    level: i64,
    at_ms: i64,
}

impl RetryBudget {
    /// A full bucket.
    pub fn new(now_ms: i64) -> Self {
        Self { level: CAPACITY, at_ms: now_ms }
    }

    /// Counts a call.
    pub fn called(&mut self, now_ms: i64) {
        self.refill(now_ms);
        self.level = (self.level + PER_CALL).min(CAPACITY);
    }

    /// Takes a retry out.
    ///
    /// # Errors
    /// How many milliseconds it takes until there is one, if nobody calls meanwhile.
    pub fn retry(&mut self, now_ms: i64) -> Result<(), u64> {
        self.refill(now_ms);
        if self.level >= RETRY {
            self.level -= RETRY;
            return Ok(());
        }
        Err((RETRY - self.level).unsigned_abs())
    }

    fn refill(&mut self, now_ms: i64) {
        // A clock that was set back earns nothing.
        let earned = now_ms.saturating_sub(self.at_ms).clamp(0, CAPACITY);
        self.level = (self.level + earned).min(CAPACITY);
        self.at_ms = now_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each call fails and would like two retries.
    fn retries_of_a_dead_server(calls_per_second: i64, seconds: i64) -> (i64, i64) {
        let (mut budget, mut calls, mut retries) = (RetryBudget::new(0), 0, 0);
        for n in 0..calls_per_second * seconds {
            let now = n * 1000 / calls_per_second;
            budget.called(now);
            calls += 1;
            retries += i64::from(budget.retry(now).is_ok()) + i64::from(budget.retry(now).is_ok());
        }
        (calls, retries)
    }

    #[test]
    fn a_dead_server_gets_little_more_than_the_calls() {
        let (calls, retries) = retries_of_a_dead_server(10, 600);
        assert_eq!(calls, 6000);
        // 20 saved up, a fifth of the calls, one every other second: 1520 in all, not 12,000.
        assert!((1500..=1520).contains(&retries), "{retries}");
    }

    #[test]
    fn a_quiet_client_may_always_repeat() {
        let mut budget = RetryBudget::new(0);
        for minute in 0..60 {
            budget.called(minute * 60_000);
            assert_eq!(budget.retry(minute * 60_000), Ok(()));
            assert_eq!(budget.retry(minute * 60_000), Ok(()));
        }
    }

    #[test]
    fn an_empty_bucket_says_when_it_has_a_retry_again() {
        let mut budget = RetryBudget::new(0);
        let spent = (0..100).take_while(|_| budget.retry(0).is_ok()).count();
        assert_eq!(spent, 20);
        let wait = budget.retry(0).unwrap_err();
        assert_eq!(wait, 2000);
        assert!(budget.retry(1999).is_err());
        assert_eq!(budget.retry(2000), Ok(()));
    }

    #[test]
    fn short_steps_earn_as_much_as_long_ones_and_a_clock_set_back_nothing() {
        let mut budget = RetryBudget::new(0);
        while budget.retry(0).is_ok() {}
        let early = (1..2000).filter(|ms| budget.retry(*ms).is_ok()).count();
        assert_eq!(early, 0);
        assert_eq!(budget.retry(2000), Ok(()));
        assert!(budget.retry(-1_000_000).is_err());
        assert_eq!(budget.retry(-1_000_000 + 2000), Ok(()));
    }
}
