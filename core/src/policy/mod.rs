//! Pure decisions: when to repeat a request, when the next one may leave, how far GHL's clock is from ours.
//!
//! Nothing here waits, reads a clock or draws a random number: time and randomness come in, a value goes out. Only
//! [`retry::retry`] waits, by the ports it is given.

mod http_date;
pub mod rate_limit;
pub mod retry;
pub mod server_clock;

pub use http_date::parse as parse_http_date;
