//! What any store must do, word by word of [`crate::ports::store`], as tests that a store's own tests run.
//!
//! ```
//! # use std::sync::Arc;
//! # use ghlkit::{ports::store::Store, store::{MemoryStore, conformance}};
//! futures::executor::block_on(conformance::run_all(async || Arc::new(MemoryStore::new()) as Arc<dyn Store>));
//! ```
// A failed requirement panics, as in any test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bookings;
mod changes;
mod deliveries;
mod events;
mod inbox;
mod jobs;
mod limits;
mod orders;
mod progress;
mod schedule;
mod seen;
mod states;
mod tokens;

use std::{fmt, sync::Arc};

use crate::{
    error::{Code, Error},
    ids::{ContactId, JobId, LocationId, OpportunityId, OrderId},
    ports::{
        BoxFuture,
        store::{
            Change, Committed, Fence, Finish, InboxOutcome, JobRow, Lease, LimitStore, NewEvent, NewInbox,
            NewOrder, OrderRow, Received, SeenStore, Store, TokenStore,
        },
    },
};

/// One requirement, as a test on an empty store.
pub struct Case<S: ?Sized = dyn Store> {
    /// What is required.
    pub name: &'static str,
    run: fn(Arc<S>) -> BoxFuture<'static, ()>,
}

impl<S: ?Sized> Clone for Case<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: ?Sized> Copy for Case<S> {}

impl<S: ?Sized> Case<S> {
    /// Runs the test.
    ///
    /// # Panics
    /// When the store fails it.
    pub fn run(&self, store: Arc<S>) -> BoxFuture<'static, ()> {
        (self.run)(store)
    }
}

impl<S: ?Sized> fmt::Debug for Case<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// All requirements.
pub fn cases() -> Vec<Case> {
    [
        orders::cases(),
        progress::cases(),
        jobs::cases(),
        changes::cases(),
        schedule::cases(),
        inbox::cases(),
        events::cases(),
        deliveries::cases(),
        states::cases(),
        bookings::cases(),
    ]
    .concat()
}

/// Runs every requirement, each on a store of its own.
///
/// # Panics
/// At the first that fails.
pub async fn run_all(make: impl AsyncFn() -> Arc<dyn Store>) {
    for case in cases() {
        case.run(make().await).await;
    }
}

/// All requirements of a store of tokens, which need not be a store of orders.
pub fn token_cases() -> Vec<Case<dyn TokenStore>> {
    tokens::cases()
}

/// Runs every requirement of a store of tokens, each on a store of its own.
///
/// # Panics
/// At the first that fails.
pub async fn run_tokens(make: impl AsyncFn() -> Arc<dyn TokenStore>) {
    for case in token_cases() {
        case.run(make().await).await;
    }
}

/// All requirements of a store of limits, which need not be a store of orders.
pub fn limit_cases() -> Vec<Case<dyn LimitStore>> {
    limits::cases()
}

/// Runs every requirement of a store of limits, each on a store of its own.
///
/// # Panics
/// At the first that fails.
pub async fn run_limits(make: impl AsyncFn() -> Arc<dyn LimitStore>) {
    for case in limit_cases() {
        case.run(make().await).await;
    }
}

/// All requirements of a memory of webhooks, which need not be a store of orders.
pub fn seen_cases() -> Vec<Case<dyn SeenStore>> {
    seen::cases()
}

/// Runs every requirement of a memory of webhooks, each on a store of its own.
///
/// # Panics
/// At the first that fails.
pub async fn run_seen(make: impl AsyncFn() -> Arc<dyn SeenStore>) {
    for case in seen_cases() {
        case.run(make().await).await;
    }
}

macro_rules! requirements {
    ($($name:ident),+ $(,)?) => {
        requirements![for dyn super::Store: $($name),+];
    };
    (for $store:ty: $($name:ident),+ $(,)?) => {
        pub(super) fn cases() -> Vec<super::Case<$store>> {
            vec![$(super::Case { name: stringify!($name), run: |store| Box::pin($name(store)) },)+]
        }
    };
}
use requirements;

type AnyStore = Arc<dyn Store>;

/// Some time of the shop's clock.
const NOW: i64 = 1_800_000_000_000;
/// How long the leases of these tests are.
const LEASE_MS: i64 = 60_000;

fn here() -> LocationId {
    LocationId::new("here")
}

fn there() -> LocationId {
    LocationId::new("there")
}

