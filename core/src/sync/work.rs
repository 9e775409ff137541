//! The loop that does what is due.

use std::{sync::atomic::Ordering, time::Duration};

use futures::{FutureExt, StreamExt, select_biased, stream::FuturesUnordered};

use crate::{
    error::Result,
    ports::{Notice, store::EventRow},
};

use super::{core::Core, engine::Engine};

/// How often an idle loop looks by itself, in case another process left something to do.
const LOOK_AGAIN_MS: i64 = 2_000;

/// How many events are told in one go.
const NOTICES: usize = 32;

/// How much [`Engine::drain`] does at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrainLimits {
    /// At most this many passes. Default: 1,000.
    pub max: usize,
    /// Nothing is begun after this many milliseconds; what is under way is finished. Default: 25,000.
    pub deadline_ms: u64,
}

impl Default for DrainLimits {
    fn default() -> Self {
        Self { max: 1_000, deadline_ms: 25_000 }
    }
}

/// What a [`Engine::drain`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drained {
    /// Passes over orders.
    pub passes: usize,
    /// Whether something that is due is left.
    pub more: bool,
}

/// When a loop ends.
#[derive(Clone, Copy)]
struct Until {
    max: usize,
    at: i64,
    idle: bool,
}

impl Engine {
    /// Works until [`Engine::stop`]: applies received webhooks, pushes what is due, tells what happened.
    /// One future, driven by whoever awaits it; dropping it is like a crash, which the leases mend.
    ///
    /// # Errors
    /// `store`, when the database fails; call it again.
    pub async fn run(&self) -> Result<()> {
        let core = &self.core;
        core.running.fetch_add(1, Ordering::Relaxed);
        let _running = Running(core);
        self.work(Until { max: usize::MAX, at: i64::MAX, idle: false }).await.map(|_| ())
    }

    /// Asks every `run` of this engine to end: nothing more is sent, and what is on the wire is waited for
    /// (one call time-out at most). Jobs go back to the queue without a counted failure.
    pub fn stop(&self) {
        self.core.stopping.store(true, Ordering::Relaxed);
        self.core.bell.notify(usize::MAX);
    }

    /// Does what is due now and then ends: for a cron route of a serverless host.
    ///
    /// # Errors
    /// `store`.
    pub async fn drain(&self, limits: DrainLimits) -> Result<Drained> {
        let deadline = i64::try_from(limits.deadline_ms).unwrap_or(i64::MAX / 2);
        let at = self.core.clock.now_ms().saturating_add(deadline);
        self.work(Until { max: limits.max, at, idle: true }).await
    }

    async fn work(&self, until: Until) -> Result<Drained> {
        let core = &self.core;
        let mut passes = FuturesUnordered::new();
        let mut begun = 0;
        loop {
            let rung = core.bell.listen();
            let now = core.clock.now_ms();
            let open = !core.is_stopping() && begun < until.max && now < until.at;
            let mut idle = true;
            if open {
                idle &= !core.apply_inbox().await?;
                let free = core.config.sync.concurrency.saturating_sub(passes.len()).min(until.max - begun);
                if free > 0 {
                    let leased = core.store.lease(self.lease(now, free, None)).await?;
                    begun += leased.len();
                    idle &= leased.is_empty();
                    passes.extend(leased.into_iter().map(|job| core.run_job(job)));
                }
            }
            core.tell().await?;
            if passes.is_empty() && (!open || until.idle && idle) {
                let more = core.store.next_due().await?.is_some_and(|due| due <= core.clock.now_ms());
                return Ok(Drained { passes: begun, more });
            }
            if !idle && passes.is_empty() {
                continue;
            }
            let next_due = core.store.next_due().await?.unwrap_or(i64::MAX);
            let nap = next_due.saturating_sub(core.clock.now_ms()).clamp(1, LOOK_AGAIN_MS);
            let nap = if passes.is_empty() { nap } else { LOOK_AGAIN_MS };
            select_biased! {
                () = passes.select_next_some() => {}
                () = rung.fuse() => {}
                () = core.clock.sleep(Duration::from_millis(nap.unsigned_abs())).fuse() => {}
            }
        }
    }
}

impl Core {
    /// Passes events on to the notifier, each once. One that fails is given back and offered again later.
    async fn tell(&self) -> Result<()> {
        let Some(notifier) = &self.notifier else { return Ok(()) };
        for event in self.store.claim_events(NOTICES).await? {
            let notice = notice(event);
            if let Err(error) = notifier.notify(&notice).await {
                tracing::warn!(position = notice.position, %error, "an event could not be told");
                self.store.release_event(notice.position).await?;
                break;
            }
        }
        Ok(())
    }
}

fn notice(event: EventRow) -> Notice {
    Notice {
        location: event.location,
        order: event.order,
        position: event.position,
        kind: event.kind,
        payload: event.payload,
        at_ms: event.at,
    }
}

struct Running<'a>(&'a Core);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}
