//! Changes of status by the shop's own SQL.

use sqlx::{Connection as _, PgConnection};

use super::{shop_tables::shop_tables, *};
use crate::ports::store::{JobState, OutboxStore, ProgressChange};

const WRITTEN: &str = "SELECT concat_ws(' ', k.order_id, version, changed_by, known_status, state, wanted) \
     FROM ghlkit_orders k JOIN ghlkit_jobs USING (order_id) ORDER BY k.order_id";

async fn shop(database: &Database) -> PgConnection {
    PgConnection::connect(&database.url).await.unwrap()
}

#[tokio::test]
async fn the_trigger_knows_ids_and_statuses_of_any_type() {
    let uuid = "0b8f0d52-8a3c-4f5e-9d55-0e1a2b3c4d5e";
    for (id_type, id) in [("uuid", uuid), ("bigint", "7"), ("varchar(64)", "it's 1")] {
        let database = database!();
        database
            .run(&shop_tables(
                id_type,
                [&id.replace('\'', "''"), &id.replace(['0', '7', '1'], "2").replace('\'', "''")],
            ))
            .await;
        let store = database.open().await;
        store.install_status_trigger().await.unwrap();
        store.insert_order(new_order(id)).await.unwrap();
        database.run("UPDATE orders SET status = 'paid', total = 1").await;
        assert_eq!(database.rows(WRITTEN).await, [format!("{id} 2 shop paid waiting 2")], "{id_type}");
        let payload = store.events(0, 9).await.unwrap().pop().unwrap().payload;
        let payload: serde_json::Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(
            (payload["orderId"].as_str(), payload["previousStatus"].as_str()),
            (Some(id), Some("order_placed"))
        );
    }
}

#[tokio::test]
async fn the_trigger_watches_the_tables_of_the_shops_naming_in_a_schema_of_its_own() {
    let database = database!();
    database
        .run(
            "CREATE SCHEMA \"Shop\"; \
             CREATE TABLE \"Shop\".\"Purchases\" (\"Key\" TEXT PRIMARY KEY, \"State\" TEXT); \
             INSERT INTO \"Shop\".\"Purchases\" VALUES ('1', 'new');",
        )
        .await;
    let tables = TableNames {
        orders: "Purchases".to_owned(),
        id: "Key".to_owned(),
        status: "State".to_owned(),
        ghl_sync_status: "Order".to_owned(),
        ..TableNames::default()
    };
    let url = format!("{}&options=-c%20search_path%3D%22Shop%22", database.url);
    let options = PostgresOptions { tables, ..PostgresOptions::default() };
    let store = PostgresStore::open(&url, options).await.unwrap();
    for _ in 0..2 {
        store.install_status_trigger().await.unwrap();
    }
    store.insert_order(new_order("1")).await.unwrap();
    let job = lease(&store, "t").await;
    commit(&store, &job, vec![Change::Finish(Finish::Done)]).await;
    // Without the schema on its path, and with no right but to this column.
    database
        .run(
            "CREATE ROLE clerk; GRANT USAGE ON SCHEMA \"Shop\" TO clerk; \
             GRANT UPDATE (\"State\") ON \"Shop\".\"Purchases\" TO clerk; SET ROLE clerk; \
             UPDATE \"Shop\".\"Purchases\" SET \"State\" = 'shipped'; RESET ROLE; \
             DROP OWNED BY clerk; DROP ROLE clerk;",
        )
        .await;
    let row = "SELECT concat_ws(' ', version, state, \"State\", \"Order\") \
               FROM \"Shop\".ghlkit_orders k JOIN \"Shop\".ghlkit_jobs USING (order_id), \"Shop\".\"Purchases\"";
    assert_eq!(database.rows(row).await, ["2 waiting shipped pending"]);
    store.remove_status_trigger().await.unwrap();
    assert_eq!(database.rows("SELECT proname FROM pg_proc WHERE proname LIKE 'ghlkit%'").await, [""; 0]);
    assert_eq!(database.rows("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'ghlkit%'").await, [""; 0]);
}

