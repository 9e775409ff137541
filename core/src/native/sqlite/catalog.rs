//! What SQLite tells of the users' tables.

use sqlx::Row;

use super::{Connection, DbRow, migrate};
use crate::{error::Result, native::sql::TableNames};

pub(super) const MIGRATIONS: [(i64, &str, &str); 9] = [
    (1, "tables", include_str!("../../../migrations/sqlite/0001_tables.sql")),
    (2, "tokens", include_str!("../../../migrations/sqlite/0002_tokens.sql")),
    (3, "limits", include_str!("../../../migrations/sqlite/0003_limits.sql")),
    (4, "seen", include_str!("../../../migrations/sqlite/0004_seen.sql")),
    (5, "known_status", include_str!("../../../migrations/sqlite/0005_known_status.sql")),
    (6, "states", include_str!("../../../migrations/sqlite/0006_states.sql")),
    (7, "bookings", include_str!("../../../migrations/sqlite/0007_bookings.sql")),
    (8, "deliveries", include_str!("../../../migrations/sqlite/0008_deliveries.sql")),
    (9, "inbox_copies", include_str!("../../../migrations/sqlite/0009_inbox_copies.sql")),
];
pub(super) const COLUMNS: &str = include_str!("../../../migrations/sqlite/columns.sql");

/// A random uuid (version 4) as text.
pub(super) const UUID: &str = "lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || \
     substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', 1 + abs(random() % 4), 1) || \
     substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)))";

/// What an order's id may be.
pub(super) const ID_TYPES: &str = "text or an integer";

/// What statements depend on.
#[derive(Debug)]
pub(super) struct Found {
    /// The SQL of a new id of `crm_sync_log`.
    pub(super) log_id: &'static str,
    /// The SQL of a new id of `webhook_events`.
    pub(super) webhook_event_id: &'static str,
}

impl Found {
    pub(super) async fn read(connection: &mut Connection, names: &TableNames) -> Result<Self> {
        Ok(Self {
            log_id: new_id(connection, "crm_sync_log", &names.crm_sync_log).await?,
            webhook_event_id: new_id(connection, "webhook_events", &names.webhook_events).await?,
        })
    }

    /// An expression as the type of a column, which converts what it is compared with or given.
    #[expect(clippy::unused_self, reason = "the other database has to be told the type")]
    pub(super) fn typed(&self, _table: &str, _column: &str, expression: &str) -> String {
        expression.to_owned()
    }

    /// A parameter as the type of the orders' id.
    #[expect(clippy::unused_self, reason = "the other database has to be told the type")]
    pub(super) fn given_id(&self, _column: &str, parameter: &str) -> String {
        parameter.to_owned()
    }
}

/// The SQL of a new id for a table: SQLite itself numbers an `INTEGER PRIMARY KEY`, and no other type.
async fn new_id(connection: &mut Connection, key: &str, table: &str) -> Result<&'static str> {
    let columns = columns(connection, table).await?;
    match columns.iter().find(|column| column.is("id")) {
        Some(id) if id.kind == "INTEGER" && id.in_primary_key => Ok("NULL"),
        // As many bits as JavaScript reads exactly.
        Some(id) if id.kind.contains("INT") => Ok("random() & 9007199254740991"),
        Some(_) => Ok(UUID),
        None => Err(migrate::without_id(key, table)),
    }
}

/// Whether a name is a table's, and not a view's.
pub(super) async fn is_table(connection: &mut Connection, name: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1 COLLATE NOCASE)";
    Ok(sqlx::query_scalar(sql).bind(name).fetch_one(connection).await?)
}

/// What this process may not do: a file that it can write, it can write all of.
#[expect(clippy::unused_async, reason = "the other database asks its server")]
pub(super) async fn lacking(_: &mut Connection, _: &TableNames) -> Result<Vec<String>> {
    Ok(Vec::new())
}

/// A table as statements spell it: one database has one place for it.
#[expect(clippy::unused_async, reason = "the other database asks its server")]
pub(super) async fn place(_: &mut Connection, name: &str) -> Result<String> {
    Ok(format!("\"{name}\""))
}

/// A column as SQLite describes it, its declared type in upper case.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) in_primary_key: bool,
}

impl Column {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The type of a column that refers to this one.
    pub(super) fn kind_to_refer_to(&self) -> &str {
        if self.kind.contains("INT") { "INTEGER" } else { "TEXT" }
    }

    pub(super) fn serves_as_id(&self) -> bool {
        !self.kind.contains("BLOB")
    }
}

pub(super) async fn columns(connection: &mut Connection, table: &str) -> Result<Vec<Column>> {
    let rows = sqlx::query("SELECT name, upper(type) AS kind, pk > 0 AS keyed FROM pragma_table_info($1)")
        .bind(table)
        .fetch_all(connection)
        .await?;
    let column = |row: &DbRow| -> Result<Column> {
        Ok(Column {
            name: row.try_get("name")?,
            kind: row.try_get("kind")?,
            in_primary_key: row.try_get("keyed")?,
        })
    };
    rows.iter().map(column).collect()
}
