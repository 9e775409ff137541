use crate::{
    error::Code,
    ids::OrderId,
    ports::store::{JobState, OrderRow, ProgressChange},
};

use super::{orders::status, *};

requirements![
    a_progress_is_kept_with_its_milestone_and_wakes_the_job,
    a_progress_may_bring_a_status,
    a_progress_decided_on_old_ground_writes_nothing,
];

fn progress(id: &str, from: Option<i64>, to: i64) -> ProgressChange {
    ProgressChange {
        location: here(),
        order: OrderId::new(id),
        version: 1,
        from,
        to,
        milestone: to - to % 25,
        status: None,
        now: NOW + 5,
        events: vec![event("progress")],
    }
}

async fn a_progress_is_kept_with_its_milestone_and_wakes_the_job(store: AnyStore) {
    let id = insert_with(&store, "a", vec![]).await;
    let before = order(&store, "a").await;
    assert_eq!(store.set_progress(progress("a", None, 60)).await.unwrap(), id);
    let expected = OrderRow { manufacturing_progress: Some(60), milestone: 50, ..before };
    assert_eq!(order(&store, "a").await, expected, "no version: the status is the same");
    let woken = job(&store, &id).await;
    assert_eq!((woken.state, woken.due_at), (JobState::Waiting, NOW + 5));
    assert_eq!(store.events(0, 10).await.unwrap().len(), 1);

    store.set_progress(progress("a", Some(60), 10)).await.unwrap();
    let expected = OrderRow { manufacturing_progress: Some(10), ..expected };
    assert_eq!(order(&store, "a").await, expected, "a milestone that was told stays told");
    store.set_status(status("a", 1, "shipped", NOW + 9)).await.unwrap();
    let after = order(&store, "a").await;
    assert_eq!((after.manufacturing_progress, after.milestone), (Some(10), 50));
}

async fn a_progress_may_bring_a_status(store: AnyStore) {
    insert(&store, "a").await;
    insert(&store, "b").await;
    let before = order(&store, "a").await;
    let change = ProgressChange { status: Some("quality_check".to_owned()), ..progress("a", None, 100) };
    store.set_progress(change).await.unwrap();
    let after = order(&store, "a").await;
    let seq = order(&store, "b").await.commit_seq;
    assert!(after.commit_seq > seq, "it takes a place");
    let expected = OrderRow {
        status: "quality_check".to_owned(),
        version: 2,
        commit_seq: after.commit_seq,
        changed_at: NOW + 5,
        manufacturing_progress: Some(100),
        milestone: 100,
        ..before
    };
    assert_eq!(after, expected);
}

async fn a_progress_decided_on_old_ground_writes_nothing(store: AnyStore) {
    let id = insert_with(&store, "a", vec![]).await;
    store.set_progress(ProgressChange { events: vec![], ..progress("a", None, 30) }).await.unwrap();
    let (order_before, job_before) = (order(&store, "a").await, job(&store, &id).await);
    let old_version = ProgressChange { version: 2, ..progress("a", Some(30), 60) };
    for change in [progress("a", None, 60), progress("a", Some(29), 60), old_version] {
        assert_error(store.set_progress(change).await.unwrap_err(), Code::Conflict, None);
    }
    let elsewhere = ProgressChange { location: there(), ..progress("a", Some(30), 60) };
    for change in [progress("b", None, 60), elsewhere] {
        assert_error(store.set_progress(change).await.unwrap_err(), Code::OrderNotFound, Some("id"));
    }
    assert_eq!((order(&store, "a").await, job(&store, &id).await), (order_before, job_before));
    assert_eq!(store.events(0, 10).await.unwrap(), []);
}
