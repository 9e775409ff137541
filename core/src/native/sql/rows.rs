//! Rows as they come out of the database.

use sqlx::{Error, FromRow, Row};

use crate::{
    ids::{
        AppId, CalendarId, CompanyId, ContactId, EventId, JobId, LocationId, OpportunityId, OrderId, UserId,
    },
    ports::store::{
        BookingRow, BookingState, BookingTime, Creating, DeliveryCount, DeliveryRow, DeliveryState, EventRow,
        InboxRow, InboxState, JobRow, JobState, ObjectKind, ObjectRow, OrderRow, RefreshLease, SealedTokens,
        Side, TokenRow, TokenState, TokenSubject,
    },
};

use super::DbRow;

/// Reads a column whose text is one of a few words.
fn word<T>(row: &DbRow, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
    let text: String = row.try_get(column)?;
    parse(&text).ok_or_else(|| Error::Decode(format!("{column}: no known word").into()))
}

impl FromRow<'_, DbRow> for OrderRow {
    fn from_row(row: &DbRow) -> Result<Self, Error> {
        let since: Option<i64> = row.try_get("creating_since")?;
        let creating = match since {
            Some(since) => Some(Creating {
                object: word(row, "creating", ObjectKind::parse)?,
                since,
                refused: row.try_get("creating_refused")?,
            }),
            None => None,
        };
        let opportunity =
            |column| row.try_get::<Option<String>, _>(column).map(|id| id.map(OpportunityId::new));
        Ok(Self {
            location: LocationId::new(row.try_get::<String, _>("location_id")?),
            id: OrderId::new(row.try_get::<String, _>("order_id")?),
            number: row.try_get("number")?,
            status: row.try_get::<Option<String>, _>("status")?.unwrap_or_default(),
            snapshot: row.try_get("snapshot")?,
            email: row.try_get("email")?,
            phone: row.try_get("phone")?,
            lease_key: row.try_get("lease_key")?,
            contact: row.try_get::<Option<String>, _>("contact_id")?.map(ContactId::new),
            opportunity: opportunity("opportunity_id")?,
            candidate: opportunity("candidate_id")?,
            creating,
            version: row.try_get("version")?,
            commit_seq: row.try_get("commit_seq")?,
            changed_at: row.try_get("changed_at")?,
            changed_by: word(row, "changed_by", Side::parse)?,
            pushed_version: row.try_get("pushed_version")?,
            dirty: row.try_get("dirty")?,
            clean: row.try_get("clean")?,
            dirty_contact: row.try_get("dirty_contact")?,
            clean_contact: row.try_get("clean_contact")?,
            manufacturing_progress: row.try_get("manufacturing_progress")?,
            milestone: row.try_get("milestone")?,
            detached: row.try_get("detached")?,
        })
    }
}

impl FromRow<'_, DbRow> for JobRow {
    fn from_row(row: &DbRow) -> Result<Self, Error> {
        Ok(Self {
            id: JobId::new(row.try_get::<i64, _>("id")?.to_string()),
            location: LocationId::new(row.try_get::<String, _>("location_id")?),
            order: OrderId::new(row.try_get::<String, _>("order_id")?),
            lease_key: row.try_get("lease_key")?,
            state: word(row, "state", JobState::parse)?,
            due_at: row.try_get("due_at")?,
            failures: row.try_get("failures")?,
            first_failed_at: row.try_get("first_failed_at")?,
            wanted: row.try_get("wanted")?,
            leased_wanted: row.try_get("leased_wanted")?,
            lease_token: row.try_get("lease_token")?,
            lease_until: row.try_get("lease_until")?,
            worker: row.try_get("worker")?,
            error_code: row.try_get("error_code")?,
            error_message: row.try_get("error_message")?,
        })
    }
}

impl FromRow<'_, DbRow> for ObjectRow {
    fn from_row(row: &DbRow) -> Result<Self, Error> {
        Ok(Self {
            location: LocationId::new(row.try_get::<String, _>("location_id")?),
            kind: word(row, "kind", ObjectKind::parse)?,
            id: row.try_get("object_id")?,
            base: row.try_get("base")?,
            base_at: row.try_get("base_at")?,
            unknown: row.try_get("unknown")?,
        })
    }
}

impl FromRow<'_, DbRow> for InboxRow {
    fn from_row(row: &DbRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get("id")?,
            location: LocationId::new(row.try_get::<String, _>("location_id")?),
            event_type: row.try_get("event_type")?,
            raw: row.try_get("raw")?,
            received_at: row.try_get("received_at")?,
            state: word(row, "state", InboxState::parse)?,
            reason: row.try_get("reason")?,
        })
    }
}

