//! The loop that does what is due.

use std::{pin::pin, sync::atomic::Ordering, time::Duration};

use futures::{
    FutureExt, StreamExt,
    future::{Either, Fuse, FusedFuture, select},
    select_biased,
    stream::FuturesUnordered,
};

use crate::{
    error::{Code, Error, Result},
    ports::{Notice, store::EventRow},
};

use super::{core::Core, engine::Engine};

/// How often an idle loop looks by itself, in case another process left something to do.
const LOOK_AGAIN_MS: i64 = 2_000;

/// How many events are told in one go.
const NOTICES: usize = 32;

/// How long the notifier may take over one event.
const TELL_WITHIN: Duration = Duration::from_secs(10);

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

/// What a loop does beside its passes, and whether there is reason to.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Chores {
    inbox: bool,
    telling: bool,
}

impl Chores {
    const ALL: Self = Self { inbox: true, telling: true };
    const NONE: Self = Self { inbox: false, telling: false };
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
        let core = &*self.core;
        let mut passes = FuturesUnordered::new();
        let mut inbox = pin!(Fuse::terminated());
        let mut telling = pin!(Fuse::terminated());
        // Whether something may have been received, or have happened, since each was last begun.
        let mut chores = Chores::ALL;
        let mut begun = 0;
        loop {
            let rung = core.bell.listen();
            let now = core.clock.now_ms();
            let open = !core.is_stopping() && begun < until.max && now < until.at;
            if chores.inbox && open && inbox.is_terminated() {
                inbox.set(core.apply_inbox().fuse());
                chores.inbox = false;
            }
            if chores.telling && telling.is_terminated() {
                telling.set(core.tell().fuse());
                chores.telling = false;
            }
            let mut leased_any = false;
            let free = core.config.sync.concurrency.saturating_sub(passes.len()).min(until.max - begun);
            if open && free > 0 {
                let leased = core.store.lease(self.lease(now, free, None)).await?;
                leased_any = !leased.is_empty();
                begun += leased.len();
                passes.extend(leased.into_iter().map(|job| core.run_job(job)));
            }
            let at_rest = passes.is_empty() && inbox.is_terminated() && telling.is_terminated();
            if at_rest && (!open || until.idle && !leased_any && chores == Chores::NONE) {
                let more = core.store.next_due().await?.is_some_and(|due| due <= core.clock.now_ms());
                return Ok(Drained { passes: begun, more });
            }
            let nap = core.nap_ms(passes.len()).await?;
            select_biased! {
                () = passes.select_next_some() => chores = Chores::ALL,
                applied = inbox => chores.inbox |= applied?,
                more = telling => chores.telling |= more?,
                () = rung.fuse() => chores = Chores::ALL,
                () = core.clock.sleep(Duration::from_millis(nap)).fuse() => chores = Chores::ALL,
            }
        }
    }
}

impl Core {
    /// How long there is nothing to begin: until the next job is due, if a pass could be begun then.
    async fn nap_ms(&self, under_way: usize) -> Result<u64> {
        let look_again = LOOK_AGAIN_MS.unsigned_abs();
        if under_way >= self.config.sync.concurrency {
            return Ok(look_again);
        }
        let next_due = self.store.next_due().await?.unwrap_or(i64::MAX);
        let wait = next_due.saturating_sub(self.clock.now_ms());
        Ok(wait.clamp(1, LOOK_AGAIN_MS).unsigned_abs())
    }

    /// Passes events on to the notifier, each once. One that fails is given back and offered again later.
    /// Whether there may be more.
    async fn tell(&self) -> Result<bool> {
        let Some(notifier) = &self.notifier else { return Ok(false) };
        for _ in 0..NOTICES {
            // One at a time: a crash loses no more than the one that was being told.
            let Some(event) = self.store.claim_events(1).await?.pop() else { return Ok(false) };
            let notice = notice(event);
            let told = select(notifier.notify(&notice), self.clock.sleep(TELL_WITHIN)).await;
            let error = match told {
                Either::Left((Ok(()), _)) => continue,
                Either::Left((Err(error), _)) => error,
                Either::Right(_) => Error::new(Code::Timeout, "the notifier took too long"),
            };
            tracing::warn!(position = notice.position, %error, "an event could not be told");
            self.store.release_event(notice.position).await?;
            return Ok(false);
        }
        Ok(true)
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
