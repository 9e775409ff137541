use std::collections::BTreeMap;

use crate::{
    error::Result,
    ids::LocationId,
    ports::{
        BoxFuture,
        store::{LimitRow, LimitStore},
    },
};

use super::MemoryStore;

/// Rows by scope and location.
pub(super) type Limits = BTreeMap<(String, LocationId), LimitRow>;

impl LimitStore for MemoryStore {
    fn limit_row<'a>(
        &'a self,
        scope: &'a str,
        location: &'a LocationId,
        now: i64,
    ) -> BoxFuture<'a, Result<(i64, Option<LimitRow>)>> {
        Box::pin(async move {
            let key = (scope.to_owned(), location.clone());
            Ok((now, self.lock().limits.get(&key).cloned()))
        })
    }

    fn swap_limit<'a>(
        &'a self,
        scope: &'a str,
        location: &'a LocationId,
        expected: Option<i64>,
        row: LimitRow,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let key = (scope.to_owned(), location.clone());
            let mut state = self.lock();
            let fits = state.limits.get(&key).map(|kept| kept.version) == expected;
            if fits {
                state.limits.insert(key, row);
            }
            Ok(fits)
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
        block_on(conformance::run_limits(async || Arc::new(MemoryStore::new()) as Arc<dyn LimitStore>));
    }
}
