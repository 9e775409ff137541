//! What the parts of the engine share.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use event_listener::Event;

use crate::{
    client::Client,
    config::{Channel, Config},
    ids::{LocationId, OrderId},
    metrics::Metrics,
    policy::server_clock::Offset,
    ports::{Bell, Clock, Entropy, MessageSender, Notifier, store::Store},
};
#[cfg(feature = "realtime")]
use {super::realtime::LineState, crate::ports::SocketConnector};

use super::{
    context::Context, health::Probe, installation::Known, pass::Now, pulse::Pulse, reconcile::WalkKind,
    watch::Hub,
};

pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) client: Client,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) notifier: Option<Arc<dyn Notifier>>,
    /// This worker's name.
    pub(crate) worker: String,
    /// What is counted in this process.
    pub(crate) metrics: Metrics,
    /// What the engine's calls show of GHL.
    pub(crate) pulse: Arc<Pulse>,
    /// The last time that GHL was asked only to see whether it answers; held while it is.
    pub(crate) probe: futures::lock::Mutex<Option<Probe>>,
    /// What each location looks like, once read.
    pub(crate) contexts: Mutex<BTreeMap<LocationId, Arc<Context>>>,
    /// Until when a location is not asked again what it looks like, for the inbox's sake.
    pub(crate) unreadable_until: Mutex<BTreeMap<LocationId, i64>>,
    /// Orders a pass of this process is at work on.
    busy: Mutex<BTreeSet<(LocationId, OrderId)>>,
    /// Walks a call of this process is on.
    pub(super) walking: Mutex<BTreeSet<(LocationId, WalkKind)>>,
    /// When the next imported order of a location is due.
    pub(super) import_due: Mutex<BTreeMap<LocationId, i64>>,
    /// What is known of the calendars of installations; held while it is asked for.
    pub(crate) installing: futures::lock::Mutex<Known>,
    /// What carries messages to customers, by channel, in this process.
    pub(super) senders: Mutex<BTreeMap<Channel, Arc<dyn MessageSender>>>,
    /// What opens the connections that events are listened to on.
    #[cfg(feature = "realtime")]
    pub(super) sockets: Mutex<Option<Arc<dyn SocketConnector>>>,
    /// Whether each location is listened to.
    #[cfg(feature = "realtime")]
    pub(super) lines: Mutex<BTreeMap<LocationId, LineState>>,
    /// Held by the `run` that listens; another takes its turn once that one ends.
    #[cfg(feature = "realtime")]
    pub(super) listening: futures::lock::Mutex<()>,
    /// What is told to those who watch orders in this process.
    pub(crate) hub: Arc<Hub>,
    /// Rung when there is something to do.
    pub(crate) bell: Event,
    /// Rung when a pass has ended.
    pub(crate) settled: Event,
    /// How many `run` loops are at work in this process.
    pub(crate) running: AtomicUsize,
    pub(crate) stopping: AtomicBool,
}

impl Core {
    pub(crate) fn new(
        config: Config,
        client: Client,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        notifier: Option<Arc<dyn Notifier>>,
    ) -> Self {
        let metrics = Metrics::new();
        let pulse = Arc::new(Pulse::new(clock.clone(), metrics.clone(), client.observer().cloned()));
        let client = client.with_observer(pulse.clone());
        let worker = format!("worker-{}", entropy.hex_id().get(..8).unwrap_or_default());
        Self {
            config,
            client,
            store,
            clock,
            entropy,
            notifier,
            worker,
            metrics,
            pulse,
            probe: futures::lock::Mutex::default(),
            contexts: Mutex::default(),
            unreadable_until: Mutex::default(),
            busy: Mutex::default(),
            walking: Mutex::default(),
            import_due: Mutex::default(),
            installing: futures::lock::Mutex::default(),
            senders: Mutex::default(),
            #[cfg(feature = "realtime")]
            sockets: Mutex::default(),
            #[cfg(feature = "realtime")]
            lines: Mutex::default(),
            #[cfg(feature = "realtime")]
            listening: futures::lock::Mutex::default(),
            hub: Arc::default(),
            bell: Event::new(),
            settled: Event::new(),
            running: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        }
    }

    pub(crate) fn now(&self) -> Now {
        Now { local: self.clock.now_ms(), offset: self.client.server_offset().unwrap_or(Offset::UNKNOWN) }
    }

    /// Marks an order as being worked on, until the guard is dropped.
    pub(crate) fn occupy(&self, location: &LocationId, order: &OrderId) -> Busy<'_> {
        let key = (location.clone(), order.clone());
        lock(&self.busy).insert(key.clone());
        Busy { core: self, key }
    }

    pub(crate) fn is_busy(&self, location: &LocationId, order: &OrderId) -> bool {
        lock(&self.busy).contains(&(location.clone(), order.clone()))
    }

    /// Something was written that there is something to do about, or to tell of.
    pub(crate) fn wrote(&self) {
        self.hub.wrote();
        self.bell.notify(usize::MAX);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.hub.close();
    }
}

impl Bell for Core {
    fn ring(&self) {
        self.bell.notify(usize::MAX);
    }
}

pub(crate) struct Busy<'a> {
    core: &'a Core,
    key: (LocationId, OrderId),
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        lock(&self.core.busy).remove(&self.key);
        self.core.settled.notify(usize::MAX);
        self.core.bell.notify(usize::MAX);
    }
}

/// No critical section here can leave its data half-changed, so a panic elsewhere does not spoil it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
