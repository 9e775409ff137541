use crate::{
    error::Result,
    ids::LocationId,
    ports::{
        BoxFuture,
        store::{LimitRow, LimitStore},
    },
};

use super::{Store, dialect::LIMIT_ROW};

impl LimitStore for Store {
    fn limit_row<'a>(
        &'a self,
        scope: &'a str,
        location: &'a LocationId,
        now: i64,
    ) -> BoxFuture<'a, Result<(i64, Option<LimitRow>)>> {
        Box::pin(async move {
            let query = sqlx::query_as(LIMIT_ROW).bind(scope).bind(location.as_str()).bind(now);
            let (now, version, state): (i64, Option<i64>, Option<String>) =
                self.alone(async { Ok(query.fetch_one(&mut *self.reader().await?).await?) }).await?;
            Ok((now, version.zip(state).map(|(version, state)| LimitRow { version, state })))
        })
    }

    fn swap_limit<'a>(
        &'a self,
        scope: &'a str,
        location: &'a LocationId,
        expected: Option<i64>,
        row: LimitRow,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let sql = match expected {
                None => {
                    "INSERT INTO ghlkit_limits (scope, location_id, version, state) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT DO NOTHING"
                }
                Some(_) => {
                    "UPDATE ghlkit_limits SET version = $3, state = $4 \
                     WHERE scope = $1 AND location_id = $2 AND version = $5"
                }
            };
            let LimitRow { version, state } = row;
            let query = sqlx::query(sql).bind(scope).bind(location.as_str()).bind(version).bind(state);
            self.write_one(match expected {
                Some(expected) => query.bind(expected),
                None => query,
            })
            .await
        })
    }
}
