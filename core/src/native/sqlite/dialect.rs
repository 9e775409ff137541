//! What SQLite spells in its own way. A write transaction holds the whole database, so nothing else is locked.

use super::{Connection, limit, writes::Write};
use crate::{
    error::{Error, Result},
    ports::store::{JobRow, Lease},
};

/// Due jobs, oldest first: of each lease key the first, and none whose key is under a live lease.
const DUE: &str = "SELECT * FROM ghlkit_jobs j \
     WHERE state IN ('waiting', 'leased') AND due_at <= $1 \
     AND NOT EXISTS (SELECT 1 FROM ghlkit_jobs b \
       WHERE b.lease_key = j.lease_key AND b.state = 'leased' AND b.due_at > $1) \
     AND NOT EXISTS (SELECT 1 FROM ghlkit_jobs e \
       WHERE e.lease_key = j.lease_key AND e.state IN ('waiting', 'leased') AND e.due_at <= j.due_at \
       AND (e.due_at < j.due_at OR e.id < j.id)) \
     ORDER BY due_at, id LIMIT $2";

/// The job of one order, under the same conditions.
const DUE_ONLY: &str = "SELECT * FROM ghlkit_jobs j \
     WHERE location_id = $3 AND order_id = $4 AND state IN ('waiting', 'leased') AND due_at <= $1 \
     AND NOT EXISTS (SELECT 1 FROM ghlkit_jobs b \
       WHERE b.lease_key = j.lease_key AND b.state = 'leased' AND b.due_at > $1) LIMIT $2";

pub(super) const ROW_LOCKS: [&str; 2] = [""; 2];
pub(super) const LOCK_JOB: &str = "SELECT * FROM ghlkit_jobs WHERE id = $1";
/// `$1` jobs, `$2` the end of the leases, `$3` their token, `$4` the worker.
pub(super) const BEGIN_LEASES: &str = "UPDATE ghlkit_jobs SET state = 'leased', due_at = $2, lease_until = $2, \
     lease_token = $3, leased_wanted = wanted, worker = $4 WHERE id IN (SELECT value FROM json_each($1))";
pub(super) const LOCK_PENDING: &str = "SELECT location_id, webhook_event_id FROM ghlkit_inbox e \
     LEFT JOIN ghlkit_inbox_copies ON inbox_id = e.id WHERE e.id = $1 AND state = 'pending'";
/// The copy of an event is written by a statement of its own.
pub(super) const OF_EVENT: &str = "";
pub(super) const LOCK_DELIVERY: &str = "SELECT * FROM ghlkit_deliveries WHERE id = $1";
pub(super) const LOCK_DUE_DELIVERIES: &str = "";
pub(super) const CLAIM_EVENTS: &str = "UPDATE ghlkit_events SET told = TRUE WHERE position IN \
     (SELECT position FROM ghlkit_events WHERE NOT told ORDER BY position LIMIT $1) RETURNING *";
/// `$1` location, `$2` e-mail, `$3` phone, `$4` the lease key otherwise, `$5` id, `$6` number.
pub(super) const KNOWN: &str = "SELECT CASE WHEN EXISTS (SELECT 1 FROM ghlkit_orders WHERE order_id = $5) THEN 'id' \
     WHEN EXISTS (SELECT 1 FROM ghlkit_orders WHERE location_id = $1 AND number = $6) THEN 'orderNumber' END, \
     COALESCE(\
     (SELECT lease_key FROM ghlkit_orders JOIN ghlkit_jobs USING (location_id, order_id) \
      WHERE location_id = $1 AND email = $2 ORDER BY commit_seq DESC LIMIT 1), \
     (SELECT lease_key FROM ghlkit_orders JOIN ghlkit_jobs USING (location_id, order_id) \
      WHERE location_id = $1 AND phone = $3 ORDER BY commit_seq DESC LIMIT 1), $4)";

/// `$1` scope, `$2` location, `$3` the time, which is the machine's for all who share the file.
pub(super) const LIMIT_ROW: &str = "SELECT now, version, state FROM (SELECT $3 AS now) \
     LEFT JOIN ghlkit_limits ON scope = $1 AND location_id = $2";

/// Forgets four of the webhooks whose time has passed.
pub(super) const FORGET_SEEN: &str = "DELETE FROM ghlkit_seen WHERE (receiver, event) IN \
     (SELECT receiver, event FROM ghlkit_seen WHERE until <= $1 ORDER BY until LIMIT 4)";

/// The next place in the order of commits.
pub(super) async fn next_commit_seq(connection: &mut Connection) -> Result<i64> {
    let sql = "UPDATE ghlkit_meta SET value = value + 1 WHERE name = 'commit_seq' RETURNING value";
    Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
}

/// The place in the order of commits, of a row that is written.
pub(super) fn commit_seq(parameter: &str) -> String {
    parameter.to_owned()
}

/// The users' times are text in UTC; ours are epoch milliseconds.
pub(super) fn time(milliseconds: &str) -> String {
    format!("datetime({milliseconds} / 1000, 'unixepoch')")
}

/// Numbers as one parameter.
pub(super) fn numbers(numbers: Vec<i64>) -> String {
    format!("{numbers:?}")
}

/// One after the other: there is no way that would be saved.
pub(super) fn together(writes: Vec<Write<'_>>) -> Vec<Write<'_>> {
    writes
}

pub(super) async fn due(connection: &mut Connection, lease: &Lease) -> Result<Vec<JobRow>> {
    let due = sqlx::query_as(if lease.only.is_some() { DUE_ONLY } else { DUE })
        .bind(lease.now)
        .bind(limit(lease.max));
    let due = match &lease.only {
        Some((location, order)) => due.bind(location.as_str()).bind(order.as_str()),
        None => due,
    };
    Ok(due.fetch_all(connection).await?)
}

/// Keeps names for this transaction.
#[expect(clippy::unused_async, reason = "the other database asks its server")]
pub(super) async fn hold(_: &mut Connection, _: Vec<String>) -> Result<()> {
    Ok(())
}

/// Keeps the jobs of a lease key as they are.
#[expect(clippy::unused_async, reason = "the other database asks its server")]
pub(super) async fn lock_jobs_of_key(_: &mut Connection, _: &str) -> Result<()> {
    Ok(())
}

/// No transaction goes without waiting.
pub(super) fn is_held(_: &Error) -> bool {
    false
}

/// One writes at a time.
#[expect(clippy::unused_async, reason = "the other database asks its server")]
pub(super) async fn oldest_transaction(_: &mut Connection) -> Result<u64> {
    Ok(0)
}

/// The same.
#[expect(clippy::unused_async, reason = "the other database asks its server")]
pub(super) async fn own_transaction(_: &mut Connection) -> Result<u64> {
    Ok(0)
}
