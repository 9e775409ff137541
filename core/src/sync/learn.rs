//! What a reply, or the lack of one, teaches a pass.

use crate::{
    client::CallMeta,
    error::{Code, Delivery, Error, Result},
    ids::ContactId,
    ports::store::{Change, Creating, Finish, ObjectKind},
};

use super::{
    call::{Answer, Call, Identity, SeenOpportunity},
    desired::field,
    events,
    pass::{Look, Now, Pass, Step},
    schedule::after_failure,
    state::{ContactWrite, OpportunityWrite},
};

/// Why a call was not allowed to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The lease would not outlive it.
    Lease,
    /// Its `leave_by` has passed.
    TooLate,
}

impl Pass {
    /// Takes in a reply.
    pub(crate) fn answered(&mut self, call: &Call, answer: Answer, meta: &CallMeta, now: Now) -> Result<()> {
        self.log.push(events::LogLine::ok(call, &answer));
        self.replied |= call.writes();
        match (call, answer) {
            (Call::CreateContact { fields, tags }, Answer::Contact(seen)) => {
                self.contact.base.fields.clone_from(fields);
                self.contact.base.tags = tags.iter().cloned().collect();
                self.contact.base.recorded.extend(tags.iter().cloned());
                self.contact.base_at = seen.updated_at.or(seen.added_at).unwrap_or(0);
                self.touched_contact = true;
                self.contact_made_here = true;
                self.set_creating(None);
                self.set_contact(seen.id);
            }
            (Call::FindContact(by), Answer::ContactFound(found)) => self.contact_found(by, found),
            (Call::GetContact(_), Answer::Contact(seen)) => {
                self.looked_contact = Look::Done;
                self.contact_looked_at = meta.last_sent_at.unwrap_or(now.local);
                if self.order.contact.is_none() {
                    self.adopting = Some(seen.id.clone());
                }
                self.seen_contact = Some(seen);
            }
            (Call::UpdateContact { fields, .. }, answer) => {
                let kept = self.settle_contact(meta, now);
                self.contact.unknown.extend(kept);
                self.contact.base.fields.extend(fields.clone());
                self.fields_written = true;
                if let Answer::Contact(seen) = answer {
                    let at = seen.updated_at.unwrap_or(0);
                    self.contact.base_at = self.contact.base_at.max(at);
                    if fields.contains_key(field::ORDER_STATUS) {
                        self.contact.base.status_at = self.contact.base.status_at.max(at);
                    }
                }
                self.blanks = Default::default();
                self.touched_contact = true;
            }
            (Call::AddTags { tags, .. }, _) => {
                self.contact.base.tags.extend(tags.iter().cloned());
                self.touched_contact = true;
            }
            (Call::RemoveTags { tags, .. }, _) => {
                for tag in tags {
                    self.contact.base.tags.remove(tag);
                    self.contact.base.recorded.remove(tag);
                }
                self.touched_contact = true;
            }
            (Call::CreateOpportunity { stage, .. }, Answer::Opportunity(seen)) => {
                self.set_creating(None);
                self.opportunity.base.stage = seen.stage.clone().or_else(|| stage.clone());
                self.opportunity.base.status = seen.status.clone().or_else(|| Some("open".to_owned()));
                self.opportunity.base_at = seen.stage_changed_at.or(seen.created_at).unwrap_or(0);
                self.touched_opportunity = true;
                self.looked_opportunity = Look::Done;
                self.opportunity_looked_at = meta.last_sent_at.unwrap_or(now.local);
                self.set_opportunity(seen.id);
            }
            (Call::FindOpportunity { .. }, Answer::OpportunitiesFound(found)) => {
                self.opportunity_found(found)
            }
            (Call::GetOpportunity(_), Answer::Opportunity(seen)) => {
                self.opportunity_looked_at = meta.last_sent_at.unwrap_or(now.local);
                if self.order.opportunity.is_none() {
                    self.consider_candidate(seen);
                } else {
                    self.looked_opportunity = Look::Done;
                    self.seen_opportunity = Some(seen);
                }
            }
            (Call::UpdateOpportunity { stage, status, .. }, answer) => {
                let kept = self.settle_opportunity(meta, now);
                self.opportunity.unknown.extend(kept);
                let base = &mut self.opportunity.base;
                if let Some(stage) = stage {
                    base.stage = Some(stage.clone());
                }
                if let Some(status) = status {
                    base.status = Some((*status).to_owned());
                    base.closed_by_us = *status != "open";
                }
                base.acked_version = self.order.version;
                if let Answer::Opportunity(SeenOpportunity { stage_changed_at: Some(at), .. }) = answer {
                    self.opportunity.base_at = self.opportunity.base_at.max(at);
                }
                self.touched_opportunity = true;
            }
            (call, _) => {
                let message = format!("{}: the reply is of another kind than the call", call.name());
                return Err(Error::new(Code::UnexpectedReply, message));
            }
        }
        Ok(())
    }

