//! Deterministic simulation of a shop, its workers, the network, and GHL with people editing it.
//!
//! One seed decides everything, so a failure can be replayed. What is simulated is only the outside: the
//! engine, the client and the memory store are the real ones, driven by one thread and a manual clock.

pub mod check;
pub mod finished;
pub mod network;
pub mod script;
pub mod shop;
pub mod sim;
pub mod store;
pub mod world;

/// Runs the plan of a seed and checks the invariants. The report says what is broken, if anything.
pub fn simulate(seed: u64, orders: usize) -> check::Report {
    check::check(&sim::run(script::Plan::new(seed, orders)))
}
