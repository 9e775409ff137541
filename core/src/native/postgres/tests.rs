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

/// The tables as the guide has had shops make them.
fn shop_tables(id_type: &str, ids: [&str; 2]) -> String {
    format!(
        "CREATE TYPE order_status AS ENUM ('new', 'order_placed', 'paid'); \
         CREATE TABLE orders (id {id_type} PRIMARY KEY, status order_status NOT NULL, total NUMERIC); \
         INSERT INTO orders VALUES ('{}', 'new', 10), ('{}', 'new', 20); \
         CREATE TABLE crm_sync_log (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), \
           order_id {id_type} REFERENCES orders(id), sync_type VARCHAR(50), sync_status VARCHAR(50), \
           request_data JSONB, response_data JSONB, error_message TEXT, created_at TIMESTAMP DEFAULT NOW()); \
         CREATE TABLE webhook_events (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), event_type VARCHAR(100), \
           source VARCHAR(50), payload JSONB, processed BOOLEAN DEFAULT FALSE, processed_at TIMESTAMPTZ, \
           error TEXT, created_at TIMESTAMP DEFAULT NOW()); \
         INSERT INTO webhook_events (source) VALUES ('stripe'); \
         CREATE TABLE _sqlx_migrations (theirs INTEGER);",
        ids[0], ids[1]
    )
}

