//! Wakes the workers of other processes. What is committed for them is announced; where an announcement is missed, they
//! look by themselves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::{runtime::Handle, sync::Mutex, time::timeout};

use super::{Connection, PostgresStore};
use crate::{error::Result, ports::Bell};

/// There is something to do.
pub(super) const CHANNEL: &str = "ghlkit";
/// There are events, by a worker: to others of which nothing is to be done.
const EVENTS: &str = "ghlkit_events";

/// A connection that was lost is made anew after this long, and then twice as long each time, up to the second.
const RETRY: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(30)];
/// An announcement holds up whoever has something announced, who has committed it before, for no longer than that.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(1);

/// What a store hears others by: connections beside its pool, one while a worker is at work and one while events are waited for.
#[derive(Clone)]
pub(super) struct Wake {
    pool: PgPool,
    workers: Arc<AtomicUsize>,
    /// How often something was to be announced, and of how many of these it has been.
    asked: Arc<AtomicUsize>,
    announced: Arc<Mutex<usize>>,
}

impl Wake {
    pub(super) fn new(options: PgConnectOptions, patience: Duration) -> Self {
        let pool = PgPoolOptions::new().max_connections(2).idle_timeout(Duration::from_secs(10));
        let pool = pool.acquire_timeout(patience).connect_lazy_with(options);
        Self { pool, workers: Arc::default(), asked: Arc::default(), announced: Arc::default() }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether something to do is to be announced: a worker of this store does it unannounced, as an announcement makes the server
    /// commit one transaction after the other.
    pub(super) fn is_needed(&self) -> bool {
        self.workers.load(Ordering::Relaxed) == 0
    }

    /// Rings a worker's bell whenever something was announced, without end.
    pub(super) async fn listen(&self, bell: &dyn Bell) {
        self.workers.fetch_add(1, Ordering::Relaxed);
        let _at_work = AtWork(&self.workers);
        self.hear_all(&[CHANNEL], bell).await;
    }

    /// Rings the bell whenever something was announced on the channels, without end.
    async fn hear_all(&self, channels: &[&str], bell: &dyn Bell) {
        let mut wait = RETRY[0];
        loop {
            if let Err(error) = self.hear(channels, bell, &mut wait).await {
                tracing::debug!(%error, "announcements cannot be heard; who waits looks by itself meanwhile");
            }
            tokio::time::sleep(wait).await;
            wait = wait.saturating_mul(2).min(RETRY[1]);
        }
    }

    /// Until the connection is lost.
    async fn hear(&self, channels: &[&str], bell: &dyn Bell, wait: &mut Duration) -> sqlx::Result<()> {
        let mut ear = Ear(Some(PgListener::connect_with(&self.pool).await?), Handle::current());
        let Some(listener) = &mut ear.0 else { return Ok(()) };
        listener.eager_reconnect(false);
        listener.listen_all(channels.iter().copied()).await?;
        // For what was announced before.
        bell.ring();
        while listener.try_recv().await?.is_some() {
            *wait = RETRY[0];
            bell.ring();
        }
        Ok(())
    }
}

/// A listener, which needs its runtime to end.
struct Ear(Option<PgListener>, Handle);

impl Drop for Ear {
    fn drop(&mut self) {
        let _runtime = self.1.enter();
        self.0 = None;
    }
}

/// Counts a worker until it ends.
struct AtWork<'a>(&'a AtomicUsize);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl PostgresStore {
    pub(super) async fn hear(&self, bell: &dyn Bell) {
        self.wake.listen(bell).await;
    }

    /// Events are written with something to do, which others announce, or by a worker.
    pub(super) async fn hear_appended(&self, bell: &dyn Bell) {
        self.wake.hear_all(&[CHANNEL, EVENTS], bell).await;
    }

    /// Announces that a worker has written events. In a transaction of its own, so that no other waits for it.
    pub(super) async fn announce_appended(&self) -> Result<()> {
        self.announce_on(EVENTS).await
    }

    /// Announces that something was committed that is to be done, where that is needed. Afterwards, and for all who have
    /// committed meanwhile at once: the server commits those that announce one after the other, each to the disk.
    pub(super) async fn wake(&self) {
        if !self.wake.is_needed() {
            return;
        }
        let asked = self.wake.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut announced = self.wake.announced.lock().await;
        if *announced >= asked {
            return;
        }
        let all = self.wake.asked.load(Ordering::SeqCst);
        let told = timeout(ANNOUNCED_WITHIN, self.announce_on(CHANNEL)).await;
        // Where it failed nobody else tries, and waits, in vain: workers look by themselves.
        *announced = all;
        if let Ok(Err(error)) = told {
            tracing::debug!(%error, "workers were not told of what is to be done");
        }
    }

    async fn announce_on(&self, channel: &str) -> Result<()> {
        let mut transaction = self.begin().await?;
        // There is nothing in it to be kept: it does not wait for the disk.
        sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *transaction).await?;
        notify(&mut transaction, channel).await?;
        Ok(transaction.commit().await?)
    }
}

/// Announces it as this transaction commits.
pub(super) async fn announce(connection: &mut Connection) -> Result<()> {
    notify(connection, CHANNEL).await
}

async fn notify(connection: &mut Connection, channel: &str) -> Result<()> {
    sqlx::query("SELECT pg_notify($1, '')").bind(channel).execute(connection).await?;
    Ok(())
}
