use sqlx::QueryBuilder;

use crate::{
    error::Result,
    ports::{
        BoxFuture,
        store::{
            DeliveryCount, DeliveryFilter, DeliveryLease, DeliveryOutcome, DeliveryRow, DeliveryState,
            DeliveryStore, EventRow, NewDelivery,
        },
    },
};

use super::{Connection, Db, Store, dialect, limit};

impl DeliveryStore for Store {
    fn unplanned_events(&self, rows: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        Box::pin(async move {
            let sql = "SELECT * FROM ghlkit_events WHERE NOT planned ORDER BY position LIMIT $1";
            Ok(sqlx::query_as(sql).bind(limit(rows)).fetch_all(&mut *self.read().await?).await?)
        })
    }

    fn plan_event(&self, position: i64, deliveries: Vec<NewDelivery>, now: i64) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            for delivery in &deliveries {
                insert(&mut transaction, delivery, now).await?;
            }
            let sql = "UPDATE ghlkit_events SET planned = TRUE WHERE position = $1";
            sqlx::query(sql).bind(position).execute(&mut *transaction).await?;
            Ok(transaction.commit().await?)
        })
    }

    fn insert_delivery(&self, delivery: NewDelivery, now: i64) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let inserted = insert(&mut transaction, &delivery, now).await?;
            transaction.commit().await?;
            self.wake().await;
            Ok(inserted)
        })
    }

    fn lease_deliveries(&self, lease: DeliveryLease) -> BoxFuture<'_, Result<Vec<DeliveryRow>>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let mut due = due(&mut transaction, &lease).await?;
            for row in &mut due {
                row.begin_lease(&lease);
                save(&mut transaction, row).await?;
            }
            transaction.commit().await?;
            Ok(due)
        })
    }

    fn delivery_leaves<'a>(&'a self, id: i64, token: &'a str, now: i64) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            self.change(id, |row| {
                let held = row.is_held(token, now);
                if held {
                    row.sent_at = Some(now);
                }
                held
            })
            .await
        })
    }

    fn settle_delivery<'a>(
        &'a self,
        id: i64,
        token: &'a str,
        outcome: DeliveryOutcome,
        now: i64,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            self.change(id, |row| {
                let held = row.is_leased_by(token);
                if held {
                    row.settle(outcome, now);
                }
                held
            })
            .await
        })
    }

    fn deliveries(&self, filter: DeliveryFilter) -> BoxFuture<'_, Result<Vec<DeliveryRow>>> {
        Box::pin(async move {
            Ok(sqlx::query_as(
                "SELECT * FROM ghlkit_deliveries WHERE id > $1 AND ($2 IS NULL OR location_id = $2) \
                 AND ($3 IS NULL OR order_id = $3) AND ($4 IS NULL OR channel = $4) \
                 AND ($5 IS NULL OR state = $5) ORDER BY id LIMIT $6",
            )
            .bind(filter.after)
            .bind(filter.location.as_ref().map(AsRef::as_ref))
            .bind(filter.order.as_ref().map(AsRef::as_ref))
            .bind(filter.channel.as_deref())
            .bind(filter.state.map(DeliveryState::as_str))
            .bind(limit(filter.most()))
            .fetch_all(&mut *self.read().await?)
            .await?)
        })
    }

    fn replay_delivery(&self, id: i64, now: i64) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move { self.change(id, |row| row.replay(now)).await })
    }

    fn next_delivery<'a>(&'a self, channels: &'a [String]) -> BoxFuture<'a, Result<Option<i64>>> {
        Box::pin(async move {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT MIN(due_at) FROM ghlkit_deliveries AS d WHERE d.state IN ('waiting', 'leased') \
                 AND NOT EXISTS (SELECT 1 FROM ghlkit_deliveries AS o WHERE o.location_id = d.location_id \
                 AND o.order_id = d.order_id AND o.channel = d.channel AND o.id <> d.id AND (o.state = 'leased' \
                 OR (o.state = 'waiting' AND o.failures = 0 AND o.id < d.id))) AND d.channel IN (",
            );
            among(&mut query, channels);
            query.push(")");
            Ok(query.build_query_scalar().fetch_one(&mut *self.read().await?).await?)
        })
    }

    fn count_deliveries(&self) -> BoxFuture<'_, Result<Vec<DeliveryCount>>> {
        Box::pin(async move {
            // In two, as each has an index.
            let sql = "SELECT channel, state, COUNT(*) AS count FROM ghlkit_deliveries \
                 WHERE state IN ('waiting', 'leased') GROUP BY channel, state UNION ALL \
                 SELECT channel, state, COUNT(*) AS count FROM ghlkit_deliveries \
                 WHERE state = 'dead' GROUP BY channel, state";
            let mut counts: Vec<DeliveryCount> =
                sqlx::query_as(sql).fetch_all(&mut *self.read().await?).await?;
            counts.sort_unstable();
            Ok(counts)
        })
    }
}

