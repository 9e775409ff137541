//! Existing orders, many at once.

use futures::stream::iter;
use ghlkit::{
    Code, Error,
    ids::OrderId,
    order::Order,
    sync::{DrainLimits, ImportOptions, ImportProgress, UpdateOptions, event_kind},
};
use integration::{Db, Setup, Shop, order, parse, sample};
use serde_json::{Value, json};

const AT_ONCE: ImportOptions = ImportOptions { every_ms: 0, total: None };
const NO_WAIT: UpdateOptions = UpdateOptions { allow_backward: false, wait_ms: Some(0) };

fn existing(id: &str, status: &str) -> Value {
    let mut order = sample(id);
    order["status"] = json!(status);
    order
}

/// An import of orders `0` to `count`, and what was told on its way.
async fn import(shop: &Shop, count: usize) -> (ImportProgress, Vec<ImportProgress>) {
    let orders = (0..count).map(|i| parse(&existing(&format!("{i}"), "shipped")));
    let mut told = Vec::new();
    let options = ImportOptions { total: Some(count as u64), ..AT_ONCE };
    let done = shop.engine.import(iter(orders), options, |progress, failed| {
        assert!(failed.is_empty(), "{failed:?}");
        told.push(*progress);
        Ok(())
    });
    (done.await.unwrap(), told)
}

#[tokio::test]
async fn existing_orders_come_in_once_and_are_not_told_as_new() {
    let shop = Shop::with(Setup::deaf()).await;
    let (done, told) = import(&shop, 230).await;
    assert_eq!((done.imported, done.skipped, done.failed, done.left_ms), (230, 0, 0, Some(0)));
    let steps: Vec<u64> = told.iter().map(ImportProgress::done).collect();
    assert_eq!(steps, [100, 200, 230]);
    assert!(told.iter().all(|told| told.per_second > 0.0 && told.total == Some(230)), "{told:?}");
    assert!(told[0].left_ms.unwrap() > 0, "{told:?}");
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_jobs WHERE state = 'waiting'").await, "230");
    assert_eq!(shop.events(event_kind::STATUS_CHANGED).await, []);

    // Ended half-way and run again, it goes on: what is there is skipped.
    let (again, _) = import(&shop, 235).await;
    assert_eq!((again.imported, again.skipped, again.failed), (5, 230, 0));

    let mark = shop.mark();
    let pushed = shop.engine.drain(DrainLimits { max: 3, ..DrainLimits::default() }).await.unwrap();
    assert_eq!((pushed.passes, pushed.more), (3, true));
    assert_eq!(shop.counts(), (3, 3));
    let first = shop.row("0").await.opportunity.expect("the first is pushed first");
    assert_eq!(shop.stage(first.as_str()), "stage_shipped");
    assert_eq!(shop.writes(mark).len(), 6);
    assert_eq!(shop.events(event_kind::STATUS_CHANGED).await, []);
}

#[tokio::test]
async fn a_refused_order_is_told_with_its_place_and_field_and_the_others_come_in() {
    let shop = Shop::with(Setup::deaf()).await;
    shop.engine.create_order(&order("taken"), NO_WAIT).await.unwrap();
    let mut no_email = existing("1", "shipped");
    no_email["customer"]["email"] = json!("nobody");
    let mut same_number = existing("2", "shipped");
    same_number["orderNumber"] = json!("IS-taken");
    let given = [
        existing("0", "completed"),
        no_email,
        sample("no-status"),
        existing("3", "unheard_of"),
        same_number,
        existing("taken", "shipped"),
        existing("4", "cancelled"),
    ];
    let orders: Vec<ghlkit::Result<Order>> = given.iter().map(parse).collect();
    let mut failed = Vec::new();
    let done = shop.engine.import(iter(orders), AT_ONCE, |_, failures| {
        failed.extend(failures);
        Ok(())
    });
    let done = done.await.unwrap();
    assert_eq!((done.imported, done.skipped, done.failed), (2, 1, 4));
    let told: Vec<_> =
        failed.iter().map(|one| (one.index, one.error.code(), one.error.field().unwrap())).collect();
    let invalid = Code::InvalidArgument;
    assert_eq!(
        told,
        [
            (1, invalid, "customer.email"),
            (2, invalid, "status"),
            (3, invalid, "status"),
            (4, Code::OrderExists, "orderNumber"),
        ]
    );

    // A cancelled one is known, and nothing is made of it in GHL.
    shop.settle().await;
    assert_eq!(shop.counts(), (2, 2));
    assert_eq!(shop.row("4").await.status, "cancelled");
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_jobs WHERE state <> 'done'").await, "0");
}

#[tokio::test]
async fn an_import_ends_when_it_is_told_to_and_keeps_what_it_has_done() {
    let shop = Shop::with(Setup::deaf()).await;
    let orders = (0..300).map(|i| parse(&existing(&format!("{i}"), "shipped")));
    let ended = shop.engine.import(iter(orders), AT_ONCE, |progress, _| {
        if progress.done() < 200 { Ok(()) } else { Err(Error::new(Code::Aborted, "enough")) }
    });
    assert_eq!(ended.await.unwrap_err().code(), Code::Aborted);
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_orders").await, "200");
    let wrong = ImportOptions { every_ms: 60_001, ..AT_ONCE };
    let refused = shop.engine.import(iter([parse(&existing("x", "shipped"))]), wrong, |_, _| Ok(()));
    assert_eq!(refused.await.unwrap_err().field(), Some("everyMs"));
}

#[tokio::test]
async fn what_happens_meanwhile_goes_before_what_is_imported() {
    let shop = Shop::with(Setup::deaf()).await;
    let orders: Vec<_> = (0..50).map(|i| parse(&existing(&format!("{i}"), "shipped"))).collect();
    let slowly = ImportOptions { every_ms: 60_000, ..AT_ONCE };
    shop.engine.import(iter(orders), slowly, |_, _| Ok(())).await.unwrap();
    let places = shop.db.column("SELECT due_at FROM ghlkit_jobs ORDER BY id").await;
    let places: Vec<i64> = places.iter().map(|due| due.parse().unwrap()).collect();
    assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 60_000), "{places:?}");

    let live = shop.place(&order("live")).await;
    assert_eq!(shop.stage(&live.opportunity), "stage_new_order");
    // A change of an imported order does not wait for its place.
    shop.update("49", "delivered").await;
    let waiting = shop.db.value("SELECT count(*) FROM ghlkit_jobs WHERE state = 'waiting'").await;
    assert!(waiting.parse::<usize>().unwrap() >= 48, "{waiting}");
}

#[tokio::test]
async fn into_the_shops_own_table_only_its_own_orders_are_imported() {
    let tables = "CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT NOT NULL); \
         INSERT INTO orders VALUES ('mine', 'shipped')";
    let shop = Shop::with(Setup { tables, ..Setup::deaf() }).await;
    let orders = [existing("mine", "shipped"), existing("stranger", "shipped")];
    let mut failed = Vec::new();
    let done = shop.engine.import(iter(orders.iter().map(parse)), AT_ONCE, |_, failures| {
        failed.extend(failures);
        Ok(())
    });
    assert_eq!(done.await.unwrap().imported, 1);
    assert_eq!((failed[0].index, failed[0].error.code()), (1, Code::OrderNotFound));
    let db = Db::open(shop.engine.config().database_url.expose());
    assert_eq!(db.column("SELECT id FROM orders").await, ["mine"]);
    assert!(shop.engine.status(None, &OrderId::new("mine")).await.is_ok());
}
