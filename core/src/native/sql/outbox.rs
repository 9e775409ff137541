use crate::{
    error::Result,
    ids::{JobId, LocationId, OrderId},
    native::SystemClock,
    ports::{
        BoxFuture, Clock,
        store::{JobRow, NewEvent, OrderRow, OutboxStore, Side},
    },
    store::rules,
};

use super::{
    Connection, Store, announce, dialect, events, jobs,
    order_rows::{self, Noted},
    orders::Lock,
    trigger,
    writes::Writes,
};

impl OutboxStore for Store {
    fn install_status_trigger(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            trigger::install(&mut transaction, &self.sql.names).await?;
            Ok(transaction.commit().await?)
        })
    }

    fn remove_status_trigger(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            trigger::remove(&mut transaction).await?;
            Ok(transaction.commit().await?)
        })
    }

    fn status_changed<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
        now: i64,
    ) -> BoxFuture<'a, Result<JobId>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let (job, changed) = self.take_status(&mut transaction, location, id, now).await?;
            transaction.commit().await?;
            if changed {
                self.wake().await;
            }
            Ok(job)
        })
    }
}

impl Store {
    /// Writes down, in a transaction of the shop's own, that it has changed an order's status: what
    /// [`crate::sync::Engine::update_status`] writes beside the status, and what the trigger does by itself. Whether
    /// there was anything to write: not where ghlkit knows the status already, nor for an order it does not know.
    ///
    /// # Errors
    /// `store`.
    pub async fn enqueue(&self, transaction: &mut Connection, order: &OrderId) -> Result<bool> {
        let location: Option<String> =
            sqlx::query_scalar("SELECT location_id FROM ghlkit_orders WHERE order_id = $1")
                .bind(order.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(location) = location else { return Ok(false) };
        let location = LocationId::new(location);
        let (_, changed) = self.take_status(transaction, &location, order, SystemClock.now_ms()).await?;
        if changed {
            announce(transaction).await?;
        }
        Ok(changed)
    }

    /// The job, and whether the status was another than the known one.
    async fn take_status(
        &self,
        connection: &mut Connection,
        location: &LocationId,
        id: &OrderId,
        now: i64,
    ) -> Result<(JobId, bool)> {
        let (mut order, mut job) = self.load(connection, location, id, Lock::UsersRow).await?;
        let known: Option<String> =
            sqlx::query_scalar("SELECT known_status FROM ghlkit_orders WHERE order_id = $1")
                .bind(id.as_str())
                .fetch_one(&mut *connection)
                .await?;
        if known.as_deref().unwrap_or_default() == order.status {
            return Ok((job.id, false));
        }
        let status = order.status.clone();
        order.change_status(status, now, Side::Shop, dialect::next_commit_seq(connection).await?);
        let event = [rules::status_changed(&order, known.as_deref(), now)];
        let mut writes = Writes::default();
        writes.add(self.sql.set_pending.clone(), [id.as_str().into()]);
        save_intent(&mut writes, &order, &mut job, Noted::Now, &event, now);
        writes.run(connection).await?;
        Ok((job.id, true))
    }
}

/// Writes down a change by the shop, with its job due now.
pub(super) fn save_intent<'a>(
    writes: &mut Writes<'a>,
    order: &'a OrderRow,
    job: &'a mut JobRow,
    noted: Noted,
    new_events: &'a [NewEvent],
    now: i64,
) {
    job.renew();
    job.want(now);
    order_rows::save(writes, order, noted);
    jobs::save(writes, job);
    events::append(writes, &order.location, &order.id, new_events, now);
}
