//! Processes with clocks of their own that share one limit: they come, call, are cut off and come again.

use super::*;
use crate::{
    policy::rate_limit::{Claim, Fleet, GateReport, Grant, SharedGate},
    testing::SeededEntropy,
};

const BURST: u32 = 20;
const LIMITS: Limits = Limits { burst: BURST, interval_ms: 10_000, daily: 200_000 };
const TIMEOUT_MS: i64 = 3_000;
const TICK_MS: i64 = 20;

/// A claim on its way: what was read, and when that is to be written.
struct Flight {
    asked: i64,
    claim: Claim,
    read_at: i64,
    write_at: i64,
    read: Option<(u64, Fleet, Grant)>,
}

struct Process {
    name: String,
    window: Window,
    /// How far its clock is off.
    offset: i64,
    waiting: usize,
    served: usize,
    replies: Vec<(i64, Option<Slot>)>,
    flight: Option<Flight>,
    kept_up_at: i64,
}

struct World {
    random: SeededEntropy,
    now: i64,
    version: u64,
    fleet: Fleet,
    processes: Vec<Process>,
    arrivals: Vec<i64>,
    /// How slow store and GHL may be.
    slow_ms: u64,
    /// Until when GHL answers 429.
    refusing_until: i64,
    refused: usize,
    names: u32,
}

impl World {
    fn new(seed: u64, processes: usize, slow_ms: u64) -> Self {
        let mut world = Self {
            random: SeededEntropy::new(seed),
            now: 1_000_000,
            version: 0,
            fleet: Fleet::new(LIMITS),
            processes: Vec::new(),
            arrivals: Vec::new(),
            slow_ms,
            refusing_until: 0,
            refused: 0,
            names: 0,
        };
        for _ in 0..processes {
            let process = world.process();
            world.processes.push(process);
        }
        world
    }

    fn process(&mut self) -> Process {
        self.names += 1;
        Process {
            name: format!("p{}", self.names),
            window: Window::shared(LIMITS),
            offset: self.random.below(7_200_000) as i64 - 3_600_000,
            waiting: 0,
            served: 0,
            replies: Vec::new(),
            flight: None,
            kept_up_at: 0,
        }
    }

    fn pause(&self, most: u64) -> i64 {
        self.random.below(most + 1) as i64
    }

    fn run(&mut self, ms: i64, mut each: impl FnMut(&SeededEntropy, &mut Process)) {
        let end = self.now + ms;
        while self.now < end {
            self.now += TICK_MS;
            for at in 0..self.processes.len() {
                each(&self.random, &mut self.processes[at]);
                self.replies(at);
                self.claim(at);
                self.send(at);
            }
        }
    }

    fn replies(&mut self, at: usize) {
        let (now, refusing_until) = (self.now, self.refusing_until);
        let process = &mut self.processes[at];
        let local = now + process.offset;
        let (due, later) = process.replies.drain(..).partition::<Vec<_>, _>(|(when, _)| *when <= now);
        process.replies = later;
        for slot in due.into_iter().filter_map(|(_, slot)| slot) {
            // Every tenth reply is lost.
            if self.random.chance(0.1) {
                process.window.lost(slot);
                continue;
            }
            process.window.answered(slot, local);
            if now < refusing_until {
                self.refused += 1;
                process.window.refused(local, local + 2_000, &RateHeaders::default());
            } else {
                process.served += 1;
            }
        }
    }

