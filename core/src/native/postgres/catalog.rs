//! What PostgreSQL tells of the users' tables.

use std::collections::HashMap;

use sqlx::Row;

use super::{Connection, DbRow, migrate};
use crate::{error::Result, native::sql::TableNames};

pub(super) const MIGRATIONS: [(i64, &str, &str); 2] = [
    (1, "tables", include_str!("../../../migrations/postgres/0001_tables.sql")),
    (2, "tokens", include_str!("../../../migrations/postgres/0002_tokens.sql")),
];
pub(super) const COLUMNS: &str = include_str!("../../../migrations/postgres/columns.sql");

/// A random uuid.
pub(super) const UUID: &str = "gen_random_uuid()";

/// What an order's id may be.
pub(super) const ID_TYPES: &str = "uuid, text or an integer";

/// What statements depend on.
#[derive(Debug)]
pub(super) struct Found {
    /// The SQL of a new id of `crm_sync_log`.
    pub(super) log_id: &'static str,
    /// The SQL of a new id of `webhook_events`.
    pub(super) webhook_event_id: &'static str,
    /// By table and column, the types that text has to be cast to.
    types: HashMap<(&'static str, String), String>,
}

impl Found {
    pub(super) async fn read(connection: &mut Connection, names: &TableNames) -> Result<Self> {
        let mut types = HashMap::new();
        for (table, name) in [
            ("orders", &names.orders),
            ("crm_sync_log", &names.crm_sync_log),
            ("webhook_events", &names.webhook_events),
        ] {
            for column in columns(connection, name).await? {
                // A cast to varchar(n) would shorten the text in silence; an assignment refuses it.
                if !column.is_text {
                    types.insert((table, column.name), column.kind);
                }
            }
        }
        Ok(Self {
            log_id: new_id(connection, "crm_sync_log", &names.crm_sync_log).await?,
            webhook_event_id: new_id(connection, "webhook_events", &names.webhook_events).await?,
            types,
        })
    }

    /// An expression as the type of a column.
    pub(super) fn typed(&self, table: &'static str, column: &str, expression: &str) -> String {
        match self.types.get(&(table, column.to_owned())) {
            Some(kind) => format!("CAST({expression} AS {kind})"),
            None => expression.to_owned(),
        }
    }

    /// A parameter as the type of the orders' id; null where it is none, rather than an error.
    pub(super) fn given_id(&self, column: &str, parameter: &str) -> String {
        match self.types.get(&("orders", column.to_owned())).map(String::as_str) {
            None => parameter.to_owned(),
            Some("uuid") => format!(
                "CASE WHEN {parameter} ~ '^[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$' \
                 THEN CAST({parameter} AS uuid) END"
            ),
            Some(_) => format!(
                "CASE WHEN {parameter} ~ '^-?[0-9]{{1,19}}$' THEN \
                 CASE WHEN CAST({parameter} AS numeric) BETWEEN -9223372036854775808 AND 9223372036854775807 \
                 THEN CAST({parameter} AS bigint) END END"
            ),
        }
    }
}

/// The SQL of a new id for a table: its own default where it has one.
async fn new_id(connection: &mut Connection, key: &str, table: &str) -> Result<&'static str> {
    let columns = columns(connection, table).await?;
    match columns.iter().find(|column| column.is("id")) {
        Some(id) if id.has_default => Ok("DEFAULT"),
        // As many bits as JavaScript reads exactly.
        Some(id) if id.kind == "bigint" => Ok("floor(random() * 9007199254740991)::bigint"),
        Some(_) => Ok(UUID),
        None => Err(migrate::without_id(key, table)),
    }
}

/// Whether a name is a table's, and not a view's.
pub(super) async fn is_table(connection: &mut Connection, name: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class \
               WHERE oid = to_regclass(quote_ident($1)) AND relkind IN ('r', 'p'))";
    Ok(sqlx::query_scalar(sql).bind(name).fetch_one(connection).await?)
}

/// A column as PostgreSQL describes it.
pub(super) struct Column {
    pub(super) name: String,
    /// As a cast spells it.
    pub(super) kind: String,
    is_text: bool,
    has_default: bool,
    pub(super) in_primary_key: bool,
}

impl Column {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// The type of a column that refers to this one.
    pub(super) fn kind_to_refer_to(&self) -> &str {
        &self.kind
    }

    pub(super) fn serves_as_id(&self) -> bool {
        self.is_text || ["uuid", "bigint", "integer", "smallint"].contains(&self.kind.as_str())
    }
}

pub(super) async fn columns(connection: &mut Connection, table: &str) -> Result<Vec<Column>> {
    let rows = sqlx::query(
        "SELECT CAST(a.attname AS TEXT) AS name, format_type(a.atttypid, a.atttypmod) AS kind, \
         t.typcategory = 'S' AS is_text, a.atthasdef OR a.attidentity <> '' AS has_default, \
         COALESCE(a.attnum = ANY(i.indkey), FALSE) AS in_primary_key FROM pg_catalog.pg_attribute a \
         JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
         LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary \
         WHERE a.attrelid = to_regclass(quote_ident($1)) AND a.attnum > 0 AND NOT a.attisdropped",
    )
    .bind(table)
    .fetch_all(connection)
    .await?;
    let column = |row: &DbRow| -> Result<Column> {
        Ok(Column {
            name: row.try_get("name")?,
            kind: row.try_get("kind")?,
            is_text: row.try_get("is_text")?,
            has_default: row.try_get("has_default")?,
            in_primary_key: row.try_get("in_primary_key")?,
        })
    };
    rows.iter().map(column).collect()
}
