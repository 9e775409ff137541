//! Webhooks as they come in: what PostgreSQL does in one statement, and SQLite cannot.

use super::SqliteStore;
use crate::{
    error::Result,
    ports::store::{NewInbox, Received},
};

const EVENT: &str = "INSERT INTO ghlkit_inbox (location_id, event_type, received_at, webhook_id, body_hash, contact_id, \
     opportunity_id, raw, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending') ON CONFLICT DO NOTHING RETURNING id";
const LINK: &str = "INSERT INTO ghlkit_inbox_copies (inbox_id, webhook_event_id) VALUES ($1, $2)";

impl SqliteStore {
    /// Keeps an event and its copy, unless it is known.
    pub(super) async fn keep(&self, event: NewInbox) -> Result<Received> {
        let mut transaction = self.begin().await?;
        let id: Option<i64> = sqlx::query_scalar(EVENT)
            .bind(event.location.as_str())
            .bind(&event.event_type)
            .bind(event.now)
            .bind(&event.webhook_id)
            .bind(&event.body_hash)
            .bind(event.contact.as_ref().map(AsRef::as_ref))
            .bind(event.opportunity.as_ref().map(AsRef::as_ref))
            .bind(&event.raw)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(id) = id else { return Ok(Received::Seen) };
        let copy: Option<String> = sqlx::query_scalar(self.sql.insert_webhook_event.clone())
            .bind(event.location.as_str())
            .bind(&event.event_type)
            .bind(&event.readable)
            .bind(event.now)
            .fetch_optional(&mut *transaction)
            .await?;
        if let Some(copy) = copy {
            sqlx::query(LINK).bind(id).bind(copy).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(Received::New(id))
    }
}
