//! What is done by the clock, once for all processes that share a store.

mod cron;
mod fire;

pub use cron::Schedule;
pub use fire::{Planned, ScheduledTask, Ticked};

use serde::Serialize;

use super::engine::Engine;
use crate::{
    error::{Code, Error, Result},
    ports::store::{FiringRow, ScheduleRow},
};

/// How long a firing is its process's unless it is kept. It is kept three times as often.
const HELD_MS: i64 = 60_000;

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
            let row = core.store.schedule(schedule.name()).await?;
            let expected = row.as_ref().map(|row| row.version);
            let (turn, changed) = begin(schedule, row, core.clock.now_ms(), || core.entropy.hex_id())?;
            let Some(row) = changed else { return Ok(turn) };
            if core.store.swap_schedule(schedule.name(), expected, row).await? {
                return Ok(turn);
            }
        }
    }

    /// Keeps a firing, by its schedule and token, for another minute: call it more often than that while the work goes on.
    ///
    /// # Errors
    /// `lease_lost` where it ended or is another's by now: stop working on it; `store`.
    pub async fn keep_firing(&self, name: &str, token: &str) -> Result<()> {
        self.change_firing(name, token, |row, now| {
            if let Some(firing) = &mut row.firing {
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
        self.change_firing(name, token, |row, now| {
            row.firing = None;
            row.ended_at = Some(now);
            row.error = error.map(str::to_owned);
        })
        .await
    }

    async fn change_firing(
        &self,
        name: &str,
        token: &str,
        change: impl Fn(&mut ScheduleRow, i64),
    ) -> Result<()> {
        let core = &self.core;
        loop {
            let row = core.store.schedule(name).await?;
            let held = |row: &ScheduleRow| row.firing.as_ref().is_some_and(|held| held.token == token);
            let Some(mut row) = row.filter(held) else {
                let lost = format!("this firing of `{name}` has ended, or is another's by now");
                return Err(Error::new(Code::LeaseLost, lost));
            };
            let expected = row.version;
            row.version += 1;
            change(&mut row, core.clock.now_ms());
            if core.store.swap_schedule(name, Some(expected), row).await? {
                return Ok(());
            }
        }
    }
}

/// What a schedule has to do now, and its row where that changes.
fn begin(
    schedule: &Schedule,
    row: Option<ScheduleRow>,
    now: i64,
    token: impl FnOnce() -> String,
) -> Result<(Turn, Option<ScheduleRow>)> {
    let next_at = schedule.next_after(now);
    let Some(mut row) = row else {
        let next_at = next_at.ok_or_else(|| schedule.never())?;
        let (cron, time_zone) = (schedule.cron().to_owned(), schedule.time_zone().to_owned());
        let row =
            ScheduleRow { version: 1, cron, time_zone, next_at, firing: None, ended_at: None, error: None };
        return Ok((Turn { firing: None, next_at }, Some(row)));
    };
    row.version += 1;
    let same = row.cron == schedule.cron() && row.time_zone == schedule.time_zone();
    if !same {
        schedule.cron().clone_into(&mut row.cron);
        schedule.time_zone().clone_into(&mut row.time_zone);
        row.next_at = next_at.ok_or_else(|| schedule.never())?;
    }
    let due_at = match &row.firing {
        Some(held) if held.until > now => {
            let turn = Turn { firing: None, next_at: held.until.min(row.next_at).max(now + 1) };
            return Ok((turn, (!same).then_some(row)));
        }
        // Its process is gone.
        Some(left) => left.due_at,
        None if row.next_at > now => {
            let turn = Turn { firing: None, next_at: row.next_at };
            return Ok((turn, (!same).then_some(row)));
        }
        None => row.next_at,
    };
    if row.next_at <= now {
        // A pattern with a year may have come due for the last time.
        row.next_at = next_at.unwrap_or(i64::MAX);
    }
    let (token, until) = (token(), now.saturating_add(HELD_MS));
    row.firing = Some(FiringRow { due_at, token: token.clone(), until });
    let firing = Firing { name: schedule.name().to_owned(), due_at, token };
    Ok((Turn { firing: Some(firing), next_at: row.next_at }, Some(row)))
}

#[cfg(test)]
mod tests;
