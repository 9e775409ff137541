use serde::{Deserialize, Serialize};

use crate::{
    error::{Code, Result},
    ids::{ContactId, JobId, LocationId, OpportunityId, OrderId},
    ports::{Bell, BoxFuture, Shared},
};

use super::{Creating, NewEvent, ObjectRow, Side};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Due at `due_at`.
    Waiting,
    /// A worker has it until `lease_until`.
    Leased,
    /// Nothing to do until the next change.
    Done,
    /// Given up: listed and replayable.
    Dead,
    /// Nothing can be done: the opportunity was deleted in GHL.
    Skipped,
}

impl JobState {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            JobState::Waiting => "waiting",
            JobState::Leased => "leased",
            JobState::Done => "done",
            JobState::Dead => "dead",
            JobState::Skipped => "skipped",
        }
    }

    /// Reads the text in the database.
    pub fn parse(text: &str) -> Option<Self> {
        [JobState::Waiting, JobState::Leased, JobState::Done, JobState::Dead, JobState::Skipped]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// The sync job of an order: one row, which says only that the order needs a look, never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Its id.
    pub id: JobId,
    /// The location.
    pub location: LocationId,
    /// The order.
    pub order: OrderId,
    /// See [`super::OrderRow::lease_key`].
    pub lease_key: String,
    /// Where it stands.
    pub state: JobState,
    /// When a waiting job is due; while it is leased, the end of the lease.
    pub due_at: i64,
    /// Counted failures since the last success or change.
    pub failures: i64,
    /// When the first of them happened.
    pub first_failed_at: Option<i64>,
    /// Rises with every request to run; a job asked for while leased runs once more.
    pub wanted: i64,
    /// `wanted` as it was when the lease began.
    pub leased_wanted: i64,
    /// The token of the current lease.
    pub lease_token: Option<String>,
    /// When the current lease ends.
    pub lease_until: i64,
    /// The worker that has it.
    pub worker: Option<String>,
    /// The code of the last failure.
    pub error_code: Option<String>,
    /// The message of the last failure.
    pub error_message: Option<String>,
}

/// A request for jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The worker's name, for people.
    pub worker: String,
    /// A fresh random token.
    pub token: String,
    /// Now.
    pub now: i64,
    /// The end of the lease.
    pub until: i64,
    /// At most this many.
    pub max: usize,
    /// Only the job of this order, if it is due.
    pub only: Option<(LocationId, OrderId)>,
}

/// What a commit depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// The leased job.
    pub job: JobId,
    /// The lease's token.
    pub token: String,
    /// Now: the lease must not have ended.
    pub now: i64,
    /// The order's version, where the commit rests on a decision about its status.
    pub version: Option<i64>,
}

/// How a pass ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// In step. If the job was wanted again meanwhile, it waits, due now.
    Done,
    /// Try again at `due_at`. A counted failure adds to `failures`; others leave the schedule alone.
    /// If the job was wanted again meanwhile, it is due now.
    Wait {
        /// When.
        due_at: i64,
        /// Whether it is a counted failure.
        counted: bool,
        /// Code and message of the failure, if it was one.
        error: Option<(String, String)>,
    },
    /// Given up. If the job was wanted again meanwhile, it waits, due now, with a fresh schedule.
    Dead {
        /// Code and message.
        error: (String, String),
    },
    /// Nothing to do any more.
    Skipped,
}

/// The direction of a sync log row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyncDirection {
    /// From the shop to GHL.
    Push,
    /// From GHL to the shop.
    Pull,
}

impl SyncDirection {
    /// The text in `crm_sync_log.sync_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            SyncDirection::Push => "push",
            SyncDirection::Pull => "pull",
        }
    }
}

/// A row of the users' `crm_sync_log`, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncLogRow {
    /// Push or pull.
    pub direction: SyncDirection,
    /// `success`, `failed` or `pending`.
    pub status: &'static str,
    /// JSON of what was sent.
    pub request: String,
    /// JSON of what came back.
    pub response: String,
    /// The error's message.
    pub error: Option<String>,
}

