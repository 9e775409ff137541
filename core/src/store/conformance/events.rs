use crate::ports::store::{EventRow, NewOrder};

use super::*;

requirements![events_are_read_after_a_position, an_event_is_claimed_by_one_and_may_be_given_back];

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
