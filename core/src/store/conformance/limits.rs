use crate::ports::store::LimitRow;

use super::*;

requirements![for dyn super::LimitStore:
    a_limit_comes_back_as_it_was_given,
    a_limit_is_replaced_only_by_who_has_read_it,
    of_many_who_read_a_limit_one_changes_it,
    scopes_and_locations_are_apart,
];

type Limits = Arc<dyn LimitStore>;

fn row(version: i64) -> LimitRow {
    LimitRow { version, state: format!(r#"{{"by":"ä {version}"}}"#) }
}

async fn kept(store: &Limits, scope: &str, location: &LocationId) -> Option<LimitRow> {
    store.limit_row(scope, location, NOW).await.unwrap().1
}

async fn a_limit_comes_back_as_it_was_given(store: Limits) {
    let (before, none) = store.limit_row("", &here(), NOW).await.unwrap();
    assert_eq!(none, None);
    let long = LimitRow { version: 7, state: "x".repeat(20_000) };
    assert!(store.swap_limit("", &here(), None, long.clone()).await.unwrap());
    let (after, row) = store.limit_row("", &here(), NOW).await.unwrap();
    assert_eq!(row, Some(long));
    assert!(before <= after, "time goes on: {before}, then {after}");
}

async fn a_limit_is_replaced_only_by_who_has_read_it(store: Limits) {
    assert!(!store.swap_limit("", &here(), Some(1), row(2)).await.unwrap(), "there is none");
    assert!(store.swap_limit("", &here(), None, row(1)).await.unwrap());
    assert!(!store.swap_limit("", &here(), None, row(2)).await.unwrap(), "there is one");
    assert!(!store.swap_limit("", &here(), Some(2), row(3)).await.unwrap(), "it has another version");
    assert_eq!(kept(&store, "", &here()).await, Some(row(1)));
    assert!(store.swap_limit("", &here(), Some(1), row(2)).await.unwrap());
    assert_eq!(kept(&store, "", &here()).await, Some(row(2)));
}

async fn of_many_who_read_a_limit_one_changes_it(store: Limits) {
    let at = here();
    for expected in [None, Some(1)] {
        let version = expected.unwrap_or_default() + 1;
        let swaps = (0..8).map(|_| store.swap_limit("app", &at, expected, row(version)));
        let swapped = futures::future::join_all(swaps).await;
        assert_eq!(swapped.into_iter().filter(|done| *done.as_ref().unwrap()).count(), 1);
    }
}

async fn scopes_and_locations_are_apart(store: Limits) {
    assert!(store.swap_limit("", &here(), None, row(1)).await.unwrap());
    assert!(store.swap_limit("app", &here(), None, row(2)).await.unwrap());
    assert!(store.swap_limit("", &there(), None, row(3)).await.unwrap());
    assert_eq!(kept(&store, "", &here()).await, Some(row(1)));
    assert_eq!(kept(&store, "app", &here()).await, Some(row(2)));
    assert_eq!(kept(&store, "", &there()).await, Some(row(3)));
    assert_eq!(kept(&store, "App", &there()).await, None);
}