#[tokio::test]
async fn it_lives_over_the_tables_of_a_shop_whatever_the_type_of_its_ids() {
    let uuids = ["0b8f0d52-8a3c-4f5e-9d55-0e1a2b3c4d5e", "1b8f0d52-8a3c-4f5e-9d55-0e1a2b3c4d5e"];
    for (id_type, [first, second], others) in [
        (
            "uuid",
            uuids,
            ["0B8F0D52-8A3C-4F5E-9D55-0E1A2B3C4D5E", "2b8f0d52-8a3c-4f5e-9d55-0e1a2b3c4d5e", "x"],
        ),
        ("bigint", ["7", "9223372036854775807"], ["007", "9223372036854775808", "x"]),
        ("integer", ["7", "2147483647"], ["+7", "9223372036854775807", "7.0"]),
        ("text", ["o-1", "o-2"], ["O-1", "o-3", ""]),
        ("varchar(64)", ["o-1", "o-2"], ["O-1", "o-3", " o-1"]),
    ] {
        let database = database!();
        database.run(&shop_tables(id_type, [first, second])).await;
        let store = database.open().await;
        for other in others {
            let error = store.insert_order(new_order(other)).await.unwrap_err();
            assert_eq!(error.code(), Code::OrderNotFound, "{id_type} {other:?}: {error}");
        }
        store.insert_order(new_order(first)).await.unwrap();
        let change = StatusChange {
            location: here(),
            order: OrderId::new(first),
            version: 1,
            status: "paid".to_owned(),
            now: NOW,
            events: vec![],
        };
        store.set_status(change).await.unwrap();
        let job = lease(&store, "t").await;
        commit(&store, &job, vec![log_row(), Change::Finish(Finish::Done)]).await;
        let row = store.order(&here(), &OrderId::new(first)).await.unwrap().unwrap();
        assert_eq!((row.status.as_str(), row.version, row.changed_by), ("paid", 2, Side::Shop), "{id_type}");

        let Received::New(event) = store.receive(new_inbox(r#"{"a": 1}"#)).await.unwrap() else { panic!() };
        let ignored = crate::ports::store::InboxOutcome::Ignored { reason: "old".to_owned() };
        assert!(store.settle_inbox(event, ignored, NOW).await.unwrap());

        let orders = "SELECT concat_ws(' ', id, status, total, ghl_sync_status, ghl_last_sync) \
                      FROM orders ORDER BY total";
        assert_eq!(
            database.rows(orders).await,
            [format!("{first} paid 10 synced {NOW_TEXT}"), format!("{second} new 20 pending")],
            "{id_type}"
        );
        let log = "SELECT concat_ws(' ', order_id, location_id, request_data ->> 'a', created_at) FROM crm_sync_log";
        assert_eq!(database.rows(log).await, [format!("{first} here 1 {NOW_TEXT}")]);
        let events = "SELECT concat_ws(' ', source, processed, location_id, payload ->> 'a', \
                      processed_at AT TIME ZONE 'UTC') FROM webhook_events ORDER BY source";
        assert_eq!(
            database.rows(events).await,
            [format!("gohighlevel t here 1 {NOW_TEXT}"), "stripe f".to_owned()]
        );
        store.close().await;
        let again = database.open().await;
        assert_eq!(again.insert_order(new_order(others[0])).await.unwrap_err().code(), Code::OrderNotFound);
        again.insert_order(new_order(second)).await.unwrap();
        assert_eq!(
            database.rows("SELECT count(*) FROM ghlkit_migrations").await,
            [catalog::MIGRATIONS.len().to_string()]
        );
        assert_eq!(database.rows("SELECT count(*) FROM _sqlx_migrations").await, ["0"]);
    }
}

#[tokio::test]
async fn the_shop_may_name_its_tables() {
    let database = database!();
    database
        .run(
            "CREATE TABLE \"Purchases\" (\"Key\" BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \"State\" TEXT); \
             INSERT INTO \"Purchases\" (\"State\") VALUES ('new'); \
             CREATE TABLE hooks (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload TEXT);",
        )
        .await;
    let tables = TableNames {
        orders: "Purchases".to_owned(),
        id: "Key".to_owned(),
        status: "State".to_owned(),
        ghl_sync_status: "Order".to_owned(),
        crm_sync_log: "select".to_owned(),
        webhook_events: "hooks".to_owned(),
        ..TableNames::default()
    };
    let options = PostgresOptions { tables, ..PostgresOptions::default() };
    let store = PostgresStore::open(&database.url, options.clone()).await.unwrap();
    store.insert_order(new_order("1")).await.unwrap();
    let job = lease(&store, "t").await;
    commit(&store, &job, vec![log_row(), Change::Finish(Finish::Done)]).await;
    store.receive(new_inbox("{}")).await.unwrap();
    store.close().await;
    PostgresStore::open(&database.url, options).await.unwrap();
    let row = "SELECT concat_ws(' ', \"State\", \"Order\") FROM \"Purchases\"";
    assert_eq!(database.rows(row).await, ["order_placed synced"]);
    assert_eq!(database.rows("SELECT order_id FROM \"select\"").await, ["1"]);
    assert_eq!(database.rows("SELECT id FROM hooks").await, ["1"]);
    assert_eq!(database.rows("SELECT to_regclass('orders')").await, ["-"]);
}

#[tokio::test]
async fn a_table_that_cannot_serve_is_named_by_its_setting_and_nothing_is_migrated() {
    for (sql, field) in [
        ("CREATE TABLE orders (number TEXT, status TEXT)", "tables.id"),
        ("CREATE TABLE orders (id TEXT PRIMARY KEY, state TEXT)", "tables.status"),
        ("CREATE TABLE orders (id BYTEA PRIMARY KEY, status TEXT)", "tables.id"),
        ("CREATE TABLE o (id TEXT, status TEXT); CREATE VIEW orders AS SELECT * FROM o", "tables.orders"),
        ("CREATE TABLE crm_sync_log (number TEXT)", "tables.crm_sync_log"),
        ("CREATE TABLE webhook_events (number TEXT)", "tables.webhook_events"),
        ("CREATE TABLE webhook_events (id INTEGER PRIMARY KEY)", "tables.webhook_events"),
    ] {
        let database = database!();
        database.run(sql).await;
        let error = database.open_error().await;
        assert_eq!((error.code(), error.field()), (Code::Config, Some(field)), "{error}");
        assert_eq!(database.rows("SELECT to_regclass('ghlkit_jobs')").await, ["-"]);
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
