use std::collections::BTreeMap;

use crate::{
    error::Result,
    ports::{
        BoxFuture,
        store::{ScheduleRow, ScheduleStore},
    },
};

use super::MemoryStore;

/// Rows by name.
pub(super) type Schedules = BTreeMap<String, ScheduleRow>;

impl ScheduleStore for MemoryStore {
    fn schedule<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<ScheduleRow>>> {
        Box::pin(async move { Ok(self.lock().schedules.get(name).cloned()) })
    }

    fn swap_schedule<'a>(
        &'a self,
        name: &'a str,
        expected: Option<i64>,
        row: ScheduleRow,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut state = self.lock();
            let fits = state.schedules.get(name).map(|kept| kept.version) == expected;
            if fits {
                state.schedules.insert(name.to_owned(), row);
            }
            Ok(fits)
        })
    }
}
