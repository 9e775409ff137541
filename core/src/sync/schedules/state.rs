//! What is known of a schedule, and what follows from it.

use serde::{Deserialize, Serialize};

use super::{Firing, HELD_MS, Schedule, Turn};
use crate::error::Result;

/// What all processes know together of one schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct State {
    /// The pattern that `next_at` was reckoned by.
    pub(super) cron: String,
    /// Its time zone.
    pub(super) time_zone: String,
    /// When it is due next.
    pub(super) next_at: i64,
    /// The firing under way.
    pub(super) firing: Option<Held>,
    /// When the last firing ended.
    pub(super) ended_at: Option<i64>,
    /// Why it failed, if it did.
    pub(super) error: Option<String>,
}

/// A firing under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Held {
    /// When it was due.
    pub(super) due_at: i64,
    /// Who has it, by a random text.
    pub(super) token: String,
    /// After this it is anybody's.
    pub(super) until: i64,
}

/// What a schedule has to do now, and its state where that changes.
pub(super) fn begin(
    schedule: &Schedule,
    state: Option<State>,
    now: i64,
    token: impl FnOnce() -> String,
) -> Result<(Turn, Option<State>)> {
    let next_at = schedule.next_after(now);
    let same = state
        .as_ref()
        .is_some_and(|state| state.cron == schedule.cron() && state.time_zone == schedule.time_zone());
    let mut state = match state {
        Some(state) if same => state,
        // New, or of another pattern than before.
        before => State {
            cron: schedule.cron().to_owned(),
            time_zone: schedule.time_zone().to_owned(),
            next_at: next_at.ok_or_else(|| schedule.never())?,
            firing: before.as_ref().and_then(|state| state.firing.clone()),
            ended_at: before.as_ref().and_then(|state| state.ended_at),
            error: before.and_then(|state| state.error),
        },
    };
    let waits = |until: i64, state: State| (Turn { firing: None, next_at: until }, (!same).then_some(state));
    let due_at = match &state.firing {
        Some(held) if held.until > now => {
            return Ok(waits(held.until.min(state.next_at).max(now + 1), state));
        }
        // Its process is gone.
        Some(left) => left.due_at,
        None if state.next_at > now => return Ok(waits(state.next_at, state)),
        None => state.next_at,
    };
    if state.next_at <= now {
        // A pattern with a year may have come due for the last time.
        state.next_at = next_at.unwrap_or(i64::MAX);
    }
    let (token, until) = (token(), now.saturating_add(HELD_MS));
    state.firing = Some(Held { due_at, token: token.clone(), until });
    let firing = Firing { name: schedule.name().to_owned(), due_at, token };
    Ok((Turn { firing: Some(firing), next_at: state.next_at }, Some(state)))
}
