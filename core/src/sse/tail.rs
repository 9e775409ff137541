use std::collections::BTreeMap;

use crate::ports::store::{EventRow, EventTail};

/// The most positions that are waited for at a time; of more, the oldest are taken to be empty.
const MAX_HOLES: usize = 1_000;

/// Follows the log to its end.
///
/// Where transactions run side by side, a position may be given out and committed after a later one, or never. Such a hole is
/// waited for until every transaction has ended that was there when it was first seen.
#[derive(Debug, Default)]
pub struct Tail {
    /// The last position that was seen.
    top: i64,
    /// Positions before it that may still come, and the first transaction that cannot be theirs.
    holes: BTreeMap<i64, u64>,
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

    /// Takes in what was read: what is new, in order.
    pub fn take(&mut self, read: EventTail) -> Vec<EventRow> {
        let mut rows = read.rows;
        rows.retain(|row| row.position > self.top || self.holes.remove(&row.position).is_some());
        // What the reading did not find of transactions that had ended before it is nowhere.
        self.holes.retain(|_, ended_before| *ended_before > read.oldest);
        for row in &rows {
            let first = row.position.saturating_sub(i64::try_from(MAX_HOLES).unwrap_or(i64::MAX));
            if read.newest > read.oldest {
                self.holes.extend((self.top.max(first) + 1..row.position).map(|hole| (hole, read.newest)));
            }
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

    fn read(positions: &[i64], oldest: u64, newest: u64) -> EventTail {
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
        EventTail { rows: positions.iter().map(row).collect(), oldest, newest }
    }

    fn taken(tail: &mut Tail, read: EventTail) -> Vec<i64> {
        tail.take(read).iter().map(|row| row.position).collect()
    }

    #[test]
    fn what_is_committed_late_is_seen_once() {
        let mut tail = Tail::at(10);
        assert_eq!(taken(&mut tail, read(&[11, 13], 100, 103)), [11, 13]);
        assert_eq!((tail.settled(), tail.holes()), (11, vec![12]));
        // Its transaction is still at it.
        assert_eq!(taken(&mut tail, read(&[14], 101, 105)), [14]);
        assert_eq!((tail.settled(), tail.top()), (11, 14));
        assert_eq!(taken(&mut tail, read(&[12], 105, 105)), [12]);
        assert_eq!((tail.settled(), tail.holes()), (14, vec![]));
        assert_eq!(taken(&mut tail, read(&[12, 14], 105, 106)), [0; 0]);
    }

    #[test]
    fn what_was_rolled_back_is_waited_for_no_longer_than_its_transaction() {
        let mut tail = Tail::at(0);
        assert_eq!(taken(&mut tail, read(&[2], 5, 8)), [2]);
        assert_eq!(taken(&mut tail, read(&[], 7, 9)), [0; 0]);
        assert_eq!(tail.settled(), 0);
        assert_eq!(taken(&mut tail, read(&[], 8, 9)), [0; 0]);
        assert_eq!(tail.settled(), 2);
    }

    #[test]
    fn where_one_writes_at_a_time_nothing_is_waited_for() {
        let mut tail = Tail::at(0);
        assert_eq!(taken(&mut tail, read(&[1, 4], 0, 0)), [1, 4]);
        assert_eq!((tail.settled(), tail.holes()), (4, vec![]));
    }

    #[test]
    fn a_leap_of_the_numbers_costs_no_memory() {
        let mut tail = Tail::at(0);
        assert_eq!(
            taken(&mut tail, read(&[5_000_000_000, 5_000_002_000], 1, 9)),
            [5_000_000_000, 5_000_002_000]
        );
        assert_eq!(tail.holes().len(), MAX_HOLES);
        assert_eq!(tail.settled(), 5_000_000_999);
    }
}
