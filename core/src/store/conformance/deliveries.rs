use crate::ports::store::{
    DeliveryCount, DeliveryFilter, DeliveryLease, DeliveryOutcome, DeliveryRow, DeliveryState, NewDelivery,
    NewOrder,
};

use super::*;

requirements![
    an_event_is_decided_about_once,
    a_delivery_comes_back_as_it_was_given,
    of_an_order_and_channel_the_first_due_is_leased,
    a_lease_that_ended_passes_on_and_settles_nothing,
    a_try_that_leaves_is_noted_until_it_is_known_not_to_have_arrived,
    one_that_is_not_tried_yet_holds_up_the_later_ones,
    failures_are_counted_from_the_first,
    what_ended_is_due_again_by_replay_alone,
    deliveries_are_listed_and_counted,
    of_many_workers_one_leases_a_delivery,
];

const LEASE: i64 = 60_000;

fn new(order: &str, channel: &str, key: &str) -> NewDelivery {
    NewDelivery {
        location: here(),
        order: OrderId::new(order),
        channel: channel.to_owned(),
        key: key.to_owned(),
        message: format!("message of {key}"),
        payload: r#"{"ä":1}"#.to_owned(),
        at: NOW - 5,
    }
}

async fn add(store: &AnyStore, order: &str, channel: &str, key: &str) {
    assert!(store.insert_delivery(new(order, channel, key), NOW).await.unwrap());
}

async fn lease_due(store: &AnyStore, token: &str, now: i64, max: usize) -> Vec<DeliveryRow> {
    let channels = vec!["email".to_owned(), "sms".to_owned()];
    let lease = DeliveryLease { token: token.to_owned(), now, until: now + LEASE, max, channels };
    store.lease_deliveries(lease).await.unwrap()
}

fn keys(rows: &[DeliveryRow]) -> Vec<&str> {
    rows.iter().map(|row| row.key.as_str()).collect()
}

async fn next(store: &AnyStore) -> Option<i64> {
    store.next_delivery(&["email".to_owned(), "sms".to_owned()]).await.unwrap()
}

async fn all(store: &AnyStore) -> Vec<DeliveryRow> {
    store.deliveries(DeliveryFilter::default()).await.unwrap()
}

fn wait(due_at: i64, counted: bool, unknown: bool) -> DeliveryOutcome {
    let error = Some(("network".to_owned(), "no route".to_owned()));
    DeliveryOutcome::Wait { due_at, counted, unknown, error }
}

