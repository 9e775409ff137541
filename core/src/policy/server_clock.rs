//! How far GHL's clock is from ours, from the `Date` header of its replies.

use std::collections::VecDeque;

/// Samples older than this say nothing about now: clocks drift.
const MAX_AGE_MS: i64 = 10 * 60 * 1000;
const MAX_SAMPLES: usize = 16;

/// One reply's evidence. Times are epoch milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The `Date` header: GHL's clock, rounded down to a second.
    pub date_ms: i64,
    /// Our clock when the request was sent.
    pub sent_at_ms: i64,
    /// Our clock when the reply was there.
    pub received_at_ms: i64,
}

/// GHL's clock minus ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset {
    /// The estimate, in milliseconds: GHL's time is our time plus this.
    pub ms: i64,
    /// The true offset lies within this many milliseconds of the estimate.
    pub error_ms: i64,
}

impl Offset {
    /// What is assumed before a reply has told.
    pub const UNKNOWN: Self = Self { ms: 0, error_ms: 2_000 };
}

/// The offsets that a sample, or several together, leave possible.
#[derive(Debug, Clone, Copy)]
struct Range {
    low: i64,
    high: i64,
}

impl Sample {
    /// The offset as this sample alone shows it: half the round trip and half a second of error.
    pub fn offset(&self) -> Offset {
        self.range().offset()
    }

    /// The header was written between sending and receiving, in the second that `date_ms` begins.
    fn range(&self) -> Range {
        Range {
            low: self.date_ms.saturating_sub(self.received_at_ms),
            high: self.date_ms.saturating_add(999).saturating_sub(self.sent_at_ms),
        }
    }
}

impl Range {
    fn and(self, other: Range) -> Option<Range> {
        let both = Range { low: self.low.max(other.low), high: self.high.min(other.high) };
        (both.low <= both.high).then_some(both)
    }

    fn offset(self) -> Offset {
        let error_ms = self.high.saturating_sub(self.low).saturating_add(1) / 2;
        Offset { ms: self.low.saturating_add(error_ms), error_ms }
    }
}

/// The estimate from the recent samples.
#[derive(Debug, Clone, Default)]
pub struct ServerClock {
    samples: VecDeque<Sample>,
}

impl ServerClock {
    /// Takes a sample in.
    pub fn add(&mut self, sample: Sample) {
        if self.samples.len() == MAX_SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    /// What the samples agree on. Older ones count only as long as they agree with the newer: after one of
    /// the clocks was set, the newest alone is right.
    pub fn offset(&self) -> Option<Offset> {
        let newest = self.samples.back()?;
        let mut range = newest.range();
        for sample in self.samples.iter().rev().skip(1) {
            let age = newest.received_at_ms.saturating_sub(sample.received_at_ms);
            match range.and(sample.range()) {
                Some(both) if (0..=MAX_AGE_MS).contains(&age) => range = both,
                _ => break,
            }
        }
        Some(range.offset())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(offset: i64, sent_at: i64, out: i64, back: i64) -> Sample {
        let server = sent_at + out + offset;
        Sample {
            date_ms: server.div_euclid(1000) * 1000,
            sent_at_ms: sent_at,
            received_at_ms: sent_at + out + back,
        }
    }

    proptest! {
        #[test]
        fn the_true_offset_lies_within_the_error(
            offset in -100_000_000_i64..100_000_000,
            trips in prop::collection::vec((0_i64..40_000, 0_i64..5000, 0_i64..5000), 1..40),
        ) {
            let mut clock = ServerClock::default();
            let mut now = 1_700_000_000_000;
            for (pause, out, back) in trips {
                now += pause;
                let sample = sample(offset, now, out, back);
                now += out + back;
                let alone = sample.offset();
                prop_assert!((alone.ms - offset).abs() <= alone.error_ms);
                prop_assert!(alone.error_ms <= (out + back + 1001) / 2);
                clock.add(sample);
                let Offset { ms, error_ms } = clock.offset().unwrap();
                prop_assert!((ms - offset).abs() <= error_ms, "{} {} {}", ms, offset, error_ms);
                prop_assert!(error_ms <= alone.error_ms, "samples together are never worse");
            }
        }
    }

    #[test]
    fn many_samples_are_better_than_one() {
        let mut clock = ServerClock::default();
        for n in 0..10 {
            clock.add(sample(4321, 1_700_000_000_000 + n * 1100, 20, 20));
        }
        let Offset { ms, error_ms } = clock.offset().unwrap();
        assert!(error_ms <= 100 && (ms - 4321).abs() <= error_ms, "{ms} ± {error_ms}");
    }

    #[test]
    fn after_a_clock_was_set_the_newest_sample_counts() {
        let mut clock = ServerClock::default();
        assert_eq!(clock.offset(), None);
        (0..5).for_each(|n| clock.add(sample(0, n * 1000, 10, 10)));
        clock.add(sample(-3_600_000, 6000, 10, 10));
        let Offset { ms, error_ms } = clock.offset().unwrap();
        assert!((ms + 3_600_000).abs() <= error_ms && error_ms < 600, "{ms} ± {error_ms}");
    }

    #[test]
    fn absurd_samples_do_no_harm() {
        let mut clock = ServerClock::default();
        for extreme in [i64::MIN, -1, 0, i64::MAX] {
            clock.add(Sample { date_ms: extreme, sent_at_ms: i64::MAX, received_at_ms: i64::MIN });
            clock.add(Sample { date_ms: i64::MIN, sent_at_ms: extreme, received_at_ms: extreme });
            assert!(clock.offset().is_some());
        }
    }
}
