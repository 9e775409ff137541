//! The store of many machines: a PostgreSQL database, 13 or newer.
//!
//! Every operation is a transaction of its own, which sets its own limits, so the server may sit behind a pooler
//! that hands out connections by transaction. Nothing locks more than the orders it is about.

mod catalog;
mod dialect;
mod error;
mod receive;
#[cfg(test)]
mod tests;
mod trigger;
mod wake;
mod whole;

#[path = "../sql/bookings.rs"]
mod bookings;
#[path = "../sql/commit.rs"]
mod commit;
#[path = "../sql/deliveries.rs"]
mod deliveries;
#[path = "../sql/events.rs"]
mod events;
#[path = "../sql/inbox.rs"]
mod inbox;
#[path = "../sql/inspect.rs"]
mod inspect;
#[path = "../sql/jobs.rs"]
mod jobs;
#[path = "../sql/limits.rs"]
mod limits;
#[path = "../sql/migrate.rs"]
mod migrate;
#[path = "../sql/order_rows.rs"]
mod order_rows;
#[path = "../sql/orders.rs"]
mod orders;
#[path = "../sql/outbox.rs"]
mod outbox;
#[path = "../sql/rows.rs"]
mod rows;
#[path = "../sql/seen.rs"]
mod seen;
#[path = "../sql/statements.rs"]
mod statements;
#[path = "../sql/states.rs"]
mod states;
#[path = "../sql/tokens.rs"]
mod tokens;
#[path = "../sql/writes.rs"]
mod writes;

use std::{fmt, io, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres, SqlSafeStr, SqlStr, Transaction,
    pool::PoolConnection,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow},
};
use tokio::time::timeout;

use crate::{
    error::{Error, Result},
    ports::store::Inspection,
};

pub use super::sql::TableNames;
use statements::Sql;
use wake::{Wake, announce};
use whole::Whole;

type Arguments = PgArguments;
type Connection = PgConnection;
type Db = Postgres;
type DbRow = PgRow;
type Store = PostgresStore;

/// For how long a connection that was fine is taken to be.
const FRESH: Duration = Duration::from_secs(1);
/// What it is called.
const DATABASE: &str = "PostgreSQL";

/// How to open a [`PostgresStore`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    /// Names of the users' tables and columns.
    pub tables: TableNames,
    /// How many connections this process may have; 10 by default, at least 1. A worker has one more, to be woken by, and streams of events have one.
    pub connections: u32,
    /// How long an operation waits for one of them, and the first for the server; 10 s by default. A webhook waits no longer than 2 s,
    /// as its sender waits too.
    pub acquire_timeout: Duration,
    /// How long the server may take for one statement, waiting for locks included; 10 s by default. Migrations
    /// may take six times as long.
    pub statement_timeout: Duration,
    /// Whether statements stay prepared on their connections; so by default. Not to be used behind a pooler that
    /// hands out connections by transaction without keeping account of them (`PgBouncer` before 1.21).
    pub prepared_statements: bool,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            tables: TableNames::default(),
            connections: 10,
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
            prepared_statements: true,
        }
    }
}

/// A store in a PostgreSQL database. Clones share their connections.
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    limit: Duration,
    begin: SqlStr,
    begin_snapshot: SqlStr,
    wake: Wake,
    receive: SqlStr,
    sql: Arc<Sql>,
}

impl PostgresStore {
    /// Opens a database and migrates it, within a Tokio runtime. Many processes may do so at once. `url` is
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with parameters such as `sslmode=verify-full` and
    /// `options=-c search_path=…`. The users' tables gain the columns they lack and keep everything else.
    ///
    /// # Errors
    /// `config` naming `DATABASE_URL` when the URL is malformed, the server cannot be reached or refuses, or the
    /// database was made by a newer version; `config` naming `tables.…` when a name is malformed or a table
    /// cannot be used; `store`.
    pub async fn open(url: &str, options: PostgresOptions) -> Result<Self> {
        options.tables.validate()?;
        let connect = connect_options(url, options.prepared_statements)?;
        let pool = PgPoolOptions::new()
            .max_connections(options.connections.max(1))
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(|connection, idle| Box::pin(lives(connection, idle.idle_for)))
            .connect_lazy_with(connect.clone());
        let limit = options.statement_timeout;
        let mut transaction = pool
            .begin_with(begin("", limit.saturating_mul(6)))
            .await
            .map_err(|error| error::at_open(error.into()))?;
        let migrated = Self::migrate(&mut transaction, &options.tables).await.map_err(error::at_open)?;
        transaction.commit().await?;
        let sql = Sql::new(&options.tables, &migrated);
        Ok(Self {
            pool,
            limit,
            begin: begin(" ISOLATION LEVEL READ COMMITTED", limit),
            wake: Wake::new(connect, options.acquire_timeout),
            begin_snapshot: begin(" ISOLATION LEVEL REPEATABLE READ READ ONLY", limit),
            receive: receive::statement(&sql),
            sql: Arc::new(sql),
        })
    }

