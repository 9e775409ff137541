//! What a received event comes to. Its payload is never applied: it is compared with what is known, and
//! is either nothing new or a hint to look.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ignored, unresolved};
use crate::{
    error::Result,
    ids::{ContactId, OpportunityId},
    ports::store::{InboxOutcome, Lookup, ObjectKind, OrderRow, Store},
    sync::{
        context::{Context, plain_number},
        core::Core,
        desired::{self, field},
        state::{KnownContact, KnownOpportunity},
    },
    webhook::{ContactEvent, Event, FieldValue, OpportunityEvent, WorkflowEvent},
};

/// An event, and what it is compared with.
pub(super) struct Inbound<'a> {
    pub(super) core: &'a Core,
    pub(super) store: &'a dyn Store,
    pub(super) context: &'a Context,
    pub(super) event: &'a Event,
}

impl Inbound<'_> {
    pub(super) async fn opportunity(&self, body: &OpportunityEvent) -> Result<Option<InboxOutcome>> {
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

    pub(super) async fn contact(&self, body: &ContactEvent) -> Result<Option<InboxOutcome>> {
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
        let same_tags =
            tags.is_none_or(|tags| known.base.tags.iter().all(|tag| tags.iter().any(|said| said == **tag)));
        let nothing_new = same_fields && same_tags || self.older_than(known.base.status_at);
        Ok(Some(if order.detached || !deleted && nothing_new {
            ignored("equals what is known")
        } else {
            hint(&order, true)
        }))
    }

    pub(super) async fn workflow(&self, body: &WorkflowEvent) -> Result<Option<InboxOutcome>> {
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
            let text = match value.value.value() {
                Value::String(text) => text,
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

fn hint(order: &OrderRow, contact: bool) -> InboxOutcome {
    InboxOutcome::Hint { order: order.id.clone(), contact, candidate: None }
}
