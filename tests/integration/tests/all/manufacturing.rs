//! Manufacturing progress against GHL, by many processes at once.

use std::{collections::BTreeMap, sync::Arc};

use ghlkit::{
    Result,
    ids::OrderId,
    ports::{BoxFuture, ManufacturingSource},
    sync::{PullLimits, UpdateOptions},
};
use integration::{Setup, Shop, Worker, order};

const ORDERS: usize = 24;
const TICKERS: usize = 8;

/// Every ticker hears the same of an order, whenever it asks.
struct Plant(u8);

impl ManufacturingSource for Plant {
    fn progress<'a>(&'a self, _order: &'a OrderId) -> BoxFuture<'a, Result<Option<u8>>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            Ok(Some(self.0))
        })
    }
}

/// Eight tickers pull at once, and some are killed in the middle of it: every milestone is told once, in order, and
/// GHL shows what the last told.
#[tokio::test(flavor = "multi_thread")]
async fn under_eight_tickers_and_crashes_every_milestone_is_told_once() {
    let shop = Shop::with(Setup::deaf()).await;
    let mut contacts = BTreeMap::new();
    for number in 0..ORDERS {
        let placed = shop.place(&order(&format!("{number}"))).await;
        shop.change(&placed.id, "manufacturing", UpdateOptions { wait_ms: Some(0), ..Default::default() })
            .await
            .unwrap();
        contacts.insert(placed.id, placed.contact);
    }
    shop.settle().await;
    let mut engines = Vec::new();
    for _ in 0..TICKERS {
        engines.push(shop.another_engine(|_| ()).await);
    }
    for (round, percent) in [10, 55, 80, 100].into_iter().enumerate() {
        let plant = Arc::new(Plant(percent));
        let pull = |engine: &ghlkit::sync::Engine| {
            let (engine, plant) = (engine.clone(), plant.clone());
            tokio::spawn(async move { engine.pull_manufacturing(None, &*plant, PullLimits::default()).await })
        };
        let pulls: Vec<_> = engines.iter().map(pull).collect();
        for (number, pull) in pulls.into_iter().enumerate() {
            // A crash: the future is dropped wherever it stands.
            if number % 3 == round % 3 {
                pull.abort();
            } else {
                let pulled = pull.await.unwrap().unwrap();
                assert_eq!(pulled.failed, 0, "{pulled:?}");
            }
        }
    }
    let worker = Worker::start(&shop.engine);
    shop.settle().await;
    worker.kill().await;
    shop.settle().await;

    let mut told: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (order, payload) in shop.events("milestone").await {
        told.entry(order).or_default().push(payload["milestone"].as_u64().unwrap());
    }
    assert_eq!(told.len(), ORDERS);
    for (id, contact) in &contacts {
        assert_eq!(told[id], [25, 50, 75, 100], "{id}");
        let row = shop.row(id).await;
        assert_eq!((row.status.as_str(), row.manufacturing_progress), ("quality_check", Some(100)), "{id}");
        let shown = |key: &str| shop.contact_field(contact, key).to_string().replace('"', "");
        assert_eq!(
            (shown("manufacturing_progress"), shown("progress_percentage")),
            ("100".into(), "65".into())
        );
        assert_eq!(shown("order_status"), "quality_check");
    }
    for id in contacts.keys() {
        assert_eq!(shop.told.about(id, "milestone").len(), 4, "{id}");
    }
}
