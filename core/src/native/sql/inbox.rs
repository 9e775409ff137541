use sqlx::SqlStr;

use crate::{
    error::{Code, Result},
    ids::{LocationId, OpportunityId, OrderId},
    ports::{
        BoxFuture,
        store::{InboxOutcome, InboxRow, InboxState, InboxStore, NewInbox, Received},
    },
    store::rules::{self, Naming},
};

use super::{Connection, Store, dialect, limit, order_rows, orders::Lock};

impl InboxStore for Store {
    fn receive(&self, event: NewInbox) -> BoxFuture<'_, Result<Received>> {
        Box::pin(self.keep(event))
    }

    fn pending_inbox(&self, after: i64, rows: usize) -> BoxFuture<'_, Result<Vec<InboxRow>>> {
        Box::pin(async move {
            let sql = "SELECT * FROM ghlkit_inbox WHERE state = 'pending' AND id > $1 ORDER BY id LIMIT $2";
            Ok(sqlx::query_as(sql).bind(after).bind(limit(rows)).fetch_all(&mut *self.read().await?).await?)
        })
    }

    fn settle_inbox(&self, id: i64, outcome: InboxOutcome, now: i64) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let pending: Option<(String, Option<String>)> =
                sqlx::query_as(dialect::LOCK_PENDING).bind(id).fetch_optional(&mut *transaction).await?;
            let Some((location, copy)) = pending else { return Ok(false) };
            let (mut state, mut reason) = rules::settled(&outcome);
            if let InboxOutcome::Hint { order, contact, candidate } = &outcome {
                let location = LocationId::new(location);
                let candidate = candidate.clone();
                if !self.hint(&mut transaction, &location, order, *contact, candidate, now).await? {
                    (state, reason) = (InboxState::Unresolved, Some(rules::ORDER_GONE));
                }
            }
            sqlx::query("UPDATE ghlkit_inbox SET state = $2, reason = $3, settled_at = $4 WHERE id = $1")
                .bind(id)
                .bind(state.as_str())
                .bind(reason)
                .bind(now)
                .execute(&mut *transaction)
                .await?;
            let unresolved = state == InboxState::Unresolved;
            sqlx::query(self.sql.settle_webhook_event.clone())
                .bind(copy)
                .bind(!unresolved)
                .bind(reason.filter(|_| unresolved))
                .bind(now)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(true)
        })
    }

    fn unresolved<'a>(
        &'a self,
        location: &'a LocationId,
        after: i64,
        rows: usize,
    ) -> BoxFuture<'a, Result<Vec<InboxRow>>> {
        Box::pin(async move {
            Ok(sqlx::query_as(
                "SELECT * FROM ghlkit_inbox WHERE location_id = $1 AND id > $2 AND state = 'unresolved' \
                 ORDER BY id LIMIT $3",
            )
            .bind(location.as_str())
            .bind(after)
            .bind(limit(rows))
            .fetch_all(&mut *self.read().await?)
            .await?)
        })
    }
}

impl Store {
    /// Passes a hint on to its order; `false` if there is no such order.
    async fn hint(
        &self,
        connection: &mut Connection,
        location: &LocationId,
        id: &OrderId,
        contact: bool,
        candidate: Option<OpportunityId>,
        now: i64,
    ) -> Result<bool> {
        match self.load(connection, location, id, Lock::Job).await {
            Ok((mut order, mut job)) => {
                order.hint_from_event(&mut job, contact, candidate, now);
                order_rows::save_both(connection, &order, &job).await?;
                Ok(true)
            }
            Err(error) if error.code() == Code::OrderNotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes the unresolved events that name something pending again. By their bodies they are known no longer, as two may be the
    /// same.
    pub(super) async fn reopen(
        &self,
        connection: &mut Connection,
        location: &LocationId,
        naming: Naming<'_>,
    ) -> Result<()> {
        let (copies, sql, id) = match naming {
            Naming::Contact(id) => (
                &self.sql.reopen_webhook_events_of_contact,
                "UPDATE ghlkit_inbox SET state = 'pending', body_hash = NULL, reason = NULL, settled_at = NULL \
                 WHERE location_id = $1 AND contact_id = $2 AND state = 'unresolved'",
                id.as_str(),
            ),
            Naming::Opportunity(id) => (
                &self.sql.reopen_webhook_events_of_opportunity,
                "UPDATE ghlkit_inbox SET state = 'pending', body_hash = NULL, reason = NULL, settled_at = NULL \
                 WHERE location_id = $1 AND opportunity_id = $2 AND state = 'unresolved'",
                id.as_str(),
            ),
        };
        // The copies first: they are found through rows that are still unresolved.
        for sql in [copies.clone(), SqlStr::from_static(sql)] {
            sqlx::query(sql).bind(location.as_str()).bind(id).execute(&mut *connection).await?;
        }
        Ok(())
    }
}
