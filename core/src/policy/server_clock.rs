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
