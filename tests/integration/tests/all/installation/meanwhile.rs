//! What happens in GHL's calendar between a look and what is done by it.

use super::*;

/// The request is served only after a while, in which others may act.
fn slow(method: &str) -> FaultRule {
    FaultRule { fault: None, latency_ms: 600, ..rule(method, Fault::Status(500)) }
}

/// Waits until the shop has looked whether the time is free: what it does by that is on its way.
async fn has_looked(shop: &Shop, mark: integration::Mark) {
    let looks = ["/calendars/events", "/calendars/blocked-slots"];
    wait_until("the shop has looked", || async {
        let sent = shop.sent(mark);
        looks.iter().all(|look| sent.iter().any(|sent| sent.path == *look)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_slot_that_is_taken_between_look_and_booking_goes_to_another_installer_or_is_refused() {
    for installers in [2, 1] {
        let shop = shop().await;
        place(&shop, "7").await;
        let (eight, team) = (monday(&shop) + 8 * HOUR, team(&shop));
        let terms = if installers == 1 { by(&team[0]) } else { InstallationTerms::default() };
        let before = shop.db.dump().await;
        shop.fault(vec![slow("POST")]);
        let mark = shop.mark();
        let (engine, at, asked) = (shop.engine.clone(), iso(eight), terms.clone());
        let booking =
            tokio::spawn(async move { engine.schedule_installation(None, &id("7"), &at, &asked).await });
        has_looked(&shop, mark).await;
        shop.ghl.with(|ghl| ghl.block_time(LOCATION_ID, &team[0], eight, eight + HOUR)).unwrap();
        let booked_as = booking.await.unwrap();
        let posts = shop.writes(mark).iter().filter(|sent| sent.line == CALLS[2]).count();
        if installers == 2 {
            let booked = booked_as.unwrap();
            assert_eq!((booked.installer_id.as_str(), posts), (team[1].as_str(), 2));
            assert_eq!(appointments(&shop).len(), 1);
        } else {
            let error = booked_as.unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::SlotTaken, Some("at")), "{error}");
            assert!(!error.alternatives().is_empty());
            assert!(error.alternatives().iter().all(|slot| slot.starts_at != iso(eight)), "{error:?}");
            assert_eq!((appointments(&shop).len(), posts), (0, 1));
            assert_eq!(shop.db.dump().await, before);
            assert_eq!(kinds(&shop).await, [""; 0]);
        }
    }
}

#[tokio::test]
async fn bad_input_of_a_move_is_named_and_nothing_is_written() {
    let shop = Shop::with(Setup { webhooks: false, ..setup(Keep::usual()) }).await;
    place(&shop, "7").await;
    place(&shop, "8").await;
    let eight = monday(&shop) + 8 * HOUR;
    book(&shop, "7", &iso(eight)).await.unwrap();
    for (order, installer) in [("8", 0), ("9", 1)] {
        if order == "9" {
            place(&shop, order).await;
        }
        let terms = by(&team(&shop)[installer]);
        shop.engine.schedule_installation(None, &id(order), &iso(eight + DAY), &terms).await.unwrap();
    }
    let usual = InstallationTerms::default;
    let zoned = |zone: &str| InstallationTerms { time_zone: Some(zone.to_owned()), ..usual() };
    let long = |minutes| InstallationTerms { duration_minutes: Some(minutes), ..usual() };
    let next_day = iso(eight + DAY);
    let table: Vec<(&str, &str, InstallationTerms, Code, &str)> = vec![
        ("7", "2020-01-01T09:00", usual(), Code::InvalidArgument, "at"),
        ("7", "2020-01-01", usual(), Code::InvalidArgument, "at"),
        ("7", "2199-01-01T09:00", usual(), Code::InvalidArgument, "at"),
        ("7", "2027-02-30T09:00", usual(), Code::InvalidArgument, "at"),
        ("7", "soon", usual(), Code::InvalidArgument, "at"),
        ("7", "2027-03-28T03:30", zoned("Europe/Helsinki"), Code::InvalidArgument, "at"),
        ("7", "2027-10-31T03:30", zoned("Europe/Helsinki"), Code::InvalidArgument, "at"),
        ("7", "2011-12-30", zoned("Pacific/Apia"), Code::InvalidArgument, "at"),
        ("7", &next_day, zoned("Europe/Atlantis"), Code::InvalidArgument, "timeZone"),
        ("7", &next_day, by("nobody"), Code::InvalidArgument, "installerId"),
        ("7", &next_day, long(0), Code::InvalidArgument, "durationMinutes"),
        ("7", &next_day, long(24 * 60 + 1), Code::InvalidArgument, "durationMinutes"),
        // Both installers are elsewhere, or no day is so long.
        ("7", &next_day, usual(), Code::SlotTaken, "at"),
        ("7", &next_day, by(&team(&shop)[0]), Code::SlotTaken, "at"),
        ("7", &next_day, long(12 * 60), Code::SlotTaken, "at"),
        ("none", &next_day, usual(), Code::OrderNotFound, "orderId"),
    ];
    let (before, mark, calendar) = (shop.db.dump().await, shop.mark(), appointments(&shop));
    for (order, at, terms, code, field) in table {
        let error = shop.engine.reschedule_installation(None, &id(order), at, &terms).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (code, Some(field)), "{at}: {error}");
        // No day of the calendar's has twelve hours.
        let some = code == Code::SlotTaken && terms.duration_minutes.is_none();
        assert_eq!(!error.alternatives().is_empty(), some, "{at}: {error:?}");
    }
    assert_eq!(shop.db.dump().await, before);
    assert_eq!(lines(&shop.writes(mark)), [""; 0]);
    assert_eq!(format!("{:?}", appointments(&shop)), format!("{calendar:?}"));
}

#[tokio::test]
async fn an_appointment_that_was_deleted_meanwhile_can_be_neither_moved_nor_is_it_cancelled_twice() {
    for moves in [true, false] {
        // The event of the deletion never comes, or after what found it.
        for webhooks in [false, true] {
            let shop = Shop::with(Setup { webhooks, ..setup(Keep::usual()) }).await;
            place(&shop, "7").await;
            let eight = monday(&shop) + 8 * HOUR;
            let appointment = book(&shop, "7", &iso(eight)).await.unwrap().appointment_id.unwrap();
            shop.settle().await;
            shop.human(|ghl, now| ghl.delete_appointment(now, appointment.as_str()));
            let mark = shop.mark();
            if moves {
                let terms = InstallationTerms::default();
                let error = shop
                    .engine
                    .reschedule_installation(None, &id("7"), &iso(eight + DAY), &terms)
                    .await
                    .unwrap_err();
                assert_eq!(
                    (error.code(), error.field()),
                    (Code::InvalidArgument, Some("orderId")),
                    "{error}"
                );
            } else {
                let cancelled = shop.engine.cancel_installation(None, &id("7")).await.unwrap();
                assert_eq!(cancelled.state, InstallationState::Cancelled);
            }
            shop.settle().await;
            let row = booked(&shop, "7").await.unwrap();
            assert_eq!((row.state, row.to, row.due_at), (BookingState::Cancelled, None, None), "{moves}");
            assert_eq!(shown(&shop, "7").await[2], "cancelled");
            assert_eq!(appointments(&shop).len(), 0);
            assert!(shop.writes(mark).len() <= 1, "{:?}", lines(&shop.writes(mark)));
            use event_kind::{INSTALLATION_CANCELLED, INSTALLATION_SCHEDULED};
            assert_eq!(
                kinds(&shop).await,
                [INSTALLATION_SCHEDULED, INSTALLATION_CANCELLED],
                "{moves} {webhooks}"
            );
            // The time is free again.
            assert_eq!(book(&shop, "7", &iso(eight)).await.unwrap().state, InstallationState::Scheduled);
            assert_eq!(standing(&shop).len(), 1);
        }
    }
}

/// A human drags the appointment while a move of the shop's is on its way, or right after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_move_and_a_humans_end_where_ghl_has_the_appointment() {
    for before_it_is_served in [true, false] {
        let shop = shop().await;
        place(&shop, "7").await;
        let eight = monday(&shop) + 8 * HOUR;
        let appointment = book(&shop, "7", &iso(eight)).await.unwrap().appointment_id.unwrap();
        shop.settle().await;
        let drag = || {
            let (from, to) = (eight + 3 * DAY, eight + 3 * DAY + 6 * HOUR);
            shop.human(|ghl, now| ghl.move_appointment(now, appointment.as_str(), from, to));
        };
        shop.fault(vec![slow("PUT")]);
        let mark = shop.mark();
        let (engine, at) = (shop.engine.clone(), iso(eight + DAY));
        let moving = tokio::spawn(async move {
            engine.reschedule_installation(None, &id("7"), &at, &InstallationTerms::default()).await
        });
        has_looked(&shop, mark).await;
        if before_it_is_served {
            drag();
        }
        // What comes in while the move is under way waits for its end.
        shop.ghl.webhooks_settled().await;
        let moved = moving.await.unwrap().unwrap();
        assert_eq!(moved.state, InstallationState::Scheduled);
        if !before_it_is_served {
            drag();
        }
        shop.settle().await;
        let expected = if before_it_is_served { eight + DAY } else { eight + 3 * DAY };
        let row = booked(&shop, "7").await.unwrap();
        assert_eq!((row.state, row.time.starts_at), (BookingState::Scheduled, expected));
        assert_eq!(appointments(&shop)[0].start, expected, "the booking says what GHL has");
        assert_eq!(shown(&shop, "7").await[1].replace(' ', "T") + "Z", iso(expected));
        let moves = if before_it_is_served { 1 } else { 2 };
        let told = kinds(&shop).await;
        assert_eq!(told.len(), 1 + moves, "{told:?}");
        assert!(told[1..].iter().all(|kind| kind == event_kind::INSTALLATION_RESCHEDULED), "{told:?}");
        assert_eq!(shop.engine.store().pending_inbox(0, 1).await.unwrap(), []);
    }
}

