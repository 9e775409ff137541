//! Events for a host that cannot be called back.

mod item;

use std::{
    collections::{BTreeMap, VecDeque},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    error::{Code, Error, Result},
    ports::{BoxFuture, Clock, Message, MessageSender, Notice, Notifier, Shared},
};
use event_listener::Event;
use futures::{
    channel::oneshot,
    future::{Either, select},
};
pub use item::{CustomerMessage, FeedItem, OrderEvent};
use item::{customer_message, event, hosts_error};

/// How many items may wait or be under way; beyond it whoever has a further one waits.
const CAPACITY: usize = 1_000;
/// How many items one [`Feed::poll`] takes at most, so that each is answered in time.
const TAKEN_AT_ONCE: usize = 32;
/// An item may wait this long to be taken, and then this long to be answered.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// Rung when there is something to take.
pub trait Bell: Fn() + Shared {}
impl<T: Fn() + Shared> Bell for T {}

/// A queue of what the host is to hear: it is told by a bell that there is something, takes it with
/// [`Feed::poll`], and answers each item by its lease with [`Feed::done`] or [`Feed::failed`]. An item that
/// fails, or is not answered within a minute, is an error to whoever queued it: the engine offers an event
/// again. A clone is the same feed.
#[derive(Clone)]
pub struct Feed {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    bell: Box<dyn Bell>,
    queue: Mutex<Queue>,
    /// Rung when there is room again.
    room: Event,
}

#[derive(Default)]
struct Queue {
    listening: bool,
    closed: bool,
    last_lease: u64,
    waiting: VecDeque<u64>,
    items: BTreeMap<u64, Item>,
}

/// What was asked and is not answered yet.
struct Item {
    json: String,
    /// When it is given up.
    until: i64,
    /// Whether it counts as heard where nobody listens.
    for_listeners: bool,
    answer: oneshot::Sender<Result<String>>,
}

impl Feed {
    /// A feed nobody listens to yet. `bell` is called from whatever thread has something, and must not
    /// block.
    pub fn new(clock: Arc<dyn Clock>, bell: impl Bell + 'static) -> Self {
        let inner = Inner { clock, bell: Box::new(bell), queue: Mutex::default(), room: Event::new() };
        Self { inner: Arc::new(inner) }
    }

    /// Says whether anyone listens. While nobody does, every event counts as heard, and so does one that waits.
    pub fn listen(&self, on: bool) {
        let mut queue = self.inner.lock();
        queue.listening = on;
        let unheard = if on { Vec::new() } else { queue.take_unheard() };
        drop(queue);
        for item in unheard {
            // Whoever asked may be gone.
            let _ = item.answer.send(Ok(NOTHING.to_owned()));
        }
        self.inner.room.notify(usize::MAX);
    }

