use std::sync::Arc;

use postgres_server::Server;
use sqlx::{Connection as _, PgConnection};

use super::*;
use crate::{
    error::Code,
    ids::{ContactId, LocationId, OrderId},
    native::SystemClock,
    ports::{
        Clock,
        store::{
            Change, Claim, EventStore, Fence, Finish, InboxStore, JobRow, JobStore, Lease, LimitStore,
            NewEvent, NewInbox, NewOrder, OrderStore, Received, SeenKey, SeenStore, Side, StatusChange,
            Store, SyncDirection, SyncLogRow, TokenStore,
        },
    },
    store::conformance,
};

/// 2027-01-15T08:00:00Z.
const NOW: i64 = 1_800_000_000_000;
const NOW_TEXT: &str = "2027-01-15 08:00:00";

struct Database {
    url: String,
}

impl Database {
    /// `None` where tests are to do without a server.
    async fn new() -> Option<Self> {
        Some(Self { url: Server::of_this_process().await?.database().await })
    }

    async fn open(&self) -> PostgresStore {
        PostgresStore::open(&self.url, PostgresOptions::default()).await.unwrap()
    }

    async fn open_error(&self) -> Error {
        PostgresStore::open(&self.url, PostgresOptions::default()).await.unwrap_err()
    }

    async fn run(&self, sql: &str) {
        let mut shop = PgConnection::connect(&self.url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut shop).await.unwrap();
        shop.close().await.unwrap();
    }

    /// The rows of a query with one column, as text, `NULL` as `-`.
    async fn rows(&self, sql: &str) -> Vec<String> {
        let mut shop = PgConnection::connect(&self.url).await.unwrap();
        let sql = format!("SELECT COALESCE(CAST(line AS text), '-') FROM ({sql}) rows (line)");
        let rows = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut shop).await.unwrap();
        shop.close().await.unwrap();
        rows
    }
}

/// A database, or the end of the test where tests are to do without.
macro_rules! database {
    () => {
        match Database::new().await {
            Some(database) => database,
            None => return,
        }
    };
}

mod outbox;
mod plans;
mod receive;
mod shop_tables;
mod wake;

fn here() -> LocationId {
    LocationId::new("here")
}

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
        events: vec![],
    }
}

fn new_inbox(raw: &str) -> NewInbox {
    NewInbox {
        location: here(),
        webhook_id: None,
        body_hash: None,
        event_type: "OpportunityUpdate".to_owned(),
        contact: Some(ContactId::new("c1")),
        opportunity: None,
        raw: raw.as_bytes().to_vec(),
        readable: raw.to_owned(),
        now: NOW,
    }
}

fn lease_of(token: &str, max: usize) -> Lease {
    let (worker, token) = ("w".to_owned(), token.to_owned());
    Lease { worker, token, now: NOW, until: NOW + 60_000, max, only: None }
}

async fn lease(store: &PostgresStore, token: &str) -> JobRow {
    store.lease(lease_of(token, 1)).await.unwrap().remove(0)
}

async fn commit(store: &PostgresStore, job: &JobRow, changes: Vec<Change>) {
    let token = job.lease_token.clone().unwrap();
    store.commit(Fence { job: job.id.clone(), token, now: NOW, version: None }, changes).await.unwrap();
}

fn log_row() -> Change {
    Change::Log(SyncLogRow {
        direction: SyncDirection::Push,
        status: "success",
        request: r#"{"a":1}"#.to_owned(),
        response: "{}".to_owned(),
        error: None,
    })
}

#[tokio::test]
async fn it_conforms() {
    for case in conformance::cases() {
        let store = database!().open().await;
        case.run(Arc::new(store) as Arc<dyn Store>).await;
    }
}

#[tokio::test]
async fn it_conforms_as_a_store_of_tokens() {
    for case in conformance::token_cases() {
        let store = database!().open().await;
        case.run(Arc::new(store) as Arc<dyn TokenStore>).await;
    }
}

