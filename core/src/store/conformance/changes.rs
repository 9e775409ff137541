use crate::{
    ids::OrderId,
    ports::store::{
        Change, Creating, Finish, NewOrder, ObjectKind, ObjectRow, OrderRow, Side, SyncDirection, SyncLogRow,
    },
};

use super::*;

requirements![
    a_contact_re_keys_its_whole_group,
    a_key_leased_by_another_is_contended,
    an_opportunity_clears_its_candidate,
    a_create_is_noted_and_resolved,
    a_base_never_gets_older,
    a_status_from_ghl_is_a_change,
    counters_are_clean_as_far_as_was_looked,
    the_acknowledged_version_never_falls,
    changes_are_applied_in_order_and_the_rest_is_left,
    an_event_key_is_used_once_per_order,
];

fn group(id: &str) -> NewOrder {
    NewOrder { email: Some("group@x.org".to_owned()), ..new_order(id) }
}

fn set_contact(id: &str) -> Change {
    Change::SetContact { contact: contact(id), lease_key: format!("contact-{id}") }
}

async fn a_contact_re_keys_its_whole_group(store: AnyStore) {
    let first = store.insert_order(group("a")).await.unwrap();
    let second = store.insert_order(group("b")).await.unwrap();
    let other = insert(&store, "c").await;
    // Another location's customer happens to have the same key.
    let elsewhere = NewOrder { location: there(), lease_key: "key-a".to_owned(), ..new_order("x") };
    let elsewhere = store.insert_order(elsewhere).await.unwrap();
    assert_eq!(order(&store, "b").await.lease_key, "key-a");
    let leased = lease_one(&store, "a", NOW).await;
    let committed = commit(&store, &leased, NOW, vec![set_contact("c1")]).await;
    assert_eq!((committed.contended, committed.version), (false, 1));

    let (a, b) = (order(&store, "a").await, order(&store, "b").await);
    assert_eq!((a.contact, a.lease_key.as_str()), (Some(contact("c1")), "contact-c1"));
    assert_eq!((b.contact, b.lease_key.as_str()), (None, "contact-c1"));
    let mut keys = Vec::new();
    for id in [&first, &second, &other, &elsewhere] {
        keys.push(job(&store, id).await.lease_key);
    }
    assert_eq!(keys, ["contact-c1", "contact-c1", "key-c", "key-a"]);
    let only = Some((here(), OrderId::new("b")));
    let blocked = store.lease(Lease { only, ..lease_of("t", NOW, 1) }).await.unwrap();
    assert_eq!(blocked, [], "the key the job is leased under is the new one");

    // Merged into another contact: the group moves on together.
    commit(&store, &leased, NOW, vec![set_contact("c2"), Change::Finish(Finish::Done)]).await;
    assert_eq!(order(&store, "b").await.lease_key, "contact-c2");
    assert_eq!(job(&store, &first).await.lease_key, "contact-c2");
    assert_eq!(order(&store, "a").await.contact, Some(contact("c2")));
    let late = NewOrder { email: Some("group@x.org".to_owned()), ..new_order("d") };
    store.insert_order(late).await.unwrap();
    assert_eq!(order(&store, "d").await.lease_key, "contact-c2");
}

async fn a_key_leased_by_another_is_contended(store: AnyStore) {
    for id in ["a", "b", "c"] {
        insert(&store, id).await;
    }
    let a = lease_one(&store, "a", NOW).await;
    assert!(!commit(&store, &a, NOW, vec![set_contact("one")]).await.contended);
    let b = lease_one(&store, "b", NOW + 1).await;
    assert!(commit(&store, &b, NOW + 1, vec![set_contact("one")]).await.contended);
    assert_eq!(order(&store, "b").await.contact, Some(contact("one")), "it is written all the same");
    let c = lease_one(&store, "c", NOW + 2).await;
    let after_the_others = NOW + 1 + LEASE_MS;
    assert!(!commit(&store, &c, after_the_others, vec![set_contact("one")]).await.contended);
}

async fn an_opportunity_clears_its_candidate(store: AnyStore) {
    let ends = [
        ("a", Change::SetOpportunity(opportunity("real")), Some(opportunity("real"))),
        ("b", Change::ClearCandidate, None),
    ];
    for (id, end, found) in ends {
        insert(&store, id).await;
        let leased = lease_one(&store, id, NOW).await;
        propose(&store, id, "maybe").await;
        assert_eq!(order(&store, id).await.candidate, Some(opportunity("maybe")));
        commit(&store, &leased, NOW, vec![end]).await;
        let row = order(&store, id).await;
        assert_eq!((row.candidate, row.opportunity), (None, found));
    }
}

async fn a_create_is_noted_and_resolved(store: AnyStore) {
    insert(&store, "a").await;
    let leased = lease_one(&store, "a", NOW).await;
    let of = |object, refused| Some(Creating { object, since: NOW + 3, refused });
    for creating in [
        of(ObjectKind::Contact, false),
        of(ObjectKind::Opportunity, true),
        of(ObjectKind::Opportunity, false),
        None,
    ] {
        commit(&store, &leased, NOW, vec![Change::SetCreating(creating)]).await;
        assert_eq!(order(&store, "a").await.creating, creating);
    }
}

