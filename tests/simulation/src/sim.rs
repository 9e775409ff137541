//! Runs a plan: one thread, one clock, one seed. What runs is the engine itself, over the memory store.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{
    executor::{LocalPool, LocalSpawner},
    future::{AbortHandle, abortable},
    task::LocalSpawnExt,
};
use ghlkit::{
    Code,
    client::{ClientBuilder, StaticTokens},
    config::Config,
    ports::{Clock, store::*},
    secret::Secret,
    store::MemoryStore,
    sync::{DrainLimits, Engine, ReconcileOptions, UpdateOptions},
    testing::{ManualClock, SeededEntropy},
};
use mock_ghl::{Ghl, LOCATION_ID, LocationSettings, Settings, TOKEN};

use crate::{
    finished::{Finished, ShopFact},
    network::{SimTransport, lock},
    script::{BUSY_MS, EMAIL, Plan, ShopChange},
    shop::{config, location, new_order, order_id},
    store::SimStore,
    world::{Happening, World},
};

/// Where simulated time begins.
pub(crate) const START_MS: i64 = 1_790_000_000_000;

/// After the troubles, everything is in step within this much simulated time, or a job is dead.
const QUIET_WITHIN_MS: i64 = 80 * 3_600_000;

/// A fuse against a simulation that does not come to rest.
const MAX_TURNS: usize = 200_000;

struct Sim {
    plan: Plan,
    pool: LocalPool,
    spawner: LocalSpawner,
    clock: ManualClock,
    rng: SeededEntropy,
    world: Arc<Mutex<World>>,
    store: MemoryStore,
    config: Config,
    workers: BTreeMap<usize, AbortHandle>,
    shop: Arc<Mutex<Vec<ShopFact>>>,
    violations: Arc<Mutex<Vec<String>>>,
}

/// Runs a plan to its end.
pub fn run(plan: Plan) -> Finished {
    let mut sim = Sim::new(plan);
    sim.seed();
    sim.turn_until(START_MS + i64::try_from(BUSY_MS).unwrap_or(0) + 1);
    sim.calm();
    let engine = sim.engine();
    sim.settle(&engine);
    sim.reconcile(&engine);
    let before_second = sim.measure();
    sim.reconcile(&engine);
    let after_second = sim.measure();
    let interruptions = sim.plan.crashes.len() as u64;
    Finished {
        world: sim.world.clone(),
        store: sim.store.clone(),
        shop: lock(&sim.shop).clone(),
        violations: lock(&sim.violations).clone(),
        plan: sim.plan,
        before_second,
        after_second,
        interruptions,
    }
}

impl Sim {
    fn new(plan: Plan) -> Self {
        let pool = LocalPool::new();
        let clock = ManualClock::new(START_MS);
        let rng = SeededEntropy::new(plan.seed ^ 0x5e1f);
        let violations = Arc::new(Mutex::new(Vec::new()));
        let ghl = Ghl::new(Settings {
            seed: plan.seed,
            search_lag_ms: plan.search_lag_ms,
            locations: vec![LocationSettings {
                allow_duplicate_contact: plan.allow_duplicates,
                ..LocationSettings::default()
            }],
            log_capacity: 100_000,
            ..Settings::default()
        });
        let config = config(&ghl);
        Self {
            spawner: pool.spawner(),
            pool,
            world: Arc::new(Mutex::new(World::new(ghl, rng.clone(), &plan, violations.clone()))),
            store: MemoryStore::new(),
            clock,
            rng,
            config,
            workers: BTreeMap::new(),
            shop: Arc::default(),
            violations,
            plan,
        }
    }

    /// Puts the plan's happenings into the queue.
    fn seed(&mut self) {
        let at = |ms: u64| START_MS + i64::try_from(ms).unwrap_or(0);
        let mut world = lock(&self.world);
        if self.plan.known_contact {
            let details =
                [("firstName", "Aino"), ("email", EMAIL), ("address1", "Vanha 1"), ("city", "Turku")];
            let long_ago = START_MS - 60_000 + self.plan.skew_ms;
            if world.ghl.seed_contact(long_ago, LOCATION_ID, &details, &["newsletter", "status_vip"]).is_err()
            {
                world.violate("the known contact could not be made".to_owned());
            }
            world.ghl.take_webhooks();
        }
        for worker in 0..self.plan.workers {
            world.after(START_MS, Happening::Start(worker));
        }
        for (ms, change) in &self.plan.shop {
            world.after(at(*ms), Happening::Shop(change.clone()));
        }
        for (ms, edit) in &self.plan.human {
            world.after(at(*ms), Happening::Human(edit.clone()));
        }
        for (ms, worker, down) in &self.plan.crashes {
            world.after(at(*ms), Happening::Crash(*worker));
            world.after(at(ms + down + 1), Happening::Start(*worker));
        }
    }

