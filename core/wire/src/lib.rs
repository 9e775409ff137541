//! The bodies of webhooks, byte by byte: JSON that is read once, without copies and as strictly as
//! `serde_json` reads it, and the [`Wire`] of the fields that any webhook of GHL's may have.
//!
//! It is a crate of its own because it is what a webhook's time goes into: where the rest is built for size,
//! this is built for speed. `ghlkit::webhook` says what the fields mean.
#![forbid(unsafe_code)]

pub mod hex;
mod members;
mod nested;
mod property;
mod run;
mod scanner;
mod text;
mod timestamp;
mod wire;

pub use members::Member;
pub use nested::{AppointmentWire, FieldList, FieldWire, StatusWire, TextList};
pub use scanner::{Fault, Kind, Scanner};
pub use text::{Text, joined};
pub use timestamp::{Timestamp, rfc3339_ms};
pub use wire::{Depth, Key, Wire};
