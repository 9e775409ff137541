use std::collections::BTreeMap;

use crate::ports::store::{EventRow, EventTail};

/// The most positions that are waited for at a time; of more, the oldest are taken to be empty.
const MAX_HOLES: usize = 1_000;

/// Follows the log to its end.
///
/// Where transactions run side by side, a position may be given out and committed after a later one, or never. Such a hole is
/// waited for until every transaction has ended that wrote when it was first seen.
#[derive(Debug, Default)]
pub struct Tail {
    /// The last position that was seen.
    top: i64,
    /// Positions before it that may still come, and a number above that of their transactions, once it is known.
    holes: BTreeMap<i64, Option<u64>>,
}

impl Tail {
    /// Follows it from here on, nothing before it being missing.
    pub fn at(position: i64) -> Self {
        Self { top: position, holes: BTreeMap::new() }
    }

    /// From where on it reads.
    pub fn top(&self) -> i64 {
        self.top
    }

    /// What it reads again, as it may have come meanwhile.
    pub fn holes(&self) -> Vec<i64> {
        self.holes.keys().copied().collect()
    }

    /// Up to this position all that will ever be there was seen.
    pub fn settled(&self) -> i64 {
        self.holes.first_key_value().map_or(self.top, |(hole, _)| hole - 1)
    }

    /// Whether it waits for transactions of which it does not know how many there are: [`Tail::bound`] tells.
    pub fn is_unbounded(&self) -> bool {
        self.holes.values().any(Option::is_none)
    }

    /// Every transaction that may still fill a hole seen so far has a lower number.
    pub fn bound(&mut self, horizon: u64) {
        for bound in self.holes.values_mut() {
            bound.get_or_insert(horizon);
        }
    }

    /// Takes in what was read: what is new, in order.
    pub fn take(&mut self, read: EventTail) -> Vec<EventRow> {
        let mut rows = read.rows;
        rows.retain(|row| row.position > self.top || self.holes.remove(&row.position).is_some());
        // What was not there though its transaction had ended is nowhere.
        self.holes.retain(|_, bound| bound.is_none_or(|bound| bound > read.oldest));
        for row in &rows {
            let first = row.position.saturating_sub(i64::try_from(MAX_HOLES).unwrap_or(i64::MAX));
            self.holes.extend((self.top.max(first) + 1..row.position).map(|hole| (hole, None)));
            self.top = self.top.max(row.position);
        }
        while self.holes.len() > MAX_HOLES {
            self.holes.pop_first();
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{LocationId, OrderId};

    fn read(positions: &[i64], oldest: u64) -> EventTail {
        let row = |position: &i64| EventRow {
            position: *position,
            location: LocationId::new("loc"),
            order: OrderId::new("o"),
            kind: "status_changed".to_owned(),
            key: position.to_string(),
            payload: "{}".to_owned(),
            at: 0,
            told: false,
        };
        EventTail { rows: positions.iter().map(row).collect(), oldest }
    }

    fn taken(tail: &mut Tail, read: EventTail) -> Vec<i64> {
        tail.take(read).iter().map(|row| row.position).collect()
    }

    #[test]
    fn what_is_committed_late_is_seen_once() {
        let mut tail = Tail::at(10);
        assert_eq!(taken(&mut tail, read(&[11, 13], 100)), [11, 13]);
        assert_eq!((tail.settled(), tail.holes(), tail.is_unbounded()), (11, vec![12], true));
        // However many transactions have ended, this one is not known to be among them.
        assert_eq!(taken(&mut tail, read(&[], 200)), [0; 0]);
        assert_eq!(tail.settled(), 11);
        tail.bound(203);
        // Its transaction is still at it.
        assert_eq!(taken(&mut tail, read(&[14], 202)), [14]);
        assert_eq!((tail.settled(), tail.top(), tail.is_unbounded()), (11, 14, false));
        assert_eq!(taken(&mut tail, read(&[12], 205)), [12]);
        assert_eq!((tail.settled(), tail.holes()), (14, vec![]));
        assert_eq!(taken(&mut tail, read(&[12, 14], 206)), [0; 0]);
    }

    #[test]
    fn what_was_rolled_back_is_waited_for_no_longer_than_its_transaction() {
        let mut tail = Tail::at(0);
        assert_eq!(taken(&mut tail, read(&[2], 5)), [2]);
        tail.bound(8);
        assert_eq!(taken(&mut tail, read(&[], 7)), [0; 0]);
        assert_eq!(tail.settled(), 0);
        // Another is seen meanwhile, which has a bound of its own.
        assert_eq!(taken(&mut tail, read(&[4], 7)), [4]);
        tail.bound(12);
        assert_eq!(taken(&mut tail, read(&[], 8)), [0; 0]);
        assert_eq!((tail.settled(), tail.holes()), (2, vec![3]));
        assert_eq!(taken(&mut tail, read(&[], 12)), [0; 0]);
        assert_eq!(tail.settled(), 4);
    }

    #[test]
    fn a_leap_of_the_numbers_costs_no_memory() {
        let mut tail = Tail::at(0);
        let far = [5_000_000_000, 5_000_002_000];
        assert_eq!(taken(&mut tail, read(&far, 1)), far);
        assert_eq!((tail.holes().len(), tail.settled()), (MAX_HOLES, 4_999_999_998));
    }
}
