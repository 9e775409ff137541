use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{DAY_MS, RateHeaders, member::Member, share::GateReport};

/// Where GHL does not say when the day's limit ends, it is asked again after this long.
const DAILY_RECHECK_MS: i64 = 60 * 60 * 1000;
/// Whoever announces more than this is believed to mean no limit; the window's memory stays bounded.
const MAX_BURST: u32 = 10_000;

/// The limits of one location (HighLevel docs: Rate Limits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Requests in any interval. Default 100.
    pub burst: u32,
    /// The interval, in milliseconds. Default 10,000.
    pub interval_ms: i64,
    /// Requests a day. Default 200,000.
    pub daily: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { burst: 100, interval_ms: 10_000, daily: 200_000 }
    }
}

/// The right to send one request now. It is settled by exactly one of [`Window::answered`],
/// [`Window::lost`] and [`Window::unsent`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    id: u64,
    deadline: i64,
    held_until: i64,
}

/// The answer to a request for a slot. Times are epoch milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// Send now.
    Slot(Slot),
    /// The burst limit is reached or the gate is shut; nothing is free before `until`.
    Wait {
        /// When to ask again.
        until: i64,
    },
    /// A probe is under way; its reply decides, or its loss, at `until` at the latest.
    Probing {
        /// When to ask again, if the probe was not settled before.
        until: i64,
    },
    /// The daily limit is reached.
    Daily {
        /// When to ask again.
        until: i64,
    },
    /// Nothing without a share of the limit, which is to be claimed when that is due.
    Claim,
}

/// After a 429 nothing leaves until a time; then one probe does, and its reply opens the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    Shut {
        until: i64,
        daily: bool,
    },
    Probing {
        slot: u64,
        deadline: i64,
    },
    /// Another process's probe is under way; time to ask what came of it.
    Elsewhere {
        until: i64,
    },
}

/// The window of one location. It never reads a clock.
///
/// A request reaches GHL some time between leaving and its reply. So a slot is busy from the request until
/// an interval after the reply, or after the timeout where none came: then no two requests of one slot
/// fall into one interval, wherever that interval begins.
#[derive(Debug, Clone)]
pub struct Window {
    pub(super) limits: Limits,
    /// When each busy slot is free again, and its id; those that others use, too.
    pub(super) busy: BTreeSet<(i64, u64)>,
    next_id: u64,
    pub(super) gate: Gate,
    pub(super) used_today: u32,
    pub(super) day_ends: i64,
    /// Where the limit is shared with other processes.
    pub(super) member: Option<Member>,
}

impl Window {
    /// An unused window.
    pub fn new(limits: Limits) -> Self {
        let burst = limits.burst.clamp(1, MAX_BURST);
        let limits = Limits { burst, interval_ms: limits.interval_ms.max(1), ..limits };
        Self {
            limits,
            busy: BTreeSet::new(),
            next_id: 0,
            gate: Gate::Open,
            used_today: 0,
            day_ends: i64::MIN,
            member: None,
        }
    }

    /// The limits as GHL's replies have corrected them.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Asks for a slot for a request that is given up `timeout_ms` from now.
    pub fn take(&mut self, now: i64, timeout_ms: i64) -> Take {
        self.forget_past(now);
        match self.gate {
            Gate::Shut { until, daily: true } if now < until => return Take::Daily { until },
            Gate::Shut { until, daily: false } if now < until => return Take::Wait { until },
            Gate::Probing { deadline: until, .. } | Gate::Elsewhere { until } if now < until => {
                return Take::Probing { until };
            }
            _ => {}
        }
        if self
            .member
            .as_ref()
            .is_some_and(|member| !member.may_send(now, timeout_ms, self.gate == Gate::Open))
        {
            return Take::Claim;
        }
        if self.used_today >= self.limits.daily {
            return Take::Daily { until: self.day_ends };
        }
        let until = self.free_at(now, 0);
        if self.slots() == 0 {
            return Take::Claim;
        }
        if until > now {
            return Take::Wait { until };
        }
        let deadline = now.saturating_add(timeout_ms.max(0));
        let slot = Slot { id: self.next_id, deadline, held_until: self.free_after(deadline) };
        self.hold(slot.held_until);
        self.used_today = self.used_today.saturating_add(1);
        if self.gate != Gate::Open {
            self.gate = Gate::Probing { slot: slot.id, deadline };
        }
        if let Some(member) = &mut self.member {
            member.sent();
        }
        Take::Slot(slot)
    }

