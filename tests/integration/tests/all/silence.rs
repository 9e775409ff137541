//! GHL is silent: what is left of calls that ended, and what becomes of creates. The full counts are those of the proof.

use std::{process::Stdio, sync::Arc};

use ghlkit::{
    config::ClientSettings,
    native::{HyperTransport, OsEntropy, SystemClock},
    ops,
};
use integration::TOKEN;
use mock_ghl::{Fault, FaultPlan, FaultRule, LOCATION_ID, MockGhl, Settings};
use serde_json::{Value, json};
use tokio::process::Command;

/// Runs a program that fails where something does not hold, and gives what it says.
async fn tried(program: &str, count: &str) -> Value {
    let run = Command::new(program).arg(count).stderr(Stdio::inherit()).output().await.unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}");
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

#[tokio::test]
async fn calls_that_are_aborted_or_time_out_leave_no_socket_and_no_task() {
    let report = tried(env!("CARGO_BIN_EXE_cancelled"), "1000").await;
    assert_eq!(
        report["aborted"].as_u64().unwrap() + report["timed_out"].as_u64().unwrap(),
        1_000,
        "{report}"
    );
}

#[tokio::test]
async fn creates_that_time_out_after_ghl_has_acted_make_nothing_twice() {
    let report = tried(env!("CARGO_BIN_EXE_lost_replies"), "200").await;
    assert!(
        report["timeouts_after_acting"].as_u64() >= Some(200) && report["done"].as_u64() > Some(200),
        "{report}"
    );
}

#[tokio::test]
async fn an_appointment_that_was_booked_without_a_word_is_handed_over() {
    let lost = FaultRule {
        nth: 1,
        method: "POST".to_owned(),
        path: "/calendars/events/appointments".to_owned(),
        fault: Some(Fault::ResetAfter),
        latency_ms: 0,
    };
    let faults = FaultPlan { rules: vec![lost], ..FaultPlan::default() };
    let ghl = MockGhl::start(Settings { faults, ..Settings::unlimited() }).await.unwrap();
    let now = ghl.now();
    let (contact, calendar) = ghl.with(|ghl| {
        let contact = ghl.seed_contact(now, LOCATION_ID, &[("email", "aino@example.com")], &[]).unwrap();
        (contact, ghl.locations().next().unwrap().calendars[0].id.clone())
    });
    let options = json!({ "token": TOKEN, "locationId": LOCATION_ID, "baseUrl": ghl.base_url() });
    let settings = ClientSettings::from_json(&json!({ "options": options }).to_string()).unwrap();
    let transport = Arc::new(HyperTransport::new().unwrap());
    let (client, location) =
        settings.build(None, transport, Arc::new(SystemClock), Arc::new(OsEntropy)).unwrap();
    let appointment = json!({
        "calendarId": calendar, "contactId": contact, "startTime": "2031-03-03T09:00:00+02:00",
        "ignoreFreeSlotValidation": true, "ignoreDateRange": true,
    });
    let args = json!({ "appointment": appointment }).to_string();
    let settled = ops::call(&client, location.as_ref(), "appointments.create", &args, "{}").await;
    let settled: Value = serde_json::from_str(&settled).unwrap();
    let booked: Vec<String> = ghl.with(|ghl| ghl.appointments().map(|booked| booked.id.clone()).collect());
    assert_eq!(booked, [settled["ok"]["id"].as_str().unwrap_or_default()], "{settled}");
}
