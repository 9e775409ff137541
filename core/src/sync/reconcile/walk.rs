//! How far a walk has come, as the store keeps it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Beyond this GHL may count no further, so that a total tells nothing.
const COUNTED: u64 = 10_000;

/// What a walk is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Marks what differs.
    Repair,
    /// Lists what differs.
    Report,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Kind::Repair => "reconcile.repair",
            Kind::Report => "reconcile.report",
        }
    }
}

/// Which page comes next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "list", rename_all = "snake_case")]
pub(super) enum Place {
    /// Of the opportunities: after this time and id, or the first.
    Opportunities { after: Option<(String, String)> },
    /// Of the contacts: after this result, else this page, else the first.
    Contacts { page: Option<u32>, after: Vec<Value> },
}

impl Place {
    const FIRST: Self = Self::Opportunities { after: None };
    const SECOND: Self = Self::Contacts { page: None, after: Vec::new() };
}

/// A walk. A row that cannot be read is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Walk {
    /// When it began.
    pub(super) begun: i64,
    /// When it last came further.
    pub(super) at: i64,
    /// What is next; nothing once it has ended.
    pub(super) place: Option<Place>,
    /// Whether it ended by an error, before all was seen.
    #[serde(default)]
    pub(super) failed: bool,
    /// How much of the present list was seen.
    listed: u64,
    /// How long that list was at its first page.
    total: Option<u64>,
    /// Who is on it.
    pub(super) claim: Option<Claim>,
}

/// Who is on a walk, and until when they have it to themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claim {
    pub(super) by: String,
    pub(super) until: i64,
}

impl Walk {
    pub(super) fn begin(now: i64) -> Self {
        Self { begun: now, at: now, place: Some(Place::FIRST), ..Self::default() }
    }

    /// It cannot go on; the next one begins anew.
    pub(super) fn fail(&mut self) {
        self.place = None;
        self.failed = true;
    }

    /// A page was seen; `next` is the one after it, if it may have one. A full page is the last one too where the list
    /// is no longer than what was seen: so a walk costs no call that finds nothing.
    pub(super) fn advance(&mut self, next: Option<Place>, seen: usize, total: Option<u64>) {
        if self.listed == 0 {
            self.total = total;
        }
        self.listed += seen as u64;
        // One that has grown or shrunk meanwhile is read to its end.
        let whole = total == self.total && total.is_some_and(|total| total < COUNTED && self.listed >= total);
        let on = matches!(self.place, Some(Place::Opportunities { .. })).then_some(Place::SECOND);
        match next.filter(|_| !whole) {
            Some(next) => self.place = Some(next),
            None => {
                self.place = on;
                (self.listed, self.total) = (0, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opportunities(after: u32) -> Place {
        Place::Opportunities { after: Some((after.to_string(), "o".into())) }
    }

    #[test]
    fn a_walk_goes_through_both_lists_and_ends() {
        let mut walk = Walk::begin(7);
        walk.advance(Some(opportunities(1)), 100, Some(150));
        assert_eq!(walk.place, Some(opportunities(1)));
        walk.advance(None, 50, Some(150));
        assert_eq!(walk.place, Some(Place::SECOND));
        walk.advance(Some(Place::Contacts { page: Some(2), after: Vec::new() }), 100, Some(200));
        assert_eq!(walk.place, Some(Place::Contacts { page: Some(2), after: Vec::new() }));
        walk.advance(Some(Place::Contacts { page: Some(3), after: Vec::new() }), 100, Some(200));
        assert_eq!(walk.place, None, "the last full page is known for the last");
    }

    #[test]
    fn a_total_that_changed_or_is_not_exact_ends_nothing() {
        for (first, second) in [(Some(200), Some(199)), (None, None), (Some(201), Some(200))] {
            let mut walk = Walk::begin(7);
            walk.advance(Some(opportunities(1)), 100, first);
            walk.advance(Some(opportunities(2)), 100, second);
            assert_eq!(walk.place, Some(opportunities(2)), "{first:?}, {second:?}");
        }
        let mut walk = Walk::begin(7);
        walk.advance(Some(opportunities(1)), 10_000, Some(10_000));
        assert_eq!(walk.place, Some(opportunities(1)));
    }

    #[test]
    fn what_is_kept_reads_back() {
        let mut walk = Walk::begin(7);
        for next in [opportunities(3), Place::Contacts { page: None, after: vec![1.into(), "x".into()] }] {
            walk.advance(Some(next), 100, Some(300));
            walk.claim = Some(Claim { by: "w".into(), until: 9 });
            let text = serde_json::to_string(&walk).unwrap();
            assert_eq!(serde_json::from_str::<Walk>(&text).unwrap(), walk);
        }
    }
}
