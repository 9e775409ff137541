//! A worker's changes, applied behind its fence.

use crate::{
    error::Result,
    ids::LocationId,
    ports::store::{Change, Committed, Fence, Finish, JobRow, ObjectRow, OrderRow, SyncLogRow},
    store::rules::{self, Naming},
};

use super::{Connection, Store, dialect, events, jobs, orders, outbox};

impl Store {
    pub(super) async fn apply(
        &self,
        connection: &mut Connection,
        fence: &Fence,
        changes: Vec<Change>,
    ) -> Result<Committed> {
        let lost = || rules::lease_lost(&fence.job);
        if let Some(lock) = self.sql.lock_row_of_job.as_ref().filter(|_| changes.iter().any(writes_users_row))
        {
            sqlx::query(lock.clone()).bind(jobs::number(&fence.job)).execute(&mut *connection).await?;
        }
        let mut job = jobs::lock(connection, &fence.job).await?.ok_or_else(lost)?;
        job.check_lease(fence)?;
        let mut order = orders::fetch(connection, &self.sql.order_of_job, &job.location, &job.order)
            .await?
            .ok_or_else(lost)?;
        if let Some(version) = fence.version {
            order.check_version(version)?;
        }
        let before = (order.clone(), job.clone());
        let (mut contended, mut users) = (false, UsersRow::default());
        for change in changes {
            order.apply(&change);
            match change {
                Change::SetContact { contact, lease_key } => {
                    dialect::hold(connection, vec![job.lease_key.clone(), lease_key.clone()]).await?;
                    move_lease_key(connection, &job.location, &job.lease_key, &lease_key).await?;
                    job.lease_key = lease_key;
                    contended = is_contended(connection, &job, fence.now).await?;
                    self.reopen(connection, &job.location, Naming::Contact(&contact)).await?;
                    users.changed = true;
                }
                Change::SetOpportunity(opportunity) => {
                    self.reopen(connection, &job.location, Naming::Opportunity(&opportunity)).await?;
                    users.changed = true;
                }
                Change::PutObject(object) => put_object(connection, &object).await?,
                Change::SetStatus { status, at, by } => {
                    let seq = orders::next_commit_seq(connection).await?;
                    order.change_status(status, at, by, seq);
                    outbox::note_status(connection, &order).await?;
                    // Nothing to write to if the users' row is gone.
                    self.write_status(connection, &order).await?;
                }
                Change::Log(row) => self.log(connection, &order, &row, fence.now).await?,
                Change::Event(event) => {
                    events::append(connection, &order.location, &order.id, &[event], fence.now).await?
                }
                Change::Finish(finish) => {
                    users.changed = true;
                    users.sync_status = Some(job.finish(&finish, fence.now));
                    users.synced_at = (finish == Finish::Done).then_some(fence.now);
                }
                Change::ClearCandidate
                | Change::SetCreating(_)
                | Change::Clean { .. }
                | Change::LookAgain
                | Change::Pushed(_)
                | Change::Detach => {}
            }
        }
        if order != before.0 {
            orders::save(connection, &order).await?;
        }
        if job != before.1 {
            jobs::save(connection, &job).await?;
        }
        if users.changed {
            self.write_users_row(connection, &order, &users).await?;
        }
        Ok(Committed { contended, version: order.version })
    }

    async fn log(
        &self,
        connection: &mut Connection,
        order: &OrderRow,
        row: &SyncLogRow,
        now: i64,
    ) -> Result<()> {
        sqlx::query(self.sql.log.clone())
            .bind(order.id.as_str())
            .bind(order.location.as_str())
            .bind(row.direction.as_str())
            .bind(row.status)
            .bind(&row.request)
            .bind(&row.response)
            .bind(&row.error)
            .bind(now)
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn write_users_row(
        &self,
        connection: &mut Connection,
        order: &OrderRow,
        users: &UsersRow,
    ) -> Result<()> {
        sqlx::query(self.sql.set_ghl.clone())
            .bind(order.id.as_str())
            .bind(order.contact.as_ref().map(AsRef::as_ref))
            .bind(order.opportunity.as_ref().map(AsRef::as_ref))
            .bind(users.sync_status)
            .bind(users.synced_at)
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// Whether a change is to be seen in the users' row of the order.
fn writes_users_row(change: &Change) -> bool {
    matches!(
        change,
        Change::SetStatus { .. } | Change::SetContact { .. } | Change::SetOpportunity(_) | Change::Finish(_)
    )
}

/// What a commit changes in the `ghl_*` columns of the users' row.
#[derive(Default)]
struct UsersRow {
    changed: bool,
    sync_status: Option<&'static str>,
    synced_at: Option<i64>,
}

async fn move_lease_key(
    connection: &mut Connection,
    location: &LocationId,
    from: &str,
    to: &str,
) -> Result<()> {
    // Whoever gives a new job the old key has committed before the update looks.
    dialect::lock_jobs_of_key(connection, from).await?;
    sqlx::query("UPDATE ghlkit_jobs SET lease_key = $3 WHERE lease_key = $2 AND location_id = $1")
        .bind(location.as_str())
        .bind(from)
        .bind(to)
        .execute(connection)
        .await?;
    Ok(())
}

async fn is_contended(connection: &mut Connection, job: &JobRow, now: i64) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM ghlkit_jobs \
         WHERE lease_key = $1 AND state = 'leased' AND due_at > $2 AND id <> $3)",
    )
    .bind(&job.lease_key)
    .bind(now)
    .bind(jobs::number(&job.id))
    .fetch_one(connection)
    .await?)
}

async fn put_object(connection: &mut Connection, object: &ObjectRow) -> Result<()> {
    sqlx::query(
        "INSERT INTO ghlkit_objects (location_id, kind, object_id, base, base_at, unknown) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (location_id, kind, object_id) DO UPDATE SET \
         base = excluded.base, base_at = CASE WHEN excluded.base_at > ghlkit_objects.base_at \
         THEN excluded.base_at ELSE ghlkit_objects.base_at END, unknown = excluded.unknown",
    )
    .bind(object.location.as_str())
    .bind(object.kind.as_str())
    .bind(&object.id)
    .bind(&object.base)
    .bind(object.base_at)
    .bind(&object.unknown)
    .execute(connection)
    .await?;
    Ok(())
}
