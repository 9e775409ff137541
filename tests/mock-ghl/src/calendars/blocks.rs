//! Blocked slots: time of a user in which nothing can be booked.

use serde_json::{Value, json};

use crate::dto::{Kind, Property, Unknown, check, optional, required};
use crate::http::{Answer, Handled};
use crate::model::Ghl;
use crate::routes::Call;
use crate::time::{iso, iso_at_offset};

/// One blocked slot.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockedSlot {
    /// Opaque id.
    pub id: String,
    /// The location it belongs to.
    pub location_id: String,
    /// Its calendar, where one was given.
    pub calendar_id: String,
    /// Whose time it is; empty for all of the calendar's team.
    pub user_id: String,
    /// Start, epoch milliseconds.
    pub start: i64,
    /// End, epoch milliseconds.
    pub end: i64,
    /// What it is called.
    pub title: String,
    pub(super) offset_minutes: i32,
}

const BODY: &[Property] = &[
    required("locationId", Kind::Text),
    optional("calendarId", Kind::Text),
    optional("title", Kind::Text),
    optional("assignedUserId", Kind::Text),
    optional("startTime", Kind::Text),
    optional("endTime", Kind::Text),
];

impl BlockedSlot {
    pub(super) fn keeps(&self, user: &str, from: i64, until: i64) -> bool {
        (self.user_id.is_empty() || self.user_id == user) && self.start < until && from < self.end
    }

    fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "locationId": self.location_id,
            "calendarId": self.calendar_id,
            "assignedUserId": self.user_id,
            "title": self.title,
            "startTime": iso_at_offset(self.start, self.offset_minutes),
            "endTime": iso_at_offset(self.end, self.offset_minutes),
            "dateAdded": iso(self.start),
        })
    }
}

fn write(ghl: &mut Ghl, call: &Call<'_>, known: Option<BlockedSlot>) -> Result<Value, Answer> {
    let body = call.json()?;
    check(&body, &[BODY], Unknown::Refuse)?;
    let location_id = call.location_in(&body)?;
    let offset_minutes = ghl.location(&location_id)?.settings.utc_offset_minutes;
    let text = |name: &str, before: Option<&String>| {
        let given = body.get(name).and_then(Value::as_str).map(str::to_owned);
        given.or_else(|| before.cloned()).unwrap_or_default()
    };
    let before = known.as_ref();
    let time = |name: &str, before: Option<i64>| {
        let missing = || Answer::unprocessable_one(format!("{name} must be a valid ISO 8601 date string"));
        super::appointments::time(&body, name)?.or(before).ok_or_else(missing)
    };
    let slot = BlockedSlot {
        calendar_id: text("calendarId", before.map(|slot| &slot.calendar_id)),
        user_id: text("assignedUserId", before.map(|slot| &slot.user_id)),
        title: text("title", before.map(|slot| &slot.title)),
        start: time("startTime", before.map(|slot| slot.start))?,
        end: time("endTime", before.map(|slot| slot.end))?,
        id: before.map_or_else(|| ghl.rng.opaque(), |slot| slot.id.clone()),
        location_id,
        offset_minutes,
    };
    if slot.end <= slot.start {
        return Err(Answer::bad_request("endTime must be after startTime"));
    }
    let shown = slot.to_json();
    ghl.blocked.insert(slot.id.clone(), slot);
    Ok(shown)
}

pub(super) fn create(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    write(ghl, call, None).map(Answer::created)
}

pub(super) fn update(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let known = ghl.blocked.get(call.path(0)).cloned();
    let known = known.ok_or_else(|| ghl.missing("Block slot", call.path(0)))?;
    call.require_location(&known.location_id)?;
    write(ghl, call, Some(known)).map(Answer::ok)
}

/// By the same parameters as the events.
pub(super) fn list(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let asked = super::appointments::Asked::of(call)?;
    let slots = ghl.blocked.values().filter(|slot| {
        slot.location_id == asked.location_id
            && slot.start < asked.until
            && asked.from < slot.end
            && asked.calendar.is_none_or(|id| id == slot.calendar_id)
            && asked.user.is_none_or(|id| slot.user_id.is_empty() || id == slot.user_id)
    });
    let events: Vec<_> = slots.map(BlockedSlot::to_json).collect();
    Ok(Answer::ok(json!({ "events": events })))
}
