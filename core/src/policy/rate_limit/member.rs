use super::{
    Limits, SHARE_MS, Window,
    share::{Claim, GateReport, Grant, SharedGate},
    window::Gate,
};

/// How often a share is claimed anew while it is used.
const RENEW_MS: i64 = 1_000;
/// How soon one who has not enough asks again, where others have all.
const ASK_MS: i64 = 250;

/// The part of a window that is shared: this process's slots of the location's.
#[derive(Debug, Clone)]
pub(super) struct Member {
    slots: u32,
    keep: u32,
    free: u32,
    /// What was asked for.
    wanted: u32,
    until: i64,
    claimed_at: i64,
    timeout_ms: i64,
    /// Slots given back, but not yet told of: when they are free.
    cooling: Vec<i64>,
    sent: u32,
    learned_limits: bool,
    learned_today: bool,
    /// `for_ms` is a time here.
    report: GateReport,
    may_probe: bool,
}

impl Member {
    fn new() -> Self {
        Self {
            slots: 0,
            keep: 0,
            free: 0,
            wanted: 0,
            until: i64::MIN,
            claimed_at: i64::MIN,
            timeout_ms: 0,
            cooling: Vec::new(),
            sent: 0,
            learned_limits: false,
            learned_today: false,
            report: GateReport::Nothing,
            may_probe: false,
        }
    }

    pub(super) fn slots(&self) -> u32 {
        self.slots
    }

    pub(super) fn may_send(&self, now: i64, timeout_ms: i64, is_open: bool) -> bool {
        now < self.until && timeout_ms <= self.timeout_ms && (is_open || self.may_probe)
    }

    pub(super) fn sent(&mut self) {
        self.sent = self.sent.saturating_add(1);
        self.may_probe = false;
    }

    pub(super) fn unsent(&mut self) {
        self.sent = self.sent.saturating_sub(1);
    }

    pub(super) fn learned(&mut self, limits: bool, today: bool) {
        self.learned_limits |= limits;
        self.learned_today |= today;
    }

    pub(super) fn report(&mut self, report: GateReport) {
        self.report = report;
    }
}

impl Window {
    /// A window of which this process has only what it is granted.
    pub fn shared(limits: Limits) -> Self {
        let mut window = Self::new(limits);
        window.member = Some(Member::new());
        window
    }

    /// Whether the share should be claimed, for so many callers that wait, one of whom gives up after `timeout_ms`.
    pub fn claim_due(&self, now: i64, waiting: usize, timeout_ms: i64) -> bool {
        self.member.is_some() && self.next_claim(now, waiting, timeout_ms) <= now
    }

    /// When the share should be claimed next.
    pub fn next_claim(&self, now: i64, waiting: usize, timeout_ms: i64) -> i64 {
        let Some(member) = &self.member else { return i64::MAX };
        let idle = (self.slots() as usize).saturating_sub(self.busy.len());
        let is_short = waiting > idle;
        let at_once = member.until <= now
            || self.owes_report()
            || (waiting > 0 && timeout_ms > member.timeout_ms)
            || (is_short && member.free > 0 && self.busy.len() + waiting > member.wanted as usize)
            || (member.slots > member.keep && self.can_give(now));
        if at_once {
            return now;
        }
        let pause = if is_short { ASK_MS } else { RENEW_MS };
        member.claimed_at.saturating_add(pause)
    }

    /// Whether the others should hear at once of a gate that was shut or opened.
    pub fn owes_report(&self) -> bool {
        self.member.as_ref().is_some_and(|member| member.report != GateReport::Nothing)
    }

    /// Whether anything is held for this process, that would be of use to others.
    pub fn holds_share(&self, now: i64) -> bool {
        self.member.as_ref().is_some_and(|member| member.slots > 0 && member.until > now)
    }

