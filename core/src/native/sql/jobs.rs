use std::time::Duration;

use sqlx::SqlStr;

use crate::{
    error::Result,
    ids::JobId,
    ports::{
        Bell, BoxFuture,
        store::{Change, Committed, Fence, JobFilter, JobRow, JobStore, Lease, QueueRow},
    },
    store::rules,
};

use super::{Connection, Store, dialect, limit, writes::Writes};

/// How often a commit gives way to others that are at work on orders of the same customer, and for how long: for ten
/// seconds in all, as long as a statement may take.
const GIVE_WAY: usize = 400;
const PAUSE: Duration = Duration::from_millis(25);

impl JobStore for Store {
    fn lease(&self, lease: Lease) -> BoxFuture<'_, Result<Vec<JobRow>>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let mut jobs = dialect::due(&mut transaction, &lease).await?;
            if jobs.is_empty() {
                return Ok(jobs);
            }
            let ids = jobs.iter_mut().filter_map(|job| {
                job.begin_lease(&lease);
                number(&job.id)
            });
            // All as `begin_lease` has it.
            sqlx::query(dialect::BEGIN_LEASES)
                .bind(dialect::numbers(ids.collect()))
                .bind(lease.until)
                .bind(&lease.token)
                .bind(&lease.worker)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(jobs)
        })
    }

    fn commit(&self, fence: Fence, changes: Vec<Change>) -> BoxFuture<'_, Result<Committed>> {
        Box::pin(async move {
            // Only who learns of a contact needs the rows of other orders.
            let gives_way = changes.iter().any(|change| matches!(change, Change::SetContact { .. }));
            for _ in 0..if gives_way { GIVE_WAY } else { 0 } {
                match self.try_commit(&fence, &changes).await {
                    Err(error) if dialect::is_held(&error) => tokio::time::sleep(PAUSE).await,
                    done => return done,
                }
            }
            self.try_commit(&fence, &changes).await
        })
    }

    fn listen<'a>(&'a self, bell: &'a dyn Bell) -> BoxFuture<'a, ()> {
        Box::pin(self.hear(bell))
    }

    fn next_due(&self) -> BoxFuture<'_, Result<Option<i64>>> {
        Box::pin(async move {
            // Of the jobs due first, each after the lease that another job with its key is under.
            let sql = "SELECT MIN(CASE WHEN held_until > due_at THEN held_until ELSE due_at END) FROM \
                 (SELECT due_at, (SELECT MAX(held.due_at) FROM ghlkit_jobs AS held \
                 WHERE held.lease_key = job.lease_key AND held.state = 'leased' AND held.id <> job.id) \
                 AS held_until FROM (SELECT * FROM ghlkit_jobs WHERE state IN ('waiting', 'leased') \
                 ORDER BY due_at LIMIT 64) AS job) AS first";
            self.alone(async { Ok(sqlx::query_scalar(sql).fetch_one(&mut *self.reader().await?).await?) })
                .await
        })
    }

    fn queue(&self) -> BoxFuture<'_, Result<QueueRow>> {
        Box::pin(async move {
            let sql = "SELECT COUNT(CASE WHEN state IN ('waiting', 'leased') THEN 1 END), \
                 MIN(CASE WHEN state IN ('waiting', 'leased') THEN due_at END), \
                 MIN(CASE WHEN state IN ('waiting', 'leased') AND first_failed_at > COALESCE(\
                   (SELECT MAX(due_at) FROM ghlkit_jobs WHERE state = 'done'), -1) THEN first_failed_at END), \
                 COUNT(CASE WHEN state = 'dead' THEN 1 END), \
                 MAX(CASE WHEN state = 'done' THEN due_at END) FROM ghlkit_jobs";
            let (waiting, due_at, failing_since, dead, done_at) =
                sqlx::query_as(sql).fetch_one(&mut *self.read().await?).await?;
            Ok(QueueRow { waiting, due_at, failing_since, dead, done_at })
        })
    }

    fn job<'a>(&'a self, id: &'a JobId) -> BoxFuture<'a, Result<Option<JobRow>>> {
        Box::pin(async move {
            let mut connection = self.read().await?;
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
                "SELECT * FROM ghlkit_jobs WHERE id > $1 AND ($2 IS NULL OR location_id = $2) \
                 AND ($3 IS NULL OR state = $3) AND ($4 IS NULL OR order_id = $4) \
                 AND ($5 IS NULL OR error_code = $5) ORDER BY id LIMIT $6",
            )
            .bind(after)
            .bind(filter.location.as_ref().map(AsRef::as_ref))
            .bind(filter.state.map(|state| state.as_str()))
            .bind(filter.order.as_ref().map(AsRef::as_ref))
            .bind(filter.error.map(|error| error.as_str()))
            .bind(limit(rows))
            .fetch_all(&mut *self.read().await?)
            .await?)
        })
    }

    fn replay<'a>(&'a self, id: &'a JobId, now: i64) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut transaction = self.begin().await?;
            let Some(mut job) = lock(&mut transaction, id).await? else { return Ok(false) };
            let replayed = job.replay(now);
            if replayed {
                let mut writes = Writes::default();
                save(&mut writes, &job);
                writes.run(&mut transaction).await?;
            }
            transaction.commit().await?;
            if replayed {
                self.wake().await;
            }
            Ok(replayed)
        })
    }
}

