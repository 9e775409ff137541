//! The loop that does what is due.

use std::{pin::pin, sync::atomic::Ordering, time::Duration};

use futures::{
    FutureExt, StreamExt,
    future::{Either, Fuse, FusedFuture, join, join4, select},
    select_biased,
    stream::FuturesUnordered,
};

use serde::Serialize;

use crate::{
    error::{Code, Error, Result},
    ports::{
        Notice,
        store::{EventRow, JobRow},
    },
};

use super::{core::Core, engine::Engine, events};

/// How often an idle loop looks by itself, in case another process left something to do.
const LOOK_AGAIN_MS: i64 = 2_000;

/// How many events are told in one go.
const NOTICES: usize = 32;

/// A database that failed is left alone for this long.
const BLIND_MS: i64 = 1_000;

/// A notifier that failed is left alone for this long.
const DEAF_MS: i64 = 30_000;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Drained {
    /// Passes over orders.
    pub passes: usize,
    /// Whether something that is due is left.
    pub more: bool,
}

/// What a loop does beside its passes, and whether there is reason to: something may have come in or fallen
/// due since it was last begun.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Chores {
    leasing: bool,
    inbox: bool,
    bookings: bool,
    telling: bool,
}

impl Chores {
    const ALL: Self = Self { leasing: true, inbox: true, bookings: true, telling: true };
    const NONE: Self = Self { leasing: false, inbox: false, bookings: false, telling: false };
}

/// How telling went.
enum Told {
    All,
    More,
    Failed,
}

/// When a loop ends.
#[derive(Clone, Copy)]
struct Until {
    max: usize,
    at: i64,
    idle: bool,
}

impl Engine {
    /// Works until [`Engine::stop`]: applies received webhooks, pushes what is due, tells what happened, and with the feature
    /// `realtime` listens where locations say.
    /// One future, driven by whoever awaits it; dropping it is like a crash, which the leases mend. While the database
    /// fails it asks again every second: what was written down before is done once it is back.
    ///
    /// # Errors
    /// None today; the type leaves room for a failure that waiting does not mend.
    pub async fn run(&self) -> Result<()> {
        let core = &self.core;
        core.running.fetch_add(1, Ordering::Relaxed);
        let _running = Running(core);
        let passes = self.work(Until { max: usize::MAX, at: i64::MAX, idle: false });
        let work = pin!(join(passes, core.deliver(i64::MAX, false)));
        #[cfg(feature = "realtime")]
        let sockets = Box::pin(core.listen_to_sockets());
        #[cfg(not(feature = "realtime"))]
        let sockets = std::future::pending::<()>();
        // The loop looks by itself too, where nobody can be listened to.
        let beside = pin!(join4(
            core.store.listen(&**core),
            core.reconcile_on_schedule(),
            sockets,
            core.announce_events(),
        ));
        let (worked, delivered) = match select(work, beside).await {
            Either::Left((done, _)) => done,
            Either::Right((_, work)) => work.await,
        };
        core.announce_written().await;
        worked.and(delivered).map(|_| ())
    }

    /// Asks every `run` of this engine to end: nothing more is sent, and what is on the wire is waited for
    /// (one call time-out at most). Jobs go back to the queue without a counted failure. Streams of [`Engine::watch`] end.
    pub fn stop(&self) {
        self.core.stopping.store(true, Ordering::Relaxed);
        self.core.hub.end_all();
        self.core.bell.notify(usize::MAX);
    }

    /// Lets work go on after [`Engine::stop`], for a host that begins another [`Engine::run`].
    pub fn resume(&self) {
        self.core.stopping.store(false, Ordering::Relaxed);
    }

    /// Does what is due now and then ends: for a cron route of a serverless host.
    ///
    /// # Errors
    /// `store`.
    pub async fn drain(&self, limits: DrainLimits) -> Result<Drained> {
        let deadline = i64::try_from(limits.deadline_ms).unwrap_or(i64::MAX / 2);
        let at = self.core.clock.now_ms().saturating_add(deadline);
        let draining = pin!(async {
            let mut drained = self.work(Until { max: limits.max, at, idle: true }).await?;
            drained.more |= self.core.deliver(at, true).await?;
            Ok(drained)
        });
        let drained = match select(draining, pin!(self.core.announce_events())).await {
            Either::Left((drained, _)) => drained,
            // Announcing does not end.
            Either::Right(((), draining)) => draining.await,
        };
        self.core.announce_written().await;
        drained
    }

