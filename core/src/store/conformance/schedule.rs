use crate::{
    ids::OrderId,
    ports::store::{Change, Finish, JobRow, JobState, StatusChange},
};

use super::*;

requirements![
    done_ends_the_lease_and_the_failures,
    counted_failures_add_up_and_others_do_not,
    dead_and_skipped_jobs_stay,
    a_job_wanted_meanwhile_runs_again,
    a_job_given_up_while_wanted_starts_afresh,
    a_shop_change_revives_with_a_fresh_schedule,
    a_hint_makes_due_but_keeps_the_schedule,
];

fn wait(due_at: i64, counted: bool, error: Option<(&str, &str)>) -> Finish {
    let error = error.map(|(code, message)| (code.to_owned(), message.to_owned()));
    Finish::Wait { due_at, counted, error }
}

fn dead(code: &str) -> Finish {
    Finish::Dead { error: (code.to_owned(), "because".to_owned()) }
}

/// Leases order `a`, ends the pass, and returns the job as it is then.
async fn finish(store: &AnyStore, now: i64, finish: Finish) -> JobRow {
    let leased = lease_one(store, "a", now).await;
    commit(store, &leased, now, vec![Change::Finish(finish)]).await;
    let row = job(store, &leased.id).await;
    assert_eq!((&row.lease_token, &row.worker), (&None, &None));
    row
}

async fn hint_at(store: &AnyStore, now: i64) {
    store.mark_dirty(&here(), &OrderId::new("a"), false, now).await.unwrap();
}

async fn change_at(store: &AnyStore, version: i64, now: i64) {
    let change = StatusChange {
        location: here(),
        order: OrderId::new("a"),
        version,
        status: "processing".to_owned(),
        now,
        events: vec![],
    };
    store.set_status(change).await.unwrap();
}

async fn done_ends_the_lease_and_the_failures(store: AnyStore) {
    insert(&store, "a").await;
    finish(&store, NOW, wait(NOW + 1, true, Some(("server", "500")))).await;
    let row = finish(&store, NOW + 1, Finish::Done).await;
    assert_eq!((row.state, row.failures, row.first_failed_at), (JobState::Done, 0, None));
    assert_eq!((row.error_code, row.error_message), (None, None));
    assert_eq!(lease(&store, "t", NOW + LEASE_MS, 10).await, [], "a done job does not run by itself");
}

async fn counted_failures_add_up_and_others_do_not(store: AnyStore) {
    insert(&store, "a").await;
    let row = finish(&store, NOW, wait(NOW + 10, false, None)).await;
    assert_eq!((row.state, row.due_at), (JobState::Waiting, NOW + 10));
    assert_eq!((row.failures, row.first_failed_at, row.error_code), (0, None, None));
    assert_eq!(lease(&store, "early", NOW + 9, 1).await, []);

    let row = finish(&store, NOW + 10, wait(NOW + 20, true, Some(("server", "500")))).await;
    assert_eq!((row.failures, row.first_failed_at, row.due_at), (1, Some(NOW + 10), NOW + 20));
    assert_eq!((row.error_code.as_deref(), row.error_message.as_deref()), (Some("server"), Some("500")));

    let row = finish(&store, NOW + 20, wait(NOW + 30, false, Some(("daily_limit", "full")))).await;
    assert_eq!((row.failures, row.first_failed_at, row.due_at), (1, Some(NOW + 10), NOW + 30));
    assert_eq!(row.error_code.as_deref(), Some("daily_limit"));

    let row = finish(&store, NOW + 30, wait(NOW + 40, true, Some(("timeout", "late")))).await;
    assert_eq!((row.failures, row.first_failed_at), (2, Some(NOW + 10)));
}

