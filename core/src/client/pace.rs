use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use event_listener::Event;
use futures::future::select;

use super::{
    call::{CallOptions, Priority},
    decode::Outcome,
};
use crate::{
    error::{Code, Error, Result},
    ids::LocationId,
    policy::{
        rate_limit::{Limits, RateHeaders, Slot, Take, Window},
        retry::RetryBudget,
    },
    ports::{Clock, TransportErrorKind},
};

/// The lanes of all locations: small, and kept for the client's life.
#[derive(Default)]
pub(super) struct Lanes(Mutex<HashMap<LocationId, Arc<Lane>>>);

impl Lanes {
    pub(super) fn of(&self, location: &LocationId, limits: Limits, now: i64) -> Arc<Lane> {
        let mut lanes = lock(&self.0);
        let new = || Arc::new(Lane::new(limits, now));
        Arc::clone(lanes.entry(location.clone()).or_insert_with(new))
    }
}

/// What the calls to one location share.
pub(super) struct Lane {
    state: Mutex<State>,
}

struct State {
    window: Window,
    budget: RetryBudget,
    /// Who waits: by priority, then first come first served. Only the first is ever woken.
    queue: VecDeque<Waiting>,
}

struct Waiting {
    priority: Priority,
    bell: Arc<Event>,
}

impl Lane {
    fn new(limits: Limits, now: i64) -> Self {
        let window = Window::new(limits);
        let state = State { window, budget: RetryBudget::new(now), queue: VecDeque::new() };
        Self { state: Mutex::new(state) }
    }

    /// Waits for the right to send, and takes it. It is fresh: the caller sends without another await.
    pub(super) async fn ticket(
        self: &Arc<Self>,
        clock: &dyn Clock,
        timeout: Duration,
        priority: Priority,
        wait: &mut Wait,
    ) -> Result<Ticket> {
        let place = Place { lane: Arc::clone(self), bell: Arc::new(Event::new()) };
        loop {
            // Before looking: what changes in between must ring, too.
            let rung = place.bell.listen();
            let now = clock.now_ms();
            let (least, wake) = match self.turn(&place.bell, priority, now, timeout) {
                Turn::Now(slot) => return Ok(Ticket { lane: Arc::clone(self), slot: Some(slot) }),
                Turn::Tomorrow { until } => return Err(daily_limit(ms_until(until, now))),
                Turn::Later { least, wake } => (ms_until(least, now), wake),
            };
            let Some(pause) = wait.pause(now, least, wake.map(|wake| ms_until(wake, now))) else {
                return Err(rate_limited(least));
            };
            match pause {
                Some(ms) => drop(select(rung, clock.sleep(Duration::from_millis(ms))).await),
                None => rung.await,
            }
            wait.spend(clock.now_ms().saturating_sub(now));
        }
    }

    fn turn(&self, bell: &Arc<Event>, priority: Priority, now: i64, timeout: Duration) -> Turn {
        let mut state = lock(&self.state);
        let place = state.place(bell);
        let ahead = place.unwrap_or_else(|| state.queue.partition_point(|other| other.priority <= priority));
        let turn = if ahead == 0 {
            match state.window.take(now, i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX)) {
                Take::Slot(slot) => Turn::Now(slot),
                Take::Daily { until } => Turn::Tomorrow { until },
                Take::Wait { until } => Turn::Later { least: until, wake: Some(until) },
                Take::Probing { until } => Turn::Later { least: now, wake: Some(until) },
            }
        } else {
            Turn::Later { least: state.window.free_at(now, ahead), wake: None }
        };
        if place.is_none() && matches!(turn, Turn::Later { .. }) {
            state.queue.insert(ahead, Waiting { priority, bell: Arc::clone(bell) });
        }
        turn
    }

    /// Counts a call towards the retry budget.
    pub(super) fn called(&self, now: i64) {
        lock(&self.state).budget.called(now);
    }

    /// Takes a retry out of the budget, or says when there will be one.
    pub(super) fn retry(&self, now: i64) -> Result<(), u64> {
        lock(&self.state).budget.retry(now)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Window) -> T) -> T {
        let mut state = lock(&self.state);
        let result = change(&mut state.window);
        state.ring();
        result
    }
}

impl State {
    /// Tells the first in the queue to look again.
    fn ring(&self) {
        if let Some(first) = self.queue.front() {
            first.bell.notify(1);
        }
    }

