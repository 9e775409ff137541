//! What a look at GHL means: an echo of ours, or someone's edit, and who wins.

use crate::{
    error::Result,
    ids::ContactId,
    order::{Status, transition},
    ports::store::{Change, ObjectRow, Side},
};

use super::{
    call::{SeenContact, SeenOpportunity},
    conflict::{Edit, beats},
    desired::field,
    events,
    pass::{Look, Now, Pass},
    state::KnownContact,
};

impl Pass {
    /// Takes in what was looked at. The stage wins over the field `order_status` where both moved.
    pub(crate) fn decide(&mut self, now: Now) -> Result<()> {
        let before = (self.opportunity.clone(), self.contact.clone(), self.facts.len());
        self.weigh(now)?;
        self.looked_anew =
            before.0 != self.opportunity || before.1 != self.contact || before.2 != self.facts.len();
        Ok(())
    }

    fn weigh(&mut self, now: Now) -> Result<()> {
        let by_stage = match self.seen_opportunity.take() {
            Some(seen) => self.compare_opportunity(seen, now)?,
            None => None,
        };
        if self.adopting.is_some() {
            return Ok(());
        }
        let by_field = match self.seen_contact.take() {
            Some(seen) => self.compare_contact(seen, now)?,
            None => None,
        };
        match (by_stage, by_field) {
            (Some((status, at)), by_field) => {
                if let Some(lost) = by_field.filter(|field| *field != status) {
                    self.event(events::edit_lost(&self.order, &lost, now.ghl(), "order_status"));
                }
                self.take_over(&status, at, now)?;
                self.opportunity.base.acked_version = self.order.version;
            }
            (None, Some(status)) => self.take_over(&status, now.ghl(), now)?,
            (None, None) => {}
        }
        Ok(())
    }

    /// The status and time of a stage that someone set since the base and that wins.
    fn compare_opportunity(&mut self, seen: SeenOpportunity, now: Now) -> Result<Option<(Status, i64)>> {
        if self.has_moved(&seen) {
            self.adopting.clone_from(&seen.contact);
            self.seen_opportunity = Some(seen);
            return Ok(None);
        }
        self.touched_opportunity = true;
        let error_ms = now.offset.error_ms;
        let looked_at = now.to_ghl(self.opportunity_looked_at);
        let ours = |deadline: i64, at: i64| at <= deadline.saturating_add(error_ms);
        let at = seen.stage_changed_at.or(seen.created_at).unwrap_or_else(|| now.ghl());

        if seen.status != self.opportunity.base.status {
            let known = self.opportunity.base.status.is_some();
            let echo = self.opportunity.unknown.iter().any(|write| write.status == seen.status);
            self.opportunity.base.closed_by_us = echo && seen.status.as_deref() != Some("open");
            if let (true, false, Some(status)) = (known, echo, &seen.status) {
                self.event(events::opportunity_closed(&self.order, status, now.ghl()));
            }
            self.opportunity.base.status.clone_from(&seen.status);
        }

        let untouched_since_creation = self.opportunity.base.stage.is_none()
            && seen.stage_changed_at.is_none_or(|changed| Some(changed) <= seen.created_at);
        let echo = self
            .opportunity
            .unknown
            .iter()
            .any(|write| write.stage.is_some() && write.stage == seen.stage && ours(write.deadline, at));
        self.opportunity.unknown.retain(|write| looked_at <= write.deadline.saturating_add(error_ms));

        // Whoever moved it away and back after the shop's change means where it is now.
        let moved_back = self.shop_change_open()
            && seen.stage_changed_at.is_some_and(|changed| changed > self.opportunity.base_at);
        let unmoved = seen.stage == self.opportunity.base.stage && !moved_back;
        if unmoved || untouched_since_creation || echo {
            if echo || untouched_since_creation {
                // Ours, but perhaps not of this version: it is pushed again where it differs.
                self.opportunity.base.acked_version = 0;
            }
            self.set_stage_base(&seen, at);
            return Ok(None);
        }
        if at < self.opportunity.base_at {
            return Ok(None);
        }
        let shop_change_open = self.shop_change_open();
        self.set_stage_base(&seen, at);
        let status = self.status()?;
        let in_pipeline = seen.pipeline.as_ref().is_none_or(|pipeline| *pipeline == self.context.pipeline);
        let mapped = seen.stage.as_ref().and_then(|stage| self.context.stages.status_of(stage)).cloned();
        let Some(edited) = mapped.filter(|_| in_pipeline) else {
            self.opportunity.base.acked_version = self.order.version;
            self.event(events::stage_unmapped(&self.order, &seen, at));
            return Ok(None);
        };
        if edited == status {
            return Ok(None);
        }
        if !self.context.model.is_open(&status) {
            self.event(events::edit_lost(&self.order, &edited, at, "stage"));
            return Ok(None);
        }
        if shop_change_open {
            let theirs = Edit { status: &edited, at, side: Side::Ghl };
            let shops = Edit { status: &status, at: now.to_ghl(self.order.changed_at), side: Side::Shop };
            if !beats(&self.context.model, error_ms, theirs, shops) {
                self.event(events::edit_lost(&self.order, &edited, at, "stage"));
                return Ok(None);
            }
            self.event(events::change_lost(&self.order, &edited, at));
        }
        Ok(Some((edited, at)))
    }

