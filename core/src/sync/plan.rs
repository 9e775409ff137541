//! What a pass does next. Pure: the pass's state and the time in, one step out.

use std::collections::BTreeMap;

use crate::{
    error::{Code, Result},
    ids::ContactId,
    ports::store::{Change, Creating, Finish, ObjectKind, Side},
};

use super::{
    call::{Call, Identity, Standard},
    desired::{self, field},
    events,
    pass::{BLIND_MS, CREATE_LEAVES_MS, Look, Now, Pass, Step, contact_key},
    state::{ContactWrite, OpportunityWrite},
};

impl Pass {
    /// The next step. Called again after each step was done and its answer taken in.
    pub(crate) fn next(&mut self, now: Now) -> Result<Step> {
        if self.flush {
            return Ok(Step::Commit { changes: self.take_facts()?, decision: false });
        }
        if let Some(contact) = self.adopting.clone() {
            return Ok(Step::Adopt(contact));
        }
        if self.reload {
            return Ok(Step::Reload);
        }
        if self.order.detached {
            return self.leave(now);
        }
        if let Some(step) = self.resolve_create(now)? {
            return Ok(step);
        }
        let open = self.context.model.is_open(&self.status()?);
        if self.order.contact.is_none() {
            return if open { self.create_contact(now) } else { self.done() };
        }
        if let Some(step) = self.look(now) {
            return Ok(step);
        }
        if self.seen_opportunity.is_some() || self.seen_contact.is_some() {
            if self.replied {
                // What GHL answered is a fact, and must not depend on what is decided now.
                return Ok(Step::Commit { changes: self.take_facts()?, decision: false });
            }
            self.decide(now)?;
            if std::mem::take(&mut self.transitioned) {
                return Ok(Step::Commit { changes: self.take_facts()?, decision: true });
            }
            return self.next(now);
        }
        if let Some(step) = self.write(now)? {
            return Ok(step);
        }
        if self.order.opportunity.is_none() && open {
            return self.create_opportunity(now);
        }
        self.done()
    }

    /// The opportunity is gone: the contact is left without this order's tag, and with the fields of the
    /// customer's other orders, if there are any.
    fn leave(&mut self, now: Now) -> Result<Step> {
        match self.write(now)? {
            Some(step) => Ok(step),
            None => self.finish(Finish::Skipped, false),
        }
    }

    /// Everything is in step.
    fn done(&mut self) -> Result<Step> {
        if self.order.opportunity.is_some() && self.opportunity.base.acked_version < self.order.version {
            self.opportunity.base.acked_version = self.order.version;
            self.touched_opportunity = true;
        }
        if self.looked_opportunity == Look::Done || self.looked_contact == Look::Done {
            let contact_looked = self.looked_contact == Look::Done;
            self.facts.push(Change::Clean {
                dirty: self.dirty,
                dirty_contact: contact_looked.then_some(self.dirty_contact),
            });
        }
        self.facts.push(Change::Pushed(self.order.version));
        self.finish(Finish::Done, true)
    }

    /// Settles a create of unknown outcome before anything else: it is looked for once it must be
    /// visible, and begun anew only when it surely did not happen.
    fn resolve_create(&mut self, now: Now) -> Result<Option<Step>> {
        let Some(creating) = self.order.creating.filter(|_| self.creating_here.is_none()) else {
            return Ok(None);
        };
        let contact = self.order.contact.clone();
        if let (ObjectKind::Opportunity, Some(candidate), Some(_)) =
            (creating.object, &self.order.candidate, &contact)
        {
            return Ok(Some(call(Call::GetOpportunity(candidate.clone()))));
        }
        let visible_at = self.settled_at(creating, now);
        let early = now.local < visible_at;
        if early && self.refusal.is_none() {
            return self.wait(visible_at, false, None).map(Some);
        }
        let look = match (creating.object, contact) {
            (ObjectKind::Opportunity, Some(contact)) => {
                (!self.searched).then(|| call(Call::FindOpportunity { contact }))
            }
            (ObjectKind::Opportunity, None) => {
                self.set_creating(None);
                return Ok(None);
            }
            (ObjectKind::Contact, _) => match self.find_contact() {
                None if self.adopt_found() => return self.next(now).map(Some),
                look => look,
            },
        };
        match look {
            Some(look) => Ok(Some(look)),
            None if early => self.look_again(visible_at).map(Some),
            None => self.create_did_not_happen(creating),
        }
    }

