//! Over tables of the shop.

use super::*;

/// The tables as the guide has had shops make them.
pub(super) fn shop_tables(id_type: &str, ids: [&str; 2]) -> String {
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
