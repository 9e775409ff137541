use sqlx::{FromRow, Row as _, SqlStr};

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

use super::{
    Connection, DbRow, Store, dialect, events, jobs, limit,
    order_rows::{self, Noted},
    outbox,
    writes::Writes,
};

impl OrderStore for Store {
    fn insert_order(&self, new: NewOrder) -> BoxFuture<'_, Result<JobId>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let job = self.insert(&mut transaction, new).await?;
            transaction.commit().await?;
            self.wake().await;
            Ok(job)
        })
    }

    fn set_status(&self, change: StatusChange) -> BoxFuture<'_, Result<(JobId, i64)>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let (mut order, mut job) =
                self.load(&mut transaction, &change.location, &change.order, Lock::UsersRow).await?;
            order.check_version(change.version)?;
            let seq = dialect::next_commit_seq(&mut transaction).await?;
            order.change_status(change.status, change.now, Side::Shop, seq);
            let mut writes = Writes::default();
            outbox::save_intent(&mut writes, &order, &mut job, Noted::Now, &change.events, change.now);
            self.run_with_status(&mut transaction, writes, &order).await?;
            transaction.commit().await?;
            self.wake().await;
            Ok((job.id, order.version))
        })
    }

    fn set_progress(&self, change: ProgressChange) -> BoxFuture<'_, Result<JobId>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let (mut order, mut job) =
                self.load(&mut transaction, &change.location, &change.order, Lock::UsersRow).await?;
            order.check_progress(&change)?;
            order.change_progress(change.to, change.milestone);
            order_rows::save_progress(&mut transaction, &order).await?;
            let noted = if change.status.is_some() { Noted::Now } else { Noted::Before };
            if let Some(status) = change.status {
                let seq = dialect::next_commit_seq(&mut transaction).await?;
                order.change_status(status, change.now, Side::Shop, seq);
            }
            let mut writes = Writes::default();
            outbox::save_intent(&mut writes, &order, &mut job, noted, &change.events, change.now);
            match noted {
                Noted::Now => self.run_with_status(&mut transaction, writes, &order).await?,
                Noted::Before => _ = writes.run(&mut transaction).await?,
            }
            transaction.commit().await?;
            self.wake().await;
            Ok(job.id)
        })
    }

    fn order<'a>(
        &'a self,
        location: &'a LocationId,
        id: &'a OrderId,
    ) -> BoxFuture<'a, Result<Option<OrderRow>>> {
        Box::pin(async move {
            self.alone(async { fetch(&mut *self.reader().await?, &self.sql.order, location, id).await }).await
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
            let rows = self.alone(async {
                let query = sqlx::query(self.sql.pass_rows.clone()).bind(location.as_str()).bind(id.as_str());
                Ok(query.fetch_all(&mut *self.reader().await?).await?)
            });
            let (mut found, mut siblings) = (None, Vec::new());
            for row in rows.await? {
                let order = OrderRow::from_row(&row)?;
                if order.id == *id {
                    let contact = known_object(&row, ObjectKind::Contact, &order)?;
                    let opportunity = known_object(&row, ObjectKind::Opportunity, &order)?;
                    found = Some((order, opportunity, contact));
                } else {
                    siblings.push(order);
                }
            }
            let (order, opportunity, contact) = found.ok_or_else(|| rules::order_not_found(location, id))?;
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
            self.alone(async { object(&mut *self.reader().await?, location, kind, id).await }).await
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
            let (mut order, mut job) = self.load(&mut transaction, location, id, Lock::Job).await?;
            order.hint(&mut job, contact, now);
            order_rows::save_both(&mut transaction, &order, &job).await?;
            transaction.commit().await?;
            self.wake().await;
            Ok(())
        })
    }
}

impl Store {
    async fn insert(&self, connection: &mut Connection, new: NewOrder) -> Result<JobId> {
        dialect::hold(connection, unique(&new)).await?;
        let (taken, lease_key) = known(connection, &new).await?;
        match taken.as_deref() {
            Some("id") => return Err(rules::order_exists("id", new.id.as_str())),
            Some(field) => return Err(rules::order_exists(field, &new.number)),
            None => {}
        }
        let seq = dialect::next_commit_seq(connection).await?;
        let (events, due_at) = (new.events.clone(), new.due_at.unwrap_or(new.now));
        let order = OrderRow::new(new, lease_key, seq);
        let job = JobRow::new(JobId::new(""), &order, due_at);
        let mut writes = Writes::default();
        match &self.sql.insert_order {
            Some(insert) => writes.add(insert.clone(), [order.id.as_str().into(), (&order.status).into()]),
            None if self.write_status(connection, &order).await? => {}
            None => return Err(rules::order_not_found(&order.location, &order.id)),
        }
        order_rows::insert(&mut writes, &order);
        events::append(&mut writes, &order.location, &order.id, &events, order.changed_at);
        jobs::insert(&mut writes, &job);
        Ok(JobId::new(writes.run_for_number(connection).await?.to_string()))
    }

