use serde::Serialize;

use crate::{
    error::Result,
    ids::{ContactId, LocationId, OpportunityId, OrderId},
    ports::{BoxFuture, Shared},
};

/// A verified webhook to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInbox {
    /// The location it is for.
    pub location: LocationId,
    /// `webhookId`: a second event with the same one is seen.
    pub webhook_id: Option<String>,
    /// A hash of the body, given only where the body has a `timestamp`: a second one is seen while the
    /// first is pending.
    pub body_hash: Option<String>,
    /// The event's type, e.g. `OpportunityStageUpdate`.
    pub event_type: String,
    /// The contact it names.
    pub contact: Option<ContactId>,
    /// The opportunity it names.
    pub opportunity: Option<OpportunityId>,
    /// The exact bytes.
    pub raw: Vec<u8>,
    /// The body as JSON text for `webhook_events`, with `\u0000` replaced.
    pub readable: String,
    /// Now.
    pub now: i64,
}

/// Whether an event is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "received", content = "id", rename_all = "snake_case")]
pub enum Received {
    /// Kept under this id; ids rise.
    New(i64),
    /// Already known; nothing was written.
    Seen,
}

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InboxState {
    /// To be applied.
    Pending,
    /// Applied or ignored.
    Settled,
    /// Belongs to no known order; kept.
    Unresolved,
}

impl InboxState {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            InboxState::Pending => "pending",
            InboxState::Settled => "settled",
            InboxState::Unresolved => "unresolved",
        }
    }

    /// Reads the text in the database.
    pub fn parse(text: &str) -> Option<Self> {
        [InboxState::Pending, InboxState::Settled, InboxState::Unresolved]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A kept event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxRow {
    /// Its id.
    pub id: i64,
    /// The location.
    pub location: LocationId,
    /// The event's type.
    pub event_type: String,
    /// The exact bytes.
    pub raw: Vec<u8>,
    /// When it was received.
    pub received_at: i64,
    /// Where it stands.
    pub state: InboxState,
    /// Why it was ignored or is unresolved.
    pub reason: Option<String>,
}

/// What an event came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxOutcome {
    /// It says nothing new.
    Ignored {
        /// Why.
        reason: String,
    },
    /// It hints that an order's GHL side changed: `dirty` rises (and `dirty_contact` if `contact`), the
    /// job is due now, and `candidate` is written down where the order has no opportunity. A detached
    /// order is left alone. If the order is not known, the event becomes unresolved instead.
    Hint {
        /// The order.
        order: OrderId,
        /// Whether the contact should be looked at too.
        contact: bool,
        /// An opportunity that may be the order's.
        candidate: Option<OpportunityId>,
    },
    /// No order is found for it.
    Unresolved {
        /// Why.
        reason: String,
    },
}

/// Received webhooks: the raw bytes in `ghlkit_inbox`, a readable copy in the users' `webhook_events`.
pub trait InboxStore: Shared {
    /// Writes both rows in one transaction, unless the event is known.
    ///
    /// # Errors
    /// `store`: nothing was written; answer 429, so that GHL repeats it.
    fn receive(&self, event: NewInbox) -> BoxFuture<'_, Result<Received>>;

    /// Pending events with an id greater than `after`, oldest first.
    ///
    /// # Errors
    /// `store`.
    fn pending_inbox(&self, after: i64, limit: usize) -> BoxFuture<'_, Result<Vec<InboxRow>>>;

    /// Settles a pending event in one transaction, and marks its row of `webhook_events` processed (or
    /// notes the reason it is unresolved). `false` if it was not pending any more.
    ///
    /// # Errors
    /// `store`.
    fn settle_inbox(&self, id: i64, outcome: InboxOutcome, now: i64) -> BoxFuture<'_, Result<bool>>;

    /// Unresolved events of a location with an id greater than `after`.
    ///
    /// # Errors
    /// `store`.
    fn unresolved<'a>(
        &'a self,
        location: &'a LocationId,
        after: i64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<InboxRow>>>;
}