impl FromRow<'_, DbRow> for EventRow {
    fn from_row(row: &DbRow) -> Result<Self, Error> {
        Ok(Self {
            position: row.try_get("position")?,
            location: LocationId::new(row.try_get::<String, _>("location_id")?),
            order: OrderId::new(row.try_get::<String, _>("order_id")?),
            kind: row.try_get("kind")?,
            key: row.try_get("key")?,
            payload: row.try_get("payload")?,
            at: row.try_get("at")?,
            told: row.try_get("told")?,
        })
    }
}

impl FromRow<'_, DbRow> for DeliveryRow {
    fn from_row(row: &DbRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get("id")?,
            location: LocationId::new(row.try_get::<String, _>("location_id")?),
            order: OrderId::new(row.try_get::<String, _>("order_id")?),
            channel: row.try_get("channel")?,
            key: row.try_get("key")?,
            message: row.try_get("message")?,
            payload: row.try_get("payload")?,
            at: row.try_get("at")?,
            state: word(row, "state", DeliveryState::parse)?,
            due_at: row.try_get("due_at")?,
            failures: row.try_get("failures")?,
            first_failed_at: row.try_get("first_failed_at")?,
            lease_token: row.try_get("lease_token")?,
            sent_at: row.try_get("sent_at")?,
            reference: row.try_get("reference")?,
            error_code: row.try_get("error_code")?,
            error_message: row.try_get("error_message")?,
        })
    }
}

impl FromRow<'_, DbRow> for DeliveryCount {
    fn from_row(row: &DbRow) -> Result<Self, Error> {
        Ok(Self {
            channel: row.try_get("channel")?,
            state: word(row, "state", DeliveryState::parse)?,
            count: row.try_get("count")?,
        })
    }
}

impl FromRow<'_, DbRow> for TokenRow {
    fn from_row(row: &DbRow) -> Result<Self, Error> {
        let id: String = row.try_get("subject_id")?;
        let tokens = match row.try_get::<Option<String>, _>("key_id")? {
            Some(key_id) => Some(SealedTokens {
                key_id,
                access: row.try_get("access")?,
                refresh: row.try_get("refresh")?,
                obtained_at: row.try_get("obtained_at")?,
                expires_at: row.try_get("expires_at")?,
            }),
            None => None,
        };
        let lease = match row.try_get::<Option<String>, _>("refresh_owner")? {
            Some(owner) => Some(RefreshLease { owner, until: row.try_get("refresh_lease_until")? }),
            None => None,
        };
        Ok(Self {
            app: AppId::new(row.try_get::<String, _>("app_id")?),
            subject: word(row, "subject", |kind| TokenSubject::parse(kind, id.clone()))?,
            company: row.try_get::<Option<String>, _>("company_id")?.map(CompanyId::new),
            by_company: row.try_get("by_company")?,
            tokens,
            state: word(row, "state", TokenState::parse)?,
            installed_at: row.try_get("installed_at")?,
            version: row.try_get("version")?,
            lease,
        })
    }
}

impl FromRow<'_, DbRow> for BookingRow {
    fn from_row(row: &DbRow) -> Result<Self, Error> {
        let time = |installer: &str, starts: &str, ends: &str| {
            Ok::<_, Error>(BookingTime {
                installer: UserId::new(row.try_get::<String, _>(installer)?),
                starts_at: row.try_get(starts)?,
                ends_at: row.try_get(ends)?,
            })
        };
        let to = match row.try_get::<Option<i64>, _>("to_starts_at")? {
            Some(_) => Some(time("to_installer_id", "to_starts_at", "to_ends_at")?),
            None => None,
        };
        Ok(Self {
            location: LocationId::new(row.try_get::<String, _>("location_id")?),
            order: OrderId::new(row.try_get::<String, _>("order_id")?),
            version: row.try_get("version")?,
            state: word(row, "state", BookingState::parse)?,
            appointment: row.try_get::<Option<String>, _>("appointment_id")?.map(EventId::new),
            calendar: CalendarId::new(row.try_get::<String, _>("calendar_id")?),
            time: time("installer_id", "starts_at", "ends_at")?,
            to,
            buffer_ms: row.try_get("buffer_ms")?,
            time_zone: row.try_get("time_zone")?,
            title: row.try_get("title")?,
            product: row.try_get("product")?,
            instructions: row.try_get("instructions")?,
            creating_since: row.try_get("creating_since")?,
            due_at: row.try_get("due_at")?,
            failures: row.try_get("failures")?,
        })
    }
}
