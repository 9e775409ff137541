use crate::{
    ids::{CalendarId, EventId, UserId},
    ports::store::{BookingRow, BookingState, BookingTime, EventRow, KeepBooking, Kept},
};

use super::*;

requirements![
    a_booking_comes_back_as_it_was_given,
    a_booking_is_replaced_only_by_who_has_read_it,
    a_time_of_an_installer_is_claimed_once,
    the_way_between_two_bookings_counts_on_both_sides,
    while_a_booking_is_moved_both_times_are_held,
    what_is_cancelled_or_dropped_holds_nothing,
    a_fact_is_kept_though_another_booking_is_there,
    bookings_are_found_by_time_by_appointment_and_when_due,
    what_a_booking_tells_is_written_with_it_or_not_at_all,
];

const HOUR: i64 = 3_600_000;

fn time(installer: &str, from: i64, until: i64) -> BookingTime {
    BookingTime {
        installer: UserId::new(installer),
        starts_at: NOW + from * HOUR,
        ends_at: NOW + until * HOUR,
    }
}

fn row(order: &str, installer: &str, from: i64, until: i64) -> BookingRow {
    BookingRow {
        location: here(),
        order: OrderId::new(order),
        version: 1,
        state: BookingState::Booking,
        appointment: None,
        calendar: CalendarId::new("calendar"),
        time: time(installer, from, until),
        to: None,
        buffer_ms: 0,
        time_zone: "Europe/Helsinki".to_owned(),
        title: format!("Installation of {order}"),
        product: "Barrel".to_owned(),
        instructions: None,
        creating_since: Some(NOW),
        due_at: Some(NOW + HOUR),
        failures: 0,
    }
}

fn keeping(expected: Option<i64>, row: BookingRow) -> KeepBooking {
    KeepBooking { expected, row, exclusive: true, show: false, events: Vec::new(), now: NOW }
}

async fn claim(store: &AnyStore, row: BookingRow) -> Kept {
    store.keep_booking(keeping(None, row)).await.unwrap()
}

async fn kept(store: &AnyStore, order: &str) -> Option<BookingRow> {
    store.booking(&here(), &OrderId::new(order)).await.unwrap()
}

async fn with_orders(store: &AnyStore, orders: &[&str]) {
    for order in orders {
        insert(store, order).await;
    }
}

async fn a_booking_comes_back_as_it_was_given(store: AnyStore) {
    with_orders(&store, &["a"]).await;
    assert_eq!(kept(&store, "a").await, None);
    let bare = row("a", "anna", 1, 2);
    assert_eq!(claim(&store, bare.clone()).await, Kept::Kept);
    assert_eq!(kept(&store, "a").await, Some(bare.clone()));
    let full = BookingRow {
        version: 2,
        state: BookingState::Moving,
        appointment: Some(EventId::new("event")),
        to: Some(time("ben", 5, 7)),
        buffer_ms: 7,
        instructions: Some("Ring ä\ntwice".to_owned()),
        creating_since: None,
        due_at: None,
        failures: 3,
        ..bare
    };
    assert_eq!(store.keep_booking(keeping(Some(1), full.clone())).await.unwrap(), Kept::Kept);
    assert_eq!(kept(&store, "a").await, Some(full));
    assert_eq!(store.booking(&there(), &OrderId::new("a")).await.unwrap(), None);
}

async fn a_booking_is_replaced_only_by_who_has_read_it(store: AnyStore) {
    with_orders(&store, &["a"]).await;
    let next = |version| BookingRow { version, ..row("a", "anna", 3, 4) };
    assert_eq!(store.keep_booking(keeping(Some(1), next(2))).await.unwrap(), Kept::Moved, "there is none");
    assert_eq!(claim(&store, row("a", "anna", 1, 2)).await, Kept::Kept);
    assert_eq!(claim(&store, row("a", "anna", 8, 9)).await, Kept::Moved, "there is one");
    assert_eq!(store.keep_booking(keeping(Some(2), next(3))).await.unwrap(), Kept::Moved);
    let both = [next(2), next(2)].map(|row| store.keep_booking(keeping(Some(1), row)));
    let both = futures::future::join_all(both).await;
    assert_eq!(both.into_iter().filter(|kept| *kept.as_ref().unwrap() == Kept::Kept).count(), 1);
    assert!(!store.drop_booking(&here(), &OrderId::new("a"), 1, Vec::new(), NOW).await.unwrap());
    assert_eq!(kept(&store, "a").await.unwrap().version, 2);
}

