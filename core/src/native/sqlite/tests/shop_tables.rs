//! Over tables of the shop.

use super::*;

/// The shop's own tables, with rows in them, for one type of id.
pub(super) async fn shop_with(database: &Database, id_type: &'static str, ids: [&str; 2]) {
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
