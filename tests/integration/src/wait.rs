use std::{
    panic::Location,
    time::{Duration, Instant},
};

/// The longest wait for anything: far beyond what a loaded machine needs.
const CAP: Duration = Duration::from_secs(40);

/// Waits until `condition` gives a value, looking every few milliseconds.
///
/// # Panics
/// After 40 seconds, naming what was waited for and where.
#[track_caller]
pub fn wait_until<T, F>(what: &str, mut condition: impl FnMut() -> F) -> impl Future<Output = T>
where
    F: Future<Output = Option<T>>,
{
    let caller = Location::caller();
    async move {
        let began = Instant::now();
        loop {
            if let Some(value) = condition().await {
                return value;
            }
            assert!(began.elapsed() < CAP, "{caller}: waited in vain until {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
