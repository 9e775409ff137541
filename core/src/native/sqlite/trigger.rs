//! The trigger that notices changes of status. SQLite keeps one with the table it watches.

use sqlx::AssertSqlSafe;

use super::Connection;
use crate::{error::Result, native::sql::TableNames};

const TEMPLATE: &str = include_str!("../../../migrations/sqlite/status_trigger.sql");

/// The time in epoch milliseconds; `unixepoch` knows fractions since SQLite 3.42 only.
const NOW: &str = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";

pub(super) async fn install(connection: &mut Connection, names: &TableNames) -> Result<()> {
    let sql = names.render(&TEMPLATE.replace("{now}", NOW));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

pub(super) async fn remove(connection: &mut Connection) -> Result<()> {
    sqlx::query("DROP TRIGGER IF EXISTS ghlkit_status").execute(connection).await?;
    Ok(())
}