/// A call that its caller gives up may be at any point, even before the server has begun its transaction.
#[tokio::test]
async fn a_call_that_is_given_up_leaves_its_connection_as_it_was() {
    let database = database!();
    let options = PostgresOptions { connections: 1, ..PostgresOptions::default() };
    let store = PostgresStore::open(&database.url, options).await.unwrap();
    store.insert_order(new_order("a")).await.unwrap();
    let (here, a) = (here(), OrderId::new("a"));
    for polls in (0..12).cycle().take(240) {
        let mut read = Box::pin(store.order(&here, &a));
        for _ in 0..polls {
            if futures::poll!(read.as_mut()).is_ready() {
                break;
            }
            // For the server to answer what was asked.
            std::thread::sleep(std::time::Duration::from_micros(200));
            tokio::task::yield_now().await;
        }
        drop(read);
        store.mark_dirty(&here, &a, false, NOW).await.unwrap();
    }
    assert_eq!(database.rows("SELECT dirty FROM ghlkit_orders").await, ["240"]);
}

#[tokio::test]
async fn it_conforms_as_a_memory_of_webhooks() {
    for case in conformance::seen_cases() {
        let store = database!().open().await;
        case.run(Arc::new(store) as Arc<dyn SeenStore>).await;
    }
}

/// What is kept does not grow with what has been.
#[tokio::test]
async fn webhooks_are_forgotten_as_others_come() {
    let database = database!();
    let store = database.open().await;
    for at in 0..40 {
        let event = at.to_string();
        let key = SeenKey { receiver: "r", event: &event };
        assert_eq!(store.claim(key, at, at + 5).await.unwrap(), Claim::New);
        store.remember(key, at, at + 10).await.unwrap();
    }
    assert_eq!(database.rows("SELECT count(*) FROM ghlkit_seen").await, ["10"]);
    store.close().await;
}

#[tokio::test]
async fn it_conforms_as_a_store_of_limits() {
    for case in conformance::limit_cases() {
        let store = database!().open().await;
        case.run(Arc::new(store) as Arc<dyn LimitStore>).await;
    }
}

/// The clocks of the machines that share a database need not agree.
#[tokio::test]
async fn limits_are_timed_by_the_servers_clock() {
    let store = database!().open().await;
    let at = LocationId::new("here");
    let (mine, _) = store.limit_row("", &at, SystemClock.now_ms()).await.unwrap();
    let (theirs, _) = store.limit_row("", &at, 0).await.unwrap();
    assert!((mine..mine + 60_000).contains(&theirs), "{mine}, then {theirs}");
}

#[tokio::test]
async fn it_conforms_behind_a_pooler_that_knows_no_prepared_statements() {
    for case in conformance::cases() {
        let options = PostgresOptions { prepared_statements: false, ..PostgresOptions::default() };
        let store = PostgresStore::open(&database!().url, options).await.unwrap();
        case.run(Arc::new(store) as Arc<dyn Store>).await;
    }
}

