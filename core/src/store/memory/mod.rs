//! A store in memory: for tests, the simulator and hosts without a disk.

mod bookings;
mod deliveries;
mod inbox;
mod jobs;
mod limits;
mod orders;
mod seen;
mod states;
mod tokens;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    error::{Error, Result},
    ids::{JobId, LocationId, OrderId},
    ports::{
        BoxFuture,
        store::{
            Change, Committed, EventFilter, EventRow, EventStore, EventTail, Fence, InboxOutcome, InboxRow,
            InboxStore, JobFilter, JobRow, JobStore, Lease, Lookup, NewInbox, NewOrder, ObjectKind,
            ObjectRow, OrderRow, OrderStore, OutboxStore, PassRows, ProgressChange, QueueRow, Received,
            StatusChange,
        },
    },
};

use bookings::Bookings;
use deliveries::Deliveries;
use inbox::Kept;
use limits::Limits;
use seen::Seen;
use states::States;
use tokens::Tokens;

/// Keeps everything in memory. Clones share their rows. Each operation is one critical section, and the
/// same operations in the same order give the same ids and rows.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

/// All rows, in maps whose order is that of the answers.
#[derive(Debug, Default)]
struct State {
    orders: BTreeMap<OrderId, Entry>,
    jobs: BTreeMap<i64, JobRow>,
    objects: BTreeMap<(LocationId, ObjectKind, String), ObjectRow>,
    inbox: BTreeMap<i64, Kept>,
    events: BTreeMap<i64, EventRow>,
    event_keys: BTreeSet<(OrderId, String)>,
    commit_seq: i64,
    tokens: Tokens,
    limits: Limits,
    seen: Seen,
    states: States,
    bookings: Bookings,
    deliveries: Deliveries,
}

/// An order and the number of its job.
#[derive(Debug)]
struct Entry {
    order: OrderRow,
    job: i64,
}

impl State {
    fn next_commit_seq(&mut self) -> i64 {
        self.commit_seq += 1;
        self.commit_seq
    }
}

/// The id of the next row: nothing is ever deleted.
fn next_id<T>(rows: &BTreeMap<i64, T>) -> i64 {
    rows.last_key_value().map_or(1, |(id, _)| id + 1)
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OrderStore for MemoryStore {
    fn insert_order(&self, order: NewOrder) -> BoxFuture<'_, Result<JobId>> {
        Box::pin(async move { self.lock().insert_order(order) })
    }

    fn set_status(&self, change: StatusChange) -> BoxFuture<'_, Result<(JobId, i64)>> {
        Box::pin(async move { self.lock().set_status(change) })
    }

    fn set_progress(&self, change: ProgressChange) -> BoxFuture<'_, Result<JobId>> {
        Box::pin(async move { self.lock().set_progress(change) })
    }

    fn order<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
    ) -> BoxFuture<'a, Result<Option<OrderRow>>> {
        Box::pin(async move { Ok(self.lock().order(location, id).cloned()) })
    }

    fn find_orders<'a>(
        &'a self,
        location: &'a LocationId,
        lookup: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Vec<OrderRow>>> {
        Box::pin(async move { Ok(self.lock().find_orders(location, lookup)) })
    }

    fn list_orders<'a>(
        &'a self,
        location: &'a LocationId,
        status: Option<&'a str>,
        after: Option<&'a OrderId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<OrderRow>>> {
        Box::pin(async move { Ok(self.lock().list_orders(location, status, after, limit)) })
    }

    fn pass_rows<'a>(&'a self, location: &'a LocationId, id: &'a OrderId) -> BoxFuture<'a, Result<PassRows>> {
        Box::pin(async move { self.lock().pass_rows(location, id) })
    }

    fn object<'a>(
        &'a self,
        location: &'a LocationId,
        kind: ObjectKind,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<ObjectRow>>> {
        Box::pin(async move { Ok(self.lock().object(location, kind, id)) })
    }

    fn mark_dirty<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
        contact: bool,
        now: i64,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.lock().mark_dirty(location, id, contact, now) })
    }
}

