//! Stand-ins for the ports, for tests of code built on this crate: time that moves when told, randomness
//! from a seed, HTTP from a script.

mod clock;
mod drive;
mod entropy;
#[cfg(all(test, feature = "monitor"))]
pub(crate) mod observed;
mod transport;

pub use clock::ManualClock;
pub use drive::drive;
pub use entropy::SeededEntropy;
pub use transport::{ScriptedTransport, Sent, Step};
