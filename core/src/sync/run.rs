//! Carries out a pass: asks it for the next step, does it, and hands back what came of it.

use std::{sync::Arc, time::Duration};

use tracing::{Instrument as _, Span, field};

use crate::{
    client::{CallMeta, CallOptions, Priority},
    error::{Code, Error, Result},
    ids::LocationId,
    ports::store::{Change, Committed, Fence, Finish, JobRow, ObjectKind},
    trace,
};

use super::{
    call::{Answer, Call},
    context::Context,
    core::Core,
    events,
    gate::LeaseGate,
    pass::{Pass, Step},
    schedule::after_failure,
    wire,
};

/// The longest a call waits for a slot; beyond it the job is put back instead.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(30);

/// More steps than any pass needs: a fuse against a plan that goes round in circles.
const MAX_STEPS: usize = 64;

impl Core {
    /// One pass over the order of a leased job. However it ends, the job is settled, or its lease runs out.
    pub(crate) async fn run_job(&self, job: JobRow) {
        let span = tracing::info_span!(
            "sync_order",
            otel.status_code = field::Empty,
            ghlkit.location = %job.location,
            ghlkit.order = %job.order,
            ghlkit.attempt = job.failures.saturating_add(1),
            ghlkit.outcome = field::Empty,
            error.type = field::Empty,
        );
        self.run_leased(job, &span).instrument(span.clone()).await;
    }

    async fn run_leased(&self, job: JobRow, span: &Span) {
        let _busy = self.occupy(&job.location, &job.order);
        let id = job.id.clone();
        match self.run_pass(job, span).await {
            Ok(()) => {}
            // Whoever has the lease now goes on.
            Err(error) if error.code() == Code::LeaseLost => tracing::info!(job = %id, "the lease was lost"),
            Err(error) => {
                trace::failed(span, error.code());
                tracing::warn!(job = %id, code = %error.code(), %error, "a pass was abandoned; its lease will run out")
            }
        }
    }

    async fn run_pass(&self, job: JobRow, span: &Span) -> Result<()> {
        let mut fence = Fence {
            job: job.id.clone(),
            token: job.lease_token.clone().unwrap_or_default(),
            now: 0,
            version: None,
        };
        let context = match self.context(&job.location, Some(&job)).await {
            Ok(context) => context,
            Err(error) => return self.end_early(&fence, &job, &error, span).await,
        };
        let rows = self.store.pass_rows(&job.location, &job.order).await?;
        let mut version = rows.order.version;
        if self
            .config
            .model
            .status(&rows.order.status)
            .is_ok_and(|status| !self.config.model.is_open(&status))
        {
            // Written down before the job can be done.
            self.call_off_installation(&job.location, &job.order).await?;
        }
        let mut pass = match Pass::new(context, job.clone(), rows) {
            Ok(pass) => pass,
            Err(error) => return self.end_early(&fence, &job, &error, span).await,
        };
        for _ in 0..MAX_STEPS {
            let step = match pass.next(self.now()) {
                Ok(step) => step,
                Err(error) => return self.end_early(&fence, &job, &error, span).await,
            };
            let step = match step {
                Step::Call { call, leave_by } => self.make_call(&mut pass, &call, leave_by).await?,
                Step::Reload => {
                    let rows = self.store.pass_rows(&job.location, &job.order).await?;
                    version = rows.order.version;
                    pass.reload(rows)?;
                    None
                }
                Step::Adopt(contact) => {
                    let row = self.store.object(&job.location, ObjectKind::Contact, contact.as_str()).await?;
                    pass.adopt(contact, row.as_ref())?;
                    None
                }
                step => Some(step),
            };
            let (changes, decision, last) = match step {
                Some(Step::Commit { changes, decision }) => (changes, decision, false),
                Some(Step::Finish { changes, decision }) => (changes, decision, true),
                _ => continue,
            };
            fence.version = decision.then_some(version);
            match self.commit(&fence, &pass, changes, last, span).await? {
                Some(committed) => {
                    // A fact is written whatever the version; only a decision shows that it is still ours.
                    if decision {
                        version = committed.version;
                    }
                    pass.replied = false;
                }
                None => return Ok(()),
            }
        }
        let error = Error::new(Code::UnexpectedReply, "a pass did not come to an end");
        self.end_early(&fence, &job, &error, span).await
    }