impl OutboxStore for MemoryStore {
    fn install_status_trigger(&self) -> BoxFuture<'_, Result<()>> {
        let expected = "a trigger watches the orders of a database; the engine keeps its orders in memory";
        Box::pin(async move { Err(Error::config("databaseUrl", expected)) })
    }

    fn remove_status_trigger(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// There are no orders but those that ghlkit itself writes.
    fn status_changed<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
        _now: i64,
    ) -> BoxFuture<'a, Result<JobId>> {
        Box::pin(async move { self.lock().entry_mut(location, id).map(|(_, job)| job.id.clone()) })
    }
}

impl JobStore for MemoryStore {
    fn lease(&self, lease: Lease) -> BoxFuture<'_, Result<Vec<JobRow>>> {
        Box::pin(async move { Ok(self.lock().lease(&lease)) })
    }

    fn commit(&self, fence: Fence, changes: Vec<Change>) -> BoxFuture<'_, Result<Committed>> {
        Box::pin(async move { self.lock().commit(&fence, changes) })
    }

    fn next_due(&self) -> BoxFuture<'_, Result<Option<i64>>> {
        Box::pin(async move { Ok(self.lock().next_due()) })
    }

    fn queue(&self) -> BoxFuture<'_, Result<QueueRow>> {
        Box::pin(async move { Ok(self.lock().queue()) })
    }

    fn job<'a>(&'a self, id: &'a JobId) -> BoxFuture<'a, Result<Option<JobRow>>> {
        Box::pin(async move { Ok(self.lock().job(id).cloned()) })
    }

    fn jobs(&self, filter: JobFilter) -> BoxFuture<'_, Result<Vec<JobRow>>> {
        Box::pin(async move { self.lock().jobs(&filter) })
    }

    fn replay<'a>(&'a self, id: &'a JobId, now: i64) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move { Ok(self.lock().job_mut(id).is_some_and(|job| job.replay(now))) })
    }
}

impl InboxStore for MemoryStore {
    fn receive(&self, event: NewInbox) -> BoxFuture<'_, Result<Received>> {
        Box::pin(async move { Ok(self.lock().receive(event)) })
    }

    fn pending_inbox(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<InboxRow>>> {
        Box::pin(async move { Ok(self.lock().pending_inbox(after, limit)) })
    }

    fn settle_inbox(&self, id: i64, outcome: InboxOutcome, now: i64) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move { Ok(self.lock().settle_inbox(id, outcome, now)) })
    }

    fn unresolved<'a>(
        &'a self,
        location: &'a LocationId,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<InboxRow>>> {
        Box::pin(async move { Ok(self.lock().unresolved(location, after, limit)) })
    }
}

impl EventStore for MemoryStore {
    fn events(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        Box::pin(async move {
            let state = self.lock();
            Ok(state.events.values().filter(|event| event.position > after).take(limit).cloned().collect())
        })
    }

    fn events_of(&self, filter: EventFilter) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        Box::pin(async move {
            let EventFilter { after, location, order, limit } = filter;
            let matches = |event: &&EventRow| {
                location.as_ref().is_none_or(|location| event.location == *location)
                    && order.as_ref().is_none_or(|order| event.order == *order)
            };
            let state = self.lock();
            let later = state.events.range(after.saturating_add(1)..).map(|(_, event)| event);
            Ok(later.filter(matches).take(limit).cloned().collect())
        })
    }

    fn last_event(&self) -> BoxFuture<'_, Result<i64>> {
        Box::pin(async move { Ok(self.lock().events.last_key_value().map_or(0, |(position, _)| *position)) })
    }

    fn tail(
        &self,
        after: i64,
        _: Vec<RangeInclusive<i64>>,
        limit: usize,
    ) -> BoxFuture<'_, Result<EventTail>> {
        Box::pin(async move {
            let rows = self.events(after, limit).await?;
            // One writes at a time: nothing comes later that was before.
            Ok(EventTail { rows, oldest: 0 })
        })
    }

    fn claim_events(&self, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        Box::pin(async move {
            let mut state = self.lock();
            let untold = state.events.values_mut().filter(|event| !event.told).take(limit);
            Ok(untold
                .map(|event| {
                    event.told = true;
                    event.clone()
                })
                .collect())
        })
    }

    fn release_event(&self, position: i64) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            if let Some(event) = self.lock().events.get_mut(&position) {
                event.told = false;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::{ports::store::Store, store::conformance};

    #[test]
    fn it_conforms() {
        block_on(conformance::run_all(async || Arc::new(MemoryStore::new()) as Arc<dyn Store>));
    }
}