    fn contact_found(&mut self, by: &Identity, found: Option<ContactId>) {
        match by {
            Identity::Email(_) => self.tried_email = true,
            Identity::Phone(_) => self.tried_phone = true,
        }
        let Some(found) = found else { return };
        match (by, self.phone_match.take()) {
            // The e-mail wins over the contact that has the phone.
            (Identity::Email(_), Some(other)) if other != found => {
                self.withhold_phone = true;
                self.event(events::two_contacts(&self.order, &found, &other));
                self.found = Some(found);
            }
            (Identity::Phone(_), _) if self.order.contact.is_some() => self.phone_is_of(&found),
            _ => self.found = Some(found),
        }
    }

    /// The phone that was to be written belongs to this contact.
    fn phone_is_of(&mut self, found: &ContactId) {
        let Some(contact) = self.order.contact.clone().filter(|contact| contact != found) else { return };
        self.blanks.phone = None;
        self.event(events::two_contacts(&self.order, &contact, found));
    }

    /// Search found these; ours has the name, the contact and the pipeline. The earliest wins.
    fn opportunity_found(&mut self, found: Vec<SeenOpportunity>) {
        let ours = found
            .into_iter()
            .filter(|seen| self.is_ours(seen))
            .min_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        match ours {
            Some(seen) => {
                self.set_creating(None);
                self.set_opportunity(seen.id);
                self.flush = true;
                self.must_look = true;
            }
            None => self.searched = true,
        }
    }

    fn consider_candidate(&mut self, seen: SeenOpportunity) {
        if self.is_ours(&seen) {
            self.set_creating(None);
            self.set_opportunity(seen.id.clone());
            self.flush = true;
            self.looked_opportunity = Look::Done;
            self.seen_opportunity = Some(seen);
        } else {
            self.drop_candidate();
        }
    }

    fn drop_candidate(&mut self) {
        self.order.candidate = None;
        self.facts.push(Change::ClearCandidate);
        self.flush = true;
    }

    fn is_ours(&self, seen: &SeenOpportunity) -> bool {
        seen.name == self.data.opportunity_name()
            && seen.contact == self.order.contact
            && seen.pipeline.as_ref().is_none_or(|pipeline| *pipeline == self.context.pipeline)
    }

