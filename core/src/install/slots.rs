//! What GHL says of a calendar: its team, its hours, its free slots.

use std::collections::BTreeSet;

use ghlkit_wire::rfc3339_ms;
use serde_json::Value;

use super::BusinessHours;
use crate::{
    api::calendars::{Calendar, FreeSlots},
    ids::UserId,
};

/// The starts of the slots that are free, in epoch milliseconds and in order. Not every property beside the dates is one: what
/// has no `slots` is passed over, and so is a slot that is no time.
pub fn free_starts(slots: &FreeSlots) -> BTreeSet<i64> {
    let days = slots.extra.values().filter_map(|day| day.get("slots")?.as_array());
    days.flatten().filter_map(|slot| rfc3339_ms(slot.as_str()?)).collect()
}

/// Who installs, in the calendar's order.
pub fn team(calendar: &Calendar) -> Vec<UserId> {
    let members = calendar.extra.get("teamMembers").and_then(Value::as_array);
    let ids = members.into_iter().flatten().filter_map(|member| member.get("userId")?.as_str());
    ids.filter(|id| crate::ids::is_id(id)).map(UserId::new).collect()
}

/// The calendar's own hours, where it says them.
pub fn open_hours(calendar: &Calendar) -> Option<BusinessHours> {
    let mut hours = BusinessHours::default();
    for open in calendar.extra.get("openHours").and_then(Value::as_array).into_iter().flatten() {
        let list = |name: &str| open.get(name).and_then(Value::as_array).into_iter().flatten();
        for day in list("daysOfTheWeek").filter_map(Value::as_u64) {
            for span in list("hours") {
                let part = |name: &str| {
                    span.get(name).and_then(Value::as_u64).and_then(|value| u16::try_from(value).ok())
                };
                let minute = |hour: &str, minute: &str| {
                    part(hour)?.checked_mul(60)?.checked_add(part(minute).unwrap_or(0).min(60))
                };
                let (from, to) = (minute("openHour", "openMinute"), minute("closeHour", "closeMinute"));
                // The week of GHL begins with Sunday. A day that closes at 0:00 closes at its end.
                let weekday = usize::try_from((day + 6) % 7).unwrap_or(usize::MAX);
                if let (Some(from), Some(to)) = (from, to) {
                    hours.add(weekday, from, if to == 0 { 24 * 60 } else { to });
                }
            }
        }
    }
    (!hours.is_empty()).then_some(hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_read_past_what_is_none() {
        let json = r#"{"2026-10-26":{"slots":["2026-10-26T10:00:00+02:00","2026-10-26T08:00:00+02:00","soon",7]},
            "2026-10-25":{"slots":["2026-10-25T08:00:00+02:00"]},"traceId":"x","_dates_":{"other":1},"2026-10-27":[]}"#;
        let slots: FreeSlots = serde_json::from_str(json).unwrap();
        let expected = [
            1_761_372_000_000 + 31_536_000_000,
            1_761_458_400_000 + 31_536_000_000,
            1_761_465_600_000 + 31_536_000_000,
        ];
        assert_eq!(free_starts(&slots).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn team_and_hours_are_read_where_they_are() {
        let json = r#"{"id":"cal1","teamMembers":[{"userId":"b"},{"userId":"a"},{"priority":1}],
            "openHours":[{"daysOfTheWeek":[1,0],"hours":[{"openHour":8,"openMinute":30,"closeHour":17,"closeMinute":0}]}]}"#;
        let calendar: Calendar = serde_json::from_str(json).unwrap();
        assert_eq!(team(&calendar), [UserId::new("b"), UserId::new("a")]);
        let mut expected = BusinessHours::default();
        expected.add(0, 510, 1020);
        expected.add(6, 510, 1020);
        assert_eq!(open_hours(&calendar), Some(expected));
        let bare: Calendar = serde_json::from_str(r#"{"id":"cal1"}"#).unwrap();
        assert_eq!((team(&bare), open_hours(&bare)), (Vec::new(), None));
    }
}