async fn dead_and_skipped_jobs_stay(store: AnyStore) {
    insert(&store, "a").await;
    let row = finish(&store, NOW, dead("validation")).await;
    assert_eq!((row.state, row.error_code.as_deref()), (JobState::Dead, Some("validation")));
    assert_eq!(row.error_message.as_deref(), Some("because"));
    assert_eq!(lease(&store, "t1", NOW + LEASE_MS, 10).await, []);
    hint_at(&store, NOW + 1).await;
    assert_eq!(finish(&store, NOW + 1, Finish::Skipped).await.state, JobState::Skipped);
    assert_eq!(lease(&store, "t2", NOW + LEASE_MS, 10).await, []);
}

async fn a_job_wanted_meanwhile_runs_again(store: AnyStore) {
    let id = insert(&store, "a").await;
    let mut version = 1;
    for (by_shop, end) in [
        (true, Finish::Done),
        (false, Finish::Done),
        (true, wait(NOW + LEASE_MS, true, None)),
        (false, wait(NOW + LEASE_MS, true, None)),
    ] {
        let leased = lease_one(&store, "a", NOW).await;
        if by_shop {
            change_at(&store, version, NOW + 1).await;
            version += 1;
        } else {
            hint_at(&store, NOW + 1).await;
        }
        let during = job(&store, &id).await;
        assert_eq!((during.state, &during.lease_token), (JobState::Leased, &leased.lease_token));
        assert_eq!(lease(&store, "other", NOW + 2, 1).await, [], "the lease goes on");
        commit(&store, &leased, NOW + 3, vec![Change::Finish(end)]).await;
        let after = job(&store, &id).await;
        assert_eq!((after.state, after.due_at), (JobState::Waiting, NOW + 3));
        let again = lease(&store, "again", NOW + 3, 1).await.remove(0);
        commit(&store, &again, NOW + 3, vec![Change::Finish(Finish::Done)]).await;
        assert_eq!(job(&store, &id).await.state, JobState::Done, "once is enough");
        store.mark_dirty(&here(), &OrderId::new("a"), false, NOW).await.unwrap();
    }
}

async fn a_job_given_up_while_wanted_starts_afresh(store: AnyStore) {
    let id = insert(&store, "a").await;
    finish(&store, NOW, wait(NOW, true, Some(("server", "500")))).await;
    let leased = lease_one(&store, "a", NOW).await;
    hint_at(&store, NOW + 1).await;
    commit(&store, &leased, NOW + 2, vec![Change::Finish(dead("validation"))]).await;
    let row = job(&store, &id).await;
    assert_eq!((row.state, row.due_at), (JobState::Waiting, NOW + 2));
    assert_eq!((row.failures, row.first_failed_at), (0, None));
}

async fn a_shop_change_revives_with_a_fresh_schedule(store: AnyStore) {
    let id = insert(&store, "a").await;
    finish(&store, NOW, wait(NOW + 90, true, Some(("server", "500")))).await;
    change_at(&store, 1, NOW + 5).await;
    let row = job(&store, &id).await;
    assert_eq!((row.state, row.due_at), (JobState::Waiting, NOW + 5));
    assert_eq!((row.failures, row.first_failed_at), (0, None));

    finish(&store, NOW + 5, wait(NOW + 6, true, None)).await;
    finish(&store, NOW + 6, dead("validation")).await;
    change_at(&store, 2, NOW + 7).await;
    let row = job(&store, &id).await;
    assert_eq!((row.state, row.due_at), (JobState::Waiting, NOW + 7));
    assert_eq!((row.failures, row.first_failed_at), (0, None));
}

async fn a_hint_makes_due_but_keeps_the_schedule(store: AnyStore) {
    let id = insert(&store, "a").await;
    finish(&store, NOW, wait(NOW + 90, true, Some(("server", "500")))).await;
    hint_at(&store, NOW + 5).await;
    let row = job(&store, &id).await;
    assert_eq!((row.state, row.due_at), (JobState::Waiting, NOW + 5));
    assert_eq!((row.failures, row.first_failed_at), (1, Some(NOW)), "a hint is no news of the shop's");
    finish(&store, NOW + 5, dead("server")).await;
    hint_at(&store, NOW + 6).await;
    let row = job(&store, &id).await;
    assert_eq!((row.state, row.due_at, row.failures), (JobState::Waiting, NOW + 6, 1));
}
