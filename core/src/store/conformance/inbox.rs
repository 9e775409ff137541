use crate::{
    ids::OrderId,
    ports::store::{Change, Finish, InboxOutcome, InboxRow, InboxState, JobState, NewInbox, Received},
};

use super::*;

requirements![
    received_events_are_kept_to_the_byte_and_in_order,
    a_webhook_id_is_seen_for_good,
    a_body_is_seen_only_while_the_first_is_pending,
    an_event_is_settled_once,
    a_hint_reaches_its_order_with_the_settling,
    a_hint_for_a_leased_order_runs_it_again,
    a_hint_leaves_a_detached_order_alone,
    a_hint_for_no_known_order_stays_unresolved,
    unresolved_events_are_listed_in_pages,
    unresolved_events_run_again_when_their_object_is_known,
    events_of_one_body_run_again_together,
];

fn ids(rows: &[InboxRow]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}

async fn pending(store: &AnyStore) -> Vec<i64> {
    ids(&store.pending_inbox(0, 100).await.unwrap())
}

fn ignored() -> InboxOutcome {
    InboxOutcome::Ignored { reason: "nothing new".to_owned() }
}

fn unresolved() -> InboxOutcome {
    InboxOutcome::Unresolved { reason: "no order".to_owned() }
}

async fn settle(store: &AnyStore, id: i64, outcome: InboxOutcome) {
    assert!(store.settle_inbox(id, outcome, NOW).await.unwrap());
}

async fn received_events_are_kept_to_the_byte_and_in_order(store: AnyStore) {
    let raw = b"{\"x\":\"\\u0000\xf0\x9f\x98\x80\"}\n\0\xff".to_vec();
    let first = receive(&store, NewInbox { raw: raw.clone(), ..new_inbox("{}") }).await;
    let second = receive(&store, NewInbox { location: there(), now: NOW - 5, ..new_inbox("2") }).await;
    assert!(second > first);
    let expected = InboxRow {
        id: first,
        location: here(),
        event_type: "OpportunityUpdate".to_owned(),
        raw,
        received_at: NOW,
        state: InboxState::Pending,
        reason: None,
    };
    let rows = store.pending_inbox(0, 10).await.unwrap();
    assert_eq!((&rows[0], ids(&rows)), (&expected, vec![first, second]));
    assert_eq!(ids(&store.pending_inbox(0, 1).await.unwrap()), [first]);
    assert_eq!(ids(&store.pending_inbox(first, 10).await.unwrap()), [second]);
    assert_eq!(store.pending_inbox(0, 0).await.unwrap(), []);
}

async fn a_webhook_id_is_seen_for_good(store: AnyStore) {
    let event = || NewInbox { webhook_id: Some("w1".to_owned()), ..new_inbox("1") };
    let id = receive(&store, event()).await;
    let other_body = NewInbox { raw: b"2".to_vec(), body_hash: Some("h".to_owned()), ..event() };
    assert_eq!(store.receive(other_body.clone()).await.unwrap(), Received::Seen);
    settle(&store, id, unresolved()).await;
    assert_eq!(store.receive(event()).await.unwrap(), Received::Seen);
    assert_eq!(pending(&store).await, [0; 0]);
    assert_eq!(ids(&store.unresolved(&here(), 0, 10).await.unwrap()), [id]);
    receive(&store, NewInbox { location: there(), ..event() }).await;
    receive(&store, NewInbox { webhook_id: Some("w2".to_owned()), ..event() }).await;
    // What was seen left no hash behind.
    receive(&store, NewInbox { webhook_id: None, ..other_body }).await;
}

async fn a_body_is_seen_only_while_the_first_is_pending(store: AnyStore) {
    let event = || NewInbox { body_hash: Some("h1".to_owned()), ..new_inbox("1") };
    let first = receive(&store, event()).await;
    assert_eq!(store.receive(event()).await.unwrap(), Received::Seen);
    receive(&store, NewInbox { location: there(), ..event() }).await;
    receive(&store, NewInbox { body_hash: Some("h2".to_owned()), ..event() }).await;
    settle(&store, first, ignored()).await;
    let second = receive(&store, event()).await;
    assert!(second > first);
    settle(&store, second, unresolved()).await;
    receive(&store, event()).await;
    assert_eq!(store.receive(event()).await.unwrap(), Received::Seen);
    for _ in 0..2 {
        receive(&store, new_inbox("neither id nor hash: always new")).await;
    }
}

