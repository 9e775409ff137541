//! The memory store as a worker sees it through a bad day: slow, now and then failing, and with pauses in
//! which a lease can end. Watches that versions and base times never fall.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::FutureExt;
use ghlkit::{
    Code, Error, Result,
    ids::{EventId, JobId, LocationId, OrderId},
    ports::{BoxFuture, Clock, store::*},
    store::MemoryStore,
    testing::{ManualClock, SeededEntropy},
};

/// How badly a worker's store behaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct StoreFaults {
    /// The chance that an operation fails before it does anything.
    pub fail: f64,
    /// The chance that the worker stands still around an operation for longer than a lease.
    pub pause: f64,
}

/// The lease a worker holds, as the transport's witness reads it.
pub type LeaseSeen = Arc<Mutex<Option<i64>>>;

/// A worker's view of the shared store.
#[derive(Clone)]
pub struct SimStore {
    inner: MemoryStore,
    clock: ManualClock,
    rng: SeededEntropy,
    faults: StoreFaults,
    lease: LeaseSeen,
    violations: Arc<Mutex<Vec<String>>>,
}

impl SimStore {
    /// A view with faults of its own.
    pub fn new(
        inner: MemoryStore,
        clock: ManualClock,
        rng: SeededEntropy,
        faults: StoreFaults,
        violations: Arc<Mutex<Vec<String>>>,
    ) -> Self {
        Self { inner, clock, rng, faults, lease: LeaseSeen::default(), violations }
    }

    /// When the lease last taken through this view ends.
    pub fn lease_seen(&self) -> LeaseSeen {
        self.lease.clone()
    }

    async fn before(&self) -> Result<()> {
        self.linger().await;
        if self.rng.chance(self.faults.fail) {
            return Err(Error::new(Code::Store, "the simulated database failed"));
        }
        Ok(())
    }

    async fn linger(&self) {
        let ms = if self.rng.chance(self.faults.pause) {
            100_000 + self.rng.below(60_000)
        } else {
            self.rng.below(4)
        };
        if ms > 0 {
            self.clock.sleep(Duration::from_millis(ms)).await;
        }
    }

    async fn around<T>(&self, operation: impl Future<Output = Result<T>>) -> Result<T> {
        self.before().await?;
        let result = operation.await;
        self.linger().await;
        result
    }

    /// Versions and base times, before and after: neither may fall.
    fn heights(&self, job: &JobId) -> Option<(i64, i64, i64, i64)> {
        let job = self.inner.job(job).now_or_never()?.ok()??;
        let rows = self.inner.pass_rows(&job.location, &job.order).now_or_never()?.ok()?;
        let base = |row: Option<ObjectRow>| row.map_or(0, |row| row.base_at);
        Some((rows.order.version, rows.order.pushed_version, base(rows.opportunity), base(rows.contact)))
    }

    async fn watched_commit(&self, fence: Fence, changes: Vec<Change>) -> Result<Committed> {
        let before = self.heights(&fence.job);
        let moved = changes.iter().any(|change| matches!(change, Change::SetContact { .. }));
        let result = self.inner.commit(fence.clone(), changes).await;
        let after = self.heights(&fence.job);
        if let (Some(before), Some(after), false) = (before, after, moved) {
            let fell = before.0 > after.0 || before.1 > after.1 || before.2 > after.2 || before.3 > after.3;
            let changed_by_refused = result.is_err() && before != after;
            if fell || changed_by_refused {
                let text =
                    format!("I8: {before:?} became {after:?} in a commit that answered {}", result.is_ok());
                self.violations.lock().unwrap_or_else(PoisonError::into_inner).push(text);
            }
        }
        result
    }
}

macro_rules! delegate {
    ($($name:ident($($arg:ident: $type:ty),*) -> $out:ty;)+) => {
        $(fn $name<'a>(&'a self, $($arg: $type),*) -> BoxFuture<'a, Result<$out>> {
            Box::pin(self.around(async move { self.inner.$name($($arg),*).await }))
        })+
    };
}

impl OrderStore for SimStore {
    fn insert_order(&self, order: NewOrder) -> BoxFuture<'_, Result<JobId>> {
        Box::pin(self.around(self.inner.insert_order(order)))
    }

    fn set_status(&self, change: StatusChange) -> BoxFuture<'_, Result<(JobId, i64)>> {
        Box::pin(self.around(self.inner.set_status(change)))
    }

    fn set_progress(&self, change: ProgressChange) -> BoxFuture<'_, Result<JobId>> {
        Box::pin(self.around(self.inner.set_progress(change)))
    }

    delegate! {
        order(location: &'a LocationId, id: &'a OrderId) -> Option<OrderRow>;
        find_orders(location: &'a LocationId, lookup: Lookup<'a>) -> Vec<OrderRow>;
        list_orders(
            location: &'a LocationId, status: Option<&'a str>, after: Option<&'a OrderId>, limit: usize
        ) -> Vec<OrderRow>;
        pass_rows(location: &'a LocationId, id: &'a OrderId) -> PassRows;
        object(location: &'a LocationId, kind: ObjectKind, id: &'a str) -> Option<ObjectRow>;
        mark_dirty(location: &'a LocationId, id: &'a OrderId, contact: bool, now: i64) -> ();
    }
}

