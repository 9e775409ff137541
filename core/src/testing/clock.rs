use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
    time::Duration,
};

use crate::ports::{BoxFuture, Clock};

/// A clock that stands still until it is moved. Clones share their time.
#[derive(Debug, Clone, Default)]
pub struct ManualClock {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    now_ms: i64,
    next_id: u64,
    sleepers: Vec<Sleeper>,
}

#[derive(Debug)]
struct Sleeper {
    id: u64,
    at: i64,
    waker: Waker,
}

impl ManualClock {
    /// A clock that shows `now_ms`, in epoch milliseconds.
    pub fn new(now_ms: i64) -> Self {
        let clock = Self::default();
        clock.lock().now_ms = now_ms;
        clock
    }

    /// Moves time forward and wakes whoever is due.
    pub fn advance(&self, ms: i64) {
        self.advance_to(self.now_ms() + ms);
    }

    /// Moves time forward to `at_ms`, never back, and wakes whoever is due.
    pub fn advance_to(&self, at_ms: i64) {
        let due: Vec<Waker> = {
            let mut state = self.lock();
            state.now_ms = state.now_ms.max(at_ms);
            let now = state.now_ms;
            let (due, rest) = std::mem::take(&mut state.sleepers).into_iter().partition(|s| s.at <= now);
            state.sleepers = rest;
            let due: Vec<Sleeper> = due;
            due.into_iter().map(|sleeper| sleeper.waker).collect()
        };
        due.into_iter().for_each(Waker::wake);
    }

    /// When the next sleeper is due.
    pub fn next_wake(&self) -> Option<i64> {
        self.lock().sleepers.iter().map(|sleeper| sleeper.at).min()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.lock().now_ms
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        let at = self.now_ms() + i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2);
        let registration = Registration { clock: self.clone(), id: None };
        Box::pin(async move {
            let mut registration = registration;
            poll_fn(|context| {
                let mut state = registration.clock.lock();
                if state.now_ms >= at {
                    return Poll::Ready(());
                }
                let id = registration.id.unwrap_or(state.next_id);
                state.next_id = state.next_id.max(id + 1);
                state.sleepers.retain(|sleeper| sleeper.id != id);
                state.sleepers.push(Sleeper { id, at, waker: context.waker().clone() });
                drop(state);
                registration.id = Some(id);
                Poll::Pending
            })
            .await;
        })
    }
}

/// Removes the sleeper when its future is dropped, so that `next_wake` names only the living.
struct Registration {
    clock: ManualClock,
    id: Option<u64>,
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.clock.lock().sleepers.retain(|sleeper| sleeper.id != id);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, executor::block_on};

    use super::*;

    #[test]
    fn a_sleeper_wakes_at_its_time_and_not_before() {
        let clock = ManualClock::new(1_000);
        let mut sleep = clock.sleep(Duration::from_millis(50));
        assert!((&mut sleep).now_or_never().is_none());
        clock.advance(49);
        assert!((&mut sleep).now_or_never().is_none());
        assert_eq!(clock.next_wake(), Some(1_050));
        clock.advance(1);
        block_on(sleep);
        assert_eq!((clock.now_ms(), clock.next_wake()), (1_050, None));
    }

    #[test]
    fn a_dropped_sleeper_is_forgotten() {
        let clock = ManualClock::new(0);
        let mut sleep = clock.sleep(Duration::from_secs(1));
        assert!((&mut sleep).now_or_never().is_none());
        drop(sleep);
        assert_eq!(clock.next_wake(), None);
    }
}
