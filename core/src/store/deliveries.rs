//! What any store decides about deliveries.

use crate::ports::store::{
    DeliveryCount, DeliveryFilter, DeliveryLease, DeliveryOutcome, DeliveryRow, DeliveryState, NewDelivery,
};

/// How many deliveries are listed where no number is asked for.
pub(crate) const DEFAULT_LIMIT: usize = 100;

impl DeliveryRow {
    pub(crate) fn new(id: i64, new: NewDelivery, now: i64) -> Self {
        Self {
            id,
            location: new.location,
            order: new.order,
            channel: new.channel,
            key: new.key,
            message: new.message,
            payload: new.payload,
            at: new.at,
            state: DeliveryState::Waiting,
            due_at: now,
            failures: 0,
            first_failed_at: None,
            lease_token: None,
            sent_at: None,
            reference: None,
            error_code: None,
            error_message: None,
        }
    }

    /// Waiting and due, or under a lease that has ended.
    pub(crate) fn is_due(&self, now: i64) -> bool {
        matches!(self.state, DeliveryState::Waiting | DeliveryState::Leased) && self.due_at <= now
    }

    /// Whether another one of its order and channel has to wait for it: while it is under way; until it has been tried; and
    /// where both are due. One that has failed is repeated by itself.
    pub(crate) fn goes_before(&self, other: &Self, now: i64) -> bool {
        self.holds_up(other) && (self.state == DeliveryState::Waiting || self.due_at > now)
            || self.is_beside(other) && self.is_due(now) && self.id < other.id
    }

    /// The same, whatever the time.
    pub(crate) fn holds_up(&self, other: &Self) -> bool {
        let untried = self.state == DeliveryState::Waiting && self.failures == 0 && self.id < other.id;
        self.is_beside(other) && (untried || self.state == DeliveryState::Leased)
    }

    fn is_beside(&self, other: &Self) -> bool {
        let same =
            self.location == other.location && self.order == other.order && self.channel == other.channel;
        same && self.id != other.id
    }

    pub(crate) fn begin_lease(&mut self, lease: &DeliveryLease) {
        self.state = DeliveryState::Leased;
        self.due_at = lease.until;
        self.lease_token = Some(lease.token.clone());
    }

    /// Whether nobody has taken it over.
    pub(crate) fn is_leased_by(&self, token: &str) -> bool {
        self.state == DeliveryState::Leased && self.lease_token.as_deref() == Some(token)
    }

    /// The same, and nobody could.
    pub(crate) fn is_held(&self, token: &str, now: i64) -> bool {
        self.is_leased_by(token) && self.due_at > now
    }

    pub(crate) fn settle(&mut self, outcome: DeliveryOutcome, now: i64) {
        self.lease_token = None;
        self.due_at = now;
        let mut said = None;
        match outcome {
            DeliveryOutcome::Done(reference) => {
                self.state = DeliveryState::Done;
                self.reference = reference;
            }
            DeliveryOutcome::Skipped(reason) => {
                self.state = DeliveryState::Skipped;
                said = Some((reason, None));
            }
            DeliveryOutcome::Wait { due_at, counted, unknown, error } => {
                self.state = DeliveryState::Waiting;
                self.due_at = due_at;
                if counted {
                    self.failures += 1;
                    self.first_failed_at.get_or_insert(now);
                }
                if !unknown {
                    self.sent_at = None;
                }
                said = error.map(|(code, message)| (code, Some(message)));
            }
            DeliveryOutcome::Dead { error: (code, message) } => {
                self.state = DeliveryState::Dead;
                said = Some((code, Some(message)));
            }
        }
        (self.error_code, self.error_message) = match said {
            Some((code, message)) => (Some(code), message),
            None => (None, None),
        };
    }

    /// `false` if it was neither given up nor skipped.
    pub(crate) fn replay(&mut self, now: i64) -> bool {
        let ended = matches!(self.state, DeliveryState::Dead | DeliveryState::Skipped);
        if ended {
            self.state = DeliveryState::Waiting;
            self.due_at = now;
            self.failures = 0;
            self.first_failed_at = None;
            self.error_code = None;
            self.error_message = None;
        }
        ended
    }
}

impl DeliveryFilter {
    pub(crate) fn takes(&self, row: &DeliveryRow) -> bool {
        row.id > self.after
            && self.location.as_ref().is_none_or(|location| row.location == *location)
            && self.order.as_ref().is_none_or(|order| row.order == *order)
            && self.channel.as_ref().is_none_or(|channel| row.channel == *channel)
            && self.state.is_none_or(|state| row.state == state)
    }

    pub(crate) fn most(&self) -> usize {
        if self.limit == 0 { DEFAULT_LIMIT } else { self.limit }
    }
}

/// Counts the rows that wait, are under way or were given up, by channel and state.
pub(crate) fn count<'a>(rows: impl Iterator<Item = &'a DeliveryRow>) -> Vec<DeliveryCount> {
    let mut counts = std::collections::BTreeMap::new();
    for row in rows.filter(|row| !matches!(row.state, DeliveryState::Done | DeliveryState::Skipped)) {
        *counts.entry((row.channel.clone(), row.state)).or_insert(0) += 1;
    }
    let counted = counts.into_iter();
    counted.map(|((channel, state), count)| DeliveryCount { channel, state, count }).collect()
}
