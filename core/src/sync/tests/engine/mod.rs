//! The engine as a whole, on a store in memory, a scripted transport and the manual clock.

mod host;
mod meddled;

mod by_hand;
mod deliveries;
mod drain;
mod faults;
#[cfg(feature = "realtime")]
mod gaps;
mod health;
mod inbox;
mod manufacturing;
mod metrics;
mod notices;
mod outcome;
mod posted;
mod resolve;
mod schedules;
#[cfg(feature = "monitor")]
mod spans;
mod stop;
mod watch;
