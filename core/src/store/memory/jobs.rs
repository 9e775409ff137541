use std::collections::BTreeSet;

use crate::{
    error::Result,
    ids::{JobId, LocationId},
    ports::store::{Change, Committed, Fence, JobFilter, JobRow, JobState, Lease, ObjectRow, QueueRow},
    store::rules::{self, Naming},
};

use super::State;

impl State {
    pub(super) fn lease(&mut self, lease: &Lease) -> Vec<JobRow> {
        let mut busy: BTreeSet<String> = self
            .jobs
            .values()
            .filter(|job| job.under_live_lease(lease.now))
            .map(|job| job.lease_key.clone())
            .collect();
        let asked = |job: &JobRow| {
            lease
                .only
                .as_ref()
                .is_none_or(|(location, order)| job.location == *location && job.order == *order)
        };
        let mut due: Vec<(i64, i64)> = self
            .jobs
            .iter()
            .filter(|(_, job)| job.is_due(lease.now) && asked(job))
            .map(|(number, job)| (job.due_at, *number))
            .collect();
        due.sort_unstable();
        let mut leased = Vec::new();
        for (_, number) in due {
            if leased.len() >= lease.max {
                break;
            }
            if let Some(job) = self.jobs.get_mut(&number)
                && busy.insert(job.lease_key.clone())
            {
                job.begin_lease(lease);
                leased.push(job.clone());
            }
        }
        leased
    }

    pub(super) fn commit(&mut self, fence: &Fence, changes: Vec<Change>) -> Result<Committed> {
        let job = self.job(&fence.job).ok_or_else(|| rules::lease_lost(&fence.job))?;
        job.check_lease(fence)?;
        let (location, id) = (job.location.clone(), job.order.clone());
        if let Some(version) = fence.version {
            self.entry_mut(&location, &id)?.0.check_version(version)?;
        }
        let mut contended = false;
        for change in changes {
            let (order, job) = self.entry_mut(&location, &id)?;
            let old_key = order.lease_key.clone();
            order.apply(&change);
            match change {
                Change::SetContact { contact, lease_key } => {
                    self.move_lease_key(&location, &old_key, &lease_key);
                    contended = self.jobs.values().any(|other| {
                        other.id != fence.job
                            && other.lease_key == lease_key
                            && other.under_live_lease(fence.now)
                    });
                    self.reopen(&location, Naming::Contact(&contact));
                }
                Change::SetOpportunity(opportunity) => {
                    self.reopen(&location, Naming::Opportunity(&opportunity));
                }
                Change::PutObject(object) => self.put_object(object),
                Change::SetStatus { status, at, by } => {
                    let seq = self.next_commit_seq();
                    self.entry_mut(&location, &id)?.0.change_status(status, at, by, seq);
                }
                Change::Event(event) => self.append_events(&location, &id, vec![event], fence.now),
                Change::Finish(finish) => {
                    job.finish(&finish, fence.now);
                }
                // There is no table of the users' here to log to.
                Change::Log(_)
                | Change::ClearCandidate
                | Change::SetCreating(_)
                | Change::Clean { .. }
                | Change::LookAgain
                | Change::Pushed(_)
                | Change::Detach => {}
            }
        }
        let version = self.entry_mut(&location, &id)?.0.version;
        Ok(Committed { contended, version })
    }

    fn move_lease_key(&mut self, location: &LocationId, from: &str, to: &str) {
        for entry in self.orders.values_mut().filter(|entry| entry.order.location == *location) {
            let Some(job) = self.jobs.get_mut(&entry.job) else { continue };
            if job.lease_key == from {
                to.clone_into(&mut job.lease_key);
                to.clone_into(&mut entry.order.lease_key);
            }
        }
    }

    fn put_object(&mut self, mut object: ObjectRow) {
        let key = (object.location.clone(), object.kind, object.id.clone());
        if let Some(known) = self.objects.get(&key) {
            object.base_at = object.base_at.max(known.base_at);
        }
        self.objects.insert(key, object);
    }

    pub(super) fn next_due(&self) -> Option<i64> {
        let open = |job: &&JobRow| matches!(job.state, JobState::Waiting | JobState::Leased);
        let leased = |job: &&JobRow| job.state == JobState::Leased;
        let held_until = |job: &JobRow| {
            let same_key = |other: &&JobRow| other.id != job.id && other.lease_key == job.lease_key;
            self.jobs.values().filter(leased).filter(same_key).map(|other| other.lease_until).max()
        };
        self.jobs.values().filter(open).map(|job| job.due_at.max(held_until(job).unwrap_or(0))).min()
    }

    pub(super) fn queue(&self) -> QueueRow {
        let of = |state: JobState| self.jobs.values().filter(move |job| job.state == state);
        let open = || of(JobState::Waiting).chain(of(JobState::Leased));
        let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
        let done_at = of(JobState::Done).map(|job| job.due_at).max();
        let unanswered = |since: &i64| done_at.is_none_or(|done| *since > done);
        QueueRow {
            waiting: count(open().count()),
            due_at: open().map(|job| job.due_at).min(),
            failing_since: open().filter_map(|job| job.first_failed_at).filter(unanswered).min(),
            dead: count(of(JobState::Dead).count()),
            done_at,
        }
    }

    pub(super) fn job(&self, id: &JobId) -> Option<&JobRow> {
        self.jobs.get(&number(id)?)
    }

    pub(super) fn job_mut(&mut self, id: &JobId) -> Option<&mut JobRow> {
        self.jobs.get_mut(&number(id)?)
    }

    pub(super) fn jobs(&self, filter: &JobFilter) -> Result<Vec<JobRow>> {
        let after = match &filter.after {
            Some(id) => number(id).ok_or_else(|| rules::bad_job_id(id))?,
            None => 0,
        };
        let limit = if filter.limit == 0 { rules::DEFAULT_JOB_LIMIT } else { filter.limit };
        Ok(self
            .jobs
            .iter()
            .filter(|(number, job)| {
                **number > after
                    && filter.location.as_ref().is_none_or(|location| job.location == *location)
                    && filter.state.is_none_or(|state| job.state == state)
                    && filter.order.as_ref().is_none_or(|order| job.order == *order)
                    && filter.error.is_none_or(|error| job.error_code.as_deref() == Some(error.as_str()))
            })
            .take(limit)
            .map(|(_, job)| job.clone())
            .collect())
    }
}

fn number(id: &JobId) -> Option<i64> {
    id.as_str().parse().ok()
}
