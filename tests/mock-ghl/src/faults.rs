//! Faults: which request or webhook goes wrong, and how. Decided from a seed, apart from any socket, so
//! that the server and a simulator misbehave alike.

use serde::Deserialize;

use crate::http::Request;
use crate::ids::Rng;

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The connection is reset before anything happens.
    ResetBefore,
    /// Everything happens and the reply is lost.
    ResetAfter,
    /// 429 although the allowance is not used up; nothing happens.
    TooMany,
    /// A reply with this status, usually a 5xx; nothing happens.
    Status(u16),
    /// It happens, and the reply is a 422 all the same.
    RefusedButDone,
    /// Nothing happens, and no reply ever comes.
    StallBefore,
    /// Everything happens, and the reply stops in its middle.
    StallWithin,
    /// Everything happens, and no reply ever comes.
    StallAfter,
}

impl Fault {
    /// Whether nothing happens, and nobody is told so.
    pub(crate) fn comes_before(self) -> bool {
        matches!(self, Self::ResetBefore | Self::StallBefore)
    }

    /// Whether the caller sees no reply, whatever happened.
    pub(crate) fn is_silent(self) -> bool {
        self.comes_before() || matches!(self, Self::ResetAfter | Self::StallAfter)
    }

    /// Whether the connection stays open in silence.
    #[cfg(feature = "server")]
    pub(crate) fn stalls(self) -> bool {
        matches!(self, Self::StallBefore | Self::StallWithin | Self::StallAfter)
    }
}

/// The n-th request that matches goes wrong; every other one is left alone by this rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which of the matching requests, counted from 1.
    pub nth: u32,
    /// Its method; empty matches all.
    #[serde(default)]
    pub method: String,
    /// The beginning of its path; empty matches all.
    #[serde(default)]
    pub path: String,
    /// What goes wrong; `None` leaves only the latency.
    #[serde(default)]
    pub fault: Option<Fault>,
    /// Extra latency in milliseconds.
    #[serde(default)]
    pub latency_ms: u64,
}

/// What goes wrong with webhooks: probabilities from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookFaults {
    /// Sent twice.
    pub duplicate: f64,
    /// Held back for up to `max_delay_ms`, so that later ones overtake it.
    pub reorder: f64,
    /// Never sent.
    pub drop: f64,
    /// The longest time a webhook is held back, in milliseconds.
    pub max_delay_ms: u64,
}

/// A seeded plan. Read from JSON with these names; all zero by default. Faults of requests are
/// probabilities from 0 to 1, tried in the order below.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultPlan {
    /// Seed of all draws.
    pub seed: u64,
    /// Least and greatest latency in milliseconds.
    pub latency_ms: (u64, u64),
    /// The method of the requests that the odds are for; empty means all.
    pub method: String,
    /// Odds of [`Fault::ResetBefore`].
    pub reset_before: f64,
    /// Odds of [`Fault::ResetAfter`].
    pub reset_after: f64,
    /// Odds of [`Fault::TooMany`].
    pub too_many: f64,
    /// Odds of a [`Fault::Status`] among 500, 502, 503 and 504.
    pub server_error: f64,
    /// Odds of [`Fault::RefusedButDone`], for creates of contacts and opportunities only.
    pub refused_but_done: f64,
    /// Odds of [`Fault::StallBefore`].
    pub stall_before: f64,
    /// Odds of [`Fault::StallWithin`].
    pub stall_within: f64,
    /// Odds of [`Fault::StallAfter`].
    pub stall_after: f64,
    /// Exact faults; they come before the odds.
    pub rules: Vec<FaultRule>,
    /// Faults of webhooks.
    pub webhooks: WebhookFaults,
}

