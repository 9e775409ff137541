//! Events for a host that cannot be called back.

use std::{
    collections::{BTreeMap, VecDeque},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use event_listener::Event;
use futures::{
    channel::oneshot,
    future::{Either, select},
};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    error::{Code, Error, Result},
    ids::{LocationId, OrderId},
    ports::{BoxFuture, Clock, Message, MessageSender, Notice, Notifier, Shared},
};

/// How many items may wait or be under way; beyond it whoever has a further one waits.
const CAPACITY: usize = 1_000;
/// How many items one [`Feed::poll`] takes at most, so that each is answered in time.
const TAKEN_AT_ONCE: usize = 32;
/// An item may wait this long to be taken, and then this long to be answered.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// How much of a host's error is kept.
const MAX_MESSAGE_CHARS: usize = 500;

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

/// What [`Feed::poll`] hands over.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeedItem<'a> {
    /// Something happened to an order.
    Event {
        /// By what it is answered.
        lease: String,
        /// What happened.
        event: OrderEvent<'a>,
    },
    /// A message to a customer is to be sent.
    Message {
        /// By what it is answered: with what the channel calls it, or null.
        lease: String,
        /// What.
        message: CustomerMessage<'a>,
    },
}

/// A message to a customer.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CustomerMessage<'a> {
    /// The same with every try.
    pub id: i64,
    /// The order's location.
    pub location_id: &'a LocationId,
    /// The order.
    pub order_id: &'a OrderId,
    /// Its number.
    pub order_number: &'a str,
    /// What is told, e.g. `status.shipped`.
    pub name: &'a str,
    /// In which language, e.g. `en`.
    pub locale: &'a str,
    /// The customer's first name; may be empty.
    pub first_name: &'a str,
    /// The customer's last name; may be empty.
    pub last_name: &'a str,
    /// The customer's e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    /// The customer's phone in E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<&'a str>,
    /// The subject of an e-mail, of one line.
    pub subject: &'a str,
    /// An e-mail as plain text.
    pub text: &'a str,
    /// The same as HTML: a whole document.
    pub html: &'a str,
    /// A text message, of one line.
    pub sms: &'a str,
}

/// Something that happened to an order.
#[derive(Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct OrderEvent<'a> {
    /// The order's location.
    pub location_id: &'a LocationId,
    /// The order.
    pub order_id: &'a OrderId,
    /// Its place in the log of events: rising, unique, the same when it is told again.
    pub position: i64,
    /// What happened, e.g. `status_changed` or `sync_failed`.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// More of it; what, depends on the type.
    #[cfg_attr(feature = "ts", ts(type = "{ [key: string]: unknown }"))]
    pub payload: Box<RawValue>,
    /// When, in epoch milliseconds.
    pub at: i64,
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

fn event(lease: String, notice: &Notice) -> Result<String> {
    let json = |error| Error::new(Code::Store, "an event of the log is no JSON").with_source(error);
    // A payload that is no JSON is told as text rather than never.
    let payload = RawValue::from_string(notice.payload.clone())
        .or_else(|_| to_raw_value(&notice.payload))
        .map_err(json)?;
    let event = OrderEvent {
        location_id: &notice.location,
        order_id: &notice.order,
        position: notice.position,
        kind: &notice.kind,
        payload,
        at: notice.at_ms,
    };
    serde_json::to_string(&FeedItem::Event { lease, event }).map_err(json)
}

fn customer_message(lease: String, message: &Message) -> Result<String> {
    let item = FeedItem::Message {
        lease,
        message: CustomerMessage {
            id: message.id,
            location_id: &message.location,
            order_id: &message.order,
            order_number: &message.order_number,
            name: &message.name,
            locale: &message.locale,
            first_name: &message.first_name,
            last_name: &message.last_name,
            email: message.email.as_deref(),
            phone: message.phone.as_deref(),
            subject: &message.subject,
            text: &message.text,
            html: &message.html,
            sms: &message.sms,
        },
    };
    serde_json::to_string(&item)
        .map_err(|error| Error::new(Code::Store, "a message is no JSON").with_source(error))
}

fn closed() -> Error {
    Error::new(Code::Aborted, "the host takes no more events")
}

