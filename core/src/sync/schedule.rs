//! When a failed job is tried again.

use crate::{
    error::{Code, Error},
    ports::store::{Finish, JobRow},
};

/// Waits after the first, second, third and fourth counted failure; hourly from then on.
const DELAYS_MS: [i64; 4] = [30_000, 120_000, 600_000, 3_600_000];

/// A job is given up this long after its first counted failure.
const GIVE_UP_MS: i64 = 72 * 3_600_000;

/// When a job is due again after a counted failure, or `None` if it is given up.
/// `failures` counts the earlier ones; `first_failed_at` is the time of the first, if there was one.
fn next_try(failures: i64, first_failed_at: Option<i64>, now: i64) -> Option<i64> {
    let index = usize::try_from(failures).unwrap_or(0);
    let delay = DELAYS_MS.get(index).or(DELAYS_MS.last()).copied().unwrap_or_default();
    let give_up_at = first_failed_at.unwrap_or(now).saturating_add(GIVE_UP_MS);
    (now < give_up_at).then(|| now.saturating_add(delay))
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is due again. Being paced or throttled is no failure and is not counted.
    Wait { due_at: i64, counted: bool },
    /// It is given up.
    GiveUp,
}

/// What follows from this error, after `failures` of which the first was at `first_failed_at`: repeated later if that can
/// help, else given up.
pub(crate) fn after(error: &Error, failures: i64, first_failed_at: Option<i64>, now: i64) -> Next {
    match error.code() {
        Code::RateLimited | Code::DailyLimit | Code::RetryBudget => {
            let wait = i64::try_from(error.retry_after_ms().unwrap_or(1_000)).unwrap_or(i64::MAX / 4);
            Next::Wait { due_at: now.saturating_add(wait.max(1)), counted: false }
        }
        code if code.retryable() || code == Code::OutcomeUnknown => {
            let next = next_try(failures, first_failed_at, now);
            next.map_or(Next::GiveUp, |due_at| Next::Wait { due_at, counted: true })
        }
        _ => Next::GiveUp,
    }
}

/// How a pass ends that failed with this error.
pub(crate) fn after_failure(job: &JobRow, error: &Error, now: i64) -> Finish {
    let told = (error.code().as_str().to_owned(), error.message().to_owned());
    match after(error, job.failures, job.first_failed_at, now) {
        Next::Wait { due_at, counted } => Finish::Wait { due_at, counted, error: Some(told) },
        Next::GiveUp => Finish::Dead { error: told },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_after_72_hours() {
        let (mut now, mut failures) = (1_000_000, 0);
        let first = now;
        let mut waits = Vec::new();
        while let Some(due) = next_try(failures, (failures > 0).then_some(first), now) {
            waits.push((due - now) / 1_000);
            (now, failures) = (due, failures + 1);
        }
        assert_eq!(waits[..6], [30, 120, 600, 3_600, 3_600, 3_600]);
        assert!(now - first >= GIVE_UP_MS && now - first < GIVE_UP_MS + 3_600_000);
    }
}
