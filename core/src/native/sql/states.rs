use crate::{
    error::Result,
    ids::LocationId,
    ports::{
        BoxFuture,
        store::{WalkRow, WalkStore},
    },
};

use super::Store;

impl WalkStore for Store {
    fn walk<'a>(&'a self, location: &'a LocationId, name: &'a str) -> BoxFuture<'a, Result<Option<WalkRow>>> {
        Box::pin(async move {
            let sql = "SELECT version, state FROM ghlkit_walks WHERE location_id = $1 AND name = $2";
            let query = sqlx::query_as(sql).bind(location.as_str()).bind(name);
            let row: Option<(i64, String)> = query.fetch_optional(&mut *self.read().await?).await?;
            Ok(row.map(|(version, state)| WalkRow { version, state }))
        })
    }

    fn swap_walk<'a>(
        &'a self,
        location: &'a LocationId,
        name: &'a str,
        expected: Option<i64>,
        row: WalkRow,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let sql = match expected {
                None => {
                    "INSERT INTO ghlkit_walks (location_id, name, version, state) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT DO NOTHING"
                }
                Some(_) => {
                    "UPDATE ghlkit_walks SET version = $3, state = $4 \
                     WHERE location_id = $1 AND name = $2 AND version = $5"
                }
            };
            let query = sqlx::query(sql).bind(location.as_str()).bind(name).bind(row.version).bind(row.state);
            self.write_one(match expected {
                Some(expected) => query.bind(expected),
                None => query,
            })
            .await
        })
    }
}
