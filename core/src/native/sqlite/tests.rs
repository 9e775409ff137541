mod outbox;

use std::{path::Path, sync::Arc};

use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::*;
use crate::{
    error::Code,
    ids::{ContactId, LocationId, OpportunityId, OrderId},
    ports::store::{
        Change, Claim, EventStore, Fence, Finish, InboxOutcome, InboxStore, JobRow, JobState, JobStore,
        Lease, LimitStore, Lookup, NewEvent, NewInbox, NewOrder, OrderStore, Received, SeenKey, SeenStore,
        Side, StatusChange, Store, SyncDirection, SyncLogRow, TokenStore,
    },
    store::conformance,
};

/// 2027-01-15T08:00:00Z.
const NOW: i64 = 1_800_000_000_000;
const NOW_TEXT: &str = "2027-01-15 08:00:00";

struct Database {
    folder: TempDir,
}

impl Database {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> String {
        self.folder.path().join("shop.db").to_string_lossy().into_owned()
    }

    async fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path(), SqliteOptions::default()).await.unwrap()
    }

    async fn open_error(&self) -> Error {
        SqliteStore::open(&self.path(), SqliteOptions::default()).await.unwrap_err()
    }

    /// A connection of the shop's own.
    async fn shop(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.path()).create_if_missing(true);
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    async fn run(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.shop().await).await.unwrap();
    }

    /// All values of a query as text, `NULL` as `-`.
    async fn rows(&self, sql: &'static str) -> Vec<String> {
        let rows = sqlx::query(sql).fetch_all(&mut self.shop().await).await.unwrap();
        let text = |row: &sqlx::sqlite::SqliteRow| {
            let value = |i| row.get_unchecked::<Option<String>, _>(i).unwrap_or_else(|| "-".to_owned());
            (0..row.len()).map(value).collect::<Vec<_>>().join(" | ")
        };
        rows.iter().map(text).collect()
    }
}

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