    /// The store is only asked from futures that are polled beside the passes: a pass may hold what another
    /// question to the store waits for.
    async fn work(&self, until: Until) -> Result<Drained> {
        let core = &*self.core;
        let mut passes = FuturesUnordered::new();
        let mut leasing = pin!(Fuse::terminated());
        let mut inbox = pin!(Fuse::terminated());
        let mut bookings = pin!(Fuse::terminated());
        let mut telling = pin!(Fuse::terminated());
        let mut chores = Chores::ALL;
        let (mut begun, mut next_due) = (0, None);
        let (mut deaf_until, mut blind_until) = (i64::MIN, i64::MIN);
        loop {
            let rung = core.bell.listen();
            let now = core.clock.now_ms();
            let open = !core.is_stopping() && begun < until.max && now < until.at;
            let free = core.config.sync.concurrency.saturating_sub(passes.len()).min(until.max - begun);
            let sighted = now >= blind_until;
            if chores.leasing && open && sighted && free > 0 && leasing.is_terminated() {
                leasing.set(self.lease_due(free).fuse());
                chores.leasing = false;
            }
            if chores.inbox && open && sighted && inbox.is_terminated() {
                inbox.set(core.apply_inbox().fuse());
                chores.inbox = false;
            }
            if chores.bookings && open && sighted && bookings.is_terminated() {
                bookings.set(core.settle_bookings(until.at).fuse());
                chores.bookings = false;
            }
            chores.telling &= now >= deaf_until;
            if chores.telling && open && sighted && telling.is_terminated() {
                telling.set(core.tell(until.at).fuse());
                chores.telling = false;
            }
            let busy = !leasing.is_terminated()
                || !inbox.is_terminated()
                || !bookings.is_terminated()
                || !telling.is_terminated();
            if !busy && passes.is_empty() && (!open || until.idle && chores == Chores::NONE) {
                let more = if until.idle { core.store.next_due().await? } else { None };
                return Ok(Drained {
                    passes: begun,
                    more: more.is_some_and(|due| due <= core.clock.now_ms()),
                });
            }
            let wake = if sighted { next_due.filter(|_| free > 0) } else { Some(blind_until) };
            let nap = core.clock.sleep(nap(now, wake));
            let done = select_biased! {
                () = passes.select_next_some() => { chores = Chores::ALL; Ok(()) }
                leased = leasing => leased.map(|(jobs, next)| {
                    next_due = next;
                    begun += jobs.len();
                    chores.leasing |= !jobs.is_empty();
                    passes.extend(jobs.into_iter().map(|job| core.run_job(job)));
                }),
                // What was applied has made jobs due.
                applied = inbox => applied.map(|any| if any { chores = Chores::ALL }),
                // What was settled is told, and events that waited for it can be applied.
                settled = bookings => settled.map(|any| if any { chores = Chores::ALL }),
                told = telling => told.map(|told| match told {
                    Told::All => {}
                    Told::More => chores.telling = true,
                    Told::Failed => deaf_until = core.clock.now_ms().saturating_add(DEAF_MS),
                }),
                () = rung.fuse() => { chores = Chores::ALL; Ok(()) }
                () = nap.fuse() => { chores = Chores::ALL; Ok(()) }
            };
            if let Err(error) = done {
                if until.idle {
                    return Err(error);
                }
                tracing::warn!(code = %error.code(), %error, "the database failed; asking again in a second");
                blind_until = core.clock.now_ms().saturating_add(BLIND_MS);
                chores = Chores::ALL;
            }
        }
    }

    /// Leases what is due, and tells when the next job is.
    async fn lease_due(&self, max: usize) -> Result<(Vec<JobRow>, Option<i64>)> {
        let store = &self.core.store;
        let jobs = store.lease(self.lease(self.core.clock.now_ms(), max, None)).await?;
        Ok((jobs, store.next_due().await?))
    }
}

/// How long there is nothing to begin.
fn nap(now: i64, next_due: Option<i64>) -> Duration {
    let wait = next_due.unwrap_or(i64::MAX).saturating_sub(now);
    Duration::from_millis(wait.clamp(1, LOOK_AGAIN_MS).unsigned_abs())
}

impl Core {
    /// Passes events on to the notifier, each once, and begins none after `until`. One that fails is given
    /// back and offered again later.
    async fn tell(&self, until: i64) -> Result<Told> {
        let Some(notifier) = &self.notifier else { return Ok(Told::All) };
        for _ in 0..NOTICES {
            if self.is_stopping() || self.clock.now_ms() >= until {
                return Ok(Told::More);
            }
            // One at a time: a crash loses no more than the one that was being told.
            let Some(mut event) = self.store.claim_events(1).await?.pop() else { return Ok(Told::All) };
            events::told(&self.config.model, &mut event);
            let notice = notice(event);
            let told = select(notifier.notify(&notice), self.clock.sleep(notifier.patience())).await;
            self.metrics.notified("host", matches!(told, Either::Left((Ok(()), _))));
            let error = match told {
                Either::Left((Ok(()), _)) => continue,
                Either::Left((Err(error), _)) => error,
                Either::Right(_) => Error::new(Code::Timeout, "the notifier took too long"),
            };
            tracing::warn!(position = notice.position, code = %error.code(), %error, "an event could not be told");
            self.store.release_event(notice.position).await?;
            return Ok(Told::Failed);
        }
        Ok(Told::More)
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
