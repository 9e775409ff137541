//! The engine as its users see it.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde::Serialize;

use crate::{
    client::Client,
    config::Config,
    error::{Code, Error, Result},
    ids::{ContactId, JobId, LocationId, OpportunityId, OrderId},
    order::{Order, Status, transition},
    ports::{
        Clock, Entropy, Notifier,
        store::{JobRow, JobState, Lease, NewOrder, OrderRow, Side, StatusChange, Store},
    },
};

use super::{core::Core, events, pause};

/// How often a waiting caller looks by itself, in case another process did the work.
const LOOK_AGAIN_MS: i64 = 250;

/// Keeps orders and GHL in step. A clone is the same engine.
#[derive(Clone)]
pub struct Engine {
    pub(crate) core: Arc<Core>,
}

/// Where an order's sync stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// GHL shows it.
    Synced,
    /// It is written down and will be pushed.
    Queued,
    /// It was given up: see the error, mend the cause, then replay the job.
    Dead,
    /// The opportunity was deleted in GHL: nothing is pushed any more.
    Skipped,
}

impl SyncState {
    /// `synced`, `queued`, `dead` or `skipped`.
    pub fn as_str(self) -> &'static str {
        match self {
            SyncState::Synced => "synced",
            SyncState::Queued => "queued",
            SyncState::Dead => "dead",
            SyncState::Skipped => "skipped",
        }
    }
}

/// What came of a call that changed an order.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct SyncOutcome {
    /// Where its sync stands.
    pub state: SyncState,
    /// The order's job.
    #[serde(rename = "jobId")]
    pub job: JobId,
    /// The contact, once known.
    #[serde(rename = "contactId", skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// The opportunity, once known.
    #[serde(rename = "opportunityId", skip_serializing_if = "Option::is_none")]
    pub opportunity: Option<OpportunityId>,
    /// Why it is not synced, where something failed.
    #[cfg_attr(feature = "ts", ts(as = "Option<crate::error::ErrorJson<'static>>"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// How to change a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UpdateOptions {
    /// Lets the status go backward on the path. Default: refused.
    pub allow_backward: bool,
    /// How long to wait for GHL, in milliseconds; 0 not at all. Default: the configured `wait_ms`. Where no
    /// `run` loop is at work in this process, a try that is under way then is waited for as well.
    pub wait_ms: Option<i64>,
}

impl Engine {
    /// An engine over its ports. `native::open` does this for a server process.
    pub fn new(
        config: Config,
        client: Client,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        notifier: Option<Arc<dyn Notifier>>,
    ) -> Self {
        Self { core: Arc::new(Core::new(config, client, store, clock, entropy, notifier)) }
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.core.store
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.core.config
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.core.client
    }

    /// Takes an order in: writes it down with its job in one transaction, then waits up to `wait_ms` for
    /// GHL. Resolves as soon as the outcome is known; a slow or failing GHL never loses the order.
    ///
    /// # Errors
    /// Only when nothing was written: `invalid_argument` naming the field; `order_exists`;
    /// `order_not_found` when the shop's own `orders` table lacks the row; `store`.
    pub async fn create_order(&self, order: &Order, options: UpdateOptions) -> Result<SyncOutcome> {
        let core = &self.core;
        let location = core.config.location(order.location.as_ref())?.id.clone();
        let model = &core.config.model;
        let status = match &order.status {
            Some(text) => model.status(text.as_str())?,
            None => model.first().clone(),
        };
        if !model.is_open(&status) {
            return Err(Error::invalid("status", "expected a status on the path for a new order"));
        }
        let now = core.clock.now_ms();
        let (mut new, row) = new_order(order, &location, status.as_str(), now);
        new.events = vec![events::status_changed(model, &row, None, now)];
        let job = core.store.insert_order(new).await?;
        match self.patience(options.wait_ms) {
            0 => Ok(self.queued(job, row)),
            _ => self.settle(&location, &order.id, job, options.wait_ms).await,
        }
    }

