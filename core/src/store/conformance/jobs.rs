use crate::{
    error::Code,
    ids::OrderId,
    ports::store::{Change, Fence, Finish, JobFilter, JobRow, JobState, Lease, NewOrder, QueueRow, Side},
};

use super::*;

requirements![
    a_lease_marks_the_job_and_keeps_others_out,
    jobs_are_leased_oldest_due_first,
    a_new_job_may_be_due_later,
    jobs_of_one_key_are_never_leased_together,
    an_ended_lease_is_given_to_the_next_with_its_token,
    a_lease_may_ask_for_one_order,
    the_next_due_time_is_of_a_job_or_a_lease,
    a_job_whose_key_is_leased_is_due_after_the_lease,
    a_commit_without_the_lease_writes_nothing,
    a_commit_on_an_old_version_writes_nothing,
    jobs_are_listed_by_id_and_filtered,
    a_dead_job_is_replayed_with_a_fresh_schedule,
    the_queue_is_told_as_a_whole,
];

async fn a_lease_marks_the_job_and_keeps_others_out(store: AnyStore) {
    let id = insert(&store, "a").await;
    assert_eq!(lease(&store, "early", NOW - 1, 10).await, []);
    let before = job(&store, &id).await;
    let leased = lease(&store, "t1", NOW, 10).await;
    let expected = JobRow {
        state: JobState::Leased,
        due_at: leased[0].due_at,
        leased_wanted: before.wanted,
        lease_token: Some("t1".to_owned()),
        lease_until: NOW + LEASE_MS,
        worker: Some("worker of t1".to_owned()),
        ..before
    };
    assert_eq!(leased, [expected]);
    assert_eq!(job(&store, &id).await, leased[0]);
    assert_eq!(lease(&store, "t2", NOW + LEASE_MS - 1, 10).await, []);
    assert_eq!(job(&store, &id).await, leased[0]);
}

async fn jobs_are_leased_oldest_due_first(store: AnyStore) {
    for (id, due) in [("late", 30), ("soon", 10), ("then", 20), ("same", 20), ("future", 99)] {
        store.insert_order(NewOrder { now: NOW + due, ..new_order(id) }).await.unwrap();
    }
    assert_eq!(lease(&store, "t0", NOW + 40, 0).await, []);
    assert_eq!(orders_of(&lease(&store, "t1", NOW + 40, 2).await), ["soon", "then"]);
    assert_eq!(orders_of(&lease(&store, "t2", NOW + 40, 10).await), ["same", "late"]);
}

async fn a_new_job_may_be_due_later(store: AnyStore) {
    let later = NewOrder { due_at: Some(NOW + 50), ..new_order("later") };
    let id = store.insert_order(later).await.unwrap();
    assert_eq!(order(&store, "later").await.changed_at, NOW);
    store.insert_order(NewOrder { now: NOW + 40, ..new_order("live") }).await.unwrap();
    assert_eq!(job(&store, &id).await.due_at, NOW + 50);
    assert_eq!(orders_of(&lease(&store, "t1", NOW + 49, 10).await), ["live"]);
    assert_eq!(orders_of(&lease(&store, "t2", NOW + 50, 10).await), ["later"]);
}

async fn jobs_of_one_key_are_never_leased_together(store: AnyStore) {
    let of = |id: &str, due: i64| NewOrder {
        email: Some("one@x.org".to_owned()),
        now: NOW + due,
        ..new_order(id)
    };
    store.insert_order(of("first", 1)).await.unwrap();
    store.insert_order(of("second", 2)).await.unwrap();
    insert(&store, "other").await;
    let leased = lease(&store, "t1", NOW + 3, 10).await;
    assert_eq!(orders_of(&leased), ["other", "first"]);
    assert_eq!(lease(&store, "t2", NOW + 4, 10).await, []);
    for job in &leased {
        commit(&store, job, NOW + 5, vec![Change::Finish(Finish::Done)]).await;
    }
    assert_eq!(orders_of(&lease(&store, "t3", NOW + 5, 10).await), ["second"]);

    // An ended lease does not hold its key for ever.
    store.mark_dirty(&here(), &OrderId::new("first"), false, NOW + 6).await.unwrap();
    assert_eq!(lease(&store, "t4", NOW + 6, 1).await, []);
    let later = NOW + 5 + LEASE_MS;
    assert_eq!(orders_of(&lease(&store, "t5", later, 10).await), ["first"]);
}

