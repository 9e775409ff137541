use crate::{
    ids::{ContactId, LocationId, OpportunityId},
    ports::store::{InboxOutcome, InboxRow, InboxState, NewInbox, Received},
    store::rules::{self, Naming},
};

use super::{State, next_id};

/// An event as it is kept: the row that is given out, and what it is found by.
#[derive(Debug)]
pub(super) struct Kept {
    row: InboxRow,
    webhook_id: Option<String>,
    body_hash: Option<String>,
    contact: Option<ContactId>,
    opportunity: Option<OpportunityId>,
}

impl State {
    pub(super) fn receive(&mut self, event: NewInbox) -> Received {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        let seen = self.inbox.values().filter(|kept| kept.row.location == event.location).any(|kept| {
            same(&kept.webhook_id, &event.webhook_id)
                || (kept.row.state == InboxState::Pending && same(&kept.body_hash, &event.body_hash))
        });
        if seen {
            return Received::Seen;
        }
        let id = next_id(&self.inbox);
        let NewInbox { location, event_type, raw, now: received_at, .. } = event;
        let row =
            InboxRow { id, location, event_type, raw, received_at, state: InboxState::Pending, reason: None };
        let NewInbox { webhook_id, body_hash, contact, opportunity, .. } = event;
        self.inbox.insert(id, Kept { row, webhook_id, body_hash, contact, opportunity });
        Received::New(id)
    }

    pub(super) fn pending_inbox(&self, after: i64, limit: usize) -> Vec<InboxRow> {
        self.inbox_rows(InboxState::Pending).filter(|row| row.id > after).take(limit).cloned().collect()
    }

    pub(super) fn unresolved(&self, location: &LocationId, after: i64, limit: usize) -> Vec<InboxRow> {
        self.inbox_rows(InboxState::Unresolved)
            .filter(|row| row.location == *location && row.id > after)
            .take(limit)
            .cloned()
            .collect()
    }

    fn inbox_rows(&self, state: InboxState) -> impl Iterator<Item = &InboxRow> {
        self.inbox.values().map(|kept| &kept.row).filter(move |row| row.state == state)
    }

    pub(super) fn settle_inbox(&mut self, id: i64, outcome: InboxOutcome, now: i64) -> bool {
        let Some(row) = self.inbox.get(&id).map(|kept| &kept.row) else { return false };
        if row.state != InboxState::Pending {
            return false;
        }
        let location = row.location.clone();
        let (mut state, mut reason) = rules::settled(&outcome);
        if let InboxOutcome::Hint { order, contact, candidate } = &outcome {
            match self.entry_mut(&location, order) {
                Ok((order, job)) => order.hint_from_event(job, *contact, candidate.clone(), now),
                Err(_) => (state, reason) = (InboxState::Unresolved, Some(rules::ORDER_GONE)),
            }
        }
        if let Some(kept) = self.inbox.get_mut(&id) {
            kept.row.state = state;
            kept.row.reason = reason.map(str::to_owned);
        }
        true
    }

    /// Makes the unresolved events that name something pending again.
    pub(super) fn reopen(&mut self, location: &LocationId, naming: Naming<'_>) {
        let named = |kept: &&mut Kept| match naming {
            Naming::Contact(contact) => kept.contact.as_ref() == Some(contact),
            Naming::Opportunity(opportunity) => kept.opportunity.as_ref() == Some(opportunity),
        };
        let unresolved = |kept: &&mut Kept| {
            kept.row.state == InboxState::Unresolved && kept.row.location == *location && named(kept)
        };
        for kept in self.inbox.values_mut().filter(unresolved) {
            kept.row.state = InboxState::Pending;
            kept.row.reason = None;
            // As in the databases, where two with the same body cannot both be pending.
            kept.body_hash = None;
        }
    }
}
