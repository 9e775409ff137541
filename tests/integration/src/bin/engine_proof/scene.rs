//! What the parts have in common.

use std::{env, process, sync::OnceLock};

use ghlkit::{config::SyncOptions, policy::rate_limit::Limits};
use integration::{Keep, Setup, Shop};
use mock_ghl::FaultPlan;

/// The seed of everything that is drawn: `GHLKIT_SEED`, or another one each time.
pub(crate) fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| env::var("GHLKIT_SEED").map_or(process::id().into(), |seed| seed.parse().unwrap()))
}

/// A shop that GHL does not slow down.
pub(crate) async fn shop(keep: Keep, sync: SyncOptions) -> Shop {
    let limits = Limits { burst: 100_000, interval_ms: 10_000, daily: u32::MAX };
    Shop::with(Setup { keep, sync, limits, ..Setup::deaf() }).await
}

/// GHL on a bad day: slow, and its connections break before and after it has acted.
pub(crate) fn bad_day() -> FaultPlan {
    FaultPlan {
        seed: seed(),
        latency_ms: (0, 20),
        reset_before: 0.01,
        reset_after: 0.01,
        server_error: 0.01,
        refused_but_done: 0.005,
        too_many: 0.000_5,
        ..FaultPlan::default()
    }
}
