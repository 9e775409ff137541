use sqlx::SqlStr;

use crate::{
    error::Result,
    ids::{JobId, LocationId, OrderId},
    ports::{
        BoxFuture,
        store::{
            JobRow, Lookup, NewOrder, ObjectKind, ObjectRow, OrderRow, OrderStore, PassRows, ProgressChange,
            Side, StatusChange,
        },
    },
    store::rules,
};

use super::{Connection, Store, dialect, events, jobs, limit, outbox};

impl OrderStore for Store {
    fn insert_order(&self, new: NewOrder) -> BoxFuture<'_, Result<JobId>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let job = self.insert(&mut transaction, new).await?;
            self.wake(&mut transaction).await?;
            transaction.commit().await?;
            Ok(job)
        })
    }

    fn set_status(&self, change: StatusChange) -> BoxFuture<'_, Result<(JobId, i64)>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            self.lock_row(&mut transaction, &change.order).await?;
            let (mut order, mut job) = self.load(&mut transaction, &change.location, &change.order).await?;
            order.check_version(change.version)?;
            self.move_status(&mut transaction, &mut order, change.status, change.now).await?;
            outbox::save_intent(&mut transaction, &order, &mut job, &change.events, change.now).await?;
            self.wake(&mut transaction).await?;
            transaction.commit().await?;
            Ok((job.id, order.version))
        })
    }

    fn set_progress(&self, change: ProgressChange) -> BoxFuture<'_, Result<JobId>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            self.lock_row(&mut transaction, &change.order).await?;
            let (mut order, mut job) = self.load(&mut transaction, &change.location, &change.order).await?;
            order.check_progress(&change)?;
            order.change_progress(change.to, change.milestone);
            save_progress(&mut transaction, &order).await?;
            if let Some(status) = change.status {
                self.move_status(&mut transaction, &mut order, status, change.now).await?;
            }
            outbox::save_intent(&mut transaction, &order, &mut job, &change.events, change.now).await?;
            self.wake(&mut transaction).await?;
            transaction.commit().await?;
            Ok(job.id)
        })
    }

    fn order<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
    ) -> BoxFuture<'a, Result<Option<OrderRow>>> {
        Box::pin(async move {
            let mut connection = self.read().await?;
            fetch(&mut connection, &self.sql.order, location, id).await
        })
    }

    fn find_orders<'a>(
        &'a self,
        location: &'a LocationId,
        lookup: Lookup<'a>,
    ) -> BoxFuture<'a, Result<Vec<OrderRow>>> {
        Box::pin(async move {
            let (sql, key) = match lookup {
                Lookup::Opportunity(id) => (&self.sql.orders_by_opportunity, id.as_str()),
                Lookup::Contact(id) => (&self.sql.orders_by_contact, id.as_str()),
                Lookup::Number(number) => (&self.sql.orders_by_number, number),
            };
            let query = sqlx::query_as(sql.clone()).bind(location.as_str()).bind(key);
            Ok(query.fetch_all(&mut *self.read().await?).await?)
        })
    }

    fn list_orders<'a>(
        &'a self,
        location: &'a LocationId,
        status: Option<&'a str>,
        after: Option<&'a OrderId>,
        rows: usize,
    ) -> BoxFuture<'a, Result<Vec<OrderRow>>> {
        Box::pin(async move {
            Ok(sqlx::query_as(self.sql.orders_after.clone())
                .bind(location.as_str())
                .bind(after.map_or("", OrderId::as_str))
                .bind(limit(rows))
                .bind(status)
                .fetch_all(&mut *self.read().await?)
                .await?)
        })
    }

    fn pass_rows<'a>(&'a self, location: &'a LocationId, id: &'a OrderId) -> BoxFuture<'a, Result<PassRows>> {
        Box::pin(async move {
            let mut transaction = self.snapshot().await?;
            let order = fetch(&mut transaction, &self.sql.order, location, id)
                .await?
                .ok_or_else(|| rules::order_not_found(location, id))?;
            let mut siblings: Vec<OrderRow> = sqlx::query_as(self.sql.orders_by_lease_key.clone())
                .bind(location.as_str())
                .bind(&order.lease_key)
                .fetch_all(&mut *transaction)
                .await?;
            siblings.retain(|sibling| sibling.id != order.id);
            let (mut contact, mut opportunity) = (None, None);
            if let Some(known) = &order.contact {
                contact = object(&mut transaction, location, ObjectKind::Contact, known.as_str()).await?;
            }
            if let Some(known) = &order.opportunity {
                opportunity =
                    object(&mut transaction, location, ObjectKind::Opportunity, known.as_str()).await?;
            }
            transaction.commit().await?;
            Ok(PassRows { order, siblings, opportunity, contact })
        })
    }

    fn object<'a>(
        &'a self,
        location: &'a LocationId,
        kind: ObjectKind,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<ObjectRow>>> {
        Box::pin(async move {
            let mut connection = self.read().await?;
            object(&mut connection, location, kind, id).await
        })
    }

    fn mark_dirty<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
        contact: bool,
        now: i64,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let (mut order, mut job) = self.load(&mut transaction, location, id).await?;
            order.hint(&mut job, contact, now);
            save(&mut transaction, &order).await?;
            jobs::save(&mut transaction, &job).await?;
            self.wake(&mut transaction).await?;
            Ok(transaction.commit().await?)
        })
    }
}

