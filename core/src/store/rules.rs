//! What the operations of [`crate::ports::store`] do to a row, for every store alike.

use serde_json::json;

use crate::{
    error::{Code, Error, Result},
    ids::{ContactId, JobId, LocationId, OpportunityId, OrderId},
    ports::{
        iso,
        store::{
            Change, Fence, Finish, InboxOutcome, InboxState, JobRow, JobState, Lease, NewEvent, NewOrder,
            OrderRow, ProgressChange, Side,
        },
    },
};

/// The kind of event that tells of a new status.
pub(crate) const STATUS_CHANGED: &str = "status_changed";

pub(crate) fn order_not_found(location: &LocationId, id: &OrderId) -> Error {
    Error::new(
        Code::OrderNotFound,
        format!("order {id} is not known at location {location}; create it first"),
    )
    .with_field("id")
}

/// `field` is `id` or `orderNumber`.
pub(crate) fn order_exists(field: &str, value: &str) -> Error {
    Error::new(Code::OrderExists, format!("{field}: {value} is already in use; expected a new one"))
        .with_field(field)
}

pub(crate) fn version_conflict(expected: i64, found: i64) -> Error {
    Error::new(
        Code::Conflict,
        format!("the order is at version {found}, not {expected}; read it again and decide anew"),
    )
}

fn progress_conflict() -> Error {
    Error::new(Code::Conflict, "the order's progress is another by now; read it again and decide anew")
}

pub(crate) fn lease_lost(job: &JobId) -> Error {
    Error::new(Code::LeaseLost, format!("the lease of job {job} has ended; nothing was written"))
}

pub(crate) fn bad_job_id(id: &JobId) -> Error {
    Error::invalid("after", format_args!("expected the id of a job, got {id}"))
}

/// How many jobs a listing gives when the filter leaves it open.
pub(crate) const DEFAULT_JOB_LIMIT: usize = 100;

impl OrderRow {
    pub(crate) fn new(new: NewOrder, lease_key: String, commit_seq: i64) -> Self {
        Self {
            location: new.location,
            id: new.id,
            number: new.number,
            status: new.status,
            snapshot: new.snapshot,
            email: new.email,
            phone: new.phone,
            lease_key,
            contact: None,
            opportunity: None,
            candidate: None,
            creating: None,
            version: 1,
            commit_seq,
            changed_at: new.now,
            changed_by: Side::Shop,
            pushed_version: 0,
            dirty: 0,
            clean: 0,
            dirty_contact: 0,
            clean_contact: 0,
            manufacturing_progress: None,
            milestone: 0,
            detached: false,
        }
    }

    pub(crate) fn check_version(&self, expected: i64) -> Result<()> {
        if self.version == expected { Ok(()) } else { Err(version_conflict(expected, self.version)) }
    }

    pub(crate) fn change_status(&mut self, status: String, at: i64, by: Side, commit_seq: i64) {
        self.status = status;
        self.version += 1;
        self.commit_seq = commit_seq;
        self.changed_at = at;
        self.changed_by = by;
    }

    /// That nothing has changed since a progress was decided on.
    pub(crate) fn check_progress(&self, change: &ProgressChange) -> Result<()> {
        self.check_version(change.version)?;
        if self.manufacturing_progress == change.from { Ok(()) } else { Err(progress_conflict()) }
    }

    pub(crate) fn change_progress(&mut self, to: i64, milestone: i64) {
        self.manufacturing_progress = Some(to);
        self.milestone = self.milestone.max(milestone);
    }

    /// What a change does to the order's own row; its other effects are the store's.
    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::SetContact { contact, lease_key } => {
                self.contact = Some(contact.clone());
                self.lease_key.clone_from(lease_key);
            }
            Change::SetOpportunity(opportunity) => {
                self.opportunity = Some(opportunity.clone());
                self.candidate = None;
            }
            Change::ClearCandidate => self.candidate = None,
            Change::SetCreating(creating) => self.creating = *creating,
            Change::Clean { dirty, dirty_contact } => {
                self.clean = self.clean.max(*dirty);
                self.clean_contact = self.clean_contact.max(dirty_contact.unwrap_or(0));
            }
            Change::LookAgain => self.dirty += 1,
            Change::Pushed(version) => self.pushed_version = self.pushed_version.max(*version),
            Change::Detach => self.detached = true,
            Change::PutObject(_)
            | Change::SetStatus { .. }
            | Change::Log(_)
            | Change::Event(_)
            | Change::Finish(_) => {}
        }
    }

    /// A hint that GHL may differ. A detached order is left alone.
    pub(crate) fn hint(&mut self, job: &mut JobRow, contact: bool, now: i64) {
        if self.detached {
            return;
        }
        self.dirty += 1;
        self.dirty_contact += i64::from(contact);
        job.want(now);
    }

    /// A hint that came with an event, which may name an opportunity the order lacks.
    pub(crate) fn hint_from_event(
        &mut self,
        job: &mut JobRow,
        contact: bool,
        candidate: Option<OpportunityId>,
        now: i64,
    ) {
        self.hint(job, contact, now);
        if !self.detached && self.opportunity.is_none() && candidate.is_some() {
            self.candidate = candidate;
        }
    }
}

