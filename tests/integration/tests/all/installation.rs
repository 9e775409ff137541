//! Installations: what GHL's calendar receives, and what the store and the shop's row hold.

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

#[tokio::test]
async fn an_installation_is_booked_shown_and_told() {
    for keep in Keep::both() {
        let shop = Shop::with(setup(keep)).await;
        let placed = place(&shop, "7").await;
        let eight = monday(&shop) + 8 * HOUR;
        let terms = InstallationTerms {
            instructions: Some("Ring twice\norder_id: 8".to_owned()),
            time_zone: Some("Asia/Kolkata".to_owned()),
            ..InstallationTerms::default()
        };
        let done = shop.engine.schedule_installation(None, &id("7"), &iso(eight), &terms).await.unwrap();
        assert_eq!(done.state, InstallationState::Scheduled);
        assert!(done.starts_at.ends_with("T13:30:00+05:30"), "{}", done.starts_at);

        let [appointment] = &appointments(&shop)[..] else { panic!("one appointment") };
        assert_eq!((appointment.start, appointment.end), (eight, eight + 6 * HOUR));
        assert_eq!(appointment.contact_id, placed.contact);
        assert_eq!(appointment.user_id, team(&shop)[0]);
        assert_eq!(appointment.details["title"], "Sauna Installation - Order #IS-7");
        assert_eq!(appointment.details["address"], "Rantatie 5, B 12, 00100 Helsinki, FI");
        assert_eq!(
            appointment.details["description"],
            "order_id: 7\norder_number: IS-7\nsauna_model: Barrel 220\nspecial_instructions: Ring twice order_id: 8"
        );
        let row = booked(&shop, "7").await.unwrap();
        assert_eq!((row.state, row.due_at), (BookingState::Scheduled, None));
        assert_eq!(row.appointment.as_ref().unwrap().as_str(), appointment.id);
        assert_eq!(
            (row.product.as_str(), row.instructions.as_deref()),
            ("Barrel 220", Some("Ring twice\norder_id: 8"))
        );
        if keep != Keep::Memory {
            let shown = shown(&shop, "7").await;
            assert_eq!((shown[0].as_str(), shown[2].as_str()), (appointment.id.as_str(), "scheduled"));
            assert_eq!(shown[1].replace(' ', "T") + "Z", iso(eight));
        }
        let [(kind, payload)] = &told(&shop).await[..] else { panic!("told once") };
        assert_eq!(kind, event_kind::INSTALLATION_SCHEDULED);
        assert_eq!(
            (&payload["appointmentId"], &payload["state"]),
            (&json!(appointment.id), &json!("scheduled"))
        );
        assert_eq!(
            (&payload["timeZone"], &payload["startsAt"]),
            (&json!("Asia/Kolkata"), &json!(done.starts_at))
        );

        // Asked again it is what it was, and its echo is no news.
        let mark = shop.mark();
        let again = book(&shop, "7", &iso(eight)).await.unwrap();
        assert_eq!((again, lines(&shop.sent(mark))), (done, vec![]));
        shop.settle().await;
        assert_eq!(kinds(&shop).await.len(), 1);
        assert_eq!(lines(&shop.sent(mark)), [""; 0]);
    }
}

#[tokio::test]
async fn with_the_slots_known_a_booking_is_three_calls() {
    let shop = shop().await;
    for number in ["1", "2"] {
        place(&shop, number).await;
    }
    let eight = monday(&shop) + 8 * HOUR;
    let free = shop
        .engine
        .available_installations(
            None,
            &iso(eight - 8 * HOUR),
            &iso(eight + 4 * DAY),
            &InstallationTerms::default(),
        )
        .await
        .unwrap();
    assert_eq!(free.len(), 4 * 3);
    assert_eq!(free[0].installer_ids.len(), 2);
    let mark = shop.mark();
    book(&shop, "1", &free[0].starts_at).await.unwrap();
    assert_eq!(lines(&shop.sent(mark)), CALLS);

    let mark = shop.mark();
    let moved = shop
        .engine
        .reschedule_installation(None, &id("1"), &free[5].starts_at, &InstallationTerms::default())
        .await
        .unwrap();
    assert_eq!(moved.starts_at, free[5].starts_at);
    assert!(shop.sent(mark).len() <= 3 + 3, "{:?}", lines(&shop.sent(mark)));

    // Cold: the team, the zone, the slots of two installers and the calendar's events come before.
    let cold = shop.another_engine(|_| ()).await;
    let mark = shop.mark();
    cold.schedule_installation(None, &id("2"), &free[0].starts_at, &InstallationTerms::default())
        .await
        .unwrap();
    let sent = shop.sent(mark);
    assert_eq!(sent.len(), 8, "{:?}", lines(&sent));
    assert_eq!(&lines(&sent)[5..], CALLS);
}

