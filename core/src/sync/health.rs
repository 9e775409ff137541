//! Whether orders and GHL are kept in step, for monitors and load balancers.

use std::time::Duration;

use serde::Serialize;

use super::{engine::Engine, pulse::Beat};
#[cfg(feature = "realtime")]
use crate::{Code, sync::core::lock};
use crate::{
    api::pipelines,
    client::CallOptions,
    error::Result,
    ports::{iso, store::QueueRow},
};

/// GHL is asked only where no call of the engine's has shown for this long how it is.
const FRESH_MS: i64 = 30_000;

/// The longest GHL may take to answer such a question.
const PATIENCE: Duration = Duration::from_secs(5);

/// A question to GHL that was asked only to see whether it answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe {
    at: i64,
    /// Whether it could be: a limit may have held it back.
    sent: bool,
}

/// From when on something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthLimits {
    /// How long a job may be due before anyone takes it, in milliseconds. Default: 300,000.
    pub queue_ms: i64,
    /// How long a received webhook may wait to be applied, and a Socket.IO server may be away, in milliseconds. Default: 300,000.
    pub inbox_ms: i64,
    /// How long jobs may fail without one succeeding, in milliseconds. Default: 900,000.
    pub failing_ms: i64,
    /// How many jobs may have been given up. Default: any number, since they wait for a human and hold up nothing.
    pub dead: Option<i64>,
}

impl Default for HealthLimits {
    fn default() -> Self {
        Self { queue_ms: 300_000, inbox_ms: 300_000, failing_ms: 900_000, dead: None }
    }
}

/// Whether all is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum HealthStatus {
    /// Every check is `ok`: answer 200.
    Healthy,
    /// One is not: answer 503.
    Degraded,
}

/// Whether a part works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "HealthCheckStatus"))]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// It does.
    Ok,
    /// It does not.
    Failing,
}

/// How a part is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "HealthCheck"))]
pub struct Check {
    /// Whether it works.
    pub status: CheckStatus,
    /// What is so, in words; nothing of a customer.
    pub detail: String,
    /// Since when it has been like this, where that is known: ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// How the parts are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "HealthChecks"))]
pub struct Checks {
    /// GHL answers and knows the token.
    pub ghl_api: Check,
    /// Webhooks can be verified, and those that came were applied.
    pub webhook_listener: Check,
    /// What is due is being done.
    pub sync_queue: Check,
    /// Orders do arrive in GHL.
    pub last_sync: Check,
    /// Where this process listens to Socket.IO: it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realtime: Option<Check>,
}

/// Whether orders and GHL are kept in step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Health {
    /// In one word.
    pub status: HealthStatus,
    /// Part by part.
    pub checks: Checks,
    /// When this was so: ISO 8601.
    pub timestamp: String,
}

impl Check {
    fn ok(detail: impl Into<String>, since: Option<i64>) -> Self {
        Self { status: CheckStatus::Ok, detail: detail.into(), since: since.map(iso) }
    }

    fn failing(detail: impl Into<String>, since: Option<i64>) -> Self {
        Self { status: CheckStatus::Failing, detail: detail.into(), since: since.map(iso) }
    }
}

impl Engine {
    /// How the engine is: from what its calls and its database show. GHL is asked, with one call of at most 5 s, only where
    /// no call has shown for 30 s how it is. A database that fails is a failing check, never an error.
    pub async fn health(&self, limits: HealthLimits) -> Health {
        let ghl_api = self.ghl_api().await;
        let now = self.core.clock.now_ms();
        let queue = self.core.store.queue().await;
        let checks = Checks {
            ghl_api,
            webhook_listener: self.webhook_listener(&limits, now).await,
            sync_queue: said(queue.as_ref().map(|queue| sync_queue(queue, &limits, now))),
            last_sync: said(queue.as_ref().map(|queue| last_sync(queue, &limits, now))),
            #[cfg(feature = "realtime")]
            realtime: self.realtime(&limits, now),
            #[cfg(not(feature = "realtime"))]
            realtime: None,
        };
        let parts = [&checks.ghl_api, &checks.webhook_listener, &checks.sync_queue, &checks.last_sync];
        let healthy = parts.into_iter().chain(&checks.realtime).all(|check| check.status == CheckStatus::Ok);
        let status = if healthy { HealthStatus::Healthy } else { HealthStatus::Degraded };
        Health { status, checks, timestamp: iso(now) }
    }

