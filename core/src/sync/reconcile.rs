//! The safety net under webhooks: walks GHL's lists and marks what differs. Lists lag, so a difference
//! only makes the order's pass look for itself; and what a list does not show is left alone.

use std::pin::pin;

use futures::TryStreamExt;
use serde::Serialize;

use crate::{
    api::{contacts::ContactSearch, opportunities::OpportunitySearch},
    error::Result,
    ids::LocationId,
    ports::store::{Lookup, ObjectKind, OrderRow},
};

use super::{
    core::Core,
    desired,
    engine::Engine,
    state::{KnownContact, KnownOpportunity},
    wire::{seen_contact, seen_opportunity},
};

/// What [`Engine::reconcile`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Reconciled {
    /// Opportunities of the pipeline that were listed.
    pub opportunities: usize,
    /// Contacts that were listed.
    pub contacts: usize,
    /// Orders that differ and will be looked at by `run` or `drain`.
    pub marked: usize,
}

impl Engine {
    /// Compares the location's pipeline and contacts, as GHL lists them, with what is known. Costs one call
    /// per 100 opportunities and one per 100 contacts; changes nothing in GHL by itself.
    ///
    /// # Errors
    /// What the client answers; `store`. It may be called again at any time.
    pub async fn reconcile(&self, location: Option<&LocationId>) -> Result<Reconciled> {
        let core = &self.core;
        let location = core.config.location(location)?.id.clone();
        let context = core.context(&location, None).await?;
        let mut done = Reconciled::default();

        let search = OpportunitySearch { pipeline_id: Some(context.pipeline.clone()), ..Default::default() };
        let resource = core.client.opportunities(&location);
        let mut listed = pin!(resource.search(search));
        while let Some(opportunity) = listed.try_next().await? {
            done.opportunities += 1;
            let seen = seen_opportunity(opportunity);
            let lookup = Lookup::Opportunity(&seen.id);
            let Some(order) = core.store.find_orders(&location, lookup).await?.pop() else { continue };
            let row = core.store.object(&location, ObjectKind::Opportunity, seen.id.as_str()).await?;
            let base = KnownOpportunity::read(row.as_ref())?.base;
            let differs =
                seen.stage != base.stage || seen.status != base.status || seen.contact != order.contact;
            if differs {
                done.marked += core.mark(&order, false).await?;
            }
        }

        let resource = core.client.contacts(&location);
        let mut listed = pin!(resource.search(ContactSearch::default()));
        while let Some(contact) = listed.try_next().await? {
            done.contacts += 1;
            let seen = seen_contact(&context, contact);
            let orders = core.store.find_orders(&location, Lookup::Contact(&seen.id)).await?;
            let all: Vec<&OrderRow> = orders.iter().collect();
            let Some(owner) = desired::owner(&context, &all) else { continue };
            let row = core.store.object(&location, ObjectKind::Contact, seen.id.as_str()).await?;
            let base = KnownContact::read(row.as_ref())?.base;
            let tags = base.tags.iter().all(|tag| seen.tags.contains(tag))
                && base.recorded.difference(&base.tags).all(|tag| !seen.tags.contains(tag));
            if seen.fields != base.fields || !tags {
                done.marked += core.mark(owner, true).await?;
            }
        }
        core.bell.notify(usize::MAX);
        Ok(done)
    }
}

impl Core {
    /// Marks an order dirty, unless it is detached. How many were marked.
    async fn mark(&self, order: &OrderRow, contact: bool) -> Result<usize> {
        if order.detached {
            return Ok(0);
        }
        self.store.mark_dirty(&order.location, &order.id, contact, self.clock.now_ms()).await?;
        Ok(1)
    }
}