impl Store {
    /// Changes a delivery; what `change` refuses is left as it is.
    async fn change(&self, id: i64, change: impl FnOnce(&mut DeliveryRow) -> bool) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let found = sqlx::query_as(dialect::LOCK_DELIVERY).bind(id).fetch_optional(&mut *transaction).await?;
        let Some(mut row): Option<DeliveryRow> = found else { return Ok(false) };
        let changed = change(&mut row);
        if changed {
            save(&mut transaction, &row).await?;
            transaction.commit().await?;
        }
        Ok(changed)
    }
}

async fn insert(connection: &mut Connection, new: &NewDelivery, now: i64) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO ghlkit_deliveries (location_id, order_id, channel, key, message, payload, at, state, \
         due_at, failures) VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, 0) \
         ON CONFLICT (location_id, order_id, channel, key) DO NOTHING",
    )
    .bind(new.location.as_str())
    .bind(new.order.as_str())
    .bind(&new.channel)
    .bind(&new.key)
    .bind(&new.message)
    .bind(&new.payload)
    .bind(new.at)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn due(connection: &mut Connection, lease: &DeliveryLease) -> Result<Vec<DeliveryRow>> {
    let mut query = QueryBuilder::<Db>::new("SELECT d.* FROM ghlkit_deliveries AS d WHERE d.due_at <= ");
    query.push_bind(lease.now);
    query.push(" AND d.state IN ('waiting', 'leased') AND d.channel IN (");
    among(&mut query, &lease.channels);
    query.push(
        ") AND NOT EXISTS (SELECT 1 FROM ghlkit_deliveries AS o WHERE o.location_id = d.location_id \
         AND o.order_id = d.order_id AND o.channel = d.channel AND o.id <> d.id \
         AND ((o.state = 'leased' AND o.due_at > ",
    );
    query.push_bind(lease.now);
    query.push(") OR (o.state IN ('waiting', 'leased') AND o.id < d.id AND o.due_at <= ");
    query.push_bind(lease.now);
    query.push(
        ") OR (o.state = 'waiting' AND o.failures = 0 AND o.id < d.id))) ORDER BY d.due_at, d.id LIMIT ",
    );
    query.push_bind(limit(lease.max));
    query.push(dialect::LOCK_DUE_DELIVERIES);
    Ok(query.build_query_as().fetch_all(connection).await?)
}

fn among(query: &mut QueryBuilder<Db>, channels: &[String]) {
    let mut list = query.separated(", ");
    for channel in channels {
        list.push_bind(channel.clone());
    }
}

async fn save(connection: &mut Connection, row: &DeliveryRow) -> Result<()> {
    sqlx::query(
        "UPDATE ghlkit_deliveries SET state = $2, due_at = $3, failures = $4, first_failed_at = $5, \
         lease_token = $6, sent_at = $7, reference = $8, error_code = $9, error_message = $10 WHERE id = $1",
    )
    .bind(row.id)
    .bind(row.state.as_str())
    .bind(row.due_at)
    .bind(row.failures)
    .bind(row.first_failed_at)
    .bind(&row.lease_token)
    .bind(row.sent_at)
    .bind(&row.reference)
    .bind(&row.error_code)
    .bind(&row.error_message)
    .execute(connection)
    .await?;
    Ok(())
}
