//! What is done by the clock, once for all processes that share a store.

mod cron;
mod fire;
mod state;

pub use cron::Schedule;
pub use fire::{Planned, ScheduledTask, Ticked};

use serde::Serialize;

use super::engine::Engine;
use crate::{
    error::{Code, Error, Result},
    ports::store::StateRow,
};
use state::State;

/// How long a firing is its process's unless it is kept. It is kept three times as often.
const HELD_MS: i64 = 60_000;

/// Under which kind the store keeps schedules.
const KIND: &str = "schedule";

/// One time that a schedule came due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "ScheduleFiring"))]
#[serde(rename_all = "camelCase")]
pub struct Firing {
    /// The schedule.
    pub name: String,
    /// When it was due, in epoch milliseconds: long ago where nothing ran meanwhile.
    pub due_at: i64,
    /// Tells this firing's holder from others.
    pub token: String,
}

/// What a schedule has to do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "ScheduleTurn"))]
#[serde(rename_all = "camelCase")]
pub struct Turn {
    /// The firing, where it is this process's turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firing: Option<Firing>,
    /// When to ask again, in epoch milliseconds.
    pub next_at: i64,
}

impl Engine {
    /// When a schedule would be due next, in epoch milliseconds: for seeing that its pattern is right.
    ///
    /// # Errors
    /// `invalid_argument`, field `cron`, for a pattern that never comes due.
    pub fn next_firing(&self, schedule: &Schedule) -> Result<i64> {
        schedule.next_after(self.core.clock.now_ms()).ok_or_else(|| schedule.never())
    }

    /// Takes a firing of the schedule, if one is due and nobody has it. It is this process's for a minute, and for a minute
    /// more with every [`Engine::keep_firing`]; then it is offered to another. Firings that were missed are one. A schedule
    /// that is new, or has another pattern or time zone than before, is due the next time by the new one.
    ///
    /// # Errors
    /// `invalid_argument`, field `cron`, for a pattern that never comes due; `store`.
    pub async fn begin_firing(&self, schedule: &Schedule) -> Result<Turn> {
        let core = &self.core;
        loop {
            let (version, known) = self.schedule_state(schedule.name()).await?;
            let (turn, changed) =
                state::begin(schedule, known, core.clock.now_ms(), || core.entropy.hex_id())?;
            let Some(state) = changed else { return Ok(turn) };
            if self.swap_schedule(schedule.name(), version, &state).await? {
                return Ok(turn);
            }
        }
    }

    /// Keeps a firing, by its schedule and token, for another minute: call it more often than that while the work goes on.
    ///
    /// # Errors
    /// `lease_lost` where it ended or is another's by now: stop working on it; `store`.
    pub async fn keep_firing(&self, name: &str, token: &str) -> Result<()> {
        self.change_firing(name, token, |state, now| {
            if let Some(firing) = &mut state.firing {
                firing.until = now.saturating_add(HELD_MS);
            }
        })
        .await
    }

    /// Ends a firing, well or with why it failed; a failed one is not repeated before its schedule is due again.
    ///
    /// # Errors
    /// `lease_lost` where it ended or is another's by now; `store`.
    pub async fn end_firing(&self, name: &str, token: &str, error: Option<&str>) -> Result<()> {
        self.change_firing(name, token, |state, now| {
            state.firing = None;
            state.ended_at = Some(now);
            state.error = error.map(str::to_owned);
        })
        .await
    }

    async fn change_firing(&self, name: &str, token: &str, change: impl Fn(&mut State, i64)) -> Result<()> {
        loop {
            let (version, known) = self.schedule_state(name).await?;
            let held = |state: &State| state.firing.as_ref().is_some_and(|held| held.token == token);
            let Some(mut state) = known.filter(held) else {
                let lost = format!("this firing of `{name}` has ended, or is another's by now");
                return Err(Error::new(Code::LeaseLost, lost));
            };
            change(&mut state, self.core.clock.now_ms());
            if self.swap_schedule(name, version, &state).await? {
                return Ok(());
            }
        }
    }

    /// The version of what is known of a schedule, and that, if it can be read.
    async fn schedule_state(&self, name: &str) -> Result<(Option<i64>, Option<State>)> {
        let row = self.core.store.state(KIND, name).await?;
        let version = row.as_ref().map(|row| row.version);
        Ok((version, row.and_then(|row| serde_json::from_str(&row.state).ok())))
    }

    async fn swap_schedule(&self, name: &str, expected: Option<i64>, state: &State) -> Result<bool> {
        let state = serde_json::to_string(state).map_err(|error| {
            Error::new(Code::Store, "a schedule could not be written as JSON").with_source(error)
        })?;
        let row = StateRow { version: expected.unwrap_or(0) + 1, state };
        self.core.store.swap_state(KIND, name, expected, row).await
    }
}

#[cfg(test)]
mod tests;
