//! Stand-ins for the ports, for tests of code built on this crate: time that moves when told, randomness
//! from a seed.

mod clock;
mod entropy;

pub use clock::ManualClock;
pub use entropy::SeededEntropy;