    fn place(&self, bell: &Arc<Event>) -> Option<usize> {
        self.queue.iter().position(|other| Arc::ptr_eq(&other.bell, bell))
    }
}

/// Whether it is a caller's turn to send.
enum Turn {
    Now(Slot),
    /// Not before `least`. Look again when rung, or at `wake`; without one, others are ahead.
    Later {
        least: i64,
        wake: Option<i64>,
    },
    /// The day's requests are used up.
    Tomorrow {
        until: i64,
    },
}

/// A caller's place in the queue, if it has to wait; given up when dropped, and then it is the next one's
/// turn.
struct Place {
    lane: Arc<Lane>,
    bell: Arc<Event>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = lock(&self.lane.state);
        if let Some(place) = state.place(&self.bell) {
            state.queue.remove(place);
            state.ring();
        }
    }
}

/// A slot, settled when dropped: wherever its call is cancelled, the window knows that the request may
/// still arrive.
pub(super) struct Ticket {
    lane: Arc<Lane>,
    slot: Option<Slot>,
}

impl Ticket {
    /// The try has ended: a reply corrects the window, and a 429 shuts its gate, for `delay_ms` where the
    /// day is not used up. Returns for how long it is shut.
    pub(super) fn settle(mut self, outcome: &Outcome, now: i64, delay_ms: u64) -> Option<u64> {
        let reply = match outcome {
            Ok(reply) => reply,
            Err(error) => {
                if error.kind == TransportErrorKind::Connect {
                    self.unsent();
                }
                return None;
            }
        };
        let slot = self.slot.take()?;
        let headers = RateHeaders::read(reply);
        let until = now.saturating_add_unsigned(delay_ms);
        self.lane.change(|window| {
            window.answered(slot, now);
            window.correct(now, &headers);
            (reply.status == 429).then(|| ms_until(window.refused(now, until, &headers), now))
        })
    }

    /// The request surely never left.
    pub(super) fn unsent(mut self) {
        if let Some(slot) = self.slot.take() {
            self.lane.change(|window| window.unsent(slot));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            self.lane.change(|window| window.lost(slot));
        }
    }
}

/// How long a call may still wait, and take.
pub(super) struct Wait {
    left_ms: Option<u64>,
    until: Option<i64>,
}

impl Wait {
    /// From `now` on.
    pub(super) fn within(options: &CallOptions<'_>, now: i64) -> Self {
        let ms = |limit: Duration| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let until = options.deadline.map(|limit| now.saturating_add_unsigned(ms(limit)));
        Self { left_ms: options.max_wait.map(ms), until }
    }

    /// How long the call may take from now on, whatever for.
    pub(super) fn time_left(&self, now: i64) -> Option<Duration> {
        self.until.map(|until| Duration::from_millis(ms_until(until, now)))
    }

    pub(super) fn allows(&self, now: i64, ms: u64) -> bool {
        self.left(now).is_none_or(|left| ms <= left)
    }

    fn left(&self, now: i64) -> Option<u64> {
        let left = self.until.map(|until| ms_until(until, now));
        self.left_ms.into_iter().chain(left).min()
    }

    /// How long to pause before looking again (`None` inside: until rung), or nothing if more time is
    /// needed than is left.
    fn pause(&self, now: i64, least: u64, wake: Option<u64>) -> Option<Option<u64>> {
        let Some(left) = self.left(now) else { return Some(wake) };
        let pause = wake.map_or(left, |wake| wake.min(left));
        (least <= left && pause > 0).then_some(Some(pause))
    }

    pub(super) fn spend(&mut self, ms: i64) {
        let spent = u64::try_from(ms).unwrap_or(0);
        self.left_ms = self.left_ms.map(|left| left.saturating_sub(spent));
    }
}

fn daily_limit(ms: u64) -> Error {
    Error::new(Code::DailyLimit, "the location's requests for the day are used up").with_retry_after_ms(ms)
}

fn rate_limited(least_ms: u64) -> Error {
    // Where it is not known how long a probe takes, asking again at once would be of no use.
    let message = "the location's requests are used up for now; try again after `retry_after_ms`";
    Error::new(Code::RateLimited, message).with_retry_after_ms(least_ms.max(1000))
}

fn ms_until(until: i64, now: i64) -> u64 {
    u64::try_from(until.saturating_sub(now)).unwrap_or(0)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