    /// Lets everything happen that happens by `until`.
    fn turn_until(&mut self, until: i64) {
        for _ in 0..MAX_TURNS {
            self.pool.run_until_stalled();
            let due = lock(&self.world).pop_due(self.clock.now_ms());
            if let Some(happening) = due {
                self.happen(happening);
                continue;
            }
            let next = [self.clock.next_wake(), lock(&self.world).next_at()].into_iter().flatten().min();
            match next {
                Some(next) if next <= until => self.clock.advance_to(next),
                _ => {
                    self.clock.advance_to(until);
                    self.pool.run_until_stalled();
                    return;
                }
            }
        }
        lock(&self.violations).push("I6: the simulation did not come to rest".to_owned());
    }

    fn happen(&mut self, happening: Happening) {
        let now = self.clock.now_ms();
        match happening {
            Happening::Arrive { request, fault, back, reply_to } => {
                lock(&self.world).arrive(now, &request, fault, back, reply_to);
            }
            // Whoever waited may be gone.
            Happening::Reply(reply_to, outcome) => drop(reply_to.send(outcome)),
            Happening::Human(edit) => lock(&self.world).human(now, edit),
            Happening::Crash(worker) => {
                if let Some(handle) = self.workers.remove(&worker) {
                    handle.abort();
                }
            }
            Happening::Start(worker) => self.start(worker),
            Happening::Deliver(webhook) => {
                let engine = self.engine();
                self.spawn(async move {
                    if let Err(error) = engine.receive_webhook(None, &webhook.body, webhook.headers()).await {
                        return Some(format!("a genuine webhook was refused: {error}"));
                    }
                    None
                });
            }
            Happening::Shop(change) => self.change(change),
        }
    }

    fn start(&mut self, worker: usize) {
        if self.workers.contains_key(&worker) {
            return;
        }
        let store = SimStore::new(
            self.store.clone(),
            self.clock.clone(),
            self.rng.clone(),
            self.plan.store,
            self.violations.clone(),
        );
        let (engine, clock) = (self.engine_over(store), self.clock.clone());
        let (work, handle) = abortable(async move {
            // A database that fails ends the loop; the shop's process starts it again.
            while engine.run().await.is_err() {
                clock.sleep(Duration::from_millis(100)).await;
            }
        });
        self.workers.insert(worker, handle);
        self.spawn(async move {
            // Aborted means that the worker died: that is the plan.
            let _ = work.await;
            None
        });
    }

    fn change(&mut self, change: ShopChange) {
        let engine = self.engine();
        let (clock, shop) = (self.clock.clone(), self.shop.clone());
        self.spawn(async move {
            let options = UpdateOptions { allow_backward: true, wait_ms: Some(0) };
            let at = clock.now_ms();
            let (order, status, result) = match change {
                ShopChange::Create(number) => {
                    let order = new_order(number);
                    let id = order.id.clone();
                    (id, "order_placed".to_owned(), engine.create_order(&order, options).await)
                }
                ShopChange::Set { order, status } => {
                    let id = order_id(order);
                    let result = engine.update_status(None, &id, status, options).await;
                    (id, status.to_owned(), result)
                }
            };
            match result {
                Ok(_) => lock(&shop).push(ShopFact { order, status, at }),
                Err(error) if error.code() == Code::TransitionRefused => {}
                Err(error) => return Some(format!("the shop's change was refused: {error}")),
            }
            None
        });
    }

    fn spawn(&self, task: impl Future<Output = Option<String>> + 'static) {
        let violations = self.violations.clone();
        let spawned = self.spawner.spawn_local(async move {
            if let Some(text) = task.await {
                lock(&violations).push(text);
            }
        });
        if spawned.is_err() {
            lock(&self.violations).push("a task could not be started".to_owned());
        }
    }

