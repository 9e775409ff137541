//! Webhooks as they come in: in one statement, as each is a round trip that the sender waits for.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection as _, SqlSafeStr, SqlStr};
use tokio::time::timeout;

use super::{PostgresStore, statements::Sql, wake::CHANNEL, whole::Whole};
use crate::{
    error::{Code, Error, Result},
    ports::store::{NewInbox, Received},
};

/// How long a webhook waits for a connection. While a server is away, each that comes would else wait as long as an operation may.
const CONNECTED_WITHIN: Duration = Duration::from_secs(2);
/// How long it then may take. A server that is there but silent holds nobody up for longer.
const KEPT_WITHIN: Duration = Duration::from_secs(4);

/// Unique indexes hold an event once, whatever else is written meanwhile, and no plan is made for looking whether it is there.
///
/// The parameters of [`Sql::insert_webhook_event`], `$5` webhook id, `$6` hash of the body, `$7` contact, `$8` opportunity, `$9` the
/// bytes, `$10` whether others are told.
pub(super) fn statement(sql: &Sql) -> SqlStr {
    AssertSqlSafe(format!(
        "WITH event AS (INSERT INTO ghlkit_inbox (location_id, event_type, received_at, webhook_id, body_hash, contact_id, \
         opportunity_id, raw, state) VALUES ($1, $2, $4, $5, $6, $7, $8, $9, 'pending') ON CONFLICT DO NOTHING RETURNING id), \
         copy AS ({}), \
         link AS (INSERT INTO ghlkit_inbox_copies (inbox_id, webhook_event_id) SELECT event.id, copy.id FROM event, copy) \
         SELECT id, CASE WHEN $10 THEN CAST(pg_notify('{CHANNEL}', '') AS TEXT) END FROM event",
        sql.insert_webhook_event.as_str()
    ))
    .into_sql_str()
}

impl PostgresStore {
    /// Keeps an event and its copy, unless it is known. Its sender waits, and sends again what is refused: whatever the database does,
    /// there is an answer soon. What was begun by then is done to its end.
    pub(super) async fn keep(&self, event: NewInbox) -> Result<Received> {
        let connected = timeout(CONNECTED_WITHIN, self.pool.acquire()).await;
        let mut connection = connected.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
        let (begin, receive, wake) = (self.begin.clone(), self.receive.clone(), self.wake.is_needed());
        let kept = Whole::new(async move {
            let mut transaction = connection.begin_with(begin).await?;
            let kept: Option<i64> = sqlx::query_scalar(receive)
                .bind(event.location.as_str())
                .bind(&event.event_type)
                .bind(&event.readable)
                .bind(event.now)
                .bind(&event.webhook_id)
                .bind(&event.body_hash)
                .bind(event.contact.as_ref().map(AsRef::as_ref))
                .bind(event.opportunity.as_ref().map(AsRef::as_ref))
                .bind(&event.raw)
                .bind(wake)
                .fetch_optional(&mut *transaction)
                .await?;
            let Some(id) = kept else { return Ok(Received::Seen) };
            transaction.commit().await?;
            Ok(Received::New(id))
        });
        let late = |_| Err(Error::new(Code::Store, "the database did not answer in time"));
        timeout(KEPT_WITHIN, kept).await.unwrap_or_else(late)
    }
}
