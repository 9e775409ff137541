//! `enqueue_postgres`: orders that are taken in a second. Ours writes the order's row, its job and its event in one
//! transaction; the peer the row alone, in a transaction of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use ghlkit::sync::UpdateOptions;
use integration::{Keep, Shop, order};
use sqlx::postgres::PgPoolOptions;

use crate::{
    callers::{CALLERS, call, setup},
    rows::{median, rate},
};

const ORDERS: usize = 1_500;
const ROUNDS: usize = 7;

pub(crate) async fn measure() {
    let mut setup = setup(Keep::Postgres);
    setup.database.postgres.connections = CALLERS as u32;
    let shop = Box::pin(Shop::with(setup)).await;
    let url = shop.engine.config().database_url.expose().to_owned();
    shop.db.execute("CREATE TABLE plain_orders (LIKE orders INCLUDING ALL)").await;
    let pool = PgPoolOptions::new().max_connections(CALLERS as u32).connect(&url).await.unwrap();
    let next = Arc::new(AtomicUsize::new(0));
    let mut rates = [Vec::new(), Vec::new()];
    // The first round warms both up.
    for round in 0..=ROUNDS {
        for (nth, rates) in rates.iter_mut().enumerate() {
            let (engine, pool, next) = (shop.engine.clone(), pool.clone(), next.clone());
            let began = Instant::now();
            call(ORDERS, move |_| {
                let id = next.fetch_add(1, Ordering::Relaxed).to_string();
                let (engine, pool) = (engine.clone(), pool.clone());
                async move {
                    if nth == 0 {
                        let no_wait = UpdateOptions { wait_ms: Some(0), ..UpdateOptions::default() };
                        engine.create_order(&order(&id), no_wait).await.unwrap();
                    } else {
                        let sql = "INSERT INTO plain_orders (id, status) VALUES ($1, $2)";
                        let mut transaction = pool.begin().await.unwrap();
                        sqlx::query(sql)
                            .bind(id)
                            .bind("order_placed")
                            .execute(&mut *transaction)
                            .await
                            .unwrap();
                        transaction.commit().await.unwrap();
                    }
                }
            })
            .await;
            if round > 0 {
                rates.push(ORDERS as f64 / began.elapsed().as_secs_f64());
            }
        }
    }
    let [ours, theirs] = rates.map(median);
    rate("enqueue_postgres", "orders a second", ours, ("plain_insert", theirs));
}
