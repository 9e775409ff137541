//! apalis, tuned as its documentation says: batches, tasks at once, and workers that are woken rather than poll. Its own
//! set-up turns `synchronous` off in SQLite; here it writes as durably as ghlkit does.

use std::time::Duration;

use apalis::prelude::*;
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use futures::{
    StreamExt,
    channel::mpsc::{self, UnboundedSender},
};
use integration::{Db, Keep};
use postgres_server::Server;
use sqlx::{
    PgPool, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::callers::{CALLERS, call, none_left};

const QUEUE: &str = "bench";
const BATCH: usize = 100;

/// A worker, and where its jobs are left.
pub(crate) struct Peer {
    pool: Pool,
    db: Db,
    worker: JoinHandle<()>,
    _dir: TempDir,
}

#[derive(Clone)]
enum Pool {
    /// And what wakes the worker, as the database's own announcements do elsewhere.
    Sqlite(SqlitePool, UnboundedSender<()>),
    Postgres(PgPool),
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

async fn nothing(order: String) -> Result<(), BoxDynError> {
    std::hint::black_box(order);
    Ok(())
}

impl Peer {
    pub(crate) async fn start(keep: Keep) -> Self {
        let dir = tempfile::tempdir().unwrap();
        match keep {
            Keep::Postgres => {
                let url = Server::durable().await.unwrap().database().await;
                let pool =
                    PgPoolOptions::new().max_connections(CALLERS as u32 + 4).connect(&url).await.unwrap();
                PostgresStorage::setup(&pool).await.unwrap();
                let config = apalis_postgres::Config::default().queue(QUEUE).batch_size(BATCH);
                let backend = PostgresStorage::<String>::new(&pool).with_config(config).with_pubsub();
                let worker = WorkerBuilder::new("bench").backend(backend).concurrency(CALLERS).build(nothing);
                let worker = tokio::spawn(async move { worker.run().await.unwrap() });
                Self { pool: Pool::Postgres(pool), db: Db::open(&url), worker, _dir: dir }
            }
            _ => {
                let file = dir.path().join("apalis.db");
                let pool = sqlite(&file).await;
                let (bell, rung) = mpsc::unbounded();
                SqliteStorage::migrations().run(&pool).await.unwrap();
                let config = apalis_sqlite::Config::default().queue(QUEUE).batch_size(BATCH);
                let woken =
                    Strategy::new().stream(rung.ready_chunks(BATCH)).interval(Duration::from_millis(500));
                let backend =
                    SqliteStorage::<String>::new(&pool).with_config(config).poll_with_strategy(woken);
                let worker = WorkerBuilder::new("bench").backend(backend).concurrency(CALLERS).build(nothing);
                let worker = tokio::spawn(async move { worker.run().await.unwrap() });
                let db = Db::open(&format!("sqlite:{}", file.display()));
                Self { pool: Pool::Sqlite(pool, bell), db, worker, _dir: dir }
            }
        }
    }

    pub(crate) async fn round(&mut self, jobs: usize) {
        let pool = self.pool.clone();
        call(jobs, move |n| {
            let pool = pool.clone();
            let task = TaskBuilder::new(serde_json::to_vec(&n.to_string()).unwrap()).build();
            async move {
                match pool {
                    Pool::Sqlite(pool, bell) => {
                        let mut connection = pool.acquire().await.unwrap();
                        apalis_sqlite::queries::push_tasks(&mut *connection, QUEUE, &[task]).await.unwrap();
                        bell.unbounded_send(()).unwrap();
                    }
                    Pool::Postgres(pool) => {
                        let mut connection = pool.acquire().await.unwrap();
                        apalis_postgres::queries::push_tasks(&mut *connection, QUEUE, vec![task])
                            .await
                            .unwrap();
                    }
                }
            }
        })
        .await;
        let table = if matches!(self.pool, Pool::Sqlite(..)) { "Jobs" } else { "apalis.jobs" };
        none_left(&self.db, &format!("SELECT count(*) FROM {table} WHERE status <> 'Done'")).await;
    }
}

/// One connection, so that nobody waits within SQLite, which polls.
async fn sqlite(file: &std::path::Path) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}
