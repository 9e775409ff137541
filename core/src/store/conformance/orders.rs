use crate::{
    error::Code,
    ids::{LocationId, OrderId},
    ports::store::{
        Change, Finish, JobFilter, JobState, Lookup, NewOrder, ObjectKind, ObjectRow, OrderRow, Side,
        StatusChange,
    },
};

use super::*;

requirements![
    a_new_order_reads_back_with_a_job_due_now,
    a_taken_id_or_number_is_refused_by_its_field,
    a_known_customer_gives_the_lease_key,
    a_status_change_bumps_version_and_sequence,
    a_status_change_on_an_old_version_writes_nothing,
    a_status_change_of_an_unknown_order_is_refused,
    orders_are_found_by_what_names_them,
    orders_are_listed_by_id_in_pages,
    orders_are_listed_by_status,
    a_pass_reads_everything_about_its_order,
    objects_are_told_apart_by_location_kind_and_id,
    a_hint_counts_and_makes_the_job_due,
    a_hint_leaves_a_detached_order_alone,
    a_known_status_is_no_change_of_the_shops,
];

async fn a_new_order_reads_back_with_a_job_due_now(store: AnyStore) {
    let given = NewOrder {
        snapshot: "{\"total\":499900,\"name\":\"Zoë 漢字 😀\"}".to_owned(),
        email: Some("zoe@example.com".to_owned()),
        phone: Some("+4915112345678".to_owned()),
        due_at: None,
        events: vec![event("created")],
        ..new_order("a")
    };
    let id = store.insert_order(given.clone()).await.unwrap();
    let expected = OrderRow {
        location: here(),
        id: OrderId::new("a"),
        number: "N-a".to_owned(),
        status: "order_placed".to_owned(),
        snapshot: given.snapshot,
        email: given.email,
        phone: given.phone,
        lease_key: "key-a".to_owned(),
        contact: None,
        opportunity: None,
        candidate: None,
        creating: None,
        version: 1,
        commit_seq: order(&store, "a").await.commit_seq,
        changed_at: NOW,
        changed_by: Side::Shop,
        pushed_version: 0,
        dirty: 0,
        clean: 0,
        dirty_contact: 0,
        clean_contact: 0,
        manufacturing_progress: None,
        milestone: 0,
        detached: false,
    };
    assert_eq!(order(&store, "a").await, expected);
    let job = job(&store, &id).await;
    assert_eq!((job.id, job.location, job.order.as_str()), (id, here(), "a"));
    assert_eq!((job.state, job.due_at, job.failures), (JobState::Waiting, NOW, 0));
    assert_eq!((job.lease_key.as_str(), job.lease_token, job.worker), ("key-a", None, None));
    let events = store.events(0, 10).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].key.as_str(), events[0].order.as_str(), events[0].at), ("created", "a", NOW));
    assert_eq!(store.order(&there(), &OrderId::new("a")).await.unwrap(), None);
    assert_eq!(store.order(&here(), &OrderId::new("b")).await.unwrap(), None);
}

async fn a_taken_id_or_number_is_refused_by_its_field(store: AnyStore) {
    insert(&store, "a").await;
    let with_event = |order: NewOrder| NewOrder { events: vec![event("refused")], ..order };
    let same_id = with_event(NewOrder { number: "other".to_owned(), ..new_order("a") });
    assert_error(store.insert_order(same_id.clone()).await.unwrap_err(), Code::OrderExists, Some("id"));
    let elsewhere = NewOrder { location: there(), ..same_id };
    assert_error(store.insert_order(elsewhere).await.unwrap_err(), Code::OrderExists, Some("id"));
    let same_number = with_event(NewOrder { number: "N-a".to_owned(), ..new_order("b") });
    let error = store.insert_order(same_number.clone()).await.unwrap_err();
    assert_error(error, Code::OrderExists, Some("orderNumber"));

    assert_eq!(store.order(&here(), &OrderId::new("b")).await.unwrap(), None);
    assert_eq!(store.jobs(JobFilter::default()).await.unwrap().len(), 1);
    assert_eq!(store.events(0, 10).await.unwrap(), []);

    store.insert_order(NewOrder { location: there(), ..same_number }).await.unwrap();
}

