mod file;
mod outbox;
mod shop_tables;

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