impl FaultPlan {
    /// Reads a plan from JSON.
    ///
    /// # Errors
    /// Tells which property is unknown or malformed, or which number is no probability.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plan: Self = serde_json::from_str(text).map_err(|error| format!("fault plan: {error}"))?;
        let odds = [
            ("reset_before", plan.reset_before),
            ("reset_after", plan.reset_after),
            ("too_many", plan.too_many),
            ("server_error", plan.server_error),
            ("refused_but_done", plan.refused_but_done),
            ("stall_before", plan.stall_before),
            ("stall_within", plan.stall_within),
            ("stall_after", plan.stall_after),
            ("webhooks.duplicate", plan.webhooks.duplicate),
            ("webhooks.reorder", plan.webhooks.reorder),
            ("webhooks.drop", plan.webhooks.drop),
        ];
        match odds.iter().find(|(_, value)| !(0.0..=1.0).contains(value)) {
            Some((name, value)) => {
                Err(format!("fault plan: {name} is {value}, expected a probability from 0 to 1"))
            }
            None => Ok(plan),
        }
    }
}

/// The decision for one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// How long the request takes before anything else, in milliseconds.
    pub latency_ms: u64,
    /// What goes wrong; pass it to [`crate::Ghl::serve`].
    pub fault: Option<Fault>,
}

/// A plan under way.
#[derive(Clone, Debug)]
pub struct Faults {
    plan: FaultPlan,
    rng: Rng,
    /// How many requests each rule has matched so far.
    matched: Vec<u32>,
}

impl Faults {
    /// Starts a plan.
    pub fn new(plan: FaultPlan) -> Self {
        let (rng, matched) = (Rng::new(plan.seed), vec![0; plan.rules.len()]);
        Self { plan, rng, matched }
    }

    /// Decides about the next request.
    pub fn decide(&mut self, request: &Request) -> Decision {
        let (least, greatest) = self.plan.latency_ms;
        let mut latency_ms = least;
        if greatest > least {
            latency_ms += self.rng.below(greatest - least + 1);
        }
        let mut ruled = None;
        for (rule, matched) in self.plan.rules.iter().zip(&mut self.matched) {
            if rule.matches(request) {
                *matched = matched.saturating_add(1);
                if *matched == rule.nth {
                    latency_ms += rule.latency_ms;
                    ruled = ruled.or(rule.fault);
                }
            }
        }
        Decision { latency_ms, fault: ruled.or_else(|| self.draw(request)) }
    }

    fn draw(&mut self, request: &Request) -> Option<Fault> {
        let Self { plan, rng, .. } = self;
        if !plan.method.is_empty() && plan.method != request.method {
            return None;
        }
        if rng.chance(plan.reset_before) {
            Some(Fault::ResetBefore)
        } else if rng.chance(plan.reset_after) {
            Some(Fault::ResetAfter)
        } else if rng.chance(plan.too_many) {
            Some(Fault::TooMany)
        } else if rng.chance(plan.server_error) {
            Some(Fault::Status([500, 502, 503, 504].get(rng.below(4) as usize).copied().unwrap_or(500)))
        } else if creates(request) && rng.chance(plan.refused_but_done) {
            Some(Fault::RefusedButDone)
        } else if rng.chance(plan.stall_before) {
            Some(Fault::StallBefore)
        } else if rng.chance(plan.stall_within) {
            Some(Fault::StallWithin)
        } else if rng.chance(plan.stall_after) {
            Some(Fault::StallAfter)
        } else {
            None
        }
    }

    /// Decides about the next webhook: after how many milliseconds each copy leaves. Empty: dropped.
    pub fn deliveries(&mut self) -> Vec<u64> {
        let Self { plan: FaultPlan { webhooks: plan, .. }, rng, .. } = self;
        if rng.chance(plan.drop) {
            return Vec::new();
        }
        let copies = if rng.chance(plan.duplicate) { 2 } else { 1 };
        (0..copies)
            .map(|_| if rng.chance(plan.reorder) { 1 + rng.below(plan.max_delay_ms) } else { 0 })
            .collect()
    }
}