#[tokio::test]
async fn what_cannot_be_opened_names_its_setting_and_no_password() {
    let Some(server) = Server::of_this_process().await else { return };
    let nowhere = "postgres://shop:5ecret@127.0.0.1:1/shop".to_owned();
    for (url, advice) in [
        (server.url("nowhere"), "create it first"),
        (server.url("postgres").replace("ghlkit@", "nobody:5ecret@"), "user or the password"),
        (nowhere, "cannot be reached"),
        ("postgres://shop:5ecret@[/shop".to_owned(), "percent-encoded"),
    ] {
        let options =
            PostgresOptions { acquire_timeout: Duration::from_secs(3), ..PostgresOptions::default() };
        let error = PostgresStore::open(&url, options).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some("DATABASE_URL")), "{error}");
        assert!(error.message().contains(advice), "{error}");
        assert!(!format!("{error:?} {error}").contains("5ecret"), "{error:?}");
    }
    let database = database!();
    database.open().await.close().await;
    database.run("INSERT INTO ghlkit_migrations SELECT 999, 'x', now(), TRUE, checksum, 0 FROM ghlkit_migrations WHERE version = 1").await;
    let error = database.open_error().await;
    assert_eq!((error.code(), error.field()), (Code::Config, Some("DATABASE_URL")));
    assert!(error.message().contains("newer version"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_open_and_write_at_once() {
    let database = Arc::new(database!());
    let tasks: Vec<_> = (0..6)
        .map(|task| {
            let database = database.clone();
            tokio::spawn(async move {
                let store = database.open().await;
                for number in 0..5 {
                    let order = new_order(&format!("{task}-{number}"));
                    let email = Some("one@x.org".to_owned());
                    store.insert_order(NewOrder { email, ..order }).await.unwrap();
                }
                // The same order and event from all: one is the first.
                let order = store.insert_order(new_order("same")).await;
                let event = NewInbox { webhook_id: Some("same".to_owned()), ..new_inbox("{}") };
                let hashed = NewInbox { body_hash: Some("same".to_owned()), ..new_inbox("{}") };
                let new = |received| usize::from(matches!(received, Received::New(_)));
                let first = match order {
                    Ok(_) => 1,
                    Err(error) => {
                        assert_eq!((error.code(), error.field()), (Code::OrderExists, Some("id")), "{error}");
                        0
                    }
                };
                let events = new(store.receive(event).await.unwrap());
                let hashes = new(store.receive(hashed).await.unwrap());
                store.close().await;
                (first, events, hashes)
            })
        })
        .collect();
    let mut firsts = (0, 0, 0);
    for task in tasks {
        let (orders, events, hashes) = task.await.unwrap();
        firsts = (firsts.0 + orders, firsts.1 + events, firsts.2 + hashes);
    }
    assert_eq!(firsts, (1, 1, 1));
    let counts = "SELECT concat_ws(' ', count(*), count(DISTINCT commit_seq)) FROM ghlkit_orders";
    assert_eq!(database.rows(counts).await, ["31 31"]);
    // All orders of one customer have one lease key, whoever was first.
    let keys = "SELECT count(DISTINCT lease_key) FROM ghlkit_jobs WHERE order_id <> 'same'";
    assert_eq!(database.rows(keys).await, ["1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_leases_never_overlap_while_keys_move_and_jobs_are_asked_for_again() {
    let database = database!();
    let (one, two) = (database.open().await, database.open().await);
    for number in 0..60 {
        let email = Some(format!("customer{}@x.org", number % 20));
        let events = vec![NewEvent { kind: "k".into(), key: "k".into(), payload: "{}".into() }];
        one.insert_order(NewOrder { email, events, ..new_order(&format!("o{number}")) }).await.unwrap();
    }
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = if task % 2 == 0 { one.clone() } else { two.clone() };
            tokio::spawn(async move {
                let mut told = 0;
                for round in 0..12 {
                    let token = format!("{task}-{round}");
                    for job in store.lease(lease_of(&token, 3)).await.unwrap() {
                        // The key moves under the others' eyes, as when a contact becomes known.
                        let contact = ContactId::new(format!("contact of {}", job.lease_key));
                        let set = Change::SetContact { contact, lease_key: format!("{}+", job.lease_key) };
                        let fence =
                            Fence { job: job.id.clone(), token: token.clone(), now: NOW, version: None };
                        let committed = store.commit(fence.clone(), vec![set]).await.unwrap();
                        assert!(!committed.contended, "another job with the same key is leased");
                        store.mark_dirty(&here(), &job.order, true, NOW).await.unwrap();
                        store.commit(fence, vec![Change::Finish(Finish::Done)]).await.unwrap();
                    }
                    told += store.claim_events(1).await.unwrap().len();
                }
                told
            })
        })
        .collect();
    let mut told = 0;
    for task in tasks {
        told += task.await.unwrap();
    }
    assert_eq!(told, 60, "each event is told once, and none is left");
    // Every change was one of an uncontended lease, so the orders of a customer still share a key.
    let split = "SELECT count(*) FROM (SELECT email FROM ghlkit_orders JOIN ghlkit_jobs USING (order_id) \
                 GROUP BY email HAVING count(DISTINCT lease_key) > 1) split";
    assert_eq!(database.rows(split).await, ["0"]);
}

#[tokio::test]
async fn an_operation_that_waits_too_long_ends_and_changes_nothing() {
    let database = database!();
    let statement_timeout = Duration::from_millis(200);
    let options = PostgresOptions { statement_timeout, ..PostgresOptions::default() };
    let store = PostgresStore::open(&database.url, options).await.unwrap();
    store.insert_order(new_order("a")).await.unwrap();
    let mut shop = PgConnection::connect(&database.url).await.unwrap();
    let mut transaction = shop.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM ghlkit_jobs FOR UPDATE").execute(&mut *transaction).await.unwrap();
    let error = store.mark_dirty(&here(), &OrderId::new("a"), false, NOW).await.unwrap_err();
    assert_eq!((error.code(), error.retryable()), (Code::Store, true), "{error}");
    assert!(error.message().contains("statement_timeout"), "{error}");
    // Nobody waits for a job that somebody has.
    assert_eq!(store.lease(lease_of("t", 1)).await.unwrap(), []);
    transaction.rollback().await.unwrap();
    assert_eq!(store.order(&here(), &OrderId::new("a")).await.unwrap().unwrap().dirty, 0);
    lease(&store, "t").await;
}
