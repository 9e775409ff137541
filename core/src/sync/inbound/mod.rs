//! Webhooks on their way in: written down as they come, and applied one after the other.

mod meaning;

use std::sync::Arc;

use serde::Serialize;
use tracing::{
    Span,
    field::{Empty, display},
};

use crate::{
    error::{Code, Error, Result},
    ids::LocationId,
    ports::{
        BoxFuture,
        store::{InboxOutcome, InboxRow, NewInbox, Received},
    },
    trace,
    webhook::{self, Event, EventBody},
};

use super::{
    context::Context,
    core::{Core, lock},
    engine::Engine,
    installation::Hinted,
};
use meaning::Inbound;

/// How many events are applied in one go.
const BATCH: usize = 256;

/// A location whose pipeline or fields could not be read is asked again after this long.
const UNREADABLE_MS: i64 = 30_000;

/// The longest type that `webhook_events` holds.
const MAX_EVENT_TYPE: usize = 100;

/// What became of a received webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Receipt {
    /// New, or already known and not kept again.
    #[serde(flatten)]
    pub received: Received,
    /// Its type, e.g. `OpportunityStageUpdate`.
    #[serde(rename = "type")]
    pub event_type: String,
}

impl Engine {
    /// Takes a webhook in: verifies the raw bytes, writes them down, and returns. It is applied afterwards
    /// by `run` or `drain`. Answer 200 once this resolves.
    ///
    /// `location` names whose secrets count; `None` where only one is configured.
    ///
    /// # Errors
    /// `signature`, `stale` (answer 401); `payload` (400); `too_large` (413); `wrong_location` (403), for
    /// an event of another location; `store` (429 with `Retry-After`, so that GHL repeats it).
    pub fn receive_webhook<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        location: Option<&LocationId>,
        raw: &[u8],
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> BoxFuture<'_, Result<Receipt>> {
        let span = tracing::info_span!(
            "receive_webhook",
            otel.status_code = Empty,
            ghlkit.location = Empty,
            ghlkit.event = Empty,
            ghlkit.seen = Empty,
            error.type = Empty,
        );
        let accepted = self.core.accept(location, raw, headers);
        Box::pin(async move {
            let receipt = trace::within(span.clone(), self.core.keep(accepted, &span)).await;
            let outcome = receipt.as_ref().map(|receipt| receipt.received == Received::Seen);
            self.core.metrics.webhook(outcome.map_err(Error::code));
            receipt
        })
    }

    /// Events that belong to no known order, by id, after `after` (0 for the first).
    ///
    /// # Errors
    /// `store`.
    pub async fn unresolved(
        &self,
        location: Option<&LocationId>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<InboxRow>> {
        let location = &self.core.config.location(location)?.id;
        self.core.store.unresolved(location, after, limit).await
    }
}

impl Core {
    /// Verifies a webhook and makes the row to keep.
    fn accept<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        location: Option<&LocationId>,
        raw: &[u8],
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<NewInbox> {
        let settings = self.config.location(location)?;
        let now = self.clock.now_ms();
        let event = settings.verifier.construct_event(raw, headers, now)?;
        if let Some(other) = event.location.as_ref().filter(|other| **other != settings.id) {
            let message = format!("locationId: the event is for {other}, not for {}", settings.id);
            return Err(Error::new(Code::WrongLocation, message).with_field("locationId"));
        }
        Ok(new_inbox(&settings.id, event, raw, now))
    }

    async fn keep(&self, accepted: Result<NewInbox>, span: &Span) -> Result<Receipt> {
        let new = accepted?;
        let event_type = new.event_type.clone();
        span.record("ghlkit.location", display(&new.location)).record("ghlkit.event", &event_type);
        let received = self.store.receive(new).await?;
        span.record("ghlkit.seen", received == Received::Seen);
        self.bell.notify(usize::MAX);
        Ok(Receipt { received, event_type })
    }

