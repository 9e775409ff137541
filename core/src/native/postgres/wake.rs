//! Wakes the workers of other processes. What is committed for them is announced in the same transaction; where an
//! announcement is missed, they look by themselves.

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
use tokio::runtime::Handle;

use super::{Connection, PostgresStore};
use crate::{error::Result, ports::Bell};

const CHANNEL: &str = "ghlkit";

/// A connection that was lost is made anew after this long, and then twice as long each time, up to the second.
const RETRY: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(30)];

/// What a store hears others by: a connection beside its pool, there while a worker is at work.
#[derive(Clone)]
pub(super) struct Wake {
    pool: PgPool,
    workers: Arc<AtomicUsize>,
}

impl Wake {
    pub(super) fn new(options: PgConnectOptions, patience: Duration) -> Self {
        let pool = PgPoolOptions::new().max_connections(1).idle_timeout(Duration::from_secs(10));
        let pool = pool.acquire_timeout(patience).connect_lazy_with(options);
        Self { pool, workers: Arc::default() }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// Rings the bell whenever something was announced, without end.
    pub(super) async fn listen(&self, bell: &dyn Bell) {
        self.workers.fetch_add(1, Ordering::Relaxed);
        let _at_work = AtWork(&self.workers);
        let mut wait = RETRY[0];
        loop {
            if let Err(error) = self.hear(bell, &mut wait).await {
                tracing::debug!(%error, "announcements cannot be heard; workers look by themselves meanwhile");
            }
            tokio::time::sleep(wait).await;
            wait = wait.saturating_mul(2).min(RETRY[1]);
        }
    }

    /// Until the connection is lost.
    async fn hear(&self, bell: &dyn Bell, wait: &mut Duration) -> sqlx::Result<()> {
        let mut ear = Ear(Some(PgListener::connect_with(&self.pool).await?), Handle::current());
        let Some(listener) = &mut ear.0 else { return Ok(()) };
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
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

    /// Announces that something is to be done, unless a worker of this store does it: an announcement makes the
    /// server commit one transaction after the other.
    pub(super) async fn wake(&self, connection: &mut Connection) -> Result<()> {
        match self.wake.workers.load(Ordering::Relaxed) {
            0 => announce(connection).await,
            _ => Ok(()),
        }
    }
}

/// Announces it as this transaction commits.
pub(super) async fn announce(connection: &mut Connection) -> Result<()> {
    sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(connection).await?;
    Ok(())
}
