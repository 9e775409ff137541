//! Keeps a shop's orders and GoHighLevel (GHL) in step.
//!
//! The rooms, bottom to top: [`error`], [`ids`], [`secret`] and `json` are the vocabulary; [`ports`] are the traits
//! the outside supplies; [`order`], [`webhook`] and [`config`] are plain functions and data; [`client`],
//! [`oauth`] and [`api`] speak to GHL; [`metrics`] counts; `observation` is what monitoring is told; [`sse`] and [`pusher`] tell pages; [`sync`] is the engine, [`ops`] what the bindings call. With `default-features = false` nothing here needs an
//! operating system, so the same code runs natively, on WASM and in the simulator.

pub mod api;
pub mod client;
pub mod config;
pub mod error;
pub mod ids;
pub mod install;
mod json;
pub mod metrics;
#[cfg(feature = "native")]
pub mod native;
pub mod notify;
pub mod oauth;
#[cfg(any(feature = "monitor", feature = "ts"))]
pub mod observation;
pub mod ops;
pub mod order;
pub mod policy;
pub mod ports;
pub mod pusher;
#[cfg(feature = "realtime")]
pub mod realtime;
pub mod receiver;
pub mod secret;
pub mod sse;
pub mod store;
pub mod sync;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod trace;
pub mod webhook;

pub use error::{Code, Error, Result};

/// The README's examples are compiled with the crate's own.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../../README.md")]
pub struct Readme;