    /// Applies pending events. Whether there were any. An event for an order that a pass is at work on
    /// waits for its end: most are the echo of that very pass. One of a location that cannot be read now
    /// waits too, and holds up no other location's.
    pub(crate) async fn apply_inbox(&self) -> Result<bool> {
        let (mut any, mut after) = (false, 0);
        loop {
            let rows = self.store.pending_inbox(after, BATCH).await?;
            for row in &rows {
                after = row.id;
                let span = tracing::info_span!(
                    "apply_webhook",
                    otel.status_code = Empty,
                    ghlkit.location = %row.location,
                    ghlkit.event = row.event_type,
                    ghlkit.order = Empty,
                    ghlkit.outcome = Empty,
                    error.type = Empty,
                );
                let Some(outcome) = trace::within(span.clone(), self.resolve(row)).await? else {
                    span.record("ghlkit.outcome", "waits");
                    continue;
                };
                trace_outcome(&span, &outcome);
                let now = self.clock.now_ms();
                if self.store.settle_inbox(row.id, outcome, now).await? {
                    self.metrics.applied(now.saturating_sub(row.received_at));
                    any = true;
                }
            }
            if rows.len() < BATCH {
                return Ok(any);
            }
        }
    }

    /// What an event comes to, or `None` if it has to wait.
    async fn resolve(&self, row: &InboxRow) -> Result<Option<InboxOutcome>> {
        let event = match webhook::parse(&row.raw) {
            Ok(event) => event,
            Err(error) => return Ok(Some(unresolved(error.message()))),
        };
        if let EventBody::Appointment(body) = &event.body {
            return Ok(match self.hint_appointment(&row.location, &event, body).await? {
                Hinted::Later => None,
                Hinted::Nothing(why) => Some(ignored(why)),
                Hinted::Look => Some(ignored("its appointment is looked at")),
            });
        }
        let Some(context) = self.context_for_inbox(&row.location).await else { return Ok(None) };
        let inbound = Inbound { core: self, store: &*self.store, context: &context, event: &event };
        match &event.body {
            EventBody::Opportunity(body) => inbound.opportunity(body).await,
            EventBody::Contact(body) => inbound.contact(body).await,
            EventBody::Workflow(body) => inbound.workflow(body).await,
            _ => Ok(Some(ignored("of a type that changes no order"))),
        }
    }
}

impl Core {
    /// What the location looks like, unless that could not be read a moment ago.
    async fn context_for_inbox(&self, id: &LocationId) -> Option<Arc<Context>> {
        let now = self.clock.now_ms();
        if lock(&self.unreadable_until).get(id).is_some_and(|until| now < *until) {
            return None;
        }
        match self.context(id, None).await {
            Ok(context) => Some(context),
            Err(error) => {
                tracing::warn!(location = %id, code = %error.code(), %error, "received events wait");
                let until = self.clock.now_ms().saturating_add(UNREADABLE_MS);
                lock(&self.unreadable_until).insert(id.clone(), until);
                None
            }
        }
    }
}

/// Tells what an event came to.
fn trace_outcome(span: &Span, outcome: &InboxOutcome) {
    let outcome = match outcome {
        InboxOutcome::Ignored { .. } => "ignored",
        InboxOutcome::Hint { order, .. } => {
            span.record("ghlkit.order", order.as_str());
            "hint"
        }
        InboxOutcome::Unresolved { .. } => "unresolved",
    };
    span.record("ghlkit.outcome", outcome);
}

/// The row of an event that is to be kept.
pub(super) fn new_inbox(location: &LocationId, event: Event, raw: &[u8], now: i64) -> NewInbox {
    let (contact, opportunity) = event.body.names();
    NewInbox {
        location: location.clone(),
        body_hash: event.hash(raw),
        webhook_id: event.webhook_id,
        event_type: event.event_type.chars().take(MAX_EVENT_TYPE).collect(),
        contact,
        opportunity,
        raw: raw.to_vec(),
        // PostgreSQL's JSONB refuses the character U+0000.
        readable: String::from_utf8_lossy(raw).replace("\\u0000", "\\ufffd"),
        now,
    }
}

fn ignored(reason: &str) -> InboxOutcome {
    InboxOutcome::Ignored { reason: reason.to_owned() }
}

fn unresolved(reason: &str) -> InboxOutcome {
    InboxOutcome::Unresolved { reason: reason.to_owned() }
}
