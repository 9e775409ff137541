//! Statuses that the shop changes by SQL of its own, beside the engine.

use ghlkit::{
    Code,
    ids::OrderId,
    ports::store::{JobFilter, JobState, Side},
    sync::SyncState,
};
use integration::{Db, Setup, Shop, lines, order, wait_until};
use serde_json::json;

const WRITTEN: &str = "SELECT k.version, k.changed_by, j.state, j.wanted, o.ghl_sync_status \
     FROM ghlkit_orders k JOIN ghlkit_jobs j ON j.order_id = k.order_id JOIN orders o ON o.id = k.order_id \
     ORDER BY k.order_id";

async fn watched(setup: Setup) -> Shop {
    let shop = Shop::with(setup).await;
    shop.engine.install_status_trigger().await.unwrap();
    shop
}

/// Another connection to the database, as another process of the shop has it.
fn another_db(shop: &Shop) -> Db {
    Db::open(shop.engine.config().database_url.expose())
}

async fn set(db: &Db, order: &str, status: &str) {
    db.execute(&format!("UPDATE orders SET status = '{status}' WHERE id = '{order}'")).await;
}

#[tokio::test]
async fn a_change_by_sql_is_written_down_with_it_and_pushed() {
    let shop = watched(Setup::deaf()).await;
    let placed = shop.place(&order("1")).await;
    let before = shop.ghl.now();
    set(&another_db(&shop), "1", "manufacturing").await;
    assert_eq!(shop.db.rows(WRITTEN).await, [["2", "shop", "waiting", "2", "pending"]]);
    let row = shop.row("1").await;
    assert!((before - 1_000..=shop.ghl.now() + 1_000).contains(&row.changed_at), "{row:?}");
    assert_eq!(
        shop.db
            .value("SELECT due_at = changed_at FROM ghlkit_jobs JOIN ghlkit_orders USING (order_id)")
            .await,
        "1"
    );

    shop.settle().await;
    assert_eq!(shop.stage(&placed.opportunity), "stage_in_production");
    assert_eq!(shop.contact_field(&placed.contact, "order_status"), json!("manufacturing"));
    assert_eq!(shop.tags(&placed.contact), ["status_manufacturing"]);
    assert_eq!(shop.db.rows(WRITTEN).await, [["2", "shop", "done", "2", "synced"]]);
    let told = shop.told.about("1", "status_changed");
    let last = told.last().unwrap();
    let expected = [
        ("type", json!("STATUS_UPDATE")),
        ("orderId", json!("1")),
        ("status", json!("manufacturing")),
        ("previousStatus", json!("order_placed")),
        ("progress", json!(50)),
        ("by", json!("shop")),
    ];
    for (key, value) in expected {
        assert_eq!(last[key], value, "{key} of {last}");
    }
    let at = last["timestamp"].as_str().unwrap();
    assert!(at.ends_with('Z') && at.len() == "2027-01-15T08:00:00.000Z".len(), "{at}");
    assert_eq!(told.len(), 2);
}

#[tokio::test]
async fn our_own_writes_and_changes_from_ghl_are_not_taken_for_the_shops() {
    let shop = watched(Setup::default()).await;
    let placed = shop.place(&order("1")).await;
    shop.update("1", "processing").await;
    assert_eq!(shop.row("1").await.version, 2);
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
    shop.settle().await;
    let row = shop.row("1").await;
    assert_eq!((row.version, row.status.as_str(), row.changed_by), (3, "shipped", Side::Ghl));
    assert_eq!(shop.events("status_changed").await.len(), 3);
    let mark = shop.mark();
    shop.settle().await;
    assert_eq!(lines(&shop.writes(mark)), [""; 0]);

    // And back, by each in turn.
    set(&shop.db, "1", "processing").await;
    shop.settle().await;
    assert_eq!(shop.stage(&placed.opportunity), "stage_processing");
    assert_eq!(shop.row("1").await.version, 4);
    shop.human(|ghl, now| ghl.move_stage(now, &placed.opportunity, "stage_shipped"));
    shop.settle().await;
    assert_eq!((shop.row("1").await.version, shop.row("1").await.status), (5, "shipped".to_owned()));
}

