use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
};

use crate::{
    error::Result,
    ids::AppId,
    ports::{
        BoxFuture,
        store::{TokenRow, TokenStore, TokenSubject},
    },
};

use super::MemoryStore;

/// Rows by app, then by subject.
pub(super) type Tokens = BTreeMap<AppId, BTreeMap<TokenSubject, TokenRow>>;

impl TokenStore for MemoryStore {
    fn token_row<'a>(
        &'a self,
        app: &'a AppId,
        subject: &'a TokenSubject,
    ) -> BoxFuture<'a, Result<Option<TokenRow>>> {
        Box::pin(async move { Ok(self.lock().tokens.get(app).and_then(|rows| rows.get(subject)).cloned()) })
    }

    fn token_rows<'a>(
        &'a self,
        app: &'a AppId,
        after: Option<&'a TokenSubject>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<TokenRow>>> {
        Box::pin(async move {
            let state = self.lock();
            let Some(rows) = state.tokens.get(app) else { return Ok(Vec::new()) };
            let rest = rows.range((after.map_or(Unbounded, Excluded), Unbounded));
            Ok(rest.take(limit).map(|(_, row)| row.clone()).collect())
        })
    }

    fn swap_token(&self, expected: Option<i64>, row: TokenRow) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move {
            let mut state = self.lock();
            let rows = state.tokens.entry(row.app.clone()).or_default();
            let fits = rows.get(&row.subject).map(|kept| kept.version) == expected;
            if fits {
                rows.insert(row.subject.clone(), row);
            }
            Ok(fits)
        })
    }

    fn delete_token<'a>(
        &'a self,
        app: &'a AppId,
        subject: &'a TokenSubject,
        expected: i64,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut state = self.lock();
            let Some(rows) = state.tokens.get_mut(app) else { return Ok(false) };
            let fits = rows.get(subject).is_some_and(|kept| kept.version == expected);
            if fits {
                rows.remove(subject);
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
        block_on(conformance::run_tokens(async || Arc::new(MemoryStore::new()) as Arc<dyn TokenStore>));
    }
}