#[tokio::test]
async fn the_least_busy_installer_comes_unless_another_is_asked_for() {
    let shop = shop().await;
    for number in ["1", "2", "3", "4"] {
        place(&shop, number).await;
    }
    let (eight, team) = (monday(&shop) + 8 * HOUR, team(&shop));
    let first = book(&shop, "1", &iso(eight)).await.unwrap();
    let second = book(&shop, "2", &iso(eight + 2 * HOUR)).await.unwrap();
    assert_eq!([first.installer_id.as_str(), second.installer_id.as_str()], [&team[0], &team[1]]);
    let next_day = iso(eight + DAY);
    let third = shop.engine.schedule_installation(None, &id("3"), &next_day, &by(&team[1])).await.unwrap();
    assert_eq!(third.installer_id.as_str(), team[1]);
    let fourth = book(&shop, "4", &next_day[..10]).await.unwrap();
    assert_eq!((fourth.installer_id.as_str(), &fourth.starts_at[..16]), (team[0].as_str(), &next_day[..16]));
}

#[tokio::test]
async fn a_taken_time_names_the_nearest_that_are_free_and_writes_nothing() {
    let shop = shop().await;
    for number in ["1", "2", "3"] {
        place(&shop, number).await;
    }
    let ten = monday(&shop) + 10 * HOUR;
    book(&shop, "1", &iso(ten)).await.unwrap();
    book(&shop, "2", &iso(ten)).await.unwrap();
    shop.settle().await;
    let (before, mark) = (shop.db.dump().await, shop.mark());
    let error = book(&shop, "3", &iso(ten)).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::SlotTaken, Some("at")), "{error}");
    let alternatives: Vec<&str> = error.alternatives().iter().map(|slot| slot.starts_at.as_str()).collect();
    assert_eq!(alternatives.len(), 5);
    // The whole Monday is taken by six hours from ten; Tuesday is nearer than the Friday before.
    assert!(alternatives[0].starts_with(&iso(ten + DAY - 2 * HOUR)[..16]), "{alternatives:?}");
    assert_eq!(shop.db.dump().await, before);
    assert_eq!(shop.writes(mark).len(), 0);
    // What it names can be booked.
    let booked = book(&shop, "3", alternatives[0]).await.unwrap();
    assert_eq!(booked.starts_at, alternatives[0]);
}

