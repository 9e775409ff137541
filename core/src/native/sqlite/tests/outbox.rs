//! Changes of status by the shop's own SQL.

use sqlx::Connection as _;

use super::{shop_tables::shop_with, *};
use crate::ports::store::OutboxStore;

const WRITTEN: &str = "SELECT k.order_id, version, changed_by, known_status, state, wanted \
     FROM ghlkit_orders k JOIN ghlkit_jobs USING (order_id) ORDER BY k.order_id";

#[tokio::test]
async fn the_trigger_knows_ids_of_any_type() {
    for (id_type, ids) in [("INTEGER", ["17", "18"]), ("TEXT", ["it''s 1", "2"])] {
        let database = Database::new();
        shop_with(&database, id_type, ids).await;
        let store = database.open().await;
        store.install_status_trigger().await.unwrap();
        let id = ids[0].replace("''", "'");
        store.insert_order(new_order(&id)).await.unwrap();
        database.run("UPDATE orders SET status = 'shipped', total = 1").await;
        assert_eq!(database.rows(WRITTEN).await, [format!("{id} | 2 | shop | shipped | waiting | 2")]);
        let payload = store.events(0, 9).await.unwrap().pop().unwrap().payload;
        let payload: serde_json::Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(
            (payload["orderId"].as_str(), payload["previousStatus"].as_str()),
            (Some(&*id), Some("order_placed"))
        );
        // By a statement that inserts, or else updates.
        database
            .run(
                "INSERT INTO orders (id, status, total) SELECT id, 'x', 1 FROM orders WHERE TRUE \
                  ON CONFLICT (id) DO UPDATE SET status = 'delivered'",
            )
            .await;
        assert_eq!(database.rows(WRITTEN).await, [format!("{id} | 3 | shop | delivered | waiting | 3")]);
    }
}

#[tokio::test]
async fn the_trigger_watches_the_tables_of_the_shops_naming() {
    let database = Database::new();
    database
        .run("CREATE TABLE \"Purchases\" (\"Key\" INTEGER PRIMARY KEY, \"State\" TEXT); INSERT INTO Purchases VALUES (1, 'new');")
        .await;
    let tables = TableNames {
        orders: "Purchases".to_owned(),
        id: "Key".to_owned(),
        status: "State".to_owned(),
        ghl_sync_status: "Order".to_owned(),
        ..TableNames::default()
    };
    let options = SqliteOptions { tables, ..SqliteOptions::default() };
    let store = SqliteStore::open(&database.path(), options).await.unwrap();
    for _ in 0..2 {
        store.install_status_trigger().await.unwrap();
    }
    store.insert_order(new_order("1")).await.unwrap();
    let job = lease(&store, "t").await;
    commit(&store, &job, vec![Change::Finish(Finish::Done)]).await;
    database.run("UPDATE Purchases SET State = 'shipped'").await;
    assert_eq!(database.rows("SELECT State, \"Order\" FROM Purchases").await, ["shipped | pending"]);
    assert_eq!(database.rows(WRITTEN).await, ["1 | 2 | shop | shipped | waiting | 2"]);
    store.remove_status_trigger().await.unwrap();
    assert_eq!(database.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'").await, [""; 0]);
}

#[tokio::test]
async fn an_intent_is_written_in_the_shops_own_transaction_or_not_at_all() {
    let database = Database::new();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    let order = OrderId::new("a");
    let mut shop = database.shop().await;
    for end in ["ROLLBACK", "COMMIT", "COMMIT"] {
        let before = database.rows(WRITTEN).await;
        let mut transaction = shop.begin().await.unwrap();
        sqlx::query("UPDATE orders SET status = 'shipped'").execute(&mut *transaction).await.unwrap();
        let known = before == ["a | 2 | shop | shipped | waiting | 2"];
        assert_eq!(store.enqueue(&mut transaction, &order).await.unwrap(), !known);
        assert!(!store.enqueue(&mut transaction, &order).await.unwrap(), "written already");
        assert!(!store.enqueue(&mut transaction, &OrderId::new("theirs")).await.unwrap());
        assert_eq!(database.rows(WRITTEN).await, before, "nobody sees it yet");
        match end {
            "COMMIT" => transaction.commit().await.unwrap(),
            _ => transaction.rollback().await.unwrap(),
        }
        let expected = if end == "COMMIT" {
            "a | 2 | shop | shipped | waiting | 2"
        } else {
            "a | 1 | shop | order_placed | waiting | 1"
        };
        assert_eq!(database.rows(WRITTEN).await, [expected]);
    }
    assert_eq!(store.events(0, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_status_that_is_null_is_a_change_like_any() {
    let database = Database::new();
    database
        .run("CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT); INSERT INTO orders VALUES ('a', 'order_placed')")
        .await;
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    database.run("UPDATE orders SET status = NULL").await;
    for _ in 0..2 {
        store.status_changed(&here(), &OrderId::new("a"), NOW).await.unwrap();
        assert_eq!(database.rows("SELECT version, o.status FROM ghlkit_orders, orders o").await, ["2 | -"]);
    }
    store.install_status_trigger().await.unwrap();
    database.run("UPDATE orders SET status = 'x'; UPDATE orders SET status = NULL").await;
    store.status_changed(&here(), &OrderId::new("a"), NOW).await.unwrap();
    assert_eq!(database.rows("SELECT version, o.status FROM ghlkit_orders, orders o").await, ["4 | -"]);
}

#[tokio::test]
async fn a_database_from_before_knows_its_statuses() {
    let database = Database::new();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    store.close().await;
    database
        .run("ALTER TABLE ghlkit_orders DROP COLUMN known_status; DELETE FROM ghlkit_migrations WHERE version = 5")
        .await;
    let store = database.open().await;
    store.status_changed(&here(), &OrderId::new("a"), NOW).await.unwrap();
    assert_eq!(database.rows(WRITTEN).await, ["a | 1 | shop | order_placed | waiting | 1"]);
}
