//! How many requests may leave, and when: a sliding window per location, corrected by GHL's replies.

mod headers;
#[cfg(test)]
mod tests;
mod window;

pub use headers::RateHeaders;
pub use window::{Limits, Slot, Take, Window};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
