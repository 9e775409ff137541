//! The trigger that notices changes of status, and the function that it calls.

use sqlx::AssertSqlSafe;

use super::{Connection, catalog, dialect};
use crate::{error::Result, native::sql::TableNames};

const FUNCTION: &str = include_str!("../../../migrations/postgres/status_trigger.sql");

const TRIGGER: &str = "CREATE TRIGGER ghlkit_status AFTER UPDATE ON {orders} FOR EACH ROW \
     WHEN (OLD.{status} IS DISTINCT FROM NEW.{status}) EXECUTE FUNCTION ghlkit_status_changed()";

/// The schema of ghlkit's tables, and whether the orders, perhaps of another, have the trigger.
const FOUND: &str = "SELECT quote_ident(nspname), EXISTS (SELECT 1 FROM pg_catalog.pg_trigger \
     WHERE tgrelid = to_regclass(quote_ident($1)) AND tgname = 'ghlkit_status') FROM pg_catalog.pg_class ours \
     JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace WHERE ours.oid = to_regclass('ghlkit_orders')";

pub(super) async fn install(connection: &mut Connection, names: &TableNames) -> Result<()> {
    dialect::hold(connection, vec!["migrations".to_owned()]).await?;
    let (schema, installed): (String, bool) =
        sqlx::query_as(FOUND).bind(&names.orders).fetch_one(&mut *connection).await?;
    let orders = catalog::place(connection, &names.orders).await?;
    let function = names.render(&FUNCTION.replace("{schema}", &schema).replace("{orders}", &orders));
    sqlx::raw_sql(AssertSqlSafe(function)).execute(&mut *connection).await?;
    // Making a trigger waits for all who write to the table.
    if !installed {
        sqlx::query(AssertSqlSafe(names.render(TRIGGER))).execute(connection).await?;
    }
    Ok(())
}

pub(super) async fn remove(connection: &mut Connection) -> Result<()> {
    dialect::hold(connection, vec!["migrations".to_owned()]).await?;
    // And with it the trigger, on whichever table.
    sqlx::query("DROP FUNCTION IF EXISTS ghlkit_status_changed() CASCADE").execute(connection).await?;
    Ok(())
}