    /// Changes an order's status: writes it down with its job in one transaction, then waits as
    /// [`Engine::create_order`] does. `location` may be `None` where only one is configured.
    ///
    /// # Errors
    /// Only when nothing was written: `invalid_argument` for an unknown status; `transition_refused` for
    /// a step backward without `allow_backward`; `order_not_found`; `store`.
    pub async fn update_status(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
        status: &str,
        options: UpdateOptions,
    ) -> Result<SyncOutcome> {
        let core = &self.core;
        let location = core.config.location(location)?.id.clone();
        let model = &core.config.model;
        let wanted = model.status(status)?;
        let (job, row) = loop {
            let mut row = core.store.order(&location, order).await?.ok_or_else(|| not_found(order))?;
            let before = model.status(&row.status)?;
            transition(model, &before, &wanted, Side::Shop, options.allow_backward)?;
            let now = core.clock.now_ms();
            let version = row.version;
            row.status = wanted.as_str().to_owned();
            row.version += 1;
            row.changed_by = Side::Shop;
            let events = if before == wanted {
                Vec::new()
            } else {
                vec![events::status_changed(model, &row, Some(&before), now)]
            };
            let change = StatusChange {
                location: location.clone(),
                order: order.clone(),
                version,
                status: row.status.clone(),
                now,
                events,
            };
            match core.store.set_status(change).await {
                Ok((job, _)) => break (job, row),
                // Someone else changed it meanwhile: decide anew.
                Err(error) if error.code() == Code::Conflict => {}
                Err(error) => return Err(error),
            }
        };
        match self.patience(options.wait_ms) {
            0 => Ok(self.queued(job, row)),
            _ => self.settle(&location, order, job, options.wait_ms).await,
        }
    }

    /// Where an order's sync stands.
    ///
    /// # Errors
    /// `order_not_found`; `store`.
    pub async fn status(&self, location: Option<&LocationId>, order: &OrderId) -> Result<OrderRow> {
        let location = &self.core.config.location(location)?.id;
        self.core.store.order(location, order).await?.ok_or_else(|| not_found(order))
    }