    /// Writes changes down. `None` if the pass is over: it was the last commit, the order was changed
    /// meanwhile, or another worker has the contact.
    async fn commit(
        &self,
        fence: &Fence,
        pass: &Pass,
        changes: Vec<Change>,
        last: bool,
        span: &Span,
    ) -> Result<Option<Committed>> {
        let fence = Fence { now: self.clock.now_ms(), ..fence.clone() };
        let kept = if fence.version.is_some() { changes.clone() } else { Vec::new() };
        let tells = changes.iter().any(|change| matches!(change, Change::Event(_)));
        let end = changes.iter().find_map(|change| match change {
            Change::Finish(finish) => Some(finish.clone()),
            _ => None,
        });
        let committed = self.store.commit(fence.clone(), changes).await;
        if committed.is_ok() {
            if tells {
                self.hub.wrote();
            }
            end.inspect(|finish| trace_end(span, finish));
        }
        match committed {
            Ok(_) if last => Ok(None),
            Ok(Committed { contended: true, .. }) => {
                let again = Finish::Wait { due_at: fence.now, counted: false, error: None };
                self.store.commit(Fence { version: None, ..fence }, vec![Change::Finish(again)]).await?;
                Ok(None)
            }
            Ok(committed) => Ok(Some(committed)),
            Err(error) if error.code() == Code::Conflict => {
                let changes = pass.yield_to_newer(kept, fence.now);
                self.store.commit(Fence { version: None, ..fence }, changes).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Ends a job whose pass could not even be planned.
    async fn end_early(&self, fence: &Fence, job: &JobRow, error: &Error, span: &Span) -> Result<()> {
        let now = self.clock.now_ms();
        let finish = match error.code() {
            // The process is stopping, or the lease is nearly over: nothing has failed.
            Code::LeaseLost => Finish::Wait { due_at: now, counted: false, error: None },
            _ => after_failure(job, error, now),
        };
        let mut changes = Vec::new();
        if let Finish::Dead { error } = &finish {
            changes.push(Change::Event(events::sync_failed(job, error)));
        }
        changes.push(Change::Finish(finish.clone()));
        self.store.commit(Fence { now, version: None, ..fence.clone() }, changes).await?;
        trace_end(span, &finish);
        Ok(())
    }

    async fn make_call(&self, pass: &mut Pass, call: &Call, leave_by: Option<i64>) -> Result<Option<Step>> {
        let gate = LeaseGate::new(pass.lease_until, leave_by, &self.stopping);
        let (result, meta) = self.perform(pass, call, &gate).await;
        let now = self.now();
        match result {
            Ok(answer) => pass.answered(call, answer, &meta, now).map(|()| None),
            Err(error) => {
                let refusal = gate.refusal().filter(|_| refused(&error));
                pass.failed(call, &error, refusal, &meta, now)
            }
        }
    }

    async fn perform(&self, pass: &Pass, call: &Call, gate: &LeaseGate<'_>) -> (Result<Answer>, CallMeta) {
        let options = CallOptions {
            gate: Some(gate),
            timeout: Some(Duration::from_millis(pass.context.timing.call_timeout.unsigned_abs())),
            max_wait: Some(MAX_WAIT),
            priority: Priority::Bulk,
            // The engine looks itself, and remembers that it has to.
            leave_unknown: true,
            ..CallOptions::default()
        };
        wire::perform(&self.client, pass, call, &options).await
    }

    /// What a location looks like; read from GHL once. Under a job's lease, if there is one.
    pub(crate) async fn context(&self, id: &LocationId, job: Option<&JobRow>) -> Result<Arc<Context>> {
        if let Some(context) = super::core::lock(&self.contexts).get(id) {
            return Ok(context.clone());
        }
        let lease_until = job.map_or(i64::MAX, |job| job.lease_until);
        let gate = LeaseGate::new(lease_until, None, &self.stopping);
        let options = CallOptions {
            gate: Some(&gate),
            timeout: Some(Duration::from_millis(self.config.sync.call_timeout_ms.unsigned_abs())),
            max_wait: Some(MAX_WAIT),
            priority: Priority::Bulk,
            ..CallOptions::default()
        };
        let context = Arc::new(super::setup::read(self, id, &options).await?);
        super::core::lock(&self.contexts).insert(id.clone(), context.clone());
        Ok(context)
    }
}

/// Tells how a pass has ended. Its span is handed over: where a filter leaves it out, the current one is the shop's.
fn trace_end(span: &Span, finish: &Finish) {
    let (outcome, error) = match finish {
        Finish::Done => ("done", None),
        Finish::Skipped => ("skipped", None),
        Finish::Wait { error, .. } => ("waits", error.as_ref()),
        Finish::Dead { error } => ("given_up", Some(error)),
    };
    span.record("ghlkit.outcome", outcome);
    let Some(code) = error.and_then(|(code, _)| Code::parse(code)) else { return };
    trace::failed(span, code);
    if let Finish::Dead { error: (_, error) } = finish {
        tracing::error!(code = %code, %error, "an order was given up");
    }
}

/// Whether the error is the gate's own.
fn refused(error: &Error) -> bool {
    matches!(error.code(), Code::LeaseLost | Code::Conflict)
}
