use chrono::{Datelike, Offset, TimeZone, Timelike};

use super::{
    state::{State, begin},
    *,
};

/// 2027-01-15T08:00:00Z.
const NOW: i64 = 1_800_000_000_000;
const MINUTE: i64 = 60_000;

fn quarter_hourly() -> Schedule {
    Schedule::new("sync", "*/15 * * * *", None).unwrap()
}

fn turn(schedule: &Schedule, row: Option<State>, now: i64) -> (Turn, Option<State>) {
    begin(schedule, row, now, || format!("token{now}")).unwrap()
}

/// The row of a schedule that has just been seen for the first time.
fn fresh() -> State {
    let (turn, row) = turn(&quarter_hourly(), None, NOW);
    assert_eq!((turn.firing, turn.next_at), (None, NOW + 15 * MINUTE), "a new one waits for its time");
    row.unwrap()
}

fn due(turn: &Turn) -> Option<i64> {
    turn.firing.as_ref().map(|firing| firing.due_at)
}

#[test]
fn it_is_due_at_its_time_and_no_sooner() {
    let (early, unchanged) = turn(&quarter_hourly(), Some(fresh()), NOW + 15 * MINUTE - 1);
    assert_eq!((due(&early), unchanged), (None, None));
    let (turn, row) = turn(&quarter_hourly(), Some(fresh()), NOW + 15 * MINUTE);
    assert_eq!((due(&turn), turn.next_at), (Some(NOW + 15 * MINUTE), NOW + 30 * MINUTE));
    let row = row.unwrap();
    assert_eq!(row.next_at, NOW + 30 * MINUTE);
}

#[test]
fn what_was_missed_is_one_firing() {
    let (turn, _) = turn(&quarter_hourly(), Some(fresh()), NOW + 50 * MINUTE);
    assert_eq!((due(&turn), turn.next_at), (Some(NOW + 15 * MINUTE), NOW + 60 * MINUTE));
}

#[test]
fn while_one_has_it_nobody_else_does_and_a_dead_one_loses_it() {
    let start = NOW + 15 * MINUTE;
    let (_, row) = turn(&quarter_hourly(), Some(fresh()), start);
    let (busy, unchanged) = turn(&quarter_hourly(), row.clone(), start + HELD_MS - 1);
    assert_eq!((due(&busy), busy.next_at, unchanged), (None, start + HELD_MS, None));
    let (taken, row) = turn(&quarter_hourly(), row, start + HELD_MS);
    assert_eq!(due(&taken), Some(start), "the same firing");
    assert_eq!(row.unwrap().next_at, NOW + 30 * MINUTE, "and no other is lost");
}

#[test]
fn another_pattern_or_zone_waits_for_its_own_time() {
    let other = Schedule::new("sync", "0 12 * * *", Some("Europe/Helsinki")).unwrap();
    let (turn, row) = turn(&other, Some(fresh()), NOW + 15 * MINUTE);
    // Noon in Helsinki is 10:00 UTC.
    assert_eq!((due(&turn), turn.next_at), (None, NOW + 120 * MINUTE));
    let row = row.unwrap();
    assert_eq!((row.cron.as_str(), row.time_zone.as_str()), ("0 12 * * *", "Europe/Helsinki"));
}

#[test]
fn what_is_wrong_is_named() {
    for (name, cron, zone, field) in [
        ("", "* * * * *", None, "name"),
        (" ", "* * * * *", None, "name"),
        ("n", "", None, "cron"),
        ("n", "every day", None, "cron"),
        ("n", "61 * * * *", None, "cron"),
        ("n", "* * * *", None, "cron"),
        ("n", "* * * * *", Some("Mars/Olympus"), "timeZone"),
        ("n", "* * * * *", Some(""), "timeZone"),
    ] {
        let error = Schedule::new(name, cron, zone).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some(field)), "{name:?} {cron:?}");
    }
    assert_eq!(Schedule::new(&"n".repeat(101), "* * * * *", None).unwrap_err().field(), Some("name"));
    let never = Schedule::new("n", "0 0 30 2 *", None).unwrap();
    let error = begin(&never, None, NOW, String::new).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("cron")));
}

/// Around every change of a zone's clocks within a year, at an hour at which clocks change: due once a day, whether the day has 23,
/// 24 or 25 hours, and never twice.
#[test]
fn a_time_of_day_is_due_once_a_day_in_every_zone() {
    const DAY: i64 = 24 * 60 * MINUTE;
    let mut changes = 0;
    for zone in chrono_tz::TZ_VARIANTS {
        let schedule = Schedule::new("daily", "30 2 * * *", Some(zone.name())).unwrap();
        let local = |ms: i64| zone.timestamp_millis_opt(ms).unwrap();
        let offset = |ms: i64| local(ms).offset().fix().local_minus_utc();
        let changed = |day: &i64| offset(NOW + day * DAY) != offset(NOW + (day + 1) * DAY);
        for day in (0..366).filter(changed) {
            changes += 1;
            let (mut at, mut last) = (NOW + (day - 2) * DAY, None);
            for _ in 0..5 {
                let next = schedule.next_after(at).unwrap();
                let date = local(next).num_days_from_ce();
                assert!(last.is_none_or(|last| date == last + 1), "{zone}: {}", local(next));
                let ordinary = (local(next).hour(), local(next).minute()) == (2, 30);
                let there =
                    zone.from_local_datetime(&local(next).date_naive().and_hms_opt(2, 30, 0).unwrap());
                assert!(ordinary || there.earliest().is_none(), "{zone}: {}", local(next));
                (at, last) = (next, Some(date));
            }
        }
    }
    assert!(changes > 200, "{changes}");
}
