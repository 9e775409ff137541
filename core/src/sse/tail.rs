use std::{collections::BTreeMap, ops::RangeInclusive};

use crate::ports::store::{EventRow, EventTail};

/// The most holes that are waited for at a time; of more, the oldest are taken to stay empty.
const MAX_HOLES: usize = 1_000;

/// Follows the log to its end.
///
/// Where transactions run side by side, positions may be given out and committed after later ones, or never. Such a hole is
/// waited for until every transaction has ended that wrote when it was first seen.
#[derive(Debug, Default)]
pub struct Tail {
    /// The last position that was seen.
    top: i64,
    /// Positions before it that may still come, by the first of each hole.
    holes: BTreeMap<i64, Hole>,
}

#[derive(Debug, Clone, Copy)]
struct Hole {
    /// Its last position.
    last: i64,
    /// A number above that of its transactions, once it is known.
    bound: Option<u64>,
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
    pub fn holes(&self) -> Vec<RangeInclusive<i64>> {
        self.holes.iter().map(|(first, hole)| *first..=hole.last).collect()
    }

    /// Up to this position all that will ever be there was seen.
    pub fn settled(&self) -> i64 {
        self.holes.first_key_value().map_or(self.top, |(first, _)| first - 1)
    }

    /// Whether it waits for transactions of which it does not know how many there are: [`Tail::bound`] tells.
    pub fn is_unbounded(&self) -> bool {
        self.holes.values().any(|hole| hole.bound.is_none())
    }

    /// Every transaction that may still fill a hole seen so far has a lower number.
    pub fn bound(&mut self, horizon: u64) {
        for hole in self.holes.values_mut() {
            hole.bound.get_or_insert(horizon);
        }
    }

    /// Takes in what was read, of at most so many rows: what is new, in order.
    pub fn take(&mut self, read: EventTail, limit: usize) -> Vec<EventRow> {
        let mut rows = read.rows;
        // Beyond the last row of a full page nothing was looked for.
        let looked = if rows.len() < limit { i64::MAX } else { rows.last().map_or(0, |row| row.position) };
        rows.retain(|row| row.position > self.top || self.fill(row.position));
        // What was not there though its transaction had ended is nowhere.
        self.holes.retain(|_, hole| hole.last > looked || hole.bound.is_none_or(|bound| bound > read.oldest));
        for row in &rows {
            if row.position > self.top {
                if row.position > self.top + 1 {
                    self.holes.insert(self.top + 1, Hole { last: row.position - 1, bound: None });
                }
                self.top = row.position;
            }
        }
        while self.holes.len() > MAX_HOLES {
            self.holes.pop_first();
            tracing::warn!(
                "too many events are being committed late: some may not be told to who watches orders"
            );
        }
        rows
    }

    /// Whether the position was in a hole, which it now is not.
    fn fill(&mut self, position: i64) -> bool {
        let Some((&first, &hole)) = self.holes.range(..=position).next_back() else { return false };
        if hole.last < position {
            return false;
        }
        self.holes.remove(&first);
        if first < position {
            self.holes.insert(first, Hole { last: position - 1, ..hole });
        }
        if position < hole.last {
            self.holes.insert(position + 1, hole);
        }
        true
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
        tail.take(read, 500).iter().map(|row| row.position).collect()
    }

    #[test]
    fn what_is_committed_late_is_seen_once() {
        let mut tail = Tail::at(10);
        assert_eq!(taken(&mut tail, read(&[11, 13], 100)), [11, 13]);
        assert_eq!((tail.settled(), tail.holes(), tail.is_unbounded()), (11, vec![12..=12], true));
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
        assert_eq!((tail.settled(), tail.holes()), (2, vec![3..=3]));
        assert_eq!(taken(&mut tail, read(&[], 12)), [0; 0]);
        assert_eq!(tail.settled(), 4);
    }

    #[test]
    fn more_than_a_page_may_come_late_at_once() {
        let mut tail = Tail::at(99);
        assert_eq!(taken(&mut tail, read(&[700], 5)), [700]);
        tail.bound(8);
        assert_eq!((tail.settled(), tail.holes()), (99, vec![100..=699]));
        let late: Vec<i64> = (100..700).collect();
        assert_eq!(taken(&mut tail, read(&late[..500], 9)), late[..500]);
        assert_eq!((tail.settled(), tail.holes()), (599, vec![600..=699]));
        assert_eq!(taken(&mut tail, read(&late[500..], 9)), late[500..]);
        assert_eq!((tail.settled(), tail.holes()), (700, vec![]));
    }

    #[test]
    fn a_hole_is_filled_from_anywhere() {
        let mut tail = Tail::at(0);
        taken(&mut tail, read(&[10], 1));
        tail.bound(9);
        assert_eq!(taken(&mut tail, read(&[5], 2)), [5]);
        assert_eq!(tail.holes(), [1..=4, 6..=9]);
        assert_eq!(taken(&mut tail, read(&[1, 9, 5], 3)), [1, 9]);
        assert_eq!(tail.holes(), [2..=4, 6..=8]);
        assert_eq!(taken(&mut tail, read(&[2, 3, 4], 3)), [2, 3, 4]);
        assert_eq!((tail.holes(), tail.settled(), tail.is_unbounded()), (vec![6..=8], 5, false));
    }

    #[test]
    fn a_leap_of_the_numbers_costs_nothing() {
        let mut tail = Tail::at(0);
        let far = [5_000_000_000, 5_000_002_000];
        assert_eq!(taken(&mut tail, read(&far, 1)), far);
        assert_eq!((tail.holes().len(), tail.settled()), (2, 0));
        let odd: Vec<i64> = (0..1_500).map(|n| 5_000_002_001 + 2 * n).collect();
        for page in odd.chunks(499) {
            taken(&mut tail, read(page, 1));
        }
        assert_eq!(tail.holes().len(), MAX_HOLES);
    }
}
