//! What PostgreSQL spells in its own way.
//!
//! A job's row is the lock of its order: whoever changes either has locked it first, and before it the users' row,
//! if that is to be written: so does whoever changes a status in SQL where a trigger is installed. What must not happen twice
//! at once, but has no row yet, is held by name with advisory locks, which end with the transaction. Who needs the rows of
//! other orders too does not wait for them: a shop may change several orders at once, in whichever order.

use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::{Connection, limit, writes::Write};
use crate::{
    error::{Error, Result},
    ports::store::{JobRow, Lease},
};

/// Due jobs, oldest first: of each lease key the first, and none whose key is under a live lease, or is being
/// leased or given to other jobs by somebody else right now.
const DUE: &str = "SELECT * FROM (SELECT * FROM ghlkit_jobs j \
     WHERE state IN ('waiting', 'leased') AND due_at <= $1 \
     AND NOT EXISTS (SELECT 1 FROM ghlkit_jobs b \
       WHERE b.lease_key = j.lease_key AND b.state = 'leased' AND b.due_at > $1) \
     AND NOT EXISTS (SELECT 1 FROM ghlkit_jobs e \
       WHERE e.lease_key = j.lease_key AND e.state IN ('waiting', 'leased') AND e.due_at <= j.due_at \
       AND (e.due_at < j.due_at OR e.id < j.id)) \
     ORDER BY due_at, id LIMIT $2 FOR UPDATE OF j SKIP LOCKED) due \
     WHERE pg_try_advisory_xact_lock(hashtextextended('ghlkit ' || lease_key, 0))";

/// The job of one order, under the same conditions.
const DUE_ONLY: &str = "SELECT * FROM (SELECT * FROM ghlkit_jobs j \
     WHERE location_id = $3 AND order_id = $4 AND state IN ('waiting', 'leased') AND due_at <= $1 \
     AND NOT EXISTS (SELECT 1 FROM ghlkit_jobs b \
       WHERE b.lease_key = j.lease_key AND b.state = 'leased' AND b.due_at > $1) LIMIT $2 \
     FOR UPDATE OF j SKIP LOCKED) due \
     WHERE pg_try_advisory_xact_lock(hashtextextended('ghlkit ' || lease_key, 0))";

/// Of these lease keys, those under a live lease. The statement that held the keys looked before it held them.
const TAKEN_KEYS: &str = "SELECT lease_key FROM ghlkit_jobs \
     WHERE lease_key = ANY($2) AND state = 'leased' AND due_at > $1";

/// One by one, in an order that all agree on.
const HOLD: &str =
    "SELECT pg_advisory_xact_lock(hashtextextended('ghlkit ' || name, 0)) FROM unnest($1) name";

/// Keeps an order, `k`, and its job, `j`, from changes by others; and before them the users' row, `o`.
pub(super) const ROW_LOCKS: [&str; 2] =
    [" FOR UPDATE OF j FOR UPDATE OF k", " FOR NO KEY UPDATE OF o FOR UPDATE OF j FOR UPDATE OF k"];
pub(super) const LOCK_JOB: &str = "SELECT * FROM ghlkit_jobs WHERE id = $1 FOR UPDATE";
/// `$1` jobs, `$2` the end of the leases, `$3` their token, `$4` the worker.
pub(super) const BEGIN_LEASES: &str = "UPDATE ghlkit_jobs SET state = 'leased', due_at = $2, lease_until = $2, \
     lease_token = $3, leased_wanted = wanted, worker = $4 WHERE id = ANY($1)";
pub(super) const LOCK_PENDING: &str = "SELECT location_id, webhook_event_id FROM ghlkit_inbox e \
     LEFT JOIN ghlkit_inbox_copies ON inbox_id = e.id WHERE e.id = $1 AND state = 'pending' FOR UPDATE OF e";
/// The copy of an event is written where the event is, by the same statement.
pub(super) const OF_EVENT: &str = " FROM event";
pub(super) const LOCK_DELIVERY: &str = "SELECT * FROM ghlkit_deliveries WHERE id = $1 FOR UPDATE";
pub(super) const LOCK_DUE_DELIVERIES: &str = " FOR UPDATE OF d SKIP LOCKED";
pub(super) const CLAIM_EVENTS: &str = "UPDATE ghlkit_events SET told = TRUE WHERE position = ANY(ARRAY( \
     SELECT position FROM ghlkit_events WHERE NOT told ORDER BY position LIMIT $1 FOR UPDATE SKIP LOCKED)) \
     RETURNING *";
