//! What a seed makes happen: the faults of its world, what the shop does, what people do in GHL, and when
//! workers die.

use ghlkit::testing::SeededEntropy;
use mock_ghl::Ghl;
use serde_json::Value;

use crate::{network::NetworkFaults, store::StoreFaults, world::DeliveryFaults};

/// The statuses of the path, in order.
pub const PATH: [&str; 8] = [
    "order_placed",
    "processing",
    "manufacturing",
    "quality_check",
    "shipped",
    "delivered",
    "installation",
    "completed",
];

/// When a run's troubles end, in milliseconds after its start.
pub const BUSY_MS: u64 = 120_000;

/// One thing the shop does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShopChange {
    /// Takes an order in.
    Create(usize),
    /// Sets a status.
    Set {
        /// Which order.
        order: usize,
        /// The status.
        status: &'static str,
    },
}

/// One thing somebody does in GHL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HumanEdit {
    /// Drags an order's opportunity to a stage.
    Stage {
        /// Which order.
        order: usize,
        /// The status whose stage it is.
        status: &'static str,
    },
    /// Types a status into the contact's field.
    Field {
        /// The status.
        status: &'static str,
    },
    /// Adds a tag of their own.
    AddTag(&'static str),
    /// Removes a tag of their own.
    RemoveTag(&'static str),
    /// Removes one of our tags.
    RemoveOurTag,
    /// Corrects the customer's name.
    Rename,
    /// Marks the opportunity won or lost.
    Close {
        /// Which order.
        order: usize,
        /// `won` or `lost`.
        status: &'static str,
    },
    /// Deletes an order's opportunity.
    Delete {
        /// Which order.
        order: usize,
    },
}

/// The name of an order's opportunity.
pub fn opportunity_name(order: usize) -> String {
    format!("Order #S-{order}")
}

/// The customer's e-mail.
pub const EMAIL: &str = "aino@example.com";

impl HumanEdit {
    /// Does it, if what it needs is there. Whether it was done.
    pub fn carry_out(&self, ghl: &mut Ghl, now: i64) -> bool {
        let opportunity = |ghl: &Ghl, order: usize| {
            ghl.opportunities().find(|o| o.name == opportunity_name(order)).map(|o| o.id.clone())
        };
        let contact = ghl
            .contacts()
            .find(|c| c.details.get("email").is_some_and(|email| email == EMAIL))
            .map(|c| c.id.clone());
        match self {
            HumanEdit::Stage { order, status } => opportunity(ghl, *order)
                .is_some_and(|id| ghl.move_stage(now, &id, stage_name(status)).is_ok()),
            HumanEdit::Field { status } => contact.is_some_and(|id| {
                // Nobody can tell an order's status before its fields are there.
                ghl.contact_fields(&id).contains_key("order_status")
                    && ghl.set_contact_field(now, &id, "order_status", Value::from(*status)).is_ok()
            }),
            HumanEdit::AddTag(tag) => contact.is_some_and(|id| ghl.add_contact_tag(now, &id, tag).is_ok()),
            HumanEdit::RemoveTag(tag) => {
                contact.is_some_and(|id| ghl.remove_contact_tag(now, &id, tag).is_ok())
            }
            HumanEdit::RemoveOurTag => contact.is_some_and(|id| {
                let ours = ghl.contact(&id).and_then(|c| c.tags.iter().find(|tag| is_ours(tag)).cloned());
                ours.is_some_and(|tag| ghl.remove_contact_tag(now, &id, &tag).is_ok())
            }),
            HumanEdit::Rename => contact.is_some_and(|id| {
                ghl.set_contact_standard_field(now, &id, "firstName", "Aino-Maija").is_ok()
            }),
            HumanEdit::Close { order, status } => opportunity(ghl, *order)
                .is_some_and(|id| ghl.set_opportunity_status(now, &id, status).is_ok()),
            HumanEdit::Delete { order } => {
                opportunity(ghl, *order).is_some_and(|id| ghl.delete_opportunity(now, &id).is_ok())
            }
        }
    }
}

/// Whether a tag is one we give.
pub fn is_ours(tag: &str) -> bool {
    tag.strip_prefix("status_").is_some_and(|status| PATH.contains(&status))
}

/// The name of a status's stage in the model of GHL.
pub fn stage_name(status: &str) -> &'static str {
    match status {
        "order_placed" => "New Order",
        "processing" => "Processing",
        "manufacturing" => "In Production",
        "quality_check" => "Quality Check",
        "shipped" => "Shipped",
        "delivered" => "Delivered",
        "installation" => "Installation",
        _ => "Completed",
    }
}