async fn an_ended_lease_is_given_to_the_next_with_its_token(store: AnyStore) {
    let id = insert(&store, "a").await;
    let first = lease(&store, "t1", NOW, 1).await;
    let end = NOW + LEASE_MS;
    let second = lease(&store, "t2", end, 1).await;
    assert_eq!(second[0].lease_token.as_deref(), Some("t2"));
    assert_eq!((second[0].lease_until, &second[0].id), (end + LEASE_MS, &id));
    let error = store.commit(fence(&first[0], NOW + 1), vec![Change::Detach]).await.unwrap_err();
    assert_error(error, Code::LeaseLost, None);
    assert!(!order(&store, "a").await.detached);
    commit(&store, &second[0], end + 1, vec![Change::Finish(Finish::Done)]).await;
}

async fn a_lease_may_ask_for_one_order(store: AnyStore) {
    for id in ["a", "b"] {
        insert(&store, id).await;
    }
    store.insert_order(NewOrder { email: Some("c@x.org".to_owned()), ..new_order("c") }).await.unwrap();
    store.insert_order(NewOrder { email: Some("c@x.org".to_owned()), ..new_order("d") }).await.unwrap();
    let only = async |location, id: &str, now| {
        let only = Some((location, OrderId::new(id)));
        store.lease(Lease { only, ..lease_of(&format!("t-{id}-{now}"), now, 10) }).await.unwrap()
    };
    assert_eq!(only(here(), "b", NOW - 1).await, [], "not due");
    assert_eq!(only(there(), "b", NOW).await, []);
    assert_eq!(orders_of(&only(here(), "b", NOW).await), ["b"]);
    assert_eq!(only(here(), "b", NOW + 1).await, [], "under a lease");
    assert_eq!(orders_of(&only(here(), "d", NOW).await), ["d"], "though c of the same key is as old");
    assert_eq!(only(here(), "c", NOW).await, [], "its key is under a lease");
}

async fn the_next_due_time_is_of_a_job_or_a_lease(store: AnyStore) {
    assert_eq!(store.next_due().await.unwrap(), None);
    insert(&store, "a").await;
    let late = NOW + 2 * LEASE_MS;
    store.insert_order(NewOrder { now: late, ..new_order("b") }).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(NOW));
    let leased = lease(&store, "t", NOW, 1).await;
    assert_eq!(store.next_due().await.unwrap(), Some(NOW + LEASE_MS));
    commit(&store, &leased[0], NOW, vec![Change::Finish(Finish::Done)]).await;
    assert_eq!(store.next_due().await.unwrap(), Some(late));
    for finish in [Finish::Skipped, Finish::Dead { error: ("store".to_owned(), "gone".to_owned()) }] {
        store.mark_dirty(&here(), &OrderId::new("a"), false, NOW).await.unwrap();
        let leased = lease_one(&store, "a", NOW).await;
        commit(&store, &leased, NOW, vec![Change::Finish(finish)]).await;
        assert_eq!(store.next_due().await.unwrap(), Some(late));
    }
}

async fn a_job_whose_key_is_leased_is_due_after_the_lease(store: AnyStore) {
    insert(&store, "a").await;
    let twin = NewOrder { lease_key: new_order("a").lease_key, ..new_order("b") };
    store.insert_order(NewOrder { email: None, phone: None, ..twin }).await.unwrap();
    lease(&store, "t", NOW, 1).await;
    assert_eq!(store.next_due().await.unwrap(), Some(NOW + LEASE_MS));
    assert_eq!(lease(&store, "u", NOW + LEASE_MS - 1, 9).await, []);
    assert_eq!(lease(&store, "v", NOW + LEASE_MS, 9).await.len(), 1);
}

