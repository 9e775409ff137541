//! Who can come when.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use super::{BusinessHours, zone::day_of};
use crate::ids::UserId;

/// A time at which an installer is somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// Who.
    pub installer: UserId,
    /// From when, in epoch milliseconds.
    pub starts_at: i64,
    /// Until when, in epoch milliseconds.
    pub ends_at: i64,
    /// How long the way from there to the next installation takes at least, in milliseconds.
    pub buffer_ms: i64,
}

impl Busy {
    /// Whether an installer who is there cannot be elsewhere at that time, the way between the two counted in.
    pub fn keeps_from(&self, starts_at: i64, ends_at: i64, buffer_ms: i64) -> bool {
        let way = self.buffer_ms.max(buffer_ms);
        self.starts_at < ends_at.saturating_add(way) && starts_at < self.ends_at.saturating_add(way)
    }
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// No earlier, in epoch milliseconds.
    pub from: i64,
    /// It begins before this, in epoch milliseconds.
    pub until: i64,
    /// How long it takes, in milliseconds.
    pub duration_ms: i64,
    /// How long the way to the next takes at least, in milliseconds.
    pub buffer_ms: i64,
    /// The zone of the hours.
    pub zone: Tz,
    /// When work goes on; `None` where the calendar alone says.
    pub hours: Option<&'a BusinessHours>,
    /// Only this installer.
    pub installer: Option<&'a UserId>,
}

/// A time that is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Free {
    /// When it begins, in epoch milliseconds.
    pub starts_at: i64,
    /// When it ends, in epoch milliseconds.
    pub ends_at: i64,
    /// Who can come, the least busy of that local day first.
    pub installers: Vec<UserId>,
}

/// The times that are free, in order. `starts` are the slots that the calendar offers for each installer of its `team`.
pub fn free(
    wanted: &Wanted<'_>,
    team: &[UserId],
    starts: &BTreeMap<UserId, BTreeSet<i64>>,
    busy: &[Busy],
) -> Vec<Free> {
    let mut free: BTreeMap<i64, Vec<UserId>> = BTreeMap::new();
    for installer in team.iter().filter(|installer| wanted.installer.is_none_or(|only| only == *installer)) {
        let offered = starts
            .get(installer)
            .into_iter()
            .flat_map(|starts| starts.range(wanted.from..wanted.until.max(wanted.from)));
        let theirs: Vec<&Busy> = busy.iter().filter(|busy| busy.installer == *installer).collect();
        for start in offered {
            let end = start.saturating_add(wanted.duration_ms);
            let away = theirs.iter().any(|busy| busy.keeps_from(*start, end, wanted.buffer_ms));
            if !away && wanted.hours.is_none_or(|hours| hours.hold(wanted.zone, *start, end)) {
                free.entry(*start).or_default().push(installer.clone());
            }
        }
    }
    let slot = |(starts_at, mut installers): (i64, Vec<UserId>)| {
        let day = day_of(starts_at, wanted.zone);
        let jobs = |installer: &UserId| {
            busy.iter()
                .filter(|busy| busy.installer == *installer && day_of(busy.starts_at, wanted.zone) == day)
                .count()
        };
        // Stable: the calendar's order decides between equals.
        installers.sort_by_cached_key(jobs);
        Free { starts_at, ends_at: starts_at.saturating_add(wanted.duration_ms), installers }
    };
    free.into_iter().map(slot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn id(id: &str) -> UserId {
        UserId::new(id)
    }

    fn busy(installer: &str, from: i64, until: i64) -> Busy {
        Busy { installer: id(installer), starts_at: from * HOUR, ends_at: until * HOUR, buffer_ms: 0 }
    }

    fn wanted(duration: i64, buffer: i64) -> Wanted<'static> {
        Wanted {
            from: 0,
            until: 48 * HOUR,
            duration_ms: duration * HOUR,
            buffer_ms: buffer * HOUR,
            zone: chrono_tz::UTC,
            hours: None,
            installer: None,
        }
    }

    fn starts(all: &[(&str, &[i64])]) -> BTreeMap<UserId, BTreeSet<i64>> {
        all.iter().map(|(who, starts)| (id(who), starts.iter().map(|start| start * HOUR).collect())).collect()
    }

    fn shown(free: &[Free]) -> Vec<(i64, Vec<&str>)> {
        free.iter()
            .map(|slot| (slot.starts_at / HOUR, slot.installers.iter().map(UserId::as_str).collect()))
            .collect()
    }

    #[test]
    fn the_least_busy_of_the_day_goes_first_and_the_team_decides_between_equals() {
        let team = [id("b"), id("a")];
        let slots = starts(&[("a", &[12, 36]), ("b", &[12, 36])]);
        let jobs = [busy("b", 1, 2), busy("a", 30, 31), busy("b", 28, 29), busy("b", 29, 30)];
        assert_eq!(
            shown(&free(&wanted(6, 0), &team, &slots, &jobs)),
            [(12, vec!["a", "b"]), (36, vec!["a", "b"])]
        );
        assert_eq!(
            shown(&free(&wanted(6, 0), &team, &slots, &[])),
            [(12, vec!["b", "a"]), (36, vec!["b", "a"])]
        );
    }

    #[test]
    fn the_way_between_two_jobs_counts_on_both_sides() {
        let (team, slots) = ([id("a")], starts(&[("a", &[6, 7, 8, 14, 15, 16])]));
        let jobs = [busy("a", 9, 14)];
        assert_eq!(
            shown(&free(&wanted(1, 1), &team, &slots, &jobs)),
            [(6, vec!["a"]), (7, vec!["a"]), (15, vec!["a"]), (16, vec!["a"])]
        );
        let far = [Busy { buffer_ms: 2 * HOUR, ..busy("a", 9, 14) }];
        assert_eq!(shown(&free(&wanted(1, 1), &team, &slots, &far)), [(6, vec!["a"]), (16, vec!["a"])]);
    }

    #[test]
    fn only_who_was_asked_for_and_who_is_offered() {
        let team = [id("a"), id("b")];
        let slots = starts(&[("a", &[8, 10]), ("b", &[10, 60]), ("stranger", &[8])]);
        let only = id("b");
        let asked = Wanted { installer: Some(&only), ..wanted(6, 0) };
        assert_eq!(shown(&free(&asked, &team, &slots, &[])), [(10, vec!["b"])]);
        assert_eq!(shown(&free(&wanted(6, 0), &team, &slots, &[])), [(8, vec!["a"]), (10, vec!["a", "b"])]);
    }
}
