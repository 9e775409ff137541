//! What a database is like. Nothing is changed by looking.

use super::{
    Connection, DATABASE,
    catalog::{self, MIGRATIONS, columns},
};
use crate::{error::Result, native::sql::TableNames, ports::store::Inspection};

pub(super) async fn inspect(connection: &mut Connection, names: &TableNames) -> Result<Inspection> {
    let begun = !columns(connection, "ghlkit_migrations").await?.is_empty();
    let applied: Vec<i64> = if begun {
        let sql = "SELECT version FROM ghlkit_migrations WHERE success";
        sqlx::query_scalar(sql).fetch_all(&mut *connection).await?
    } else {
        Vec::new()
    };
    let known = |version: &i64| MIGRATIONS.iter().any(|(own, ..)| own == version);
    Ok(Inspection {
        kind: DATABASE,
        pending: MIGRATIONS.iter().filter(|(own, ..)| !applied.contains(own)).count(),
        newer: !applied.iter().all(known),
        applied: applied.len(),
        lacking: catalog::lacking(connection, names).await?,
    })
}
