use std::collections::BTreeMap;

use crate::{
    error::Result,
    ids::LocationId,
    ports::{
        BoxFuture,
        store::{WalkRow, WalkStore},
    },
};

use super::MemoryStore;

/// Rows by location and name.
pub(super) type Walks = BTreeMap<(LocationId, String), WalkRow>;

impl WalkStore for MemoryStore {
    fn walk<'a>(&'a self, location: &'a LocationId, name: &'a str) -> BoxFuture<'a, Result<Option<WalkRow>>> {
        Box::pin(async move { Ok(self.lock().walks.get(&(location.clone(), name.to_owned())).cloned()) })
    }

    fn swap_walk<'a>(
        &'a self,
        location: &'a LocationId,
        name: &'a str,
        expected: Option<i64>,
        row: WalkRow,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let key = (location.clone(), name.to_owned());
            let mut state = self.lock();
            let fits = state.walks.get(&key).map(|kept| kept.version) == expected;
            if fits {
                state.walks.insert(key, row);
            }
            Ok(fits)
        })
    }
}
