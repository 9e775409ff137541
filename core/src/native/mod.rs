//! What needs an operating system.

#[cfg(feature = "sqlite")]
pub mod sqlite;
