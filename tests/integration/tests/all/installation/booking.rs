//! A booking: what is asked for, written and told.

use super::*;

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
