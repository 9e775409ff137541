//! How many requests may leave, and when: a sliding window per location, corrected by GHL's replies.

mod fleet;
mod headers;
mod member;
mod room;
mod share;
#[cfg(test)]
mod tests;
mod window;

pub use fleet::{Fleet, SHARE_MS};
pub use headers::RateHeaders;
pub(crate) use room::Room;
pub use share::{Claim, GateReport, Grant, SharedGate};
pub use window::{Limits, Slot, Take, Window};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
