use crate::ports::store::StateRow;

use super::*;

requirements![
    a_state_comes_back_as_it_was_given,
    a_state_is_replaced_only_by_who_has_read_it,
    of_many_who_read_a_state_one_changes_it,
    states_of_kinds_and_names_are_apart,
    a_store_that_is_open_lacks_nothing,
];

const KIND: &str = "kind";

fn row(version: i64) -> StateRow {
    StateRow { version, state: format!(r#"{{"known":"ä {version}"}}"#) }
}

async fn a_state_comes_back_as_it_was_given(store: AnyStore) {
    assert_eq!(store.state(KIND, "a").await.unwrap(), None);
    let long = StateRow { version: 7, state: "x".repeat(20_000) };
    assert!(store.swap_state(KIND, "a", None, long.clone()).await.unwrap());
    assert_eq!(store.state(KIND, "a").await.unwrap(), Some(long));
}

async fn a_state_is_replaced_only_by_who_has_read_it(store: AnyStore) {
    assert!(!store.swap_state(KIND, "a", Some(1), row(2)).await.unwrap(), "there is none");
    assert!(store.swap_state(KIND, "a", None, row(1)).await.unwrap());
    assert!(!store.swap_state(KIND, "a", None, row(2)).await.unwrap(), "there is one");
    assert!(!store.swap_state(KIND, "a", Some(2), row(3)).await.unwrap(), "it has another version");
    assert_eq!(store.state(KIND, "a").await.unwrap(), Some(row(1)));
    assert!(store.swap_state(KIND, "a", Some(1), row(2)).await.unwrap());
    assert_eq!(store.state(KIND, "a").await.unwrap(), Some(row(2)));
}

async fn of_many_who_read_a_state_one_changes_it(store: AnyStore) {
    for expected in [None, Some(1)] {
        let version = expected.unwrap_or_default() + 1;
        let swaps = (0..8).map(|_| store.swap_state(KIND, "a", expected, row(version)));
        let swapped = futures::future::join_all(swaps).await;
        assert_eq!(swapped.into_iter().filter(|done| *done.as_ref().unwrap()).count(), 1);
    }
}

async fn states_of_kinds_and_names_are_apart(store: AnyStore) {
    assert!(store.swap_state(KIND, "a", None, row(1)).await.unwrap());
    assert!(store.swap_state("other", "a", None, row(2)).await.unwrap());
    assert!(store.swap_state(KIND, "A", None, row(3)).await.unwrap());
    assert_eq!(store.state(KIND, "a").await.unwrap(), Some(row(1)));
    assert_eq!(store.state("other", "a").await.unwrap(), Some(row(2)));
    assert_eq!(store.state(KIND, "A").await.unwrap(), Some(row(3)));
    assert_eq!(store.state("other", "A").await.unwrap(), None);
}

async fn a_store_that_is_open_lacks_nothing(store: AnyStore) {
    let found = store.inspect().await.unwrap();
    assert_eq!((found.pending, found.newer, found.lacking.as_slice()), (0, false, &[] as &[String]));
}