#[tokio::test]
async fn what_is_rolled_back_leaves_nothing() {
    let shop = watched(Setup::deaf()).await;
    shop.place(&order("1")).await;
    let before = shop.db.dump().await;
    another_db(&shop).execute("BEGIN; UPDATE orders SET status = 'shipped'; ROLLBACK").await;
    assert_eq!(shop.db.dump().await, before);
    let mark = shop.mark();
    shop.settle().await;
    assert_eq!(lines(&shop.sent(mark)), [""; 0]);
}

#[tokio::test]
async fn the_same_status_other_columns_and_unknown_orders_are_left_alone() {
    let tables = "
        CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT, note TEXT);
        INSERT INTO orders VALUES ('1', 'order_placed', ''), ('theirs', 'order_placed', '');";
    let shop = watched(Setup { tables, ..Setup::deaf() }).await;
    shop.place(&order("1")).await;
    let kept = "SELECT * FROM ghlkit_orders";
    let before = shop.db.rows(kept).await;
    shop.db.execute("UPDATE orders SET status = 'order_placed', note = 'x'").await;
    shop.db.execute("UPDATE orders SET status = 'shipped' WHERE id = 'theirs'").await;
    assert_eq!(shop.db.rows(kept).await, before);
    assert_eq!(shop.db.rows(WRITTEN).await, [["1", "shop", "done", "1", "synced"]]);
    assert_eq!(
        shop.db.rows("SELECT status, ghl_sync_status FROM orders WHERE id = 'theirs'").await,
        [["shipped", "pending"]]
    );
    assert_eq!(shop.events("status_changed").await.len(), 1);
}

#[tokio::test]
async fn a_status_without_meaning_is_given_up_and_a_good_one_goes_on() {
    let shop = watched(Setup::deaf()).await;
    let placed = shop.place(&order("1")).await;
    set(&shop.db, "1", "lost_in_space").await;
    shop.settle().await;
    let dead = JobFilter { state: Some(JobState::Dead), ..JobFilter::default() };
    let jobs = shop.engine.jobs(dead.clone()).await.unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].error_code.as_deref(), Some(Code::InvalidArgument.as_str()));
    assert!(jobs[0].error_message.as_deref().unwrap().contains("lost_in_space"), "{jobs:?}");
    assert_eq!(shop.stage(&placed.opportunity), "stage_new_order");
    set(&shop.db, "1", "shipped").await;
    assert_eq!(shop.engine.jobs(dead).await.unwrap(), []);
    shop.settle().await;
    assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
    assert_eq!(shop.row("1").await.version, 3);
}

