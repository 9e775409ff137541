//! When calls may leave: each location has a lane, in which they wait for their turn.

mod shares;
mod ticket;
mod wait;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use event_listener::Event;
use futures::future::{Either, select};

pub use shares::{Shares, StoredShares};
pub(in crate::client) use ticket::Ticket;
pub(in crate::client) use wait::Wait;

use super::call::Priority;
use crate::{
    error::{Code, Error, Result},
    ids::LocationId,
    policy::{
        rate_limit::{Claim, Limits, Room, Slot, Take, Window},
        retry::RetryBudget,
    },
    ports::Clock,
};

/// The lanes of all locations: small, and kept for the client's life.
pub(super) struct Lanes {
    lanes: Mutex<HashMap<LocationId, Arc<Lane>>>,
    limits: Limits,
    shares: Option<Arc<dyn Shares>>,
}

impl Lanes {
    pub(super) fn new(limits: Limits, shares: Option<Arc<dyn Shares>>) -> Self {
        Self { lanes: Mutex::default(), limits, shares }
    }

    pub(super) fn of(&self, location: &LocationId, now: i64) -> Arc<Lane> {
        let mut lanes = lock(&self.lanes);
        if let Some(lane) = lanes.get(location) {
            return Arc::clone(lane);
        }
        let share = self.shares.clone().map(|shares| (shares, location.clone()));
        let lane = Arc::new(Lane::new(self.limits, share, now));
        lanes.insert(location.clone(), Arc::clone(&lane));
        lane
    }

    /// What is left of the limits of each location that was called.
    pub(super) fn rooms(&self, now: i64) -> Vec<(LocationId, Room)> {
        let lanes = lock(&self.lanes);
        let mut rooms: Vec<_> =
            lanes.iter().map(|(id, lane)| (id.clone(), lock(&lane.state).window.room(now))).collect();
        rooms.sort_by(|(a, _), (b, _)| a.cmp(b));
        rooms
    }

    /// Keeps up the shares of all lanes, once.
    pub(super) async fn keep_up(&self, clock: &dyn Clock) {
        let lanes: Vec<Arc<Lane>> = lock(&self.lanes).values().cloned().collect();
        for lane in lanes {
            lane.keep_up(clock).await;
        }
    }
}

/// What the calls to one location share.
pub(super) struct Lane {
    state: Mutex<State>,
    /// Where the limit is shared with other processes, and whose it is.
    share: Option<(Arc<dyn Shares>, LocationId)>,
}

struct State {
    window: Window,
    budget: RetryBudget,
    /// Who waits: by priority, then first come first served. Only the first is ever woken.
    queue: VecDeque<Waiting>,
    /// Somebody is claiming the share.
    is_claiming: bool,
}

struct Waiting {
    priority: Priority,
    bell: Arc<Event>,
}

impl Lane {
    fn new(limits: Limits, share: Option<(Arc<dyn Shares>, LocationId)>, now: i64) -> Self {
        let window = if share.is_some() { Window::shared(limits) } else { Window::new(limits) };
        let (budget, queue) = (RetryBudget::new(now), VecDeque::new());
        Self { state: Mutex::new(State { window, budget, queue, is_claiming: false }), share }
    }

    /// Waits for the right to send, and takes it. It is fresh: the caller sends without another await. Tells `held`, once,
    /// how long it has to wait at least.
    pub(super) async fn ticket(
        self: &Arc<Self>,
        clock: &dyn Clock,
        timeout: Duration,
        priority: Priority,
        wait: &mut Wait,
        held: impl FnOnce(u64),
    ) -> Result<Ticket> {
        if let Some(slot) = self.free_slot(clock.now_ms(), timeout) {
            return Ok(Ticket { lane: Arc::clone(self), slot: Some(slot) });
        }
        let place = Place { lane: Arc::clone(self), bell: Arc::new(Event::new()) };
        let mut held = Some(held);
        loop {
            // Before looking: what changes in between must ring, too.
            let rung = place.bell.listen();
            let now = clock.now_ms();
            let (least, wake) = match self.turn(&place.bell, priority, now, timeout) {
                Turn::Now(slot) => return Ok(Ticket { lane: Arc::clone(self), slot: Some(slot) }),
                Turn::Tomorrow { until } => return Err(daily_limit(ms_until(until, now))),
                Turn::Later { least, wake } => (ms_until(least, now), wake),
                Turn::Claim(claim) => {
                    self.claim_within(clock, claim, now, wait).await?;
                    continue;
                }
            };
            let Some(pause) = wait.pause(now, least, wake.map(|wake| ms_until(wake, now))) else {
                return Err(rate_limited(least));
            };
            held.take().into_iter().for_each(|held| held(least));
            match pause {
                Some(ms) => drop(select(rung, clock.sleep(Duration::from_millis(ms))).await),
                None => rung.await,
            }
            wait.spend(clock.now_ms().saturating_sub(now));
        }
    }