/// The shop's orders lie in the second schema of the path, and ghlkit's own tables are made in the first.
#[tokio::test]
async fn the_orders_of_another_schema_of_the_path_are_the_shops() {
    let database = database!();
    database
        .run(
            "CREATE SCHEMA \"It's\"; CREATE SCHEMA kit; \
             CREATE TABLE \"It's\".orders (id BIGINT PRIMARY KEY, status TEXT); \
             CREATE TABLE \"It's\".webhook_events (id BIGSERIAL PRIMARY KEY, source TEXT, payload JSONB, \
               event_type TEXT, processed BOOLEAN, processed_at TIMESTAMP, error TEXT, created_at TIMESTAMP); \
             INSERT INTO \"It's\".orders VALUES (7, 'new');",
        )
        .await;
    let url = format!("{}&options=-c%20search_path%3Dkit%2C%22It's%22", database.url);
    for _ in 0..2 {
        let store = PostgresStore::open(&url, PostgresOptions::default()).await.unwrap();
        store.install_status_trigger().await.unwrap();
        store.close().await;
    }
    let tables = "SELECT concat_ws('.', schemaname, tablename) FROM pg_tables WHERE tablename IN \
                  ('orders', 'webhook_events', 'crm_sync_log', 'ghlkit_orders') ORDER BY 1";
    let expected = ["It's.orders", "It's.webhook_events", "kit.crm_sync_log", "kit.ghlkit_orders"];
    assert_eq!(database.rows(tables).await, expected);
    let store = PostgresStore::open(&url, PostgresOptions::default()).await.unwrap();
    let theirs = store.insert_order(new_order("8")).await.unwrap_err();
    assert_eq!(theirs.code(), Code::OrderNotFound, "the shop's table is never inserted into");
    store.insert_order(new_order("7")).await.unwrap();
    let job = lease(&store, "t").await;
    commit(&store, &job, vec![log_row(), Change::Finish(Finish::Done)]).await;
    store.receive(new_inbox("{}")).await.unwrap();
    database.run("UPDATE \"It's\".orders SET status = 'paid'").await;
    let row = "SELECT concat_ws(' ', version, state, o.status, ghl_sync_status, l.order_id, w.source) \
               FROM kit.ghlkit_orders k JOIN kit.ghlkit_jobs USING (order_id), \"It's\".orders o, \
               kit.crm_sync_log l, \"It's\".webhook_events w";
    assert_eq!(database.rows(row).await, ["2 waiting paid pending 7 gohighlevel"]);
}

/// A pass that ends while the shop changes the order waits for it, rather than each for the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_and_the_end_of_a_pass_never_wait_for_each_other() {
    let database = database!();
    let store = database.open().await;
    store.install_status_trigger().await.unwrap();
    let id = store.insert_order(new_order("a")).await.unwrap();
    let job = lease(&store, "t").await;
    let mut shop = shop(&database).await;
    let mut transaction = shop.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM orders FOR UPDATE").execute(&mut *transaction).await.unwrap();
    let ending = {
        let (store, job) = (store.clone(), job.clone());
        tokio::spawn(async move { commit(&store, &job, vec![Change::Finish(Finish::Done)]).await })
    };
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while database.rows(waits).await != ["1"] {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sqlx::query("UPDATE orders SET status = 'shipped'").execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    ending.await.unwrap();
    // The change came while the job was leased: it runs once more.
    let after = store.job(&id).await.unwrap().unwrap();
    assert_eq!((after.state, after.wanted), (JobState::Waiting, 2));
    assert_eq!(database.rows("SELECT ghl_sync_status FROM orders").await, ["pending"]);
}

/// A customer's contact becomes known while the shop changes all of the customer's orders.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_several_orders_and_a_pass_over_one_of_them_never_wait_for_each_other() {
    let database = database!();
    let store = database.open().await;
    store.install_status_trigger().await.unwrap();
    for id in ["a", "b"] {
        store.insert_order(NewOrder { lease_key: "theirs".to_owned(), ..new_order(id) }).await.unwrap();
    }
    let only = Some((here(), OrderId::new("b")));
    let job = store.lease(Lease { only, ..lease_of("t", 1) }).await.unwrap().remove(0);
    let gives_way = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                     AND (wait_event_type = 'Lock' OR query LIKE '%lease_key = $1 ORDER BY id FOR UPDATE%' \
                     OR query = 'ROLLBACK') AND pid <> pg_backend_pid()";
    assert_eq!(database.rows(gives_way).await, ["0"]);
    let mut shop = shop(&database).await;
    let mut transaction = shop.begin().await.unwrap();
    sqlx::query("UPDATE orders SET status = 'paid' WHERE id = 'a'").execute(&mut *transaction).await.unwrap();
    let learning = {
        let store = store.clone();
        tokio::spawn(async move {
            let (contact, lease_key) = (ContactId::new("c1"), "contact:here:c1".to_owned());
            commit(&store, &job, vec![Change::SetContact { contact, lease_key }]).await;
        })
    };
    while database.rows(gives_way).await == ["0"] {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sqlx::query("UPDATE orders SET status = 'paid' WHERE id = 'b'").execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    learning.await.unwrap();
    assert_eq!(database.rows(WRITTEN).await, ["a 2 shop paid waiting 2", "b 2 shop paid leased 2"]);
    assert_eq!(database.rows("SELECT DISTINCT lease_key FROM ghlkit_jobs").await, ["contact:here:c1"]);
    assert_eq!(database.rows("SELECT ghl_contact_id FROM orders ORDER BY id").await, ["-", "c1"]);
}

