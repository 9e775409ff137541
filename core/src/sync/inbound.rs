//! What a received event comes to. Its payload is never applied: it is compared with what is known, and
//! is either nothing new or a hint to look.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;
use serde_json::Value;
use tracing::{
    Span,
    field::{Empty, display},
};

use crate::{
    error::{Code, Error, Result},
    ids::{ContactId, LocationId, OpportunityId},
    ports::{
        BoxFuture,
        store::{InboxOutcome, InboxRow, Lookup, NewInbox, ObjectKind, OrderRow, Received, Store},
    },
    trace,
    webhook::{self, ContactEvent, Event, EventBody, FieldValue, OpportunityEvent, WorkflowEvent},
};

use super::{
    context::{Context, plain_number},
    core::{Core, lock},
    desired::{self, field},
    engine::Engine,
    installation::Hinted,
    state::{KnownContact, KnownOpportunity},
};

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
            let receipt = trace::within(span, self.core.keep(accepted)).await;
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

    async fn keep(&self, accepted: Result<NewInbox>) -> Result<Receipt> {
        let new = accepted?;
        let event_type = new.event_type.clone();
        let span = Span::current();
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

struct Inbound<'a> {
    core: &'a Core,
    store: &'a dyn Store,
    context: &'a Context,
    event: &'a Event,
}

