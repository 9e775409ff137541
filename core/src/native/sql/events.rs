use crate::{
    error::Result,
    ids::{LocationId, OrderId},
    ports::{
        BoxFuture,
        store::{EventRow, EventStore, NewEvent},
    },
};

use super::{Connection, Store, dialect, limit};

impl EventStore for Store {
    fn events(&self, after: i64, rows: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        Box::pin(async move {
            let sql = "SELECT * FROM ghlkit_events WHERE position > $1 ORDER BY position LIMIT $2";
            Ok(sqlx::query_as(sql).bind(after).bind(limit(rows)).fetch_all(&mut *self.read().await?).await?)
        })
    }

    fn claim_events(&self, rows: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let mut claimed: Vec<EventRow> =
                sqlx::query_as(dialect::CLAIM_EVENTS).bind(limit(rows)).fetch_all(&mut *transaction).await?;
            transaction.commit().await?;
            // RETURNING promises no order.
            claimed.sort_unstable_by_key(|event| event.position);
            Ok(claimed)
        })
    }

    fn release_event(&self, position: i64) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            sqlx::query("UPDATE ghlkit_events SET told = FALSE WHERE position = $1")
                .bind(position)
                .execute(&mut *transaction)
                .await?;
            Ok(transaction.commit().await?)
        })
    }
}

/// Appends events of an order; one with a key in use is dropped.
pub(super) async fn append(
    connection: &mut Connection,
    location: &LocationId,
    order: &OrderId,
    events: &[NewEvent],
    at: i64,
) -> Result<()> {
    for event in events {
        sqlx::query(
            "INSERT INTO ghlkit_events (location_id, order_id, kind, key, payload, at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (location_id, order_id, key) DO NOTHING",
        )
        .bind(location.as_str())
        .bind(order.as_str())
        .bind(&event.kind)
        .bind(&event.key)
        .bind(&event.payload)
        .bind(at)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