    /// What to tell and to ask of the others, at `now`. What is given back is not used from here on; the claim is
    /// repeated as it is until [`Window::granted`].
    pub fn claim(&mut self, now: i64, waiting: usize, timeout_ms: i64) -> Claim {
        self.forget_past(now);
        let (busy, limits) = (&mut self.busy, self.limits);
        let Some(member) = &mut self.member else { return Claim::default() };
        let idle = member.slots.saturating_sub(count(busy.len()));
        let mut excess = member.slots.saturating_sub(member.keep);
        member.slots -= excess.min(idle);
        excess -= excess.min(idle);
        // Those whose request has been answered, soonest free first.
        let answered = now.saturating_add(limits.interval_ms);
        while excess > 0
            && let Some(first) = busy.first().copied()
            && first.0 <= answered
        {
            busy.remove(&first);
            member.cooling.push(first.0);
            member.slots -= 1;
            excess -= 1;
        }
        let in_use = count(busy.len());
        let wanted = if waiting > 0 || member.sent > 0 {
            // A tenth more, so that not every call has to ask.
            in_use.saturating_add(count(waiting)).saturating_add((limits.burst / 10).max(1))
        } else {
            count(busy.iter().filter(|(free_at, _)| *free_at > answered).count())
        };
        // Those that are under way may take as long as they were given. A longer one waits for the grant.
        let timeout_ms = if in_use == 0 { timeout_ms } else { member.timeout_ms.max(timeout_ms) };
        member.timeout_ms = member.timeout_ms.min(timeout_ms);
        let gate = match (member.report, self.gate) {
            (GateReport::Refused { for_ms: until, daily }, _) => {
                GateReport::Refused { for_ms: until.saturating_sub(now), daily }
            }
            (
                GateReport::Nothing,
                Gate::Shut { until, .. } | Gate::Elsewhere { until } | Gate::Probing { deadline: until, .. },
            ) if until <= now && waiting > 0 => GateReport::Probe,
            (report, _) => report,
        };
        Claim {
            held: member.slots,
            wanted,
            timeout_ms,
            cooling: member.cooling.iter().map(|free_at| (free_at.saturating_sub(now), 1)).collect(),
            sent: member.sent,
            limits: member.learned_limits.then_some(limits),
            today: member.learned_today.then(|| (self.used_today, self.day_ends.saturating_sub(now))),
            gate,
        }
    }

    /// The answer to a claim that was made at `asked`.
    pub fn granted(&mut self, asked: i64, now: i64, claim: &Claim, grant: &Grant) {
        let Some(member) = &mut self.member else { return };
        member.slots = grant.slots;
        member.keep = grant.keep;
        member.free = grant.free;
        member.wanted = claim.wanted;
        // The store saw the claim after it was made, so the share ends no earlier there.
        member.until = asked.saturating_add(grant.for_ms.min(SHARE_MS));
        member.claimed_at = asked;
        member.timeout_ms = claim.timeout_ms;
        member.cooling.clear();
        member.sent = member.sent.saturating_sub(claim.sent);
        member.learned_limits &= claim.limits.is_none();
        member.learned_today &= claim.today.is_none();
        if !member.learned_limits {
            self.limits = grant.limits;
        }
        if !member.learned_today {
            self.used_today = grant.used_today.saturating_add(member.sent);
            self.day_ends = now.saturating_add(grant.day_ends_ms);
        }
        let told = match member.report {
            GateReport::Refused { for_ms: until, daily } => {
                claim.gate == GateReport::Refused { for_ms: until.saturating_sub(asked), daily }
            }
            report => report == GateReport::Nothing || report == claim.gate,
        };
        if !told {
            // Something newer than the claim, which the next one tells.
            return;
        }
        member.report = GateReport::Nothing;
        let is_probing = matches!(self.gate, Gate::Probing { .. });
        match grant.gate {
            SharedGate::Probe if is_probing => {}
            SharedGate::Probe => {
                member.may_probe = true;
                self.gate = Gate::Shut { until: i64::MIN, daily: false };
            }
            SharedGate::Open => self.gate = Gate::Open,
            SharedGate::Shut { for_ms, daily } => {
                self.gate = Gate::Shut { until: now.saturating_add(for_ms), daily };
            }
            SharedGate::Probing { for_ms } => {
                self.gate = Gate::Elsewhere { until: now.saturating_add(for_ms.min(2 * ASK_MS)) };
            }
        }
    }

    fn can_give(&self, now: i64) -> bool {
        let idle = self.busy.len() < self.slots() as usize;
        let answered = now.saturating_add(self.limits.interval_ms);
        idle || self.busy.first().is_some_and(|(free_at, _)| *free_at <= answered)
    }
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
