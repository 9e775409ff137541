//! What happens inside, handed to monitoring: to a function of the shop's ([`layer`]), as spans of OpenTelemetry (the feature
//! `otel`), as errors with breadcrumbs to Sentry (the feature `sentry`), and to hosts without subscribers ([`listen`]).

mod fields;
mod listen;
#[cfg(feature = "otel")]
mod otel;
#[cfg(feature = "sentry")]
mod sentry;
#[cfg(test)]
mod tests;
mod watch;

pub use listen::{Listening, listen};
#[cfg(feature = "otel")]
pub use otel::otel;
#[cfg(feature = "sentry")]
pub use sentry::sentry;
pub use watch::{Monitor, layer};
