use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    DAY_MS, Limits,
    share::{Claim, GateReport, Grant, SharedGate},
};

/// How long requests may be sent on a share that is not claimed anew. A process that is well claims it every second.
pub const SHARE_MS: i64 = 5_000;

/// A location's limit as all processes see it that share a store. Each holds a share of its slots: their sum is never
/// more than the limit. Times are epoch milliseconds of the store's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    limits: Limits,
    used_today: u32,
    day_ends: i64,
    gate: Gate,
    members: BTreeMap<String, Member>,
    /// Slots of nobody, by when they are free.
    cooling: BTreeMap<i64, u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Member {
    slots: u32,
    wanted: u32,
    /// It sends nothing from then on, unless it claims its share anew.
    until: i64,
    timeout_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Gate {
    Open,
    Shut { until: i64, daily: bool },
    Probing { member: String, until: i64 },
}

impl Fleet {
    /// A location that nobody has called yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            used_today: 0,
            day_ends: i64::MIN,
            gate: Gate::Open,
            members: BTreeMap::new(),
            cooling: BTreeMap::new(),
        }
    }

    /// A location that others may be calling in a way that is not known: nothing is free before they must have ended.
    pub fn in_use(limits: Limits, now: i64) -> Self {
        let ends = now.saturating_add(3 * SHARE_MS).saturating_add(limits.interval_ms);
        Self { cooling: BTreeMap::from([(ends, limits.burst)]), ..Self::new(limits) }
    }

    /// Takes down what a member says, and gives it its share.
    pub fn claim(&mut self, now: i64, member: &str, claim: &Claim) -> Grant {
        self.forget_past(now);
        self.learn(now, claim);
        self.turn_gate(now, member, claim);
        for (free_in, count) in &claim.cooling {
            let slots = self.cooling.entry(now.saturating_add((*free_in).max(0))).or_default();
            *slots = slots.saturating_add(*count);
        }
        // One who was forgotten holds nothing any more, whatever it believes.
        let held = self.members.remove(member).map_or(0, |known| known.slots.min(claim.held));
        let fair = self.fair(now, member, claim.wanted);
        let free = self.free().saturating_sub(held);
        // What is held stays held until it is given back; more is given out of what is free.
        let slots = held.saturating_add(fair.saturating_sub(held).min(free));
        if slots > 0 || claim.wanted > 0 {
            let until = now.saturating_add(SHARE_MS);
            let timeout_ms = claim.timeout_ms.max(0);
            let kept = Member { slots, wanted: claim.wanted, until, timeout_ms };
            self.members.insert(member.to_owned(), kept);
        }
        Grant {
            slots,
            keep: slots.min(fair),
            free: self.free(),
            for_ms: SHARE_MS,
            limits: self.limits,
            used_today: self.used_today,
            day_ends_ms: self.day_ends.saturating_sub(now),
            gate: self.gate_for(now, member),
        }
    }

    /// Slots that are neither held nor cooling.
    fn free(&self) -> u32 {
        let held = self.members.values().map(|member| member.slots);
        let taken = held.chain(self.cooling.values().copied()).fold(0, u32::saturating_add);
        self.limits.burst.saturating_sub(taken)
    }

    /// A member's share: what it wants, or where all want more than there is, as much as anybody gets. What cannot be
    /// divided goes from one to the next with every interval.
    fn fair(&self, now: i64, name: &str, wanted: u32) -> u32 {
        if wanted == 0 {
            return 0;
        }
        let others = self.members.iter().filter(|(_, member)| member.until > now && member.wanted > 0);
        let mut all: Vec<(&str, u32)> =
            others.map(|(other, member)| (other.as_str(), member.wanted)).collect();
        all.push((name, wanted));
        all.sort_unstable();
        let round = now.div_euclid(self.limits.interval_ms.max(1));
        let turn = usize::try_from(round.rem_euclid(all.len() as i64)).unwrap_or_default();
        all.rotate_left(turn);
        // Whoever wants least is given first, so that the others divide what it leaves.
        all.sort_by_key(|(_, wanted)| *wanted);
        let mut left = self.limits.burst;
        for (given_to, (other, wanted)) in all.iter().enumerate() {
            let rest = u32::try_from(all.len() - given_to).unwrap_or(u32::MAX);
            // The first of those who want as much get what is over.
            let given = (*wanted).min(left.div_ceil(rest));
            if *other == name {
                return given;
            }
            left -= given;
        }
        0
    }

    fn learn(&mut self, now: i64, claim: &Claim) {
        self.used_today = self.used_today.saturating_add(claim.sent);
        if let Some(limits) = claim.limits {
            self.limits = limits;
        }
        if let Some((used, ends_in)) = claim.today {
            let is_new_day = used.saturating_add(self.limits.burst) < self.used_today;
            if used > self.used_today || is_new_day {
                self.used_today = used;
            }
            self.day_ends = now.saturating_add(ends_in);
        }
    }

    fn turn_gate(&mut self, now: i64, member: &str, claim: &Claim) {
        let is_probe = matches!(&self.gate, Gate::Probing { member: other, .. } if other == member);
        self.gate = match (claim.gate, &self.gate) {
            (GateReport::Refused { for_ms, daily }, gate) => {
                let until = now.saturating_add(for_ms.max(0));
                match gate {
                    Gate::Shut { until: later, .. } if *later >= until => return,
                    _ => Gate::Shut { until, daily },
                }
            }
            (GateReport::Answered, Gate::Probing { .. }) if is_probe => Gate::Open,
            (GateReport::Probe, Gate::Shut { until, .. } | Gate::Probing { until, .. })
                if is_probe || *until <= now =>
            {
                Gate::Probing {
                    member: member.to_owned(),
                    until: now.saturating_add(claim.timeout_ms.max(0)),
                }
            }
            _ => return,
        };
    }

    fn gate_for(&self, now: i64, name: &str) -> SharedGate {
        match &self.gate {
            Gate::Open => SharedGate::Open,
            Gate::Shut { until, daily } => {
                SharedGate::Shut { for_ms: until.saturating_sub(now).max(0), daily: *daily && *until > now }
            }
            Gate::Probing { member, .. } if member == name => SharedGate::Probe,
            Gate::Probing { until, .. } => SharedGate::Probing { for_ms: until.saturating_sub(now).max(0) },
        }
    }

    fn forget_past(&mut self, now: i64) {
        let interval = self.limits.interval_ms.saturating_add(1);
        // A member that fell silent may have sent until its share ended, and that may arrive until its time-out.
        self.members.retain(|_, member| {
            let last_arrival = member.until.saturating_add(member.timeout_ms);
            last_arrival.saturating_add(interval) > now
        });
        self.cooling.retain(|free_at, _| *free_at > now);
        if now >= self.day_ends {
            self.day_ends = now.saturating_add(DAY_MS);
            self.used_today = 0;
        }
    }
}