    /// Takes in a failure: the pass ends, or `None` if it can go on.
    pub(crate) fn failed(
        &mut self,
        call: &Call,
        error: &Error,
        refusal: Option<Refusal>,
        meta: &CallMeta,
        now: Now,
    ) -> Result<Option<Step>> {
        self.log.push(events::LogLine::failed(call, error));
        self.replied |= call.writes() && meta.tries > 0;
        let maybe_arrived = meta.unanswered > 0 || error.delivery() == Delivery::Unknown;
        self.settle_failed(call, error, meta, now);
        match (call, refusal) {
            (_, Some(Refusal::Lease)) if !maybe_arrived || !creates(call) => {
                return self.give_way(call, now).map(Some);
            }
            (_, Some(Refusal::TooLate)) if !maybe_arrived => {
                if creates(call) {
                    self.set_creating(None);
                } else {
                    self.must_look = true;
                }
                return Ok(None);
            }
            (Call::UpdateOpportunity { .. }, Some(Refusal::TooLate)) => {
                self.must_look = true;
                return Ok(None);
            }
            _ => {}
        }
        if creates(call) {
            return self.create_failed(call, error, maybe_arrived, now);
        }
        match (call, error.code()) {
            (Call::GetOpportunity(_), Code::NotFound) if self.order.opportunity.is_none() => {
                self.drop_candidate();
                Ok(None)
            }
            (Call::GetOpportunity(_) | Call::UpdateOpportunity { .. }, Code::NotFound) => {
                self.detach();
                Ok(None)
            }
            (Call::GetContact(_), Code::NotFound) if self.order.contact.is_none() => {
                self.group_contact_gone = true;
                Ok(None)
            }
            (Call::FindContact(_) | Call::FindOpportunity { .. }, _) => match self.order.creating {
                // The refusal stands, and there is another look.
                Some(creating) if self.refusal.is_some() => {
                    let visible_at = self.create_visible_at(creating);
                    self.look_again(visible_at.max(now.local)).map(Some)
                }
                _ => self.fail(error, now).map(Some),
            },
            (_, Code::NotFound) => self.contact_missing(),
            (Call::UpdateContact { .. }, Code::Duplicate) if self.blanks_conflict(error) => Ok(None),
            _ => self.fail(error, now).map(Some),
        }
    }

    fn create_failed(
        &mut self,
        call: &Call,
        error: &Error,
        maybe_arrived: bool,
        now: Now,
    ) -> Result<Option<Step>> {
        let Some(creating) = self.order.creating else { return self.fail(error, now).map(Some) };
        if let (Call::CreateContact { .. }, Code::Duplicate, Some(duplicate)) =
            (call, error.code(), error.duplicate_of())
        {
            self.set_creating(None);
            self.adopt_duplicate(duplicate.contact.clone(), duplicate.matching_field.as_deref());
            return Ok(None);
        }
        let refused = error.code() == Code::Validation;
        if maybe_arrived || refused || error.code() == Code::Server {
            // It may exist all the same: it is looked for when it must be visible.
            self.set_creating(Some(Creating { refused, ..creating }));
            self.creating_here = None;
            if refused && !maybe_arrived && self.tells_twins_apart(creating.object) {
                // GHL has answered, so nothing is under way: it may be seen already.
                self.refusal = Some(told(error));
                (self.tried_email, self.tried_phone) = (false, false);
                return Ok(None);
            }
            let due_at = self.create_visible_at(creating).max(now.local);
            return self.wait(due_at, true, Some(told(error))).map(Some);
        }
        self.set_creating(None);
        self.fail(error, now).map(Some)
    }

    /// Whether a look that comes too early finds what this order has made, or nothing: not another of the same customer, who is
    /// there but once unless the location allows more.
    fn tells_twins_apart(&self, object: ObjectKind) -> bool {
        object == ObjectKind::Opportunity || !self.context.allows_duplicates
    }

    /// The contact exists. Where only the phone matched, the e-mail, which wins, may have another.
    fn adopt_duplicate(&mut self, contact: ContactId, matching_field: Option<&str>) {
        if matching_field == Some("phone") && self.order.email.is_some() {
            self.phone_match = Some(contact);
        } else {
            self.adopting = Some(contact);
        }
    }

    /// A blank that may not be filled because another contact has the value is left blank.
    fn blanks_conflict(&mut self, error: &Error) -> bool {
        let Some(duplicate) = error.duplicate_of() else { return false };
        let field = match duplicate.matching_field.as_deref() {
            Some("email") => &mut self.blanks.email,
            _ => &mut self.blanks.phone,
        };
        let conflicting = field.take().is_some();
        if let (true, Some(contact)) = (conflicting, self.order.contact.clone()) {
            self.event(events::two_contacts(&self.order, &contact, &duplicate.contact));
        }
        conflicting
    }