fn status(id: &str, version: i64, status: &str) -> StatusChange {
    let status = status.to_owned();
    StatusChange { location: here(), order: OrderId::new(id), version, status, now: NOW, events: vec![] }
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

fn lease_of(token: &str, now: i64, max: usize) -> Lease {
    let (worker, token) = ("w".to_owned(), token.to_owned());
    Lease { worker, token, now, until: now + 60_000, max, only: None }
}

async fn lease(store: &SqliteStore, token: &str) -> JobRow {
    store.lease(lease_of(token, NOW, 1)).await.unwrap().remove(0)
}

async fn commit(store: &SqliteStore, job: &JobRow, changes: Vec<Change>) {
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
    let folders = std::sync::Mutex::new(Vec::new());
    conformance::run_all(async || {
        let database = Database::new();
        let store = database.open().await;
        folders.lock().unwrap().push(database);
        Arc::new(store) as Arc<dyn Store>
    })
    .await;
}

#[tokio::test]
async fn it_conforms_as_a_store_of_tokens() {
    let folders = std::sync::Mutex::new(Vec::new());
    conformance::run_tokens(async || {
        let database = Database::new();
        let store = database.open().await;
        folders.lock().unwrap().push(database);
        Arc::new(store) as Arc<dyn TokenStore>
    })
    .await;
}

#[tokio::test]
async fn it_conforms_as_a_memory_of_webhooks() {
    let folders = std::sync::Mutex::new(Vec::new());
    conformance::run_seen(async || {
        let database = Database::new();
        let store = database.open().await;
        folders.lock().unwrap().push(database);
        Arc::new(store) as Arc<dyn SeenStore>
    })
    .await;
}

/// What is kept does not grow with what has been.
#[tokio::test]
async fn webhooks_are_forgotten_as_others_come() {
    let database = Database::new();
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
    let folders = std::sync::Mutex::new(Vec::new());
    conformance::run_limits(async || {
        let database = Database::new();
        let store = database.open().await;
        folders.lock().unwrap().push(database);
        Arc::new(store) as Arc<dyn LimitStore>
    })
    .await;
}

#[tokio::test]
async fn reopening_keeps_everything_and_migrates_nothing_twice() {
    let database = Database::new();
    let store = database.open().await;
    let order = NewOrder {
        due_at: None,
        events: vec![NewEvent { kind: "k".into(), key: "k".into(), payload: "{}".into() }],
        ..new_order("a")
    };
    let id = store.insert_order(order).await.unwrap();
    let job = lease(&store, "t").await;
    store.receive(new_inbox("{}")).await.unwrap();
    let before = store.order(&here(), &OrderId::new("a")).await.unwrap();
    store.close().await;
    let schema = database.rows("SELECT name, sql FROM sqlite_schema ORDER BY name").await;

    let store = database.open().await;
    assert_eq!(store.order(&here(), &OrderId::new("a")).await.unwrap(), before);
    assert_eq!(store.job(&id).await.unwrap(), Some(job.clone()));
    assert_eq!(store.pending_inbox(0, 9).await.unwrap().len(), 1);
    assert_eq!(store.claim_events(9).await.unwrap().len(), 1);
    commit(&store, &job, vec![Change::Finish(Finish::Done)]).await;
    store.insert_order(new_order("b")).await.unwrap();
    assert_eq!(database.rows("SELECT name, sql FROM sqlite_schema ORDER BY name").await, schema);
    assert_eq!(
        database.rows("SELECT version, success FROM ghlkit_migrations").await,
        catalog::MIGRATIONS.map(|(version, ..)| format!("{version} | 1"))
    );
}

#[tokio::test]
async fn a_database_from_before_tokens_gets_their_table() {
    let database = Database::new();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    store.close().await;
    database.run("DROP TABLE ghlkit_tokens; DELETE FROM ghlkit_migrations WHERE version = 2").await;
    let store = database.open().await;
    assert!(store.order(&here(), &OrderId::new("a")).await.unwrap().is_some());
    assert_eq!(database.rows("SELECT count(*) FROM ghlkit_tokens").await, ["0"]);
}

#[tokio::test]
async fn a_fresh_database_gets_the_users_tables() {
    let database = Database::new();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    let job = lease(&store, "t").await;
    let known = |key: &str| Change::SetContact { contact: ContactId::new("c1"), lease_key: key.to_owned() };
    let opportunity = Change::SetOpportunity(OpportunityId::new("o1"));
    commit(&store, &job, vec![known("c1"), opportunity, log_row()]).await;
    let row = "SELECT id, status, ghl_contact_id, ghl_opportunity_id, ghl_appointment_id, ghl_sync_status, \
               ghl_last_sync, installation_date, installation_status FROM orders";
    assert_eq!(database.rows(row).await, ["a | order_placed | c1 | o1 | - | pending | - | - | -"]);
    commit(&store, &job, vec![Change::Finish(Finish::Done)]).await;
    let synced = format!("a | order_placed | c1 | o1 | - | synced | {NOW_TEXT} | - | -");
    assert_eq!(database.rows(row).await, [synced]);
    let log = "SELECT order_id, location_id, sync_type, sync_status, request_data, response_data, \
               error_message, created_at FROM crm_sync_log";
    assert_eq!(
        database.rows(log).await,
        [format!(r#"a | here | push | success | {{"a":1}} | {{}} | - | {NOW_TEXT}"#)]
    );
    let ids = database.rows("SELECT id FROM crm_sync_log").await;
    let shape: String = ids[0].chars().map(|c| if c.is_ascii_hexdigit() { 'x' } else { c }).collect();
    assert_eq!(shape, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "{}", ids[0]);
    assert_eq!(&ids[0][14..15], "4");
}

#[tokio::test]
async fn the_sync_status_follows_the_job() {
    let database = Database::new();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    let dead = Finish::Dead { error: ("validation".to_owned(), "no".to_owned()) };
    let wait = Finish::Wait { due_at: NOW, counted: true, error: None };
    for (finish, expected) in
        [(wait, "pending"), (Finish::Done, "synced"), (dead, "failed"), (Finish::Skipped, "detached")]
    {
        store.mark_dirty(&here(), &OrderId::new("a"), false, NOW).await.unwrap();
        let job = lease(&store, expected).await;
        commit(&store, &job, vec![Change::Finish(finish)]).await;
        assert_eq!(database.rows("SELECT ghl_sync_status FROM orders").await, [expected]);
    }
    store.set_status(status("a", 1, "shipped")).await.unwrap();
    assert_eq!(database.rows("SELECT status, ghl_sync_status FROM orders").await, ["shipped | pending"]);
    let last = database.rows("SELECT ghl_last_sync FROM orders").await;
    assert_eq!(last, [NOW_TEXT], "the last time it was in step stays");
}

/// The shop's own tables, with rows in them, for one type of id.
async fn shop_with(database: &Database, id_type: &'static str, ids: [&str; 2]) {
    let sql = format!(
        "CREATE TABLE orders (id {id_type} PRIMARY KEY, status TEXT, total NUMERIC NOT NULL, \
           ghl_contact_id VARCHAR(100)); \
         CREATE TABLE crm_sync_log (id {id_type} PRIMARY KEY, order_id {id_type} REFERENCES orders(id), \
           sync_type VARCHAR(50), sync_status VARCHAR(50), request_data JSONB, response_data JSONB, \
           error_message TEXT, created_at TIMESTAMP); \
         CREATE TABLE webhook_events (id {id_type} PRIMARY KEY, event_type VARCHAR(100), \
           source VARCHAR(50), payload JSONB, processed BOOLEAN DEFAULT FALSE, processed_at TIMESTAMP, \
           error TEXT, created_at TIMESTAMP); \
         CREATE TABLE _sqlx_migrations (theirs TEXT); \
         INSERT INTO webhook_events (id, event_type, source, payload) VALUES (1, 'x', 'stripe', '{{}}'); \
         INSERT INTO orders (id, status, total) VALUES ('{}', 'paid', 10), ('{}', 'paid', 20);",
        ids[0], ids[1]
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut database.shop().await).await.unwrap();
}

#[tokio::test]
async fn it_moves_into_a_shops_own_tables_of_any_id_type() {
    let uuids = ["6f1c3e1a-93b3-45e7-985a-c7732dbcdb69", "123e4567-e89b-12d3-a456-426614174000"];
    for (id_type, ids) in [
        ("TEXT", ["A-1", "B-1"]),
        ("UUID", uuids),
        ("VARCHAR(36)", uuids),
        ("INTEGER", ["17", "18"]),
        ("BIGINT", ["17", "9223372036854775807"]),
    ] {
        let database = Database::new();
        shop_with(&database, id_type, ids).await;
        let store = database.open().await;
        let [first, second] = ids;

        let error = store.insert_order(new_order("999")).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::OrderNotFound, Some("id")), "{id_type}");
        store.insert_order(new_order(first)).await.unwrap();
        let error = store.insert_order(new_order(first)).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::OrderExists, Some("id")));
        store.set_status(status(first, 1, "shipped")).await.unwrap();
        let row = store.order(&here(), &OrderId::new(first)).await.unwrap().unwrap();
        assert_eq!((row.status.as_str(), row.version, row.id.as_str()), ("shipped", 2, first));

        let job = lease(&store, "t").await;
        let set = Change::SetOpportunity(OpportunityId::new("o1"));
        commit(&store, &job, vec![set, log_row(), Change::Finish(Finish::Done)]).await;
        let Received::New(event) = store.receive(new_inbox("{}")).await.unwrap() else { panic!("new") };
        let ignored = InboxOutcome::Ignored { reason: "old".to_owned() };
        assert!(store.settle_inbox(event, ignored, NOW).await.unwrap());

        let orders =
            "SELECT id, status, total, ghl_opportunity_id, ghl_sync_status FROM orders ORDER BY total";
        assert_eq!(
            database.rows(orders).await,
            [format!("{first} | shipped | 10 | o1 | synced"), format!("{second} | paid | 20 | - | pending")]
        );
        let log = "SELECT order_id, typeof(order_id) = (SELECT typeof(id) FROM orders), location_id, \
                   id IS NOT NULL FROM crm_sync_log";
        assert_eq!(database.rows(log).await, [format!("{first} | 1 | here | 1")]);
        let events = "SELECT source, processed, location_id FROM webhook_events ORDER BY source";
        assert_eq!(database.rows(events).await, ["gohighlevel | 1 | here", "stripe | 0 | -"], "{id_type}");
        let theirs = "SELECT theirs FROM _sqlx_migrations";
        assert_eq!(database.rows(theirs).await, [""; 0]);
        store.close().await;
        let again = database.open().await;
        assert_eq!(again.insert_order(new_order("999")).await.unwrap_err().code(), Code::OrderNotFound);
        again.insert_order(new_order(second)).await.unwrap();
    }
}

