//! Stores: what every store does to its rows, and the memory store.
//!
//! What an operation means for a row is written once, in `rules`; a store supplies finding, locking and
//! writing. The conformance suite holds every store to the words of [`crate::ports::store`].

#[cfg(any(test, feature = "testing"))]
pub mod conformance;
mod memory;
pub(crate) mod rules;

pub use memory::MemoryStore;