/// One change inside a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The contact is known (or was merged into another). All orders and jobs with the order's present
    /// lease key take `lease_key`; unresolved events that name the contact are pending again.
    SetContact {
        /// The contact.
        contact: ContactId,
        /// The key of its group from now on.
        lease_key: String,
    },
    /// The opportunity is known; a candidate is cleared; unresolved events that name it are pending.
    SetOpportunity(OpportunityId),
    /// A candidate turned out not to be ours.
    ClearCandidate,
    /// A create begins or is resolved.
    SetCreating(Option<Creating>),
    /// What is known of a GHL object. `base_at` never falls: the greater of old and new is kept.
    PutObject(ObjectRow),
    /// A change that came from GHL: bumps `version` and `commit_seq`, and sets `orders.status`.
    SetStatus {
        /// The new status.
        status: String,
        /// When, in GHL's clock.
        at: i64,
        /// Who.
        by: Side,
    },
    /// GHL was looked at when the counters stood here.
    Clean {
        /// `dirty` as read before the look.
        dirty: i64,
        /// `dirty_contact` as read before the look at the contact, if there was one.
        dirty_contact: Option<i64>,
    },
    /// What a look saw was not taken in: `dirty` rises, so that the next pass looks again.
    LookAgain,
    /// GHL has acknowledged this version; never falls.
    Pushed(i64),
    /// The opportunity is gone.
    Detach,
    /// A row of `crm_sync_log`.
    Log(SyncLogRow),
    /// An event; one with a key already used by the order is dropped.
    Event(NewEvent),
    /// Ends the lease. Sets `ghl_sync_status` (`synced`, `pending`, `failed`, `detached`) and, when done,
    /// `ghl_last_sync`.
    Finish(Finish),
}

/// What a commit found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Committed {
    /// After [`Change::SetContact`]: another job with the new lease key is leased, so this one must stop.
    pub contended: bool,
    /// The order's version after the commit.
    pub version: i64,
}

/// Which jobs to list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobFilter {
    /// Only of this location.
    pub location: Option<LocationId>,
    /// Only in this state.
    pub state: Option<JobState>,
    /// Only of this order.
    pub order: Option<OrderId>,
    /// Only those that failed last with this code.
    pub error: Option<Code>,
    /// Only ids greater than this, for paging.
    pub after: Option<JobId>,
    /// At most this many; 0 means 100.
    pub limit: usize,
}

/// The queue as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueRow {
    /// Jobs that wait or are being worked on.
    pub waiting: i64,
    /// When the first of them is due, or was; one that is worked on is due at its lease's end.
    pub due_at: Option<i64>,
    /// Since when the first of them has failed that began to fail after the last one was done.
    pub failing_since: Option<i64>,
    /// Jobs that were given up.
    pub dead: i64,
    /// When the last job was done.
    pub done_at: Option<i64>,
}

/// The queue.
pub trait JobStore: Shared {
    /// Leases due jobs, oldest due first: waiting ones that are due, and leased ones whose lease has
    /// ended; never two with one lease key, nor one whose key is under a live lease.
    ///
    /// # Errors
    /// `store`.
    fn lease(&self, lease: Lease) -> BoxFuture<'_, Result<Vec<JobRow>>>;

    /// Applies the changes to the job's order in one transaction, or none of them.
    ///
    /// # Errors
    /// `lease_lost` when the token is not the current one or the lease has ended; `conflict` when the
    /// fence names a version and the order has another; `store`.
    fn commit(&self, fence: Fence, changes: Vec<Change>) -> BoxFuture<'_, Result<Committed>>;

    /// When the next job can be leased, if any: a waiting one when it is due, a leased one when its lease
    /// ends, and neither before the lease of another job with the same key ends.
    ///
    /// # Errors
    /// `store`.
    fn next_due(&self) -> BoxFuture<'_, Result<Option<i64>>>;

    /// The queue as a whole.
    ///
    /// # Errors
    /// `store`.
    fn queue(&self) -> BoxFuture<'_, Result<QueueRow>>;

    /// One job.
    ///
    /// # Errors
    /// `store`.
    fn job<'a>(&'a self, id: &'a JobId) -> BoxFuture<'a, Result<Option<JobRow>>>;

    /// Jobs by id.
    ///
    /// # Errors
    /// `invalid_argument` (field `after`) when that is no id of a job; `store`.
    fn jobs(&self, filter: JobFilter) -> BoxFuture<'_, Result<Vec<JobRow>>>;

    /// Makes a dead job due now with a fresh schedule; `false` if it is not dead.
    ///
    /// # Errors
    /// `store`.
    fn replay<'a>(&'a self, id: &'a JobId, now: i64) -> BoxFuture<'a, Result<bool>>;

    /// Rings the bell when others have left something to do, for as long as it is polled: without end. A worker looks
    /// by itself too, more rarely. Default: nobody is heard.
    fn listen<'a>(&'a self, _bell: &'a dyn Bell) -> BoxFuture<'a, ()> {
        Box::pin(std::future::pending())
    }
}
