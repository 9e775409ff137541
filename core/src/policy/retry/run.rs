//! The policy as a function, for operations of one's own.

use std::time::Duration;

use crate::{
    error::{Error, Result},
    ports::{Clock, Entropy},
};

use super::RetryPolicy;

/// The most tries of [`retry`].
pub const MAX_TRIES: u32 = 10;

/// A try of [`retry`] that failed.
#[derive(Debug, Clone, Copy)]
pub struct Failed<'a> {
    /// Why.
    pub error: &'a Error,
    /// Which try it was, from 1.
    pub attempt: u32,
    /// In how many milliseconds the next one begins; `None` after the last.
    pub delay_ms: Option<u64>,
}

/// Does something up to `policy.tries` times, as the client does its calls: again only after an error that is
/// [retryable](Error::retryable), after the policy's delay or the one that the error asks for. `op` is given the number
/// of the try, from 1; `failed` hears of each that failed.
///
/// What is repeated must do no harm when done twice: an operation that may have arrived should answer with an error that
/// is not retryable.
///
/// ```
/// use ghlkit::{Code, Error, policy::retry::{RetryPolicy, retry}, testing::{ManualClock, SeededEntropy, drive}};
///
/// let (clock, entropy) = (ManualClock::new(0), SeededEntropy::new(1));
/// let print = async |attempt| match attempt {
///     1 => Err(Error::new(Code::Network, "the printer is asleep")),
///     _ => Ok("printed"),
/// };
/// let printed = retry(RetryPolicy::default(), &clock, &entropy, print, |failed| {
///     assert_eq!(failed.attempt, 1);
/// });
/// assert_eq!(drive(&clock, printed).unwrap().unwrap(), "printed");
/// ```
///
/// # Errors
/// That of the last try; `invalid_argument` naming `tries`, which are 1 to [`MAX_TRIES`].
pub async fn retry<T>(
    policy: RetryPolicy,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    mut op: impl AsyncFnMut(u32) -> Result<T>,
    mut failed: impl FnMut(Failed<'_>),
) -> Result<T> {
    if !(1..=MAX_TRIES).contains(&policy.tries) {
        let expected = format_args!("expected 1 to {MAX_TRIES}, got {}", policy.tries);
        return Err(Error::invalid("tries", expected));
    }
    let mut attempt = 1;
    loop {
        let error = match op(attempt).await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let again = error.retryable() && attempt < policy.tries;
        let delay = again.then(|| policy.delay_ms(attempt, error.retry_after_ms(), entropy.unit()));
        failed(Failed { error: &error, attempt, delay_ms: delay });
        let Some(delay) = delay else { return Err(error) };
        clock.sleep(Duration::from_millis(delay)).await;
        attempt += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Code,
        testing::{ManualClock, SeededEntropy, drive},
    };

    /// Each failed try and the delay after it.
    type Told = Vec<(u32, Option<u64>)>;

    fn tried(policy: RetryPolicy, errors: &[Error]) -> (Result<u32>, Told, i64) {
        let (clock, entropy) = (ManualClock::new(0), SeededEntropy::new(7));
        let mut told = Told::new();
        let op = async |attempt: u32| match errors.get(attempt as usize - 1) {
            Some(error) => {
                let again = Error::new(error.code(), error.message().to_owned());
                Err(match error.retry_after_ms() {
                    Some(ms) => again.with_retry_after_ms(ms),
                    None => again,
                })
            }
            None => Ok(attempt),
        };
        let done = retry(policy, &clock, &entropy, op, |failed| told.push((failed.attempt, failed.delay_ms)));
        (drive(&clock, done).unwrap(), told, clock.now_ms())
    }

    fn network() -> Error {
        Error::new(Code::Network, "down")
    }

    #[test]
    fn what_may_pass_is_tried_again_with_growing_delays() {
        let policy = RetryPolicy { tries: 4, ..RetryPolicy::default() };
        let (done, told, now) = tried(policy, &[network(), network(), network()]);
        assert_eq!(done.unwrap(), 4);
        let delays: Vec<u64> = told.iter().map(|(_, delay)| delay.unwrap()).collect();
        assert_eq!(told.iter().map(|(attempt, _)| *attempt).collect::<Vec<_>>(), [1, 2, 3]);
        for (delay, least) in delays.iter().zip([1_000, 2_000, 4_000]) {
            assert!((least..=least + least / 4).contains(delay), "{delays:?}");
        }
        assert_eq!(now.unsigned_abs(), delays.iter().sum::<u64>());
    }

    #[test]
    fn the_last_error_is_the_callers_and_is_told_too() {
        let (done, told, _) = tried(RetryPolicy::default(), &[network(), network(), network(), network()]);
        assert_eq!(done.unwrap_err().code(), Code::Network);
        assert_eq!((told.len(), told[2]), (3, (3, None)));
    }

    #[test]
    fn what_will_not_pass_is_not_tried_again() {
        let wrong = Error::invalid("email", "expected one");
        let (done, told, now) = tried(RetryPolicy::default(), &[wrong]);
        assert_eq!(done.unwrap_err().code(), Code::InvalidArgument);
        assert_eq!((told, now), (vec![(1, None)], 0));
    }

    #[test]
    fn an_error_says_how_long_to_wait() {
        let (done, told, _) = tried(RetryPolicy::default(), &[network().with_retry_after_ms(30_000)]);
        assert_eq!(done.unwrap(), 2);
        assert!(told[0].1.unwrap() >= 30_000, "{told:?}");
    }

    #[test]
    fn tries_are_bounded() {
        for tries in [0, 11, u32::MAX] {
            let (done, told, _) = tried(RetryPolicy { tries, ..RetryPolicy::default() }, &[]);
            assert_eq!(done.unwrap_err().field(), Some("tries"));
            assert_eq!(told, []);
        }
    }
}