    fn claim(&mut self, at: usize) {
        let (read_in, write_in) = (self.pause(self.slow_ms), self.pause(self.slow_ms));
        let (now, version) = (self.now, self.version);
        let process = &mut self.processes[at];
        let local = now + process.offset;
        if let Some(flight) = &mut process.flight {
            if flight.read.is_none() && flight.read_at <= now {
                let mut fleet = self.fleet.clone();
                let grant = fleet.claim(now, &process.name, &flight.claim);
                flight.read = Some((version, fleet, grant));
            }
            let Some((read, fleet, grant)) = flight.read.take_if(|_| flight.write_at <= now) else { return };
            if read == version {
                (self.version, self.fleet) = (version + 1, fleet);
                process.window.granted(flight.asked, local, &flight.claim, &grant);
                process.flight = None;
            } else {
                (flight.read_at, flight.write_at) = (now + read_in, now + read_in + write_in);
            }
            return;
        }
        let keep_up = process.waiting == 0 && now >= process.kept_up_at + 500;
        let waiting = process.waiting;
        let due = if waiting > 0 {
            process.window.claim_due(local, waiting, TIMEOUT_MS) || process.window.owes_report()
        } else {
            keep_up && process.window.holds_share(local) && process.window.claim_due(local, 0, 0)
        };
        if keep_up {
            process.kept_up_at = now;
        }
        if due {
            let timeout_ms = if waiting > 0 { TIMEOUT_MS } else { 0 };
            let claim = process.window.claim(local, waiting, timeout_ms);
            let (read_at, write_at) = (now + read_in, now + read_in + write_in);
            process.flight = Some(Flight { asked: local, claim, read_at, write_at, read: None });
        }
    }

    fn send(&mut self, at: usize) {
        while self.processes[at].waiting > 0 {
            let process = &mut self.processes[at];
            let Take::Slot(slot) = process.window.take(self.now + process.offset, TIMEOUT_MS) else { return };
            process.waiting -= 1;
            let reply = self.random.below(self.slow_ms.min(TIMEOUT_MS as u64) + 1) as i64;
            // Every tenth goes astray, and arrives only when its caller is about to give up.
            let astray = self.random.chance(0.1);
            let arrives = if astray { TIMEOUT_MS } else { self.random.below(reply as u64 + 1) as i64 };
            self.arrivals.push(self.now + arrives);
            process.replies.push((self.now + if astray { TIMEOUT_MS } else { reply }, Some(slot)));
        }
    }