#[tokio::test]
async fn bad_input_is_named_and_nothing_is_written() {
    let shop = Shop::with(Setup { webhooks: false, ..setup(Keep::usual()) }).await;
    place(&shop, "7").await;
    place(&shop, "8").await;
    shop.change("8", "cancelled", UpdateOptions::default()).await.unwrap();
    let ten = iso(monday(&shop) + 10 * HOUR);
    let usual = InstallationTerms::default;
    let zoned = |zone: &str| InstallationTerms { time_zone: Some(zone.to_owned()), ..usual() };
    let table: Vec<(&str, String, InstallationTerms, Code, &str)> = vec![
        ("7", "2020-01-01T09:00".into(), usual(), Code::InvalidArgument, "at"),
        ("7", "2020-01-01".into(), usual(), Code::InvalidArgument, "at"),
        ("7", "2199-01-01T09:00".into(), usual(), Code::InvalidArgument, "at"),
        ("7", "99999-01-01T09:00".into(), usual(), Code::InvalidArgument, "at"),
        ("7", "next monday".into(), usual(), Code::InvalidArgument, "at"),
        ("7", String::new(), usual(), Code::InvalidArgument, "at"),
        ("7", "2026-03-29T03:30".into(), zoned("Europe/Helsinki"), Code::InvalidArgument, "at"),
        ("7", "2026-10-25T03:30".into(), zoned("Europe/Helsinki"), Code::InvalidArgument, "at"),
        ("7", ten.clone(), zoned("Mars/Base"), Code::InvalidArgument, "timeZone"),
        ("7", ten.clone(), by("nobody"), Code::InvalidArgument, "installerId"),
        (
            "7",
            ten.clone(),
            InstallationTerms { duration_minutes: Some(0), ..usual() },
            Code::InvalidArgument,
            "durationMinutes",
        ),
        (
            "7",
            ten.clone(),
            InstallationTerms { duration_minutes: Some(1_441), ..usual() },
            Code::InvalidArgument,
            "durationMinutes",
        ),
        (
            "7",
            ten.clone(),
            InstallationTerms { buffer_minutes: Some(-1), ..usual() },
            Code::InvalidArgument,
            "bufferMinutes",
        ),
        (
            "7",
            ten.clone(),
            InstallationTerms { instructions: Some("x".repeat(5_001)), ..usual() },
            Code::InvalidArgument,
            "instructions",
        ),
        (
            "7",
            ten.clone(),
            InstallationTerms { duration_minutes: Some(12 * 60), ..usual() },
            Code::SlotTaken,
            "at",
        ),
        ("8", ten.clone(), usual(), Code::TransitionRefused, "status"),
        ("none", ten.clone(), usual(), Code::OrderNotFound, "orderId"),
    ];
    let (before, mark) = (shop.db.dump().await, shop.mark());
    for (order, at, terms, code, field) in table {
        let error = shop.engine.schedule_installation(None, &id(order), &at, &terms).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (code, Some(field)), "{at}: {error}");
    }
    for (from, to, field) in [
        ("x", "2026-01-01", "from"),
        ("2020-01-01", "2020-01-02", "to"),
        (&ten[..10], "2199-01-01", "to"),
        ("2199-01-01", "2199-01-02", "from"),
    ] {
        let error = shop.engine.available_installations(None, from, to, &usual()).await.unwrap_err();
        assert_eq!(
            (error.code(), error.field()),
            (Code::InvalidArgument, Some(field)),
            "{from} {to}: {error}"
        );
    }
    let error = shop.engine.reschedule_installation(None, &id("7"), &ten, &usual()).await.unwrap_err();
    assert_eq!(error.field(), Some("orderId"));
    let error = shop.engine.cancel_installation(None, &id("7")).await.unwrap_err();
    assert_eq!(error.field(), Some("orderId"));
    let error = shop.engine.installation(None, &id("7")).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    assert_eq!(shop.db.dump().await, before);
    assert_eq!(lines(&shop.writes(mark)), [""; 0]);

    book(&shop, "7", &ten).await.unwrap();
    let error = book(&shop, "7", &iso(monday(&shop) + DAY + 8 * HOUR)).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("orderId")), "{error}");
    assert_eq!(appointments(&shop).len(), 1);
}

#[tokio::test]
async fn without_a_calendar_or_a_team_the_setting_is_named() {
    let bare = Shop::open().await;
    place(&bare, "7").await;
    let error = book(&bare, "7", "2099-01-01T09:00").await.unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::Config, Some("calendarId")), "{error}");

    let shop = shop().await;
    place(&shop, "7").await;
    shop.ghl.with(|ghl| ghl.calendar_mut(LOCATION_ID).unwrap().team.clear());
    let error = book(&shop, "7", &iso(monday(&shop) + 8 * HOUR)).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::Config, Some("calendarId")), "{error}");
}

