use std::collections::{BTreeSet, HashMap};

use crate::{
    error::Result,
    ports::{
        BoxFuture,
        store::{Claim, SeenKey, SeenStore},
    },
};

use super::MemoryStore;

/// A receiver and an event.
type Key = (String, String);

/// What receivers remember, and in the order in which it ends.
#[derive(Debug, Default)]
pub(super) struct Seen {
    rows: HashMap<Key, Row>,
    ends: BTreeSet<(i64, Key)>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    handled: bool,
    until: i64,
}

impl Seen {
    fn put(&mut self, key: Key, row: Row) {
        self.remove(&key);
        self.ends.insert((row.until, key.clone()));
        self.rows.insert(key, row);
    }

    fn remove(&mut self, key: &Key) {
        if let Some(old) = self.rows.remove(key) {
            self.ends.remove(&(old.until, key.clone()));
        }
    }

    fn forget(&mut self, now: i64) {
        while self.ends.first().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, key)) = self.ends.pop_first() {
                self.rows.remove(&key);
            }
        }
    }
}

fn owned(key: SeenKey<'_>) -> Key {
    (key.receiver.to_owned(), key.event.to_owned())
}

impl SeenStore for MemoryStore {
    fn claim<'a>(&'a self, key: SeenKey<'a>, now: i64, until: i64) -> BoxFuture<'a, Result<Claim>> {
        Box::pin(async move {
            let seen = &mut self.lock().seen;
            seen.forget(now);
            let key = owned(key);
            Ok(match seen.rows.get(&key) {
                Some(Row { handled: true, .. }) => Claim::Seen,
                Some(_) => Claim::Busy,
                None => {
                    seen.put(key, Row { handled: false, until });
                    Claim::New
                }
            })
        })
    }

    fn remember<'a>(&'a self, key: SeenKey<'a>, now: i64, keep_until: i64) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let seen = &mut self.lock().seen;
            seen.put(owned(key), Row { handled: true, until: keep_until });
            seen.forget(now);
            Ok(())
        })
    }

    fn release<'a>(&'a self, key: SeenKey<'a>, until: i64) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let seen = &mut self.lock().seen;
            let key = owned(key);
            if seen.rows.get(&key).is_some_and(|row| !row.handled && row.until == until) {
                seen.remove(&key);
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::executor::block_on;

    use super::*;
    use crate::store::conformance;

    #[test]
    fn it_conforms() {
        block_on(conformance::run_seen(async || Arc::new(MemoryStore::new()) as Arc<dyn SeenStore>));
    }

    #[test]
    fn what_is_forgotten_takes_no_room() {
        let store = MemoryStore::new();
        for at in 0..1_000 {
            let event = at.to_string();
            let key = SeenKey { receiver: "r", event: &event };
            block_on(store.claim(key, at, at + 5)).unwrap();
            block_on(store.remember(key, at, at + 10)).unwrap();
        }
        let seen = &store.lock().seen;
        assert_eq!((seen.rows.len(), seen.ends.len()), (10, 10));
    }
}