    fn fullest(&self) -> usize {
        let mut arrivals = self.arrivals.clone();
        arrivals.sort_unstable();
        let inside =
            |from: usize| arrivals.partition_point(|at| *at <= arrivals[from] + LIMITS.interval_ms) - from;
        (0..arrivals.len()).map(inside).max().unwrap_or(0)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever the clocks say, however slow the store is, and whoever is cut off with requests on the way.
    #[test]
    fn no_interval_holds_more_than_the_limit_of_all(seed: u64, processes in 1_usize..7, slow_ms in 0_u64..2_000) {
        let mut world = World::new(seed, processes, slow_ms);
        for _ in 0..60 {
            world.run(2_000, |random, process| {
                if random.chance(0.02) {
                    process.waiting += random.below(BURST.into()) as usize;
                }
            });
            if world.random.chance(0.3) {
                let at = world.random.below(world.processes.len() as u64) as usize;
                world.processes[at] = world.process();
            }
        }
        prop_assert!(world.fullest() <= BURST as usize, "{} in one interval", world.fullest());
    }

    /// 429s shut the gate for all: one probe at a time, and everybody goes on soon after the first reply.
    #[test]
    fn a_shut_gate_is_shut_for_all(seed: u64, processes in 1_usize..7) {
        let mut world = World::new(seed, processes, 20);
        world.run(1_000, |_, process| process.waiting = 2);
        world.refusing_until = world.now + 60_000;
        world.run(60_000, |_, process| process.waiting = 2);
        // What was on the way, and a probe every two seconds; some of these are lost.
        prop_assert!(world.refused <= BURST as usize + 30, "{} refused", world.refused);
        let before: Vec<usize> = world.processes.iter().map(|process| process.served).collect();
        world.run(30_000, |_, process| process.waiting = 2);
        for (process, before) in world.processes.iter().zip(before) {
            prop_assert!(process.served > before, "{} was not served again", process.name);
        }
    }
}

#[test]
fn a_full_fleet_uses_the_limit_and_shares_it_fairly() {
    for processes in [1, 4, 8, 30] {
        let mut world = World::new(7, processes, 20);
        world.run(60_000, |_, process| process.waiting = 5);
        let (before, from): (Vec<usize>, i64) =
            (world.processes.iter().map(|process| process.served).collect(), world.now);
        world.run(300_000, |_, process| process.waiting = 5);
        let sent = world.arrivals.iter().filter(|at| **at >= from).count();
        // A slot is busy for an interval and its reply, and a tenth of the replies take three seconds.
        let most = 300_000 * BURST as usize / (10_000 + 20 + 300);
        assert!(sent * 100 >= most * 93, "{processes} processes: {sent} of {most}");
        let served: Vec<usize> =
            world.processes.iter().zip(before).map(|(process, before)| process.served - before).collect();
        let (least, most) = (*served.iter().min().unwrap(), *served.iter().max().unwrap());
        // More processes than slots take turns.
        let unfair = if processes > BURST as usize { least * 6 } else { least * 6 / 5 };
        assert!(most <= unfair + 10, "{processes} processes: {served:?}");
        assert!(world.fullest() <= BURST as usize);
    }
}

#[test]
fn what_a_quiet_process_had_is_soon_for_others() {
    let mut world = World::new(1, 2, 20);
    world.processes[0].waiting = BURST as usize;
    world.run(1_000, |_, _| ());
    assert_eq!(world.arrivals.len(), BURST as usize);
    world.processes[1].waiting = BURST as usize;
    world.run(15_000, |_, _| ());
    assert_eq!(world.processes[1].waiting, 0, "its slots were free after an interval, and it gave them back");
    // Without a process that gives back: its share ends, and what it may have sent.
    let mut world = World::new(1, 2, 20);
    world.processes[0].waiting = BURST as usize;
    world.run(1_000, |_, _| ());
    world.processes[0] = world.process();
    world.processes[1].waiting = BURST as usize;
    world.run(20_000, |_, _| ());
    assert_eq!(world.processes[1].waiting, 0);
    assert!(world.fullest() <= BURST as usize);
}

#[test]
fn an_idle_location_costs_nothing() {
    let mut world = World::new(1, 1, 20);
    world.processes[0].waiting = 3;
    world.run(30_000, |_, _| ());
    let version = world.version;
    world.run(60_000, |_, _| ());
    assert_eq!(world.version, version, "nobody holds anything");
    assert!(version <= 6, "{version} claims for three calls");
}

#[test]
fn limits_and_days_are_known_to_all() {
    let mut fleet = Fleet::new(LIMITS);
    let sandbox = Limits { burst: 5, interval_ms: 10_000, daily: 10_000 };
    let told = Claim {
        wanted: 1,
        timeout_ms: TIMEOUT_MS,
        sent: 3,
        limits: Some(sandbox),
        today: Some((9_990, 3_600_000)),
        ..Claim::default()
    };
    fleet.claim(1_000, "a", &told);
    let grant = fleet.claim(2_000, "b", &Claim { wanted: 50, sent: 4, ..Claim::default() });
    assert_eq!((grant.limits, grant.used_today, grant.day_ends_ms), (sandbox, 9_994, 3_599_000));
    assert_eq!((grant.slots, grant.keep, grant.free), (4, 4, 0));
    let refused = GateReport::Refused { for_ms: 3_598_000, daily: true };
    fleet.claim(3_000, "a", &Claim { gate: refused, ..Claim::default() });
    let grant = fleet.claim(4_000, "b", &Claim { gate: GateReport::Probe, ..Claim::default() });
    assert_eq!(grant.gate, SharedGate::Shut { for_ms: 3_597_000, daily: true });
    let kept: Fleet = serde_json::from_str(&serde_json::to_string(&fleet).unwrap()).unwrap();
    assert_eq!(kept, fleet);
}