/// What a host says of its failure.
fn hosts_error(json: &str) -> Error {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Said {
        code: Option<String>,
        message: Option<String>,
        retryable: Option<bool>,
    }
    let said: Said = serde_json::from_str(json).unwrap_or_default();
    let code = match (said.code.as_deref().and_then(Code::parse), said.retryable) {
        (Some(code), _) => code,
        (None, Some(true)) => Code::HandlerFailed,
        (None, Some(false)) => Code::Refused,
        (None, None) => Code::Aborted,
    };
    let message: String = said.message.unwrap_or_default().chars().take(MAX_MESSAGE_CHARS).collect();
    Error::new(code, format!("the host failed: {message}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::{FutureExt, executor::block_on, future::join_all};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{ManualClock, drive};

    struct Rig {
        clock: ManualClock,
        feed: Feed,
        rung: Arc<AtomicUsize>,
    }

    fn rig() -> Rig {
        let (clock, rung) = (ManualClock::new(1_000), Arc::new(AtomicUsize::new(0)));
        let bell = rung.clone();
        let feed = Feed::new(Arc::new(clock.clone()), move || {
            bell.fetch_add(1, Ordering::Relaxed);
        });
        feed.listen(true);
        Rig { clock, feed, rung }
    }

    fn notice(position: i64) -> Notice {
        Notice {
            location: LocationId::new("loc1"),
            order: OrderId::new("o1"),
            position,
            kind: "status_changed".to_owned(),
            payload: r#"{"status":"shipped"}"#.to_owned(),
            at_ms: 77,
        }
    }

    fn items(feed: &Feed) -> Vec<Value> {
        serde_json::from_str(&feed.poll()).unwrap()
    }

    fn lease(item: &Value) -> &str {
        item["lease"].as_str().unwrap()
    }

    #[test]
    fn an_event_is_taken_once_and_answered_by_its_lease() {
        let Rig { feed, rung, .. } = rig();
        let notice = notice(7);
        assert_eq!((feed.poll(), rung.load(Ordering::Relaxed)), ("[]".to_owned(), 0));
        let mut telling = feed.notify(&notice);
        assert!((&mut telling).now_or_never().is_none());
        assert_eq!(rung.load(Ordering::Relaxed), 1);
        let taken = items(&feed);
        let event = json!({
            "locationId": "loc1", "orderId": "o1", "position": 7, "type": "status_changed",
            "payload": { "status": "shipped" }, "at": 77,
        });
        assert_eq!(taken, [json!({ "lease": lease(&taken[0]), "kind": "event", "event": event })]);
        assert_eq!(feed.poll(), "[]", "it is taken");
        feed.done("999", "null");
        feed.done("no lease", "null");
        assert!((&mut telling).now_or_never().is_none(), "another lease answers nothing");
        feed.done(lease(&taken[0]), "null");
        assert!(block_on(telling).is_ok());
        feed.failed(lease(&taken[0]), "{}");
        assert_eq!((feed.poll(), rung.load(Ordering::Relaxed)), ("[]".to_owned(), 1));
    }

    #[test]
    fn a_failure_of_the_host_is_one_of_the_notifier() {
        let Rig { feed, .. } = rig();
        let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(10_000));
        for (said, code, message) in [
            (r#"{"code":"network","message":"no mail"}"#, Code::Network, "the host failed: no mail"),
            (
                r#"{"code":"ENOENT","message":"no file","stack":"…"}"#,
                Code::Aborted,
                "the host failed: no file",
            ),
            ("not JSON", Code::Aborted, "the host failed: "),
            (&long, Code::Aborted, &format!("the host failed: {}", "x".repeat(500))),
        ] {
            let notice = notice(1);
            let mut telling = feed.notify(&notice);
            assert!((&mut telling).now_or_never().is_none());
            feed.failed(lease(&items(&feed)[0]), said);
            let error = block_on(telling).unwrap_err();
            assert_eq!((error.code(), error.message()), (code, message));
        }
    }

    #[test]
    fn what_nobody_takes_or_answers_fails_after_a_minute_each() {
        let Rig { clock, feed, .. } = rig();
        let notice = notice(1);
        let error = drive(&clock, feed.notify(&notice)).unwrap().unwrap_err();
        assert_eq!((error.code(), clock.now_ms()), (Code::Timeout, 61_000));
        assert_eq!(feed.poll(), "[]", "it is not handed over afterwards");

        let mut telling = feed.notify(&notice);
        assert!((&mut telling).now_or_never().is_none());
        clock.advance(59_000);
        let taken = items(&feed);
        let error = drive(&clock, telling).unwrap().unwrap_err();
        assert_eq!((error.code(), clock.now_ms()), (Code::Timeout, 61_000 + 59_000 + 60_000));
        feed.done(lease(&taken[0]), "null");
        assert!(Notifier::patience(&feed) > 2 * ANSWER_WITHIN, "the engine must not give up before");
    }

    #[test]
    fn while_nobody_listens_everything_counts_as_heard() {
        let Rig { feed, rung, .. } = rig();
        let notices: Vec<Notice> = (0..40).map(notice).collect();
        let mut telling = join_all(notices.iter().map(|notice| feed.notify(notice)));
        assert!((&mut telling).now_or_never().is_none());
        let taken = items(&feed);
        assert_eq!(taken.len(), 32);
        feed.listen(false);
        assert!((&mut telling).now_or_never().is_none(), "what was taken is the host's to answer");
        for item in &taken {
            feed.done(lease(item), "null");
        }
        assert!(block_on(telling).into_iter().all(|told| told.is_ok()));
        assert_eq!((feed.poll(), rung.load(Ordering::Relaxed)), ("[]".to_owned(), 40));
        assert!(block_on(feed.notify(&notices[0])).is_ok());
        assert_eq!((feed.poll(), rung.load(Ordering::Relaxed)), ("[]".to_owned(), 40));
    }

    #[test]
    fn closing_fails_what_is_not_answered_and_all_that_follows() {
        let Rig { feed, .. } = rig();
        let notices: Vec<Notice> = (0..40).map(notice).collect();
        let mut telling = join_all(notices.iter().map(|notice| feed.notify(notice)));
        assert!((&mut telling).now_or_never().is_none());
        let taken = items(&feed);
        feed.close();
        feed.done(lease(&taken[0]), "null");
        let codes =
            |told: Vec<Result<()>>| told.into_iter().map(|told| told.unwrap_err().code()).collect::<Vec<_>>();
        assert_eq!(codes(block_on(telling)), [Code::Aborted; 40]);
        feed.listen(true);
        assert_eq!(codes(vec![block_on(feed.notify(&notices[0]))]), [Code::Aborted]);
        assert_eq!(feed.poll(), "[]");
    }

    #[test]
    fn at_its_end_only_what_was_taken_can_still_be_answered() {
        let Rig { feed, .. } = rig();
        let notices: Vec<Notice> = (0..40).map(notice).collect();
        let mut telling = join_all(notices.iter().map(|notice| feed.notify(notice)));
        assert!((&mut telling).now_or_never().is_none());
        let taken = items(&feed);
        feed.end();
        assert_eq!(feed.poll(), "[]");
        assert_eq!(block_on(feed.notify(&notices[0])).unwrap_err().code(), Code::Aborted);
        assert!((&mut telling).now_or_never().is_none());
        for item in &taken {
            feed.done(lease(item), "null");
        }
        let told = block_on(telling);
        assert!(told.iter().take(32).all(Result::is_ok) && told.iter().skip(32).all(Result::is_err));
    }

    #[test]
    fn a_full_queue_makes_the_next_wait_and_keeps_the_order() {
        let Rig { feed, rung, .. } = rig();
        let notices: Vec<Notice> = (0..=1_000).map(notice).collect();
        let mut telling = join_all(notices.iter().map(|notice| feed.notify(notice)));
        assert!((&mut telling).now_or_never().is_none());
        assert_eq!(rung.load(Ordering::Relaxed), 1_000);
        let mut positions = Vec::new();
        for _ in 0..40 {
            for item in items(&feed) {
                positions.push(item["event"]["position"].as_i64().unwrap());
                feed.done(lease(&item), "null");
            }
            if (&mut telling).now_or_never().is_some() {
                break;
            }
        }
        assert_eq!(positions, (0..=1_000).collect::<Vec<_>>());
    }

    #[test]
    fn an_event_whose_teller_is_gone_is_not_handed_over() {
        let Rig { feed, .. } = rig();
        let notice = notice(1);
        let mut telling = feed.notify(&notice);
        assert!((&mut telling).now_or_never().is_none());
        drop(telling);
        assert_eq!(feed.poll(), "[]");
        assert!(feed.inner.lock().items.is_empty());
    }

    #[test]
    fn a_payload_that_is_no_json_is_told_as_text() {
        let Rig { feed, .. } = rig();
        let notice = Notice { payload: "{broken".to_owned(), ..notice(1) };
        let mut telling = feed.notify(&notice);
        assert!((&mut telling).now_or_never().is_none());
        assert_eq!(items(&feed)[0]["event"]["payload"], "{broken");
    }
}
