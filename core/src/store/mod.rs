//! Stores: what every store does to its rows, and the memory store.
//!
//! What an operation means for a row is written once, in `rules`; a store supplies finding, locking and
//! writing. The conformance suite holds every store to the words of [`crate::ports::store`].

mod booking_rules;
#[cfg(any(test, feature = "testing"))]
pub mod conformance;
pub(crate) mod deliveries;
mod memory;
pub(crate) mod rules;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) use booking_rules::LONGEST_WAY_MS;
pub use memory::MemoryStore;