    async fn ghl_api(&self) -> Check {
        let core = &self.core;
        // Who comes meanwhile waits for the same answer.
        let mut probe = core.probe.lock().await;
        let now = core.clock.now_ms();
        let fresh = |at: i64| now.saturating_sub(at) < FRESH_MS;
        let seen = core.pulse.last().is_some_and(|beat| fresh(beat.at));
        if !seen
            && !probe.is_some_and(|probe| fresh(probe.at))
            && let Some(location) = core.config.locations.first()
        {
            *probe = Some(Probe { at: now, sent: true });
            let options = CallOptions {
                timeout: Some(PATIENCE),
                deadline: Some(PATIENCE),
                tries: Some(1),
                ..CallOptions::default()
            };
            // The pulse sees what comes of it.
            let call = core.client.call(&location.id, &pipelines::list(&location.id), &options).await;
            *probe = Some(Probe { at: now, sent: call.meta.tries > 0 });
        }
        match (core.pulse.last(), *probe) {
            (Some(Beat { failure: None, since, .. }), _) => Check::ok("it answers", Some(since)),
            (Some(Beat { failure: Some(code), since, .. }), _) => {
                Check::failing(format!("calls fail: {}", code.as_str()), Some(since))
            }
            (None, Some(Probe { at, sent: false })) => {
                Check::ok("it was not asked, as the location's limit is used up", Some(at))
            }
            (None, probe) => Check::failing("it was asked and has not answered", probe.map(|probe| probe.at)),
        }
    }

    /// The line that is down and has been for longest, or that all are up.
    #[cfg(feature = "realtime")]
    fn realtime(&self, limits: &HealthLimits, now: i64) -> Option<Check> {
        let lines = lock(&self.core.lines);
        let down = lines.iter().filter_map(|(location, line)| Some((line.since, location, line.failure?)));
        Some(match down.min_by_key(|(since, ..)| *since) {
            Some((since, location, code)) => {
                let told = format!("location {location} is not listened to: {}", code.as_str());
                // A refusal does not pass by waiting.
                let late = code == Code::Unauthorized || now.saturating_sub(since) > limits.inbox_ms;
                if late { Check::failing(told, Some(since)) } else { Check::ok(told, Some(since)) }
            }
            None => Check::ok("events are listened to", lines.values().map(|line| line.since).max()),
        })
        .filter(|_| !lines.is_empty())
    }

    async fn webhook_listener(&self, limits: &HealthLimits, now: i64) -> Check {
        let locations = &self.core.config.locations;
        if let Some(deaf) = locations.iter().find(|location| location.verifier.schemes().next().is_none()) {
            let id = &deaf.id;
            return Check::failing(
                format!("location {id} has no secret or key, so its webhooks are refused"),
                None,
            );
        }
        said(self.core.store.pending_inbox(0, 1).await.as_deref().map(|oldest| match oldest.first() {
            Some(row) if now.saturating_sub(row.received_at) > limits.inbox_ms => {
                Check::failing("a received webhook was not applied yet", Some(row.received_at))
            }
            Some(row) => Check::ok("a received webhook is about to be applied", Some(row.received_at)),
            None => Check::ok("all received webhooks are applied", None),
        }))
    }
}

/// A check whose database may have failed.
fn said(check: Result<Check, &crate::Error>) -> Check {
    check.unwrap_or_else(|error| {
        Check::failing(format!("the database fails: {}", error.code().as_str()), None)
    })
}

fn sync_queue(queue: &QueueRow, limits: &HealthLimits, now: i64) -> Check {
    let told = format!("{} waiting, {} given up", queue.waiting, queue.dead);
    let late = queue.due_at.filter(|due| now.saturating_sub(*due) > limits.queue_ms);
    if late.is_some() {
        return Check::failing(format!("{told}; one is due and nobody takes it: is a worker running?"), late);
    }
    if limits.dead.is_some_and(|most| queue.dead > most) {
        return Check::failing(format!("{told}; mend the causes and replay them"), None);
    }
    Check::ok(told, None)
}

fn last_sync(queue: &QueueRow, limits: &HealthLimits, now: i64) -> Check {
    let failing = queue.failing_since.filter(|since| now.saturating_sub(*since) > limits.failing_ms);
    match (failing, queue.done_at) {
        (Some(since), _) => Check::failing("orders fail, and none has succeeded since", Some(since)),
        (None, Some(at)) => Check::ok("the last order that came in step", Some(at)),
        (None, None) => Check::ok("no order has come in step yet", None),
    }
}
