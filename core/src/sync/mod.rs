//! The engine: keeps orders and GHL in step, each change exactly once in effect.
//!
//! A change is written down with its job in one transaction ([`Engine::create_order`],
//! [`Engine::update_status`], [`Engine::receive_webhook`]); a worker ([`Engine::run`], [`Engine::drain`])
//! leases the job and makes a pass over the order. A pass (`pass`) is a state machine without I/O: `plan`
//! says what comes next, `learn` and `look` take in what came back, `run` does the calls and commits.

mod call;
mod conflict;
mod context;
mod core;
mod deliver;
mod desired;
mod doctor;
mod engine;
mod events;
mod gate;
mod health;
mod import;
mod inbound;
mod installation;
mod jobs;
mod learn;
mod look;
mod manufacturing;
mod metrics;
mod outbox;
mod pass;
mod plan;
mod provision;
mod pulse;
pub mod push;
#[cfg(feature = "realtime")]
pub(crate) mod realtime;
mod reconcile;
mod run;
mod schedule;
mod schedules;
mod setup;
mod state;
mod test_webhook;
#[cfg(test)]
mod tests;
mod watch;
mod wire;
mod work;

use std::pin::pin;

use futures::future::{Either, select};

pub use doctor::{DoctorCheck, DoctorOptions, DoctorReport, Verdict};
pub use engine::{Engine, SyncOutcome, SyncState, UpdateOptions};
pub use events::kind as event_kind;
pub use health::{Check, CheckStatus, Checks, Health, HealthLimits, HealthStatus};
pub use import::{ImportFailure, ImportOptions, ImportProgress, ImportedChunk};
pub use inbound::Receipt;
pub use installation::{Installation, InstallationState, InstallationTerms};
pub use manufacturing::{ProgressOptions, PullLimits, Pulled};
pub use metrics::MetricsOptions;
pub use provision::{ProposedStage, ProvisionOptions, Provisioned};
pub use reconcile::{Difference, Part as DifferingPart, ReconcileOptions, Reconciled};
pub use schedules::{Firing, Planned, Schedule, ScheduledTask, Ticked, Turn};
pub use test_webhook::{TestWebhook, TestWebhookOptions};
pub use watch::{Watch, WatchOptions};
pub use work::{DrainLimits, Drained};

/// Waits for whichever comes first.
async fn pause(a: impl Future<Output = ()>, b: impl Future<Output = ()>) {
    match select(pin!(a), pin!(b)).await {
        Either::Left(_) | Either::Right(_) => {}
    }
}