/// `$1` location, `$2` e-mail, `$3` phone, `$4` the lease key otherwise, `$5` id, `$6` number. A key that is being changed is
/// waited for. The transaction has a number from then on: who reads the log of events waits only for those that have one.
pub(super) const KNOWN: &str = "SELECT CASE WHEN EXISTS (SELECT 1 FROM ghlkit_orders WHERE order_id = $5) THEN 'id' \
     WHEN EXISTS (SELECT 1 FROM ghlkit_orders WHERE location_id = $1 AND number = $6) THEN 'orderNumber' END, \
     COALESCE(\
     (SELECT j.lease_key FROM ghlkit_orders JOIN ghlkit_jobs j USING (location_id, order_id) \
      WHERE location_id = $1 AND email = $2 ORDER BY commit_seq DESC LIMIT 1 FOR SHARE OF j), \
     (SELECT j.lease_key FROM ghlkit_orders JOIN ghlkit_jobs j USING (location_id, order_id) \
      WHERE location_id = $1 AND phone = $3 ORDER BY commit_seq DESC LIMIT 1 FOR SHARE OF j), $4), \
     pg_current_xact_id()";

/// `$1` scope, `$2` location, `$3` the caller's time, which gives way to the server's.
pub(super) const LIMIT_ROW: &str = "SELECT now, version, state FROM \
     (SELECT COALESCE(CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT), $3) AS now) clock \
     LEFT JOIN ghlkit_limits ON scope = $1 AND location_id = $2";

/// None yet: it is given as the row is written. It is no row, so that changes of different orders do not wait for each other; what
/// is skipped by a roll-back is not missed.
#[expect(clippy::unused_async, reason = "the other database has a row for it")]
pub(super) async fn next_commit_seq(_: &mut Connection) -> Result<i64> {
    Ok(0)
}

/// The place in the order of commits, of a row that is written; 0 for the next.
pub(super) fn commit_seq(parameter: &str) -> String {
    format!("COALESCE(NULLIF({parameter}, 0), nextval('ghlkit_commit_seq'))")
}

/// The users' times are in UTC, as is the session; ours are epoch milliseconds.
pub(super) fn time(milliseconds: &str) -> String {
    format!("to_timestamp({milliseconds} / 1000.0)")
}

/// Numbers as one parameter.
pub(super) fn numbers(numbers: Vec<i64>) -> Vec<i64> {
    numbers
}

/// All of them in one statement, whose parameters are numbered anew. They run at once and see what was there before; a trigger
/// on one of their tables runs after them all.
pub(super) fn together(mut writes: Vec<Write<'_>>) -> Vec<Write<'_>> {
    let Some((last, its_values)) = writes.pop() else { return writes };
    if writes.is_empty() {
        return vec![(last, its_values)];
    }
    let (mut sql, mut values) = (String::from("WITH "), Vec::new());
    for (nth, (write, its_values)) in writes.into_iter().enumerate() {
        let comma = if nth == 0 { "" } else { ", " };
        sql += &format!("{comma}write_{nth} AS ({})", renumbered(write.as_str(), values.len()));
        values.extend(its_values);
    }
    sql.push(' ');
    sql += &renumbered(last.as_str(), values.len());
    values.extend(its_values);
    vec![(AssertSqlSafe(sql).into_sql_str(), values)]
}

/// The statement with parameters that are so many later.
fn renumbered(sql: &str, by: usize) -> String {
    let mut parts = sql.split('$');
    let mut renumbered = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|character: char| !character.is_ascii_digit()).unwrap_or(part.len());
        let (number, rest) = part.split_at(digits);
        let number = number.parse().map_or(String::new(), |number: usize| (number + by).to_string());
        renumbered += &format!("${number}{rest}");
    }
    renumbered
}

