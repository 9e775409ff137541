//! Our row of an order, as it is written.

use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::{
    error::Result,
    ports::store::{JobRow, OrderRow},
};

use super::{Connection, dialect, jobs, writes::Writes};

pub(super) fn insert<'a>(writes: &mut Writes<'a>, order: &'a OrderRow) {
    let sql = format!(
        "INSERT INTO ghlkit_orders (location_id, order_id, number, snapshot, email, phone, version, \
         commit_seq, changed_at, changed_by, pushed_version, dirty, clean, dirty_contact, clean_contact, \
         milestone, detached, known_status) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, {}, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        dialect::commit_seq("$8")
    );
    writes.add(
        AssertSqlSafe(sql).into_sql_str(),
        [
            order.location.as_str().into(),
            order.id.as_str().into(),
            (&order.number).into(),
            (&order.snapshot).into(),
            (&order.email).into(),
            (&order.phone).into(),
            order.version.into(),
            order.commit_seq.into(),
            order.changed_at.into(),
            order.changed_by.as_str().into(),
            order.pushed_version.into(),
            order.dirty.into(),
            order.clean.into(),
            order.dirty_contact.into(),
            order.clean_contact.into(),
            order.milestone.into(),
            order.detached.into(),
            (&order.status).into(),
        ],
    );
}

pub(super) async fn save_progress(connection: &mut Connection, order: &OrderRow) -> Result<()> {
    sqlx::query("UPDATE ghlkit_orders SET manufacturing_progress = $2, milestone = $3 WHERE order_id = $1")
        .bind(order.id.as_str())
        .bind(order.manufacturing_progress)
        .bind(order.milestone)
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether the status that ghlkit knows of is noted. Who notes another has locked the users' row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    /// As it was.
    Before,
    /// The order's.
    Now,
}

/// Notes the status that ghlkit knows of by itself.
pub(super) async fn note_status(connection: &mut Connection, order: &OrderRow) -> Result<()> {
    sqlx::query("UPDATE ghlkit_orders SET known_status = $2 WHERE order_id = $1")
        .bind(order.id.as_str())
        .bind(&order.status)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes both down, but for the status.
pub(super) async fn save_both(connection: &mut Connection, order: &OrderRow, job: &JobRow) -> Result<()> {
    let mut writes = Writes::default();
    save(&mut writes, order, Noted::Before);
    jobs::save(&mut writes, job);
    writes.run(connection).await?;
    Ok(())
}

/// Writes everything of our row that may change by a pass; the lease key is the job's.
pub(super) fn save<'a>(writes: &mut Writes<'a>, order: &'a OrderRow, noted: Noted) {
    let creating = order.creating.as_ref();
    let known = (noted == Noted::Now).then_some(order.status.as_str());
    let sql = format!(
        "UPDATE ghlkit_orders SET contact_id = $2, opportunity_id = $3, candidate_id = $4, creating = $5, \
         creating_since = $6, creating_refused = $7, version = $8, commit_seq = {}, changed_at = $10, \
         changed_by = $11, pushed_version = $12, dirty = $13, clean = $14, dirty_contact = $15, \
         clean_contact = $16, detached = $17, known_status = COALESCE($18, known_status) WHERE order_id = $1",
        dialect::commit_seq("$9")
    );
    writes.add(
        AssertSqlSafe(sql).into_sql_str(),
        [
            order.id.as_str().into(),
            order.contact.as_ref().map(AsRef::as_ref).into(),
            order.opportunity.as_ref().map(AsRef::as_ref).into(),
            order.candidate.as_ref().map(AsRef::as_ref).into(),
            creating.map(|creating| creating.object.as_str()).into(),
            creating.map(|creating| creating.since).into(),
            creating.is_some_and(|creating| creating.refused).into(),
            order.version.into(),
            order.commit_seq.into(),
            order.changed_at.into(),
            order.changed_by.as_str().into(),
            order.pushed_version.into(),
            order.dirty.into(),
            order.clean.into(),
            order.dirty_contact.into(),
            order.clean_contact.into(),
            order.detached.into(),
            known.into(),
        ],
    );
}
