//! The embedded store: one SQLite file, which several processes may share.
//!
//! It runs in WAL mode with `synchronous = FULL`: what was acknowledged survives a power loss. Writes are
//! `BEGIN IMMEDIATE` transactions of one connection, reads go through a few of their own.

mod catalog;
mod dialect;
mod error;
mod receive;
#[cfg(test)]
mod tests;
mod trigger;

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

use std::{
    fmt,
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{
    Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction,
    pool::PoolConnection,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow,
        SqliteSynchronous,
    },
};

use crate::{
    error::{Error, Result},
    ports::{Bell, store::Inspection},
};

pub use super::sql::TableNames;
use statements::Sql;

type Arguments = SqliteArguments;
type Connection = SqliteConnection;
type Db = Sqlite;
type DbRow = SqliteRow;
type Store = SqliteStore;

/// How soon a file that is being made by another is tried again.
const BUSY: Duration = Duration::from_millis(20);
/// What it is called.
const DATABASE: &str = "SQLite";

/// How to open a [`SqliteStore`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    /// Names of the users' tables and columns.
    pub tables: TableNames,
    /// How long a write waits for another process's write; 10 s by default, at most 24 days.
    pub busy_timeout: Duration,
    /// How many connections serve reads; 4 by default, at least 1.
    pub readers: u32,
    /// How many pages (of 4 KiB, usually) the file may grow to; as many as SQLite can count by default. Once it is full,
    /// what needs room fails with `store`, until there is room again.
    pub max_pages: Option<u32>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            tables: TableNames::default(),
            busy_timeout: Duration::from_secs(10),
            readers: 4,
            max_pages: None,
        }
    }
}

/// A store in one SQLite file. Clones share their connections.
#[derive(Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    reader: SqlitePool,
    sql: Arc<Sql>,
}

impl SqliteStore {
    /// Opens a file, making and migrating it as needed, within a Tokio runtime. `database` is a path or a URL such as
    /// `sqlite:ghlkit.db`. The users' tables gain the columns they lack and keep everything else.
    ///
    /// # Errors
    /// `config` naming `DATABASE_URL` when the file cannot be opened, is read-only, damaged, kept in
    /// memory or made by a newer version; `config` naming `tables.…` when a name is malformed or a table
    /// cannot be used; `store`.
    pub async fn open(database: &str, options: SqliteOptions) -> Result<Self> {
        options.tables.validate()?;
        let connect = connect_options(database, options.busy_timeout)?;
        let writer = pool(1).connect_lazy_with(match options.max_pages {
            Some(pages) => connect.clone().pragma("max_page_count", pages.to_string()),
            None => connect.clone(),
        });
        let at_open = |error| error::at_open(database, error);
        let begun = first(&writer, options.busy_timeout).await;
        let mut transaction = begun.map_err(|error| at_open(error.into()))?;
        let migrated = migrate::run(&mut transaction, &options.tables).await.map_err(at_open)?;
        transaction.commit().await?;
        Ok(Self {
            writer,
            reader: pool(options.readers.max(1)).connect_lazy_with(connect.read_only(true)),
            sql: Arc::new(Sql::new(&options.tables, &migrated)),
        })
    }