async fn a_known_customer_gives_the_lease_key(store: AnyStore) {
    let of = |id: &str, email: Option<&str>, phone: Option<&str>| NewOrder {
        email: email.map(str::to_owned),
        phone: phone.map(str::to_owned),
        ..new_order(id)
    };
    for known in [of("mail", Some("m@x.org"), None), of("phone", None, Some("+491")), of("none", None, None)]
    {
        store.insert_order(known).await.unwrap();
    }
    let cases = [
        (of("b", Some("new@x.org"), Some("+491")), "key-phone"),
        (of("a", Some("m@x.org"), Some("+491")), "key-mail"),
        (of("c", Some("m@x.org"), Some("+492")), "key-mail"),
        (of("d", Some("d@x.org"), Some("+493")), "key-d"),
        (of("e", None, None), "key-e"),
        (NewOrder { location: there(), ..of("f", Some("m@x.org"), Some("+491")) }, "key-f"),
    ];
    for (new, key) in cases {
        let (location, id) = (new.location.clone(), new.id.clone());
        let its_job = store.insert_order(new).await.unwrap();
        let row = store.order(&location, &id).await.unwrap().unwrap();
        assert_eq!((row.lease_key.as_str(), id.as_str()), (key, row.id.as_str()));
        assert_eq!(job(&store, &its_job).await.lease_key, key, "the job of {id}");
    }
}

pub(super) fn status(id: &str, version: i64, status: &str, now: i64) -> StatusChange {
    StatusChange {
        location: here(),
        order: OrderId::new(id),
        version,
        status: status.to_owned(),
        now,
        events: Vec::new(),
    }
}

async fn a_status_change_bumps_version_and_sequence(store: AnyStore) {
    let id = insert_with(&store, "a", vec![]).await;
    insert(&store, "b").await;
    let (before, other) = (order(&store, "a").await, order(&store, "b").await);
    assert!(other.commit_seq > before.commit_seq, "an insert takes a place too");
    assert_eq!(job(&store, &id).await.state, JobState::Done);

    let change = StatusChange { events: vec![event("moved")], ..status("a", 1, "shipped", NOW + 5) };
    assert_eq!(store.set_status(change).await.unwrap(), (id.clone(), 2));
    let after = order(&store, "a").await;
    assert!(after.commit_seq > other.commit_seq);
    let expected = OrderRow {
        status: "shipped".to_owned(),
        version: 2,
        changed_at: NOW + 5,
        commit_seq: after.commit_seq,
        ..before
    };
    assert_eq!(after, expected);
    assert_eq!(order(&store, "b").await, other);
    let job = job(&store, &id).await;
    assert_eq!((job.state, job.due_at), (JobState::Waiting, NOW + 5));
    let events = store.events(0, 10).await.unwrap();
    assert_eq!((events.len(), events[0].key.as_str(), events[0].at), (1, "moved", NOW + 5));

    let again = store.set_status(status("a", 2, "shipped", NOW + 6)).await.unwrap();
    assert_eq!(again, (id, 3), "the same status is a change as well");
    assert!(order(&store, "a").await.commit_seq > after.commit_seq);
}

async fn a_status_change_on_an_old_version_writes_nothing(store: AnyStore) {
    let id = insert_with(&store, "a", vec![]).await;
    store.set_status(status("a", 1, "processing", NOW)).await.unwrap();
    let (order_before, job_before) = (order(&store, "a").await, job(&store, &id).await);
    for version in [1, 3] {
        let change =
            StatusChange { events: vec![event("refused")], ..status("a", version, "shipped", NOW + 9) };
        assert_error(store.set_status(change).await.unwrap_err(), Code::Conflict, None);
    }
    assert_eq!((order(&store, "a").await, job(&store, &id).await), (order_before, job_before));
    assert_eq!(store.events(0, 10).await.unwrap(), []);
}

async fn a_status_change_of_an_unknown_order_is_refused(store: AnyStore) {
    insert(&store, "a").await;
    let elsewhere = StatusChange { location: there(), ..status("a", 1, "shipped", NOW) };
    for change in [status("b", 1, "shipped", NOW), elsewhere] {
        assert_error(store.set_status(change).await.unwrap_err(), Code::OrderNotFound, Some("id"));
    }
    assert_eq!(order(&store, "a").await.status, "order_placed");
}