/// A human moves, cancels or deletes the appointment while a cancellation of the shop's is on its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_stands_whatever_a_human_does_meanwhile() {
    for act in ["move", "cancel", "delete"] {
        let shop = shop().await;
        place(&shop, "7").await;
        let eight = monday(&shop) + 8 * HOUR;
        let appointment = book(&shop, "7", &iso(eight)).await.unwrap().appointment_id.unwrap();
        shop.settle().await;
        shop.fault(vec![slow("PUT")]);
        let engine = shop.engine.clone();
        let cancelling = tokio::spawn(async move { engine.cancel_installation(None, &id("7")).await });
        wait_until("the cancellation is written down", || async {
            (booked(&shop, "7").await.unwrap().state == BookingState::Cancelling).then_some(())
        })
        .await;
        let appointment = appointment.as_str();
        shop.human(|ghl, now| match act {
            "move" => ghl.move_appointment(now, appointment, eight + DAY, eight + DAY + 6 * HOUR),
            "cancel" => ghl.set_appointment_status(now, appointment, "cancelled"),
            _ => ghl.delete_appointment(now, appointment),
        });
        shop.ghl.webhooks_settled().await;
        assert_eq!(cancelling.await.unwrap().unwrap().state, InstallationState::Cancelled, "{act}");
        shop.settle().await;
        assert_eq!(booked(&shop, "7").await.unwrap().state, BookingState::Cancelled, "{act}");
        assert_eq!((standing(&shop).len(), shown(&shop, "7").await[2].as_str()), (0, "cancelled"), "{act}");
        use event_kind::{INSTALLATION_CANCELLED, INSTALLATION_SCHEDULED};
        assert_eq!(kinds(&shop).await, [INSTALLATION_SCHEDULED, INSTALLATION_CANCELLED], "{act}");
    }
}