#[tokio::test]
async fn the_way_between_two_jobs_and_blocked_time_are_kept_free() {
    let mut setup = setup(Keep::usual());
    setup.webhooks = false;
    let shop = Shop::with(setup).await;
    let team = team(&shop);
    // One calendar day of short jobs.
    shop.ghl.with(|ghl| {
        let calendar = ghl.calendar_mut(LOCATION_ID).unwrap();
        (calendar.slot_minutes, calendar.interval_minutes) = (60, 60);
    });
    let engine = shop
        .another_engine(|config| {
            config.installation.duration_minutes = 60;
            config.installation.buffer_minutes = 60;
        })
        .await;
    for number in ["1", "2", "3"] {
        place(&shop, number).await;
    }
    let day = monday(&shop);
    let book = async |order: &str, hour: i64| {
        engine.schedule_installation(None, &id(order), &iso(day + hour * HOUR), &by(&team[0])).await
    };
    book("1", 12).await.unwrap();
    for hour in [11, 13] {
        assert_eq!(book("2", hour).await.unwrap_err().code(), Code::SlotTaken, "{hour}");
    }
    book("2", 14).await.unwrap();
    // The slots are known from a moment ago; the block is not, until it is looked at.
    shop.ghl.with(|ghl| ghl.block_time(LOCATION_ID, &team[0], day + 16 * HOUR, day + 18 * HOUR)).unwrap();
    let error = book("3", 16).await.unwrap_err();
    assert_eq!(error.code(), Code::SlotTaken, "{error}");
    assert_eq!(appointments(&shop).len(), 2);
    assert!(booked(&shop, "3").await.is_none());
}

/// Many processes, one installer, one day of forty slots: each slot is somebody's, and no two overlap.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_who_book_one_installers_day_no_two_overlap() {
    let mut setup = setup(Keep::usual());
    setup.webhooks = false;
    let shop = Shop::with(setup).await;
    shop.ghl.with(|ghl| {
        let calendar = ghl.calendar_mut(LOCATION_ID).unwrap();
        (calendar.slot_minutes, calendar.interval_minutes) = (15, 15);
    });
    let installer = team(&shop)[0].clone();
    const ORDERS: usize = 200;
    for number in 0..ORDERS {
        let options = UpdateOptions { wait_ms: Some(0), ..UpdateOptions::default() };
        shop.engine.create_order(&order(&number.to_string()), options).await.unwrap();
    }
    shop.settle().await;
    let mut engines = Vec::new();
    for _ in 0..4 {
        engines.push(shop.another_engine(|config| config.installation.duration_minutes = 15).await);
    }
    let day = iso(monday(&shop))[..10].to_owned();
    let calls = (0..ORDERS).map(|number| {
        let (engine, day, terms) = (engines[number % engines.len()].clone(), day.clone(), by(&installer));
        tokio::spawn(async move {
            engine.schedule_installation(None, &OrderId::new(number.to_string()), &day, &terms).await
        })
    });
    let (mut done, mut taken) = (BTreeSet::new(), 0);
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Ok(installation) => {
                assert_eq!(installation.state, InstallationState::Scheduled);
                assert!(done.insert(installation.starts_at.clone()), "{installation:?}");
            }
            Err(error) => {
                assert_eq!(error.code(), Code::SlotTaken, "{error}");
                assert!(!error.alternatives().is_empty());
                taken += 1;
            }
        }
    }
    // Ten hours of quarters.
    assert_eq!((done.len(), taken), (40, ORDERS - 40));
    let mut times: Vec<(i64, i64)> =
        appointments(&shop).iter().map(|appointment| (appointment.start, appointment.end)).collect();
    times.sort_unstable();
    assert_eq!(times.len(), 40, "one appointment each");
    assert!(times.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{times:?}");
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_bookings WHERE state = 'scheduled'").await, "40");
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_bookings").await, "40");
    assert_eq!(kinds(&shop).await.len(), 40);
}

/// The same order, booked by many at once.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_book_one_order_one_does() {
    let shop = shop().await;
    place(&shop, "7").await;
    let eight = iso(monday(&shop) + 8 * HOUR);
    let calls = (0..16).map(|_| {
        let (engine, eight) = (shop.engine.clone(), eight.clone());
        tokio::spawn(async move {
            engine.schedule_installation(None, &id("7"), &eight, &InstallationTerms::default()).await
        })
    });
    for call in calls.collect::<Vec<_>>() {
        let installation = call.await.unwrap().unwrap();
        assert!(matches!(installation.state, InstallationState::Scheduled | InstallationState::Booking));
    }
    assert_eq!(appointments(&shop).len(), 1);
    assert_eq!(booked(&shop, "7").await.unwrap().state, BookingState::Scheduled);
}

fn rule(method: &str, fault: Fault) -> FaultRule {
    FaultRule {
        nth: 1,
        method: method.to_owned(),
        path: "/calendars/events/appointments".to_owned(),
        fault: Some(fault),
        latency_ms: 0,
    }
}

