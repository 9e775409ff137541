//! A store in memory that someone else writes to at the worst moment, or that fails.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
};

use event_listener::Event;

use crate::{
    error::{Code, Error, Result},
    ids::{EventId, JobId, LocationId, OrderId},
    ports::{
        Bell, BoxFuture,
        store::{
            BookingRow, BookingStore, Change, Committed, DeliveryCount, DeliveryFilter, DeliveryLease,
            DeliveryOutcome, DeliveryRow, DeliveryStore, EventFilter, EventRow, EventStore, EventTail, Fence,
            InboxOutcome, InboxRow, InboxStore, Inspection, JobFilter, JobRow, JobStore, KeepBooking, Kept,
            Lease, Lookup, NewDelivery, NewEvent, NewInbox, NewOrder, ObjectKind, ObjectRow, OrderRow,
            OrderStore, OutboxStore, PassRows, ProgressChange, QueueRow, Received, StateRow, StateStore,
            StatusChange,
        },
    },
    store::MemoryStore,
};

/// Clones share their rows.
#[derive(Clone, Default)]
pub(super) struct MeddledStore {
    pub(super) rows: MemoryStore,
    /// Statuses that another process sets just before this one does, each once.
    pub(super) others: Arc<Mutex<Vec<StatusChange>>>,
    /// Whether received webhooks cannot be written, nor work be asked for.
    pub(super) full: Arc<Mutex<bool>>,
    /// Whether nothing can be read either of queue and inbox.
    pub(super) down: Arc<AtomicBool>,
    /// Rings the bells of those who listen.
    pub(super) announced: Arc<Event>,
    /// Which event was the last one when others were told of events.
    pub(super) told_up_to: Arc<AtomicI64>,
    leases: Arc<AtomicUsize>,
    /// How often work may be asked for beyond what most tests need.
    pub(super) busy: Arc<AtomicUsize>,
    deliveries: Arc<AtomicUsize>,
}

impl OrderStore for MeddledStore {
    fn insert_order(&self, order: NewOrder) -> BoxFuture<'_, Result<JobId>> {
        self.rows.insert_order(order)
    }

    fn set_status(&self, change: StatusChange) -> BoxFuture<'_, Result<(JobId, i64)>> {
        Box::pin(async move {
            let other = self.others.lock().unwrap().pop();
            if let Some(other) = other {
                self.rows.set_status(other).await?;
            }
            self.rows.set_status(change).await
        })
    }

    fn set_progress(&self, change: ProgressChange) -> BoxFuture<'_, Result<JobId>> {
        Box::pin(async move {
            let other = self.others.lock().unwrap().pop();
            if let Some(other) = other {
                self.rows.set_status(other).await?;
            }
            self.rows.set_progress(change).await
        })
    }

    fn order<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
    ) -> BoxFuture<'a, Result<Option<OrderRow>>> {
        self.rows.order(location, id)
    }

    fn find_orders<'a>(
        &'a self,
        location: &'a LocationId,
        lookup: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Vec<OrderRow>>> {
        self.rows.find_orders(location, lookup)
    }

    fn list_orders<'a>(
        &'a self,
        location: &'a LocationId,
        status: Option<&'a str>,
        after: Option<&'a OrderId>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<OrderRow>>> {
        self.rows.list_orders(location, status, after, limit)
    }

    fn pass_rows<'a>(&'a self, location: &'a LocationId, id: &'a OrderId) -> BoxFuture<'a, Result<PassRows>> {
        self.rows.pass_rows(location, id)
    }

    fn object<'a>(
        &'a self,
        location: &'a LocationId,
        kind: ObjectKind,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<ObjectRow>>> {
        self.rows.object(location, kind, id)
    }

    fn mark_dirty<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
        contact: bool,
        now: i64,
    ) -> BoxFuture<'a, Result<()>> {
        self.rows.mark_dirty(location, id, contact, now)
    }
}

