//! The one reader of the log in a process.

use std::{pin::pin, sync::Arc, time::Duration};

use futures::{
    FutureExt,
    future::{Either, select},
};

use crate::{
    error::Result,
    sse::Tail,
    sync::{core::Core, engine::Engine, pause},
};

use super::told::Told;

/// How often it looks by itself, in case another process wrote what nobody announces.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// A database that failed is left alone for this long.
const BLIND: Duration = Duration::from_secs(1);
/// How many events it reads at once.
const PAGE: usize = 500;
/// How far before the log's end it begins: what is missing there may be committed later.
const BACK: i64 = 5_000;
/// Other processes are told of events at most this often.
const ANNOUNCE_EVERY: Duration = Duration::from_millis(5);

impl Engine {
    /// Reads the log for all who watch it in this process, as long as there is an engine. `native::open` drives it; while nobody
    /// watches it does nothing.
    pub fn keep_watch(&self) -> impl Future<Output = ()> + use<> {
        let (weak, hub) = (Arc::downgrade(&self.core), self.core.hub.clone());
        async move {
            loop {
                let wanted = hub.wants();
                let Some(core) = weak.upgrade() else { return };
                if hub.is_watched() {
                    core.read_while_watched().await;
                    continue;
                }
                drop(core);
                wanted.await;
            }
        }
    }
}

impl Core {
    async fn read_while_watched(&self) {
        let reading = pin!(self.read_log());
        let hearing = pin!(self.store.hear_events(&*self.hub));
        // Hearing does not end.
        if let Either::Right(((), reading)) = select(reading, hearing).await {
            reading.await;
        }
        self.hub.forget();
    }

    async fn read_log(&self) {
        // What follows closely on what was told is read, and so told, together.
        let mut rests_until = i64::MIN;
        while self.hub.is_watched() {
            // A clock that is set back holds up nothing.
            let rest = rests_until.saturating_sub(self.clock.now_ms()).min(self.hub.rest_ms());
            if rest > 0 {
                self.clock.sleep(Duration::from_millis(rest.unsigned_abs())).await;
            }
            rests_until = i64::MIN;
            let before = self.hub.end();
            let news = select(self.hub.writes(), self.hub.hears()).map(|_| ());
            let wait = match self.read_on().await {
                Ok(true) => continue,
                Ok(false) => LOOK_AGAIN,
                Err(error) => {
                    tracing::warn!(code = %error.code(), %error, "the log could not be read; who watches orders waits");
                    self.clock.sleep(BLIND).await;
                    continue;
                }
            };
            if self.hub.end() != before {
                rests_until = self.clock.now_ms().saturating_add(self.hub.rest_ms());
            }
            if self.hub.is_watched() {
                pause(news, self.clock.sleep(wait)).await;
            }
        }
    }

    /// Whether there may be more.
    async fn read_on(&self) -> Result<bool> {
        let more = self.read_page().await?;
        // Asked after the reading that found something missing.
        if self.hub.is_unbounded() {
            self.hub.bound(self.store.horizon().await?);
        }
        Ok(more)
    }

    async fn read_page(&self) -> Result<bool> {
        let Some((after, holes)) = self.hub.reads() else {
            self.hub.begin(self.find_end().await?);
            return Ok(true);
        };
        let read = self.store.tail(after, holes, PAGE).await?;
        let more = read.rows.len() >= PAGE;
        self.hub.take(read, PAGE, &Told { model: &self.config.model });
        Ok(more)
    }

    /// The log's end, and what may still come before it.
    async fn find_end(&self) -> Result<Tail> {
        let from = self.store.last_event().await?.saturating_sub(BACK).max(0);
        let limit = usize::try_from(2 * BACK).unwrap_or(PAGE);
        let mut tail = Tail::at(from);
        tail.take(self.store.tail(from, Vec::new(), limit).await?, limit);
        if tail.is_unbounded() {
            // Most of what is missing was missing long before.
            tail.bound(self.store.horizon().await?);
            let read = self.store.tail(tail.top(), tail.holes(), limit).await?;
            tail.take(read, limit);
        }
        Ok(tail)
    }

    /// Tells other processes of what this one writes, as long as it is driven: beside a worker, whose own transactions tell
    /// nobody.
    pub(crate) async fn announce_events(&self) {
        loop {
            let written = self.hub.writes();
            if self.announce_written().await {
                self.clock.sleep(ANNOUNCE_EVERY).await;
            } else {
                written.await;
            }
        }
    }

    /// Tells other processes of what this one wrote and has not told yet. Whether there was anything.
    pub(crate) async fn announce_written(&self) -> bool {
        let Some(writes) = self.hub.unannounced() else { return false };
        if let Err(error) = self.store.announce_events().await {
            tracing::debug!(code = %error.code(), %error, "events could not be announced; others look by themselves");
        }
        self.hub.has_announced(writes);
        true
    }
}
