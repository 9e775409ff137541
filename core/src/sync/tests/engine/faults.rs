//! 500 faults, drawn from a seed: what health says of each is compared with what the guide says it must.

use std::sync::atomic::Ordering;

use super::host::*;
use crate::{
    api::locations,
    client::CallOptions,
    error::Code,
    ports::{
        Clock, TransportErrorKind, iso,
        store::{InboxStore, JobState, JobStore},
    },
    sync::{
        Check,
        CheckStatus::{self, Failing, Ok},
        DrainLimits, HealthLimits, HealthStatus,
    },
    testing::{SeededEntropy, Step},
};

const FAULTS: u64 = 500;
const MINUTE: i64 = 60_000;

/// How GHL is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ghl {
    Well,
    Failing(u16),
    Away,
    Broken,
    Silent,
    TokenUnknown,
    OtherLocation,
    ScopeMissing,
    Limited,
    NotFound,
}

const ALL: [Ghl; 12] = [
    Ghl::Well,
    Ghl::Well,
    Ghl::Failing(500),
    Ghl::Failing(503),
    Ghl::Away,
    Ghl::Broken,
    Ghl::Silent,
    Ghl::TokenUnknown,
    Ghl::OtherLocation,
    Ghl::ScopeMissing,
    Ghl::Limited,
    Ghl::NotFound,
];

