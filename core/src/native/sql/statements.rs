//! Statements that name the users' tables, rendered once for their names and types.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::{dialect, migrate::Migrated};
use crate::native::sql::TableNames;

/// All parameters but times and flags are bound as text, whatever the types of the users' columns.
#[derive(Debug)]
pub(super) struct Sql {
    /// What the users' tables are called.
    pub(super) names: TableNames,
    /// The order of a job that is being worked on, even if the users' row is gone. `$1` location, `$2` id.
    pub(super) order_of_job: SqlStr,
    /// `$1` location, `$2` id.
    pub(super) order: SqlStr,
    /// `$1` location, `$2` opportunity.
    pub(super) orders_by_opportunity: SqlStr,
    /// `$1` location, `$2` contact.
    pub(super) orders_by_contact: SqlStr,
    /// All that have the lease key of one, which is among them, with its objects. `$1` location, `$2` its id.
    pub(super) pass_rows: SqlStr,
    /// An order with its job, locked: without the users' row, and with it. `$1` location, `$2` id.
    pub(super) order_and_job: [SqlStr; 2],
    /// The same for `$1` job.
    pub(super) order_of_job_and_job: [SqlStr; 2],
    /// `$1` location, `$2` number.
    pub(super) orders_by_number: SqlStr,
    /// `$1` location, `$2` last id, `$3` limit, `$4` status or null.
    pub(super) orders_after: SqlStr,
    /// `$1` id, `$2` status, which replaces that of a row that is there; only where a migration made the table.
    pub(super) insert_order: Option<SqlStr>,
    /// `$1` id, `$2` status. An id that only becomes equal by conversion (`007` for 7) is another id.
    pub(super) set_status: SqlStr,
    /// `$1` id.
    pub(super) set_pending: SqlStr,
    /// `$1` id, `$2` contact, `$3` opportunity, `$4` sync status or null, `$5` time of sync or null.
    pub(super) set_ghl: SqlStr,
    /// `$1` id, `$2` appointment, `$3` its beginning, `$4` how far it is.
    pub(super) set_installation: SqlStr,
    /// `$1` order, `$2` location, `$3` type, `$4` status, `$5` request, `$6` response, `$7` error, `$8` now.
    pub(super) log: SqlStr,
    /// `$1` location, `$2` event type, `$3` payload, `$4` now: the users' copy of an event. Gives its id as text.
    pub(super) insert_webhook_event: SqlStr,
    /// `$1` id, `$2` processed, `$3` error, `$4` now.
    pub(super) settle_webhook_event: SqlStr,
    /// `$1` location, `$2` contact.
    pub(super) reopen_webhook_events_of_contact: SqlStr,
    /// `$1` location, `$2` opportunity.
    pub(super) reopen_webhook_events_of_opportunity: SqlStr,
}

