//! What GHL lists against what is known of it.

use crate::{
    error::Result,
    ports::store::{Lookup, ObjectKind, OrderRow},
    sync::{
        call::{SeenContact, SeenOpportunity},
        context::Context,
        core::Core,
        desired,
        state::{KnownContact, KnownOpportunity},
    },
};

use super::{
    Difference, Part, Reconciled,
    pages::{Items, Page},
    walk::Kind,
};

impl Core {
    /// Marks, or lists, the orders of a page that differ.
    pub(super) async fn compare(
        &self,
        context: &Context,
        kind: Kind,
        page: &Page,
        found: &mut Reconciled,
    ) -> Result<()> {
        match &page.items {
            Items::Opportunities(seen) => {
                for seen in seen {
                    found.opportunities += 1;
                    let differing = self.differing_opportunity(context, seen).await?;
                    self.note(kind, differing, false, found).await?;
                }
            }
            Items::Contacts(seen) => {
                for seen in seen {
                    found.contacts += 1;
                    let differing = self.differing_contact(context, seen).await?;
                    self.note(kind, differing, true, found).await?;
                }
            }
        }
        Ok(())
    }

    async fn differing_opportunity(
        &self,
        context: &Context,
        seen: &SeenOpportunity,
    ) -> Result<Option<(OrderRow, Vec<Part>)>> {
        let lookup = Lookup::Opportunity(&seen.id);
        let Some(order) = self.store.find_orders(&context.location, lookup).await?.pop() else {
            return Ok(None);
        };
        let row = self.store.object(&context.location, ObjectKind::Opportunity, seen.id.as_str()).await?;
        let base = KnownOpportunity::read(row.as_ref())?.base;
        let differs = parts([
            (Part::Stage, seen.stage != base.stage),
            (Part::Status, seen.status != base.status),
            (Part::Contact, seen.contact != order.contact),
        ]);
        Ok(Some((order, differs)))
    }

    async fn differing_contact(
        &self,
        context: &Context,
        seen: &SeenContact,
    ) -> Result<Option<(OrderRow, Vec<Part>)>> {
        let orders = self.store.find_orders(&context.location, Lookup::Contact(&seen.id)).await?;
        let all: Vec<&OrderRow> = orders.iter().collect();
        let Some(owner) = desired::owner(context, &all) else { return Ok(None) };
        let row = self.store.object(&context.location, ObjectKind::Contact, seen.id.as_str()).await?;
        let base = KnownContact::read(row.as_ref())?.base;
        let tags = base.tags.iter().all(|tag| seen.tags.contains(tag))
            && base.recorded.difference(&base.tags).all(|tag| !seen.tags.contains(tag));
        let differs = parts([(Part::Tags, !tags), (Part::Fields, seen.fields != base.fields)]);
        Ok(Some((owner.clone(), differs)))
    }

    /// Marks the order dirty, or lists it, where something differs and it is not detached.
    async fn note(
        &self,
        kind: Kind,
        differing: Option<(OrderRow, Vec<Part>)>,
        contact: bool,
        found: &mut Reconciled,
    ) -> Result<()> {
        let Some((order, differs)) =
            differing.filter(|(order, differs)| !order.detached && !differs.is_empty())
        else {
            return Ok(());
        };
        match kind {
            Kind::Report => found.differences.push(Difference { order_id: order.id, differs }),
            Kind::Repair => {
                self.store.mark_dirty(&order.location, &order.id, contact, self.clock.now_ms()).await?;
                found.marked += 1;
            }
        }
        Ok(())
    }
}

fn parts<const N: usize>(differ: [(Part, bool); N]) -> Vec<Part> {
    differ.into_iter().filter_map(|(part, differs)| differs.then_some(part)).collect()
}