    /// When a begun create is either visible in GHL's search or will never happen.
    pub(crate) fn create_visible_at(&self, creating: Creating) -> i64 {
        let timing = self.context.timing;
        creating.since + CREATE_LEAVES_MS + timing.call_timeout + timing.search_lag
    }

    /// The same for this order's own: what GHL has refused is not under way any more, so only its search may lag.
    fn settled_at(&self, creating: Creating, now: Now) -> i64 {
        let at_the_latest = self.create_visible_at(creating);
        let refused_at = match &self.refusal {
            Some(_) => Some(now.local),
            // The refusal was the first failure that was counted since.
            None => self.job.first_failed_at.filter(|at| creating.refused && *at >= creating.since),
        };
        refused_at.map_or(at_the_latest, |at| at_the_latest.min(at + self.context.timing.search_lag))
    }

    /// What GHL has refused is not to be seen yet; the job waits until it must be.
    pub(crate) fn look_again(&mut self, visible_at: i64) -> Result<Step> {
        let refusal = self.refusal.take();
        self.wait(visible_at, refusal.is_some(), refusal)
    }

    /// When the contact that another order of the customer has begun to create must be visible.
    fn twin_visible_at(&self) -> Option<i64> {
        let begun = self.siblings.iter().filter_map(|sibling| sibling.creating);
        let contacts = begun.filter(|creating| creating.object == ObjectKind::Contact);
        contacts.map(|creating| self.create_visible_at(creating)).max()
    }

    /// Looks for the customer by e-mail, then by phone; `None` once one was found, or both were tried.
    fn find_contact(&self) -> Option<Step> {
        let email = self.order.email.clone().filter(|_| !self.tried_email).map(Identity::Email);
        let phone = self.order.phone.clone().filter(|_| !self.tried_phone).map(Identity::Phone);
        email.or(phone).filter(|_| self.found.is_none()).map(|by| call(Call::FindContact(by)))
    }

    /// Takes the contact that was found, if one was: for the outcome of an unknown create, or as known.
    fn adopt_found(&mut self) -> bool {
        self.adopting = self.found.take();
        if let (Some(_), Some(creating)) = (&self.adopting, self.order.creating) {
            self.made_since = Some(creating.since);
            self.set_creating(None);
        }
        self.adopting.is_some()
    }

    /// The contact of the customer's other orders, which the lease key names.
    fn contact_of_group(&self) -> Option<ContactId> {
        let contact = self.order.lease_key.strip_prefix(&contact_key(&self.order.location))?;
        (!self.group_contact_gone).then(|| ContactId::new(contact))
    }

    /// Nothing was found: begin anew, unless GHL had refused the content.
    pub(crate) fn create_did_not_happen(&mut self, creating: Creating) -> Result<Option<Step>> {
        self.set_creating(None);
        if !creating.refused {
            return Ok(None);
        }
        // Only the refusal itself tells why; a failure since may have taken its place.
        let code = Code::Validation.as_str();
        let earlier = self.job.error_message.clone().filter(|_| self.job.error_code.as_deref() == Some(code));
        let refusal = self.refusal.take().map(|(_, message)| message).or(earlier);
        let message =
            refusal.unwrap_or_else(|| "GHL refused the content of a create; see crm_sync_log".to_owned());
        self.die((code.to_owned(), message)).map(Some)
    }

    fn create_contact(&mut self, now: Now) -> Result<Step> {
        if let (None, Some(contact)) = (self.creating_here, self.contact_of_group()) {
            return Ok(call(Call::GetContact(contact)));
        }
        if self.phone_match.is_some() {
            // The phone has a contact; the e-mail, which wins, may have another.
            if let (false, Some(email)) = (self.tried_email, &self.order.email) {
                return Ok(call(Call::FindContact(Identity::Email(email.clone()))));
            }
            self.found = self.found.take().or(self.phone_match.take());
            self.adopt_found();
            return self.next(now);
        }
        let Some(since) = self.creating_here else {
            if let Some(at) = self.twin_visible_at().filter(|at| now.local < *at) {
                return self.wait(at, false, None);
            }
            // Where GHL refuses duplicates, the create itself finds the known contact.
            if let (true, Some(step)) = (self.context.allows_duplicates, self.find_contact()) {
                return Ok(step);
            }
            if self.adopt_found() {
                return self.next(now);
            }
            self.begin_create(ObjectKind::Contact, now.local);
            return Ok(Step::Commit { changes: self.take_facts()?, decision: true });
        };
        let fields = desired::contact_fields(&self.context, &self.order)?;
        let tags = desired::tags(&self.context, &[&self.order]).into_iter().collect();
        let call = Box::new(Call::CreateContact { fields, tags });
        Ok(Step::Call { call, leave_by: Some(since + CREATE_LEAVES_MS) })
    }