async fn an_event_is_settled_once(store: AnyStore) {
    let id = receive(&store, new_inbox("1")).await;
    let other = receive(&store, new_inbox("2")).await;
    insert_with(&store, "a", vec![]).await;
    settle(&store, id, ignored()).await;
    assert_eq!(pending(&store).await, [other]);
    assert!(!store.settle_inbox(id, hint("a", true, None), NOW).await.unwrap());
    assert!(!store.settle_inbox(other + 99, hint("a", true, None), NOW).await.unwrap());
    assert_eq!(order(&store, "a").await.dirty, 0);
    settle(&store, other, unresolved()).await;
    assert!(!store.settle_inbox(other, ignored(), NOW).await.unwrap(), "it is not pending");
    let rows = store.unresolved(&here(), 0, 10).await.unwrap();
    assert_eq!((ids(&rows), rows[0].state), (vec![other], InboxState::Unresolved));
    assert_eq!(rows[0].reason.as_deref(), Some("no order"));
}

async fn a_hint_reaches_its_order_with_the_settling(store: AnyStore) {
    let id = insert_with(&store, "a", vec![]).await;
    let event = receive(&store, new_inbox("1")).await;
    assert!(store.settle_inbox(event, hint("a", false, Some("o1")), NOW + 3).await.unwrap());
    let row = order(&store, "a").await;
    assert_eq!((row.dirty, row.dirty_contact, row.candidate), (1, 0, Some(opportunity("o1"))));
    assert_eq!((row.opportunity, row.version), (None, 1));
    let its_job = job(&store, &id).await;
    assert_eq!((its_job.state, its_job.due_at), (JobState::Waiting, NOW + 3));
    assert_eq!(pending(&store).await, [0; 0]);

    let event = receive(&store, new_inbox("2")).await;
    settle(&store, event, hint("a", true, None)).await;
    let row = order(&store, "a").await;
    assert_eq!((row.dirty, row.dirty_contact, row.candidate), (2, 1, Some(opportunity("o1"))));

    insert_with(&store, "b", vec![Change::SetOpportunity(opportunity("o2"))]).await;
    propose(&store, "b", "o3").await;
    let row = order(&store, "b").await;
    assert_eq!((row.dirty, row.candidate), (1, None), "an order that has one needs no candidate");
}

async fn a_hint_for_a_leased_order_runs_it_again(store: AnyStore) {
    let id = insert(&store, "a").await;
    let leased = lease_one(&store, "a", NOW).await;
    let event = receive(&store, new_inbox("1")).await;
    settle(&store, event, hint("a", false, None)).await;
    assert_eq!(job(&store, &id).await.state, JobState::Leased);
    let looked = Change::Clean { dirty: 0, dirty_contact: None };
    commit(&store, &leased, NOW + 1, vec![looked, Change::Finish(Finish::Done)]).await;
    let its_job = job(&store, &id).await;
    assert_eq!((its_job.state, its_job.due_at), (JobState::Waiting, NOW + 1));
    let row = order(&store, "a").await;
    assert_eq!((row.dirty, row.clean), (1, 0));
}

async fn a_hint_leaves_a_detached_order_alone(store: AnyStore) {
    let id = insert_with(&store, "a", vec![Change::Detach]).await;
    let before = (order(&store, "a").await, job(&store, &id).await);
    let event = receive(&store, new_inbox("1")).await;
    settle(&store, event, hint("a", true, Some("o1"))).await;
    assert_eq!((order(&store, "a").await, job(&store, &id).await), before);
    assert_eq!(pending(&store).await, [0; 0]);
}