    /// What a file is like, as [`SqliteStore::open`] would find it; one that is not there is not made.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn inspect(database: &str, options: &SqliteOptions) -> Result<Inspection> {
        options.tables.validate()?;
        let connect = connect_options(database, options.busy_timeout)?;
        let connect =
            SqliteConnectOptions::new().filename(connect.get_filename()).busy_timeout(options.busy_timeout);
        if !connect.get_filename().exists() {
            return Ok(Inspection {
                kind: DATABASE,
                pending: catalog::MIGRATIONS.len(),
                ..Inspection::default()
            });
        }
        let at_open = |error| error::at_open(database, error);
        let mut connection =
            SqliteConnection::connect_with(&connect).await.map_err(|error| at_open(error.into()))?;
        // What cannot be written to shows itself, and nothing is written.
        let mut transaction =
            connection.begin_with("BEGIN IMMEDIATE").await.map_err(|error| at_open(error.into()))?;
        let found = inspect::inspect(&mut transaction, &options.tables).await.map_err(at_open)?;
        transaction.rollback().await?;
        connection.close().await?;
        Ok(found)
    }

    /// Whether it can be written to now, and what it is like.
    async fn inspected(&self) -> Result<Inspection> {
        let mut transaction = self.begin().await?;
        // Ends with the transaction, which ends without a commit.
        sqlx::query("UPDATE ghlkit_meta SET value = value").execute(&mut *transaction).await?;
        inspect::inspect(&mut transaction, &self.sql.names).await
    }

    /// Closes all connections, after which every operation fails with `store`.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// A transaction that holds the write lock from the start, so that it never fails half-way because
    /// another process wrote first.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Nobody announces anything.
    async fn hear(&self, _: &dyn Bell) {
        std::future::pending().await
    }

    /// Nobody announces events either.
    async fn hear_appended(&self, _: &dyn Bell) {
        std::future::pending().await
    }

    /// Others look by themselves.
    #[expect(clippy::unused_async, reason = "the other database announces it")]
    async fn announce_appended(&self) -> Result<()> {
        Ok(())
    }

    /// Others look by themselves.
    #[expect(clippy::unused_async, reason = "the other database announces it")]
    async fn wake(&self) {}

    /// A statement that is a transaction of its own. SQLite itself says for how long it waits.
    async fn alone<T>(&self, statement: impl Future<Output = Result<T>>) -> Result<T> {
        statement.await
    }

    /// For one write.
    async fn writer(&self) -> Result<PoolConnection<Sqlite>> {
        Ok(self.writer.acquire().await?)
    }

    /// For one read.
    async fn reader(&self) -> Result<PoolConnection<Sqlite>> {
        self.read().await
    }

    /// For one read.
    async fn read(&self) -> Result<PoolConnection<Sqlite>> {
        Ok(self.reader.acquire().await?)
    }

    /// For reads that see one state.
    async fn snapshot(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.reader.begin().await?)
    }
}

/// The first transaction of a file. SQLite does not wait for others where it changes a file to WAL, so this does.
async fn first(writer: &SqlitePool, patience: Duration) -> sqlx::Result<Transaction<'static, Sqlite>> {
    let begin = Instant::now();
    loop {
        match writer.begin_with("BEGIN IMMEDIATE").await {
            Err(error) if error::is_busy(&error) && begin.elapsed() < patience => {
                tokio::time::sleep(BUSY).await;
            }
            begun => return begun,
        }
    }
}

/// Nobody can be told.
async fn announce(_: &mut Connection) -> Result<()> {
    Ok(())
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

fn connect_options(database: &str, busy_timeout: Duration) -> Result<SqliteConnectOptions> {
    let bad = |expected: String| {
        Error::config("DATABASE_URL", format_args!("where orders and jobs are kept; {expected}"))
    };
    let options = if database.starts_with("sqlite:") {
        SqliteConnectOptions::from_str(database)
            .map_err(|error| bad(format!("expected sqlite:FILE, got {database}: {error}")))?
    } else {
        SqliteConnectOptions::new().filename(database)
    };
    let file = options.get_filename().to_string_lossy();
    if file.is_empty() || file == ":memory:" || file.starts_with("file:sqlx-in-memory") {
        return Err(bad(format!("expected a file, got {database:?}; MemoryStore needs none")));
    }
    // SQLite counts the timeout in an i32.
    let longest = Duration::from_millis(i32::MAX.unsigned_abs().into());
    Ok(options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(busy_timeout.min(longest))
        .statement_cache_capacity(128))
}

/// Connections to a local file neither go stale nor need a test before use. But SQLite ends a transaction by itself where the
/// disk is full or fails, and the driver then takes the connection to be within it for ever: such a one is made anew.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, _| {
            Box::pin(async move {
                // What was dropped may be about to be rolled back.
                if connection.is_in_transaction() {
                    connection.ping().await?;
                }
                Ok(!connection.is_in_transaction())
            })
        })
}

/// A limit as SQLite takes it.
fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