pub(super) async fn due(connection: &mut Connection, lease: &Lease) -> Result<Vec<JobRow>> {
    let due = sqlx::query_as(if lease.only.is_some() { DUE_ONLY } else { DUE })
        .bind(lease.now)
        .bind(limit(lease.max));
    let due = match &lease.only {
        Some((location, order)) => due.bind(location.as_str()).bind(order.as_str()),
        None => due,
    };
    let mut jobs: Vec<JobRow> = due.fetch_all(&mut *connection).await?;
    let keys: Vec<&str> = jobs.iter().map(|job| job.lease_key.as_str()).collect();
    if !keys.is_empty() {
        let taken: Vec<String> =
            sqlx::query_scalar(TAKEN_KEYS).bind(lease.now).bind(keys).fetch_all(connection).await?;
        jobs.retain(|job| !taken.contains(&job.lease_key));
    }
    Ok(jobs)
}

/// Forgets four of the webhooks whose time has passed, but none that another transaction is at work on.
pub(super) const FORGET_SEEN: &str = "DELETE FROM ghlkit_seen WHERE (receiver, event) IN \
     (SELECT receiver, event FROM ghlkit_seen WHERE until <= $1 ORDER BY until LIMIT 4 FOR UPDATE SKIP LOCKED)";

/// Keeps names for this transaction.
pub(super) async fn hold(connection: &mut Connection, mut names: Vec<String>) -> Result<()> {
    names.sort_unstable();
    names.dedup();
    sqlx::query(HOLD).bind(names).execute(connection).await?;
    Ok(())
}

/// Keeps the jobs of a lease key as they are. Fails where somebody else has one of them: see [`is_held`].
pub(super) async fn lock_jobs_of_key(connection: &mut Connection, key: &str) -> Result<()> {
    let sql = "SELECT id FROM ghlkit_jobs WHERE lease_key = $1 ORDER BY id FOR UPDATE NOWAIT";
    sqlx::query(sql).bind(key).execute(connection).await?;
    Ok(())
}

/// Whether a transaction failed because it did not wait for a row, `lock_not_available`.
pub(super) fn is_held(error: &Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<sqlx::Error>());
    cause
        .and_then(sqlx::Error::as_database_error)
        .is_some_and(|error| error.code().as_deref() == Some("55P03"))
}

/// All transactions with a lower number had ended when the snapshot was taken.
pub(super) async fn oldest_transaction(connection: &mut Connection) -> Result<u64> {
    number(connection, "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)").await
}

/// The number of this transaction, given now. What a snapshot calls its end is no bound: it leaves out who began last.
pub(super) async fn own_transaction(connection: &mut Connection) -> Result<u64> {
    number(connection, "SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)").await
}

async fn number(connection: &mut Connection, sql: &'static str) -> Result<u64> {
    let number: i64 = sqlx::query_scalar(sql).fetch_one(connection).await?;
    Ok(number.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use sqlx::SqlStr;

    use super::*;

    #[test]
    fn statements_that_go_together_keep_their_parameters_apart() {
        let write = |sql, values: &[i64]| -> Write<'static> {
            (SqlStr::from_static(sql), values.iter().map(|value| (*value).into()).collect())
        };
        let update = || write("UPDATE a SET b = $2, c = $2 || '$' WHERE id ~ '^x$' AND d = $1", &[1, 2]);
        let insert = || write("INSERT INTO e VALUES ($1, $10)", &[0; 10]);
        let sql = |writes: Vec<Write<'static>>| -> Vec<(String, usize)> {
            together(writes)
                .into_iter()
                .map(|(sql, values)| (sql.as_str().to_owned(), values.len()))
                .collect()
        };
        assert_eq!(sql(vec![]), []);
        assert_eq!(sql(vec![insert()]), [("INSERT INTO e VALUES ($1, $10)".to_owned(), 10)]);
        let all = "WITH write_0 AS (UPDATE a SET b = $2, c = $2 || '$' WHERE id ~ '^x$' AND d = $1), \
                   write_1 AS (INSERT INTO e VALUES ($3, $12)) \
                   UPDATE a SET b = $14, c = $14 || '$' WHERE id ~ '^x$' AND d = $13";
        assert_eq!(sql(vec![update(), insert(), update()]), [(all.to_owned(), 14)]);
    }
}