impl OutboxStore for MeddledStore {
    fn install_status_trigger(&self) -> BoxFuture<'_, Result<()>> {
        self.rows.install_status_trigger()
    }

    fn remove_status_trigger(&self) -> BoxFuture<'_, Result<()>> {
        self.rows.remove_status_trigger()
    }

    fn status_changed<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
        now: i64,
    ) -> BoxFuture<'a, Result<JobId>> {
        self.rows.status_changed(location, id, now)
    }
}

impl JobStore for MeddledStore {
    fn lease(&self, lease: Lease) -> BoxFuture<'_, Result<Vec<JobRow>>> {
        // A loop in which no time passes would never end.
        let most = 1_000 + self.busy.load(Ordering::Relaxed);
        assert!(self.leases.fetch_add(1, Ordering::Relaxed) < most, "asked for work without a pause");
        if *self.full.lock().unwrap() {
            return Box::pin(async { Err(Error::new(Code::Store, "the disk is full")) });
        }
        self.rows.lease(lease)
    }

    fn commit(&self, fence: Fence, changes: Vec<Change>) -> BoxFuture<'_, Result<Committed>> {
        self.rows.commit(fence, changes)
    }

    fn listen<'a>(&'a self, bell: &'a dyn Bell) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            loop {
                self.announced.listen().await;
                bell.ring();
            }
        })
    }

    fn next_due(&self) -> BoxFuture<'_, Result<Option<i64>>> {
        self.rows.next_due()
    }

    fn queue(&self) -> BoxFuture<'_, Result<QueueRow>> {
        if self.down.load(Ordering::Relaxed) {
            return Box::pin(async { Err(Error::new(Code::Store, "the database is away")) });
        }
        self.rows.queue()
    }

    fn job<'a>(&'a self, id: &'a JobId) -> BoxFuture<'a, Result<Option<JobRow>>> {
        self.rows.job(id)
    }

    fn jobs(&self, filter: JobFilter) -> BoxFuture<'_, Result<Vec<JobRow>>> {
        self.rows.jobs(filter)
    }

    fn replay<'a>(&'a self, id: &'a JobId, now: i64) -> BoxFuture<'a, Result<bool>> {
        self.rows.replay(id, now)
    }
}

impl InboxStore for MeddledStore {
    fn receive(&self, event: NewInbox) -> BoxFuture<'_, Result<Received>> {
        if *self.full.lock().unwrap() {
            return Box::pin(async { Err(Error::new(Code::Store, "the disk is full")) });
        }
        self.rows.receive(event)
    }

    fn pending_inbox(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<InboxRow>>> {
        if self.down.load(Ordering::Relaxed) {
            return Box::pin(async { Err(Error::new(Code::Store, "the database is away")) });
        }
        self.rows.pending_inbox(after, limit)
    }

    fn settle_inbox(&self, id: i64, outcome: InboxOutcome, now: i64) -> BoxFuture<'_, Result<bool>> {
        self.rows.settle_inbox(id, outcome, now)
    }

    fn unresolved<'a>(
        &'a self,
        location: &'a LocationId,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<InboxRow>>> {
        self.rows.unresolved(location, after, limit)
    }
}

impl EventStore for MeddledStore {
    fn events(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.rows.events(after, limit)
    }

    fn events_of(&self, filter: EventFilter) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.rows.events_of(filter)
    }

    fn last_event(&self) -> BoxFuture<'_, Result<i64>> {
        self.rows.last_event()
    }

    fn tail(
        &self,
        after: i64,
        holes: Vec<std::ops::RangeInclusive<i64>>,
        limit: usize,
    ) -> BoxFuture<'_, Result<EventTail>> {
        self.rows.tail(after, holes, limit)
    }

    fn horizon(&self) -> BoxFuture<'_, Result<u64>> {
        self.rows.horizon()
    }

    fn announce_events(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.told_up_to.store(self.rows.last_event().await?, Ordering::Relaxed);
            Ok(())
        })
    }

    fn claim_events(&self, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.rows.claim_events(limit)
    }

    fn release_event(&self, position: i64) -> BoxFuture<'_, Result<()>> {
        self.rows.release_event(position)
    }
}

