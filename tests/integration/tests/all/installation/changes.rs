//! What comes after: moves, cancellations, people in the calendar, orders that leave.

use super::*;

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
