use sqlx::SqliteConnection;

use crate::{
    error::Result,
    ids::JobId,
    ports::{
        BoxFuture,
        store::{Change, Committed, Fence, JobFilter, JobRow, JobStore, Lease, OrderRow},
    },
    store::rules,
};

use super::{SqliteStore, limit};

/// Due jobs, oldest first: of each lease key the first, and none whose key is under a live lease.
const DUE: &str = "SELECT * FROM ghlkit_jobs j \
     WHERE state IN ('waiting', 'leased') AND due_at <= ?1 \
     AND NOT EXISTS (SELECT 1 FROM ghlkit_jobs b \
       WHERE b.lease_key = j.lease_key AND b.state = 'leased' AND b.due_at > ?1) \
     AND NOT EXISTS (SELECT 1 FROM ghlkit_jobs e \
       WHERE e.lease_key = j.lease_key AND e.state IN ('waiting', 'leased') AND e.due_at <= j.due_at \
       AND (e.due_at < j.due_at OR e.id < j.id)) \
     ORDER BY due_at, id LIMIT ?2";

/// The job of one order, under the same conditions.
const DUE_ONLY: &str = "SELECT * FROM ghlkit_jobs j \
     WHERE location_id = ?3 AND order_id = ?4 AND state IN ('waiting', 'leased') AND due_at <= ?1 \
     AND NOT EXISTS (SELECT 1 FROM ghlkit_jobs b \
       WHERE b.lease_key = j.lease_key AND b.state = 'leased' AND b.due_at > ?1) LIMIT ?2";

impl JobStore for SqliteStore {
    fn lease(&self, lease: Lease) -> BoxFuture<'_, Result<Vec<JobRow>>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let due = sqlx::query_as(if lease.only.is_some() { DUE_ONLY } else { DUE })
                .bind(lease.now)
                .bind(limit(lease.max));
            let due = match &lease.only {
                Some((location, order)) => due.bind(location.as_str()).bind(order.as_str()),
                None => due,
            };
            let mut jobs: Vec<JobRow> = due.fetch_all(&mut *transaction).await?;
            for job in &mut jobs {
                job.begin_lease(&lease);
                save(&mut transaction, job).await?;
            }
            transaction.commit().await?;
            Ok(jobs)
        })
    }

    fn commit(&self, fence: Fence, changes: Vec<Change>) -> BoxFuture<'_, Result<Committed>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let committed = self.apply(&mut transaction, &fence, changes).await?;
            transaction.commit().await?;
            Ok(committed)
        })
    }

    fn next_due(&self) -> BoxFuture<'_, Result<Option<i64>>> {
        Box::pin(async move {
            // Of the jobs due first, each after the lease that another job with its key is under.
            let sql = "SELECT MIN(MAX(due_at, COALESCE((SELECT MAX(held.due_at) FROM ghlkit_jobs AS held \
                 WHERE held.lease_key = job.lease_key AND held.state = 'leased' AND held.id <> job.id), 0))) FROM (SELECT * FROM ghlkit_jobs \
                 WHERE state IN ('waiting', 'leased') ORDER BY due_at LIMIT 64) AS job";
            Ok(sqlx::query_scalar(sql).fetch_one(&self.reader).await?)
        })
    }

    fn job<'a>(&'a self, id: &'a JobId) -> BoxFuture<'a, Result<Option<JobRow>>> {
        Box::pin(async move {
            let mut connection = self.reader.acquire().await?;
            fetch(&mut connection, id).await
        })
    }

    fn jobs(&self, filter: JobFilter) -> BoxFuture<'_, Result<Vec<JobRow>>> {
        Box::pin(async move {
            let after = match &filter.after {
                Some(id) => number(id).ok_or_else(|| rules::bad_job_id(id))?,
                None => 0,
            };
            let rows = if filter.limit == 0 { rules::DEFAULT_JOB_LIMIT } else { filter.limit };
            Ok(sqlx::query_as(
                "SELECT * FROM ghlkit_jobs WHERE id > ?1 AND (?2 IS NULL OR location_id = ?2) \
                 AND (?3 IS NULL OR state = ?3) ORDER BY id LIMIT ?4",
            )
            .bind(after)
            .bind(filter.location.as_ref().map(AsRef::as_ref))
            .bind(filter.state.map(|state| state.as_str()))
            .bind(limit(rows))
            .fetch_all(&self.reader)
            .await?)
        })
    }

    fn replay<'a>(&'a self, id: &'a JobId, now: i64) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let Some(mut job) = fetch(&mut transaction, id).await? else { return Ok(false) };
            let replayed = job.replay(now);
            if replayed {
                save(&mut transaction, &job).await?;
            }
            transaction.commit().await?;
            Ok(replayed)
        })
    }
}

pub(super) async fn fetch(connection: &mut SqliteConnection, id: &JobId) -> Result<Option<JobRow>> {
    let query = sqlx::query_as("SELECT * FROM ghlkit_jobs WHERE id = ?1").bind(number(id));
    Ok(query.fetch_optional(connection).await?)
}

pub(super) async fn insert(connection: &mut SqliteConnection, order: &OrderRow, now: i64) -> Result<JobId> {
    let job = JobRow::new(JobId::new(""), order, now);
    let inserted = sqlx::query(
        "INSERT INTO ghlkit_jobs (location_id, order_id, lease_key, state, due_at, failures, wanted, \
         leased_wanted, lease_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .bind(job.location.as_str())
    .bind(job.order.as_str())
    .bind(&job.lease_key)
    .bind(job.state.as_str())
    .bind(job.due_at)
    .bind(job.failures)
    .bind(job.wanted)
    .bind(job.leased_wanted)
    .bind(job.lease_until)
    .execute(connection)
    .await?;
    Ok(JobId::new(inserted.last_insert_rowid().to_string()))
}

pub(super) async fn save(connection: &mut SqliteConnection, job: &JobRow) -> Result<()> {
    sqlx::query(
        "UPDATE ghlkit_jobs SET lease_key = ?2, state = ?3, due_at = ?4, failures = ?5, \
         first_failed_at = ?6, wanted = ?7, leased_wanted = ?8, lease_token = ?9, lease_until = ?10, \
         worker = ?11, error_code = ?12, error_message = ?13 WHERE id = ?1",
    )
    .bind(number(&job.id))
    .bind(&job.lease_key)
    .bind(job.state.as_str())
    .bind(job.due_at)
    .bind(job.failures)
    .bind(job.first_failed_at)
    .bind(job.wanted)
    .bind(job.leased_wanted)
    .bind(&job.lease_token)
    .bind(job.lease_until)
    .bind(&job.worker)
    .bind(&job.error_code)
    .bind(&job.error_message)
    .execute(connection)
    .await?;
    Ok(())
}

/// Ids are numbers here; any other text names no job.
pub(super) fn number(id: &JobId) -> Option<i64> {
    id.as_str().parse().ok()
}
