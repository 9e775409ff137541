//! How statements are carried out that were planned while the tables were empty.

use super::*;

const ORDERS: usize = 600;
/// Rows that are read at most for an order that is inserted, changed, leased and ended: of its own few, each several times.
const AN_ORDER: i64 = 40;

/// Those that a worker is at work on.
const TABLES: [&str; 4] = ["ghlkit_orders", "ghlkit_jobs", "ghlkit_objects", "orders"];
/// The rows that were read of them, whichever way.
const READ: &str = "SELECT CAST(sum(COALESCE(idx_tup_fetch, 0) + seq_tup_read) AS BIGINT) FROM pg_stat_user_tables \
     WHERE CAST(relname AS TEXT) = ANY(CAST($1 AS TEXT[]))";

#[tokio::test]
async fn no_order_is_looked_for_among_all_of_its_location() {
    let database = database!();
    let options = PostgresOptions { connections: 1, ..PostgresOptions::default() };
    let store = PostgresStore::open(&database.url, options).await.unwrap();
    // Nor does the server look at the tables meanwhile and have statements planned anew.
    for table in TABLES {
        database.run(&format!("ALTER TABLE {table} SET (autovacuum_enabled = off)")).await;
    }
    for n in 0..ORDERS {
        let id = format!("o-{n}");
        let order = NewOrder {
            email: Some(format!("{id}@example.com")),
            phone: Some(n.to_string()),
            ..new_order(&id)
        };
        store.insert_order(order).await.unwrap();
        let order = OrderId::new(id.as_str());
        let change = StatusChange {
            location: here(),
            order: order.clone(),
            version: 1,
            status: "in_production".to_owned(),
            now: NOW,
            events: vec![],
        };
        store.set_status(change).await.unwrap();
        let lease = Lease { only: Some((here(), order.clone())), ..lease_of("t", 1) };
        let job = store.lease(lease).await.unwrap().remove(0);
        store.pass_rows(&here(), &order).await.unwrap();
        commit(&store, &job, vec![Change::Finish(Finish::Done)]).await;
    }
    // What a connection has read is counted at the latest as it ends.
    store.close().await;
    let sql = READ.replace("$1", &format!("'{{{}}}'", TABLES.join(",")));
    let counted = async {
        loop {
            match database.rows(&sql).await[0].parse::<i64>().unwrap() {
                0 => {}
                read => break read,
            }
        }
    };
    let read = timeout(Duration::from_secs(10), counted).await.unwrap();
    let an_order = read / i64::try_from(ORDERS).unwrap();
    assert!(an_order < AN_ORDER, "{an_order} rows an order");
}