/// What comes from GHL does not overwrite a change that the shop was about to commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_made_before_a_change_is_refused_after_it() {
    let database = database!();
    let store = database.open().await;
    store.install_status_trigger().await.unwrap();
    store.insert_order(new_order("a")).await.unwrap();
    let job = lease(&store, "t").await;
    let mut shop = shop(&database).await;
    let mut transaction = shop.begin().await.unwrap();
    sqlx::query("UPDATE orders SET status = 'shipped'").execute(&mut *transaction).await.unwrap();
    let deciding = {
        let store = store.clone();
        tokio::spawn(async move {
            let status = Change::SetStatus { status: "processing".to_owned(), at: NOW, by: Side::Ghl };
            let token = job.lease_token.clone().unwrap();
            let fence = Fence { job: job.id.clone(), token, now: NOW, version: Some(1) };
            store.commit(fence, vec![status]).await.unwrap_err()
        })
    };
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while database.rows(waits).await != ["1"] {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    transaction.commit().await.unwrap();
    assert_eq!(deciding.await.unwrap().code(), Code::Conflict);
    assert_eq!(database.rows("SELECT status FROM orders").await, ["shipped"]);
    assert_eq!(database.rows(WRITTEN).await, ["a 2 shop shipped leased 2"]);
}

fn to_paid(order: &str) -> StatusChange {
    let (location, order) = (here(), OrderId::new(order));
    StatusChange { location, order, version: 1, status: "paid".to_owned(), now: NOW, events: vec![event()] }
}

fn event() -> NewEvent {
    NewEvent { kind: "status".to_owned(), key: "a:2".to_owned(), payload: "{}".to_owned() }
}

/// Shops guard their tables by triggers that pass over what they do not want.
#[tokio::test]
async fn a_status_that_the_shops_table_does_not_take_is_not_noted() {
    let database = database!();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    database
        .run(
            "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
             CREATE TRIGGER guard BEFORE UPDATE ON orders FOR EACH ROW WHEN (NEW.status = 'paid') \
             EXECUTE FUNCTION guard()",
        )
        .await;
    let before = database.rows(WRITTEN).await;
    assert_eq!(store.set_status(to_paid("a")).await.unwrap_err().code(), Code::OrderNotFound);
    let progress = ProgressChange {
        location: here(),
        order: OrderId::new("a"),
        version: 1,
        from: None,
        to: 100,
        milestone: 100,
        status: Some("paid".to_owned()),
        now: NOW,
        events: vec![event()],
    };
    assert_eq!(store.set_progress(progress).await.unwrap_err().code(), Code::OrderNotFound);
    assert_eq!(database.rows(WRITTEN).await, before);
    assert_eq!(database.rows("SELECT manufacturing_progress FROM ghlkit_orders").await, ["-"]);
    assert!(store.events(0, 9).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_deleted_and_inserted_anew_is_the_same_order() {
    let database = database!();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    let mut shop = shop(&database).await;
    let mut transaction = shop.begin().await.unwrap();
    sqlx::query("DELETE FROM orders").execute(&mut *transaction).await.unwrap();
    sqlx::query("INSERT INTO orders (id, status) VALUES ('a', 'order_placed')")
        .execute(&mut *transaction)
        .await
        .unwrap();
    let changing = {
        let store = store.clone();
        tokio::spawn(async move { store.set_status(to_paid("a")).await })
    };
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while database.rows(waits).await != ["1"] {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    transaction.commit().await.unwrap();
    changing.await.unwrap().unwrap();
    assert_eq!(database.rows(WRITTEN).await, ["a 2 shop paid waiting 2"]);
    assert_eq!(database.rows("SELECT status FROM orders").await, ["paid"]);
}

#[tokio::test]
async fn an_intent_is_written_in_the_shops_own_transaction_or_not_at_all() {
    let database = database!();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    let order = OrderId::new("a");
    let mut shop = shop(&database).await;
    for end in ["ROLLBACK", "COMMIT", "COMMIT"] {
        let before = database.rows(WRITTEN).await;
        let mut transaction = shop.begin().await.unwrap();
        sqlx::query("UPDATE orders SET status = 'shipped'").execute(&mut *transaction).await.unwrap();
        let known = before == ["a 2 shop shipped waiting 2"];
        assert_eq!(store.enqueue(&mut transaction, &order).await.unwrap(), !known);
        assert!(!store.enqueue(&mut transaction, &order).await.unwrap(), "written already");
        assert!(!store.enqueue(&mut transaction, &OrderId::new("theirs")).await.unwrap());
        assert_eq!(database.rows(WRITTEN).await, before, "nobody sees it yet");
        match end {
            "COMMIT" => transaction.commit().await.unwrap(),
            _ => transaction.rollback().await.unwrap(),
        }
        let expected =
            if end == "COMMIT" { "a 2 shop shipped waiting 2" } else { "a 1 shop order_placed waiting 1" };
        assert_eq!(database.rows(WRITTEN).await, [expected]);
    }
    assert_eq!(store.events(0, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_database_from_before_knows_its_statuses() {
    let database = database!();
    let store = database.open().await;
    store.insert_order(new_order("a")).await.unwrap();
    store.close().await;
    database
        .run("ALTER TABLE ghlkit_orders DROP COLUMN known_status; DELETE FROM ghlkit_migrations WHERE version = 5")
        .await;
    let store = database.open().await;
    store.status_changed(&here(), &OrderId::new("a"), NOW).await.unwrap();
    assert_eq!(database.rows(WRITTEN).await, ["a 1 shop order_placed waiting 1"]);
}