    fn create_opportunity(&mut self, now: Now) -> Result<Step> {
        let Some(contact) = self.order.contact.clone() else { return self.next(now) };
        let Some(since) = self.creating_here else {
            self.begin_create(ObjectKind::Opportunity, now.local);
            return Ok(Step::Commit { changes: self.take_facts()?, decision: true });
        };
        let stage = desired::first_stage(&self.context, &self.status()?);
        let call = Box::new(Call::CreateOpportunity { contact, stage });
        Ok(Step::Call { call, leave_by: Some(since + CREATE_LEAVES_MS) })
    }

    /// GHL is looked at before it is written to, unless this is the quick first push of a shop's change.
    fn look(&mut self, now: Now) -> Option<Step> {
        let hinted = self.order.clean < self.dirty;
        if let (Some(id), Look::NotYet) = (&self.order.opportunity, self.looked_opportunity)
            && (hinted
                || self.must_look
                || self.job.failures > 0
                || !self.opportunity.unknown.is_empty()
                || self.pending() && !self.is_fresh(now))
        {
            return Some(call(Call::GetOpportunity(id.clone())));
        }
        if self.seen_opportunity.as_ref().is_some_and(|seen| self.has_moved(seen)) {
            // Its new contact is the one to look at.
            return None;
        }
        if let (Some(contact), Look::NotYet, false) =
            (&self.order.contact, self.looked_contact, self.contact_made_here)
            && (self.order.opportunity.is_none() || self.order.clean_contact < self.dirty_contact)
        {
            return Some(call(Call::GetContact(contact.clone())));
        }
        None
    }

    fn is_fresh(&self, now: Now) -> bool {
        let age = now.local - self.order.changed_at;
        self.order.changed_by == Side::Shop && (0..=BLIND_MS).contains(&age)
    }

    /// The next write that is due, written down before the first of them leaves.
    fn write(&mut self, now: Now) -> Result<Option<Step>> {
        let Some(contact) = self.order.contact.clone() else { return Ok(None) };
        let update = self.opportunity_update()?;
        let fields = self.field_update()?;
        let (add, remove) = self.tag_updates();
        let due = update.is_some()
            || !fields.is_empty()
            || !self.blanks.is_empty()
            || !add.is_empty()
            || !remove.is_empty();
        let new_intent = self.write_down(update.as_ref(), &fields, &add, now);
        if due && std::mem::take(&mut self.looked_anew) || new_intent {
            return Ok(Some(Step::Commit { changes: self.take_facts()?, decision: true }));
        }
        if let Some(update) = update {
            let blind = self.looked_opportunity == Look::NotYet && self.order.changed_by == Side::Shop;
            let leave_by = blind.then_some(self.order.changed_at + BLIND_MS);
            return Ok(Some(Step::Call { call: Box::new(update), leave_by }));
        }
        if !fields.is_empty() || !self.blanks.is_empty() {
            if let Some(phone) = self.doubtful_phone() {
                return Ok(Some(call(Call::FindContact(Identity::Phone(phone)))));
            }
            let standard = self.blanks.clone();
            return Ok(Some(call(Call::UpdateContact { contact, fields, standard })));
        }
        if !add.is_empty() {
            return Ok(Some(call(Call::AddTags { contact, tags: add })));
        }
        if !remove.is_empty() {
            return Ok(Some(call(Call::RemoveTags { contact, tags: remove })));
        }
        Ok(None)
    }

    /// A phone that is about to be written and may be another contact's. Where GHL refuses duplicates it
    /// would refuse that one too; elsewhere it is ours to see.
    fn doubtful_phone(&self) -> Option<String> {
        let doubtful = self.context.allows_duplicates && !self.tried_phone;
        self.blanks.phone.clone().filter(|_| doubtful)
    }

