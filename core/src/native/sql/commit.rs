//! A worker's changes, applied behind its fence.

use sqlx::SqlStr;

use crate::{
    error::Result,
    ids::LocationId,
    ports::store::{Change, Committed, Fence, Finish, JobRow, ObjectRow, OrderRow, SyncLogRow},
    store::rules::{self, Naming},
};

use super::{
    Connection, Store, dialect, events, jobs,
    order_rows::{self, Noted},
    orders::Lock,
    writes::Writes,
};

impl Store {
    pub(super) async fn apply(
        &self,
        connection: &mut Connection,
        fence: &Fence,
        changes: &[Change],
    ) -> Result<Committed> {
        let lost = || rules::lease_lost(&fence.job);
        let lock = if changes.iter().any(writes_users_row) { Lock::UsersRow } else { Lock::Job };
        let (mut order, mut job) = self.load_job(connection, &fence.job, lock).await?.ok_or_else(lost)?;
        job.check_lease(fence)?;
        if let Some(version) = fence.version {
            order.check_version(version)?;
        }
        let before = (order.clone(), job.clone());
        let (mut contended, mut users) = (false, UsersRow::default());
        let (mut noted, mut events, mut writes) = (Noted::Before, Vec::new(), Writes::default());
        for change in changes {
            order.apply(change);
            match change {
                Change::SetContact { contact, lease_key } => {
                    dialect::hold(connection, vec![job.lease_key.clone(), lease_key.clone()]).await?;
                    move_lease_key(connection, &job.location, &job.lease_key, lease_key).await?;
                    job.lease_key.clone_from(lease_key);
                    contended = is_contended(connection, &job, fence.now).await?;
                    self.reopen(connection, &job.location, Naming::Contact(contact)).await?;
                    users.changed = true;
                }
                Change::SetOpportunity(opportunity) => {
                    self.reopen(connection, &job.location, Naming::Opportunity(opportunity)).await?;
                    users.changed = true;
                }
                Change::PutObject(object) => put_object(&mut writes, object),
                Change::SetStatus { status, at, by } => {
                    let seq = dialect::next_commit_seq(connection).await?;
                    order.change_status(status.clone(), *at, *by, seq);
                    noted = Noted::Now;
                }
                Change::Log(row) => self.log(&mut writes, &before.0, row, fence.now),
                Change::Event(event) => events.push(event),
                Change::Finish(finish) => {
                    users.changed = true;
                    users.sync_status = Some(job.finish(finish, fence.now));
                    users.synced_at = (*finish == Finish::Done).then_some(fence.now);
                }
                Change::ClearCandidate
                | Change::SetCreating(_)
                | Change::Clean { .. }
                | Change::LookAgain
                | Change::Pushed(_)
                | Change::Detach => {}
            }
        }
        if noted == Noted::Now {
            // Noted before it is written. There is nothing to write to if the users' row is gone.
            order_rows::note_status(connection, &order).await?;
            self.write_status(connection, &order).await?;
        }
        if order != before.0 {
            order_rows::save(&mut writes, &order, noted);
        }
        if job != before.1 {
            jobs::save(&mut writes, &job);
        }
        if users.changed {
            self.write_users_row(&mut writes, &order, &users);
        }
        events::append(&mut writes, &before.0.location, &before.0.id, events, fence.now);
        writes.run(connection).await?;
        Ok(Committed { contended, version: order.version })
    }

    fn log<'a>(&self, writes: &mut Writes<'a>, order: &'a OrderRow, row: &'a SyncLogRow, now: i64) {
        writes.add(
            self.sql.log.clone(),
            [
                order.id.as_str().into(),
                order.location.as_str().into(),
                row.direction.as_str().into(),
                row.status.into(),
                (&row.request).into(),
                (&row.response).into(),
                (&row.error).into(),
                now.into(),
            ],
        );
    }

    fn write_users_row<'a>(&self, writes: &mut Writes<'a>, order: &'a OrderRow, users: &UsersRow) {
        writes.add(
            self.sql.set_ghl.clone(),
            [
                order.id.as_str().into(),
                order.contact.as_ref().map(AsRef::as_ref).into(),
                order.opportunity.as_ref().map(AsRef::as_ref).into(),
                users.sync_status.into(),
                users.synced_at.into(),
            ],
        );
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

fn put_object<'a>(writes: &mut Writes<'a>, object: &'a ObjectRow) {
    let sql = "INSERT INTO ghlkit_objects (location_id, kind, object_id, base, base_at, unknown) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (location_id, kind, object_id) DO UPDATE SET \
         base = excluded.base, base_at = CASE WHEN excluded.base_at > ghlkit_objects.base_at \
         THEN excluded.base_at ELSE ghlkit_objects.base_at END, unknown = excluded.unknown";
    writes.add(
        SqlStr::from_static(sql),
        [
            object.location.as_str().into(),
            object.kind.as_str().into(),
            (&object.id).into(),
            (&object.base).into(),
            object.base_at.into(),
            (&object.unknown).into(),
        ],
    );
}
