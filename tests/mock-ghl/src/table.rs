//! A table of records and the search index behind it, which lags.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Records by id. Reads by id see every write at once; [`Table::indexed`] sees only what is older than
/// the lag, as HighLevel's search does.
pub(crate) struct Table<T> {
    live: BTreeMap<String, Arc<T>>,
    index: BTreeMap<String, Arc<T>>,
    /// Writes on their way to the index: when they become visible, and the record (`None`: removed).
    on_the_way: VecDeque<(i64, String, Option<Arc<T>>)>,
    lag_ms: i64,
}

impl<T> Table<T> {
    pub(crate) fn new(lag_ms: i64) -> Self {
        Self { live: BTreeMap::new(), index: BTreeMap::new(), on_the_way: VecDeque::new(), lag_ms }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<T>> {
        self.live.get(id)
    }

    pub(crate) fn live(&self) -> impl Iterator<Item = &Arc<T>> + Clone {
        self.live.values()
    }

    pub(crate) fn put(&mut self, now: i64, id: &str, record: T) -> Arc<T> {
        let record = Arc::new(record);
        self.live.insert(id.to_owned(), Arc::clone(&record));
        self.send_to_index(now, id, Some(Arc::clone(&record)));
        record
    }

    pub(crate) fn remove(&mut self, now: i64, id: &str) -> Option<Arc<T>> {
        let record = self.live.remove(id)?;
        self.send_to_index(now, id, None);
        Some(record)
    }

    fn send_to_index(&mut self, now: i64, id: &str, record: Option<Arc<T>>) {
        self.catch_up(now);
        self.on_the_way.push_back((now.saturating_add(self.lag_ms), id.to_owned(), record));
    }

    fn catch_up(&mut self, now: i64) {
        while self.on_the_way.front().is_some_and(|(visible_at, ..)| *visible_at <= now) {
            match self.on_the_way.pop_front() {
                Some((_, id, Some(record))) => self.index.insert(id, record),
                Some((_, id, None)) => self.index.remove(&id),
                None => None,
            };
        }
    }

    /// The records as the search index knows them at `now`.
    pub(crate) fn indexed(&mut self, now: i64) -> &BTreeMap<String, Arc<T>> {
        self.catch_up(now);
        &self.index
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn the_index_lags_and_reads_by_id_do_not() {
        let mut table = Table::new(100);
        table.put(1_000, "a", "first");
        assert_eq!(table.get("a").map(|r| **r), Some("first"));
        assert!(table.indexed(1_099).is_empty());
        table.put(1_050, "a", "second");
        assert_eq!(table.indexed(1_100).get("a").map(|r| **r), Some("first"));
        assert_eq!(table.indexed(1_150).get("a").map(|r| **r), Some("second"));
        table.remove(1_200, "a");
        assert!(table.get("a").is_none());
        assert!(table.indexed(1_299).contains_key("a"));
        assert!(table.indexed(1_300).is_empty());
    }
}
