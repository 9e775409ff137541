//! What the log says, kept for a while for all who watch it: it is read once in a process, however many watch.

use std::{
    collections::VecDeque,
    ops::RangeInclusive,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use event_listener::{Event, EventListener};

use crate::{
    ids::{LocationId, OrderId},
    ports::{Bell, store::EventTail},
    sse::Tail,
    sync::core::lock,
};

use super::told::Told;

/// How many events are kept; who has come no further than what was before them reads the store.
const KEPT: usize = 1_024;
/// All who watch are told something so often a second at most, taken together: each write costs the system more than what is
/// written does. What happens meanwhile is told at once.
const TOLD_PER_SECOND: usize = 5_000;
/// Nothing waits longer than this to be told: it would be seen.
const MAX_REST_MS: i64 = 100;

/// Something that was told of an order, as all who watch it get it.
pub(super) struct Item {
    pub(super) position: i64,
    pub(super) location: LocationId,
    pub(super) order: OrderId,
    /// JSON of one line; none for what concerns no customer.
    pub(super) data: Option<Arc<str>>,
}

/// What was read at once.
pub(super) struct Batch {
    pub(super) items: Vec<Item>,
    /// Up to this position, nothing comes any more that is not here or before.
    pub(super) settled: i64,
}

/// What is kept, and who waits for more.
#[derive(Default)]
pub(crate) struct Hub {
    ring: Mutex<Ring>,
    /// Rung when there is more, or no more.
    moved: Event,
    /// Rung when this process has written what is to be told.
    written: Event,
    /// How often it has, and up to which time others were told of that.
    writes: AtomicU64,
    announced: AtomicU64,
    /// Rung when another process may have.
    heard: Event,
    /// Rung when somebody watches, or the engine goes.
    wanted: Event,
    watchers: AtomicUsize,
    /// Counted up when all who watch are to end.
    endings: AtomicU64,
    /// Whether nobody is to watch any more.
    closed: AtomicBool,
}

#[derive(Default)]
struct Ring {
    /// None until the log's end was read for the first time.
    tail: Option<Tail>,
    batches: VecDeque<Arc<Batch>>,
    /// How many events they hold.
    events: usize,
    /// The number of the first batch that is kept.
    first: u64,
}

/// What somebody who watches finds at a place.
pub(super) enum Look {
    /// The next batch.
    Batch(Arc<Batch>),
    /// Nothing yet.
    End,
    /// What comes next is kept no longer, or not yet.
    Lost,
}

impl Hub {
    /// Where the kept ends: the number of the next batch, and the position up to which all was told before it. `None` while
    /// the log was not read.
    pub(super) fn end(&self) -> Option<(u64, i64)> {
        let ring = lock(&self.ring);
        let tail = ring.tail.as_ref()?;
        Some((ring.first + ring.batches.len() as u64, tail.settled()))
    }

    pub(super) fn look(&self, number: u64) -> Look {
        let ring = lock(&self.ring);
        if ring.tail.is_none() || number < ring.first {
            return Look::Lost;
        }
        let index = usize::try_from(number - ring.first).unwrap_or(usize::MAX);
        ring.batches.get(index).map_or(Look::End, |batch| Look::Batch(batch.clone()))
    }

    /// From where on the log is to be read, and what is missing before.
    pub(super) fn reads(&self) -> Option<(i64, Vec<RangeInclusive<i64>>)> {
        lock(&self.ring).tail.as_ref().map(|tail| (tail.top(), tail.holes()))
    }

    /// Begins where this one has come to.
    pub(super) fn begin(&self, tail: Tail) {
        lock(&self.ring).tail = Some(tail);
        self.moved.notify(usize::MAX);
    }

    /// Whether it is to be asked which transactions may still fill what is missing.
    pub(super) fn is_unbounded(&self) -> bool {
        lock(&self.ring).tail.as_ref().is_some_and(Tail::is_unbounded)
    }

    /// They have lower numbers than this.
    pub(super) fn bound(&self, horizon: u64) {
        if let Some(tail) = &mut lock(&self.ring).tail {
            tail.bound(horizon);
        }
    }

    /// Takes in what was read, and hands it to all who watch.
    pub(super) fn take(&self, read: EventTail, limit: usize, told: &Told<'_>) {
        let mut ring = lock(&self.ring);
        let Some(tail) = &mut ring.tail else { return };
        let before = tail.settled();
        let rows = tail.take(read, limit);
        let settled = tail.settled();
        if rows.is_empty() && settled == before {
            return;
        }
        let items: Vec<Item> = rows.into_iter().map(|row| told.item(row)).collect();
        ring.events += items.len();
        ring.batches.push_back(Arc::new(Batch { items, settled }));
        while ring.events > KEPT || ring.batches.len() > KEPT {
            let Some(oldest) = ring.batches.pop_front() else { break };
            ring.events -= oldest.items.len();
            ring.first += 1;
        }
        drop(ring);
        self.moved.notify(usize::MAX);
    }

    /// Forgets everything, as nobody watches. One number is left out: who came meanwhile and waits for the next batch is to find
    /// that it is lost, as what happens before the log is read again is in none.
    pub(super) fn forget(&self) {
        let mut ring = lock(&self.ring);
        let next = ring.first + ring.batches.len() as u64;
        *ring = Ring { first: next + 1, ..Ring::default() };
    }

    pub(super) fn moves(&self) -> EventListener {
        self.moved.listen()
    }

    pub(super) fn writes(&self) -> EventListener {
        self.written.listen()
    }

    pub(super) fn hears(&self) -> EventListener {
        self.heard.listen()
    }

    /// This process has written what is to be told.
    pub(crate) fn wrote(&self) {
        self.writes.fetch_add(1, Ordering::Relaxed);
        self.written.notify(usize::MAX);
    }

    /// What other processes are to be told of, where they were not told: given back by [`Hub::has_announced`] once they were.
    pub(super) fn unannounced(&self) -> Option<u64> {
        let writes = self.writes.load(Ordering::Relaxed);
        (writes != self.announced.load(Ordering::Relaxed)).then_some(writes)
    }

    pub(super) fn has_announced(&self, writes: u64) {
        self.announced.store(writes, Ordering::Relaxed);
    }

    pub(super) fn wants(&self) -> EventListener {
        self.wanted.listen()
    }

    pub(super) fn is_watched(&self) -> bool {
        self.watchers.load(Ordering::Relaxed) > 0
    }

    /// How many watch.
    pub(crate) fn watchers(&self) -> usize {
        self.watchers.load(Ordering::Relaxed)
    }

    /// How long nobody is told anything after all were told something.
    pub(super) fn rest_ms(&self) -> i64 {
        let rest = self.watchers().saturating_mul(1_000) / TOLD_PER_SECOND;
        i64::try_from(rest).unwrap_or(MAX_REST_MS).min(MAX_REST_MS)
    }

    /// Whether there is room for one more, who then watches.
    pub(super) fn join(&self, most: usize) -> bool {
        let room = |watchers: usize| (watchers < most).then_some(watchers + 1);
        let joined = self.watchers.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok();
        if joined {
            self.wanted.notify(usize::MAX);
        }
        joined
    }

    pub(super) fn leave(&self) {
        self.watchers.fetch_sub(1, Ordering::Relaxed);
        // For the reader, which may end.
        self.heard.notify(usize::MAX);
    }

    pub(super) fn endings(&self) -> u64 {
        self.endings.load(Ordering::Relaxed)
    }

    /// Lets all who watch end.
    pub(crate) fn end_all(&self) {
        self.endings.fetch_add(1, Ordering::Relaxed);
        self.moved.notify(usize::MAX);
    }

    /// Lets nobody watch from now on.
    pub(super) fn close_to_watchers(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.end_all();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// The engine goes: whoever reads for it ends.
    pub(crate) fn close(&self) {
        self.wanted.notify(usize::MAX);
    }
}

impl Bell for Hub {
    fn ring(&self) {
        self.heard.notify(usize::MAX);
    }
}
