//! Keeps a shop's orders and GoHighLevel (GHL) in step.
//!
//! The rooms, bottom to top: [`error`], [`ids`], [`secret`] and [`config`] are the vocabulary;
//! [`ports`] are the traits the outside supplies. With `default-features = false` nothing here needs
//! an operating system, so the same code runs natively, on WASM and in the simulator.

pub mod error;
pub mod ids;
#[cfg(feature = "native")]
pub mod native;
pub mod ports;
pub mod secret;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use error::{Code, Error, Result};
