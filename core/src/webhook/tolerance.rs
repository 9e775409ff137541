use crate::error::{Code, Error, Result};

/// The widest tolerance, in milliseconds: 72 hours, which outlives GHL's retries of app webhooks.
pub const MAX_TOLERANCE_MS: i64 = 72 * 60 * 60 * 1000;
const DEFAULT_TOLERANCE_MS: i64 = 5 * 60 * 1000;

/// How far a webhook's `timestamp` may be from now, before or after.
///
/// The default is 5 minutes, as HighLevel's Webhook Integration Guide advises. A webhook without a
/// timestamp is accepted unless [`Tolerance::requiring_timestamp`]: most app events carry none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    ms: i64,
    required: bool,
}

impl Tolerance {
    /// A tolerance of 0 to [`MAX_TOLERANCE_MS`] milliseconds.
    ///
    /// # Errors
    /// `config`, field `tolerance`.
    pub fn from_ms(ms: i64) -> Result<Self> {
        if (0..=MAX_TOLERANCE_MS).contains(&ms) {
            return Ok(Self { ms, required: false });
        }
        Err(Error::config("tolerance", format_args!("expected 0 to {MAX_TOLERANCE_MS} ms, got {ms}")))
    }

    /// The widest tolerance, for receivers that remember what they have seen.
    pub fn widest() -> Self {
        Self { ms: MAX_TOLERANCE_MS, required: false }
    }

    /// Refuses webhooks without a `timestamp` as well.
    pub fn requiring_timestamp(self) -> Self {
        Self { required: true, ..self }
    }

    /// The tolerance in milliseconds.
    pub fn ms(self) -> i64 {
        self.ms
    }

    /// Checks a webhook's time against now, both in epoch milliseconds.
    ///
    /// # Errors
    /// `stale`, field `timestamp`.
    pub fn check(self, timestamp_ms: Option<i64>, now_ms: i64) -> Result<()> {
        let stale =
            |why: String| Err(Error::new(Code::Stale, format!("timestamp: {why}")).with_field("timestamp"));
        match timestamp_ms {
            None if self.required => stale("expected one, got none".to_owned()),
            Some(at) if at.abs_diff(now_ms) > self.ms.unsigned_abs() => {
                let side = if at < now_ms { "old" } else { "ahead" };
                stale(format!("expected within {} ms of now, got {} ms {side}", self.ms, at.abs_diff(now_ms)))
            }
            _ => Ok(()),
        }
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { ms: DEFAULT_TOLERANCE_MS, required: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_exact_on_both_sides() {
        let now = 1_800_000_000_000;
        for tolerance in [Tolerance::default(), Tolerance::widest(), Tolerance::from_ms(0).unwrap()] {
            for (offset, fresh) in [(0, true), (1, false)] {
                for at in [now - tolerance.ms() - offset, now + tolerance.ms() + offset] {
                    assert_eq!(tolerance.check(Some(at), now).is_ok(), fresh, "{tolerance:?} {at}");
                }
            }
        }
        assert_eq!((Tolerance::default().ms(), Tolerance::widest().ms()), (300_000, 259_200_000));
    }

    #[test]
    fn staleness_is_told_and_extremes_do_not_overflow() {
        for (at, now) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (0, 300_001)] {
            let error = Tolerance::default().check(Some(at), now).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Stale, Some("timestamp")));
        }
    }

    #[test]
    fn an_absent_timestamp_is_refused_only_on_request() {
        assert!(Tolerance::default().check(None, 0).is_ok());
        let error = Tolerance::default().requiring_timestamp().check(None, 0).unwrap_err();
        assert_eq!(error.code(), Code::Stale);
        assert!(Tolerance::default().requiring_timestamp().check(Some(5), 0).is_ok());
    }

    #[test]
    fn the_tolerance_has_bounds() {
        assert_eq!(Tolerance::from_ms(MAX_TOLERANCE_MS).unwrap(), Tolerance::widest());
        for ms in [-1, MAX_TOLERANCE_MS + 1] {
            assert_eq!(Tolerance::from_ms(ms).unwrap_err().field(), Some("tolerance"));
        }
    }
}