async fn a_time_of_an_installer_is_claimed_once(store: AnyStore) {
    let orders: Vec<String> = (0..8).map(|number| number.to_string()).collect();
    for order in &orders {
        insert(&store, order).await;
    }
    let claims = orders.iter().map(|order| claim(&store, row(order, "anna", 1, 7)));
    let claims = futures::future::join_all(claims).await;
    assert_eq!(claims.iter().filter(|kept| **kept == Kept::Kept).count(), 1, "{claims:?}");
    assert_eq!(claims.iter().filter(|kept| **kept == Kept::Taken).count(), 7, "{claims:?}");
    with_orders(&store, &["b", "c", "d", "e"]).await;
    assert_eq!(claim(&store, row("b", "anna", 6, 8)).await, Kept::Taken);
    assert_eq!(claim(&store, row("b", "ben", 6, 8)).await, Kept::Kept, "another installer");
    assert_eq!(claim(&store, row("c", "anna", 7, 8)).await, Kept::Kept, "one after the other");
    assert_eq!(claim(&store, row("d", "anna", 0, 1)).await, Kept::Kept, "one before the other");
    let elsewhere = BookingRow { location: there(), ..row("e", "anna", 1, 7) };
    assert_eq!(claim(&store, elsewhere).await, Kept::Kept, "another location");
}

async fn the_way_between_two_bookings_counts_on_both_sides(store: AnyStore) {
    with_orders(&store, &["a", "b", "c", "d"]).await;
    let far =
        |order: &str, from, until| BookingRow { buffer_ms: 2 * HOUR, ..row(order, "anna", from, until) };
    assert_eq!(claim(&store, far("a", 10, 16)).await, Kept::Kept);
    assert_eq!(claim(&store, row("b", "anna", 17, 18)).await, Kept::Taken, "that booking's way");
    assert_eq!(claim(&store, row("b", "anna", 18, 19)).await, Kept::Kept);
    assert_eq!(claim(&store, far("c", 20, 21)).await, Kept::Taken, "this booking's way");
    assert_eq!(claim(&store, far("c", 21, 22)).await, Kept::Kept);
    let longest = BookingRow { buffer_ms: 24 * HOUR, ..row("d", "anna", -18, -13) };
    assert_eq!(claim(&store, longest).await, Kept::Taken, "a day's way");
}

async fn while_a_booking_is_moved_both_times_are_held(store: AnyStore) {
    with_orders(&store, &["a", "b", "c"]).await;
    claim(&store, row("a", "anna", 1, 7)).await;
    let moving = BookingRow {
        version: 2,
        state: BookingState::Moving,
        to: Some(time("ben", 4, 10)),
        ..row("a", "anna", 1, 7)
    };
    assert_eq!(store.keep_booking(keeping(Some(1), moving.clone())).await.unwrap(), Kept::Kept);
    assert_eq!(claim(&store, row("b", "anna", 6, 8)).await, Kept::Taken);
    assert_eq!(claim(&store, row("b", "ben", 9, 11)).await, Kept::Taken);
    let moved = BookingRow { version: 3, time: time("ben", 4, 10), to: None, ..moving };
    assert_eq!(store.keep_booking(keeping(Some(2), moved.clone())).await.unwrap(), Kept::Kept);
    assert_eq!(claim(&store, row("b", "anna", 6, 8)).await, Kept::Kept);
    assert_eq!(claim(&store, row("c", "ben", 9, 11)).await, Kept::Taken);
    // Its own time does not keep a booking from being moved a little.
    let a_little = BookingRow { version: 4, to: Some(time("ben", 5, 11)), ..moved };
    assert_eq!(store.keep_booking(keeping(Some(3), a_little)).await.unwrap(), Kept::Kept);
}

