//! One pass over an order: what it read, what it has learned so far, and how it is written down.
//!
//! A pass is a state machine without I/O. [`plan`](super::plan) says what comes next, `run` does it, and
//! [`learn`](super::learn) and [`look`](super::look) take in what came back.

use std::sync::Arc;

use crate::{
    error::Result,
    ids::{ContactId, LocationId, OpportunityId},
    order::{Order, Status},
    policy::server_clock::Offset,
    ports::store::{
        Change, Creating, Finish, JobRow, NewEvent, ObjectKind, OrderRow, PassRows, Side, SyncDirection,
        SyncLogRow,
    },
};

use super::{
    call::{Call, SeenContact, SeenOpportunity, Standard},
    context::Context,
    desired, events,
    state::{ContactWrite, KnownContact, KnownOpportunity, OpportunityWrite},
};

/// A blind first push leaves within this long of the shop's change; later ones look first.
pub(crate) const BLIND_MS: i64 = 5_000;

/// A create leaves within this long of being written down, or not at all.
pub(crate) const CREATE_LEAVES_MS: i64 = 10_000;

/// The time, on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    pub(crate) local: i64,
    /// GHL's clock minus ours.
    pub(crate) offset: Offset,
}

impl Now {
    /// A time of ours in GHL's clock.
    pub(crate) fn to_ghl(self, local: i64) -> i64 {
        local.saturating_add(self.offset.ms)
    }

    /// The present in GHL's clock.
    pub(crate) fn ghl(self) -> i64 {
        self.to_ghl(self.local)
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// Write down; with `decision`, only if the order's version is still the one this pass decides on.
    Commit { changes: Vec<Change>, decision: bool },
    /// Call GHL; the call leaves by `leave_by` (our clock) or not at all.
    Call { call: Box<Call>, leave_by: Option<i64> },
    /// Read what is known of this contact and hand it to [`Pass::adopt`].
    Adopt(ContactId),
    /// Read the order anew and hand it to [`Pass::reload`].
    Reload,
    /// Write down and end. A decision that came too late is replaced by [`Pass::yield_to_newer`].
    Finish { changes: Vec<Change>, decision: bool },
}

/// Whether something in GHL has been looked at in this pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    NotYet,
    Done,
}

/// See the module.
pub(crate) struct Pass {
    pub(crate) context: Arc<Context>,
    pub(crate) job: JobRow,
    pub(crate) order: OrderRow,
    pub(crate) data: Order,
    pub(crate) siblings: Vec<OrderRow>,
    pub(crate) opportunity: KnownOpportunity,
    pub(crate) contact: KnownContact,

    /// The counters as they were before any look.
    pub(crate) dirty: i64,
    pub(crate) dirty_contact: i64,
    pub(crate) looked_opportunity: Look,
    pub(crate) looked_contact: Look,
    /// Looked at, but not yet decided on.
    pub(crate) seen_opportunity: Option<SeenOpportunity>,
    pub(crate) seen_contact: Option<SeenContact>,
    /// When the looks left, in our clock: a write that must have arrived before is settled by them.
    pub(crate) opportunity_looked_at: i64,
    pub(crate) contact_looked_at: i64,
    /// Look before writing, whatever the age of the change.
    pub(crate) must_look: bool,

    /// The create this pass itself has begun.
    pub(crate) creating_here: Option<i64>,
    /// GHL has refused the create that this pass has begun: code and message. It may have made it all the same.
    pub(crate) refusal: Option<(String, String)>,
    /// An unknown create of the contact, now found, began then.
    pub(crate) made_since: Option<i64>,
    pub(crate) contact_made_here: bool,
    /// Searched for the opportunity of an unknown create, in vain.
    pub(crate) searched: bool,
    pub(crate) tried_email: bool,
    pub(crate) tried_phone: bool,
    /// The customer's contact, as a search found it.
    pub(crate) found: Option<ContactId>,
    /// The create was refused because this contact has the phone; the e-mail may have another.
    pub(crate) phone_match: Option<ContactId>,
    /// The contact that the lease key names was deleted in GHL.
    pub(crate) group_contact_gone: bool,
    /// The order's phone belongs to another contact than its e-mail: it is not written.
    pub(crate) withhold_phone: bool,
    /// The order's contact: found, or the one its opportunity has moved to.
    pub(crate) adopting: Option<ContactId>,
    /// The order has another contact than the one that was read with it.
    pub(crate) reload: bool,
    /// A change from GHL was taken over and is to be committed.
    pub(crate) transitioned: bool,
    /// This pass has written the contact's fields.
    pub(crate) fields_written: bool,
    /// Blanks of a known contact still to be filled.
    pub(crate) blanks: Standard,