/// One of each change, none of which may be seen after a refused commit.
fn everything() -> Vec<Change> {
    vec![
        Change::SetContact { contact: contact("c"), lease_key: "c".to_owned() },
        Change::SetStatus { status: "shipped".to_owned(), at: NOW, by: Side::Ghl },
        Change::Event(event("refused")),
        Change::Finish(Finish::Done),
    ]
}

async fn a_commit_without_the_lease_writes_nothing(store: AnyStore) {
    let id = insert(&store, "a").await;
    let refused = async |fence: Fence| {
        let before = (order(&store, "a").await, job(&store, &id).await);
        assert_error(store.commit(fence, everything()).await.unwrap_err(), Code::LeaseLost, None);
        assert_eq!((order(&store, "a").await, job(&store, &id).await), before);
        assert_eq!(store.events(0, 10).await.unwrap(), []);
    };
    let never = Fence { job: id.clone(), token: "t".to_owned(), now: NOW, version: Some(1) };
    refused(never).await;
    let leased = lease(&store, "t", NOW, 1).await.remove(0);
    let held = fence(&leased, NOW);
    refused(Fence { token: "other".to_owned(), ..held.clone() }).await;
    refused(Fence { job: JobId::new("no-such-job"), ..held.clone() }).await;
    refused(Fence { now: NOW + LEASE_MS, ..held.clone() }).await;
    refused(Fence { token: "other".to_owned(), version: Some(9), ..held.clone() }).await;
    let just_in_time = Fence { now: NOW + LEASE_MS - 1, ..held.clone() };
    store.commit(just_in_time, vec![Change::Finish(Finish::Done)]).await.unwrap();
    refused(held).await;
}

async fn a_commit_on_an_old_version_writes_nothing(store: AnyStore) {
    let id = insert(&store, "a").await;
    let leased = lease(&store, "t", NOW, 1).await.remove(0);
    let set = crate::ports::store::StatusChange {
        location: here(),
        order: OrderId::new("a"),
        version: 1,
        status: "processing".to_owned(),
        now: NOW,
        events: vec![],
    };
    store.set_status(set).await.unwrap();
    let before = (order(&store, "a").await, job(&store, &id).await);
    for version in [1, 3] {
        let old = Fence { version: Some(version), ..fence(&leased, NOW) };
        assert_error(store.commit(old, everything()).await.unwrap_err(), Code::Conflict, None);
    }
    assert_eq!((order(&store, "a").await, job(&store, &id).await), before);
    assert_eq!(store.events(0, 10).await.unwrap(), []);
    let current = Fence { version: Some(2), ..fence(&leased, NOW) };
    let status = Change::SetStatus { status: "shipped".to_owned(), at: NOW, by: Side::Ghl };
    let committed = store.commit(current, vec![status]).await.unwrap();
    assert_eq!((committed.version, committed.contended), (3, false));
    let unversioned = commit(&store, &leased, NOW, vec![]).await;
    assert_eq!(unversioned.version, 3);
}

async fn jobs_are_listed_by_id_and_filtered(store: AnyStore) {
    let mut ids = Vec::new();
    for number in 0..12 {
        ids.push(insert(&store, &format!("o{number}")).await);
    }
    let elsewhere = store.insert_order(NewOrder { location: there(), ..new_order("x") }).await.unwrap();
    lease_one(&store, "o3", NOW).await;
    let list = async |filter: JobFilter| {
        let listed = store.jobs(filter).await.unwrap();
        listed.into_iter().map(|job| job.id).collect::<Vec<_>>()
    };
    let all = list(JobFilter::default()).await;
    assert_eq!(all.len(), 13);
    let of_location = |location| JobFilter { location: Some(location), ..JobFilter::default() };
    let elsewhere = [elsewhere];
    assert_eq!(list(of_location(there())).await, elsewhere);
    let mut here_all = list(of_location(here())).await;
    let leased = JobFilter { state: Some(JobState::Leased), ..JobFilter::default() };
    assert_eq!(list(leased).await, [ids[3].clone()]);

    let of_order = JobFilter { order: Some(OrderId::new("x")), ..JobFilter::default() };
    assert_eq!(list(of_order.clone()).await, elsewhere);
    assert_eq!(list(JobFilter { location: Some(here()), ..of_order }).await, []);

    let mut pages = Vec::new();
    loop {
        let after = pages.last().cloned();
        let page = list(JobFilter { after, limit: 5, ..of_location(here()) }).await;
        assert!(page.len() <= 5);
        if page.is_empty() {
            break;
        }
        pages.extend(page);
    }
    assert_eq!(pages, here_all, "pages together are the list");
    here_all.sort();
    ids.sort();
    assert_eq!(here_all, ids);

    let no_job = JobId::new("no-such-job");
    assert_eq!(store.job(&no_job).await.unwrap(), None);
    let error = store.jobs(JobFilter { after: Some(no_job), ..JobFilter::default() }).await.unwrap_err();
    assert_error(error, Code::InvalidArgument, Some("after"));
    for number in 0..100 {
        insert(&store, &format!("many{number}")).await;
    }
    assert_eq!(list(JobFilter::default()).await.len(), 100, "a limit of 0 means 100");
}

