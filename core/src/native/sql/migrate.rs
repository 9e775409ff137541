//! Migrations: forward only, repeatable, applied at open inside the caller's transaction.

use sqlx::{
    AssertSqlSafe,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use super::{
    Connection,
    catalog::{self, COLUMNS, Column, Found, MIGRATIONS, columns},
};
use crate::{
    error::{Code, Error, Result},
    native::sql::TableNames,
};

/// What the migrated database is like.
#[derive(Debug)]
pub(super) struct Migrated {
    /// Whether a migration made the orders table, so that orders are inserted into it.
    pub(super) orders_made: bool,
    /// The types of the users' columns.
    pub(super) found: Found,
}

pub(super) async fn run(connection: &mut Connection, names: &TableNames) -> Result<Migrated> {
    let orders = columns(connection, &names.orders).await?;
    check_orders(connection, names, &orders).await?;
    // An order id can be referred to only where it is the whole primary key.
    let mut keys = orders.iter().filter(|column| column.in_primary_key);
    let reference = match (keys.next(), keys.next()) {
        (None, _) if orders.is_empty() => names.render("TEXT REFERENCES {orders} ({id})"),
        (Some(key), None) if key.is(&names.id) => {
            format!("{} REFERENCES {}", key.kind_to_refer_to(), names.render("{orders} ({id})"))
        }
        _ => "TEXT".to_owned(),
    };
    let places = Places::find(connection, names).await?;
    // `run` takes any `Acquire`, which costs the future its `Send`.
    migrator(names, &places, &reference)
        .run_direct(None, connection, false)
        .await
        .map_err(migration_error)?;
    add_columns(connection, names).await?;
    // The first write of this open, where nothing was to be migrated: a read-only database shows itself here.
    sqlx::query("UPDATE ghlkit_meta SET value = value WHERE name = 'orders_made'")
        .execute(&mut *connection)
        .await?;
    let orders_made: i64 = sqlx::query_scalar("SELECT value FROM ghlkit_meta WHERE name = 'orders_made'")
        .fetch_one(&mut *connection)
        .await?;
    if columns(connection, &names.orders).await?.is_empty() {
        return Err(Error::config(
            "tables.orders",
            format_args!("the shop's orders; this database has no table {:?}", names.orders),
        ));
    }
    Ok(Migrated { orders_made: orders_made != 0, found: Found::read(connection, names).await? })
}

/// The users' tables as statements that make what is missing spell them. One that is there need not lie where a new
/// one would be made.
struct Places([(&'static str, String); 3]);

impl Places {
    async fn find(connection: &mut Connection, names: &TableNames) -> Result<Self> {
        let TableNames { orders, crm_sync_log, webhook_events, .. } = names;
        Ok(Self([
            ("{orders}", catalog::place(connection, orders).await?),
            ("{crm_sync_log}", catalog::place(connection, crm_sync_log).await?),
            ("{webhook_events}", catalog::place(connection, webhook_events).await?),
        ]))
    }

    fn render(&self, template: &str) -> String {
        self.0.iter().fold(template.to_owned(), |sql, (key, place)| {
            let text = format!("'{}'", place.replace('\'', "''"));
            sql.replace(&format!("'{key}'"), &text).replace(key, place)
        })
    }
}

/// A migration is known by its template: other names or another id type do not make it another one.
fn migrator(names: &TableNames, places: &Places, order_reference: &str) -> Migrator {
    let render = |template: &str| {
        let template = places
            .render(template)
            .replace("{orders_text}", &format!("'{}'", names.orders))
            .replace("{order_reference}", order_reference)
            .replace("{uuid}", catalog::UUID);
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
    // The caller's transaction keeps other processes out.
    migrator.set_locking(false);
    migrator
}

async fn add_columns(connection: &mut Connection, names: &TableNames) -> Result<()> {
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

async fn check_orders(connection: &mut Connection, names: &TableNames, orders: &[Column]) -> Result<()> {
    if orders.is_empty() {
        return Ok(());
    }
    let table = &names.orders;
    if !catalog::is_table(connection, table).await? {
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
    match orders.iter().find(|column| column.is(&names.id) && !column.serves_as_id()) {
        Some(id) => Err(Error::config(
            "tables.id",
            format_args!("the order's id; expected {}, but {:?} is {}", catalog::ID_TYPES, id.name, id.kind),
        )),
        None => Ok(()),
    }
}

/// The error of a users' table that has no column `id`.
pub(super) fn without_id(key: &str, table: &str) -> Error {
    Error::config(
        format!("tables.{key}"),
        format_args!("expected a table with a column id, but {table:?} has none"),
    )
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