/// Eight connections change two orders, one or both in a transaction, while a worker pushes.
#[tokio::test]
async fn of_many_writers_every_change_counts_and_the_last_is_pushed() {
    const WRITERS: usize = 8;
    const CHANGES: usize = 12;
    let shop = watched(Setup::default()).await;
    let placed = [shop.place(&order("1")).await, shop.place(&order("2")).await];
    let worker = shop.work();
    let path = ["order_placed", "processing", "manufacturing", "shipped", "delivered", "completed"];
    let writers = (0..WRITERS).map(|writer| {
        let db = another_db(&shop);
        tokio::spawn(async move {
            for change in 0..CHANGES {
                let status = path[(writer + change) % path.len()];
                let update = |id| format!("UPDATE orders SET status = '{status}' WHERE id = '{id}';");
                match (writer * 5 + change) % 3 {
                    0 => db.execute(&format!("BEGIN; {} {} COMMIT", update(1), update(2))).await,
                    id => db.execute(&update(id)).await,
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let in_step = "SELECT count(*) FROM orders WHERE ghl_sync_status = 'synced'";
    wait_until("both are in step", async || (shop.db.value(in_step).await == "2").then_some(())).await;
    worker.kill().await;
    shop.settle().await;
    for placed in placed {
        let row = shop.row(&placed.id).await;
        let stage = match row.status.as_str() {
            "order_placed" => "stage_new_order",
            "manufacturing" => "stage_in_production",
            status => &format!("stage_{status}"),
        };
        assert_eq!(shop.stage(&placed.opportunity), stage);
        assert_eq!(shop.contact_field(&placed.contact, "order_status"), json!(row.status));
        assert_eq!(row.pushed_version, row.version);
        let events = shop.events("status_changed").await;
        let of_order: Vec<_> =
            events.iter().filter(|(id, _)| *id == placed.id).map(|(_, event)| event).collect();
        assert_eq!(of_order.len(), usize::try_from(row.version).unwrap(), "one for each version");
        for pair in of_order.windows(2) {
            assert_eq!(
                pair[1]["previousStatus"], pair[0]["status"],
                "no change is missed, none is told twice"
            );
        }
        assert_eq!(of_order.last().unwrap()["status"], json!(row.status));
        assert!(of_order.iter().all(|event| event["by"] == "shop"), "an echo was taken for a human's edit");
    }
    assert_eq!(shop.db.value("SELECT count(DISTINCT commit_seq) FROM ghlkit_orders").await, "2");
}

#[tokio::test]
async fn installed_twice_it_is_one_and_removed_it_is_gone() {
    let shop = Shop::with(Setup::deaf()).await;
    shop.place(&order("1")).await;
    let before = everything(&shop.db).await;
    shop.engine.remove_status_trigger().await.unwrap();
    for _ in 0..2 {
        shop.engine.install_status_trigger().await.unwrap();
        shop.another_engine(|_| {}).await.install_status_trigger().await.unwrap();
    }
    set(&shop.db, "1", "shipped").await;
    assert_eq!(shop.row("1").await.version, 2);
    for _ in 0..2 {
        shop.engine.remove_status_trigger().await.unwrap();
    }
    assert_eq!(everything(&shop.db).await, before);
    set(&shop.db, "1", "delivered").await;
    assert_eq!(shop.row("1").await.version, 2);
}

/// What the database has but rows.
async fn everything(db: &Db) -> Vec<Vec<String>> {
    db.rows(match db {
        Db::Sqlite(_) => "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2",
        Db::Postgres(_) => {
            "SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal \
             UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        }
    })
    .await
}

#[tokio::test]
async fn told_by_a_call_a_change_counts_once_with_the_trigger_or_without() {
    for trigger in [false, true] {
        let shop = Shop::with(Setup::deaf()).await;
        if trigger {
            shop.engine.install_status_trigger().await.unwrap();
        }
        let placed = shop.place(&order("1")).await;
        let id = OrderId::new("1");
        for _ in 0..2 {
            let mark = shop.mark();
            let outcome = shop.engine.status_changed(None, &id, None).await.unwrap();
            assert_eq!(outcome.state, SyncState::Synced);
            assert_eq!(lines(&shop.sent(mark)), [""; 0], "nothing has changed");
        }
        assert_eq!(shop.row("1").await.version, 1);
        set(&shop.db, "1", "shipped").await;
        for _ in 0..2 {
            let outcome = shop.engine.status_changed(None, &id, None).await.unwrap();
            assert_eq!(outcome.state, SyncState::Synced);
            assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
            assert_eq!(shop.db.rows(WRITTEN).await, [["2", "shop", "done", "2", "synced"]]);
        }
        // Backward too: the shop has committed it.
        set(&shop.db, "1", "processing").await;
        shop.engine.status_changed(None, &id, None).await.unwrap();
        assert_eq!(shop.stage(&placed.opportunity), "stage_processing");
        let told: Vec<_> = shop
            .events("status_changed")
            .await
            .into_iter()
            .map(|(_, event)| event["status"].clone())
            .collect();
        assert_eq!(told, ["order_placed", "shipped", "processing"]);

        set(&shop.db, "1", "lost_in_space").await;
        let outcome = shop.engine.status_changed(None, &id, None).await.unwrap();
        assert_eq!(outcome.state, SyncState::Dead, "{outcome:?}");
        let nobody = OrderId::new("nobody");
        let error = shop.engine.status_changed(None, &nobody, None).await.unwrap_err();
        assert_eq!(error.code(), Code::OrderNotFound);
    }
}

#[tokio::test]
async fn it_is_installed_as_the_engine_is_opened_where_that_is_asked_for() {
    let shop = Shop::with(Setup::deaf()).await;
    shop.place(&order("1")).await;
    let reopened = shop.another_engine(|config| config.status_trigger = true).await;
    set(&another_db(&shop), "1", "manufacturing").await;
    assert_eq!(shop.db.rows(WRITTEN).await, [["2", "shop", "waiting", "2", "pending"]]);
    // One that is there stays, until it is removed.
    let _again = shop.another_engine(|config| config.status_trigger = true).await;
    let _without = shop.another_engine(|_| {}).await;
    set(&another_db(&shop), "1", "shipped").await;
    assert_eq!(shop.row("1").await.version, 3);
    reopened.remove_status_trigger().await.unwrap();
    set(&another_db(&shop), "1", "delivered").await;
    assert_eq!(shop.row("1").await.version, 3);
}
