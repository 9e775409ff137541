use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Run,
    views::{Job, TrackedOrder, UnresolvedEvent},
};
use crate::{
    error::{Code, Error, Result},
    ids::{JobId, LocationId, OrderId},
    ops::{
        args::{Arguments, write},
        table::ops,
    },
    order::OrderData,
    ports::{
        BoxFuture,
        store::{JobFilter, JobState},
    },
    sync::{
        DrainLimits, Drained, Engine, ImportOptions, ImportedChunk, ProgressOptions, ReconcileOptions,
        Reconciled, Schedule, SyncOutcome, Turn, UpdateOptions,
    },
};

/// The longest a call may be told to wait for GHL, in milliseconds.
const MAX_WAIT_MS: i64 = 600_000;
/// The longest a drain may be told to go on, in milliseconds.
const MAX_DEADLINE_MS: i64 = 3_600_000;
const MAX_PASSES: i64 = 100_000;
/// How many rows are listed unless another number is asked for, and at most.
const DEFAULT_LIMIT: i64 = 100;
const MAX_LIMIT: i64 = 1_000;

ops! {
    pub(super) const OPS: Run;

    /// Takes an order in, durably, then waits for GHL; it rejects only when nothing was written.
    "createOrder" "function" {
        /// The order. What is wrong in it is named by its path, e.g. `customer.email`.
        #[cfg_attr(feature = "ts", ts(as = "OrderData"))]
        order: Box<RawValue>,
        /// How long to wait for GHL, in milliseconds; 0 to 600,000, default as configured.
        wait_ms: Option<i64>,
    } -> SyncOutcome = run(|engine, args| Box::pin(async move {
        let order = OrderData::from_json(args.order.get(), &engine.config().order_rules())?;
        engine.create_order(&order, options(None, args.wait_ms)?).await
    }));

    /// Changes an order's status, durably, then waits for GHL; it rejects only when nothing was written.
    "updateStatus" "function" {
        /// The order.
        order_id: OrderId,
        /// The new status.
        status: String,
        /// The order's location, where several are configured.
        location_id: Option<LocationId>,
        /// Lets the status go backward on the path; default false.
        allow_backward: Option<bool>,
        /// How long to wait for GHL, in milliseconds; 0 to 600,000, default as configured.
        wait_ms: Option<i64>,
    } -> SyncOutcome = run(|engine, args| Box::pin(async move {
        let options = options(args.allow_backward, args.wait_ms)?;
        engine.update_status(args.location_id.as_ref(), &args.order_id, &args.status, options).await
    }));

    /// Takes an order's status, which the shop has written by itself, for its change, then waits for GHL.
    "statusChanged" "function" {
        /// The order.
        order_id: OrderId,
        /// Its location, where several are configured.
        location_id: Option<LocationId>,
        /// How long to wait for GHL, in milliseconds; 0 to 600,000, default as configured.
        wait_ms: Option<i64>,
    } -> SyncOutcome = run(|engine, args| Box::pin(async move {
        let options = options(None, args.wait_ms)?;
        engine.status_changed(args.location_id.as_ref(), &args.order_id, options.wait_ms).await
    }));

    /// Makes every change of a known order's status an intent, whoever makes it, by a trigger on the shop's orders.
    "installStatusTrigger" "function" {} -> () = run(|engine, _args| Box::pin(engine.install_status_trigger()));

    /// Removes the trigger on the shop's orders.
    "removeStatusTrigger" "function" {} -> () = run(|engine, _args| Box::pin(engine.remove_status_trigger()));

    /// Sets how far an order in manufacturing is, tells the milestones it passes, and pushes it; at 100 the order goes on.
    "setManufacturingProgress" "function" {
        /// The order.
        order_id: OrderId,
        /// Whole percent, 0 to 100.
        percent: i64,
        /// Its location, where several are configured.
        location_id: Option<LocationId>,
        /// Lets the progress fall; default false.
        force: Option<bool>,
        /// How long to wait for GHL, in milliseconds; 0 to 600,000, default as configured.
        wait_ms: Option<i64>,
    } -> SyncOutcome = run(|engine, args| Box::pin(async move {
        let percent = whole_percent(args.percent)?;
        let wait_ms = options(None, args.wait_ms)?.wait_ms;
        let options = ProgressOptions { force: args.force.unwrap_or(false), wait_ms };
        engine.set_manufacturing_progress(args.location_id.as_ref(), &args.order_id, percent, options).await
    }));

    /// Orders by id: for example those in a status.
    "orders" "function" {
        /// Only those in this status.
        status: Option<String>,
        /// The location, where several are configured.
        location_id: Option<LocationId>,
        /// Only those after this one, to read on.
        after: Option<OrderId>,
        /// At most this many; 1 to 1,000, default 100.
        limit: Option<i64>,
    } -> Vec<TrackedOrder> = run(|engine, args| Box::pin(async move {
        let (status, limit) = (args.status.as_deref(), listed(args.limit)?);
        let rows = engine.orders(args.location_id.as_ref(), status, args.after.as_ref(), limit).await?;
        Ok(rows.into_iter().map(|row| TrackedOrder::new(row, &engine.config().model)).collect())
    }));

    /// Takes what a source says of an order in manufacturing; what is not more than before changes nothing. Whether it rose.
    "takeManufacturingProgress" "function" {
        /// The order.
        order_id: OrderId,
        /// Whole percent, 0 to 100.
        percent: i64,
        /// Its location, where several are configured.
        location_id: Option<LocationId>,
    } -> bool = run(|engine, args| Box::pin(async move {
        let percent = whole_percent(args.percent)?;
        engine.take_manufacturing_progress(args.location_id.as_ref(), &args.order_id, percent).await
    }));

    /// Orders in manufacturing, by id.
    "ordersInManufacturing" "function" {
        /// The location, where several are configured.
        location_id: Option<LocationId>,
        /// Only those after this one, to read on.
        after: Option<OrderId>,
        /// At most this many; 1 to 1,000, default 100.
        limit: Option<i64>,
    } -> Vec<TrackedOrder> = run(|engine, args| Box::pin(async move {
        let limit = listed(args.limit)?;
        let rows = engine.orders_in_manufacturing(args.location_id.as_ref(), args.after.as_ref(), limit).await?;
        Ok(rows.into_iter().map(|row| TrackedOrder::new(row, &engine.config().model)).collect())
    }));

    /// When a schedule would be due next, in epoch milliseconds: for seeing that its pattern is right.
    "nextFiring" "function" {
        /// Its name, 1 to 100 characters.
        name: String,
        /// A cron pattern, e.g. `0 3 * * *` for every day at three.
        cron: String,
        /// A time zone of the IANA database; default `UTC`.
        time_zone: Option<String>,
    } -> i64 = run(|engine, args| Box::pin(async move {
        engine.next_firing(&Schedule::new(&args.name, &args.cron, args.time_zone.as_deref())?)
    }));

    /// Takes a firing of a schedule, if one is due and nobody has it, for a minute.
    "beginFiring" "function" {
        /// Its name, 1 to 100 characters.
        name: String,
        /// A cron pattern, e.g. `0 3 * * *` for every day at three.
        cron: String,
        /// A time zone of the IANA database; default `UTC`.
        time_zone: Option<String>,
    } -> Turn = run(|engine, args| Box::pin(async move {
        engine.begin_firing(&Schedule::new(&args.name, &args.cron, args.time_zone.as_deref())?).await
    }));

    /// Keeps a firing for another minute.
    "keepFiring" "function" {
        /// The schedule.
        name: String,
        /// The firing's.
        token: String,
    } -> () = run(|engine, args| Box::pin(async move { engine.keep_firing(&args.name, &args.token).await }));

    /// Ends a firing, well or with why it failed.
    "endFiring" "function" {
        /// The schedule.
        name: String,
        /// The firing's.
        token: String,
        /// Why it failed, if it did.
        error: Option<String>,
    } -> () = run(|engine, args| Box::pin(async move {
        engine.end_firing(&args.name, &args.token, args.error.as_deref()).await
    }));

    /// What is known of an order.
    "order" "function" {
        /// The order.
        order_id: OrderId,
        /// Its location, where several are configured.
        location_id: Option<LocationId>,
    } -> TrackedOrder = run(|engine, args| Box::pin(async move {
        let row = engine.status(args.location_id.as_ref(), &args.order_id).await?;
        Ok(TrackedOrder::new(row, &engine.config().model))
    }));

    /// Sync jobs by id, one an order: for example those that were given up.
    "jobs" "function" {
        /// Only in this state.
        state: Option<JobState>,
        /// Only of this location.
        location_id: Option<LocationId>,
        /// Only of this order.
        order_id: Option<OrderId>,
        /// Only those that failed last with this code.
        #[cfg_attr(feature = "ts", ts(as = "Option<Code>"))]
        error_code: Option<String>,
        /// Only those after this one, to read on.
        after: Option<JobId>,
        /// At most this many; 1 to 1,000, default 100.
        limit: Option<i64>,
    } -> Vec<Job> = run(|engine, args| Box::pin(async move {
        let limit = listed(args.limit)?;
        let (location, order, error) = (args.location_id, args.order_id, code(args.error_code)?);
        let filter = JobFilter { location, state: args.state, order, error, after: args.after, limit };
        Ok(engine.jobs(filter).await?.into_iter().map(Job::from).collect())
    }));

    /// Makes a job that was given up due now; false if it was not given up.
    "replay" "function" {
        /// The job.
        job_id: JobId,
    } -> bool = run(|engine, args| Box::pin(async move { engine.replay(&args.job_id).await }));

    /// Makes all jobs that were given up due now, or those of a location, an order, a kind of error. How many there were.
    "replayAll" "function" {
        /// Only of this location.
        location_id: Option<LocationId>,
        /// Only of this order.
        order_id: Option<OrderId>,
        /// Only those that failed last with this code.
        #[cfg_attr(feature = "ts", ts(as = "Option<Code>"))]
        error_code: Option<String>,
    } -> usize = run(|engine, args| Box::pin(async move {
        let (location, order, error) = (args.location_id, args.order_id, code(args.error_code)?);
        engine.replay_all(JobFilter { location, order, error, ..JobFilter::default() }).await
    }));

    /// Does what is due now and then ends: for a cron route where no worker runs.
    "drain" "function" {
        /// At most this many orders are worked on; 1 to 100,000, default 1,000.
        max: Option<i64>,
        /// Nothing is begun after this many milliseconds; 0 to 3,600,000, default 25,000.
        deadline_ms: Option<i64>,
    } -> Drained = run(|engine, args| Box::pin(async move {
        engine.drain(limits(args.max, args.deadline_ms)?).await
    }));

    /// Compares what GHL lists with what is known, and marks the orders that differ for a look. Goes on where the last
    /// one was ended by its deadline or a crash.
    "reconcile" "function" {
        /// The location, where several are configured.
        location_id: Option<LocationId>,
        /// Lists what differs and marks nothing; default false.
        dry_run: Option<bool>,
        /// Ends with the first page after this many milliseconds, with `more`; 0 to 3,600,000, default to the end.
        deadline_ms: Option<i64>,
    } -> Reconciled = run(|engine, args| Box::pin(async move {
        let deadline = args.deadline_ms.map(|ms| within_bounds("deadlineMs", ms, 0, MAX_DEADLINE_MS)).transpose()?;
        let options = ReconcileOptions {
            dry_run: args.dry_run.unwrap_or(false),
            deadline_ms: deadline.map(i64::unsigned_abs),
        };
        engine.reconcile(args.location_id.as_ref(), options).await
    }));

    /// Takes existing orders in: writes each down with its job, skips those that are there, and tells which were refused.
    "import" "function" {
        /// The orders, each with its `status`; at most 1,000. Oldest first.
        #[cfg_attr(feature = "ts", ts(as = "Vec<OrderData>"))]
        orders: Vec<Box<RawValue>>,
        /// Their jobs are due this far apart, in milliseconds; 0 to 60,000, default 500.
        every_ms: Option<i64>,
    } -> ImportedChunk = run(|engine, args| Box::pin(async move {
        let count = args.orders.len();
        if count > 1_000 {
            return Err(Error::invalid("orders", format_args!("expected at most 1000 at once, got {count}")));
        }
        let rules = engine.config().order_rules();
        let orders = args.orders.iter().map(|order| OrderData::from_json(order.get(), &rules)).collect();
        let every_ms = args.every_ms.unwrap_or(ImportOptions::default().every_ms);
        engine.import_chunk(orders, every_ms).await
    }));

    /// Received events that belong to no known order, by id.
    "unresolved" "function" {
        /// The location, where several are configured.
        location_id: Option<LocationId>,
        /// Only those after this one, to read on.
        after: Option<i64>,
        /// At most this many; 1 to 1,000, default 100.
        limit: Option<i64>,
    } -> Vec<UnresolvedEvent> = run(|engine, args| Box::pin(async move {
        let (after, limit) = (args.after.unwrap_or(0), listed(args.limit)?);
        let rows = engine.unresolved(args.location_id.as_ref(), after, limit).await?;
        Ok(rows.into_iter().map(UnresolvedEvent::from).collect())
    }));
}