impl Sql {
    pub(super) fn new(names: &TableNames, migrated: &Migrated) -> Self {
        let found = &migrated.found;
        // The names were validated and are quoted.
        let render = |template: &str| AssertSqlSafe(Arc::<str>::from(names.render(template))).into_sql_str();
        let known = |id: &str| found.typed("orders", &names.id, id);
        let selected = |more: &str, joined: &str, condition: &str| {
            // Our row, its job's lease key and the users' status. The users' row may be gone.
            render(&format!(
                "SELECT k.*, j.lease_key, CAST(o.{{status}} AS TEXT) AS status{more} FROM ghlkit_orders k \
                 JOIN ghlkit_jobs j ON j.order_id = k.order_id LEFT JOIN {{orders}} o ON o.{{id}} = {} {joined} WHERE {condition}",
                known("k.order_id")
            ))
        };
        let order = |condition: &str| selected("", "", &format!("k.location_id = $1 AND {condition}"));
        // A default cannot be selected, only left out.
        let (id, its_id) = match found.webhook_event_id {
            "DEFAULT" => ("", String::new()),
            sql => ("id, ", format!("{sql}, ")),
        };
        let copy = format!(
            "INSERT INTO {{webhook_events}} ({id}location_id, event_type, source, payload, processed, created_at) \
             SELECT {its_id}$1, $2, 'gohighlevel', {}, FALSE, {}{} RETURNING CAST(id AS TEXT) AS id",
            found.typed("webhook_events", "payload", "$3"),
            dialect::time("$4"),
            dialect::OF_EVENT
        );
        let reopen = |column: &str| {
            render(&format!(
                "UPDATE {{webhook_events}} SET processed = FALSE, error = NULL \
                 WHERE source = 'gohighlevel' AND id IN (SELECT {} \
                 FROM ghlkit_inbox e JOIN ghlkit_inbox_copies ON inbox_id = e.id WHERE location_id = $1 AND {column} = $2 \
                 AND state = 'unresolved')",
                found.typed("webhook_events", "id", "webhook_event_id")
            ))
        };
        let locked = |condition: &str| {
            dialect::ROW_LOCKS.map(|locks| {
                render(&format!(
                    "SELECT k.*, j.id, j.lease_key, j.state, j.due_at, j.failures, j.first_failed_at, j.wanted, \
                     j.leased_wanted, j.lease_token, j.lease_until, j.worker, j.error_code, j.error_message, \
                     CAST(o.{{status}} AS TEXT) AS status FROM ghlkit_orders k \
                     JOIN ghlkit_jobs j ON j.location_id = k.location_id AND j.order_id = k.order_id \
                     JOIN {{orders}} o ON o.{{id}} = {} WHERE {condition}{locks}",
                    known("k.order_id")
                ))
            })
        };
        let logged = |column, parameter| found.typed("crm_sync_log", column, parameter);
        Self {
            names: names.clone(),
            order_of_job: order("k.order_id = $2"),
            order: order("k.order_id = $2 AND o.{id} IS NOT NULL"),
            orders_by_opportunity: order(
                "k.opportunity_id = $2 AND o.{id} IS NOT NULL ORDER BY k.commit_seq",
            ),
            orders_by_contact: order("k.contact_id = $2 AND o.{id} IS NOT NULL ORDER BY k.commit_seq"),
            pass_rows: selected(
                ", contact.base AS contact_base, contact.base_at AS contact_base_at, \
                 contact.unknown AS contact_unknown, opportunity.base AS opportunity_base, \
                 opportunity.base_at AS opportunity_base_at, opportunity.unknown AS opportunity_unknown",
                "LEFT JOIN ghlkit_objects contact ON k.order_id = $2 AND contact.location_id = $1 \
                 AND contact.kind = 'contact' AND contact.object_id = k.contact_id \
                 LEFT JOIN ghlkit_objects opportunity ON k.order_id = $2 AND opportunity.location_id = $1 \
                 AND opportunity.kind = 'opportunity' AND opportunity.object_id = k.opportunity_id",
                // The location is the jobs', so that an order is only to be found by its id.
                "j.location_id = $1 AND j.lease_key = (SELECT lease_key FROM ghlkit_jobs WHERE location_id = $1 AND order_id = $2) \
                 AND o.{id} IS NOT NULL ORDER BY k.commit_seq",
            ),
            order_and_job: locked("k.location_id = $1 AND k.order_id = $2"),
            order_of_job_and_job: locked("j.id = $1"),
            orders_by_number: order("k.number = $2 AND o.{id} IS NOT NULL"),
            orders_after: order(
                "k.order_id > $2 AND o.{id} IS NOT NULL \
                 AND (CAST($4 AS TEXT) IS NULL OR CAST(o.{status} AS TEXT) = $4) ORDER BY k.order_id LIMIT $3",
            ),
            insert_order: migrated.orders_made.then(|| {
                render(
                    "INSERT INTO {orders} ({id}, {status}, {ghl_sync_status}) VALUES ($1, $2, 'pending') \
                     ON CONFLICT ({id}) DO UPDATE SET {status} = $2, {ghl_sync_status} = 'pending'",
                )
            }),
            set_status: render(&format!(
                "UPDATE {{orders}} SET {{status}} = {}, {{ghl_sync_status}} = 'pending' \
                 WHERE {{id}} = {} AND CAST({{id}} AS TEXT) = $1",
                found.typed("orders", &names.status, "$2"),
                found.given_id(&names.id, "$1")
            )),
            set_pending: render(&format!(
                "UPDATE {{orders}} SET {{ghl_sync_status}} = 'pending' WHERE {{id}} = {}",
                known("$1")
            )),
            set_ghl: render(&format!(
                "UPDATE {{orders}} SET {{ghl_contact_id}} = $2, {{ghl_opportunity_id}} = $3, \
                 {{ghl_sync_status}} = COALESCE($4, {{ghl_sync_status}}), \
                 {{ghl_last_sync}} = COALESCE({}, {{ghl_last_sync}}) WHERE {{id}} = {}",
                dialect::time("$5"),
                known("$1")
            )),
            set_installation: render(&format!(
                "UPDATE {{orders}} SET {{ghl_appointment_id}} = $2, {{installation_date}} = {}, \
                 {{installation_status}} = {} WHERE {{id}} = {}",
                dialect::time("$3"),
                found.typed("orders", &names.installation_status, "$4"),
                known("$1")
            )),
            // The order's row may be gone, and a foreign key would refuse its id then.
            log: render(&format!(
                "INSERT INTO {{crm_sync_log}} (id, order_id, location_id, sync_type, sync_status, \
                 request_data, response_data, error_message, created_at) \
                 VALUES ({}, (SELECT {} FROM {{orders}} WHERE {{id}} = {}), $2, $3, $4, {}, {}, $7, {})",
                found.log_id,
                logged("order_id", "{id}"),
                known("$1"),
                logged("request_data", "$5"),
                logged("response_data", "$6"),
                dialect::time("$8")
            )),
            insert_webhook_event: render(&copy),
            settle_webhook_event: render(&format!(
                "UPDATE {{webhook_events}} SET processed = $2, error = $3, \
                 processed_at = CASE WHEN $2 THEN {} END WHERE id = {} AND source = 'gohighlevel'",
                dialect::time("$4"),
                found.typed("webhook_events", "id", "$1")
            )),
            reopen_webhook_events_of_contact: reopen("contact_id"),
            reopen_webhook_events_of_opportunity: reopen("opportunity_id"),
        }
    }
}