#[tokio::test]
async fn a_lost_reply_is_looked_for_and_never_repeated_blindly() {
    for (fault, posts) in [(Fault::ResetAfter, 1), (Fault::Status(502), 2), (Fault::ResetBefore, 2)] {
        let shop = shop().await;
        place(&shop, "7").await;
        let eight = iso(monday(&shop) + 8 * HOUR);
        shop.fault(vec![rule("POST", fault)]);
        let mark = shop.mark();
        let booking = book(&shop, "7", &eight).await.unwrap();
        assert_eq!((booking.state, booking.appointment_id), (InstallationState::Booking, None), "{fault:?}");
        // The time is kept meanwhile, and asking again makes nothing twice.
        assert_eq!(book(&shop, "7", &eight).await.unwrap().state, InstallationState::Booking);
        let error = shop.engine.cancel_installation(None, &id("7")).await.unwrap_err();
        assert_eq!(error.code(), Code::Conflict);
        assert_eq!(kinds(&shop).await, [""; 0]);
        later(&shop).await;
        let row = booked(&shop, "7").await.unwrap();
        assert_eq!(row.state, BookingState::Scheduled, "{fault:?}");
        let made = appointments(&shop);
        assert_eq!(made.len(), 1, "{fault:?}");
        assert_eq!(row.appointment.unwrap().as_str(), made[0].id);
        let tries = shop.writes(mark).iter().filter(|sent| sent.line == CALLS[2]).count();
        assert_eq!(tries, posts, "{fault:?}");
        assert_eq!(kinds(&shop).await, [event_kind::INSTALLATION_SCHEDULED]);
        assert_eq!(shown(&shop, "7").await[2], "scheduled");
    }
}

/// A caller that dies between its claim and the appointment, or between that and hearing of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_dies_in_the_middle_leaves_one_appointment_in_the_end() {
    for (path, fault, made) in [
        ("/calendars/blocked-slots", Fault::StallBefore, 0),
        ("/calendars/events/appointments", Fault::StallAfter, 1),
    ] {
        let shop = shop().await;
        place(&shop, "7").await;
        let eight = iso(monday(&shop) + 8 * HOUR);
        shop.fault(vec![FaultRule { path: path.to_owned(), ..rule("", fault) }]);
        let mark = shop.mark();
        let (engine, at) = (shop.engine.clone(), eight.clone());
        let call = tokio::spawn(async move {
            engine.schedule_installation(None, &id("7"), &at, &InstallationTerms::default()).await
        });
        wait_until("the call is under way", || async {
            let there = shop.sent(mark).iter().any(|sent| sent.path == path);
            (there && appointments(&shop).len() == made).then_some(())
        })
        .await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        let row = booked(&shop, "7").await.unwrap();
        assert_eq!((row.state, row.appointment), (BookingState::Booking, None), "{path}");
        // Nobody else gets the time meanwhile.
        place(&shop, "8").await;
        let other = shop.engine.schedule_installation(None, &id("8"), &eight, &by(&team(&shop)[0])).await;
        assert_eq!(other.unwrap_err().code(), Code::SlotTaken);
        later(&shop).await;
        assert_eq!(appointments(&shop).len(), 1, "{path}: {:?}", lines(&shop.sent(mark)));
        assert_eq!(booked(&shop, "7").await.unwrap().state, BookingState::Scheduled);
        assert_eq!(kinds(&shop).await, [event_kind::INSTALLATION_SCHEDULED]);
        let posts = shop.writes(mark).iter().filter(|sent| sent.line == CALLS[2]).count();
        assert_eq!(posts, 1, "{path}");
    }
}