    /// Takes what there is, oldest first, as a JSON array of [`FeedItem`]; `[]` where there is nothing
    /// (more).
    pub fn poll(&self) -> String {
        let until = self.inner.answer_by();
        let mut queue = self.inner.lock();
        let mut text = "[".to_owned();
        for lease in queue.take_waiting(TAKEN_AT_ONCE) {
            let Some(item) = queue.items.get_mut(&lease) else { continue };
            item.until = until;
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&item.json);
        }
        text + "]"
    }

    /// The host has done what an item asked; `result` is JSON. A lease that ended is ignored.
    pub fn done(&self, lease: &str, result: &str) {
        self.answer(lease, Ok(result.to_owned()));
    }

    /// The host failed; `error` is JSON with `message` and perhaps `code`. A lease that ended is ignored.
    pub fn failed(&self, lease: &str, error: &str) {
        self.answer(lease, Err(hosts_error(error)));
    }

    /// Hands nothing more over: what waits to be taken fails, and so does everything from now on. What was
    /// taken may still be answered.
    pub fn end(&self) {
        let mut queue = self.inner.lock();
        queue.closed = true;
        let waiting = queue.take_waiting(usize::MAX);
        self.fail(waiting.into_iter().filter_map(|lease| queue.items.remove(&lease)).collect(), queue);
    }

    /// Ends the feed: whatever is not answered fails, and so does everything from now on.
    pub fn close(&self) {
        self.end();
        let mut queue = self.inner.lock();
        self.fail(std::mem::take(&mut queue.items).into_values().collect(), queue);
    }

    fn fail(&self, items: Vec<Item>, queue: MutexGuard<'_, Queue>) {
        drop(queue);
        for item in items {
            // Whoever asked may be gone.
            let _ = item.answer.send(Err(closed()));
        }
        self.inner.room.notify(usize::MAX);
    }

    fn answer(&self, lease: &str, answer: Result<String>) {
        let item = lease.parse().ok().and_then(|lease| self.inner.lock().forget(lease));
        if let Some(item) = item {
            let _ = item.answer.send(answer);
            self.inner.room.notify(usize::MAX);
        }
    }

    /// Queues an item, made for its lease, and waits for the host's answer.
    async fn ask(&self, for_listeners: bool, item: impl FnOnce(String) -> Result<String>) -> Result<String> {
        let inner = &*self.inner;
        let (answer, mut answered) = oneshot::channel();
        let asked = loop {
            let room = inner.room.listen();
            {
                let mut queue = inner.lock();
                if queue.closed {
                    return Err(closed());
                }
                if for_listeners && !queue.listening {
                    return Ok(NOTHING.to_owned());
                }
                if queue.items.len() < CAPACITY {
                    queue.last_lease += 1;
                    let lease = queue.last_lease;
                    let json = item(lease.to_string())?;
                    let until = inner.answer_by();
                    queue.items.insert(lease, Item { json, until, for_listeners, answer });
                    queue.waiting.push_back(lease);
                    break Asked { inner, lease };
                }
            }
            room.await;
        };
        (inner.bell)();
        loop {
            let Some(left) = asked.time_left() else {
                // It is being answered at this moment.
                return answered.await.unwrap_or_else(|_| Err(closed()));
            };
            if left.is_zero() && inner.lock().forget(asked.lease).is_some() {
                return Err(Error::new(Code::Timeout, "the host did not answer in time"));
            }
            if let Either::Left((answer, _)) = select(&mut answered, pin!(inner.clock.sleep(left))).await {
                return answer.unwrap_or_else(|_| Err(closed()));
            }
        }
    }
}

impl Notifier for Feed {
    fn notify<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.ask(true, |lease| event(lease, notice)).await.map(|_| ()) })
    }

    fn patience(&self) -> Duration {
        // The feed gives up by itself.
        3 * ANSWER_WITHIN
    }
}

impl MessageSender for Feed {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Option<String>>> {
        Box::pin(async move {
            let asked = self.ask(false, |lease| customer_message(lease, message)).await;
            // Of a host that goes it is not known what it did: whoever comes next sends the message, and nothing is counted.
            let answer = asked.map_err(|error| match error.code() {
                Code::Aborted => Error::new(Code::LeaseLost, error.message()),
                _ => error,
            })?;
            Ok(serde_json::from_str(&answer).unwrap_or_default())
        })
    }

    fn patience(&self) -> Duration {
        // As above.
        3 * ANSWER_WITHIN
    }
}

/// The answer of nobody.
const NOTHING: &str = "null";

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // No critical section here can leave the queue half-changed.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer_by(&self) -> i64 {
        self.clock.now_ms().saturating_add(i64::try_from(ANSWER_WITHIN.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Queue {
    fn take_waiting(&mut self, most: usize) -> Vec<u64> {
        let taken = most.min(self.waiting.len());
        self.waiting.drain(..taken).collect()
    }

    /// Takes what waits for listeners, and forgets it.
    fn take_unheard(&mut self) -> Vec<Item> {
        let for_listeners = |lease: &u64| self.items.get(lease).is_some_and(|item| item.for_listeners);
        let (unheard, kept): (VecDeque<u64>, VecDeque<u64>) = self.waiting.drain(..).partition(for_listeners);
        self.waiting = kept;
        unheard.into_iter().filter_map(|lease| self.items.remove(&lease)).collect()
    }

    fn forget(&mut self, lease: u64) -> Option<Item> {
        self.waiting.retain(|waiting| *waiting != lease);
        self.items.remove(&lease)
    }
}

/// An item under way; forgotten when nobody waits for its answer any more.
struct Asked<'a> {
    inner: &'a Inner,
    lease: u64,
}

impl Asked<'_> {
    /// How long the host still has; `None` once it has answered.
    fn time_left(&self) -> Option<Duration> {
        let until = self.inner.lock().items.get(&self.lease)?.until;
        let left = until.saturating_sub(self.inner.clock.now_ms());
        Some(Duration::from_millis(u64::try_from(left).unwrap_or(0)))
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let forgotten = self.inner.lock().forget(self.lease).is_some();
        if forgotten {
            self.inner.room.notify(usize::MAX);
        }
    }
}

fn closed() -> Error {
    Error::new(Code::Aborted, "the host takes no more events")
}

#[cfg(test)]
mod tests;