impl Inbound<'_> {
    async fn opportunity(&self, body: &OpportunityEvent) -> Result<Option<InboxOutcome>> {
        let location = &self.context.location;
        if let Some(order) = self.store.find_orders(location, Lookup::Opportunity(&body.id)).await?.pop() {
            if self.core.is_busy(location, &order.id) {
                return Ok(None);
            }
            let known = self.known_opportunity(&body.id).await?;
            let deleted = self.event.event_type.ends_with("Delete");
            // A relay may call the stage by its key, and say nothing of the status.
            let stages = &self.context.stages;
            let stage = body.stage.as_ref().map(|stage| stages.find(stage.as_str()).unwrap_or(stage));
            let same = (stage == known.base.stage.as_ref() || self.older_than(known.base_at))
                && (body.status.is_none() || body.status == known.base.status)
                && body.contact.as_ref().is_none_or(|contact| order.contact.as_ref() == Some(contact));
            return Ok(Some(if order.detached || !deleted && same {
                ignored("equals what is known")
            } else {
                hint(&order, false)
            }));
        }
        if body.pipeline.as_ref().is_some_and(|pipeline| *pipeline != self.context.pipeline) {
            return Ok(Some(ignored("of another pipeline")));
        }
        let Some(order) = self.order_named(body).await? else {
            return Ok(Some(unresolved("no order has this opportunity")));
        };
        if self.core.is_busy(location, &order.id) {
            return Ok(None);
        }
        let awaited = order.creating.is_some_and(|creating| creating.object == ObjectKind::Opportunity);
        Ok(Some(if order.opportunity.is_none() && awaited {
            InboxOutcome::Hint { order: order.id, contact: false, candidate: Some(body.id.clone()) }
        } else {
            unresolved("no order has this opportunity")
        }))
    }

    /// The order that an opportunity's name speaks of.
    async fn order_named(&self, body: &OpportunityEvent) -> Result<Option<OrderRow>> {
        let Some(number) = body.name.as_deref().and_then(|name| name.strip_prefix("Order #")) else {
            return Ok(None);
        };
        let found = self.store.find_orders(&self.context.location, Lookup::Number(number)).await?.pop();
        Ok(found.filter(|order| body.contact.is_none() || order.contact == body.contact))
    }

    async fn contact(&self, body: &ContactEvent) -> Result<Option<InboxOutcome>> {
        let values = self.values(&body.custom_fields);
        let Some(order) = self.order_of(&body.id, &values).await? else {
            return Ok(Some(ignored("of a contact without an order")));
        };
        if self.core.is_busy(&self.context.location, &order.id) {
            return Ok(None);
        }
        let known = self.known_contact(&body.id).await?;
        let deleted = self.event.event_type.ends_with("Delete");
        let same_fields = values.iter().all(|(key, value)| known.base.fields.get(key) == Some(value));
        // Only an event about tags counts for them: any other may carry those of the moment before.
        let about_tags = self.event.event_type == "ContactTagUpdate";
        let tags = body.tags.as_ref().filter(|_| about_tags);
        let same_tags = tags.is_none_or(|tags| known.base.tags.iter().all(|tag| tags.contains(tag)));
        let nothing_new = same_fields && same_tags || self.older_than(known.base.status_at);
        Ok(Some(if order.detached || !deleted && nothing_new {
            ignored("equals what is known")
        } else {
            hint(&order, true)
        }))
    }

    async fn workflow(&self, body: &WorkflowEvent) -> Result<Option<InboxOutcome>> {
        let location = &self.context.location;
        let values = self.values(&body.custom_fields);
        let by_opportunity = match &body.opportunity {
            Some(id) => self.store.find_orders(location, Lookup::Opportunity(id)).await?.pop(),
            None => None,
        };
        let by_number = match (&by_opportunity, values.get(field::ORDER_NUMBER)) {
            (None, Some(number)) => self.store.find_orders(location, Lookup::Number(number)).await?.pop(),
            _ => None,
        };
        let order = match (by_opportunity.or(by_number), &body.contact) {
            (Some(order), _) => order,
            (None, Some(contact)) => match self.only_order(contact).await? {
                Some(order) => order,
                None => return Ok(Some(unresolved("no single order of the contact is meant"))),
            },
            (None, None) => {
                return Ok(Some(unresolved(
                    "the body names no contactId, opportunityId or known order_number",
                )));
            }
        };
        if self.core.is_busy(location, &order.id) {
            return Ok(None);
        }
        let (Some(contact), Some(opportunity)) = (&order.contact, &order.opportunity) else {
            return Ok(Some(hint(&order, true)));
        };
        let known = self.known_opportunity(opportunity).await?;
        let known_contact = self.known_contact(contact).await?;
        let stage = body.stage.as_deref().map(|text| self.context.stages.find(text));
        let same_stage = stage.is_none_or(|stage| stage.is_some() && stage == known.base.stage.as_ref());
        let status = values.get(field::ORDER_STATUS);
        let same_status =
            status.is_none_or(|status| known_contact.base.fields.get(field::ORDER_STATUS) == Some(status));
        let stage_known = same_stage || self.older_than(known.base_at);
        let status_known = same_status || self.older_than(known_contact.base.status_at);
        Ok(Some(if order.detached || stage_known && status_known {
            ignored("equals what is known")
        } else {
            hint(&order, !status_known)
        }))
    }

    /// Whether the event was sent before what is known came to be; both times are GHL's own.
    fn older_than(&self, known_at: i64) -> bool {
        self.event.timestamp_ms.is_some_and(|sent| sent < known_at)
    }

    /// The order of a contact that its field `order_number` names, or else the one its fields speak of.
    async fn order_of(
        &self,
        contact: &ContactId,
        values: &BTreeMap<String, String>,
    ) -> Result<Option<OrderRow>> {
        let orders = self.store.find_orders(&self.context.location, Lookup::Contact(contact)).await?;
        let named = values.get(field::ORDER_NUMBER);
        if let Some(order) = orders.iter().find(|order| Some(&order.number) == named) {
            return Ok(Some(order.clone()));
        }
        let all: Vec<&OrderRow> = orders.iter().collect();
        Ok(desired::owner(self.context, &all).cloned())
    }

    /// The only open order of a contact.
    async fn only_order(&self, contact: &ContactId) -> Result<Option<OrderRow>> {
        let orders = self.store.find_orders(&self.context.location, Lookup::Contact(contact)).await?;
        let mut open = orders.into_iter().filter(|order| desired::is_open(self.context, order));
        let first = open.next();
        Ok(first.filter(|_| open.next().is_none()))
    }

    /// The values of our fields, by key; the users' own body may name a field by its key.
    fn values(&self, fields: &[FieldValue]) -> BTreeMap<String, String> {
        let known = fields.iter().filter_map(|value| {
            let key = self.context.fields.contact_key(&value.id)?;
            let numeric = self.context.fields.contact(key)?.numeric;
            let text = match &value.value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            Some((key.to_owned(), if numeric { plain_number(&text) } else { text }))
        });
        known.collect()
    }

    async fn known_opportunity(&self, id: &OpportunityId) -> Result<KnownOpportunity> {
        let row = self.store.object(&self.context.location, ObjectKind::Opportunity, id.as_str()).await?;
        KnownOpportunity::read(row.as_ref())
    }

    async fn known_contact(&self, id: &ContactId) -> Result<KnownContact> {
        let row = self.store.object(&self.context.location, ObjectKind::Contact, id.as_str()).await?;
        KnownContact::read(row.as_ref())
    }
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

fn hint(order: &OrderRow, contact: bool) -> InboxOutcome {
    InboxOutcome::Hint { order: order.id.clone(), contact, candidate: None }
}

fn ignored(reason: &str) -> InboxOutcome {
    InboxOutcome::Ignored { reason: reason.to_owned() }
}

fn unresolved(reason: &str) -> InboxOutcome {
    InboxOutcome::Unresolved { reason: reason.to_owned() }
}