/// What the shop's own columns are, and a version of the API that spells things otherwise.
#[tokio::test]
async fn the_shops_own_columns_and_version_3_serve_as_well() {
    let mut setup = setup(Keep::usual());
    setup.vars.push(("GHL_API_VERSION", "v3".to_owned()));
    setup.tables = "CREATE TABLE orders (id VARCHAR(40) PRIMARY KEY, status VARCHAR(50) NOT NULL, \
                    ghl_appointment_id VARCHAR(100), installation_date TEXT, installation_status VARCHAR(20)); \
                    INSERT INTO orders (id, status) VALUES ('7', 'order_placed')";
    let shop = Shop::with(setup).await;
    // Its customer is not in GHL yet, and no worker runs.
    let wait_ms = Some(0);
    shop.engine
        .create_order(&order("7"), UpdateOptions { wait_ms, ..UpdateOptions::default() })
        .await
        .unwrap();
    let eight = monday(&shop) + 8 * HOUR;
    let booked = book(&shop, "7", &iso(eight)).await.unwrap();
    assert_eq!(booked.state, InstallationState::Scheduled);
    let row = shown(&shop, "7").await;
    assert_eq!(
        (row[0].as_str(), row[2].as_str()),
        (booked.appointment_id.as_ref().unwrap().as_str(), "scheduled")
    );
    assert!(row[1].replace(' ', "T").starts_with(&iso(eight)[..19]), "{row:?}");
    shop.engine
        .reschedule_installation(None, &id("7"), &iso(eight + DAY), &InstallationTerms::default())
        .await
        .unwrap();
    assert_eq!(appointments(&shop)[0].start, eight + DAY);
    shop.settle().await;
    assert_eq!(
        shop.engine.cancel_installation(None, &id("7")).await.unwrap().state,
        InstallationState::Cancelled
    );
    assert_eq!(kinds(&shop).await.len(), 3);
}

#[tokio::test]
async fn a_refused_booking_frees_its_claim_and_tries_another_installer() {
    let shop = shop().await;
    place(&shop, "1").await;
    place(&shop, "2").await;
    let (eight, team) = (monday(&shop) + 8 * HOUR, team(&shop));
    let terms = InstallationTerms::default();
    shop.engine.available_installations(None, &iso(eight), &iso(eight + DAY), &terms).await.unwrap();
    // A human takes the first installer's time in another calendar, which no slot of a minute ago shows.
    let contact = shop.seed(&[("email", "other@example.com")], &[]);
    shop.ghl.with(|ghl| ghl.block_time(LOCATION_ID, &team[0], eight, eight + HOUR)).unwrap();
    let booked_by = book(&shop, "1", &iso(eight)).await.unwrap().installer_id;
    assert_eq!(booked_by.as_str(), team[1], "{contact}");

    // GHL refuses for a reason that is not the slot: the claim is freed.
    shop.fault(vec![rule("POST", Fault::Status(403))]);
    let before = shop.db.rows("SELECT * FROM ghlkit_bookings ORDER BY order_id").await;
    let error = book(&shop, "2", &iso(eight + DAY)).await.unwrap_err();
    assert_eq!(error.status(), Some(403), "{error}");
    assert_eq!(shop.db.rows("SELECT * FROM ghlkit_bookings ORDER BY order_id").await, before);
    book(&shop, "2", &iso(eight + DAY)).await.unwrap();
}

#[tokio::test]
async fn an_installation_is_moved_and_cancelled_and_booked_again() {
    let shop = shop().await;
    place(&shop, "7").await;
    let eight = monday(&shop) + 8 * HOUR;
    let terms = InstallationTerms::default();
    book(&shop, "7", &iso(eight)).await.unwrap();
    // Into its own time: GHL offers no slot there, and has none of its own against it.
    let moved =
        shop.engine.reschedule_installation(None, &id("7"), &iso(eight + 2 * HOUR), &terms).await.unwrap();
    assert_eq!(moved.state, InstallationState::Scheduled);
    let [appointment] = &appointments(&shop)[..] else { panic!("one appointment") };
    assert_eq!((appointment.start, appointment.end), (eight + 2 * HOUR, eight + 8 * HOUR));
    assert_eq!(shown(&shop, "7").await[1].replace(' ', "T") + "Z", iso(eight + 2 * HOUR));
    // And back, which is news again.
    shop.engine.reschedule_installation(None, &id("7"), &iso(eight), &terms).await.unwrap();
    let mark = shop.mark();
    let same = shop.engine.reschedule_installation(None, &id("7"), &iso(eight), &terms).await.unwrap();
    assert_eq!((same.state, shop.sent(mark).len()), (InstallationState::Scheduled, 0));

    let cancelled = shop.engine.cancel_installation(None, &id("7")).await.unwrap();
    assert_eq!(cancelled.state, InstallationState::Cancelled);
    assert_eq!(appointments(&shop)[0].status(), "cancelled");
    assert_eq!(shown(&shop, "7").await[2], "cancelled");
    assert_eq!(shop.engine.cancel_installation(None, &id("7")).await.unwrap(), cancelled);

    // The time is free again, for the order too.
    let again = book(&shop, "7", &iso(eight)).await.unwrap();
    assert_ne!(again.appointment_id, cancelled.appointment_id);
    assert_eq!(standing(&shop).len(), 1);
    shop.settle().await;
    use event_kind::{
        INSTALLATION_CANCELLED as CANCELLED, INSTALLATION_RESCHEDULED as MOVED,
        INSTALLATION_SCHEDULED as BOOKED,
    };
    assert_eq!(kinds(&shop).await, [BOOKED, MOVED, MOVED, CANCELLED, BOOKED]);
}

