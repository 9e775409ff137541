//! Whether and when a failed try is repeated.

mod backoff;
mod budget;
mod classify;
mod run;

pub use backoff::{MAX_DELAY_MS, RetryPolicy, retry_after_ms};
pub use budget::RetryBudget;
pub use classify::{Class, Detail, Failure, classify};
pub use run::{Failed, MAX_TRIES, retry};
