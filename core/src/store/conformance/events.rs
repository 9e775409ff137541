use crate::ports::store::{EventFilter, EventRow, NewOrder};

use super::*;

requirements![
    events_are_read_after_a_position,
    events_are_read_by_order,
    the_end_of_the_log_is_read_with_what_was_missing,
    an_event_is_claimed_by_one_and_may_be_given_back,
];

async fn insert_told(store: &AnyStore, id: &str, keys: &[&str]) {
    let events = keys.iter().map(|key| event(key)).collect();
    store.insert_order(NewOrder { events, ..new_order(id) }).await.unwrap();
}

fn keys(rows: &[EventRow]) -> Vec<&str> {
    rows.iter().map(|row| row.key.as_str()).collect()
}

async fn events_are_read_after_a_position(store: AnyStore) {
    insert_told(&store, "a", &["1", "2"]).await;
    insert_told(&store, "b", &["3"]).await;
    let all = store.events(0, 10).await.unwrap();
    assert_eq!(keys(&all), ["1", "2", "3"]);
    assert!(all.is_sorted_by(|a, b| a.position < b.position));
    let expected = EventRow {
        position: all[2].position,
        location: here(),
        order: OrderId::new("b"),
        kind: "told".to_owned(),
        key: "3".to_owned(),
        payload: r#"{"key":"3"}"#.to_owned(),
        at: NOW,
        told: false,
    };
    assert_eq!(all[2], expected);
    assert_eq!(keys(&store.events(0, 2).await.unwrap()), ["1", "2"]);
    assert_eq!(keys(&store.events(all[0].position, 10).await.unwrap()), ["2", "3"]);
    assert_eq!(store.events(all[2].position, 10).await.unwrap(), []);
}

async fn events_are_read_by_order(store: AnyStore) {
    insert_told(&store, "a", &["1"]).await;
    insert_told(&store, "b", &["2"]).await;
    let elsewhere = LocationId::new("loc-2");
    let events = vec![event("3")];
    store.insert_order(NewOrder { location: elsewhere.clone(), events, ..new_order("c") }).await.unwrap();
    let read = async |location: Option<&LocationId>, order: Option<&str>, after: i64, limit: usize| {
        let (location, order) = (location.cloned(), order.map(OrderId::new));
        let rows = store.events_of(EventFilter { after, location, order, limit }).await.unwrap();
        keys(&rows).join(" ")
    };
    assert_eq!(read(None, None, 0, 9).await, "1 2 3");
    assert_eq!(read(None, None, 0, 2).await, "1 2");
    assert_eq!(read(Some(&here()), None, 0, 9).await, "1 2");
    assert_eq!(read(Some(&here()), Some("b"), 0, 9).await, "2");
    assert_eq!(read(Some(&elsewhere), Some("b"), 0, 9).await, "");
    let first = store.events(0, 1).await.unwrap()[0].position;
    assert_eq!(read(None, None, first, 9).await, "2 3");
    assert_eq!(read(Some(&here()), Some("a"), first, 9).await, "");
}

async fn the_end_of_the_log_is_read_with_what_was_missing(store: AnyStore) {
    assert_eq!(store.last_event().await.unwrap(), 0);
    insert_told(&store, "a", &["1", "2", "3"]).await;
    let all = store.events(0, 9).await.unwrap();
    assert_eq!(store.last_event().await.unwrap(), all[2].position);
    let horizon = store.horizon().await.unwrap();
    let read = store.tail(all[1].position, Vec::new(), 9).await.unwrap();
    assert_eq!(keys(&read.rows), ["3"]);
    // Others may write meanwhile, to other databases too.
    assert_eq!(read.oldest > 0, horizon > 0);
    if horizon > 0 {
        // Where one writes at a time, nothing is missing.
        let read =
            store.tail(all[1].position, vec![all[0].position..=all[0].position, 90..=99], 9).await.unwrap();
        assert_eq!(keys(&read.rows), ["1", "3"]);
        assert_eq!(keys(&store.tail(0, Vec::new(), 2).await.unwrap().rows), ["1", "2"]);
    }
}

async fn an_event_is_claimed_by_one_and_may_be_given_back(store: AnyStore) {
    insert_told(&store, "a", &["1", "2", "3"]).await;
    assert_eq!(store.claim_events(0).await.unwrap(), []);
    let first = store.claim_events(2).await.unwrap();
    assert_eq!(keys(&first), ["1", "2"], "oldest first");
    assert_eq!(keys(&store.claim_events(2).await.unwrap()), ["3"]);
    assert_eq!(store.claim_events(2).await.unwrap(), []);
    let told = async || store.events(0, 9).await.unwrap().iter().map(|row| row.told).collect::<Vec<_>>();
    assert_eq!(told().await, [true, true, true], "a claimed event stays in the log");
    store.release_event(first[1].position).await.unwrap();
    assert_eq!(told().await, [true, false, true]);
    let again = store.claim_events(9).await.unwrap();
    assert_eq!((keys(&again), again[0].position), (vec!["2"], first[1].position));
    store.release_event(first[1].position + 99).await.unwrap();
    assert_eq!(store.claim_events(9).await.unwrap(), []);
}
