use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
};

use super::*;
use crate::{error::Code, ports::BoxFuture};

/// A store that goes wrong when told.
#[derive(Clone, Default)]
pub(super) struct Faulty {
    pub(super) rows: Arc<Mutex<BTreeMap<TokenSubject, TokenRow>>>,
    /// So many reads fail.
    pub(super) failing_reads: Arc<AtomicU32>,
    /// So many writes fail.
    pub(super) failing_writes: Arc<AtomicU32>,
    /// So many writes pass, and one more never comes to an end.
    pub(super) writes_until_hanging: Arc<AtomicU32>,
    pub(super) reads: Arc<AtomicU32>,
}

impl Faulty {
    pub(super) fn hang_after(&self, writes: u32) {
        self.writes_until_hanging.store(writes + 1, SeqCst);
    }

    /// Changes a row behind everybody's back.
    pub(super) fn put(&self, row: TokenRow) {
        self.rows.lock().unwrap().insert(row.subject.clone(), row);
    }

    fn one_of(&self, left: &AtomicU32) -> Result<()> {
        match left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) {
            Ok(_) => Err(Error::new(Code::Store, "the database is busy")),
            Err(_) => Ok(()),
        }
    }
}

impl TokenStore for Faulty {
    fn token_row<'a>(
        &'a self,
        _: &'a AppId,
        subject: &'a TokenSubject,
    ) -> BoxFuture<'a, Result<Option<TokenRow>>> {
        self.reads.fetch_add(1, SeqCst);
        Box::pin(async move {
            self.one_of(&self.failing_reads)?;
            Ok(self.rows.lock().unwrap().get(subject).cloned())
        })
    }

    fn token_rows<'a>(
        &'a self,
        _: &'a AppId,
        after: Option<&'a TokenSubject>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<TokenRow>>> {
        Box::pin(async move {
            self.one_of(&self.failing_reads)?;
            let rows = self.rows.lock().unwrap();
            let rest = rows.values().filter(|row| after.is_none_or(|after| row.subject > *after));
            Ok(rest.take(limit).cloned().collect())
        })
    }

    fn swap_token(&self, expected: Option<i64>, row: TokenRow) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move {
            self.one_of(&self.failing_writes)?;
            if self.writes_until_hanging.fetch_update(SeqCst, SeqCst, |n| n.checked_sub(1)) == Ok(1) {
                std::future::pending::<()>().await;
            }
            let mut rows = self.rows.lock().unwrap();
            let fits = rows.get(&row.subject).map(|kept| kept.version) == expected;
            if fits {
                rows.insert(row.subject.clone(), row);
            }
            Ok(fits)
        })
    }

    fn delete_token<'a>(
        &'a self,
        _: &'a AppId,
        subject: &'a TokenSubject,
        expected: i64,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut rows = self.rows.lock().unwrap();
            let fits = rows.get(subject).is_some_and(|kept| kept.version == expected);
            if fits {
                rows.remove(subject);
            }
            Ok(fits)
        })
    }
}