/// Everything a seed decides in advance. What is left to chance on the way comes from the same seed.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// How many orders the customer has.
    pub orders: usize,
    /// GHL's clock minus the shop's.
    pub skew_ms: i64,
    /// How far GHL's search lags.
    pub search_lag_ms: i64,
    /// The customer is in GHL already.
    pub known_contact: bool,
    /// GHL lets two contacts have one e-mail.
    pub allow_duplicates: bool,
    /// How many workers.
    pub workers: usize,
    /// The network.
    pub network: NetworkFaults,
    /// Webhooks.
    pub delivery: DeliveryFaults,
    /// The workers' stores.
    pub store: StoreFaults,
    /// What the shop does, in order of time.
    pub shop: Vec<(u64, ShopChange)>,
    /// What people do, in order of time.
    pub human: Vec<(u64, HumanEdit)>,
    /// Which worker dies when, and for how long.
    pub crashes: Vec<(u64, usize, u64)>,
}

impl Plan {
    /// The plan of a seed.
    pub fn new(seed: u64, orders: usize) -> Self {
        let rng = SeededEntropy::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ orders as u64);
        // Some worlds are calm, some are a little out of order, some are a mess.
        let trouble = [0.0, 0.02, 0.06, 0.15].get(rng.below(4) as usize).copied().unwrap_or_default();
        let up_to = |most: f64| most * trouble / 0.15;
        let workers = 1 + rng.below(2) as usize;
        Self {
            seed,
            orders,
            skew_ms: rng.below(6_001) as i64 - 3_000,
            search_lag_ms: rng.below(30_001) as i64,
            known_contact: rng.chance(0.3),
            allow_duplicates: rng.chance(0.3),
            workers,
            network: NetworkFaults {
                refuse: up_to(0.05),
                lose_request: up_to(0.08),
                lose_reply: up_to(0.10),
                break_after: up_to(0.08),
                server_error: up_to(0.08),
                too_many: up_to(0.03),
                refused_but_done: up_to(0.05),
                latency_ms: [20, 200, 2_000].get(rng.below(3) as usize).copied().unwrap_or(20),
            },
            delivery: DeliveryFaults {
                drop: up_to(0.3),
                double: up_to(0.3),
                delay_ms: [200, 3_000, 30_000].get(rng.below(3) as usize).copied().unwrap_or(200),
            },
            store: StoreFaults { fail: up_to(0.01), pause: up_to(0.01) },
            shop: shop(&rng, orders),
            human: human(&rng, orders),
            crashes: crashes(&rng, trouble, workers),
        }
    }
}

fn shop(rng: &SeededEntropy, orders: usize) -> Vec<(u64, ShopChange)> {
    let mut changes = Vec::new();
    for order in 0..orders {
        let begin = rng.below(if order == 0 { 2_000 } else { 30_000 });
        changes.push((begin, ShopChange::Create(order)));
        let mut place = 0;
        let mut at = begin;
        for _ in 0..rng.below(6) {
            at += 1 + rng.below(25_000);
            if at >= BUSY_MS {
                break;
            }
            let status = if rng.chance(0.06) {
                "cancelled"
            } else {
                let back = rng.chance(0.1);
                place = if back { place.max(1) - 1 } else { (place + 1 + rng.below(2) as usize).min(7) };
                PATH.get(place).copied().unwrap_or("completed")
            };
            changes.push((at, ShopChange::Set { order, status }));
        }
    }
    changes.sort_by_key(|(at, _)| *at);
    changes
}

fn human(rng: &SeededEntropy, orders: usize) -> Vec<(u64, HumanEdit)> {
    let mut edits = Vec::new();
    for _ in 0..rng.below(6) {
        let at = rng.below(BUSY_MS);
        let order = rng.below(orders as u64) as usize;
        let status = PATH.get(rng.below(8) as usize).copied().unwrap_or("shipped");
        edits.push((
            at,
            match rng.below(20) {
                0..=9 => HumanEdit::Stage { order, status },
                10..=12 => HumanEdit::Field { status },
                13 | 14 => HumanEdit::AddTag("vip"),
                15 => HumanEdit::RemoveTag("newsletter"),
                16 => HumanEdit::RemoveOurTag,
                17 => HumanEdit::Rename,
                18 => HumanEdit::Close { order, status: if rng.chance(0.5) { "won" } else { "lost" } },
                _ => HumanEdit::Delete { order },
            },
        ));
    }
    edits.sort_by_key(|(at, _)| *at);
    edits
}

fn crashes(rng: &SeededEntropy, trouble: f64, workers: usize) -> Vec<(u64, usize, u64)> {
    let most = if trouble > 0.0 { 4 } else { 1 };
    (0..rng.below(most))
        .map(|_| (rng.below(BUSY_MS), rng.below(workers as u64) as usize, rng.below(20_000)))
        .collect()
}
