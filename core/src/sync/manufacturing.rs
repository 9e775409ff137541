//! Manufacturing progress: from the shop to the order, its milestones, and the status that follows.

use std::pin::pin;

use futures::{
    StreamExt,
    future::{Either, select},
    stream::FuturesUnordered,
};

use super::{
    engine::{Engine, SyncOutcome, not_found},
    events,
};
use crate::{
    error::{Code, Error, Result},
    ids::{JobId, LocationId, OrderId},
    order::{StatusModel, milestones_crossed},
    ports::{
        ManufacturingSource,
        store::{JobFilter, OrderRow, ProgressChange, Side},
    },
};

/// How many orders are read, and how many a source is asked about, at a time.
const PAGE: usize = 100;
const AT_ONCE: usize = 8;

/// How many failures of a pull are told; all are counted.
const TOLD_FAILURES: usize = 100;

/// How to set a manufacturing progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProgressOptions {
    /// Lets the progress fall. Default: refused. Milestones that were told are not told again.
    pub force: bool,
    /// How long to wait for GHL, in milliseconds; 0 not at all. Default: the configured `wait_ms`.
    pub wait_ms: Option<i64>,
}

/// How much [`Engine::pull_manufacturing`] does at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullLimits {
    /// No order is asked about after this many milliseconds. Default: 25,000.
    pub deadline_ms: u64,
}

impl Default for PullLimits {
    fn default() -> Self {
        Self { deadline_ms: 25_000 }
    }
}

/// What a pull did.
#[derive(Debug, Default)]
pub struct Pulled {
    /// Orders that the source was asked about.
    pub asked: usize,
    /// Orders whose progress rose.
    pub changed: usize,
    /// Orders that failed, those of `failures` among them.
    pub failed: usize,
    /// The first 100 that failed, and why.
    pub failures: Vec<(OrderId, Error)>,
    /// Whether the deadline came before the last order: the rest is asked about next time.
    pub more: bool,
}

impl Engine {
    /// Sets how far an order in manufacturing is, in percent, and pushes it: the contact's `manufacturing_progress`
    /// and the overall `progress_percentage`. In one transaction with it each milestone it passes (25, 50, 75, 100) is told,
    /// once and in order, on a jump too, and at 100 the order takes the next status. Then waits as
    /// [`Engine::update_status`] does. The progress that the order has already is only waited for.
    ///
    /// # Errors
    /// Only when nothing was written: `invalid_argument`, field `percent`; `transition_refused` for an order in
    /// another status than the model's manufacturing status, or for less than before without `force`;
    /// `order_not_found`; `config` where the model has no manufacturing status; `store`.
    pub async fn set_manufacturing_progress(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
        percent: u8,
        options: ProgressOptions,
    ) -> Result<SyncOutcome> {
        let location = self.core.config.location(location)?.id.clone();
        let (job, _) = self.write_progress(&location, order, percent, options.force).await?;
        self.settle(&location, order, job, options.wait_ms).await
    }