    /// Ends the troubles: the workers that live on are stopped, and one works on with nothing in its way.
    fn calm(&mut self) {
        for (_, handle) in std::mem::take(&mut self.workers) {
            handle.abort();
        }
        lock(&self.world).calm();
    }

    /// Works until nothing is due and nothing is under way.
    fn settle(&mut self, engine: &Engine) {
        let deadline = self.clock.now_ms() + QUIET_WITHIN_MS;
        loop {
            let engine = engine.clone();
            let next = Arc::new(Mutex::new(None));
            let (found, store) = (next.clone(), self.store.clone());
            self.spawn(async move {
                let limits = DrainLimits { max: 10_000, deadline_ms: 3_600_000 };
                let drained = engine.drain(limits).await;
                *lock(&found) = Some(store.next_due().await.ok().flatten());
                drained.err().map(|error| format!("drain failed in calm times: {error}"))
            });
            let done = |next: &Arc<Mutex<Option<Option<i64>>>>| lock(next).is_some();
            for _ in 0..MAX_TURNS {
                self.turn_once();
                if done(&next) {
                    break;
                }
            }
            let next_due = *lock(&next);
            let next_happening = lock(&self.world).next_at();
            let Some(next_due) = next_due else {
                lock(&self.violations).push("I6: drain does not end in calm times".to_owned());
                return;
            };
            let Some(at) = next_due.into_iter().chain(next_happening).min() else { return };
            if at > deadline {
                lock(&self.violations).push("I6: something still waits after 80 hours".to_owned());
                return;
            }
            self.turn_until(at.max(self.clock.now_ms()));
        }
    }

    /// One happening, or one step of the clock.
    fn turn_once(&mut self) {
        self.pool.run_until_stalled();
        let due = lock(&self.world).pop_due(self.clock.now_ms());
        if let Some(happening) = due {
            self.happen(happening);
            self.pool.run_until_stalled();
            return;
        }
        let next = [self.clock.next_wake(), lock(&self.world).next_at()].into_iter().flatten().min();
        if let Some(next) = next {
            self.clock.advance_to(next);
            self.pool.run_until_stalled();
        }
    }

    fn reconcile(&mut self, engine: &Engine) {
        // What was changed last must be in the lists.
        self.turn_until(self.clock.now_ms() + self.plan.search_lag_ms + 1_000);
        let done = Arc::new(Mutex::new(false));
        let (flag, reconciler) = (done.clone(), engine.clone());
        self.spawn(async move {
            let result = reconciler.reconcile(None, ReconcileOptions::default()).await;
            *lock(&flag) = true;
            result.err().map(|error| format!("reconcile failed in calm times: {error}"))
        });
        for _ in 0..MAX_TURNS {
            self.turn_once();
            if *lock(&done) {
                break;
            }
        }
        self.settle(engine);
    }

    /// Writes GHL received so far, and status changes in the log.
    fn measure(&self) -> (usize, usize) {
        let world = lock(&self.world);
        let writes =
            world.ghl.received().filter(|r| r.method != "GET" && !r.path.ends_with("/search")).count();
        let events = futures::executor::block_on(self.store.events(0, usize::MAX)).unwrap_or_default();
        (writes, events.iter().filter(|event| event.kind == "status_changed").count())
    }

    /// An engine in a calm process: what it asks of the store succeeds at once.
    fn engine(&self) -> Engine {
        let transport = SimTransport::new(self.world.clone(), self.clock.clone(), None);
        self.assemble(Arc::new(self.store.clone()), transport)
    }

    fn engine_over(&self, store: SimStore) -> Engine {
        let transport = SimTransport::new(self.world.clone(), self.clock.clone(), Some(store.lease_seen()));
        self.assemble(Arc::new(store), transport)
    }

    #[allow(clippy::expect_used, reason = "the address is a constant")]
    fn assemble(&self, store: Arc<dyn Store>, transport: SimTransport) -> Engine {
        let tokens = StaticTokens::new().with(location(), Secret::new(TOKEN));
        let client = ClientBuilder::new(
            Arc::new(transport),
            Arc::new(self.clock.clone()),
            Arc::new(self.rng.clone()),
            Arc::new(tokens),
        )
        .base_url("https://ghl.invalid")
        .build()
        .expect("the client's settings are sound");
        Engine::new(
            self.config.clone(),
            client,
            store,
            Arc::new(self.clock.clone()),
            Arc::new(self.rng.clone()),
            None,
        )
    }
}
