//! Many who book at once, and replies and callers that are lost.

use super::*;

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
