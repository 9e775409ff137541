//! GHL, the people in it, and what is on its way: everything outside the shop's process.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use ghlkit::{
    ports::{HttpResponse, TransportErrorKind},
    testing::SeededEntropy,
};
use mock_ghl::{Fault, Ghl, Request, Webhook};

use crate::{
    network::{NetworkFaults, ReplyTo, lock},
    script::{HumanEdit, Plan, ShopChange},
};

/// The chances of each fault, per webhook.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeliveryFaults {
    /// It is never delivered.
    pub drop: f64,
    /// It is delivered twice.
    pub double: f64,
    /// The longest delay in milliseconds; delays differ, so events overtake each other.
    pub delay_ms: u64,
}

/// Something that happens at a given time.
pub enum Happening {
    /// A request reaches GHL. `back`: how long its reply takes, or `None` if it is lost.
    Arrive {
        /// The request.
        request: Request,
        /// What goes wrong.
        fault: Option<Fault>,
        /// The way back.
        back: Option<i64>,
        /// Who waits for it.
        reply_to: ReplyTo,
    },
    /// A reply, or an error, reaches the worker.
    Reply(ReplyTo, Result<HttpResponse, TransportErrorKind>),
    /// A webhook reaches the shop.
    Deliver(Webhook),
    /// The shop takes an order in or changes one.
    Shop(ShopChange),
    /// Someone does something in GHL.
    Human(HumanEdit),
    /// A worker's process ends without a word.
    Crash(usize),
    /// A worker's process starts.
    Start(usize),
}

/// See the module.
pub struct World {
    /// GHL.
    pub ghl: Ghl,
    /// Chance.
    pub rng: SeededEntropy,
    /// GHL's clock minus the shop's.
    pub skew: i64,
    /// What goes wrong on the network.
    pub network: NetworkFaults,
    /// What goes wrong with webhooks.
    pub delivery: DeliveryFaults,
    /// Requests sent, and those with something wrong.
    pub sends: u64,
    /// See `sends`.
    pub faulty_sends: u64,
    /// What people did, and whether it could be done.
    pub edits: Vec<(i64, HumanEdit)>,
    queue: BTreeMap<(i64, u64), Happening>,
    sequence: u64,
    held: Vec<ReplyTo>,
    violations: Arc<Mutex<Vec<String>>>,
}

impl World {
    /// The world a plan begins with.
    pub fn new(ghl: Ghl, rng: SeededEntropy, plan: &Plan, violations: Arc<Mutex<Vec<String>>>) -> Self {
        Self {
            ghl,
            rng,
            skew: plan.skew_ms,
            network: plan.network,
            delivery: plan.delivery,
            sends: 0,
            faulty_sends: 0,
            edits: Vec::new(),
            queue: BTreeMap::new(),
            sequence: 0,
            held: Vec::new(),
            violations,
        }
    }

    /// From now on nothing goes wrong.
    pub fn calm(&mut self) {
        self.network = NetworkFaults { latency_ms: 20, ..NetworkFaults::default() };
        self.delivery = DeliveryFaults { delay_ms: 200, ..DeliveryFaults::default() };
    }

    /// Lets something happen at a time of the shop's clock.
    pub fn after(&mut self, at: i64, happening: Happening) {
        self.sequence += 1;
        self.queue.insert((at, self.sequence), happening);
    }

    /// A reply that never comes: whoever waits for it waits until the time-out.
    pub fn hold(&mut self, reply_to: ReplyTo) {
        self.held.push(reply_to);
    }

    /// Notes that an invariant does not hold.
    pub fn violate(&self, text: String) {
        lock(&self.violations).push(text);
    }

    /// When the next thing happens.
    pub fn next_at(&self) -> Option<i64> {
        self.queue.keys().next().map(|(at, _)| *at)
    }

    /// The next thing that is due by `now`.
    pub fn pop_due(&mut self, now: i64) -> Option<Happening> {
        let entry = self.queue.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }

    /// A request reaches GHL.
    pub fn arrive(
        &mut self,
        now: i64,
        request: &Request,
        fault: Option<Fault>,
        back: Option<i64>,
        to: ReplyTo,
    ) {
        let reply = self.ghl.serve(now + self.skew, request, fault);
        self.send_webhooks(now);
        let outcome = reply.map_or(Err(TransportErrorKind::Broken), |reply| {
            let headers = reply.headers.into_iter().map(|(name, value)| (name.to_lowercase().into(), value));
            Ok(HttpResponse { status: reply.status, headers: headers.collect(), body: reply.body })
        });
        match back {
            Some(back) => self.after(now + back, Happening::Reply(to, outcome)),
            None => self.hold(to),
        }
    }

    /// Someone does something in GHL, if it can be done now.
    pub fn human(&mut self, now: i64, edit: HumanEdit) {
        if edit.carry_out(&mut self.ghl, now + self.skew) {
            self.edits.push((now + self.skew, edit));
        }
        self.send_webhooks(now);
    }

    fn send_webhooks(&mut self, now: i64) {
        for webhook in self.ghl.take_webhooks() {
            let copies = match () {
                () if self.rng.chance(self.delivery.drop) => 0,
                () if self.rng.chance(self.delivery.double) => 2,
                () => 1,
            };
            for _ in 0..copies {
                let delay = i64::try_from(self.rng.below(self.delivery.delay_ms + 1)).unwrap_or(0);
                self.after(now + 1 + delay, Happening::Deliver(webhook.clone()));
            }
        }
    }
}