/// An operation of the engine.
pub(super) fn run<'a, A: Arguments, R: Serialize + 'a>(
    engine: &'a Engine,
    args: &'a str,
    call: fn(&'a Engine, A) -> BoxFuture<'a, Result<R>>,
) -> BoxFuture<'a, Result<String>> {
    let call = A::read(args).map(|args| call(engine, args));
    Box::pin(async move { write(&call?.await?) })
}

fn options(allow_backward: Option<bool>, wait_ms: Option<i64>) -> Result<UpdateOptions> {
    let wait_ms = wait_ms.map(|ms| within_bounds("waitMs", ms, 0, MAX_WAIT_MS)).transpose()?;
    Ok(UpdateOptions { allow_backward: allow_backward.unwrap_or(false), wait_ms })
}

fn limits(max: Option<i64>, deadline_ms: Option<i64>) -> Result<DrainLimits> {
    let default = DrainLimits::default();
    let max = max.map(|max| within_bounds("max", max, 1, MAX_PASSES)).transpose()?;
    let deadline = deadline_ms.map(|ms| within_bounds("deadlineMs", ms, 0, MAX_DEADLINE_MS)).transpose()?;
    Ok(DrainLimits {
        max: max.and_then(|max| max.try_into().ok()).unwrap_or(default.max),
        deadline_ms: deadline.map_or(default.deadline_ms, i64::unsigned_abs),
    })
}

fn code(text: Option<String>) -> Result<Option<Code>> {
    let known = |text: String| {
        let unknown =
            || Error::invalid("errorCode", format_args!("expected a code of an error, got {text:?}"));
        Code::parse(&text).ok_or_else(unknown)
    };
    text.map(known).transpose()
}

pub(super) fn listed(limit: Option<i64>) -> Result<usize> {
    let limit = within_bounds("limit", limit.unwrap_or(DEFAULT_LIMIT), 1, MAX_LIMIT)?;
    Ok(usize::try_from(limit).unwrap_or_default())
}

fn whole_percent(percent: i64) -> Result<u8> {
    Ok(u8::try_from(within_bounds("percent", percent, 0, 100)?).unwrap_or(u8::MAX))
}

pub(super) fn within_bounds(argument: &str, value: i64, least: i64, most: i64) -> Result<i64> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(Error::invalid(argument, format_args!("expected {least} to {most}, got {value}")))
}