impl OutboxStore for SimStore {
    delegate! {
        install_status_trigger() -> ();
        remove_status_trigger() -> ();
        status_changed(location: &'a LocationId, id: &'a OrderId, now: i64) -> JobId;
    }
}

impl JobStore for SimStore {
    fn lease(&self, lease: Lease) -> BoxFuture<'_, Result<Vec<JobRow>>> {
        let until = lease.until;
        Box::pin(self.around(async move {
            let jobs = self.inner.lease(lease).await?;
            if !jobs.is_empty() {
                *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
            }
            Ok(jobs)
        }))
    }

    fn commit(&self, fence: Fence, changes: Vec<Change>) -> BoxFuture<'_, Result<Committed>> {
        Box::pin(self.around(self.watched_commit(fence, changes)))
    }

    fn next_due(&self) -> BoxFuture<'_, Result<Option<i64>>> {
        Box::pin(self.around(self.inner.next_due()))
    }

    fn queue(&self) -> BoxFuture<'_, Result<QueueRow>> {
        Box::pin(self.around(self.inner.queue()))
    }

    fn jobs(&self, filter: JobFilter) -> BoxFuture<'_, Result<Vec<JobRow>>> {
        Box::pin(self.around(self.inner.jobs(filter)))
    }

    delegate! {
        job(id: &'a JobId) -> Option<JobRow>;
        replay(id: &'a JobId, now: i64) -> bool;
    }
}

impl InboxStore for SimStore {
    fn receive(&self, event: NewInbox) -> BoxFuture<'_, Result<Received>> {
        Box::pin(self.around(self.inner.receive(event)))
    }

    fn pending_inbox(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<InboxRow>>> {
        Box::pin(self.around(self.inner.pending_inbox(after, limit)))
    }

    fn settle_inbox(&self, id: i64, outcome: InboxOutcome, now: i64) -> BoxFuture<'_, Result<bool>> {
        Box::pin(self.around(self.inner.settle_inbox(id, outcome, now)))
    }

    delegate! {
        unresolved(location: &'a LocationId, after: i64, limit: usize) -> Vec<InboxRow>;
    }
}

impl EventStore for SimStore {
    fn events(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        Box::pin(self.around(self.inner.events(after, limit)))
    }

    fn events_of(&self, filter: EventFilter) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.inner.events_of(filter)
    }

    fn last_event(&self) -> BoxFuture<'_, Result<i64>> {
        self.inner.last_event()
    }

    fn tail(
        &self,
        after: i64,
        holes: Vec<std::ops::RangeInclusive<i64>>,
        limit: usize,
    ) -> BoxFuture<'_, Result<EventTail>> {
        self.inner.tail(after, holes, limit)
    }

    fn horizon(&self) -> BoxFuture<'_, Result<u64>> {
        self.inner.horizon()
    }

    fn claim_events(&self, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        Box::pin(self.around(self.inner.claim_events(limit)))
    }

    fn release_event(&self, position: i64) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.around(self.inner.release_event(position)))
    }
}

impl StateStore for SimStore {
    delegate! {
        state(kind: &'a str, name: &'a str) -> Option<StateRow>;
        swap_state(kind: &'a str, name: &'a str, expected: Option<i64>, row: StateRow) -> bool;
    }
}

impl BookingStore for SimStore {
    delegate! {
        booking(location: &'a LocationId, order: &'a OrderId) -> Option<BookingRow>;
        booking_of(location: &'a LocationId, appointment: &'a EventId) -> Option<BookingRow>;
        bookings(location: &'a LocationId, from: i64, until: i64) -> Vec<BookingRow>;
        drop_booking(location: &'a LocationId, order: &'a OrderId, expected: i64, events: Vec<NewEvent>, now: i64) -> bool;
    }

    /// The simulated shop books nothing, and what is asked for nothing must not change the course of a seed.
    fn due_bookings(&self, now: i64, limit: usize) -> BoxFuture<'_, Result<Vec<BookingRow>>> {
        self.inner.due_bookings(now, limit)
    }

    fn keep_booking(&self, keep: KeepBooking) -> BoxFuture<'_, Result<Kept>> {
        Box::pin(self.around(self.inner.keep_booking(keep)))
    }
}

impl DeliveryStore for SimStore {
    delegate! {
        unplanned_events(limit: usize) -> Vec<EventRow>;
        plan_event(position: i64, deliveries: Vec<NewDelivery>, now: i64) -> ();
        insert_delivery(delivery: NewDelivery, now: i64) -> bool;
        lease_deliveries(lease: DeliveryLease) -> Vec<DeliveryRow>;
        delivery_leaves(id: i64, token: &'a str, now: i64) -> bool;
        settle_delivery(id: i64, token: &'a str, outcome: DeliveryOutcome, now: i64) -> bool;
        deliveries(filter: DeliveryFilter) -> Vec<DeliveryRow>;
        replay_delivery(id: i64, now: i64) -> bool;
        next_delivery(channels: &'a [String]) -> Option<i64>;
        count_deliveries() -> Vec<DeliveryCount>;
    }
}