    /// Orders in the model's manufacturing status with an id greater than `after`, by id, at most `limit`.
    ///
    /// # Errors
    /// `config` where the model has no manufacturing status; `store`.
    pub async fn orders_in_manufacturing(
        &self,
        location: Option<&LocationId>,
        after: Option<&OrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRow>> {
        let status = manufacturing(&self.core.config.model)?.as_str();
        self.orders(location, Some(status), after, limit).await
    }

    /// Asks `source` about every order in manufacturing and writes down what rose. One order's failure, or its taking too
    /// long, concerns that order alone. Several processes may pull at the same time: each milestone is told once.
    ///
    /// # Errors
    /// `config` where the model has no manufacturing status; `store` where the orders cannot be listed.
    pub async fn pull_manufacturing(
        &self,
        location: Option<&LocationId>,
        source: &dyn ManufacturingSource,
        limits: PullLimits,
    ) -> Result<Pulled> {
        let core = &self.core;
        let location = core.config.location(location)?.id.clone();
        let deadline = core.clock.now_ms().saturating_add_unsigned(limits.deadline_ms);
        let (mut done, mut after) = (Pulled::default(), None);
        loop {
            let page = self.orders_in_manufacturing(Some(&location), after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(done) };
            after = Some(last.id.clone());
            let mut orders = page.into_iter();
            let mut asked = FuturesUnordered::new();
            loop {
                while asked.len() < AT_ONCE && core.clock.now_ms() < deadline && !core.is_stopping() {
                    let Some(order) = orders.next() else { break };
                    asked.push(self.pull_one(&location, order.id, source));
                    done.asked += 1;
                }
                match asked.next().await {
                    Some((_, Ok(changed))) => done.changed += usize::from(changed),
                    Some((order, Err(error))) => done.fail(order, error),
                    None => break,
                }
            }
            if orders.next().is_some() {
                done.more = true;
                return Ok(done);
            }
        }
    }

    /// Takes what a source says of an order: as [`Engine::set_manufacturing_progress`], but for less than before, and for an
    /// order that is further by now, which change nothing. Whether it rose. Waits for nothing.
    ///
    /// # Errors
    /// `invalid_argument`, field `percent`; `order_not_found`; `config` where the model has no manufacturing status; `store`.
    pub async fn take_manufacturing_progress(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
        percent: u8,
    ) -> Result<bool> {
        let location = &self.core.config.location(location)?.id;
        match self.write_progress(location, order, percent, false).await {
            Ok((_, changed)) => Ok(changed),
            Err(error) if error.code() == Code::TransitionRefused => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn pull_one(
        &self,
        location: &LocationId,
        order: OrderId,
        source: &dyn ManufacturingSource,
    ) -> (OrderId, Result<bool>) {
        let told = async {
            let asked = pin!(source.progress(&order));
            let percent = match select(asked, self.core.clock.sleep(source.patience())).await {
                Either::Left((told, _)) => told?,
                Either::Right(_) => {
                    return Err(Error::new(Code::Timeout, "the manufacturing source took too long"));
                }
            };
            let Some(percent) = percent else { return Ok(false) };
            self.take_manufacturing_progress(Some(location), &order, percent).await
        };
        let told = told.await;
        (order, told)
    }

    /// The order's job, and whether there was anything to write.
    async fn write_progress(
        &self,
        location: &LocationId,
        order: &OrderId,
        percent: u8,
        force: bool,
    ) -> Result<(JobId, bool)> {
        let core = &self.core;
        loop {
            let row = core.store.order(location, order).await?.ok_or_else(|| not_found(order))?;
            let Some(change) = decide(&core.config.model, &row, percent, force, core.clock.now_ms())? else {
                let only = JobFilter {
                    location: Some(location.clone()),
                    order: Some(order.clone()),
                    ..JobFilter::default()
                };
                let job = core.store.jobs(only).await?.pop().ok_or_else(|| not_found(order))?;
                return Ok((job.id, false));
            };
            match core.store.set_progress(change).await {
                Ok(job) => {
                    core.wrote();
                    return Ok((job, true));
                }
                // Someone else changed it meanwhile: decide anew.
                Err(error) if error.code() == Code::Conflict => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Pulled {
    fn fail(&mut self, order: OrderId, error: Error) {
        tracing::warn!(%order, code = %error.code(), %error, "an order's manufacturing progress is not known");
        self.failed += 1;
        if self.failures.len() < TOLD_FAILURES {
            self.failures.push((order, error));
        }
    }
}

fn manufacturing(model: &StatusModel) -> Result<&crate::order::Status> {
    let none = || Error::config("model", "expected a model that names its manufacturing status");
    model.manufacturing().ok_or_else(none)
}

/// What a progress changes; `None` where it is the one the order has.
fn decide(
    model: &StatusModel,
    row: &OrderRow,
    percent: u8,
    force: bool,
    now: i64,
) -> Result<Option<ProgressChange>> {
    let making = manufacturing(model)?;
    if percent > 100 {
        return Err(Error::invalid("percent", format_args!("expected 0 to 100, got {percent}")));
    }
    let to = i64::from(percent);
    if row.manufacturing_progress == Some(to) {
        return Ok(None);
    }
    if row.status != making.as_str() {
        let why = format_args!("expected an order in `{making}`, this one is in `{}`", row.status);
        return Err(refused("status", why));
    }
    if let Some(before) = row.manufacturing_progress.filter(|before| to < *before && !force) {
        let why = format_args!("{to} is less than the {before} it was; repeat with `force` if it is meant");
        return Err(refused("percent", why));
    }
    let told = u8::try_from(row.milestone).unwrap_or(u8::MAX);
    let milestones = milestones_crossed(told, percent);
    let mut after = OrderRow { manufacturing_progress: Some(to), ..row.clone() };
    let mut tell = vec![events::progress_changed(model, &after, now)];
    tell.extend(milestones.iter().map(|milestone| events::milestone(model, &after, *milestone, now)));
    let next = model.next(making).filter(|_| percent == 100);
    if let Some(next) = next {
        next.as_str().clone_into(&mut after.status);
        after.version += 1;
        after.changed_by = Side::Shop;
        tell.push(events::status_changed(model, &after, Some(making), now));
    }
    Ok(Some(ProgressChange {
        location: row.location.clone(),
        order: row.id.clone(),
        version: row.version,
        from: row.manufacturing_progress,
        to,
        milestone: milestones.last().map_or(row.milestone, |last| i64::from(*last)),
        status: next.map(|next| next.as_str().to_owned()),
        now,
        events: tell,
    }))
}

fn refused(field: &str, why: impl std::fmt::Display) -> Error {
    Error::new(Code::TransitionRefused, format!("{field}: {why}")).with_field(field)
}