    /// The earliest time at which a slot can be free for one who has `ahead` others before it.
    pub fn free_at(&self, now: i64, ahead: usize) -> i64 {
        let gate = match self.gate {
            Gate::Shut { until, .. } => until.max(now),
            Gate::Open | Gate::Probing { .. } | Gate::Elsewhere { .. } => now,
        };
        let burst = self.slots() as usize;
        if burst == 0 {
            return gate;
        }
        // So many busy slots must fall free before this one's turn.
        let Some(nth) = (self.busy.len() + ahead).checked_sub(burst) else { return gate };
        // One that is in flight is free an interval from now if its reply comes this moment.
        let soonest = self.free_after(now);
        let at = self.busy.iter().nth(nth % burst).map_or(soonest, |(at, _)| (*at).min(soonest));
        at.saturating_add(self.limits.interval_ms.saturating_mul((nth / burst) as i64)).max(gate)
    }

    /// The reply is there.
    pub fn answered(&mut self, slot: Slot, now: i64) {
        self.busy.remove(&(slot.held_until, slot.id));
        self.busy.insert((self.free_after(now), slot.id));
        if self.probed_by(slot) {
            self.gate = Gate::Open;
            self.report(GateReport::Answered);
        }
    }

    /// No reply will be seen, but the request may still arrive until its deadline: the slot stays busy as
    /// if it had been answered then. A probe that is lost leaves its place to the next.
    pub fn lost(&mut self, slot: Slot) {
        if self.probed_by(slot) {
            self.gate = Gate::Shut { until: i64::MIN, daily: false };
        }
    }

    /// The request surely never left: the slot is free at once.
    pub fn unsent(&mut self, slot: Slot) {
        self.busy.remove(&(slot.held_until, slot.id));
        self.used_today = self.used_today.saturating_sub(1);
        if let Some(member) = &mut self.member {
            member.unsent();
        }
        self.lost(slot);
    }

    /// A 429: nothing leaves before `until`, or, where the day is used up, before it ends. Returns when the
    /// gate lets a probe through.
    pub fn refused(&mut self, now: i64, until: i64, headers: &RateHeaders) -> i64 {
        let daily = headers.daily_remaining == Some(0);
        let day = headers.daily_reset_ms.unwrap_or(DAILY_RECHECK_MS);
        let until = if daily { now.saturating_add(day) } else { until };
        match self.gate {
            Gate::Shut { until: later, .. } if later > until => later,
            _ => {
                self.gate = Gate::Shut { until, daily };
                self.report(GateReport::Refused { for_ms: until, daily });
                until
            }
        }
    }

    /// Corrects the limits, and what others (another process with the same token) have used of them.
    pub fn correct(&mut self, now: i64, headers: &RateHeaders) {
        self.forget_past(now);
        let known = self.limits;
        if let Some(burst) = headers.burst {
            self.limits.burst = burst.min(MAX_BURST);
        }
        if let Some(interval_ms) = headers.interval_ms {
            self.limits.interval_ms = interval_ms;
        }
        if let Some(daily) = headers.daily {
            self.limits.daily = daily;
        }
        if let Some(remaining) = headers.remaining {
            // Our count is never below GHL's count of our own, so what is missing went to others.
            let ours = (self.slots() as usize).saturating_sub(self.busy.len());
            for _ in 0..ours.saturating_sub(remaining as usize) {
                self.hold(self.free_after(now));
            }
        }
        if let Some(remaining) = headers.daily_remaining {
            let used = self.limits.daily.saturating_sub(remaining);
            let day_is_new = used.saturating_add(self.limits.burst) < self.used_today;
            if used > self.used_today || day_is_new {
                self.used_today = used;
            }
            let ends = now.saturating_add(headers.daily_reset_ms.unwrap_or(DAILY_RECHECK_MS));
            if headers.daily_reset_ms.is_some() || (remaining == 0 && ends < self.day_ends) {
                self.day_ends = ends;
            }
        }
        if let Some(member) = &mut self.member {
            member.learned(known != self.limits, headers.daily_remaining.is_some());
        }
    }

    /// How many requests may be under way within an interval.
    pub(super) fn slots(&self) -> u32 {
        self.member.as_ref().map_or(self.limits.burst, |member| member.slots().min(self.limits.burst))
    }

    fn report(&mut self, report: GateReport) {
        if let Some(member) = &mut self.member {
            member.report(report);
        }
    }

    fn probed_by(&self, slot: Slot) -> bool {
        matches!(self.gate, Gate::Probing { slot: id, .. } if id == slot.id)
    }

    fn hold(&mut self, until: i64) {
        self.busy.insert((until, self.next_id));
        self.next_id += 1;
    }

    /// One millisecond more than the interval: clocks are read in whole ones.
    fn free_after(&self, at: i64) -> i64 {
        at.saturating_add(self.limits.interval_ms).saturating_add(1)
    }

    pub(super) fn forget_past(&mut self, now: i64) {
        while self.busy.first().is_some_and(|(until, _)| *until <= now) {
            self.busy.pop_first();
        }
        if now >= self.day_ends {
            self.day_ends = now.saturating_add(DAY_MS);
            self.used_today = 0;
        }
    }
}