impl StateStore for MeddledStore {
    fn state<'a>(&'a self, kind: &'a str, name: &'a str) -> BoxFuture<'a, Result<Option<StateRow>>> {
        self.rows.state(kind, name)
    }

    fn swap_state<'a>(
        &'a self,
        kind: &'a str,
        name: &'a str,
        expected: Option<i64>,
        row: StateRow,
    ) -> BoxFuture<'a, Result<bool>> {
        self.rows.swap_state(kind, name, expected, row)
    }

    fn inspect(&self) -> BoxFuture<'_, Result<Inspection>> {
        self.rows.inspect()
    }
}

impl BookingStore for MeddledStore {
    fn booking<'a>(
        &'a self,
        location: &'a LocationId,
        order: &'a OrderId,
    ) -> BoxFuture<'a, Result<Option<BookingRow>>> {
        self.rows.booking(location, order)
    }

    fn booking_of<'a>(
        &'a self,
        location: &'a LocationId,
        appointment: &'a EventId,
    ) -> BoxFuture<'a, Result<Option<BookingRow>>> {
        self.rows.booking_of(location, appointment)
    }

    fn bookings<'a>(
        &'a self,
        location: &'a LocationId,
        from: i64,
        until: i64,
    ) -> BoxFuture<'a, Result<Vec<BookingRow>>> {
        self.rows.bookings(location, from, until)
    }

    fn due_bookings(&self, now: i64, limit: usize) -> BoxFuture<'_, Result<Vec<BookingRow>>> {
        self.rows.due_bookings(now, limit)
    }

    fn keep_booking(&self, keep: KeepBooking) -> BoxFuture<'_, Result<Kept>> {
        self.rows.keep_booking(keep)
    }

    fn drop_booking<'a>(
        &'a self,
        location: &'a LocationId,
        order: &'a OrderId,
        expected: i64,
        events: Vec<NewEvent>,
        now: i64,
    ) -> BoxFuture<'a, Result<bool>> {
        self.rows.drop_booking(location, order, expected, events, now)
    }
}

impl DeliveryStore for MeddledStore {
    fn unplanned_events(&self, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.rows.unplanned_events(limit)
    }

    fn plan_event(&self, position: i64, deliveries: Vec<NewDelivery>, now: i64) -> BoxFuture<'_, Result<()>> {
        self.rows.plan_event(position, deliveries, now)
    }

    fn insert_delivery(&self, delivery: NewDelivery, now: i64) -> BoxFuture<'_, Result<bool>> {
        self.rows.insert_delivery(delivery, now)
    }

    fn lease_deliveries(&self, lease: DeliveryLease) -> BoxFuture<'_, Result<Vec<DeliveryRow>>> {
        assert!(self.deliveries.fetch_add(1, Ordering::Relaxed) < 300, "asked for messages without a pause");
        self.rows.lease_deliveries(lease)
    }

    fn delivery_leaves<'a>(&'a self, id: i64, token: &'a str, now: i64) -> BoxFuture<'a, Result<bool>> {
        self.rows.delivery_leaves(id, token, now)
    }

    fn settle_delivery<'a>(
        &'a self,
        id: i64,
        token: &'a str,
        outcome: DeliveryOutcome,
        now: i64,
    ) -> BoxFuture<'a, Result<bool>> {
        self.rows.settle_delivery(id, token, outcome, now)
    }

    fn deliveries(&self, filter: DeliveryFilter) -> BoxFuture<'_, Result<Vec<DeliveryRow>>> {
        self.rows.deliveries(filter)
    }

    fn replay_delivery(&self, id: i64, now: i64) -> BoxFuture<'_, Result<bool>> {
        self.rows.replay_delivery(id, now)
    }

    fn next_delivery<'a>(&'a self, channels: &'a [String]) -> BoxFuture<'a, Result<Option<i64>>> {
        self.rows.next_delivery(channels)
    }

    fn count_deliveries(&self) -> BoxFuture<'_, Result<Vec<DeliveryCount>>> {
        self.rows.count_deliveries()
    }
}
