//! Migrations: forward only, repeatable, applied at open inside the caller's transaction.

use sqlx::{
    AssertSqlSafe, Row, SqliteConnection,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use crate::error::{Code, Error, Result};

use super::{names::TableNames, sql::UUID};

const MIGRATIONS: [(i64, &str, &str); 2] = [
    (1, "tables", include_str!("../../../migrations/sqlite/0001_tables.sql")),
    (2, "tokens", include_str!("../../../migrations/sqlite/0002_tokens.sql")),
];
const COLUMNS: &str = include_str!("../../../migrations/sqlite/columns.sql");

/// What the migrated database is like.
#[derive(Debug)]
pub(super) struct Found {
    /// Whether a migration made the orders table, so that orders are inserted into it.
    pub(super) orders_made: bool,
    /// The SQL of a new id of `crm_sync_log`.
    pub(super) log_id: &'static str,
    /// The SQL of a new id of `webhook_events`.
    pub(super) webhook_event_id: &'static str,
}

pub(super) async fn run(connection: &mut SqliteConnection, names: &TableNames) -> Result<Found> {
    let orders = columns(connection, &names.orders).await?;
    check_orders(connection, names, &orders).await?;
    // An order id can be referred to only where it is the whole primary key.
    let mut keys = orders.iter().filter(|column| column.in_primary_key);
    let reference = match (keys.next(), keys.next()) {
        (None, _) if orders.is_empty() => names.render("TEXT REFERENCES {orders} ({id})"),
        (Some(key), None) if key.is(&names.id) => {
            format!("{} REFERENCES {}", key.kind_or_text(), names.render("{orders} ({id})"))
        }
        _ => "TEXT".to_owned(),
    };
    // `run` takes any `Acquire`, which costs the future its `Send`.
    migrator(names, &reference).run_direct(None, connection, false).await.map_err(migration_error)?;
    add_columns(connection, names).await?;
    // The first write of this open, where nothing was to be migrated: a read-only file shows itself here.
    sqlx::query("UPDATE ghlkit_meta SET value = value WHERE name = 'commit_seq'")
        .execute(&mut *connection)
        .await?;
    let orders_made: bool = sqlx::query_scalar("SELECT value FROM ghlkit_meta WHERE name = 'orders_made'")
        .fetch_one(&mut *connection)
        .await?;
    if columns(connection, &names.orders).await?.is_empty() {
        return Err(Error::config(
            "tables.orders",
            format_args!("the shop's orders; this database has no table {:?}", names.orders),
        ));
    }
    Ok(Found {
        orders_made,
        log_id: new_id(connection, "crm_sync_log", &names.crm_sync_log).await?,
        webhook_event_id: new_id(connection, "webhook_events", &names.webhook_events).await?,
    })
}

/// A migration is known by its template: other names or another id type do not make it another one.
fn migrator(names: &TableNames, order_reference: &str) -> Migrator {
    let render = |template: &str| {
        let template = template
            .replace("{orders_text}", &format!("'{}'", names.orders))
            .replace("{order_reference}", order_reference)
            .replace("{uuid}", UUID);
        AssertSqlSafe(names.render(&template))
    };
    let migrations = MIGRATIONS.iter().map(|(version, description, template)| {
        let kind = MigrationType::Simple;
        let template_sql = sqlx::SqlSafeStr::into_sql_str(*template);
        let mut migration = Migration::new(*version, (*description).into(), kind, template_sql, false);
        migration.sql = sqlx::SqlSafeStr::into_sql_str(render(template));
        migration
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    migrator.dangerous_set_table_name("ghlkit_migrations");
    migrator
}

async fn add_columns(connection: &mut SqliteConnection, names: &TableNames) -> Result<()> {
    for (table, name) in [
        ("{orders}", &names.orders),
        ("{crm_sync_log}", &names.crm_sync_log),
        ("{webhook_events}", &names.webhook_events),
    ] {
        let present = columns(connection, name).await?;
        let start = format!("ALTER TABLE {table} ADD COLUMN ");
        for line in COLUMNS.lines() {
            let Some(definition) = line.strip_prefix(&start) else { continue };
            let column = names.render(definition.split_whitespace().next().unwrap_or_default());
            if !present.iter().any(|known| known.is(column.trim_matches('"'))) {
                sqlx::query(AssertSqlSafe(names.render(line))).execute(&mut *connection).await?;
            }
        }
    }
    Ok(())
}

async fn check_orders(
    connection: &mut SqliteConnection,
    names: &TableNames,
    orders: &[Column],
) -> Result<()> {
    if orders.is_empty() {
        return Ok(());
    }
    let table = &names.orders;
    let is_table: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE)",
    )
    .bind(table)
    .fetch_one(&mut *connection)
    .await?;
    if !is_table {
        return Err(Error::config(
            "tables.orders",
            format_args!("the shop's orders; expected a table, but {table:?} is a view"),
        ));
    }
    for (key, name) in [("id", &names.id), ("status", &names.status)] {
        if !orders.iter().any(|column| column.is(name)) {
            return Err(Error::config(
                format!("tables.{key}"),
                format_args!("the order's {key}; the table {table:?} has no column {name:?}"),
            ));
        }
    }
    match orders.iter().find(|column| column.is(&names.id) && column.kind.contains("BLOB")) {
        Some(id) => Err(Error::config(
            "tables.id",
            format_args!("the order's id; expected text or an integer, but {:?} is {}", id.name, id.kind),
        )),
        None => Ok(()),
    }
}

/// The SQL of a new id for a table: SQLite itself numbers an `INTEGER PRIMARY KEY`, and no other type.
async fn new_id(connection: &mut SqliteConnection, key: &str, table: &str) -> Result<&'static str> {
    let columns = columns(connection, table).await?;
    match columns.iter().find(|column| column.is("id")) {
        Some(id) if id.kind == "INTEGER" && id.in_primary_key => Ok("NULL"),
        // As many bits as JavaScript reads exactly.
        Some(id) if id.kind.contains("INT") => Ok("random() & 9007199254740991"),
        Some(_) => Ok(UUID),
        None => Err(Error::config(
            format!("tables.{key}"),
            format_args!("expected a table with a column id, but {table:?} has none"),
        )),
    }
}

/// A column as SQLite describes it, its declared type in upper case.
struct Column {
    name: String,
    kind: String,
    in_primary_key: bool,
}

impl Column {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    fn kind_or_text(&self) -> &str {
        if self.kind.contains("INT") { "INTEGER" } else { "TEXT" }
    }
}

async fn columns(connection: &mut SqliteConnection, table: &str) -> Result<Vec<Column>> {
    let rows = sqlx::query("SELECT name, upper(type) AS kind, pk > 0 AS keyed FROM pragma_table_info(?1)")
        .bind(table)
        .fetch_all(connection)
        .await?;
    let column = |row: &sqlx::sqlite::SqliteRow| -> Result<Column> {
        Ok(Column {
            name: row.try_get("name")?,
            kind: row.try_get("kind")?,
            in_primary_key: row.try_get("keyed")?,
        })
    };
    rows.iter().map(column).collect()
}

fn migration_error(error: MigrateError) -> Error {
    match error {
        MigrateError::VersionMissing(version) => Error::config(
            "DATABASE_URL",
            format_args!(
                "the database was migrated by a newer version of ghlkit (migration {version}); \
                 use that version"
            ),
        ),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => Error::new(Code::Store, format!("the database could not be migrated: {other}")),
    }
}
