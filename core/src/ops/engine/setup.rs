//! The operations by which a shop is set up and watched.

use std::time::Duration;

use super::{
    Run,
    rows::{run, within_bounds},
};
use crate::{
    ids::LocationId,
    ops::table::ops,
    sync::{
        DoctorOptions, DoctorReport, Health, HealthLimits, MetricsOptions, ProvisionOptions, Provisioned,
        TestWebhook, TestWebhookOptions,
    },
};

/// The longest that health may be told to let something be, in milliseconds.
const MAX_AGE_MS: i64 = 86_400_000;

ops! {
    pub(super) const OPS: Run;

    /// Whether orders and GHL are kept in step; GHL is asked only where no call has shown for 30 s how it is.
    "health" "function" {
        /// How long a job may be due before anyone takes it, in milliseconds; 0 to 86,400,000, default 300,000.
        queue_ms: Option<i64>,
        /// How long a received webhook may wait to be applied, in milliseconds; 0 to 86,400,000, default 300,000.
        inbox_ms: Option<i64>,
        /// How long orders may fail without one succeeding, in milliseconds; 0 to 86,400,000, default 900,000.
        failing_ms: Option<i64>,
        /// How many jobs may have been given up; default any number.
        dead: Option<i64>,
    } -> Health = run(|engine, args| Box::pin(async move {
        let limit = |name, given: Option<i64>, default| {
            given.map_or(Ok(default), |ms| within_bounds(name, ms, 0, MAX_AGE_MS))
        };
        let default = HealthLimits::default();
        let limits = HealthLimits {
            queue_ms: limit("queueMs", args.queue_ms, default.queue_ms)?,
            inbox_ms: limit("inboxMs", args.inbox_ms, default.inbox_ms)?,
            failing_ms: limit("failingMs", args.failing_ms, default.failing_ms)?,
            dead: args.dead.map(|most| within_bounds("dead", most, 0, i64::MAX)).transpose()?,
        };
        Ok(engine.health(limits).await)
    }));

    /// What happens in this process and waits in its database, as the text that Prometheus reads.
    "metrics" "function" {
        /// Tells what is left of the limits for each location, rather than for the one with the least; default false.
        locations: Option<bool>,
    } -> String = run(|engine, args| Box::pin(async move {
        let options = MetricsOptions { locations: args.locations.unwrap_or(false) };
        Ok(engine.metrics(options).await)
    }));

    /// What is right and wrong with the set-up, line by line, and how to mend it.
    "doctor" "function" (DoctorOptions) -> DoctorReport = run(|engine, args| Box::pin(async move {
        Ok(engine.doctor(&args).await)
    }));

    /// Sends a signed sample of a webhook to an address of the shop's own.
    "sendTestWebhook" "function" {
        /// The address: HTTPS, or this machine.
        url: String,
        /// The type of the event, e.g. `OpportunityStageUpdate`; default `workflow`.
        event: Option<String>,
        /// How long the route may take to answer, in milliseconds; 1 to 120,000, default 10,000.
        timeout_ms: Option<i64>,
        /// By whose secret it is signed, where several locations are configured.
        location_id: Option<LocationId>,
    } -> TestWebhook = run(|engine, args| Box::pin(async move {
        let default = TestWebhookOptions::default();
        let timeout = args.timeout_ms.map(|ms| within_bounds("timeoutMs", ms, 1, 120_000)).transpose()?;
        let options = TestWebhookOptions {
            event: args.event.unwrap_or(default.event),
            timeout: timeout.map_or(default.timeout, |ms| Duration::from_millis(ms.unsigned_abs())),
            location: args.location_id,
        };
        engine.send_test_webhook(&args.url, &options).await
    }));

    /// Reads a location's pipeline and custom fields, creates the fields that are missing, and tells what has no partner.
    "provision" "function" {
        /// The location, where several are configured.
        location_id: Option<LocationId>,
        /// Tells what would be made, and makes nothing; default false.
        dry_run: Option<bool>,
    } -> Provisioned = run(|engine, args| Box::pin(async move {
        let options = ProvisionOptions { dry_run: args.dry_run.unwrap_or(false) };
        engine.provision(args.location_id.as_ref(), options).await
    }));
}
