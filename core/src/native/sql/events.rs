use std::ops::RangeInclusive;

use sqlx::{AssertSqlSafe, QueryBuilder, SqlSafeStr};

use crate::{
    error::Result,
    ids::{LocationId, OrderId},
    ports::{
        Bell, BoxFuture,
        store::{EventFilter, EventRow, EventStore, EventTail, NewEvent},
    },
};

use super::{
    Db, Store, dialect, limit,
    writes::{Value, Writes},
};

impl EventStore for Store {
    fn events(&self, after: i64, rows: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        Box::pin(async move {
            let sql = "SELECT * FROM ghlkit_events WHERE position > $1 ORDER BY position LIMIT $2";
            Ok(sqlx::query_as(sql).bind(after).bind(limit(rows)).fetch_all(&mut *self.read().await?).await?)
        })
    }

    fn events_of(&self, filter: EventFilter) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        Box::pin(async move {
            let mut query = QueryBuilder::<Db>::new("SELECT * FROM ghlkit_events WHERE position > ");
            query.push_bind(filter.after);
            if let Some(location) = &filter.location {
                query.push(" AND location_id = ").push_bind(location.as_str().to_owned());
            }
            if let Some(order) = &filter.order {
                query.push(" AND order_id = ").push_bind(order.as_str().to_owned());
            }
            query.push(" ORDER BY position LIMIT ").push_bind(limit(filter.limit));
            Ok(query.build_query_as().fetch_all(&mut *self.read().await?).await?)
        })
    }

    fn last_event(&self) -> BoxFuture<'_, Result<i64>> {
        Box::pin(async move {
            let sql = "SELECT COALESCE(MAX(position), 0) FROM ghlkit_events";
            Ok(sqlx::query_scalar(sql).fetch_one(&mut *self.read().await?).await?)
        })
    }

    fn tail(
        &self,
        after: i64,
        holes: Vec<RangeInclusive<i64>>,
        rows: usize,
    ) -> BoxFuture<'_, Result<EventTail>> {
        Box::pin(async move {
            let mut query = QueryBuilder::<Db>::new("SELECT * FROM ghlkit_events WHERE position > ");
            query.push_bind(after);
            for hole in holes {
                query.push(" OR position BETWEEN ").push_bind(*hole.start());
                query.push(" AND ").push_bind(*hole.end());
            }
            query.push(" ORDER BY position LIMIT ").push_bind(limit(rows));
            // One state for both.
            let mut snapshot = self.snapshot().await?;
            let oldest = dialect::oldest_transaction(&mut snapshot).await?;
            let rows = query.build_query_as().fetch_all(&mut *snapshot).await?;
            Ok(EventTail { rows, oldest })
        })
    }

    fn horizon(&self) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let newest = dialect::own_transaction(&mut transaction).await?;
            // It must end for others to be counted against it.
            transaction.commit().await?;
            Ok(newest)
        })
    }

    fn hear_events<'a>(&'a self, bell: &'a dyn Bell) -> BoxFuture<'a, ()> {
        Box::pin(self.hear_appended(bell))
    }

    fn announce_events(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.announce_appended())
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

/// Appends events of an order, in one statement, as the order of several is not promised; one with a key in use is dropped.
pub(super) fn append<'a>(
    writes: &mut Writes<'a>,
    location: &'a LocationId,
    order: &'a OrderId,
    events: impl IntoIterator<Item = &'a NewEvent>,
    at: i64,
) {
    let mut values = vec![location.as_str().into(), order.as_str().into(), at.into()];
    let mut rows = Vec::new();
    for event in events {
        let of = values.len();
        rows.push(format!("($1, $2, ${}, ${}, ${}, $3)", of + 1, of + 2, of + 3));
        values.extend([Value::from(&event.kind), (&event.key).into(), (&event.payload).into()]);
    }
    if rows.is_empty() {
        return;
    }
    let sql = format!(
        "INSERT INTO ghlkit_events (location_id, order_id, kind, key, payload, at) VALUES {} \
         ON CONFLICT (location_id, order_id, key) DO NOTHING",
        rows.join(", ")
    );
    writes.add(AssertSqlSafe(sql).into_sql_str(), values);
}