#[tokio::test]
async fn a_lost_reply_of_a_move_or_a_cancellation_is_found_out() {
    for fault in [Fault::ResetAfter, Fault::StallAfter] {
        let shop = shop().await;
        place(&shop, "7").await;
        let eight = monday(&shop) + 8 * HOUR;
        book(&shop, "7", &iso(eight)).await.unwrap();
        // All tries of a call.
        let lose = || {
            let rules = (1..=3).map(|nth| FaultRule { nth, ..rule("PUT", fault) });
            shop.fault(rules.collect());
        };
        lose();
        let next_day = iso(eight + DAY);
        let moved = shop
            .engine
            .reschedule_installation(None, &id("7"), &next_day, &InstallationTerms::default())
            .await
            .unwrap();
        assert_eq!(moved.state, InstallationState::Moving);
        assert!(moved.starts_at.starts_with(&next_day[..16]));
        later(&shop).await;
        assert_eq!(booked(&shop, "7").await.unwrap().state, BookingState::Scheduled);
        assert_eq!(appointments(&shop)[0].start, eight + DAY);
        lose();
        let cancelled = shop.engine.cancel_installation(None, &id("7")).await.unwrap();
        assert_eq!(cancelled.state, InstallationState::Cancelling);
        later(&shop).await;
        assert_eq!(booked(&shop, "7").await.unwrap().state, BookingState::Cancelled);
        assert_eq!(appointments(&shop)[0].status(), "cancelled");
        assert_eq!(kinds(&shop).await.len(), 3, "{fault:?}");
    }
}

#[tokio::test]
async fn what_a_human_does_in_the_calendar_comes_back() {
    for keep in Keep::both() {
        let shop = Shop::with(setup(keep)).await;
        place(&shop, "7").await;
        let (eight, team) = (monday(&shop) + 8 * HOUR, team(&shop));
        let appointment = book(&shop, "7", &iso(eight)).await.unwrap().appointment_id.unwrap();
        shop.settle().await;
        let appointment = appointment.as_str();

        let mark = shop.mark();
        shop.human(|ghl, now| ghl.move_appointment(now, appointment, eight + DAY, eight + DAY + 4 * HOUR));
        shop.settle().await;
        let row = booked(&shop, "7").await.unwrap();
        assert_eq!((row.time.starts_at, row.time.ends_at), (eight + DAY, eight + DAY + 4 * HOUR));
        assert_eq!(lines(&shop.sent(mark)), ["GET /calendars/events/appointments/{id}"]);
        if keep != Keep::Memory {
            assert_eq!(shown(&shop, "7").await[1].replace(' ', "T") + "Z", iso(eight + DAY));
        }
        shop.human(|ghl, now| ghl.assign_appointment(now, appointment, &team[1]));
        shop.settle().await;
        assert_eq!(booked(&shop, "7").await.unwrap().time.installer.as_str(), team[1]);
        // A body that says nothing new is nothing; so is a status that only says how it went.
        shop.human(|ghl, now| ghl.set_appointment_status(now, appointment, "showed"));
        shop.settle().await;
        shop.human(|ghl, now| ghl.delete_appointment(now, appointment));
        shop.settle().await;
        assert_eq!(booked(&shop, "7").await.unwrap().state, BookingState::Cancelled);
        use event_kind::{INSTALLATION_CANCELLED, INSTALLATION_RESCHEDULED, INSTALLATION_SCHEDULED};
        let expected = [
            INSTALLATION_SCHEDULED,
            INSTALLATION_RESCHEDULED,
            INSTALLATION_RESCHEDULED,
            INSTALLATION_CANCELLED,
        ];
        assert_eq!(kinds(&shop).await, expected, "{keep:?}");
        assert_eq!(told(&shop).await[3].1["state"], "cancelled");
        let mark = shop.mark();
        shop.settle().await;
        assert_eq!(lines(&shop.sent(mark)), [""; 0]);
    }
}