#[tokio::test]
async fn an_id_that_is_only_equal_as_a_number_is_another_id() {
    let database = Database::new();
    shop_with(&database, "INTEGER", ["7", "8"]).await;
    let store = database.open().await;
    for id in ["007", " 7", "7.0", "7e0", "+7", "x"] {
        let error = store.insert_order(new_order(id)).await.unwrap_err();
        assert_eq!(error.code(), Code::OrderNotFound, "{id:?}");
    }
    assert_eq!(database.rows("SELECT COUNT(*) FROM ghlkit_orders").await, ["0"]);
    assert_eq!(database.rows("SELECT COUNT(*), MAX(value) FROM ghlkit_meta").await, ["2 | 0"]);
    store.insert_order(new_order("7")).await.unwrap();
}

#[tokio::test]
async fn the_shop_may_name_its_tables() {
    let database = Database::new();
    database
        .run(
            "CREATE TABLE \"Purchases\" (\"Key\" INTEGER PRIMARY KEY, \"State\" TEXT); \
             INSERT INTO Purchases VALUES (1, 'new');",
        )
        .await;
    let tables = TableNames {
        orders: "purchases".to_owned(),
        id: "key".to_owned(),
        status: "state".to_owned(),
        ghl_sync_status: "Order".to_owned(),
        crm_sync_log: "select".to_owned(),
        webhook_events: "hooks".to_owned(),
        ..TableNames::default()
    };
    let options = SqliteOptions { tables, ..SqliteOptions::default() };
    let url = format!("sqlite:{}", database.path());
    let store = SqliteStore::open(&url, options.clone()).await.unwrap();
    store.insert_order(new_order("1")).await.unwrap();
    let job = lease(&store, "t").await;
    commit(&store, &job, vec![log_row(), Change::Finish(Finish::Done)]).await;
    store.receive(new_inbox("{}")).await.unwrap();
    store.close().await;
    SqliteStore::open(&url, options).await.unwrap();
    assert_eq!(database.rows("SELECT State, \"Order\" FROM Purchases").await, ["order_placed | synced"]);
    assert_eq!(database.rows("SELECT order_id FROM \"select\"").await, ["1"]);
    assert_eq!(database.rows("SELECT COUNT(*) FROM hooks").await, ["1"]);
    let orders = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'orders'";
    assert_eq!(database.rows(orders).await, ["0"]);
}

