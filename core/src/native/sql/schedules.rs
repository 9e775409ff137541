use crate::{
    error::Result,
    ports::{
        BoxFuture,
        store::{ScheduleRow, ScheduleStore},
    },
};

use super::Store;

impl ScheduleStore for Store {
    fn schedule<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<ScheduleRow>>> {
        Box::pin(async move {
            let query = sqlx::query_as("SELECT * FROM ghlkit_schedules WHERE name = $1").bind(name);
            Ok(query.fetch_optional(&mut *self.read().await?).await?)
        })
    }

    fn swap_schedule<'a>(
        &'a self,
        name: &'a str,
        expected: Option<i64>,
        row: ScheduleRow,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let sql = match expected {
                None => {
                    "INSERT INTO ghlkit_schedules (name, version, cron, time_zone, next_at, due_at, token, until, \
                     ended_at, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING"
                }
                Some(_) => {
                    "UPDATE ghlkit_schedules SET version = $2, cron = $3, time_zone = $4, next_at = $5, due_at = $6, \
                     token = $7, until = $8, ended_at = $9, error = $10 WHERE name = $1 AND version = $11"
                }
            };
            let firing = row.firing.as_ref();
            let query = sqlx::query(sql)
                .bind(name)
                .bind(row.version)
                .bind(row.cron)
                .bind(row.time_zone)
                .bind(row.next_at)
                .bind(firing.map(|firing| firing.due_at))
                .bind(firing.map(|firing| firing.token.clone()))
                .bind(firing.map(|firing| firing.until))
                .bind(row.ended_at)
                .bind(row.error);
            self.write_one(match expected {
                Some(expected) => query.bind(expected),
                None => query,
            })
            .await
        })
    }
}