async fn what_is_cancelled_or_dropped_holds_nothing(store: AnyStore) {
    with_orders(&store, &["a", "b", "c"]).await;
    claim(&store, row("a", "anna", 1, 7)).await;
    let cancelled = BookingRow { version: 2, state: BookingState::Cancelled, ..row("a", "anna", 1, 7) };
    store.keep_booking(keeping(Some(1), cancelled)).await.unwrap();
    assert_eq!(claim(&store, row("b", "anna", 1, 7)).await, Kept::Kept);
    assert!(store.drop_booking(&here(), &OrderId::new("b"), 1, Vec::new(), NOW).await.unwrap());
    assert_eq!(kept(&store, "b").await, None);
    assert_eq!(claim(&store, row("c", "anna", 1, 7)).await, Kept::Kept);
}

async fn a_fact_is_kept_though_another_booking_is_there(store: AnyStore) {
    with_orders(&store, &["a", "b"]).await;
    claim(&store, row("a", "anna", 1, 7)).await;
    let fact = KeepBooking { exclusive: false, ..keeping(None, row("b", "anna", 2, 8)) };
    assert_eq!(store.keep_booking(fact).await.unwrap(), Kept::Kept);
}

async fn bookings_are_found_by_time_by_appointment_and_when_due(store: AnyStore) {
    with_orders(&store, &["a", "b", "c"]).await;
    let due = |order: &str, from, due_at| BookingRow { due_at, ..row(order, "anna", from, from + 1) };
    claim(&store, BookingRow { appointment: Some(EventId::new("event")), ..due("a", 1, Some(NOW + 2)) })
        .await;
    claim(&store, due("b", 3, Some(NOW + 1))).await;
    claim(&store, BookingRow { to: Some(time("ben", 9, 10)), ..due("c", 5, None) }).await;

    let of =
        |rows: Vec<BookingRow>| rows.into_iter().map(|row| row.order.as_str().to_owned()).collect::<Vec<_>>();
    let touching = async |from: i64, until: i64| {
        of(store.bookings(&here(), NOW + from * HOUR, NOW + until * HOUR).await.unwrap())
    };
    assert_eq!(touching(2, 3).await, [""; 0]);
    assert_eq!(touching(1, 4).await, ["a", "b"]);
    assert_eq!(touching(9, 10).await, ["c"]);
    assert_eq!(of(store.bookings(&there(), NOW, NOW + 99 * HOUR).await.unwrap()), [""; 0]);

    assert_eq!(of(store.due_bookings(NOW, 9).await.unwrap()), [""; 0]);
    assert_eq!(of(store.due_bookings(NOW + 2, 9).await.unwrap()), ["b", "a"]);
    assert_eq!(of(store.due_bookings(NOW + 2, 1).await.unwrap()), ["b"]);

    let of_event = async |location: &LocationId, id: &str| {
        store.booking_of(location, &EventId::new(id)).await.unwrap().map(|row| row.order)
    };
    assert_eq!(of_event(&here(), "event").await, Some(OrderId::new("a")));
    assert_eq!(of_event(&here(), "other").await, None);
    assert_eq!(of_event(&there(), "event").await, None);
}

async fn what_a_booking_tells_is_written_with_it_or_not_at_all(store: AnyStore) {
    with_orders(&store, &["a", "b"]).await;
    let told = async |store: &AnyStore| {
        let events = store.events(0, 99).await.unwrap();
        events.into_iter().map(|EventRow { key, .. }| key).collect::<Vec<_>>()
    };
    let telling = |keep: KeepBooking, key: &str| KeepBooking { events: vec![event(key)], show: true, ..keep };
    assert_eq!(
        store.keep_booking(telling(keeping(None, row("a", "anna", 1, 7)), "one")).await.unwrap(),
        Kept::Kept
    );
    assert_eq!(
        store.keep_booking(telling(keeping(None, row("b", "anna", 1, 7)), "two")).await.unwrap(),
        Kept::Taken
    );
    assert_eq!(
        store.keep_booking(telling(keeping(Some(9), row("a", "anna", 8, 9)), "three")).await.unwrap(),
        Kept::Moved
    );
    assert_eq!(told(&store).await, ["one"]);
    let gone = vec![event("four"), event("one")];
    assert!(!store.drop_booking(&here(), &OrderId::new("a"), 2, gone.clone(), NOW).await.unwrap());
    assert!(store.drop_booking(&here(), &OrderId::new("a"), 1, gone, NOW).await.unwrap());
    assert_eq!(told(&store).await, ["one", "four"], "a key that was used is told no more");
}