#[tokio::test]
async fn a_status_changed_by_sql_is_read() {
    let database = Database::new();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    database.run("UPDATE orders SET status = 'delivered'").await;
    assert_eq!(store.pass_rows(&here(), &OrderId::new("a")).await.unwrap().order.status, "delivered");
    let job = lease(&store, "t").await;
    commit(&store, &job, vec![Change::Pushed(1), Change::Finish(Finish::Done)]).await;
    assert_eq!(database.rows("SELECT status FROM orders").await, ["delivered"]);
}

#[tokio::test]
async fn an_order_deleted_by_the_shop_is_unknown_and_its_job_can_end() {
    let database = Database::new();
    let store = database.open().await;
    let id = store.insert_order(new_order("a")).await.unwrap();
    database.run("DELETE FROM orders").await;
    let order = OrderId::new("a");
    assert_eq!(store.order(&here(), &order).await.unwrap(), None);
    assert_eq!(store.find_orders(&here(), Lookup::Number("N-a")).await.unwrap(), []);
    assert_eq!(store.list_orders(&here(), None, None, 9).await.unwrap(), []);
    assert_eq!(store.pass_rows(&here(), &order).await.unwrap_err().code(), Code::OrderNotFound);
    assert_eq!(store.set_status(status("a", 1, "x")).await.unwrap_err().code(), Code::OrderNotFound);
    let job = lease(&store, "t").await;
    let status = Change::SetStatus { status: "shipped".to_owned(), at: NOW, by: Side::Ghl };
    let dead = Finish::Dead { error: ("order_not_found".to_owned(), "gone".to_owned()) };
    commit(&store, &job, vec![status, log_row(), Change::Finish(dead)]).await;
    assert_eq!(store.job(&id).await.unwrap().unwrap().state, JobState::Dead);
    assert_eq!(database.rows("SELECT order_id FROM crm_sync_log").await, ["-"]);
}

