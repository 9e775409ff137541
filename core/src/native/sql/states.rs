use crate::{
    error::Result,
    ports::{
        BoxFuture,
        store::{Inspection, StateRow, StateStore},
    },
};

use super::Store;

impl StateStore for Store {
    fn state<'a>(&'a self, kind: &'a str, name: &'a str) -> BoxFuture<'a, Result<Option<StateRow>>> {
        Box::pin(async move {
            let sql = "SELECT version, state FROM ghlkit_states WHERE kind = $1 AND name = $2";
            let query = sqlx::query_as(sql).bind(kind).bind(name);
            let row: Option<(i64, String)> =
                self.alone(async { Ok(query.fetch_optional(&mut *self.reader().await?).await?) }).await?;
            Ok(row.map(|(version, state)| StateRow { version, state }))
        })
    }

    fn swap_state<'a>(
        &'a self,
        kind: &'a str,
        name: &'a str,
        expected: Option<i64>,
        row: StateRow,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let sql = match expected {
                None => {
                    "INSERT INTO ghlkit_states (kind, name, version, state) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT DO NOTHING"
                }
                Some(_) => {
                    "UPDATE ghlkit_states SET version = $3, state = $4 \
                     WHERE kind = $1 AND name = $2 AND version = $5"
                }
            };
            let query = sqlx::query(sql).bind(kind).bind(name).bind(row.version).bind(row.state);
            self.write_one(match expected {
                Some(expected) => query.bind(expected),
                None => query,
            })
            .await
        })
    }

    fn inspect(&self) -> BoxFuture<'_, Result<Inspection>> {
        Box::pin(self.inspected())
    }
}