impl Store {
    async fn try_commit(&self, fence: &Fence, changes: &[Change]) -> Result<Committed> {
        let mut transaction = self.begin().await?;
        let done = self.apply(&mut transaction, fence, changes).await;
        // Whoever is given way to waits for what this one holds.
        if done.is_err() {
            transaction.rollback().await?;
        } else {
            transaction.commit().await?;
        }
        done
    }
}

pub(super) async fn fetch(connection: &mut Connection, id: &JobId) -> Result<Option<JobRow>> {
    let query = sqlx::query_as("SELECT * FROM ghlkit_jobs WHERE id = $1").bind(number(id));
    Ok(query.fetch_optional(connection).await?)
}

/// The job, to be changed together with its order: whoever changes either has locked this row first.
pub(super) async fn lock(connection: &mut Connection, id: &JobId) -> Result<Option<JobRow>> {
    Ok(sqlx::query_as(dialect::LOCK_JOB).bind(number(id)).fetch_optional(connection).await?)
}

/// Inserts a job, which gives its id.
pub(super) fn insert<'a>(writes: &mut Writes<'a>, job: &'a JobRow) {
    let sql = "INSERT INTO ghlkit_jobs (location_id, order_id, lease_key, state, due_at, failures, wanted, \
         leased_wanted, lease_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
    writes.add(
        SqlStr::from_static(sql),
        [
            job.location.as_str().into(),
            job.order.as_str().into(),
            (&job.lease_key).into(),
            job.state.as_str().into(),
            job.due_at.into(),
            job.failures.into(),
            job.wanted.into(),
            job.leased_wanted.into(),
            job.lease_until.into(),
        ],
    );
}

pub(super) fn save<'a>(writes: &mut Writes<'a>, job: &'a JobRow) {
    let sql = "UPDATE ghlkit_jobs SET lease_key = $2, state = $3, due_at = $4, failures = $5, \
         first_failed_at = $6, wanted = $7, leased_wanted = $8, lease_token = $9, lease_until = $10, \
         worker = $11, error_code = $12, error_message = $13 WHERE id = $1";
    writes.add(
        SqlStr::from_static(sql),
        [
            number(&job.id).into(),
            (&job.lease_key).into(),
            job.state.as_str().into(),
            job.due_at.into(),
            job.failures.into(),
            job.first_failed_at.into(),
            job.wanted.into(),
            job.leased_wanted.into(),
            (&job.lease_token).into(),
            job.lease_until.into(),
            (&job.worker).into(),
            (&job.error_code).into(),
            (&job.error_message).into(),
        ],
    );
}

/// Ids are numbers here; any other text names no job.
pub(super) fn number(id: &JobId) -> Option<i64> {
    id.as_str().parse().ok()
}