#[tokio::test]
async fn readable_copies_follow_their_events_and_others_are_left() {
    let database = Database::new();
    let store = database.open().await;
    database.run("INSERT INTO webhook_events (source, error) VALUES ('stripe', 'theirs')").await;
    let mut ids = Vec::new();
    for raw in ["\"ignored\"", "\"hint\"", "\"unresolved\""] {
        let Received::New(id) = store.receive(new_inbox(raw)).await.unwrap() else { panic!("new") };
        ids.push(id);
    }
    store.insert_order(new_order("a")).await.unwrap();
    let hint = InboxOutcome::Hint { order: OrderId::new("a"), contact: true, candidate: None };
    let reason = |text: &str| text.to_owned();
    for (id, outcome) in ids.iter().zip([
        InboxOutcome::Ignored { reason: reason("old") },
        hint,
        InboxOutcome::Unresolved { reason: reason("no order") },
    ]) {
        store.settle_inbox(*id, outcome, NOW).await.unwrap();
    }
    let copies = "SELECT source, payload, event_type, processed, processed_at, error, created_at \
                  FROM webhook_events ORDER BY payload";
    let ours = |payload: &str, rest: &str| {
        format!("gohighlevel | \"{payload}\" | OpportunityUpdate | {rest} | {NOW_TEXT}")
    };
    let stripe = database.rows(copies).await.remove(0);
    assert!(stripe.starts_with("stripe | - | - | 0 | - | theirs | "), "{stripe}");
    let settled = format!("1 | {NOW_TEXT} | -");
    let mut expected = vec![
        stripe,
        ours("hint", &settled),
        ours("ignored", &settled),
        ours("unresolved", "0 | - | no order"),
    ];
    assert_eq!(database.rows(copies).await, expected);

    let job = lease(&store, "t").await;
    let known = Change::SetContact { contact: ContactId::new("c1"), lease_key: "c1".to_owned() };
    commit(&store, &job, vec![known]).await;
    expected[3] = ours("unresolved", "0 | - | -");
    assert_eq!(database.rows(copies).await, expected);
    store.settle_inbox(ids[2], InboxOutcome::Ignored { reason: reason("old") }, NOW).await.unwrap();
    expected[3] = ours("unresolved", &settled);
    assert_eq!(database.rows(copies).await, expected);
}