async fn a_hint_for_no_known_order_stays_unresolved(store: AnyStore) {
    store.insert_order(NewOrder { location: there(), ..new_order("a") }).await.unwrap();
    let event = receive(&store, new_inbox("1")).await;
    settle(&store, event, hint("a", true, None)).await;
    assert_eq!(store.order(&there(), &OrderId::new("a")).await.unwrap().unwrap().dirty, 0);
    let rows = store.unresolved(&here(), 0, 10).await.unwrap();
    assert_eq!(ids(&rows), [event]);
    assert!(rows[0].reason.is_some());
}

async fn unresolved_events_are_listed_in_pages(store: AnyStore) {
    let mut kept = Vec::new();
    for number in 0..4 {
        let event = receive(&store, new_inbox(&number.to_string())).await;
        settle(&store, event, unresolved()).await;
        kept.push(event);
    }
    let elsewhere = receive(&store, NewInbox { location: there(), ..new_inbox("x") }).await;
    settle(&store, elsewhere, unresolved()).await;
    let list = async |after, limit| ids(&store.unresolved(&here(), after, limit).await.unwrap());
    assert_eq!(list(0, 3).await, kept[..3]);
    assert_eq!(list(kept[2], 3).await, kept[3..]);
    assert_eq!(list(kept[3], 3).await, [0; 0]);
    assert_eq!(ids(&store.unresolved(&there(), 0, 3).await.unwrap()), [elsewhere]);
}

async fn unresolved_events_run_again_when_their_object_is_known(store: AnyStore) {
    let naming = |c: Option<&str>, o: Option<&str>| NewInbox {
        contact: c.map(ContactId::new),
        opportunity: o.map(OpportunityId::new),
        ..new_inbox("{}")
    };
    let by_contact = receive(&store, naming(Some("c1"), None)).await;
    let by_opportunity = receive(&store, naming(None, Some("o1"))).await;
    let of_others = receive(&store, naming(Some("c2"), Some("o2"))).await;
    let crossed = receive(&store, naming(Some("o1"), Some("c1"))).await;
    let elsewhere = NewInbox { location: there(), ..naming(Some("c1"), Some("o1")) };
    let elsewhere = receive(&store, elsewhere).await;
    for event in [by_contact, by_opportunity, of_others, crossed, elsewhere] {
        settle(&store, event, unresolved()).await;
    }
    let applied = receive(&store, naming(Some("c1"), Some("o1"))).await;
    settle(&store, applied, ignored()).await;

    insert(&store, "a").await;
    let leased = lease_one(&store, "a", NOW).await;
    let set_contact = Change::SetContact { contact: contact("c1"), lease_key: "c1".to_owned() };
    commit(&store, &leased, NOW, vec![set_contact]).await;
    assert_eq!(pending(&store).await, [by_contact]);
    assert_eq!(store.pending_inbox(0, 1).await.unwrap()[0].reason, None);
    commit(&store, &leased, NOW, vec![Change::SetOpportunity(opportunity("o1"))]).await;
    assert_eq!(pending(&store).await, [by_contact, by_opportunity]);
    assert_eq!(ids(&store.unresolved(&here(), 0, 10).await.unwrap()), [of_others, crossed]);
    assert_eq!(ids(&store.unresolved(&there(), 0, 10).await.unwrap()), [elsewhere]);
    settle(&store, by_contact, hint("a", true, None)).await;
    assert_eq!(order(&store, "a").await.dirty, 1);
}

async fn events_of_one_body_run_again_together(store: AnyStore) {
    let event =
        || NewInbox { body_hash: Some("h".to_owned()), contact: Some(contact("c1")), ..new_inbox("1") };
    let mut twins = Vec::new();
    for _ in 0..2 {
        let twin = receive(&store, event()).await;
        settle(&store, twin, unresolved()).await;
        twins.push(twin);
    }
    let waiting = receive(&store, event()).await;
    insert(&store, "a").await;
    let leased = lease_one(&store, "a", NOW).await;
    let set_contact = Change::SetContact { contact: contact("c1"), lease_key: "c1".to_owned() };
    commit(&store, &leased, NOW, vec![set_contact]).await;
    assert_eq!(pending(&store).await, [twins[0], twins[1], waiting]);
    assert_eq!(store.receive(event()).await.unwrap(), Received::Seen);
    settle(&store, waiting, ignored()).await;
    // What runs again is known by its id alone.
    receive(&store, event()).await;
}