#[tokio::test]
async fn an_order_that_leaves_the_path_has_its_appointment_cancelled() {
    let shop = shop().await;
    let worker = shop.work();
    for (number, status) in [("1", "cancelled"), ("2", "refunded"), ("3", "returned")] {
        place(&shop, number).await;
        let day = monday(&shop) + DAY * number.parse::<i64>().unwrap();
        book(&shop, number, &iso(day + 8 * HOUR)).await.unwrap();
        shop.change(number, status, UpdateOptions::default()).await.unwrap();
        wait_until("the appointment is cancelled", || async {
            let state = booked(&shop, number).await.unwrap().state;
            (state == BookingState::Cancelled && standing(&shop).is_empty()).then_some(())
        })
        .await;
        assert_eq!(shown(&shop, number).await[2], "cancelled");
    }
    drop(worker);
    let cancelled =
        told(&shop).await.into_iter().filter(|(kind, _)| kind == event_kind::INSTALLATION_CANCELLED);
    assert_eq!(cancelled.count(), 3);
}

#[tokio::test]
async fn a_lost_booking_of_an_order_that_left_the_path_is_called_off() {
    let shop = shop().await;
    place(&shop, "7").await;
    shop.fault(vec![rule("POST", Fault::ResetAfter)]);
    book(&shop, "7", &iso(monday(&shop) + 8 * HOUR)).await.unwrap();
    shop.change("7", "cancelled", UpdateOptions::default()).await.unwrap();
    later(&shop).await;
    later(&shop).await;
    assert_eq!(booked(&shop, "7").await.unwrap().state, BookingState::Cancelled);
    assert_eq!(standing(&shop).len(), 0);
    assert_eq!(appointments(&shop).len(), 1);
}

#[tokio::test]
async fn a_booking_that_comes_too_late_is_given_up_and_told() {
    let shop = shop().await;
    place(&shop, "7").await;
    let (eight, team) = (monday(&shop) + 8 * HOUR, team(&shop));
    shop.fault(vec![rule("POST", Fault::ResetBefore)]);
    assert_eq!(book(&shop, "7", &iso(eight)).await.unwrap().state, InstallationState::Booking);
    // Meanwhile the installer's time is another's.
    shop.ghl.with(|ghl| ghl.block_time(LOCATION_ID, &team[0], eight, eight + HOUR)).unwrap();
    later(&shop).await;
    assert_eq!(booked(&shop, "7").await, None);
    assert_eq!(appointments(&shop).len(), 0);
    assert_eq!(kinds(&shop).await, [event_kind::INSTALLATION_FAILED]);
    let told = shop.events(event_kind::INSTALLATION_FAILED).await;
    assert!(told[0].1["message"].as_str().unwrap().contains("no longer available"), "{told:?}");
    assert_eq!(shown(&shop, "7").await, ["NULL", "NULL", "NULL"]);
    // The order can be booked anew.
    assert_eq!(book(&shop, "7", &iso(eight)).await.unwrap().installer_id.as_str(), team[1]);
}

#[tokio::test]
async fn without_a_customer_in_ghl_nothing_is_claimed() {
    let mut setup = setup(Keep::usual());
    setup.sync.wait_ms = 0;
    let shop = Shop::with(setup).await;
    shop.fault(vec![FaultRule { path: "/contacts/".to_owned(), ..rule("POST", Fault::Status(503)) }]);
    shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
    let error = book(&shop, "7", &iso(monday(&shop) + 8 * HOUR)).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::Conflict, Some("orderId")), "{error}");
    assert!(error.retryable());
    assert_eq!(booked(&shop, "7").await, None);
}
