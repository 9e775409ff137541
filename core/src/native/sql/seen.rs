use crate::{
    error::Result,
    ports::{
        BoxFuture,
        store::{Claim, SeenKey, SeenStore},
    },
};

use super::{Store, dialect::FORGET_SEEN};

impl SeenStore for Store {
    fn claim<'a>(&'a self, key: SeenKey<'a>, now: i64, until: i64) -> BoxFuture<'a, Result<Claim>> {
        Box::pin(async move {
            let claim = sqlx::query(
                "INSERT INTO ghlkit_seen AS s (receiver, event, handled, until) VALUES ($1, $2, FALSE, $4) \
                 ON CONFLICT (receiver, event) DO UPDATE SET handled = FALSE, until = excluded.until \
                 WHERE s.until <= $3",
            );
            let claim = claim.bind(key.receiver).bind(key.event).bind(now).bind(until);
            if self.write_one(claim).await? {
                return Ok(Claim::New);
            }
            // One that was given up or forgotten since is for whoever asks next.
            let handled =
                sqlx::query_scalar("SELECT handled FROM ghlkit_seen WHERE receiver = $1 AND event = $2")
                    .bind(key.receiver)
                    .bind(key.event)
                    .fetch_optional(&mut *self.read().await?)
                    .await?;
            Ok(if handled.unwrap_or(false) { Claim::Seen } else { Claim::Busy })
        })
    }

    fn remember<'a>(&'a self, key: SeenKey<'a>, now: i64, keep_until: i64) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            sqlx::query(
                "INSERT INTO ghlkit_seen AS s (receiver, event, handled, until) VALUES ($1, $2, TRUE, $3) \
                 ON CONFLICT (receiver, event) DO UPDATE SET handled = TRUE, until = excluded.until",
            )
            .bind(key.receiver)
            .bind(key.event)
            .bind(keep_until)
            .execute(&mut *transaction)
            .await?;
            // More is forgotten than is remembered, so that the table is as large as what it is for.
            sqlx::query(FORGET_SEEN).bind(now).execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok(())
        })
    }

    fn release<'a>(&'a self, key: SeenKey<'a>, until: i64) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let sql = "DELETE FROM ghlkit_seen \
                       WHERE receiver = $1 AND event = $2 AND until = $3 AND NOT handled";
            self.write_one(sqlx::query(sql).bind(key.receiver).bind(key.event).bind(until)).await?;
            Ok(())
        })
    }
}