    /// What a database is like, as [`PostgresStore::open`] would find it. Nothing is changed.
    ///
    /// # Errors
    /// As [`PostgresStore::open`].
    pub async fn inspect(url: &str, options: &PostgresOptions) -> Result<Inspection> {
        options.tables.validate()?;
        let connect = connect_options(url, options.prepared_statements)?;
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(options.acquire_timeout)
            .connect_lazy_with(connect);
        let begun = pool.begin_with(begin(" READ ONLY", options.statement_timeout)).await;
        let found = match begun {
            Ok(mut transaction) => inspect::inspect(&mut transaction, &options.tables).await,
            Err(error) => Err(error.into()),
        };
        pool.close().await;
        found.map_err(error::at_open)
    }

    /// Whether it can be written to now, and what it is like.
    async fn inspected(&self) -> Result<Inspection> {
        let mut transaction = self.begin().await?;
        // Ends with the transaction, which ends without a commit.
        sqlx::query("UPDATE ghlkit_meta SET value = value WHERE name = 'orders_made'")
            .execute(&mut *transaction)
            .await?;
        inspect::inspect(&mut transaction, &self.sql.names).await
    }

    /// Closes all connections, after which every operation fails with `store`.
    pub async fn close(&self) {
        self.wake.close().await;
        self.pool.close().await;
    }

    async fn migrate(connection: &mut PgConnection, tables: &TableNames) -> Result<migrate::Migrated> {
        dialect::hold(connection, vec!["migrations".to_owned()]).await?;
        migrate::run(connection, tables).await
    }

    async fn begin(&self) -> Result<Transaction<'static, Postgres>> {
        self.transaction(&self.begin).await
    }

    /// A statement that is a transaction of its own, in one round trip instead of three: one that finds its rows by their keys, and
    /// so takes no time unless it waits for a lock. It is waited for as long as the server may take for a statement.
    async fn alone<T>(&self, statement: impl Future<Output = Result<T>>) -> Result<T> {
        let late = || sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "the statement took too long"));
        timeout(self.limit, statement).await.map_err(|_| late())?
    }

    /// For a statement of its own. Neither its limits nor the time zone are set.
    async fn reader(&self) -> Result<PoolConnection<Postgres>> {
        Ok(self.pool.acquire().await?)
    }

    /// The same.
    async fn writer(&self) -> Result<PoolConnection<Postgres>> {
        self.reader().await
    }

    /// For one read. It is a transaction too, for its limits.
    async fn read(&self) -> Result<Transaction<'static, Postgres>> {
        self.snapshot().await
    }

    /// For reads that see one state.
    async fn snapshot(&self) -> Result<Transaction<'static, Postgres>> {
        self.transaction(&self.begin_snapshot).await
    }

    async fn transaction(&self, begin: &SqlStr) -> Result<Transaction<'static, Postgres>> {
        let (pool, begin) = (self.pool.clone(), begin.clone());
        Ok(Whole::new(async move { pool.begin_with(begin).await }).await?)
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

/// Whether a connection can be used. It was asked as it was given back, which is not repeated at once.
async fn lives(connection: &mut PgConnection, idle: Duration) -> sqlx::Result<bool> {
    Ok(idle < FRESH || connection.ping().await.is_ok())
}

/// Begins a transaction with its limits, in one round trip. What is set ends with it, so that no pooler hands it
/// on. A process that vanishes half-way holds its locks no longer than a statement may take. Plans are kept, and a table that was
/// small as one was made, and could be walked, need not stay small.
fn begin(mode: &str, limit: Duration) -> SqlStr {
    let limit = limit.as_millis().clamp(1, i32::MAX.unsigned_abs().into());
    AssertSqlSafe(format!(
        "BEGIN{mode}; SET LOCAL statement_timeout = {limit}; \
         SET LOCAL idle_in_transaction_session_timeout = {limit}; SET LOCAL timezone = 'UTC'; \
         SET LOCAL enable_seqscan = off"
    ))
    .into_sql_str()
}

fn connect_options(url: &str, prepared: bool) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url).map_err(|_| {
        Error::config(
            "DATABASE_URL",
            format_args!(
                "where orders and jobs are kept; expected postgres://USER:PASSWORD@HOST/DATABASE, with \
                 characters such as @ and / in them percent-encoded"
            ),
        )
    })?;
    let options = options.application_name("ghlkit");
    Ok(if prepared { options } else { options.statement_cache_capacity(0) })
}

/// A limit as PostgreSQL takes it.
fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