async fn a_base_never_gets_older(store: AnyStore) {
    insert(&store, "a").await;
    let leased = lease_one(&store, "a", NOW).await;
    let put = async |base: &str, base_at, unknown: &str| {
        let object = ObjectRow {
            location: here(),
            kind: ObjectKind::Opportunity,
            id: "o1".to_owned(),
            base: base.to_owned(),
            base_at,
            unknown: unknown.to_owned(),
        };
        commit(&store, &leased, NOW, vec![Change::PutObject(object)]).await;
        let row = store.object(&here(), ObjectKind::Opportunity, "o1").await.unwrap().unwrap();
        (row.base, row.base_at, row.unknown)
    };
    let row = |base: &str, at, unknown: &str| (base.to_owned(), at, unknown.to_owned());
    assert_eq!(put("1", 50, "[]").await, row("1", 50, "[]"));
    assert_eq!(put("2", 40, "[1]").await, row("2", 50, "[1]"));
    assert_eq!(put("3", 60, "[]").await, row("3", 60, "[]"));
}

async fn a_status_from_ghl_is_a_change(store: AnyStore) {
    insert(&store, "a").await;
    insert(&store, "b").await;
    let before = order(&store, "a").await;
    let leased = lease_one(&store, "a", NOW).await;
    let change = Change::SetStatus { status: "shipped".to_owned(), at: 123, by: Side::Ghl };
    let committed = commit(&store, &leased, NOW, vec![change]).await;
    let after = order(&store, "a").await;
    assert_eq!((committed.version, after.version), (2, 2));
    assert!(after.commit_seq > order(&store, "b").await.commit_seq);
    let expected = OrderRow {
        status: "shipped".to_owned(),
        version: 2,
        commit_seq: after.commit_seq,
        changed_at: 123,
        changed_by: Side::Ghl,
        ..before
    };
    assert_eq!(after, expected);
}

async fn counters_are_clean_as_far_as_was_looked(store: AnyStore) {
    insert(&store, "a").await;
    for contact in [true, true, false] {
        store.mark_dirty(&here(), &OrderId::new("a"), contact, NOW).await.unwrap();
    }
    let leased = lease_one(&store, "a", NOW).await;
    let clean = async |dirty, dirty_contact| {
        commit(&store, &leased, NOW, vec![Change::Clean { dirty, dirty_contact }]).await;
        let row = order(&store, "a").await;
        assert_eq!((row.dirty, row.dirty_contact), (3, 2));
        (row.clean, row.clean_contact)
    };
    assert_eq!(clean(2, None).await, (2, 0));
    assert_eq!(clean(3, Some(2)).await, (3, 2));
    assert_eq!(clean(1, Some(1)).await, (3, 2), "what was looked at stays looked at");
}

async fn the_acknowledged_version_never_falls(store: AnyStore) {
    insert(&store, "a").await;
    let leased = lease_one(&store, "a", NOW).await;
    for (version, acknowledged) in [(3, 3), (2, 3), (4, 4)] {
        commit(&store, &leased, NOW, vec![Change::Pushed(version)]).await;
        assert_eq!(order(&store, "a").await.pushed_version, acknowledged);
    }
}

async fn changes_are_applied_in_order_and_the_rest_is_left(store: AnyStore) {
    insert(&store, "a").await;
    insert(&store, "b").await;
    let (before, other) = (order(&store, "a").await, order(&store, "b").await);
    let leased = lease_one(&store, "a", NOW).await;
    let log = SyncLogRow {
        direction: SyncDirection::Push,
        status: "success",
        request: "{}".to_owned(),
        response: "{}".to_owned(),
        error: Some("none".to_owned()),
    };
    let status = |status: &str, at| Change::SetStatus { status: status.to_owned(), at, by: Side::Ghl };
    let changes = vec![
        status("shipped", 1),
        Change::Log(log),
        status("delivered", 2),
        Change::SetCreating(Some(Creating { object: ObjectKind::Contact, since: 1, refused: false })),
        Change::SetCreating(None),
        Change::Detach,
    ];
    assert_eq!(commit(&store, &leased, NOW, changes).await.version, 3);
    let after = order(&store, "a").await;
    let expected = OrderRow {
        status: "delivered".to_owned(),
        version: 3,
        commit_seq: after.commit_seq,
        changed_at: 2,
        changed_by: Side::Ghl,
        detached: true,
        ..before
    };
    assert_eq!(after, expected);
    assert_eq!(order(&store, "b").await, other);
}

async fn an_event_key_is_used_once_per_order(store: AnyStore) {
    for id in ["a", "b"] {
        insert(&store, id).await;
    }
    let leased = lease_one(&store, "a", NOW).await;
    let again = NewEvent { payload: "{\"second\":true}".to_owned(), ..event("k") };
    let events = vec![Change::Event(event("k")), Change::Event(again.clone()), Change::Event(event("l"))];
    commit(&store, &leased, NOW + 1, events).await;
    commit(&store, &leased, NOW + 2, vec![Change::Event(again)]).await;
    let leased = lease_one(&store, "b", NOW).await;
    commit(&store, &leased, NOW + 3, vec![Change::Event(event("k"))]).await;
    let rows = store.events(0, 10).await.unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (row.order.as_str(), row.key.as_str(), row.at)).collect();
    assert_eq!(seen, [("a", "k", NOW + 1), ("a", "l", NOW + 1), ("b", "k", NOW + 3)]);
    assert_eq!((rows[0].payload.as_str(), rows[0].kind.as_str()), (r#"{"key":"k"}"#, "told"));
}