/// The order has a new status, already in the row; `before` is `None` for a new order. `now` is when the change was
/// made known, in our clock. The progress is not in it: only the status model knows that.
pub(crate) fn status_changed(order: &OrderRow, before: Option<&str>, now: i64) -> NewEvent {
    let payload = json!({
        "type": "STATUS_UPDATE",
        "orderId": order.id,
        "status": order.status,
        "previousStatus": before,
        "by": order.changed_by.as_str(),
        "timestamp": iso(now),
    });
    NewEvent {
        kind: STATUS_CHANGED.to_owned(),
        key: format!("status:{}", order.version),
        payload: payload.to_string(),
    }
}

impl JobRow {
    pub(crate) fn new(id: JobId, order: &OrderRow, now: i64) -> Self {
        Self {
            id,
            location: order.location.clone(),
            order: order.id.clone(),
            lease_key: order.lease_key.clone(),
            state: JobState::Waiting,
            due_at: now,
            failures: 0,
            first_failed_at: None,
            wanted: 1,
            leased_wanted: 0,
            lease_token: None,
            lease_until: 0,
            worker: None,
            error_code: None,
            error_message: None,
        }
    }

    /// Asks for a run: now, or right after the one that is going on.
    pub(crate) fn want(&mut self, now: i64) {
        self.wanted += 1;
        if self.state != JobState::Leased {
            self.state = JobState::Waiting;
            self.due_at = now;
        }
    }

    /// Starts the schedule afresh, as after a success.
    pub(crate) fn renew(&mut self) {
        self.failures = 0;
        self.first_failed_at = None;
        self.error_code = None;
        self.error_message = None;
    }

    /// `false` if the job is not dead.
    pub(crate) fn replay(&mut self, now: i64) -> bool {
        let dead = self.state == JobState::Dead;
        if dead {
            self.renew();
            self.want(now);
        }
        dead
    }

    /// Waiting and due, or under a lease that has ended: while leased, `due_at` is the lease's end, so
    /// that one comparison and one index serve both.
    pub(crate) fn is_due(&self, now: i64) -> bool {
        matches!(self.state, JobState::Waiting | JobState::Leased) && self.due_at <= now
    }

    pub(crate) fn under_live_lease(&self, now: i64) -> bool {
        self.state == JobState::Leased && self.lease_until > now
    }

    pub(crate) fn begin_lease(&mut self, lease: &Lease) {
        self.state = JobState::Leased;
        self.due_at = lease.until;
        self.lease_until = lease.until;
        self.lease_token = Some(lease.token.clone());
        self.leased_wanted = self.wanted;
        self.worker = Some(lease.worker.clone());
    }

    pub(crate) fn check_lease(&self, fence: &Fence) -> Result<()> {
        let held = self.under_live_lease(fence.now) && self.lease_token.as_deref() == Some(&fence.token);
        if held { Ok(()) } else { Err(lease_lost(&self.id)) }
    }

    /// Ends the lease; returns what `ghl_sync_status` says from now on.
    pub(crate) fn finish(&mut self, finish: &Finish, now: i64) -> &'static str {
        let wanted_again = self.wanted != self.leased_wanted;
        self.lease_token = None;
        self.lease_until = 0;
        self.worker = None;
        self.due_at = now;
        self.state = JobState::Waiting;
        match finish {
            Finish::Done => {
                self.renew();
                if wanted_again {
                    return "pending";
                }
                self.state = JobState::Done;
                "synced"
            }
            Finish::Wait { due_at, counted, error } => {
                if *counted {
                    self.failures += 1;
                    self.first_failed_at.get_or_insert(now);
                }
                if let Some(error) = error {
                    self.set_error(error);
                }
                if !wanted_again {
                    self.due_at = *due_at;
                }
                "pending"
            }
            Finish::Dead { .. } if wanted_again => {
                self.renew();
                "pending"
            }
            Finish::Dead { error } => {
                self.set_error(error);
                self.state = JobState::Dead;
                "failed"
            }
            Finish::Skipped => {
                self.state = JobState::Skipped;
                "detached"
            }
        }
    }

    fn set_error(&mut self, (code, message): &(String, String)) {
        self.error_code = Some(code.clone());
        self.error_message = Some(message.clone());
    }
}

/// Why a hint for an order that does not exist stays unresolved: an event is never lost, nor stuck.
pub(crate) const ORDER_GONE: &str = "its order is not known any more";

/// Where an outcome leaves its event, and the reason to note.
pub(crate) fn settled(outcome: &InboxOutcome) -> (InboxState, Option<&str>) {
    match outcome {
        InboxOutcome::Ignored { reason } => (InboxState::Settled, Some(reason)),
        InboxOutcome::Hint { .. } => (InboxState::Settled, None),
        InboxOutcome::Unresolved { reason } => (InboxState::Unresolved, Some(reason)),
    }
}

/// Which unresolved events are pending again: those that name what has just become known.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Naming<'a> {
    Contact(&'a ContactId),
    Opportunity(&'a OpportunityId),
}
