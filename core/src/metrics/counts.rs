use std::collections::BTreeMap;

/// So many routes are told apart; the engine has some twenty.
const MAX_ROUTES: usize = 200;
/// What stands for all others.
const OTHER: &str = "other";

/// Upper bounds of how long GHL takes to reply, in milliseconds.
const REPLY_MS: &[u64] = &[50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
/// Upper bounds of how long a webhook waits to be applied, in milliseconds.
const APPLY_MS: &[u64] = &[100, 1_000, 5_000, 30_000, 60_000, 300_000, 3_600_000];

/// By method and code.
pub(super) type ByCode = BTreeMap<(&'static str, &'static str), u64>;

/// Everything that is counted.
#[derive(Debug)]
pub(super) struct Counts {
    pub(super) routes: BTreeMap<String, PerRoute>,
    /// Calls that were held back: by the client itself, and by a 429.
    pub(super) limited: [u64; 2],
    /// By verdict.
    pub(super) webhooks: BTreeMap<&'static str, u64>,
    pub(super) applied: Histogram,
    /// By channel and outcome.
    pub(super) notified: BTreeMap<(&'static str, &'static str), u64>,
}

/// What is counted of a route.
#[derive(Debug, Default)]
pub(super) struct PerRoute {
    pub(super) calls: ByCode,
    pub(super) retries: ByCode,
    /// By method.
    pub(super) replies: BTreeMap<&'static str, Histogram>,
}

/// How often something took at most so long.
#[derive(Debug)]
pub(super) struct Histogram {
    pub(super) bounds: &'static [u64],
    /// One for each bound; what took longer is in the count alone.
    pub(super) buckets: Vec<u64>,
    pub(super) sum_ms: u64,
    pub(super) count: u64,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            routes: BTreeMap::new(),
            limited: [0; 2],
            webhooks: BTreeMap::new(),
            applied: Histogram::new(APPLY_MS),
            notified: BTreeMap::new(),
        }
    }
}

impl Counts {
    pub(super) fn call(&mut self, route: &str, method: &'static str, code: &'static str) {
        *self.route(route).calls.entry((method, code)).or_default() += 1;
    }

    pub(super) fn retry(&mut self, route: &str, method: &'static str, code: &'static str) {
        *self.route(route).retries.entry((method, code)).or_default() += 1;
    }

    pub(super) fn replied(&mut self, route: &str, method: &'static str, ms: u64) {
        let replies = &mut self.route(route).replies;
        replies.entry(method).or_insert_with(|| Histogram::new(REPLY_MS)).add(ms);
    }

    pub(super) fn limited(&mut self, refused: bool) {
        let [held, by_ghl] = &mut self.limited;
        *(if refused { by_ghl } else { held }) += 1;
    }

    pub(super) fn webhook(&mut self, verdict: &'static str) {
        *self.webhooks.entry(verdict).or_default() += 1;
    }

    pub(super) fn applied(&mut self, ms: u64) {
        self.applied.add(ms);
    }

    pub(super) fn notified(&mut self, channel: &'static str, outcome: &'static str) {
        *self.notified.entry((channel, outcome)).or_default() += 1;
    }

    fn route(&mut self, route: &str) -> &mut PerRoute {
        let known = self.routes.contains_key(route);
        let route = if known || self.routes.len() < MAX_ROUTES { route } else { OTHER };
        self.routes.entry(route.to_owned()).or_default()
    }
}

impl Histogram {
    fn new(bounds: &'static [u64]) -> Self {
        Self { bounds, buckets: vec![0; bounds.len()], sum_ms: 0, count: 0 }
    }

    fn add(&mut self, ms: u64) {
        if let Some(bucket) =
            self.bounds.iter().position(|bound| ms <= *bound).and_then(|i| self.buckets.get_mut(i))
        {
            *bucket += 1;
        }
        self.sum_ms = self.sum_ms.saturating_add(ms);
        self.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_bounded() {
        let mut counts = Counts::default();
        for n in 0..1_000 {
            counts.call(&format!("/{n}"), "GET", "ok");
        }
        assert_eq!(counts.routes.len(), MAX_ROUTES + 1);
        assert_eq!(counts.routes[OTHER].calls[&("GET", "ok")], 1_000 - MAX_ROUTES as u64);
        counts.call("/0", "GET", "ok");
        assert_eq!(counts.routes["/0"].calls[&("GET", "ok")], 2, "a known one stays itself");
    }

    #[test]
    fn each_time_is_in_the_first_bucket_that_holds_it() {
        let mut histogram = Histogram::new(&[10, 100]);
        for ms in [0, 10, 11, 100, 101, u64::MAX] {
            histogram.add(ms);
        }
        assert_eq!((histogram.buckets.as_slice(), histogram.count), (&[2, 2][..], 6));
        assert_eq!(histogram.sum_ms, u64::MAX, "it does not overflow");
    }
}
