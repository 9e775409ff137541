/// One retry, in the bucket's unit.
const RETRY: i64 = 1000;
/// What a call earns: a fifth of a retry.
const PER_CALL: i64 = 200;
/// What time earns: half a retry a second, so that a quiet client may repeat its few calls.
const PER_SECOND: i64 = 500;
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
        let missing = (RETRY - self.level).unsigned_abs();
        Err((missing * 1000).div_ceil(PER_SECOND.unsigned_abs()))
    }

    fn refill(&mut self, now_ms: i64) {
        let passed = now_ms.saturating_sub(self.at_ms);
        // Only whole units are earned; time that is not yet worth one stays on the clock.
        let earned = passed.clamp(0, 60_000) * PER_SECOND / 1000;
        if earned > 0 || passed < 0 {
            self.level = (self.level + earned).min(CAPACITY);
            self.at_ms = now_ms;
        }
    }
}