impl Store {
    async fn insert(&self, connection: &mut Connection, new: NewOrder) -> Result<JobId> {
        dialect::hold(connection, unique(&new)).await?;
        match taken(connection, &new).await?.as_deref() {
            Some("id") => return Err(rules::order_exists("id", new.id.as_str())),
            Some(field) => return Err(rules::order_exists(field, &new.number)),
            None => {}
        }
        let lease_key = known_lease_key(connection, &new).await?;
        let seq = next_commit_seq(connection).await?;
        let (events, due_at) = (new.events.clone(), new.due_at.unwrap_or(new.now));
        let order = OrderRow::new(new, lease_key, seq);
        if let Some(insert) = &self.sql.insert_order {
            sqlx::query(insert.clone())
                .bind(order.id.as_str())
                .bind(&order.status)
                .execute(&mut *connection)
                .await?;
        }
        if !self.write_status(connection, &order).await? {
            return Err(rules::order_not_found(&order.location, &order.id));
        }
        insert_row(connection, &order).await?;
        let job = jobs::insert(connection, &order, due_at).await?;
        events::append(connection, &order.location, &order.id, &events, order.changed_at).await?;
        Ok(job)
    }

    /// The order and its job, to be changed.
    pub(super) async fn load(
        &self,
        connection: &mut Connection,
        location: &LocationId,
        id: &OrderId,
    ) -> Result<(OrderRow, JobRow)> {
        let not_found = || rules::order_not_found(location, id);
        let job = sqlx::query_as(dialect::LOCK_JOB_OF_ORDER)
            .bind(location.as_str())
            .bind(id.as_str())
            .fetch_optional(&mut *connection)
            .await?
            .ok_or_else(not_found)?;
        let order = fetch(connection, &self.sql.order, location, id).await?.ok_or_else(not_found)?;
        Ok((order, job))
    }

    /// A change of status by the shop, but for our own row.
    async fn move_status(
        &self,
        connection: &mut Connection,
        order: &mut OrderRow,
        status: String,
        now: i64,
    ) -> Result<()> {
        let seq = next_commit_seq(connection).await?;
        order.change_status(status, now, Side::Shop, seq);
        outbox::note_status(connection, order).await?;
        if self.write_status(connection, order).await? {
            Ok(())
        } else {
            Err(rules::order_not_found(&order.location, &order.id))
        }
    }

    /// Keeps the users' row from changes by others.
    pub(super) async fn lock_row(&self, connection: &mut Connection, id: &OrderId) -> Result<()> {
        if let Some(lock) = &self.sql.lock_row {
            sqlx::query(lock.clone()).bind(id.as_str()).execute(connection).await?;
        }
        Ok(())
    }

    /// Writes the status into the users' table; `false` if it has no such order.
    pub(super) async fn write_status(&self, connection: &mut Connection, order: &OrderRow) -> Result<bool> {
        let query = sqlx::query(self.sql.set_status.clone()).bind(order.id.as_str()).bind(&order.status);
        Ok(query.execute(connection).await?.rows_affected() > 0)
    }
}

pub(super) async fn fetch(
    connection: &mut Connection,
    sql: &SqlStr,
    location: &LocationId,
    id: &OrderId,
) -> Result<Option<OrderRow>> {
    let query = sqlx::query_as(sql.clone()).bind(location.as_str()).bind(id.as_str());
    Ok(query.fetch_optional(connection).await?)
}

async fn object(
    connection: &mut Connection,
    location: &LocationId,
    kind: ObjectKind,
    id: &str,
) -> Result<Option<ObjectRow>> {
    let sql = "SELECT * FROM ghlkit_objects WHERE location_id = $1 AND kind = $2 AND object_id = $3";
    Ok(sqlx::query_as(sql)
        .bind(location.as_str())
        .bind(kind.as_str())
        .bind(id)
        .fetch_optional(connection)
        .await?)
}