fn contact(id: &str) -> ContactId {
    ContactId::new(id)
}

fn opportunity(id: &str) -> OpportunityId {
    OpportunityId::new(id)
}

/// An order `here` with number `N-<id>` and lease key `key-<id>`, of a customer without e-mail and phone.
fn new_order(id: &str) -> NewOrder {
    NewOrder {
        location: here(),
        id: OrderId::new(id),
        number: format!("N-{id}"),
        status: "order_placed".to_owned(),
        snapshot: "{}".to_owned(),
        email: None,
        phone: None,
        lease_key: format!("key-{id}"),
        now: NOW,
        due_at: None,
        events: Vec::new(),
    }
}

fn event(key: &str) -> NewEvent {
    NewEvent { kind: "told".to_owned(), key: key.to_owned(), payload: format!("{{\"key\":\"{key}\"}}") }
}

async fn insert(store: &AnyStore, id: &str) -> JobId {
    store.insert_order(new_order(id)).await.unwrap()
}

async fn order(store: &AnyStore, id: &str) -> OrderRow {
    store.order(&here(), &OrderId::new(id)).await.unwrap().expect("the order is there")
}

async fn job(store: &AnyStore, id: &JobId) -> JobRow {
    store.job(id).await.unwrap().expect("the job is there")
}

fn lease_of(token: &str, now: i64, max: usize) -> Lease {
    Lease {
        worker: format!("worker of {token}"),
        token: token.to_owned(),
        now,
        until: now + LEASE_MS,
        max,
        only: None,
    }
}

async fn lease(store: &AnyStore, token: &str, now: i64, max: usize) -> Vec<JobRow> {
    store.lease(lease_of(token, now, max)).await.unwrap()
}

/// Leases the job of one order, which must be possible.
async fn lease_one(store: &AnyStore, id: &str, now: i64) -> JobRow {
    let only = Some((here(), OrderId::new(id)));
    let leased = store.lease(Lease { only, ..lease_of(&format!("token-{id}-{now}"), now, 1) }).await.unwrap();
    assert_eq!(leased.len(), 1, "the job of {id} can be leased");
    leased[0].clone()
}

fn fence(job: &JobRow, now: i64) -> Fence {
    Fence { job: job.id.clone(), token: job.lease_token.clone().unwrap(), now, version: None }
}

async fn commit(store: &AnyStore, job: &JobRow, now: i64, changes: Vec<Change>) -> Committed {
    store.commit(fence(job, now), changes).await.unwrap()
}

/// Inserts an order, applies changes to it, and ends the pass in step.
async fn insert_with(store: &AnyStore, id: &str, changes: Vec<Change>) -> JobId {
    let job = insert(store, id).await;
    let leased = lease_one(store, id, NOW).await;
    let changes = changes.into_iter().chain([Change::Finish(Finish::Done)]).collect();
    commit(store, &leased, NOW, changes).await;
    job
}

/// An event of some type `here` that names nothing.
fn new_inbox(raw: &str) -> NewInbox {
    NewInbox {
        location: here(),
        webhook_id: None,
        body_hash: None,
        event_type: "OpportunityUpdate".to_owned(),
        contact: None,
        opportunity: None,
        raw: raw.as_bytes().to_vec(),
        // JSON, whatever the bytes are: some databases read it.
        readable: format!("{raw:?}"),
        now: NOW,
    }
}

async fn receive(store: &AnyStore, event: NewInbox) -> i64 {
    match store.receive(event).await.unwrap() {
        Received::New(id) => id,
        Received::Seen => panic!("the event is new"),
    }
}

fn hint(id: &str, contact: bool, candidate: Option<&str>) -> InboxOutcome {
    InboxOutcome::Hint { order: OrderId::new(id), contact, candidate: candidate.map(OpportunityId::new) }
}

/// An event says that an opportunity may be an order's.
async fn propose(store: &AnyStore, id: &str, candidate: &str) {
    let event = receive(store, new_inbox("{}")).await;
    assert!(store.settle_inbox(event, hint(id, false, Some(candidate)), NOW).await.unwrap());
}

fn orders_of(jobs: &[JobRow]) -> Vec<&str> {
    jobs.iter().map(|job| job.order.as_str()).collect()
}

fn assert_error(error: Error, code: Code, field: Option<&str>) {
    assert_eq!((error.code(), error.field()), (code, field), "{error}");
}
