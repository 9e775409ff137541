//! Installations: what GHL's calendar receives, and what the store and the shop's row hold.

mod booking;
mod changes;
mod meanwhile;
mod races;

use std::collections::BTreeSet;

use ghlkit::{
    Code,
    ids::{OrderId, UserId},
    ports::store::BookingState,
    sync::{Installation, InstallationState, InstallationTerms, UpdateOptions, event_kind},
};
use integration::{Keep, Placed, Setup, Shop, lines, order, wait_until};
use mock_ghl::{Appointment, Fault, FaultRule, LOCATION_ID, Settings};
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Midnight of a Monday more than a week ahead, in UTC.
fn monday(shop: &Shop) -> i64 {
    let day = shop.ghl.now() / DAY + 8;
    // The epoch began on a Thursday.
    (day + (4 - day).rem_euclid(7)) * DAY
}

/// As GHL and callers write it.
fn iso(ms: i64) -> String {
    ghlkit::install::rendered(ms, "UTC".parse().unwrap()).replace("+00:00", "Z")
}

/// A shop with a calendar.
fn setup(keep: Keep) -> Setup {
    // The stand-in's ids follow from its seed.
    let calendar = mock_ghl::Ghl::new(Settings::unlimited()).calendar_mut(LOCATION_ID).unwrap().id.clone();
    Setup { keep, vars: vec![("GHL_INSTALLATION_CALENDAR_ID", calendar)], ..Setup::default() }
}

async fn shop() -> Shop {
    Shop::with(setup(Keep::usual())).await
}

fn id(order: &str) -> OrderId {
    OrderId::new(order)
}

fn team(shop: &Shop) -> Vec<String> {
    shop.ghl.with(|ghl| ghl.calendar_mut(LOCATION_ID).unwrap().team.clone())
}

async fn book(shop: &Shop, order: &str, at: &str) -> ghlkit::Result<Installation> {
    shop.engine.schedule_installation(None, &id(order), at, &InstallationTerms::default()).await
}

fn by(installer: &str) -> InstallationTerms {
    InstallationTerms { installer: Some(UserId::new(installer)), ..InstallationTerms::default() }
}

fn appointments(shop: &Shop) -> Vec<Appointment> {
    shop.ghl.with(|ghl| ghl.appointments().cloned().collect())
}

fn standing(shop: &Shop) -> Vec<Appointment> {
    let all = appointments(shop).into_iter();
    all.filter(|appointment| appointment.status() != "cancelled").collect()
}

async fn booked(shop: &Shop, order: &str) -> Option<ghlkit::ports::store::BookingRow> {
    shop.engine.store().booking(&shop.engine.config().locations[0].id, &id(order)).await.unwrap()
}

/// `ghl_appointment_id`, `installation_date`, `installation_status` of the shop's row.
async fn shown(shop: &Shop, order: &str) -> Vec<String> {
    let sql = format!(
        "SELECT ghl_appointment_id, installation_date, installation_status FROM orders WHERE id = '{order}'"
    );
    shop.db.rows(&sql).await.remove(0)
}

/// What was told of installations, oldest first: kind, and the payload's `installation`.
async fn told(shop: &Shop) -> Vec<(String, Value)> {
    let events = shop.engine.store().events(0, 10_000).await.unwrap();
    let ours = events.into_iter().filter(|event| event.kind.starts_with("installation_"));
    ours.map(|event| {
        let payload: Value = serde_json::from_str(&event.payload).unwrap();
        (event.kind, payload["installation"].clone())
    })
    .collect()
}

async fn kinds(shop: &Shop) -> Vec<String> {
    told(shop).await.into_iter().map(|(kind, _)| kind).collect()
}

async fn place(shop: &Shop, order_id: &str) -> Placed {
    shop.place(&order(order_id)).await
}

/// Lets what is due of bookings be due now, and works.
async fn later(shop: &Shop) {
    shop.db.execute("UPDATE ghlkit_bookings SET due_at = 1 WHERE due_at IS NOT NULL").await;
    shop.settle().await;
}

const CALLS: [&str; 3] =
    ["GET /calendars/events", "GET /calendars/blocked-slots", "POST /calendars/events/appointments"];

fn rule(method: &str, fault: Fault) -> FaultRule {
    FaultRule {
        nth: 1,
        method: method.to_owned(),
        path: "/calendars/events/appointments".to_owned(),
        fault: Some(fault),
        latency_ms: 0,
    }
}
