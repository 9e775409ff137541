//! The database a configuration names, whichever it is.

use std::sync::Arc;

#[cfg(feature = "postgres")]
use super::postgres::{PostgresOptions, PostgresStore};
#[cfg(feature = "sqlite")]
use super::sqlite::{SqliteOptions, SqliteStore};
use crate::{
    config::DatabaseUrl,
    error::{Error, Result},
    ports::store::{Inspection, LimitStore, SeenStore, Store, TokenStore},
};

/// How to open a database of either kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseOptions {
    /// Where it is a SQLite file.
    #[cfg(feature = "sqlite")]
    pub sqlite: SqliteOptions,
    /// Where it is a PostgreSQL server's.
    #[cfg(feature = "postgres")]
    pub postgres: PostgresOptions,
}

/// A store, opened by its URL. Clones share their connections.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Database {
    /// A SQLite file.
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteStore),
    /// A PostgreSQL database.
    #[cfg(feature = "postgres")]
    Postgres(PostgresStore),
}

impl Database {
    /// Opens what a URL names: `sqlite:FILE`, which is made if it is not there, or `postgres://…`. Either is
    /// migrated as needed.
    ///
    /// # Errors
    /// As [`SqliteStore::open`] and [`PostgresStore::open`], naming the setting that the URL came from; `config`
    /// where the URL names a database that this build has no store for.
    pub async fn open(url: &DatabaseUrl, options: DatabaseOptions) -> Result<Self> {
        Self::open_text(url.expose(), options)
            .await
            .map_err(|error| error.renamed("DATABASE_URL", url.setting()))
    }

    /// What a URL names is like, as [`Database::open`] would find it. Nothing is made, migrated or changed.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn inspect(url: &DatabaseUrl, options: &DatabaseOptions) -> Result<Inspection> {
        Self::inspect_text(url.expose(), options)
            .await
            .map_err(|error| error.renamed("DATABASE_URL", url.setting()))
    }

    async fn inspect_text(url: &str, options: &DatabaseOptions) -> Result<Inspection> {
        #[cfg(feature = "postgres")]
        if is_postgres(url) {
            return PostgresStore::inspect(url, &options.postgres).await;
        }
        #[cfg(feature = "sqlite")]
        if !is_postgres(url) {
            return SqliteStore::inspect(url, &options.sqlite).await;
        }
        Err(not_built(url))
    }

    async fn open_text(url: &str, options: DatabaseOptions) -> Result<Self> {
        #[cfg(feature = "postgres")]
        if is_postgres(url) {
            return Ok(Self::Postgres(PostgresStore::open(url, options.postgres).await?));
        }
        #[cfg(feature = "sqlite")]
        if !is_postgres(url) {
            return Ok(Self::Sqlite(SqliteStore::open(url, options.sqlite).await?));
        }
        Err(not_built(url))
    }

    /// What the engine keeps its orders and jobs in.
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Arc::new(store.clone()),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Arc::new(store.clone()),
        }
    }

    /// What an app keeps its tokens in.
    pub fn tokens(&self) -> Arc<dyn TokenStore> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Arc::new(store.clone()),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Arc::new(store.clone()),
        }
    }

    /// What processes share the limits of locations through.
    pub fn limits(&self) -> Arc<dyn LimitStore> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Arc::new(store.clone()),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Arc::new(store.clone()),
        }
    }

    /// What receivers of webhooks remember those they have handled in.
    pub fn seen(&self) -> Arc<dyn SeenStore> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Arc::new(store.clone()),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Arc::new(store.clone()),
        }
    }

    /// From now on every change of a known order's status becomes an intent, in the transaction of whoever makes it.
    /// Again, it does nothing.
    ///
    /// # Errors
    /// `store`.
    pub async fn install_status_trigger(&self) -> Result<()> {
        self.store().install_status_trigger().await
    }

    /// Ends that. Again, it does nothing.
    ///
    /// # Errors
    /// `store`.
    pub async fn remove_status_trigger(&self) -> Result<()> {
        self.store().remove_status_trigger().await
    }

    /// Closes all connections, after which every operation fails with `store`.
    pub async fn close(&self) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => store.close().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.close().await,
        }
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

fn not_built(url: &str) -> Error {
    let feature = if is_postgres(url) { "postgres" } else { "sqlite" };
    Error::config(
        "DATABASE_URL",
        format_args!("the database; it needs the feature {feature:?} of ghlkit, which this build lacks"),
    )
}