fn known(of_contact: &str, of_opportunity: &str) -> Vec<Change> {
    vec![
        Change::SetContact { contact: contact(of_contact), lease_key: of_contact.to_owned() },
        Change::SetOpportunity(opportunity(of_opportunity)),
    ]
}

async fn orders_are_found_by_what_names_them(store: AnyStore) {
    insert_with(&store, "a", known("c1", "o1")).await;
    insert_with(&store, "b", known("c1", "o2")).await;
    insert_with(&store, "c", known("c2", "o3")).await;
    store.set_status(status("a", 1, "shipped", NOW)).await.unwrap();
    let find = async |location: LocationId, lookup: Lookup<'_>| {
        let found = store.find_orders(&location, lookup).await.unwrap();
        found.into_iter().map(|order| order.id.into()).collect::<Vec<String>>()
    };
    assert_eq!(find(here(), Lookup::Contact(&contact("c1"))).await, ["b", "a"], "by commit sequence");
    assert_eq!(find(here(), Lookup::Opportunity(&opportunity("o2"))).await, ["b"]);
    assert_eq!(find(here(), Lookup::Number("N-c")).await, ["c"]);
    assert_eq!(find(here(), Lookup::Number("N-d")).await, [""; 0]);
    assert_eq!(find(here(), Lookup::Contact(&contact("o1"))).await, [""; 0]);
    assert_eq!(find(there(), Lookup::Contact(&contact("c1"))).await, [""; 0]);
    assert_eq!(find(there(), Lookup::Opportunity(&opportunity("o2"))).await, [""; 0]);
    assert_eq!(find(there(), Lookup::Number("N-c")).await, [""; 0]);
}

async fn orders_are_listed_by_id_in_pages(store: AnyStore) {
    for id in ["b", "a", "d", "c"] {
        insert(&store, id).await;
    }
    store.insert_order(NewOrder { location: there(), ..new_order("bb") }).await.unwrap();
    let list = async |after: Option<&str>, limit| {
        let after = after.map(OrderId::new);
        let listed = store.list_orders(&here(), None, after.as_ref(), limit).await.unwrap();
        listed.into_iter().map(|order| order.id.into()).collect::<Vec<String>>()
    };
    assert_eq!(list(None, 3).await, ["a", "b", "c"]);
    assert_eq!(list(Some("b"), 10).await, ["c", "d"]);
    assert_eq!(list(Some("bz"), 1).await, ["c"], "the last id of a page need not exist any more");
    assert_eq!(list(Some("d"), 10).await, [""; 0]);
    assert_eq!(list(None, 0).await, [""; 0]);
}

async fn orders_are_listed_by_status(store: AnyStore) {
    for id in ["a", "b", "c"] {
        insert(&store, id).await;
    }
    for id in ["a", "c"] {
        store.set_status(status(id, 1, "shipped", NOW)).await.unwrap();
    }
    let list = async |status: &str, after: Option<&str>| {
        let after = after.map(OrderId::new);
        let listed = store.list_orders(&here(), Some(status), after.as_ref(), 10).await.unwrap();
        listed.into_iter().map(|order| order.id.into()).collect::<Vec<String>>()
    };
    assert_eq!(list("shipped", None).await, ["a", "c"]);
    assert_eq!(list("shipped", Some("a")).await, ["c"]);
    assert_eq!(list("order_placed", None).await, ["b"]);
    assert_eq!(list("", None).await, [""; 0]);
}

fn object(kind: ObjectKind, id: &str, base: &str) -> ObjectRow {
    ObjectRow {
        location: here(),
        kind,
        id: id.to_owned(),
        base: base.to_owned(),
        base_at: 7,
        unknown: "[]".to_owned(),
    }
}

