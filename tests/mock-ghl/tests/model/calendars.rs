use mock_ghl::LOCATION_ID;
use serde_json::{Value, json};

use crate::support::{Api, MONDAY, text};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn api() -> Api {
    Api { version: "2021-04-15".to_owned(), ..Api::unlimited() }
}

fn calendar(api: &Api) -> mock_ghl::Calendar {
    api.ghl.locations().next().unwrap().calendars[0].clone()
}

fn slots(api: &mut Api, from: i64, until: i64, more: &str) -> Value {
    let id = calendar(api).id;
    let (status, reply) =
        api.get(&format!("/calendars/{id}/free-slots?startDate={from}&endDate={until}{more}"));
    assert_eq!(status, 200, "{reply}");
    reply
}

fn booking(api: &Api, contact: &str, start: &str) -> Value {
    json!({
        "calendarId": calendar(api).id,
        "locationId": LOCATION_ID,
        "contactId": contact,
        "startTime": start,
        "title": "Sauna Installation - Order #1001",
        "address": "1 Harbour Street",
    })
}

#[test]
fn free_slots_are_keyed_by_date_with_a_trace_id_among_them() {
    let mut api = api();
    let reply = slots(&mut api, MONDAY, MONDAY + 7 * DAY, "");
    let keys: Vec<_> = reply.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "traceId"]);
    assert_eq!(
        reply["2026-03-02"]["slots"],
        json!(["2026-03-02T08:00:00+00:00", "2026-03-02T10:00:00+00:00", "2026-03-02T12:00:00+00:00"])
    );
    // What has begun cannot be booked.
    api.now = MONDAY + 9 * HOUR;
    assert_eq!(
        slots(&mut api, MONDAY, MONDAY + DAY - 1, "")["2026-03-02"]["slots"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn slots_are_in_the_locations_zone() {
    let mut api = Api::with(|settings| settings.locations[0].utc_offset_minutes = 330);
    let reply = slots(&mut api, MONDAY, MONDAY + DAY - 1, "");
    assert_eq!(reply["2026-03-02"]["slots"][0], "2026-03-02T08:00:00+05:30");
    let reply = slots(&mut api, MONDAY, MONDAY + DAY - 1, "&timezone=UTC");
    assert_eq!(reply["2026-03-02"]["slots"][0], "2026-03-02T02:30:00+00:00");
}

#[test]
fn bounds_are_milliseconds_and_at_most_a_month() {
    let mut api = api();
    let id = calendar(&api).id;
    let path = format!("/calendars/{id}/free-slots");
    for (query, expected) in [
        ("", 422),
        ("?startDate=2026-03-02&endDate=2026-03-03", 422),
        ("?startDate=5&endDate=5", 422),
        ("?startDate=0&endDate=2678400001", 400),
        ("?startDate=-9223372036854775808&endDate=9223372036854775807", 400),
        ("?startDate=0&endDate=2678400000", 200),
    ] {
        assert_eq!(api.get(&format!("{path}{query}")).0, expected, "{query}");
    }
    assert_eq!(api.get("/calendars/nowhere/free-slots?startDate=0&endDate=1").0, 404);
}

#[test]
fn an_appointment_takes_its_slot_until_the_team_is_booked() {
    let mut api = api();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let body = booking(&api, &contact, "2026-03-02T10:00:00+02:00");
    let (status, first) = api.post("/calendars/events/appointments", body.clone());
    assert_eq!(status, 200, "{first}");
    assert_eq!(first.get("dateAdded"), None, "date versions answer no dates");
    assert_eq!(first["endTime"], "2026-03-02T14:00:00+00:00");
    assert_eq!(first["appointmentStatus"], "confirmed");
    let (_, second) = api.post("/calendars/events/appointments", body.clone());
    let team = calendar(&api).team;
    let booked = [text(&first["assignedUserId"]), text(&second["assignedUserId"])];
    assert_eq!(booked[..], team[..], "round robin");
    let (status, reply) = api.post("/calendars/events/appointments", body.clone());
    let taken = json!("The slot you have selected is no longer available.");
    assert_eq!((status, &reply["message"]), (400, &taken));
    assert_eq!(slots(&mut api, MONDAY, MONDAY + DAY - 1, "").get("2026-03-02"), None, "all three overlap");
    // A cancelled appointment gives its slot back, for its user only.
    let path = format!("/calendars/events/appointments/{}", text(&second["id"]));
    assert_eq!(api.put(&path, json!({ "appointmentStatus": "cancelled" })).0, 200);
    let of = |user: &str| format!("&userId={user}");
    assert!(slots(&mut api, MONDAY, MONDAY + DAY - 1, &of(&team[1])).get("2026-03-02").is_some());
    assert_eq!(slots(&mut api, MONDAY, MONDAY + DAY - 1, &of(&team[0])).get("2026-03-02"), None);
    let mut for_busy = body.clone();
    for_busy["assignedUserId"] = json!(team[0]);
    assert_eq!(api.post("/calendars/events/appointments", for_busy.clone()).0, 400);
    for_busy["ignoreFreeSlotValidation"] = json!(true);
    assert_eq!(api.post("/calendars/events/appointments", for_busy).0, 200);
}

#[test]
fn an_appointment_is_read_moved_listed_and_deleted() {
    let mut api = api();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let body = booking(&api, &contact, "2026-03-02T08:00:00Z");
    let id = text(&api.post("/calendars/events/appointments", body).1["id"]);
    let path = format!("/calendars/events/appointments/{id}");
    let (status, reply) = api.get(&path);
    assert_eq!((status, &reply["event"]["title"]), (200, &json!("Sauna Installation - Order #1001")));
    assert_eq!(reply["event"]["dateAdded"], "2026-03-02T00:00:00.000Z");
    let (status, reply) = api.put(&path, json!({ "startTime": "2026-03-03T08:00:00Z" }));
    assert_eq!((status, &reply["endTime"]), (200, &json!("2026-03-03T14:00:00+00:00")), "the length is kept");
    let list = |from: i64, until: i64| {
        format!("/calendars/events?locationId={LOCATION_ID}&startTime={from}&endTime={until}")
    };
    let by_calendar = format!("&calendarId={}", calendar(&api).id);
    assert_eq!(api.get(&list(MONDAY, MONDAY + DAY)).0, 400, "one of user, calendar or group is needed");
    assert_eq!(api.get(&(list(MONDAY, MONDAY + DAY) + &by_calendar)).1["events"], json!([]));
    let (_, reply) = api.get(&(list(MONDAY + DAY, MONDAY + 2 * DAY) + &by_calendar));
    assert_eq!(reply["events"][0]["id"], json!(id));
    let (status, reply) = api.delete(&format!("/calendars/events/{id}"), json!({}));
    assert_eq!((status, &reply["succeeded"]), (201, &json!(true)));
    assert_eq!(api.get(&path).0, 404);
}

#[test]
fn bad_bookings_are_refused() {
    let mut api = api();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let refused = |api: &mut Api, name: &str, value: Value| {
        let mut body = booking(api, &contact, "2026-03-02T08:00:00Z");
        body[name] = value;
        api.post("/calendars/events/appointments", body).0
    };
    // Appointments have no custom fields, whatever one would wish.
    assert_eq!(refused(&mut api, "customFields", json!({ "order_id": "1" })), 422);
    assert_eq!(refused(&mut api, "startTime", json!("tomorrow")), 422);
    assert_eq!(refused(&mut api, "endTime", json!("2026-03-02T08:00:00Z")), 400);
    assert_eq!(refused(&mut api, "contactId", json!("nobody")), 400);
    assert_eq!(refused(&mut api, "calendarId", json!("nowhere")), 404);
    assert_eq!(refused(&mut api, "assignedUserId", json!("nobody")), 400);
    assert_eq!(refused(&mut api, "appointmentStatus", json!("done")), 422);
    assert_eq!(api.ghl.appointments().count(), 0);
}

#[test]
fn calendars_are_listed_with_their_team() {
    let mut api = api();
    let own = calendar(&api);
    let (status, reply) = api.get(&format!("/calendars/?locationId={LOCATION_ID}"));
    assert_eq!((status, &reply["calendars"][0]["id"]), (200, &json!(own.id)));
    let (_, reply) = api.get(&format!("/calendars/{}", own.id));
    assert_eq!(reply["calendar"]["teamMembers"].as_array().unwrap().len(), 2);
    assert_eq!(reply["calendar"]["slotDuration"], 360);
    api.version = "v3".to_owned();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let body = booking(&api, &contact, "2026-03-02T08:00:00Z");
    let (_, reply) = api.post("/calendars/events/appointments", body);
    assert_eq!(reply["dateAdded"], "2026-03-02T00:00:00.000Z");
}

#[test]
fn blocked_time_is_offered_to_nobody_and_given_back() {
    let mut api = api();
    let team = calendar(&api).team;
    let body = json!({
        "locationId": LOCATION_ID, "assignedUserId": team[0], "title": "Leave",
        "startTime": "2026-03-02T00:00:00Z", "endTime": "2026-03-02T09:00:00Z",
    });
    let (status, slot) = api.post("/calendars/events/block-slots", body);
    assert_eq!(status, 201, "{slot}");
    let starts = |api: &mut Api, user: &str| {
        let reply = slots(api, MONDAY, MONDAY + DAY - 1, &format!("&userId={user}"));
        reply["2026-03-02"]["slots"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((starts(&mut api, &team[0]), starts(&mut api, &team[1])), (2, 3));
    let list = |user: &str| {
        format!(
            "/calendars/blocked-slots?locationId={LOCATION_ID}&startTime={MONDAY}&endTime={}&userId={user}",
            MONDAY + DAY
        )
    };
    assert_eq!(api.get(&list(&team[0])).1["events"][0]["title"], "Leave");
    assert_eq!(api.get(&list(&team[1])).1["events"], json!([]));
    let path = format!("/calendars/events/block-slots/{}", text(&slot["id"]));
    let shorter = json!({ "locationId": LOCATION_ID, "endTime": "2026-03-02T07:00:00Z" });
    assert_eq!(api.put(&path, shorter).1["startTime"], "2026-03-02T00:00:00+00:00");
    assert_eq!(starts(&mut api, &team[0]), 3);
    assert_eq!(api.delete(&format!("/calendars/events/{}", text(&slot["id"])), json!({})).0, 201);
    assert_eq!(api.ghl.blocked_slots().count(), 0);
}

#[test]
fn what_humans_do_to_an_appointment_is_told() {
    let mut api = api();
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let body = booking(&api, &contact, "2026-03-02T08:00:00Z");
    let id = text(&api.post("/calendars/events/appointments", body).1["id"]);
    api.ghl.take_webhooks();
    let (now, team) = (api.now, calendar(&api).team);
    api.ghl.move_appointment(now, &id, MONDAY + 9 * HOUR, MONDAY + 15 * HOUR).unwrap();
    api.ghl.assign_appointment(now, &id, &team[1]).unwrap();
    api.ghl.set_appointment_status(now, &id, "cancelled").unwrap();
    api.ghl.delete_appointment(now, &id).unwrap();
    assert_eq!(api.ghl.delete_appointment(now, &id).unwrap_err().what, "appointment");
    let told = api.ghl.take_webhooks();
    let events: Vec<_> = told.iter().map(|webhook| webhook.event.as_str()).collect();
    assert_eq!(events, ["AppointmentUpdate", "AppointmentUpdate", "AppointmentUpdate", "AppointmentDelete"]);
    let last: Value = serde_json::from_slice(&told[2].body).unwrap();
    let appointment = &last["appointment"];
    assert_eq!(appointment["startTime"], "2026-03-02T09:00:00+00:00");
    assert_eq!(
        (&appointment["assignedUserId"], &appointment["appointmentStatus"]),
        (&json!(team[1]), &json!("cancelled"))
    );
}