#[tokio::test]
async fn a_dropped_operation_leaves_nothing_half_written() {
    let database = Database::new();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    let before = database.rows("SELECT * FROM ghlkit_meta").await;
    for steps in 1..40 {
        // Polled a few times and dropped, wherever it is by then.
        let change = NewOrder { email: Some("x@x.org".to_owned()), ..new_order("b") };
        let mut operation = store.insert_order(change);
        let mut done = false;
        for _ in 0..steps {
            done = futures::poll!(&mut operation).is_ready();
            if done {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(operation);
        if done {
            break;
        }
        // The next writer waits for the roll-back.
        store.mark_dirty(&here(), &OrderId::new("a"), false, NOW).await.unwrap();
        let whole = database.rows("SELECT COUNT(*) FROM ghlkit_orders").await;
        let counts = "SELECT (SELECT COUNT(*) FROM ghlkit_orders), (SELECT COUNT(*) FROM ghlkit_jobs), \
                      (SELECT COUNT(*) FROM orders), (SELECT value - 1 FROM ghlkit_meta WHERE name = 'commit_seq')";
        let expected = if whole == ["1"] { "1 | 1 | 1 | 0" } else { "2 | 2 | 2 | 1" };
        assert_eq!(database.rows(counts).await, [expected], "after {steps} steps");
        if whole != ["1"] {
            return;
        }
        assert_eq!(database.rows("SELECT * FROM ghlkit_meta").await, before);
    }
}

#[tokio::test]
async fn a_refused_transaction_leaves_nothing_half_written() {
    let database = Database::new();
    let store = database.open().await;
    database
        .run(
            "CREATE TRIGGER refuse BEFORE UPDATE OF status ON orders WHEN NEW.status = 'shipped' \
             BEGIN SELECT RAISE(ABORT, 'the shop says no'); END;",
        )
        .await;
    store.insert_order(new_order("a")).await.unwrap();
    let job = lease(&store, "t").await;
    let before = (store.order(&here(), &OrderId::new("a")).await.unwrap(), store.job(&job.id).await.unwrap());
    assert_eq!(store.set_status(status("a", 1, "shipped")).await.unwrap_err().code(), Code::Store);
    let fence = Fence { job: job.id.clone(), token: "t".to_owned(), now: NOW, version: None };
    let event = NewEvent { kind: "k".into(), key: "k".into(), payload: "{}".into() };
    let shipped = Change::SetStatus { status: "shipped".to_owned(), at: NOW, by: Side::Ghl };
    let changes = vec![Change::Event(event), log_row(), shipped, Change::Finish(Finish::Done)];
    let error = store.commit(fence, changes).await.unwrap_err();
    assert_eq!((error.code(), error.retryable()), (Code::Store, true));
    let after = (store.order(&here(), &OrderId::new("a")).await.unwrap(), store.job(&job.id).await.unwrap());
    assert_eq!(after, before);
    assert_eq!(store.events(0, 9).await.unwrap(), []);
    assert_eq!(database.rows("SELECT COUNT(*) FROM crm_sync_log").await, ["0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_leases_of_two_handles_never_overlap() {
    let database = Database::new();
    let (one, two) = (database.open().await, database.open().await);
    for number in 0..40 {
        let email = Some(format!("customer{}@x.org", number % 20));
        one.insert_order(NewOrder { email, ..new_order(&format!("o{number}")) }).await.unwrap();
    }
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = if task % 2 == 0 { one.clone() } else { two.clone() };
            tokio::spawn(async move {
                let mut mine = Vec::new();
                for round in 0..3 {
                    mine.extend(store.lease(lease_of(&format!("{task}-{round}"), NOW, 2)).await.unwrap());
                }
                mine
            })
        })
        .collect();
    let mut leased = Vec::new();
    for task in tasks {
        leased.extend(task.await.unwrap());
    }
    let mut keys: Vec<_> = leased.iter().map(|job| job.lease_key.clone()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!((keys.len(), leased.len()), (20, 20), "each customer once, none left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_open_and_write_at_once() {
    let database = Arc::new(Database::new());
    let tasks: Vec<_> = (0..6)
        .map(|task| {
            let database = database.clone();
            tokio::spawn(async move {
                let store = database.open().await;
                for number in 0..5 {
                    store.insert_order(new_order(&format!("{task}-{number}"))).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let sequence =
        "SELECT COUNT(*), COUNT(DISTINCT commit_seq), MIN(commit_seq), MAX(commit_seq) FROM ghlkit_orders";
    assert_eq!(database.rows(sequence).await, ["30 | 30 | 1 | 30"]);
}

#[tokio::test]
async fn a_file_that_cannot_serve_is_named_with_what_to_do() {
    let cases: [(&str, &str); 5] = [
        ("no/such/folder/x.db", "its folder must exist"),
        ("sqlite::memory:", "expected a file"),
        (":memory:", "expected a file"),
        ("", "expected a file"),
        ("sqlite:x.db?mode=sideways", "expected sqlite:FILE"),
    ];
    for (path, advice) in cases {
        let error = SqliteStore::open(path, SqliteOptions::default()).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some("DATABASE_URL")), "{path:?}: {error}");
        assert!(error.message().contains(advice), "{error}");
    }

    let database = Database::new();
    std::fs::write(database.path(), "this is a text file, and no database at all. ".repeat(200)).unwrap();
    let error = database.open_error().await;
    assert_eq!((error.code(), error.field()), (Code::Config, Some("DATABASE_URL")));
    assert!(error.message().contains("no SQLite database"), "{error}");

    let database = Database::new();
    database.open().await.close().await;
    let url = format!("sqlite:{}?mode=ro", database.path());
    let error = SqliteStore::open(&url, SqliteOptions::default()).await.unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::Config, Some("DATABASE_URL")));
    assert!(error.message().contains("read-only"), "{error}");
    assert!(!Path::new(&database.path()).with_extension("db-journal").exists());
}

#[tokio::test]
async fn a_table_that_cannot_serve_is_named_by_its_setting() {
    for (sql, field) in [
        ("CREATE TABLE orders (number TEXT, status TEXT)", "tables.id"),
        ("CREATE TABLE orders (id TEXT PRIMARY KEY, state TEXT)", "tables.status"),
        ("CREATE TABLE orders (id BLOB PRIMARY KEY, status TEXT)", "tables.id"),
        ("CREATE TABLE o (id TEXT, status TEXT); CREATE VIEW orders AS SELECT * FROM o", "tables.orders"),
        ("CREATE TABLE crm_sync_log (number TEXT)", "tables.crm_sync_log"),
        ("CREATE TABLE webhook_events (number TEXT)", "tables.webhook_events"),
    ] {
        let database = Database::new();
        database.run(sql).await;
        let error = database.open_error().await;
        assert_eq!((error.code(), error.field()), (Code::Config, Some(field)), "{error}");
        let ours = "SELECT COUNT(*) FROM sqlite_schema WHERE name LIKE 'ghlkit%'";
        assert_eq!(database.rows(ours).await, ["0"], "nothing was migrated");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let database = Database::new();
    database.open().await.close().await;
    database.run("INSERT INTO ghlkit_migrations SELECT 999, 'x', installed_on, TRUE, checksum, 0 FROM ghlkit_migrations WHERE version = 1").await;
    let error = database.open_error().await;
    assert_eq!((error.code(), error.field()), (Code::Config, Some("DATABASE_URL")));
    assert!(error.message().contains("newer version"), "{error}");
}