    /// Orders with an id greater than `after`, by id, at most `limit`; with a `status`, only those that have it.
    ///
    /// # Errors
    /// `invalid_argument`, field `status`, where the model does not know it; `store`.
    pub async fn orders(
        &self,
        location: Option<&LocationId>,
        status: Option<&str>,
        after: Option<&OrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRow>> {
        let core = &self.core;
        let location = &core.config.location(location)?.id;
        let status = status.map(|status| core.config.model.status(status)).transpose()?;
        core.store.list_orders(location, status.as_ref().map(Status::as_str), after, limit).await
    }

    /// What came of a call that does not wait: what it wrote down is to be pushed, which need not be asked for.
    fn queued(&self, job: JobId, row: OrderRow) -> SyncOutcome {
        self.core.wrote();
        let (contact, opportunity) = (row.contact, row.opportunity);
        SyncOutcome { state: SyncState::Queued, job, contact, opportunity, error: None }
    }

    /// How long a call waits, in milliseconds.
    fn patience(&self, wait_ms: Option<i64>) -> i64 {
        wait_ms.unwrap_or(self.core.config.sync.wait_ms).max(0)
    }

    /// Waits for a job to come to an end. Where a `run` loop is at work it does the job; else this call
    /// does it itself, and begins no new try after the wait is over: it then takes one call time-out more
    /// at most.
    pub(super) async fn settle(
        &self,
        location: &LocationId,
        order: &OrderId,
        job: JobId,
        wait_ms: Option<i64>,
    ) -> Result<SyncOutcome> {
        let core = &self.core;
        core.wrote();
        let deadline = core.clock.now_ms().saturating_add(self.patience(wait_ms));
        loop {
            let settled = core.settled.listen();
            let row = core.store.job(&job).await?;
            let now = core.clock.now_ms();
            let waits = row.as_ref().is_none_or(|row| match row.state {
                JobState::Waiting => row.due_at > deadline,
                JobState::Leased => false,
                _ => true,
            });
            if waits || now >= deadline || core.is_stopping() {
                return self.outcome(location, order, job, row).await;
            }
            if core.running.load(Ordering::Relaxed) == 0 {
                let lease = self.lease(now, 1, Some((location.clone(), order.clone())));
                if let Some(mut leased) = core.store.lease(lease).await?.pop() {
                    // No try is begun after the wait: the one under way may take its time-out.
                    let patience = deadline.saturating_add(core.config.sync.call_timeout_ms);
                    leased.lease_until = leased.lease_until.min(patience);
                    core.run_job(leased).await;
                    continue;
                }
            }
            let nap = LOOK_AGAIN_MS.min(deadline - now);
            pause(settled, core.clock.sleep(Duration::from_millis(nap.unsigned_abs()))).await;
        }
    }

    pub(crate) fn lease(&self, now: i64, max: usize, only: Option<(LocationId, OrderId)>) -> Lease {
        let core = &self.core;
        Lease {
            worker: core.worker.clone(),
            token: core.entropy.hex_id(),
            now,
            until: now.saturating_add(core.config.sync.lease_ms),
            max,
            only,
        }
    }

    async fn outcome(
        &self,
        location: &LocationId,
        order: &OrderId,
        job: JobId,
        row: Option<JobRow>,
    ) -> Result<SyncOutcome> {
        let order = self.core.store.order(location, order).await?;
        let state = match row.as_ref().map(|row| row.state) {
            Some(JobState::Done) => SyncState::Synced,
            Some(JobState::Dead) => SyncState::Dead,
            Some(JobState::Skipped) => SyncState::Skipped,
            Some(JobState::Waiting | JobState::Leased) | None => SyncState::Queued,
        };
        let error = row.filter(|_| state != SyncState::Synced).and_then(|row| {
            let code = Code::parse(row.error_code.as_deref()?)?;
            Some(Error::new(code, row.error_message.unwrap_or_default()))
        });
        let (contact, opportunity) = order.map(|row| (row.contact, row.opportunity)).unwrap_or_default();
        Ok(SyncOutcome { state, job, contact, opportunity, error })
    }
}

pub(super) fn not_found(order: &OrderId) -> Error {
    Error::new(Code::OrderNotFound, format!("no order {order} is known; create it with `create_order` first"))
        .with_field("orderId")
}

/// An order to be written down, and the row as it will stand, for what is derived from it.
pub(super) fn new_order(
    order: &Order,
    location: &LocationId,
    status: &str,
    now: i64,
) -> (NewOrder, OrderRow) {
    let row = new_row(order, location, status, now);
    let new = NewOrder {
        location: location.clone(),
        id: row.id.clone(),
        number: row.number.clone(),
        status: row.status.clone(),
        snapshot: row.snapshot.clone(),
        email: row.email.clone(),
        phone: row.phone.clone(),
        lease_key: row.lease_key.clone(),
        now,
        due_at: None,
        events: Vec::new(),
    };
    (new, row)
}

fn new_row(order: &Order, location: &LocationId, status: &str, now: i64) -> OrderRow {
    let (email, phone) = (order.customer.email.clone(), order.customer.phone.clone());
    let lease_key = match (&email, &phone) {
        (Some(email), _) => format!("email:{location}:{email}"),
        (None, Some(phone)) => format!("phone:{location}:{phone}"),
        (None, None) => format!("order:{location}:{}", order.id),
    };
    OrderRow {
        location: location.clone(),
        id: order.id.clone(),
        number: order.number.clone(),
        status: status.to_owned(),
        snapshot: order.to_json(),
        email,
        phone,
        lease_key,
        contact: None,
        opportunity: None,
        candidate: None,
        creating: None,
        version: 1,
        commit_seq: 0,
        changed_at: now,
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