/// What no other order may be given at the same time: its id, its number, and its customer's lease key.
fn unique(new: &NewOrder) -> Vec<String> {
    let here = &new.location;
    let customer = [new.email.as_ref(), new.phone.as_ref()].into_iter().flatten();
    [format!("order {}", new.id), format!("{here} number {}", new.number)]
        .into_iter()
        .chain(customer.map(|identity| format!("{here} customer {identity}")))
        .collect()
}

/// The field of a new order that is in use already.
async fn taken(connection: &mut Connection, new: &NewOrder) -> Result<Option<String>> {
    Ok(sqlx::query_scalar(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM ghlkit_orders WHERE order_id = $2) THEN 'id' \
         WHEN EXISTS (SELECT 1 FROM ghlkit_orders WHERE location_id = $1 AND number = $3) \
         THEN 'orderNumber' END",
    )
    .bind(new.location.as_str())
    .bind(new.id.as_str())
    .bind(&new.number)
    .fetch_one(connection)
    .await?)
}

/// That of the latest order with the same e-mail, else with the same phone, else the one given.
async fn known_lease_key(connection: &mut Connection, new: &NewOrder) -> Result<String> {
    Ok(sqlx::query_scalar(dialect::KNOWN_LEASE_KEY)
        .bind(new.location.as_str())
        .bind(&new.email)
        .bind(&new.phone)
        .bind(&new.lease_key)
        .fetch_one(connection)
        .await?)
}

pub(super) async fn next_commit_seq(connection: &mut Connection) -> Result<i64> {
    Ok(sqlx::query_scalar(dialect::NEXT_COMMIT_SEQ).fetch_one(connection).await?)
}

async fn insert_row(connection: &mut Connection, order: &OrderRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO ghlkit_orders (location_id, order_id, number, snapshot, email, phone, version, \
         commit_seq, changed_at, changed_by, pushed_version, dirty, clean, dirty_contact, clean_contact, \
         milestone, detached, known_status) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(order.location.as_str())
    .bind(order.id.as_str())
    .bind(&order.number)
    .bind(&order.snapshot)
    .bind(&order.email)
    .bind(&order.phone)
    .bind(order.version)
    .bind(order.commit_seq)
    .bind(order.changed_at)
    .bind(order.changed_by.as_str())
    .bind(order.pushed_version)
    .bind(order.dirty)
    .bind(order.clean)
    .bind(order.dirty_contact)
    .bind(order.clean_contact)
    .bind(order.milestone)
    .bind(order.detached)
    .bind(&order.status)
    .execute(connection)
    .await?;
    Ok(())
}

async fn save_progress(connection: &mut Connection, order: &OrderRow) -> Result<()> {
    sqlx::query("UPDATE ghlkit_orders SET manufacturing_progress = $2, milestone = $3 WHERE order_id = $1")
        .bind(order.id.as_str())
        .bind(order.manufacturing_progress)
        .bind(order.milestone)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes everything of our row that may change by a pass; the lease key is the job's.
pub(super) async fn save(connection: &mut Connection, order: &OrderRow) -> Result<()> {
    let creating = order.creating.as_ref();
    sqlx::query(
        "UPDATE ghlkit_orders SET contact_id = $2, opportunity_id = $3, candidate_id = $4, creating = $5, \
         creating_since = $6, creating_refused = $7, version = $8, commit_seq = $9, changed_at = $10, \
         changed_by = $11, pushed_version = $12, dirty = $13, clean = $14, dirty_contact = $15, \
         clean_contact = $16, detached = $17 WHERE order_id = $1",
    )
    .bind(order.id.as_str())
    .bind(order.contact.as_ref().map(AsRef::as_ref))
    .bind(order.opportunity.as_ref().map(AsRef::as_ref))
    .bind(order.candidate.as_ref().map(AsRef::as_ref))
    .bind(creating.map(|creating| creating.object.as_str()))
    .bind(creating.map(|creating| creating.since))
    .bind(creating.is_some_and(|creating| creating.refused))
    .bind(order.version)
    .bind(order.commit_seq)
    .bind(order.changed_at)
    .bind(order.changed_by.as_str())
    .bind(order.pushed_version)
    .bind(order.dirty)
    .bind(order.clean)
    .bind(order.dirty_contact)
    .bind(order.clean_contact)
    .bind(order.detached)
    .execute(connection)
    .await?;
    Ok(())
}
