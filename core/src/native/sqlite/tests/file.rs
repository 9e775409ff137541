//! One file, opened by many, and what is left when something ends in the middle.

use super::*;

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

/// As SQLite does by itself where the disk is full.
#[tokio::test]
async fn a_transaction_that_sqlite_ends_by_itself_costs_nothing_but_itself() {
    let database = Database::new();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    database
        .run(
            "CREATE TRIGGER full BEFORE UPDATE OF status ON orders WHEN NEW.status = 'shipped' \
             BEGIN SELECT RAISE(ROLLBACK, 'disk is full'); END;",
        )
        .await;
    for _ in 0..3 {
        assert_eq!(store.set_status(status("a", 1, "shipped")).await.unwrap_err().code(), Code::Store);
    }
    store.set_status(status("a", 1, "processing")).await.unwrap();
    let row = store.order(&here(), &OrderId::new("a")).await.unwrap().unwrap();
    assert_eq!((row.status.as_str(), row.version), ("processing", 2));
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
async fn a_file_that_the_shop_is_writing_is_waited_for() {
    let database = Database::new();
    database.run("CREATE TABLE mine (x)").await;
    let mut shop = database.shop().await;
    sqlx::raw_sql("BEGIN IMMEDIATE; INSERT INTO mine VALUES (1)").execute(&mut shop).await.unwrap();
    let end = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        sqlx::raw_sql("COMMIT").execute(&mut shop).await.unwrap();
    };
    let (store, ()) = futures::join!(database.open(), end);
    store.insert_order(new_order("a")).await.unwrap();
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
async fn a_database_of_a_newer_version_is_refused() {
    let database = Database::new();
    database.open().await.close().await;
    database.run("INSERT INTO ghlkit_migrations SELECT 999, 'x', installed_on, TRUE, checksum, 0 FROM ghlkit_migrations WHERE version = 1").await;
    let error = database.open_error().await;
    assert_eq!((error.code(), error.field()), (Code::Config, Some("DATABASE_URL")));
    assert!(error.message().contains("newer version"), "{error}");
}