impl FaultRule {
    fn matches(&self, request: &Request) -> bool {
        (self.method.is_empty() || self.method.eq_ignore_ascii_case(&request.method))
            && request.path.starts_with(&self.path)
    }
}

/// Only these are known to be refused and yet done.
fn creates(request: &Request) -> bool {
    request.method == "POST" && ["/contacts/", "/opportunities/"].contains(&request.path.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(nth: u32, method: &str, path: &str, fault: Fault) -> FaultRule {
        FaultRule { nth, method: method.to_owned(), path: path.to_owned(), fault: Some(fault), latency_ms: 0 }
    }

    #[test]
    fn a_rule_hits_the_nth_match_only() {
        let mut faults = Faults::new(FaultPlan {
            rules: vec![
                rule(2, "PUT", "/opportunities/", Fault::Status(500)),
                rule(1, "", "/contacts/", Fault::ResetAfter),
            ],
            ..FaultPlan::default()
        });
        let put = Request::new("PUT", "/opportunities/x");
        let post = Request::new("POST", "/contacts/");
        assert_eq!(faults.decide(&put).fault, None);
        assert_eq!(faults.decide(&post).fault, Some(Fault::ResetAfter));
        assert_eq!(faults.decide(&post).fault, None);
        assert_eq!(faults.decide(&put).fault, Some(Fault::Status(500)));
        assert_eq!(faults.decide(&put).fault, None);
    }

    #[test]
    fn odds_repeat_with_the_seed_and_422_only_follows_a_post() {
        let plan = FaultPlan::parse(
            r#"{"seed": 5, "reset_before": 0.1, "reset_after": 0.1, "server_error": 0.2,
                "refused_but_done": 0.5, "latency_ms": [5, 9]}"#,
        )
        .unwrap();
        let run = |plan: &FaultPlan, method| {
            let mut faults = Faults::new(plan.clone());
            (0..500).map(|_| faults.decide(&Request::new(method, "/contacts/"))).collect::<Vec<_>>()
        };
        let posts = run(&plan, "POST");
        assert_eq!(posts, run(&plan, "POST"));
        assert_ne!(posts, run(&FaultPlan { seed: 6, ..plan.clone() }, "POST"));
        assert!(posts.iter().all(|decision| (5..=9).contains(&decision.latency_ms)));
        assert!(posts.iter().any(|decision| decision.fault == Some(Fault::RefusedButDone)));
        assert!(posts.iter().any(|decision| matches!(decision.fault, Some(Fault::Status(503)))));
        assert!(!run(&plan, "GET").iter().any(|decision| decision.fault == Some(Fault::RefusedButDone)));
    }

    #[test]
    fn webhooks_are_dropped_doubled_and_held_back() {
        let webhooks = WebhookFaults { duplicate: 0.3, reorder: 0.3, drop: 0.2, max_delay_ms: 50 };
        let mut faults = Faults::new(FaultPlan { webhooks, ..FaultPlan::default() });
        let all: Vec<_> = (0..300).map(|_| faults.deliveries()).collect();
        assert!(all.iter().any(Vec::is_empty));
        assert!(all.iter().any(|copies| copies.len() == 2));
        assert!(all.iter().flatten().any(|delay| *delay > 0));
        assert!(all.iter().flatten().all(|delay| *delay <= 50));
        assert_eq!(Faults::new(FaultPlan::default()).deliveries(), [0]);
    }

    #[test]
    fn a_bad_plan_names_what_is_wrong() {
        assert!(FaultPlan::parse(r#"{"reset": 1}"#).unwrap_err().contains("unknown field `reset`"));
        let error = FaultPlan::parse(r#"{"too_many": 2}"#).unwrap_err();
        assert_eq!(error, "fault plan: too_many is 2, expected a probability from 0 to 1");
        let plan = FaultPlan::parse(r#"{"rules": [{"nth": 3, "fault": {"status": 503}}]}"#).unwrap();
        assert_eq!(plan.rules[0], rule(3, "", "", Fault::Status(503)));
    }
}
