use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::lock;

use crate::{
    error::{Code, Error},
    ports::store::{TokenRow, TokenSubject},
    secret::Secret,
};

use super::vault::Tokens;

/// The most subjects whose tokens are remembered; beyond, those that nobody is using are forgotten.
const MAX_SLOTS: usize = 10_000;
/// The first and the longest pause after a renewal that failed.
const PAUSE_MS: (u64, u64) = (1_000, 30_000);

/// What this process remembers of each subject.
#[derive(Default)]
pub(super) struct Slots(Mutex<HashMap<TokenSubject, Arc<Slot>>>);

impl Slots {
    pub(super) fn of(&self, subject: &TokenSubject) -> Arc<Slot> {
        let mut slots = lock(&self.0);
        if let Some(slot) = slots.get(subject) {
            return Arc::clone(slot);
        }
        if slots.len() >= MAX_SLOTS {
            slots.retain(|_, slot| Arc::strong_count(slot) > 1 || lock(&slot.state).unsaved.is_some());
        }
        Arc::clone(slots.entry(subject.clone()).or_default())
    }

    pub(super) fn all(&self) -> Vec<Arc<Slot>> {
        lock(&self.0).values().cloned().collect()
    }

    pub(super) fn forget(&self, subject: &TokenSubject) {
        if let Some(slot) = lock(&self.0).get(subject) {
            slot.clear();
        }
    }
}

/// What this process remembers of one subject.
#[derive(Default)]
pub(super) struct Slot {
    /// Whoever holds it is the one that looks into the store and renews.
    pub(super) flight: lock::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    failing: Option<Failing>,
    failures: u32,
    unsaved: Option<Unsaved>,
}

/// An access token to go on with.
struct Kept {
    access: Secret,
    expires_at: i64,
    /// When its renewal begins.
    refresh_at: i64,
    /// When to look into the store again; later than `refresh_at` where another is renewing or it failed.
    attend_at: i64,
}

/// Tokens that GHL gave and the store does not have yet.
#[derive(Clone)]
pub(super) struct Unsaved {
    /// The row when they were asked for.
    pub(super) row: TokenRow,
    /// The refresh token they took.
    pub(super) spent: Option<Secret>,
    pub(super) tokens: Tokens,
}

/// A renewal that failed, for those who wait with the one that tried.
struct Failing {
    until: i64,
    code: Code,
    message: String,
    status: Option<u16>,
    trace_id: Option<String>,
}

impl Failing {
    fn error(&self, now: i64) -> Error {
        let wait = u64::try_from(self.until.saturating_sub(now)).unwrap_or(0);
        let mut error = Error::new(self.code, self.message.clone());
        if let Some(status) = self.status {
            error = error.with_status(status);
        }
        if let Some(trace_id) = &self.trace_id {
            error = error.with_trace_id(trace_id.clone());
        }
        // Of the call that wanted the token, nothing was sent.
        let error = error.with_delivery(crate::error::Delivery::NotSent);
        if self.code.retryable() { error.with_retry_after_ms(wait) } else { error }
    }
}

/// What a slot has to say.
pub(super) enum Look {
    /// The token to use.
    Fresh(Secret),
    /// It holds, and somebody should see to its renewal.
    Due(Secret),
    /// It could not be renewed a moment ago.
    Failing(Error),
    Absent,
}

impl Slot {
    pub(super) fn look(&self, now: i64) -> Look {
        let state = lock(&self.state);
        match &state.kept {
            Some(kept) if now >= kept.expires_at => {}
            Some(kept) if now < kept.attend_at => return Look::Fresh(kept.access.clone()),
            Some(kept) => return Look::Due(kept.access.clone()),
            None => {}
        }
        match &state.failing {
            Some(failing) if now < failing.until => Look::Failing(failing.error(now)),
            _ => Look::Absent,
        }
    }

    /// When the renewal of these tokens begins: as decided when they were first seen, else as `decide` says.
    pub(super) fn refresh_at(&self, tokens: &Tokens, decide: impl FnOnce() -> i64) -> i64 {
        let state = lock(&self.state);
        let known = state.kept.as_ref().filter(|kept| kept.access.expose() == tokens.access.expose());
        known.map_or_else(decide, |kept| kept.refresh_at)
    }

    /// Remembers an access token until it is looked after again.
    pub(super) fn keep(&self, tokens: &Tokens, refresh_at: i64, attend_at: i64) -> Secret {
        let (access, expires_at) = (tokens.access.clone(), tokens.expires_at);
        lock(&self.state).kept = Some(Kept { access: access.clone(), expires_at, refresh_at, attend_at });
        access
    }

    /// Looks after the access token later.
    pub(super) fn postpone(&self, attend_at: i64) {
        if let Some(kept) = &mut lock(&self.state).kept {
            kept.attend_at = attend_at;
        }
    }

    /// GHL refuses this one.
    pub(super) fn reject(&self, rejected: &Secret) {
        let mut state = lock(&self.state);
        if state.kept.as_ref().is_some_and(|kept| kept.access.expose() == rejected.expose()) {
            state.kept = None;
        }
    }

    /// Forgets everything: what is stored now counts.
    pub(super) fn clear(&self) {
        *lock(&self.state) = State::default();
    }

    /// Counts a failure; says until when nobody tries again. `jitter` is below 1.
    pub(super) fn failed(&self, message: String, error: &Error, now: i64, jitter: f64) -> (i64, Error) {
        let mut state = lock(&self.state);
        let pause = PAUSE_MS.0.saturating_mul(1 << state.failures.min(10)).min(PAUSE_MS.1);
        let pause = pause.max(error.retry_after_ms().unwrap_or(0).min(PAUSE_MS.1));
        let until = now.saturating_add((pause as f64 * (1.0 + jitter / 4.0)) as i64);
        state.failures = state.failures.saturating_add(1);
        let failing = Failing {
            until,
            code: error.code(),
            message,
            status: error.status(),
            trace_id: error.trace_id().map(str::to_owned),
        };
        let error = failing.error(now);
        state.failing = Some(failing);
        (until, error)
    }

    pub(super) fn succeeded(&self) {
        let mut state = lock(&self.state);
        (state.failing, state.failures) = (None, 0);
    }

    pub(super) fn unsaved(&self) -> Option<Unsaved> {
        lock(&self.state).unsaved.clone()
    }

    pub(super) fn set_unsaved(&self, unsaved: Option<Unsaved>) {
        lock(&self.state).unsaved = unsaved;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