async fn a_pass_reads_everything_about_its_order(store: AnyStore) {
    insert(&store, "a").await;
    let alone = store.pass_rows(&here(), &OrderId::new("a")).await.unwrap();
    assert_eq!((alone.siblings, alone.opportunity, alone.contact), (vec![], None, None));
    assert_eq!(alone.order, order(&store, "a").await);

    let of_contact = object(ObjectKind::Contact, "c1", "{\"tags\":[]}");
    let of_opportunity = object(ObjectKind::Opportunity, "o1", "{\"stage\":1}");
    let leased = lease_one(&store, "a", NOW).await;
    let mut changes = known("c1", "o1");
    changes.extend([of_contact.clone(), of_opportunity.clone()].map(Change::PutObject));
    changes.push(Change::Finish(Finish::Done));
    commit(&store, &leased, NOW, changes).await;
    insert_with(&store, "b", known("c1", "o2")).await;
    insert_with(&store, "c", known("c1", "o3")).await;
    insert_with(&store, "d", known("c2", "o4")).await;
    store.set_status(status("b", 1, "shipped", NOW)).await.unwrap();

    let pass = store.pass_rows(&here(), &OrderId::new("a")).await.unwrap();
    assert_eq!(pass.order, order(&store, "a").await);
    assert_eq!(pass.siblings, [order(&store, "c").await, order(&store, "b").await], "by commit sequence");
    assert_eq!((pass.contact, pass.opportunity), (Some(of_contact), Some(of_opportunity)));

    for (location, id) in [(here(), "e"), (there(), "a")] {
        let error = store.pass_rows(&location, &OrderId::new(id)).await.unwrap_err();
        assert_error(error, Code::OrderNotFound, Some("id"));
    }
}

async fn objects_are_told_apart_by_location_kind_and_id(store: AnyStore) {
    let of_contact = object(ObjectKind::Contact, "x", "1");
    let of_opportunity = object(ObjectKind::Opportunity, "x", "2");
    insert_with(&store, "a", [of_contact.clone(), of_opportunity.clone()].map(Change::PutObject).to_vec())
        .await;
    let read = async |location: LocationId, kind, id: &str| store.object(&location, kind, id).await.unwrap();
    assert_eq!(read(here(), ObjectKind::Contact, "x").await, Some(of_contact));
    assert_eq!(read(here(), ObjectKind::Opportunity, "x").await, Some(of_opportunity));
    assert_eq!(read(here(), ObjectKind::Contact, "y").await, None);
    assert_eq!(read(there(), ObjectKind::Contact, "x").await, None);
}

async fn a_hint_counts_and_makes_the_job_due(store: AnyStore) {
    let id = insert_with(&store, "a", vec![]).await;
    store.mark_dirty(&here(), &OrderId::new("a"), false, NOW + 1).await.unwrap();
    store.mark_dirty(&here(), &OrderId::new("a"), true, NOW + 2).await.unwrap();
    let row = order(&store, "a").await;
    assert_eq!((row.dirty, row.dirty_contact, row.clean, row.clean_contact), (2, 1, 0, 0));
    assert_eq!(row.version, 1, "a hint is no change of status");
    let its_job = job(&store, &id).await;
    assert_eq!((its_job.state, its_job.due_at), (JobState::Waiting, NOW + 2));

    for (location, id) in [(here(), "b"), (there(), "a")] {
        let error = store.mark_dirty(&location, &OrderId::new(id), true, NOW).await.unwrap_err();
        assert_error(error, Code::OrderNotFound, Some("id"));
    }
}

async fn a_hint_leaves_a_detached_order_alone(store: AnyStore) {
    let id = insert(&store, "a").await;
    let leased = lease_one(&store, "a", NOW).await;
    commit(&store, &leased, NOW, vec![Change::Detach, Change::Finish(Finish::Skipped)]).await;
    let (order_before, job_before) = (order(&store, "a").await, job(&store, &id).await);
    store.mark_dirty(&here(), &OrderId::new("a"), true, NOW + 1).await.unwrap();
    assert_eq!((order(&store, "a").await, job(&store, &id).await), (order_before, job_before));
}

async fn a_known_status_is_no_change_of_the_shops(store: AnyStore) {
    let id = store.insert_order(new_order("a")).await.unwrap();
    let change = StatusChange {
        location: here(),
        order: OrderId::new("a"),
        version: 1,
        status: "shipped".to_owned(),
        now: NOW,
        events: vec![],
    };
    store.set_status(change).await.unwrap();
    let before = (order(&store, "a").await, store.job(&id).await.unwrap());
    assert_eq!(store.status_changed(&here(), &OrderId::new("a"), NOW + 1).await.unwrap(), id);
    assert_eq!((order(&store, "a").await, store.job(&id).await.unwrap()), before);
    for (location, name) in [(here(), "b"), (LocationId::new("there"), "a")] {
        let error = store.status_changed(&location, &OrderId::new(name), NOW).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::OrderNotFound, Some("id")));
    }
}
