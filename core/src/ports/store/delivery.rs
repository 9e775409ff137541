use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    ids::{LocationId, OrderId},
    ports::{BoxFuture, Shared},
};

use super::EventRow;

/// Where a message stands on its channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is due at some time.
    Waiting,
    /// A worker has it.
    Leased,
    /// It was handed over.
    Done,
    /// It was not to be sent: the customer wants none, or the order is gone.
    Skipped,
    /// It was given up.
    Dead,
}

impl DeliveryState {
    const ALL: [Self; 5] = [Self::Waiting, Self::Leased, Self::Done, Self::Skipped, Self::Dead];

    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Leased => "leased",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Dead => "dead",
        }
    }

    /// Reads the text in the database.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A message to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// The location.
    pub location: LocationId,
    /// The order.
    pub order: OrderId,
    /// How it is delivered, e.g. `email`.
    pub channel: String,
    /// Unique per order and channel: a second one with the same key is dropped, so nothing is told twice.
    pub key: String,
    /// What is delivered: the name of a message, e.g. `status.shipped`; on the channel `webhook` the kind of event.
    pub message: String,
    /// JSON of the event that it tells of.
    pub payload: String,
    /// When that happened.
    pub at: i64,
}

/// A message on its channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its id: rising, unique, the same with every try.
    pub id: i64,
    /// The location.
    pub location: LocationId,
    /// The order.
    pub order: OrderId,
    /// How it is delivered.
    pub channel: String,
    /// Unique per order and channel.
    pub key: String,
    /// What is delivered.
    pub message: String,
    /// JSON of the event that it tells of.
    pub payload: String,
    /// When that happened.
    pub at: i64,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it is due; while it is leased, when the lease ends; afterwards, when it ended.
    pub due_at: i64,
    /// Failures so far.
    pub failures: i64,
    /// When the first of them happened.
    pub first_failed_at: Option<i64>,
    /// Who has it, by a random text.
    pub lease_token: Option<String>,
    /// When a try began to leave whose outcome is not known.
    pub sent_at: Option<i64>,
    /// What the channel calls it, once it has it.
    pub reference: Option<String>,
    /// The last failure's code, or why it was skipped.
    pub error_code: Option<String>,
    /// Its message.
    pub error_message: Option<String>,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The channel has it, and calls it this.
    Done(Option<String>),
    /// It is not to be sent, for this reason.
    Skipped(String),
    /// It is due again.
    Wait {
        /// When.
        due_at: i64,
        /// Whether this was a failure.
        counted: bool,
        /// Whether the try may have had its effect.
        unknown: bool,
        /// Code and message of the error, if there was one.
        error: Option<(String, String)>,
    },
    /// It is given up.
    Dead {
        /// Code and message of the last error.
        error: (String, String),
    },
}

/// Which deliveries to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliveryFilter {
    /// Only of this location.
    pub location: Option<LocationId>,
    /// Only of this order.
    pub order: Option<OrderId>,
    /// Only on this channel.
    pub channel: Option<String>,
    /// Only in this state.
    pub state: Option<DeliveryState>,
    /// Only ids greater than this, for paging.
    pub after: i64,
    /// At most this many; 0 means 100.
    pub limit: usize,
}

/// How a worker leases deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryLease {
    /// A random text, by which it settles them.
    pub token: String,
    /// Now.
    pub now: i64,
    /// When the lease ends.
    pub until: i64,
    /// At most this many.
    pub max: usize,
    /// Only on these channels.
    pub channels: Vec<String>,
}

/// How many deliveries of a channel are in a state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeliveryCount {
    /// The channel.
    pub channel: String,
    /// The state.
    pub state: DeliveryState,
    /// How many.
    pub count: i64,
}

/// Messages to customers and others, each on its channel.
pub trait DeliveryStore: Shared {
    /// Events of which it is not decided yet who is told, oldest first.
    ///
    /// # Errors
    /// `store`.
    fn unplanned_events(&self, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>>;

    /// Takes the deliveries of an event in, due at `now`, and the event as decided, in one transaction. One whose
    /// order, channel and key are there already is dropped; so twice does nothing.
    ///
    /// # Errors
    /// `store`.
    fn plan_event(&self, position: i64, deliveries: Vec<NewDelivery>, now: i64) -> BoxFuture<'_, Result<()>>;

    /// Takes a delivery in by itself, due at `now`; `false` where one with its order, channel and key is there.
    ///
    /// # Errors
    /// `store`.
    fn insert_delivery(&self, delivery: NewDelivery, now: i64) -> BoxFuture<'_, Result<bool>>;

    /// Leases due deliveries, oldest due first: waiting ones that are due, and leased ones whose lease has ended; of one
    /// order and channel never two at a time, of several that are due the first, and none before an earlier one has been
    /// tried. One that has failed holds up nobody.
    ///
    /// # Errors
    /// `store`.
    fn lease_deliveries(&self, lease: DeliveryLease) -> BoxFuture<'_, Result<Vec<DeliveryRow>>>;

    /// Writes down that a try leaves now; `false` where the lease has ended, and nothing may leave.
    ///
    /// # Errors
    /// `store`.
    fn delivery_leaves<'a>(&'a self, id: i64, token: &'a str, now: i64) -> BoxFuture<'a, Result<bool>>;

    /// Ends a lease, also late; `false` where it is another's by now, and nothing was written.
    ///
    /// # Errors
    /// `store`.
    fn settle_delivery<'a>(
        &'a self,
        id: i64,
        token: &'a str,
        outcome: DeliveryOutcome,
        now: i64,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Deliveries by id.
    ///
    /// # Errors
    /// `store`.
    fn deliveries(&self, filter: DeliveryFilter) -> BoxFuture<'_, Result<Vec<DeliveryRow>>>;

    /// Makes a delivery that was given up or skipped due now with a fresh schedule; `false` if it is neither.
    ///
    /// # Errors
    /// `store`.
    fn replay_delivery(&self, id: i64, now: i64) -> BoxFuture<'_, Result<bool>>;

    /// When the next delivery on these channels can be leased; of what waits for another, nothing is known yet.
    ///
    /// # Errors
    /// `store`.
    fn next_delivery<'a>(&'a self, channels: &'a [String]) -> BoxFuture<'a, Result<Option<i64>>>;

    /// How many wait, are under way or were given up, by channel and state.
    ///
    /// # Errors
    /// `store`.
    fn count_deliveries(&self) -> BoxFuture<'_, Result<Vec<DeliveryCount>>>;
}