    /// A slot where nobody waits and nothing has to be claimed, as usual.
    fn free_slot(&self, now: i64, timeout: Duration) -> Option<Slot> {
        let mut state = lock(&self.state);
        let timeout_ms = whole_ms(timeout);
        if !state.queue.is_empty() || state.is_claiming || state.window.claim_due(now, 1, timeout_ms) {
            return None;
        }
        match state.window.take(now, timeout_ms) {
            Take::Slot(slot) => Some(slot),
            _ => None,
        }
    }

    fn turn(&self, bell: &Arc<Event>, priority: Priority, now: i64, timeout: Duration) -> Turn {
        let mut state = lock(&self.state);
        let place = state.place(bell);
        let ahead = place.unwrap_or_else(|| state.queue.partition_point(|other| other.priority <= priority));
        let timeout_ms = whole_ms(timeout);
        let waiting = state.queue.len().max(1);
        let turn = if ahead == 0 && !state.is_claiming && state.window.claim_due(now, waiting, timeout_ms) {
            state.is_claiming = true;
            Turn::Claim(state.window.claim(now, waiting, timeout_ms))
        } else if ahead == 0 {
            // Whoever is claiming rings.
            let is_claiming = state.is_claiming;
            let claim_at = (!is_claiming).then(|| state.window.next_claim(now, waiting, timeout_ms));
            let sooner = |until: i64| Some(claim_at.map_or(until, |claim_at| claim_at.min(until)));
            match state.window.take(now, timeout_ms) {
                Take::Slot(slot) => Turn::Now(slot),
                Take::Daily { until } => Turn::Tomorrow { until },
                Take::Wait { until } => Turn::Later { least: until, wake: sooner(until) },
                Take::Probing { until } => Turn::Later { least: now, wake: sooner(until) },
                Take::Claim => Turn::Later { least: now, wake: claim_at },
            }
        } else {
            Turn::Later { least: state.window.free_at(now, ahead), wake: None }
        };
        if place.is_none() && matches!(turn, Turn::Later { .. } | Turn::Claim(_)) {
            state.queue.insert(ahead, Waiting { priority, bell: Arc::clone(bell) });
        }
        turn
    }

    /// Claims the share for a caller, who waits no longer than it may.
    async fn claim_within(&self, clock: &dyn Clock, claim: Claim, asked: i64, wait: &mut Wait) -> Result<()> {
        let claiming = self.claim(clock, claim, asked);
        let result = match wait.left(asked) {
            None => claiming.await,
            Some(left) => {
                let limit = clock.sleep(Duration::from_millis(left));
                match select(std::pin::pin!(claiming), limit).await {
                    Either::Left((result, _)) => result,
                    Either::Right(_) => Err(rate_limited(left)),
                }
            }
        };
        wait.spend(clock.now_ms().saturating_sub(asked));
        result
    }

    /// Makes a claim, which was taken from the window at `asked`.
    async fn claim(&self, clock: &dyn Clock, claim: Claim, asked: i64) -> Result<()> {
        let _claiming = Claiming(self);
        let Some((shares, location)) = &self.share else { return Ok(()) };
        let grant = shares.claim(location, &claim).await?;
        lock(&self.state).window.granted(asked, clock.now_ms(), &claim, &grant);
        Ok(())
    }

    /// Lets the others know at once of a gate that was shut or opened. Where that fails, the next claim tells it.
    pub(super) async fn publish(&self, clock: &dyn Clock) {
        self.claim_if(clock, |window, _| window.owes_report()).await;
    }

    /// Claims the share anew, or gives back what nobody here has use for any more.
    async fn keep_up(&self, clock: &dyn Clock) {
        self.claim_if(clock, |window, now| window.holds_share(now) && window.claim_due(now, 0, 0)).await;
    }

    async fn claim_if(&self, clock: &dyn Clock, due: impl FnOnce(&Window, i64) -> bool) {
        if self.share.is_none() {
            return;
        }
        let now = clock.now_ms();
        let claim = {
            let mut state = lock(&self.state);
            if state.is_claiming || !due(&state.window, now) {
                return;
            }
            state.is_claiming = true;
            let waiting = state.queue.len();
            state.window.claim(now, waiting, 0)
        };
        if let Err(error) = self.claim(clock, claim, now).await {
            tracing::warn!(code = %error.code(), "a share of the limit could not be claimed");
        }
    }

    /// Counts a call towards the retry budget.
    pub(super) fn called(&self, now: i64) {
        lock(&self.state).budget.called(now);
    }

    /// Takes a retry out of the budget, or says when there will be one.
    pub(super) fn retry(&self, now: i64) -> Result<(), u64> {
        lock(&self.state).budget.retry(now)
    }

    /// Whether there is a retry in the budget.
    pub(super) fn may_retry(&self, now: i64) -> bool {
        // Of a copy nothing is taken.
        let mut budget = lock(&self.state).budget;
        budget.retry(now).is_ok()
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
    /// Claim the share first.
    Claim(Claim),
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

/// Somebody claims the share; ends also where its caller goes away.
struct Claiming<'a>(&'a Lane);

impl Drop for Claiming<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.is_claiming = false;
        state.ring();
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

fn whole_ms(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn ms_until(until: i64, now: i64) -> u64 {
    u64::try_from(until.saturating_sub(now)).unwrap_or(0)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