    /// The order and its job, to be changed.
    pub(super) async fn load(
        &self,
        connection: &mut Connection,
        location: &LocationId,
        id: &OrderId,
        lock: Lock,
    ) -> Result<(OrderRow, JobRow)> {
        let [job, users_row] = &self.sql.order_and_job;
        let sql = if lock == Lock::Job { job } else { users_row };
        let query = sqlx::query(sql.clone()).bind(location.as_str()).bind(id.as_str());
        let mut row = query.fetch_optional(&mut *connection).await?;
        if row.is_none() {
            // What was waited for may have been deleted and inserted anew, which this statement does not see yet.
            row = sqlx::query(sql.clone())
                .bind(location.as_str())
                .bind(id.as_str())
                .fetch_optional(connection)
                .await?;
        }
        both(row)?.ok_or_else(|| rules::order_not_found(location, id))
    }

    /// The order of a job, and the job, to be changed; even if the users' row is gone.
    pub(super) async fn load_job(
        &self,
        connection: &mut Connection,
        id: &JobId,
        lock: Lock,
    ) -> Result<Option<(OrderRow, JobRow)>> {
        let [job, users_row] = &self.sql.order_of_job_and_job;
        let sql = if lock == Lock::Job { job } else { users_row };
        let query = sqlx::query(sql.clone()).bind(jobs::number(id));
        let row = query.fetch_optional(&mut *connection).await?;
        if row.is_some() {
            return both(row);
        }
        let Some(job) = jobs::lock(connection, id).await? else { return Ok(None) };
        let order = fetch(connection, &self.sql.order_of_job, &job.location, &job.order).await?;
        Ok(order.map(|order| (order, job)))
    }

    /// Runs the writes of a change by the shop, and last that of the status into the users' table.
    ///
    /// # Errors
    /// `order_not_found` if that was not written: a trigger of the users' may refuse it without a word.
    async fn run_with_status<'a>(
        &self,
        connection: &mut Connection,
        mut writes: Writes<'a>,
        order: &'a OrderRow,
    ) -> Result<()> {
        writes.add(self.sql.set_status.clone(), [order.id.as_str().into(), (&order.status).into()]);
        match writes.run(connection).await? {
            0 => Err(rules::order_not_found(&order.location, &order.id)),
            _ => Ok(()),
        }
    }

    /// Writes the status into the users' table; `false` if it has no such order.
    pub(super) async fn write_status(&self, connection: &mut Connection, order: &OrderRow) -> Result<bool> {
        let query = sqlx::query(self.sql.set_status.clone()).bind(order.id.as_str()).bind(&order.status);
        Ok(query.execute(connection).await?.rows_affected() > 0)
    }
}

/// An order and its job, out of one row.
fn both(row: Option<DbRow>) -> Result<Option<(OrderRow, JobRow)>> {
    let both = row.map(|row| Ok::<_, sqlx::Error>((OrderRow::from_row(&row)?, JobRow::from_row(&row)?)));
    Ok(both.transpose()?)
}

async fn fetch(
    connection: &mut Connection,
    sql: &SqlStr,
    location: &LocationId,
    id: &OrderId,
) -> Result<Option<OrderRow>> {
    let query = sqlx::query_as(sql.clone()).bind(location.as_str()).bind(id.as_str());
    Ok(query.fetch_optional(connection).await?)
}

/// The object of an order that is in the same row.
fn known_object(row: &DbRow, kind: ObjectKind, order: &OrderRow) -> Result<Option<ObjectRow>> {
    let (id, [base, base_at, unknown]) = match kind {
        ObjectKind::Contact => (
            order.contact.as_ref().map(|id| id.as_str()),
            ["contact_base", "contact_base_at", "contact_unknown"],
        ),
        ObjectKind::Opportunity => (
            order.opportunity.as_ref().map(|id| id.as_str()),
            ["opportunity_base", "opportunity_base_at", "opportunity_unknown"],
        ),
    };
    let (Some(id), Some(base)) = (id, row.try_get::<Option<String>, _>(base)?) else { return Ok(None) };
    Ok(Some(ObjectRow {
        location: order.location.clone(),
        kind,
        id: id.to_owned(),
        base,
        base_at: row.try_get(base_at)?,
        unknown: row.try_get(unknown)?,
    }))
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

/// The field of a new order that is in use already, and its lease key: that of the latest order with the same e-mail, else with
/// the same phone, else the one given.
async fn known(connection: &mut Connection, new: &NewOrder) -> Result<(Option<String>, String)> {
    Ok(sqlx::query_as(dialect::KNOWN)
        .bind(new.location.as_str())
        .bind(&new.email)
        .bind(&new.phone)
        .bind(&new.lease_key)
        .bind(new.id.as_str())
        .bind(&new.number)
        .fetch_one(connection)
        .await?)
}

/// What an order and its job are locked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lock {
    /// Nothing else.
    Job,
    /// The users' row, which comes first: whoever changes a status in SQL where a trigger is installed has locked it before.
    UsersRow,
}