async fn a_dead_job_is_replayed_with_a_fresh_schedule(store: AnyStore) {
    let id = insert(&store, "a").await;
    assert!(!store.replay(&id, NOW).await.unwrap(), "it waits");
    let leased = lease_one(&store, "a", NOW).await;
    assert!(!store.replay(&id, NOW).await.unwrap(), "it is leased");
    let failed = Finish::Wait { due_at: NOW + 1, counted: true, error: None };
    commit(&store, &leased, NOW, vec![Change::Finish(failed)]).await;
    let leased = lease_one(&store, "a", NOW + 1).await;
    let dead = Finish::Dead { error: ("validation".to_owned(), "no such field".to_owned()) };
    commit(&store, &leased, NOW + 1, vec![Change::Finish(dead)]).await;
    for (error, found) in [(Code::Validation, 1), (Code::Config, 0)] {
        let failed = JobFilter { error: Some(error), ..JobFilter::default() };
        assert_eq!(store.jobs(failed).await.unwrap().len(), found, "{error:?}");
    }
    let row = job(&store, &id).await;
    assert_eq!((row.state, row.failures, row.error_code.as_deref()), (JobState::Dead, 1, Some("validation")));
    assert_eq!(lease(&store, "t", NOW + LEASE_MS, 10).await, []);

    assert!(store.replay(&id, NOW + 7).await.unwrap());
    let row = job(&store, &id).await;
    assert_eq!((row.state, row.due_at), (JobState::Waiting, NOW + 7));
    assert_eq!((row.failures, row.first_failed_at), (0, None));
    assert!(!store.replay(&id, NOW).await.unwrap());
    assert!(!store.replay(&JobId::new("no-such-job"), NOW).await.unwrap());
    assert_eq!(orders_of(&lease(&store, "t2", NOW + 7, 1).await), ["a"]);
}

async fn the_queue_is_told_as_a_whole(store: AnyStore) {
    assert_eq!(store.queue().await.unwrap(), QueueRow::default());
    for id in ["done", "dead", "failed", "leased", "new"] {
        insert(&store, id).await;
    }
    let end = async |id: &str, now: i64, finish: Finish| {
        let leased = lease_one(&store, id, now).await;
        commit(&store, &leased, now, vec![Change::Finish(finish)]).await;
    };
    end("done", NOW + 1, Finish::Done).await;
    end("dead", NOW + 2, Finish::Dead { error: ("validation".to_owned(), "no such field".to_owned()) }).await;
    end("failed", NOW + 3, Finish::Wait { due_at: NOW + 99, counted: true, error: None }).await;
    lease_one(&store, "leased", NOW + 4).await;
    let expected = QueueRow {
        waiting: 3,
        due_at: Some(NOW),
        failing_since: Some(NOW + 3),
        dead: 1,
        done_at: Some(NOW + 1),
    };
    assert_eq!(store.queue().await.unwrap(), expected);
    // One that is done since then shows that not all fail.
    end("new", NOW + 5, Finish::Done).await;
    let expected = QueueRow {
        waiting: 2,
        due_at: Some(NOW + 99),
        failing_since: None,
        done_at: Some(NOW + 5),
        ..expected
    };
    assert_eq!(store.queue().await.unwrap(), expected);
}
