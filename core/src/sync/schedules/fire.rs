use std::{pin::pin, sync::Arc, time::Duration};

use futures::future::{Either, select};
use tracing::field;

use super::{Firing, HELD_MS, Schedule};
use crate::{
    error::{Error, Result},
    ports::{BoxFuture, Shared},
    sync::{engine::Engine, pause},
    trace,
};

/// How often a loop looks at its schedules at least: another process may have changed them.
const LOOK_AGAIN_MS: i64 = 60_000;

/// A database that failed is left alone for this long.
const BLIND_MS: i64 = 1_000;

/// What a schedule does.
pub trait ScheduledTask: Shared {
    /// Does it once. It is begun again only for the next firing, or where this process died: so a repetition must do no harm.
    ///
    /// # Errors
    /// Any error ends this firing; it is noted in the store and told by [`Engine::tick`].
    fn run<'a>(&'a self, engine: &'a Engine, firing: &'a Firing) -> BoxFuture<'a, Result<()>>;
}

/// A schedule and what it does.
#[derive(Clone)]
pub struct Planned {
    /// When.
    pub schedule: Schedule,
    /// What.
    pub task: Arc<dyn ScheduledTask>,
}

/// What a tick did.
#[derive(Debug, Default)]
pub struct Ticked {
    /// Schedules that were due and whose work was done here.
    pub fired: Vec<Firing>,
    /// Those that failed, by name, and why.
    pub failed: Vec<(String, Error)>,
    /// When to tick again, in epoch milliseconds.
    pub next_at: i64,
}

impl Engine {
    /// Does what is due by the clock and nobody else is at, one after another: for a cron route of a serverless host.
    ///
    /// # Errors
    /// `invalid_argument`, field `cron`, for a pattern that never comes due; `store`.
    pub async fn tick(&self, planned: &[Planned]) -> Result<Ticked> {
        let now = self.core.clock.now_ms();
        let mut ticked = Ticked { next_at: now.saturating_add(LOOK_AGAIN_MS), ..Ticked::default() };
        for Planned { schedule, task } in planned {
            let turn = self.begin_firing(schedule).await?;
            ticked.next_at = ticked.next_at.min(turn.next_at);
            let Some(firing) = turn.firing else { continue };
            let span = tracing::info_span!(
                "schedule",
                otel.name = %format_args!("schedule {}", firing.name),
                otel.status_code = field::Empty,
                ghlkit.schedule = firing.name,
                error.type = field::Empty,
            );
            match trace::within(span.clone(), self.fire(&firing, &**task)).await {
                Ok(()) => ticked.fired.push(firing),
                Err(error) => {
                    tracing::warn!(parent: &span, schedule = firing.name, code = %error.code(), %error, "a scheduled task failed");
                    ticked.failed.push((firing.name, error));
                }
            }
        }
        Ok(ticked)
    }

    /// Ticks whenever something is due, until [`Engine::stop`]. While the database fails it asks again every second.
    ///
    /// # Errors
    /// `invalid_argument`, field `cron`, for a pattern that never comes due.
    pub async fn run_schedules(&self, planned: &[Planned]) -> Result<()> {
        let core = &self.core;
        let mut next_at = i64::MIN;
        loop {
            let rung = core.bell.listen();
            if core.is_stopping() {
                return Ok(());
            }
            // The bell rings for orders too, which are no reason to look.
            if core.clock.now_ms() >= next_at {
                next_at = match self.tick(planned).await {
                    Ok(ticked) => ticked.next_at,
                    Err(error) if error.field() == Some("cron") => return Err(error),
                    Err(error) => {
                        tracing::warn!(code = %error.code(), %error, "the schedules could not be read; asking again in a second");
                        core.clock.now_ms().saturating_add(BLIND_MS)
                    }
                };
            }
            let nap = next_at.saturating_sub(core.clock.now_ms()).max(1).unsigned_abs();
            pause(rung, core.clock.sleep(Duration::from_millis(nap))).await;
        }
    }

    /// Does a firing's work, and keeps it while that goes on. Work whose firing is another's by now is dropped.
    async fn fire(&self, firing: &Firing, task: &dyn ScheduledTask) -> Result<()> {
        let work = pin!(task.run(self, firing));
        let outcome = match select(work, pin!(self.keep(firing))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right((error, _)) => return Err(error),
        };
        self.end_firing(&firing.name, &firing.token, outcome.as_ref().err().map(Error::message)).await?;
        outcome
    }

    /// Keeps a firing; ends with why it could not.
    async fn keep(&self, firing: &Firing) -> Error {
        loop {
            self.core.clock.sleep(Duration::from_millis(HELD_MS.unsigned_abs() / 3)).await;
            if let Err(error) = self.keep_firing(&firing.name, &firing.token).await {
                return error;
            }
        }
    }
}
