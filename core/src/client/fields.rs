use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use futures::lock;

use crate::{
    error::{Code, Error, Result},
    ids::LocationId,
    ports::Clock,
};

/// How long a list is taken for the truth.
const LIFE_MS: i64 = 10 * 60 * 1000;
/// The most lists that are kept; beyond, those that nobody is using are forgotten.
const MAX_LISTS: usize = 2_000;

/// A custom field under all of its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldNames {
    pub(crate) id: String,
    /// With the object's prefix, e.g. `contact.order_status`.
    pub(crate) key: Option<String>,
    /// As people see and change it.
    pub(crate) name: Option<String>,
}

/// The custom fields of each location and object, as they were last read.
#[derive(Default)]
pub(crate) struct FieldLists(Mutex<HashMap<(LocationId, &'static str), Arc<FieldList>>>);

impl FieldLists {
    pub(crate) fn of(&self, location: &LocationId, model: &'static str) -> Arc<FieldList> {
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (location.clone(), model);
        if lists.len() >= MAX_LISTS && !lists.contains_key(&key) {
            lists.retain(|_, list| Arc::strong_count(list) > 1);
        }
        Arc::clone(lists.entry(key).or_default())
    }
}

/// One of them. Whoever holds the lock is the one that reads it anew.
#[derive(Default)]
pub(crate) struct FieldList {
    kept: lock::Mutex<Kept>,
    /// How often reading failed.
    failures: AtomicU32,
}

#[derive(Default)]
struct Kept {
    /// The fields, and when they were asked for.
    fields: Option<(i64, Arc<[FieldNames]>)>,
    /// Why reading failed last, for those who waited for it.
    failure: Option<Failure>,
}

struct Failure {
    code: Code,
    message: String,
    status: Option<u16>,
}

impl FieldList {
    /// The fields, as they were not longer ago than a list holds.
    pub(crate) async fn recent(
        &self,
        clock: &dyn Clock,
        load: impl Future<Output = Result<Vec<FieldNames>>>,
    ) -> Result<Arc<[FieldNames]>> {
        self.since(clock.now_ms().saturating_sub(LIFE_MS), clock, load).await
    }

    /// The fields, as they were at this time or later. Who waits while another reads them takes what that gets.
    pub(crate) async fn since(
        &self,
        since: i64,
        clock: &dyn Clock,
        load: impl Future<Output = Result<Vec<FieldNames>>>,
    ) -> Result<Arc<[FieldNames]>> {
        let failures = self.failures.load(Ordering::Relaxed);
        let mut kept = self.kept.lock().await;
        if let Some((at, fields)) = &kept.fields
            && *at >= since
        {
            return Ok(Arc::clone(fields));
        }
        if let Some(failure) = &kept.failure
            && self.failures.load(Ordering::Relaxed) != failures
        {
            return Err(failure.again());
        }
        let now = clock.now_ms();
        match load.await {
            Ok(fields) => {
                let fields: Arc<[FieldNames]> = fields.into();
                kept.fields = Some((now, Arc::clone(&fields)));
                Ok(fields)
            }
            Err(error) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                let (code, message, status) = (error.code(), error.message().to_owned(), error.status());
                kept.failure = Some(Failure { code, message, status });
                Err(error)
            }
        }
    }
}

impl Failure {
    fn again(&self) -> Error {
        let error = Error::new(self.code, &*self.message);
        match self.status {
            Some(status) => error.with_status(status),
            None => error,
        }
    }
}