    /// This pass's own writes, from being written down until they are sent and answered for.
    pub(crate) own_opportunity: Option<OpportunityWrite>,
    pub(crate) own_contact: Option<ContactWrite>,
    /// The end of the lease, in our clock: what is sent under it has arrived by then, or never will.
    pub(crate) lease_until: i64,

    /// A write was answered since the last commit: what it did to GHL is a fact, whatever is decided.
    pub(crate) replied: bool,
    /// A look changed what is known; that is committed before anything is written to GHL.
    pub(crate) looked_anew: bool,
    /// Facts to write down with the next commit.
    pub(crate) facts: Vec<Change>,
    /// Facts that must be written before the next call.
    pub(crate) flush: bool,
    pub(crate) touched_opportunity: bool,
    pub(crate) touched_contact: bool,
    pub(crate) log: Vec<events::LogLine>,
    pub(crate) pulled: bool,
}

impl Pass {
    /// Begins a pass over what was read under the lease.
    pub(crate) fn new(context: Arc<Context>, job: JobRow, rows: PassRows) -> Result<Self> {
        let PassRows { order, siblings, opportunity, contact } = rows;
        Ok(Self {
            data: desired::snapshot(&order)?,
            opportunity: KnownOpportunity::read(opportunity.as_ref())?,
            contact: KnownContact::read(contact.as_ref())?,
            dirty: order.dirty,
            dirty_contact: order.dirty_contact,
            lease_until: job.lease_until,
            context,
            job,
            order,
            siblings,
            looked_opportunity: Look::NotYet,
            looked_contact: Look::NotYet,
            seen_opportunity: None,
            seen_contact: None,
            opportunity_looked_at: 0,
            contact_looked_at: 0,
            must_look: false,
            creating_here: None,
            refusal: None,
            made_since: None,
            contact_made_here: false,
            searched: false,
            tried_email: false,
            tried_phone: false,
            found: None,
            phone_match: None,
            group_contact_gone: false,
            withhold_phone: false,
            adopting: None,
            reload: false,
            transitioned: false,
            fields_written: false,
            blanks: Standard::default(),
            own_opportunity: None,
            own_contact: None,
            replied: false,
            looked_anew: false,
            facts: Vec::new(),
            flush: false,
            touched_opportunity: false,
            touched_contact: false,
            log: Vec::new(),
            pulled: false,
        })
    }

    /// The order as it is under its new contact, with that contact's other orders.
    pub(crate) fn reload(&mut self, rows: PassRows) -> Result<()> {
        self.opportunity = KnownOpportunity::read(rows.opportunity.as_ref())?;
        self.contact = KnownContact::read(rows.contact.as_ref())?;
        self.order = rows.order;
        self.siblings = rows.siblings;
        self.reload = false;
        Ok(())
    }

    pub(crate) fn status(&self) -> Result<Status> {
        self.context.model.status(&self.order.status)
    }

    /// All orders of the contact, this one included.
    pub(crate) fn orders(&self) -> Vec<&OrderRow> {
        let of_contact = self.siblings.iter().filter(|sibling| sibling.contact == self.order.contact);
        of_contact.chain([&self.order]).collect()
    }

    /// Whether GHL has yet to acknowledge the order's version.
    pub(crate) fn pending(&self) -> bool {
        self.order.pushed_version < self.order.version
    }

    /// Whether the shop's last change is one that GHL's opportunity has not acknowledged.
    pub(crate) fn shop_change_open(&self) -> bool {
        self.pending()
            && self.order.changed_by == Side::Shop
            && self.opportunity.base.acked_version < self.order.version
    }

    pub(crate) fn begin_create(&mut self, object: ObjectKind, now: i64) {
        let creating = Creating { object, since: now, refused: false };
        self.set_creating(Some(creating));
        self.creating_here = Some(now);
        self.flush = true;
    }