    fn opportunity_update(&self) -> Result<Option<Call>> {
        let Some(id) = self.order.opportunity.as_ref().filter(|_| !self.order.detached) else {
            return Ok(None);
        };
        let base = &self.opportunity.base;
        if !self.pending() && base.acked_version >= self.order.version {
            return Ok(None);
        }
        let wanted = desired::opportunity(&self.context, &self.status()?, base.closed_by_us);
        let stage = wanted.stage.filter(|stage| base.stage.as_ref() != Some(stage));
        let status = wanted.status.filter(|status| base.status.as_deref() != Some(status));
        if stage.is_none() && status.is_none() {
            return Ok(None);
        }
        Ok(Some(Call::UpdateOpportunity { id: id.clone(), stage, status }))
    }

    fn field_update(&self) -> Result<BTreeMap<String, String>> {
        let orders = self.orders();
        let Some(owner) = desired::owner(&self.context, &orders) else { return Ok(BTreeMap::new()) };
        let mut fields = desired::contact_fields(&self.context, owner)?;
        // Until it is looked at, a write of unknown outcome may have set another value than the base says:
        // what is in doubt is written too, where anything is to be written.
        let differs = |key: &str, value: &String| self.contact.base.fields.get(key) != Some(value);
        let unsure = self.looked_contact == Look::NotYet
            && !self.fields_written
            && (self.pending() || fields.iter().any(|(key, value)| differs(key, value)));
        let doubtful = |key: &str, value: &str| {
            let other = |write: &ContactWrite| write.fields.get(key).is_some_and(|written| written != value);
            unsure && self.contact.unknown.iter().any(other)
        };
        fields.retain(|key, value| differs(key, value) || doubtful(key, value));
        if fields.keys().all(|key| key == field::LAST_UPDATED) {
            // Nothing was updated but the time of it.
            fields.clear();
        }
        Ok(fields)
    }

    fn tag_updates(&self) -> (Vec<String>, Vec<String>) {
        let wanted = desired::tags(&self.context, &self.orders());
        let add = wanted.difference(&self.contact.base.tags).cloned().collect();
        let remove = self.contact.base.recorded.difference(&wanted).cloned().collect();
        (add, remove)
    }

    /// Puts intended writes among what will be committed; whether any is new.
    fn write_down(
        &mut self,
        update: Option<&Call>,
        fields: &BTreeMap<String, String>,
        add: &[String],
        now: Now,
    ) -> bool {
        let deadline = now.to_ghl(self.lease_until);
        let mut new = false;
        if let Some(Call::UpdateOpportunity { stage, status, .. }) = update
            && self.own_opportunity.is_none()
        {
            let status = status.map(str::to_owned);
            let write = OpportunityWrite { stage: stage.clone(), status, deadline };
            self.own_opportunity = Some(write);
            (self.touched_opportunity, new) = (true, true);
        }
        if !fields.is_empty() && self.own_contact.is_none() {
            self.own_contact = Some(ContactWrite { fields: fields.clone(), deadline });
            (self.touched_contact, new) = (true, true);
        }
        for tag in add {
            if self.contact.base.recorded.insert(tag.clone()) {
                (self.touched_contact, new) = (true, true);
            }
        }
        new
    }

    /// Ends the pass until `due_at`.
    pub(crate) fn wait(
        &mut self,
        due_at: i64,
        counted: bool,
        error: Option<(String, String)>,
    ) -> Result<Step> {
        self.finish(Finish::Wait { due_at, counted, error }, false)
    }

    /// Ends the pass for good: listed, replayable, told once.
    pub(crate) fn die(&mut self, error: (String, String)) -> Result<Step> {
        self.event(events::sync_failed(&self.job, &error));
        self.finish(Finish::Dead { error }, false)
    }

    /// Blanks of a known contact that the order can fill, or every difference if the shop opted in.
    pub(crate) fn plan_blanks(&mut self, present: &Standard) {
        let ours = Standard::of(&self.data);
        self.blanks = if self.context.overwrite_contact {
            ours.differing_from(present)
        } else {
            ours.blanks_of(present)
        };
        if self.withhold_phone {
            self.blanks.phone = None;
        }
    }
}

fn call(call: Call) -> Step {
    Step::Call { call: Box::new(call), leave_by: None }
}