    /// Whether the opportunity is with another contact than the order knows.
    pub(crate) fn has_moved(&self, seen: &SeenOpportunity) -> bool {
        seen.contact.is_some() && seen.contact != self.order.contact
    }

    fn set_stage_base(&mut self, seen: &SeenOpportunity, at: i64) {
        self.opportunity.base.stage.clone_from(&seen.stage);
        self.opportunity.base_at = self.opportunity.base_at.max(at);
    }

    /// The status that someone wrote into the field `order_status` since the base and that wins.
    fn compare_contact(&mut self, seen: SeenContact, now: Now) -> Result<Option<Status>> {
        self.touched_contact = true;
        if self.order.opportunity.is_none() {
            self.plan_blanks(&seen.standard);
        }
        self.take_in_tags(&seen, now);
        let new = self.contact.base.fields.is_empty();
        let before = self.contact.base.fields.get(field::ORDER_STATUS).cloned();
        let written = seen.fields.get(field::ORDER_STATUS).cloned();
        let echo = self
            .contact
            .unknown
            .iter()
            .any(|write| written.is_some() && write.fields.get(field::ORDER_STATUS) == written.as_ref());
        let looked_at = now.to_ghl(self.contact_looked_at);
        let error_ms = now.offset.error_ms;
        self.contact.unknown.retain(|write| looked_at <= write.deadline.saturating_add(error_ms));
        let seen_at = seen.updated_at.unwrap_or(0);
        self.contact.base_at = self.contact.base_at.max(seen_at);
        self.contact.base.status_at = self.contact.base.status_at.max(seen_at);
        let is_ours = seen.fields.get(field::ORDER_NUMBER) == Some(&self.order.number);
        self.contact.base.fields = seen.fields;

        let edited = written.filter(|value| !new && !echo && Some(value) != before.as_ref());
        let Some(edited) = edited else { return Ok(None) };
        if !is_ours {
            // It speaks of another order of the customer, whose own pass decides on it.
            if let Some(before) = before {
                self.contact.base.fields.insert(field::ORDER_STATUS.to_owned(), before);
            }
            return Ok(None);
        }
        let known =
            self.context.model.status(&edited).ok().filter(|status| self.context.model.is_open(status));
        let Some(edited) = known else {
            self.event(events::field_unmapped(&self.order, &edited, now.ghl()));
            return Ok(None);
        };
        let status = self.status()?;
        if edited == status {
            return Ok(None);
        }
        let shop_first = self.pending() && self.order.changed_by == Side::Shop;
        if shop_first || !self.context.model.is_open(&status) {
            self.event(events::edit_lost(&self.order, &edited, now.ghl(), "order_status"));
            return Ok(None);
        }
        Ok(Some(edited))
    }

    fn take_in_tags(&mut self, seen: &SeenContact, now: Now) {
        let made_by_us = self.contact.base.made_since.take().is_some_and(|since| {
            let earliest = now.to_ghl(since).saturating_sub(now.offset.error_ms);
            seen.added_at.is_some_and(|added| added >= earliest)
        });
        let base = &mut self.contact.base;
        if made_by_us {
            let model = &self.context.model;
            base.recorded
                .extend(model.statuses().map(|s| model.tag(s)).filter(|tag| seen.tags.contains(tag)));
        }
        base.tags = base.recorded.intersection(&seen.tags).cloned().collect();
    }

    /// Makes a change from GHL the order's own; the other side is written by the same pass.
    fn take_over(&mut self, status: &Status, at: i64, now: Now) -> Result<()> {
        let before = self.status()?;
        if let Err(refused) = transition(&self.context.model, &before, status, Side::Ghl, true) {
            tracing::warn!(order = %self.order.id, code = %refused.code(), %refused, "a change in GHL was not taken over");
            self.event(events::edit_lost(&self.order, status, at, "stage"));
            return Ok(());
        }
        self.order.status = status.as_str().to_owned();
        self.order.changed_at = at;
        self.order.changed_by = Side::Ghl;
        self.order.version += 1;
        // The store gives the change its place: after every other.
        self.order.commit_seq = i64::MAX;
        self.facts.push(Change::SetStatus { status: self.order.status.clone(), at, by: Side::Ghl });
        self.event(events::status_changed(&self.context.model, &self.order, Some(&before), now.local));
        self.transitioned = true;
        self.pulled = true;
        Ok(())
    }

    /// The order's contact is another than was read with it. What was recorded of the old one goes with
    /// it: GHL merges the tags of merged contacts.
    pub(crate) fn adopt(&mut self, contact: ContactId, row: Option<&ObjectRow>) -> Result<()> {
        let mut known = KnownContact::read(row)?;
        known.base.recorded.extend(std::mem::take(&mut self.contact.base.recorded));
        known.base.made_since = known.base.made_since.or(self.made_since.take());
        self.contact = known;
        self.touched_contact = true;
        self.adopting = None;
        self.reload = true;
        if self.seen_contact.is_none() {
            self.looked_contact = Look::NotYet;
        }
        self.set_contact(contact);
        Ok(())
    }
}
