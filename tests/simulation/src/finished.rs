//! What a run leaves behind.

use std::sync::{Arc, Mutex};

use ghlkit::{ids::OrderId, store::MemoryStore};

use crate::{script::Plan, world::World};

/// A change the shop made, as the store took it.
#[derive(Debug, Clone)]
pub struct ShopFact {
    /// The order.
    pub order: OrderId,
    /// The status.
    pub status: String,
    /// When, in the shop's clock.
    pub at: i64,
}

/// A finished run, for the invariants to be checked on.
pub struct Finished {
    /// Its plan.
    pub plan: Plan,
    /// GHL and what happened in it.
    pub world: Arc<Mutex<World>>,
    /// The store.
    pub store: MemoryStore,
    /// What the shop did.
    pub shop: Vec<ShopFact>,
    /// Writes GHL had received, and status changes in the log, when all was quiet and reconciled.
    pub before_second: (usize, usize),
    /// The same after a second reconciliation.
    pub after_second: (usize, usize),
    /// How many passes were interrupted: crashes, pauses, failures of the store.
    pub interruptions: u64,
    /// Broken invariants, from the first on.
    pub violations: Vec<String>,
}