async fn an_event_is_decided_about_once(store: AnyStore) {
    let events = vec![event("1"), event("2")];
    store.insert_order(NewOrder { events, ..new_order("a") }).await.unwrap();
    let open = store.unplanned_events(9).await.unwrap();
    assert_eq!(open.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(store.unplanned_events(1).await.unwrap(), open[..1]);
    let told = vec![new("a", "email", "k"), new("a", "sms", "k")];
    store.plan_event(open[0].position, told.clone(), NOW).await.unwrap();
    store.plan_event(open[0].position, told, NOW + 9).await.unwrap();
    assert_eq!(store.unplanned_events(9).await.unwrap(), open[1..]);
    let rows = all(&store).await;
    assert_eq!(
        rows.iter().map(|row| (row.channel.as_str(), row.due_at)).collect::<Vec<_>>(),
        [("email", NOW), ("sms", NOW)]
    );
    store.plan_event(open[1].position, Vec::new(), NOW).await.unwrap();
    assert_eq!(store.unplanned_events(9).await.unwrap(), []);
    assert_eq!(
        store.claim_events(9).await.unwrap().len(),
        2,
        "whether it is told elsewhere is another matter"
    );
}

async fn a_delivery_comes_back_as_it_was_given(store: AnyStore) {
    add(&store, "a", "email", "k").await;
    assert!(!store.insert_delivery(new("a", "email", "k"), NOW + 1).await.unwrap());
    assert!(store.insert_delivery(new("b", "email", "k"), NOW + 1).await.unwrap());
    let rows = all(&store).await;
    let expected = DeliveryRow {
        id: rows[0].id,
        location: here(),
        order: OrderId::new("a"),
        channel: "email".to_owned(),
        key: "k".to_owned(),
        message: "message of k".to_owned(),
        payload: r#"{"ä":1}"#.to_owned(),
        at: NOW - 5,
        state: DeliveryState::Waiting,
        due_at: NOW,
        failures: 0,
        first_failed_at: None,
        lease_token: None,
        sent_at: None,
        reference: None,
        error_code: None,
        error_message: None,
    };
    assert_eq!((&rows[0], rows.len()), (&expected, 2));
    assert!(rows[0].id < rows[1].id);
}

async fn of_an_order_and_channel_the_first_due_is_leased(store: AnyStore) {
    for (order, channel, key) in [
        ("a", "email", "a1"),
        ("a", "email", "a2"),
        ("a", "sms", "a3"),
        ("b", "email", "b1"),
        ("b", "hook", "b2"),
    ] {
        add(&store, order, channel, key).await;
    }
    assert_eq!(lease_due(&store, "early", NOW - 1, 9).await, []);
    let first = lease_due(&store, "one", NOW, 2).await;
    assert_eq!(keys(&first), ["a1", "a3"]);
    assert_eq!((first[0].state, first[0].due_at), (DeliveryState::Leased, NOW + LEASE));
    assert_eq!(
        keys(&lease_due(&store, "two", NOW, 9).await),
        ["b1"],
        "a2 waits for a1, and nobody asked for hooks"
    );
    assert!(store.settle_delivery(first[0].id, "one", wait(NOW + 500, true, false), NOW).await.unwrap());
    let later = lease_due(&store, "three", NOW, 9).await;
    assert_eq!(keys(&later), ["a2"], "one that failed holds up nobody");
    assert_eq!(lease_due(&store, "four", NOW + 500, 9).await, [], "but two never go together");
    assert_eq!(next(&store).await, Some(NOW + LEASE), "that of the hook is not ours");
    assert_eq!(store.next_delivery(&["hook".to_owned()]).await.unwrap(), Some(NOW));
}

async fn a_lease_that_ended_passes_on_and_settles_nothing(store: AnyStore) {
    add(&store, "a", "email", "k").await;
    let id = lease_due(&store, "one", NOW, 1).await[0].id;
    assert_eq!(lease_due(&store, "two", NOW + LEASE - 1, 1).await, []);
    let again = lease_due(&store, "two", NOW + LEASE, 1).await;
    assert_eq!(again[0].lease_token.as_deref(), Some("two"));
    let now = NOW + LEASE;
    assert!(!store.delivery_leaves(id, "one", now).await.unwrap());
    assert!(!store.settle_delivery(id, "one", DeliveryOutcome::Done(None), now).await.unwrap());
    assert!(!store.delivery_leaves(id, "two", now + LEASE).await.unwrap(), "late");
    assert_eq!(all(&store).await[0].state, DeliveryState::Leased);
    let (done, late) = (DeliveryOutcome::Done(Some("m1".to_owned())), now + LEASE);
    assert!(store.settle_delivery(id, "two", done, late).await.unwrap(), "nobody has taken it over");
    let row = all(&store).await.remove(0);
    assert_eq!((row.state, row.due_at, row.reference.as_deref()), (DeliveryState::Done, late, Some("m1")));
    assert_eq!(next(&store).await, None);
}

async fn a_try_that_leaves_is_noted_until_it_is_known_not_to_have_arrived(store: AnyStore) {
    add(&store, "a", "email", "k").await;
    let id = lease_due(&store, "one", NOW, 1).await[0].id;
    assert!(store.delivery_leaves(id, "one", NOW + 7).await.unwrap());
    assert!(store.settle_delivery(id, "one", wait(NOW + 9, true, true), NOW + 8).await.unwrap());
    let row = lease_due(&store, "two", NOW + 9, 1).await.remove(0);
    assert_eq!((row.sent_at, row.failures), (Some(NOW + 7), 1));
    assert!(store.settle_delivery(id, "two", wait(NOW + 10, true, false), NOW + 9).await.unwrap());
    assert_eq!(all(&store).await[0].sent_at, None);
}

async fn one_that_is_not_tried_yet_holds_up_the_later_ones(store: AnyStore) {
    add(&store, "a", "email", "1").await;
    let first = lease_due(&store, "one", NOW, 1).await.remove(0);
    add(&store, "a", "email", "2").await;
    assert_eq!(next(&store).await, Some(NOW + LEASE), "the second waits for the first");
    assert!(store.settle_delivery(first.id, "one", wait(NOW + 50, false, false), NOW).await.unwrap());
    assert_eq!(lease_due(&store, "two", NOW + 49, 9).await, []);
    assert_eq!(next(&store).await, Some(NOW + 50));
    assert_eq!(keys(&lease_due(&store, "two", NOW + 50, 9).await), ["1"]);
    assert!(store.settle_delivery(first.id, "two", wait(NOW + 90, true, false), NOW + 51).await.unwrap());
    assert_eq!(next(&store).await, Some(NOW));
    assert_eq!(keys(&lease_due(&store, "three", NOW + 51, 9).await), ["2"]);
}

async fn failures_are_counted_from_the_first(store: AnyStore) {
    add(&store, "a", "email", "k").await;
    for (i, counted) in [true, false, true].into_iter().enumerate() {
        let now = NOW + i64::try_from(i).unwrap();
        let id = lease_due(&store, "one", now, 1).await[0].id;
        assert!(store.settle_delivery(id, "one", wait(now + 1, counted, false), now).await.unwrap());
    }
    let row = all(&store).await.remove(0);
    assert_eq!((row.failures, row.first_failed_at), (2, Some(NOW)));
    assert_eq!(
        (row.error_code.as_deref(), row.error_message.as_deref()),
        (Some("network"), Some("no route"))
    );
}

async fn what_ended_is_due_again_by_replay_alone(store: AnyStore) {
    let dead = DeliveryOutcome::Dead { error: ("refused".to_owned(), "no".to_owned()) };
    let skipped = DeliveryOutcome::Skipped("off".to_owned());
    for (key, outcome) in [("1", dead), ("2", skipped), ("3", DeliveryOutcome::Done(None))] {
        add(&store, key, "email", key).await;
        let row = lease_due(&store, "one", NOW, 9).await.remove(0);
        assert!(!store.replay_delivery(row.id, NOW).await.unwrap(), "it is under way");
        assert!(store.settle_delivery(row.id, "one", outcome, NOW).await.unwrap());
        assert_eq!(lease_due(&store, "two", NOW + LEASE, 9).await, []);
        assert_eq!(store.replay_delivery(row.id, NOW + 1).await.unwrap(), key != "3");
        let again = lease_due(&store, "two", NOW + 1, 9).await;
        assert_eq!(again.len(), usize::from(key != "3"));
        if let Some(row) = again.first() {
            assert_eq!((row.failures, &row.error_code), (0, &None));
            assert!(
                store.settle_delivery(row.id, "two", DeliveryOutcome::Done(None), NOW + 1).await.unwrap()
            );
        }
    }
    assert!(!store.replay_delivery(9_999, NOW).await.unwrap());
}

async fn deliveries_are_listed_and_counted(store: AnyStore) {
    for (order, channel) in [("a", "email"), ("a", "sms"), ("b", "email")] {
        add(&store, order, channel, "k").await;
    }
    for (order, outcome) in
        [("c", DeliveryOutcome::Done(None)), ("d", DeliveryOutcome::Skipped("off".to_owned()))]
    {
        assert!(store.insert_delivery(new(order, "sms", "ended"), NOW - 9).await.unwrap());
        let row = lease_due(&store, "ends", NOW - 9, 1).await.remove(0);
        assert!(store.settle_delivery(row.id, "ends", outcome, NOW - 9).await.unwrap());
    }
    let leased = lease_due(&store, "one", NOW, 1).await.remove(0);
    let list = async |filter: DeliveryFilter| {
        let rows = store.deliveries(filter).await.unwrap();
        rows.iter().map(|row| format!("{} {}", row.order, row.channel)).collect::<Vec<_>>()
    };
    let by = DeliveryFilter::default;
    assert_eq!(list(DeliveryFilter { order: Some(OrderId::new("a")), ..by() }).await, ["a email", "a sms"]);
    assert_eq!(
        list(DeliveryFilter { channel: Some("email".to_owned()), ..by() }).await,
        ["a email", "b email"]
    );
    assert_eq!(list(DeliveryFilter { state: Some(DeliveryState::Leased), ..by() }).await, ["a email"]);
    assert_eq!(list(DeliveryFilter { after: leased.id, limit: 1, ..by() }).await, ["a sms"]);
    assert_eq!(list(DeliveryFilter { state: Some(DeliveryState::Skipped), ..by() }).await, ["d sms"]);
    assert_eq!(list(DeliveryFilter { location: Some(there()), ..by() }).await, [""; 0]);
    let count = |channel: &str, state, count| DeliveryCount { channel: channel.to_owned(), state, count };
    let dead = DeliveryOutcome::Dead { error: ("refused".to_owned(), "no".to_owned()) };
    assert!(store.insert_delivery(new("e", "email", "dead"), NOW - 9).await.unwrap());
    let row = lease_due(&store, "dies", NOW - 9, 1).await.remove(0);
    assert!(store.settle_delivery(row.id, "dies", dead, NOW - 9).await.unwrap());
    assert_eq!(
        store.count_deliveries().await.unwrap(),
        [
            count("email", DeliveryState::Waiting, 1),
            count("email", DeliveryState::Leased, 1),
            count("email", DeliveryState::Dead, 1),
            count("sms", DeliveryState::Waiting, 1)
        ]
    );
}

async fn of_many_workers_one_leases_a_delivery(store: AnyStore) {
    for key in ["1", "2", "3"] {
        add(&store, "a", "email", key).await;
        let tokens: Vec<String> = (0..8).map(|i| format!("worker {i}")).collect();
        let leases = tokens.iter().map(|token| lease_due(&store, token, NOW, 4));
        let leased: Vec<DeliveryRow> = futures::future::join_all(leases).await.concat();
        assert_eq!(keys(&leased), [key]);
        let token = leased[0].lease_token.clone().unwrap();
        assert!(store.settle_delivery(leased[0].id, &token, DeliveryOutcome::Done(None), NOW).await.unwrap());
    }
}
