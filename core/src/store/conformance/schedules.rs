use crate::ports::store::{FiringRow, ScheduleRow};

use super::*;

requirements![
    a_schedule_comes_back_as_it_was_given,
    a_schedule_is_replaced_only_by_who_has_read_it,
    of_many_who_read_a_schedule_one_changes_it,
];

fn row(version: i64) -> ScheduleRow {
    ScheduleRow {
        version,
        cron: "*/15 * * * *".to_owned(),
        time_zone: "Europe/Helsinki".to_owned(),
        next_at: NOW + version,
        firing: None,
        ended_at: None,
        error: None,
    }
}

async fn a_schedule_comes_back_as_it_was_given(store: AnyStore) {
    assert_eq!(store.schedule("sync").await.unwrap(), None);
    let firing = FiringRow { due_at: NOW, token: "t".to_owned(), until: NOW + LEASE_MS };
    let full =
        ScheduleRow { firing: Some(firing), ended_at: Some(NOW - 1), error: Some("ä".to_owned()), ..row(1) };
    assert!(store.swap_schedule("sync", None, full.clone()).await.unwrap());
    assert!(store.swap_schedule("other", None, row(1)).await.unwrap());
    assert_eq!(store.schedule("sync").await.unwrap(), Some(full));
    assert!(store.swap_schedule("sync", Some(1), row(2)).await.unwrap());
    assert_eq!(store.schedule("sync").await.unwrap(), Some(row(2)), "what is over is gone");
    assert_eq!(store.schedule("other").await.unwrap(), Some(row(1)));
}

async fn a_schedule_is_replaced_only_by_who_has_read_it(store: AnyStore) {
    assert!(!store.swap_schedule("a", Some(1), row(2)).await.unwrap(), "there is none");
    assert!(store.swap_schedule("a", None, row(1)).await.unwrap());
    assert!(!store.swap_schedule("a", None, row(2)).await.unwrap(), "there is one");
    assert!(!store.swap_schedule("a", Some(2), row(3)).await.unwrap(), "it has another version");
    assert_eq!(store.schedule("a").await.unwrap(), Some(row(1)));
}

async fn of_many_who_read_a_schedule_one_changes_it(store: AnyStore) {
    for expected in [None, Some(1)] {
        let version = expected.unwrap_or_default() + 1;
        let swaps = (0..8).map(|_| store.swap_schedule("a", expected, row(version)));
        let swapped = futures::future::join_all(swaps).await;
        assert_eq!(swapped.into_iter().filter(|done| *done.as_ref().unwrap()).count(), 1);
    }
}
