use std::collections::BTreeMap;

use crate::{
    error::Result,
    ports::{
        BoxFuture,
        store::{StateRow, StateStore},
    },
};

use super::MemoryStore;

/// Rows by kind and name.
pub(super) type States = BTreeMap<(String, String), StateRow>;

impl StateStore for MemoryStore {
    fn state<'a>(&'a self, kind: &'a str, name: &'a str) -> BoxFuture<'a, Result<Option<StateRow>>> {
        Box::pin(async move { Ok(self.lock().states.get(&(kind.to_owned(), name.to_owned())).cloned()) })
    }

    fn swap_state<'a>(
        &'a self,
        kind: &'a str,
        name: &'a str,
        expected: Option<i64>,
        row: StateRow,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let key = (kind.to_owned(), name.to_owned());
            let mut state = self.lock();
            let fits = state.states.get(&key).map(|kept| kept.version) == expected;
            if fits {
                state.states.insert(key, row);
            }
            Ok(fits)
        })
    }
}
