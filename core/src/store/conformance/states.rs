use crate::ports::store::WalkRow;

use super::*;

requirements![
    a_walk_comes_back_as_it_was_given,
    a_walk_is_replaced_only_by_who_has_read_it,
    of_many_who_read_a_walk_one_changes_it,
    walks_of_locations_and_names_are_apart,
];

fn row(version: i64) -> WalkRow {
    WalkRow { version, state: format!(r#"{{"place":"ä {version}"}}"#) }
}

async fn a_walk_comes_back_as_it_was_given(store: AnyStore) {
    assert_eq!(store.walk(&here(), "repair").await.unwrap(), None);
    let long = WalkRow { version: 7, state: "x".repeat(20_000) };
    assert!(store.swap_walk(&here(), "repair", None, long.clone()).await.unwrap());
    assert_eq!(store.walk(&here(), "repair").await.unwrap(), Some(long));
}

async fn a_walk_is_replaced_only_by_who_has_read_it(store: AnyStore) {
    let at = here();
    assert!(!store.swap_walk(&at, "repair", Some(1), row(2)).await.unwrap(), "there is none");
    assert!(store.swap_walk(&at, "repair", None, row(1)).await.unwrap());
    assert!(!store.swap_walk(&at, "repair", None, row(2)).await.unwrap(), "there is one");
    assert!(!store.swap_walk(&at, "repair", Some(2), row(3)).await.unwrap(), "it has another version");
    assert_eq!(store.walk(&at, "repair").await.unwrap(), Some(row(1)));
    assert!(store.swap_walk(&at, "repair", Some(1), row(2)).await.unwrap());
    assert_eq!(store.walk(&at, "repair").await.unwrap(), Some(row(2)));
}

async fn of_many_who_read_a_walk_one_changes_it(store: AnyStore) {
    let at = here();
    for expected in [None, Some(1)] {
        let version = expected.unwrap_or_default() + 1;
        let swaps = (0..8).map(|_| store.swap_walk(&at, "repair", expected, row(version)));
        let swapped = futures::future::join_all(swaps).await;
        assert_eq!(swapped.into_iter().filter(|done| *done.as_ref().unwrap()).count(), 1);
    }
}

async fn walks_of_locations_and_names_are_apart(store: AnyStore) {
    assert!(store.swap_walk(&here(), "repair", None, row(1)).await.unwrap());
    assert!(store.swap_walk(&here(), "report", None, row(2)).await.unwrap());
    assert!(store.swap_walk(&there(), "repair", None, row(3)).await.unwrap());
    assert_eq!(store.walk(&here(), "repair").await.unwrap(), Some(row(1)));
    assert_eq!(store.walk(&here(), "report").await.unwrap(), Some(row(2)));
    assert_eq!(store.walk(&there(), "repair").await.unwrap(), Some(row(3)));
    assert_eq!(store.walk(&there(), "report").await.unwrap(), None);
}
