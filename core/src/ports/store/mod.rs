//! The store: plain rows, and operations that are each one transaction.
//!
//! Rows carry status and JSON as text; what they mean is decided in `order` and `sync`. Every change a
//! worker makes goes through [`JobStore::commit`] behind a [`Fence`], so a worker that lost its lease
//! can change nothing. Times are epoch milliseconds of the shop's clock unless said otherwise.

mod booking;
mod delivery;
mod event;
mod inbox;
mod inspection;
mod job;
mod limit;
mod order;
mod outbox;
mod seen;
mod state;
mod token;

pub use booking::{BookingRow, BookingState, BookingStore, BookingTime, KeepBooking, Kept};
pub use delivery::{
    DeliveryCount, DeliveryFilter, DeliveryLease, DeliveryOutcome, DeliveryRow, DeliveryState, DeliveryStore,
    NewDelivery,
};
pub use event::{EventFilter, EventRow, EventStore, EventTail, NewEvent};
pub use inbox::{InboxOutcome, InboxRow, InboxState, InboxStore, NewInbox, Received};
pub use inspection::Inspection;
pub use job::{
    Change, Committed, Fence, Finish, JobFilter, JobRow, JobState, JobStore, Lease, QueueRow, SyncDirection,
    SyncLogRow,
};
pub use limit::{LimitRow, LimitStore};
pub use order::{
    Creating, Lookup, NewOrder, ObjectKind, ObjectRow, OrderRow, OrderStore, PassRows, ProgressChange, Side,
    StatusChange,
};
pub use outbox::OutboxStore;
pub use seen::{Claim, SeenKey, SeenStore};
pub use state::{StateRow, StateStore};
pub use token::{RefreshLease, SealedTokens, TokenRow, TokenState, TokenStore, TokenSubject};

use super::Shared;

/// Everything the engine needs; implemented for whatever implements the parts.
pub trait Store:
    OrderStore
    + OutboxStore
    + JobStore
    + InboxStore
    + EventStore
    + DeliveryStore
    + StateStore
    + BookingStore
    + Shared
{
}

impl<T> Store for T where
    T: OrderStore
        + OutboxStore
        + JobStore
        + InboxStore
        + EventStore
        + DeliveryStore
        + StateStore
        + BookingStore
        + Shared
        + ?Sized
{
}
