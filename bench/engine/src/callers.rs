//! Those who leave jobs, as the requests to a busy shop are.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use integration::{Db, Keep, Setup};
use mock_ghl::Settings;
use tokio::task::JoinSet;

/// So many at a time, on either side.
pub(crate) const CALLERS: usize = 16;

/// Calls once for each number below `jobs`, from all callers; each has its next number when its last call is done.
pub(crate) async fn call<F: Future<Output = ()> + Send>(
    jobs: usize,
    one: impl Fn(usize) -> F + Clone + Send + 'static,
) {
    let next = Arc::new(AtomicUsize::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (next, one) = (next.clone(), one.clone());
        callers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= jobs {
                    break;
                }
                one(number).await;
            }
        });
    }
    while let Some(called) = callers.join_next().await {
        called.unwrap();
    }
}

/// Waits until the database counts none.
pub(crate) async fn none_left(db: &Db, count: &str) {
    let began = Instant::now();
    while db.value(count).await != "0" {
        assert!(began.elapsed() < Duration::from_secs(120), "{count} does not come to 0");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A shop whose GHL has no limits and sends nothing, on a database that keeps what it has.
pub(crate) fn setup(keep: Keep) -> Setup {
    let mut setup = Setup { keep, durable: true, settings: Settings::unlimited(), ..Setup::deaf() };
    setup.sync.concurrency = CALLERS;
    setup.limits.burst = 100_000;
    setup.limits.daily = u32::MAX;
    setup
}
