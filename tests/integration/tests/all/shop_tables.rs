//! A shop that has its own `orders`, and perhaps its own log and webhook tables.

use ghlkit::{Code, sync::UpdateOptions};
use integration::{Setup, Shop, lines, order};
use serde_json::json;

const TEXT: &str = "
    CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT NOT NULL, price NUMERIC, note TEXT);
    INSERT INTO orders VALUES ('0b6f3c1e-8f0e-4a57-9a0c-0f8f1e7a2b11', 'order_placed', 4999.99, 'keep me');
    INSERT INTO orders VALUES ('other', 'processing', 1, NULL);";

const INTEGER: &str = "
    CREATE TABLE orders (id SERIAL PRIMARY KEY, status TEXT NOT NULL, note TEXT);
    INSERT INTO orders (status, note) VALUES ('order_placed', 'keep me'), ('processing', NULL);
    CREATE TABLE webhook_events (id SERIAL PRIMARY KEY, event_type TEXT, source TEXT, payload TEXT,
        processed BOOLEAN DEFAULT FALSE, created_at TEXT);
    INSERT INTO webhook_events (event_type, source, payload) VALUES ('charge.succeeded', 'stripe', '{}');
    CREATE TABLE crm_sync_log (id SERIAL PRIMARY KEY, order_id INTEGER, sync_type TEXT);
    INSERT INTO crm_sync_log (order_id, sync_type) VALUES (2, 'old');";

#[tokio::test]
async fn the_shops_own_rows_are_filled_and_none_is_added() {
    for (tables, id) in [(TEXT, "0b6f3c1e-8f0e-4a57-9a0c-0f8f1e7a2b11"), (INTEGER, "1")] {
        let shop = Shop::with(Setup { tables, ..Setup::default() }).await;
        let placed = shop.place(&order(id)).await;
        let row = "SELECT status, note, ghl_contact_id, ghl_opportunity_id, ghl_sync_status, \
                   ghl_last_sync IS NOT NULL FROM orders WHERE note IS NOT NULL";
        let expect = |status: &str| {
            [[status, "keep me", &placed.contact, &placed.opportunity, "synced", "1"].map(str::to_owned)]
        };
        assert_eq!(shop.db.rows(row).await, expect("order_placed"));
        shop.update(id, "processing").await;
        assert_eq!(shop.db.rows(row).await, expect("processing"));
        shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
        shop.settle().await;
        assert_eq!(shop.db.rows(row).await, expect("shipped"));
        assert_eq!(shop.contact_field(&placed.contact, "order_status"), json!("shipped"));

        assert_eq!(
            shop.db
                .rows("SELECT status, ghl_contact_id, ghl_opportunity_id FROM orders WHERE note IS NULL")
                .await,
            [["processing", "NULL", "NULL"]],
            "the other row is left alone"
        );
        assert_eq!(shop.db.value("SELECT count(*) FROM orders").await, "2");
        assert_eq!(
            shop.db.column("SELECT DISTINCT order_id FROM crm_sync_log WHERE sync_type <> 'old'").await,
            [id]
        );
    }
}

#[tokio::test]
async fn an_order_without_a_row_is_not_found_and_no_row_is_made() {
    for (tables, ids) in [(TEXT, ["nobody", "OTHER"]), (INTEGER, ["3", "01"])] {
        let shop = Shop::with(Setup { tables, ..Setup::deaf() }).await;
        let (mark, before) = (shop.mark(), shop.db.dump().await);
        for id in ids {
            let error = shop.engine.create_order(&order(id), UpdateOptions::default()).await.unwrap_err();
            assert_eq!(error.code(), Code::OrderNotFound, "{id}");
            assert!(error.message().contains(id), "{error}");
        }
        assert_eq!(shop.db.dump().await, before);
        assert_eq!(lines(&shop.sent(mark)), [""; 0]);
    }
}

#[tokio::test]
async fn rows_of_others_in_the_shared_tables_are_not_touched() {
    let shop = Shop::with(Setup { tables: INTEGER, ..Setup::default() }).await;
    let placed = shop.place(&order("1")).await;
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
    shop.settle().await;
    assert_eq!(
        shop.db
            .rows("SELECT id, event_type, payload, processed FROM webhook_events WHERE source = 'stripe'")
            .await,
        [["1", "charge.succeeded", "{}", "0"]]
    );
    assert_eq!(
        shop.db.rows("SELECT id, order_id FROM crm_sync_log WHERE sync_type = 'old'").await,
        [["1", "2"]]
    );
    let ours = shop.db.value("SELECT count(*) FROM webhook_events WHERE source = 'gohighlevel'").await;
    assert_eq!(ours, shop.ghl.deliveries().len().to_string());
    assert_eq!(shop.db.value("SELECT count(DISTINCT id) = count(*) FROM webhook_events").await, "1");
}

#[tokio::test]
async fn opening_a_shop_again_changes_nothing() {
    for tables in ["", TEXT, INTEGER] {
        let shop = Shop::with(Setup { tables, ..Setup::deaf() }).await;
        let before = shop.db.dump().await;
        let made = shop.db.schema().await;
        drop(shop.another_engine(|_| {}).await);
        assert_eq!(shop.db.dump().await, before);
        assert_eq!(shop.db.schema().await, made);
    }
}

#[tokio::test]
async fn a_row_that_the_shop_deletes_stops_its_order_and_harms_no_other() {
    let shop = Shop::with(Setup { tables: TEXT, ..Setup::default() }).await;
    let placed = shop.place(&order("other")).await;
    let kept = shop.place(&order("0b6f3c1e-8f0e-4a57-9a0c-0f8f1e7a2b11")).await;
    shop.settle().await;
    shop.db.execute("UPDATE crm_sync_log SET order_id = NULL; DELETE FROM orders WHERE id = 'other'").await;
    let error = shop.change("other", "shipped", UpdateOptions::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::OrderNotFound);
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_completed"));
    shop.human(|ghl, now| ghl.move_stage(now, &kept.opportunity, "stage_shipped"));
    shop.settle().await;
    assert_eq!(shop.row(&kept.id).await.status, "shipped");
    assert_eq!(shop.db.column("SELECT id FROM orders").await, [kept.id]);
}