    pub(crate) fn set_creating(&mut self, creating: Option<Creating>) {
        self.order.creating = creating;
        self.facts.push(Change::SetCreating(creating));
        if creating.is_none() {
            self.creating_here = None;
        }
    }

    pub(crate) fn set_contact(&mut self, contact: ContactId) {
        let lease_key = format!("{}{contact}", contact_key(&self.order.location));
        self.order.lease_key.clone_from(&lease_key);
        self.order.contact = Some(contact.clone());
        self.facts.push(Change::SetContact { contact, lease_key });
        self.flush = true;
    }

    pub(crate) fn set_opportunity(&mut self, opportunity: OpportunityId) {
        self.order.opportunity = Some(opportunity.clone());
        self.order.candidate = None;
        self.facts.push(Change::SetOpportunity(opportunity));
    }

    pub(crate) fn event(&mut self, event: NewEvent) {
        self.facts.push(Change::Event(event));
    }

    /// The facts gathered so far, with the objects as they stand.
    pub(crate) fn take_facts(&mut self) -> Result<Vec<Change>> {
        self.flush = false;
        let mut changes = std::mem::take(&mut self.facts);
        if let (true, Some(id)) = (std::mem::take(&mut self.touched_opportunity), &self.order.opportunity) {
            let mut known = self.opportunity.clone();
            known.unknown.extend(self.own_opportunity.clone());
            changes.push(Change::PutObject(known.row(
                &self.order.location,
                ObjectKind::Opportunity,
                id.as_str(),
            )?));
        }
        if let (true, Some(id)) = (std::mem::take(&mut self.touched_contact), &self.order.contact) {
            let mut known = self.contact.clone();
            known.unknown.extend(self.own_contact.clone());
            changes.push(Change::PutObject(known.row(
                &self.order.location,
                ObjectKind::Contact,
                id.as_str(),
            )?));
        }
        Ok(changes)
    }

    /// Ends the pass. Writes that never left are forgotten; the others stay, as unknown.
    pub(crate) fn finish(&mut self, finish: Finish, decision: bool) -> Result<Step> {
        self.touched_opportunity |= self.own_opportunity.take().is_some();
        self.touched_contact |= self.own_contact.take().is_some();
        let mut changes = self.take_facts()?;
        if !self.log.is_empty() {
            changes.push(Change::Log(self.log_row(&finish)));
        }
        changes.push(Change::Finish(finish));
        Ok(Step::Finish { changes, decision })
    }

    /// Ends a pass whose decision came too late, because the order's version moved; the job is due at once.
    /// What was found out is kept. What a look saw is not: it was weighed against the old version, and is
    /// looked at again; unless GHL has answered a write since, which stands for itself.
    pub(crate) fn yield_to_newer(&self, changes: Vec<Change>, now: i64) -> Vec<Change> {
        let kept = changes.into_iter().filter(|change| match change {
            Change::SetContact { .. }
            | Change::SetOpportunity(_)
            | Change::ClearCandidate
            // A create that was to begin with this commit does not.
            | Change::SetCreating(None)
            | Change::Log(_) => true,
            Change::PutObject(_) | Change::Event(_) => self.replied,
            _ => false,
        });
        let looked = self.looked_opportunity == Look::Done;
        let look_again = looked.then_some(Change::LookAgain);
        let again = Finish::Wait { due_at: now, counted: false, error: None };
        kept.chain(look_again).chain([Change::Finish(again)]).collect()
    }

    fn log_row(&self, finish: &Finish) -> SyncLogRow {
        let (status, error) = match finish {
            Finish::Done | Finish::Skipped => ("success", None),
            Finish::Wait { error: None, .. } => ("pending", None),
            Finish::Wait { error: Some((_, message)), .. } | Finish::Dead { error: (_, message) } => {
                ("failed", Some(message.clone()))
            }
        };
        let (request, response) = events::log_json(&self.log);
        let direction = if self.pulled { SyncDirection::Pull } else { SyncDirection::Push };
        SyncLogRow { direction, status, request, response, error }
    }
}

/// How the lease key of everything that touches a contact of this location begins; the contact's id
/// follows.
pub(crate) fn contact_key(location: &LocationId) -> String {
    format!("contact:{location}:")
}