impl Ghl {
    fn step(self) -> Step {
        match self {
            Ghl::Well => Step::reply(200, r#"{"pipelines":[],"location":{"id":"loc1"}}"#).after_ms(40),
            Ghl::Failing(status) => Step::reply(status, "{}").after_ms(40),
            Ghl::Away => Step::error(TransportErrorKind::Connect),
            Ghl::Broken => Step::error(TransportErrorKind::Broken).after_ms(40),
            Ghl::Silent => Step::silence(),
            Ghl::TokenUnknown => Step::reply(401, r#"{"message":"Invalid Private Integration token"}"#),
            Ghl::OtherLocation => {
                Step::reply(403, r#"{"message":"The token does not have access to this location."}"#)
            }
            Ghl::ScopeMissing => {
                Step::reply(401, r#"{"message":"The token is not authorized for this scope."}"#)
            }
            Ghl::Limited => Step::reply(429, "{}"),
            Ghl::NotFound => Step::reply(404, r#"{"message":"not found"}"#),
        }
    }

    /// What the guide calls an outage.
    fn failure(self) -> Option<Code> {
        match self {
            Ghl::Well | Ghl::ScopeMissing | Ghl::Limited | Ghl::NotFound => None,
            Ghl::Failing(_) => Some(Code::Server),
            Ghl::Away | Ghl::Broken => Some(Code::Network),
            Ghl::Silent => Some(Code::Timeout),
            Ghl::TokenUnknown => Some(Code::Unauthorized),
            Ghl::OtherLocation => Some(Code::WrongLocation),
        }
    }
}

/// One fault, and what must be said of it.
struct Scene {
    host: Host,
    draw: SeededEntropy,
    limits: HealthLimits,
}

impl Scene {
    fn new(seed: u64) -> Self {
        let draw = SeededEntropy::new(seed);
        let ms = |draw: &SeededEntropy| i64::try_from(draw.below(20)).unwrap() * MINUTE + 1;
        let limits = HealthLimits {
            queue_ms: ms(&draw),
            inbox_ms: ms(&draw),
            failing_ms: ms(&draw),
            dead: draw.chance(0.5).then(|| i64::try_from(draw.below(3)).unwrap()),
        };
        let host = if draw.chance(0.2) { Host::new() } else { Host::with_synced_order() };
        Self { host, draw, limits }
    }

    fn pass(&self, most_minutes: u64) {
        let most = most_minutes * 60_000;
        self.host.clock.advance(i64::try_from(self.draw.below(most)).unwrap());
    }

    /// Something happens to orders: they wait, fail, are given up, or come in step, some after others.
    fn orders(&self) {
        for n in 0..self.draw.below(5) {
            let number = format!("B-{n}");
            let order = order_of(&number, &format!("person{n}"), &format!("+3584012345{n:02}"));
            match self.draw.below(4) {
                0 => drop(self.host.run(self.host.engine.create_order(&order, WAIT_NOT)).unwrap()),
                1 => {
                    self.host.transport.otherwise(Ghl::Failing(503).step());
                    self.host.run(self.host.engine.create_order(&order, WAIT_NOT)).unwrap();
                    self.drain();
                }
                2 => {
                    self.host.transport.otherwise(Step::reply(400, r#"{"message":"bad"}"#));
                    self.host.run(self.host.engine.create_order(&order, WAIT_NOT)).unwrap();
                    self.drain();
                }
                _ => {
                    self.host.transport.otherwise(Ghl::Failing(503).step());
                    self.host.ghl([made_contact(&format!("con{n}")), made_opportunity(&format!("opp{n}"))]);
                    self.host.run(self.host.engine.create_order(&order, WAIT_NOT)).unwrap();
                    self.drain();
                }
            }
            self.pass(15);
        }
    }

    fn drain(&self) {
        self.host.run(self.host.engine.drain(DrainLimits::default())).unwrap();
    }

    fn webhooks(&self) {
        if self.draw.chance(0.4) {
            self.host.webhook(r#"{"type":"NoteCreate","locationId":"loc1"}"#).unwrap();
            self.pass(25);
            // Sometimes somebody applies it.
            if self.draw.chance(0.3) {
                self.host.transport.otherwise(Ghl::Failing(503).step());
                self.drain();
            }
        }
    }

    /// Calls GHL while it is so; when the answer came.
    fn call(&self, ghl: Ghl) -> i64 {
        self.host.transport.otherwise(ghl.step());
        let (engine, id) = (&self.host.engine, here());
        let options = CallOptions { tries: Some(1), ..CallOptions::default() };
        let get = locations::get(&id);
        drop(self.host.run(engine.client().call(&id, &get, &options)));
        self.host.clock.now_ms()
    }

    /// What the guide says of queue, last sync and inbox, from the rows one by one.
    fn expected(&self, now: i64) -> [(CheckStatus, Option<i64>); 3] {
        let jobs = self.host.run(self.host.store.rows.jobs(Default::default())).unwrap();
        let inbox = self.host.run(self.host.store.rows.pending_inbox(0, 1_000)).unwrap();
        let open = || jobs.iter().filter(|job| matches!(job.state, JobState::Waiting | JobState::Leased));
        let dead = jobs.iter().filter(|job| job.state == JobState::Dead).count();
        let done = jobs.iter().filter(|job| job.state == JobState::Done).map(|job| job.due_at).max();

        let late = open().map(|job| job.due_at).min().filter(|due| now - due > self.limits.queue_ms);
        let many = self.limits.dead.is_some_and(|most| i64::try_from(dead).unwrap() > most);
        let queue = if late.is_some() || many { (Failing, late) } else { (Ok, None) };

        let unanswered =
            open().filter_map(|job| job.first_failed_at).filter(|at| done.is_none_or(|done| *at > done));
        let failing = unanswered.min().filter(|since| now - since > self.limits.failing_ms);
        let last_sync = if failing.is_some() { (Failing, failing) } else { (Ok, done) };

        let oldest = inbox.iter().map(|row| row.received_at).min();
        let waits = oldest.is_some_and(|at| now - at > self.limits.inbox_ms);
        [queue, last_sync, (if waits { Failing } else { Ok }, oldest)]
    }
}

fn said(check: &Check) -> (CheckStatus, Option<String>) {
    (check.status, check.since.clone())
}

#[test]
fn of_500_faults_none_is_judged_wrongly() {
    let (mut degraded, mut codes) = (0, std::collections::BTreeMap::new());
    for seed in 0..FAULTS {
        let scene = Scene::new(seed);
        let (host, draw) = (&scene.host, &scene.draw);
        scene.orders();
        scene.webhooks();

        // How GHL was found last, for how long it has been like this, and how it is now that nobody looks.
        let pick = || ALL[usize::try_from(draw.below(12)).unwrap()];
        host.clock.advance(10 * MINUTE);
        scene.call(Ghl::Well);
        host.clock.advance(11_000);
        let (was, now_is) = (pick(), pick());
        let mut since = scene.call(was);
        if was.failure().is_some() && draw.chance(0.5) {
            host.clock.advance(11_000);
            scene.call(was);
        }
        let fresh = draw.chance(0.5);
        host.clock.advance(if fresh { 15_000 } else { 45_000 });
        host.transport.otherwise(now_is.step());
        let down = draw.chance(0.15);
        host.store.down.store(down, Ordering::Relaxed);
        host.requests();

        let asked_at = host.clock.now_ms();
        let health = host.run(host.engine.health(scene.limits));
        let now = host.clock.now_ms();
        let calls = host.requests().len();
        host.store.down.store(false, Ordering::Relaxed);

        let what =
            format!("seed {seed}: was {was:?}, is {now_is:?}, fresh {fresh}, down {down}: {health:#?}");
        assert_eq!(calls, usize::from(!fresh), "{what}");
        let found = if fresh { was } else { now_is };
        let ghl = &health.checks.ghl_api;
        assert_eq!(ghl.status, if found.failure().is_none() { Ok } else { Failing }, "{what}");
        if let Some(code) = found.failure() {
            assert!(ghl.detail.contains(code.as_str()), "{what}");
            if !fresh && was.failure().is_none() {
                since = now;
            }
            assert_eq!(ghl.since, Some(iso(since)), "{what}");
        }
        let checks = [&health.checks.sync_queue, &health.checks.last_sync, &health.checks.webhook_listener];
        if down {
            assert!(checks.iter().all(|check| said(check) == (Failing, None)), "{what}");
        } else {
            // The verdicts are of the moment after GHL was asked.
            for (check, (status, since)) in checks.into_iter().zip(scene.expected(now)) {
                assert_eq!(said(check), (status, since.map(iso)), "{what}");
            }
        }
        assert!(now - asked_at <= 5_000, "{what}");
        let all_well = ghl.status == Ok && checks_of(&health).iter().all(|status| *status == Ok);
        assert_eq!(health.status == HealthStatus::Healthy, all_well, "{what}");
        degraded += u64::from(!all_well);
        *codes.entry(format!("{found:?}")).or_insert(0) += 1;
    }
    assert!((FAULTS / 10..FAULTS).contains(&degraded), "both are seen: {degraded}");
    assert!(codes.len() >= 11 && codes.values().all(|seen| *seen > 5), "all are seen: {codes:?}");
}

fn checks_of(health: &crate::sync::Health) -> [CheckStatus; 3] {
    let checks = &health.checks;
    [checks.webhook_listener.status, checks.sync_queue.status, checks.last_sync.status]
}

#[test]
fn a_limit_that_is_used_up_before_anything_was_asked_is_no_outage() {
    let host = Host::new();
    host.transport.otherwise(Ghl::Limited.step());
    let health = host.run(host.engine.health(HealthLimits::default()));
    assert_eq!(health.checks.ghl_api.status, Ok, "a 429 is an answer: {health:?}");
}