    fn detach(&mut self) {
        self.event(events::detached(&self.order));
        self.facts.push(Change::Detach);
        self.order.detached = true;
        self.flush = true;
    }

    /// The contact is gone. If the opportunity lives on with another one, it is followed.
    fn contact_missing(&mut self) -> Result<Option<Step>> {
        if self.order.detached {
            return self.finish(Finish::Skipped, false).map(Some);
        }
        if self.order.opportunity.is_none() || self.looked_opportunity == Look::Done {
            self.detach();
            return self.finish(Finish::Skipped, false).map(Some);
        }
        self.must_look = true;
        self.looked_contact = Look::Done;
        Ok(None)
    }

    /// The lease is too short for another call: the job is due at once, for whoever leases it next.
    fn give_way(&mut self, call: &Call, now: Now) -> Result<Step> {
        if creates(call) {
            self.set_creating(None);
        }
        self.wait(now.local, false, None)
    }

    /// The general case: repeat later if that can help, else give up.
    pub(crate) fn fail(&mut self, error: &Error, now: Now) -> Result<Step> {
        match after_failure(&self.job, error, now.local) {
            Finish::Dead { error } => self.die(error),
            finish => self.finish(finish, false),
        }
    }

    fn settle_failed(&mut self, call: &Call, error: &Error, meta: &CallMeta, now: Now) {
        let unsettled = meta.unanswered > 0
            || error.delivery() == Delivery::Unknown
            || error.status().is_some_and(|status| status >= 500);
        let never_left = meta.tries == 0;
        match call {
            Call::UpdateOpportunity { .. } => {
                let write = self.own_opportunity.take_if(|_| !never_left);
                if let (true, Some(write)) = (unsettled, write) {
                    let deadline = self.arrives_by(meta, now);
                    self.opportunity.unknown.push(OpportunityWrite { deadline, ..write });
                }
                self.touched_opportunity = true;
            }
            Call::UpdateContact { .. } => {
                let write = self.own_contact.take_if(|_| !never_left);
                if let (true, Some(write)) = (unsettled, write) {
                    let deadline = self.arrives_by(meta, now);
                    self.contact.unknown.push(ContactWrite { deadline, ..write });
                }
                self.touched_contact = true;
            }
            _ => {}
        }
    }

    /// The own write after its reply: nothing, unless an earlier try may still arrive.
    fn settle_opportunity(&mut self, meta: &CallMeta, now: Now) -> Option<OpportunityWrite> {
        let write = self.own_opportunity.take()?;
        (meta.unanswered > 0).then(|| OpportunityWrite { deadline: self.arrives_by(meta, now), ..write })
    }

    fn settle_contact(&mut self, meta: &CallMeta, now: Now) -> Option<ContactWrite> {
        // A write that must have arrived before this one left is overwritten by it.
        let left_at = now.to_ghl(meta.first_sent_at.unwrap_or(now.local)).saturating_sub(now.offset.error_ms);
        self.contact.unknown.retain(|write| write.deadline >= left_at);
        let write = self.own_contact.take()?;
        (meta.unanswered > 0).then(|| ContactWrite { deadline: self.arrives_by(meta, now), ..write })
    }

    /// When the last try without a reply arrives, if it does; in GHL's clock.
    fn arrives_by(&self, meta: &CallMeta, now: Now) -> i64 {
        let left = meta.last_unanswered_at.or(meta.last_sent_at).unwrap_or(now.local);
        now.to_ghl(left.saturating_add(self.context.timing.call_timeout))
    }
}

fn creates(call: &Call) -> bool {
    matches!(call, Call::CreateContact { .. } | Call::CreateOpportunity { .. })
}

fn told(error: &Error) -> (String, String) {
    (error.code().as_str().to_owned(), error.message().to_owned())
}
