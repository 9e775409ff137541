//! Many orders, some of one customer, that are placed and then shipped; and whether all came to their end.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use ghlkit::{
    Code,
    ids::{LocationId, OrderId},
    ports::store::OrderRow,
    sync::UpdateOptions,
};
use mock_ghl::LOCATION_ID;
use serde_json::{Value, json};

use crate::{Shop, parse, sample};

const NO_WAIT: UpdateOptions = UpdateOptions { allow_backward: false, wait_ms: Some(0) };
/// So many jobs are under way or due at most, as in a shop whose workers keep up.
const AHEAD: usize = 48;
/// An order is shipped once so many others were placed after it.
const LATER: usize = 20;
/// A database that failed is asked again after so long.
const AGAIN: Duration = Duration::from_millis(20);

/// Orders by number, from 0.
pub struct Load {
    orders: usize,
    customers: usize,
    placed: AtomicUsize,
    shipped: AtomicUsize,
    refused: AtomicUsize,
}

impl Load {
    /// So many orders at most; the last fifth is of customers who have one already.
    pub fn new(orders: usize) -> Self {
        let customers = (orders * 4).div_ceil(5);
        Self {
            orders,
            customers,
            placed: AtomicUsize::new(0),
            shipped: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
        }
    }

    /// How many orders were placed so far.
    pub fn placed(&self) -> usize {
        self.placed.load(Ordering::Relaxed)
    }

    /// Places all orders and ships them, whatever the database does meanwhile.
    pub async fn feed(&self, shop: &Shop) {
        for number in 0..self.orders + LATER {
            while number % 4 == 0 && under_way(shop).await > AHEAD {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            if number < self.orders {
                self.place(shop, number).await;
            }
            if let Some(number) = number.checked_sub(LATER).filter(|number| *number < self.orders) {
                self.ship(shop, number).await;
            }
        }
    }

    /// Places an order, again and again until the database has it.
    pub async fn place(&self, shop: &Shop, number: usize) {
        let id = number.to_string();
        let mut order = sample(&id);
        let customer = (number % self.customers).to_string();
        order["customer"] = sample(&customer)["customer"].clone();
        let order = parse(&order).unwrap();
        while let Err(error) = shop.engine.create_order(&order, NO_WAIT).await {
            match error.code() {
                // The database had it before its answer was lost.
                Code::OrderExists => break,
                Code::Store => self.again().await,
                _ => panic!("order {number}: {error}"),
            }
        }
        self.placed.fetch_add(1, Ordering::Relaxed);
    }

    /// Ships an order, again and again until the database has it.
    pub async fn ship(&self, shop: &Shop, number: usize) {
        let id = OrderId::new(number.to_string());
        // The database may have it although its answer was lost, and once more would be another change.
        while !shop.engine.status(None, &id).await.is_ok_and(|row| row.status == "shipped") {
            if let Err(error) = shop.engine.update_status(None, &id, "shipped", NO_WAIT).await {
                assert_eq!(error.code(), Code::Store, "order {number}: {error}");
                self.again().await;
            }
        }
        self.shipped.fetch_add(1, Ordering::Relaxed);
    }

    async fn again(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(AGAIN).await;
    }

    /// How often the database failed a caller.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// Waits for so long at most until every job is done; tells what is not as it must be, in the store and in GHL, and
    /// whether all is.
    pub async fn outcome(&self, shop: &Shop, patience: Duration) -> (Value, bool) {
        let began = Instant::now();
        while unfinished(shop).await != 0 && began.elapsed() < patience {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (rows, placed) = (rows(shop).await, self.placed());
        let (contacts, opportunities) = shop.counts();
        let names: BTreeSet<_> =
            shop.ghl.with(|ghl| ghl.opportunities().map(|one| one.name.clone()).collect());
        let shipped = rows.iter().filter(|row| row.status == "shipped").count();
        let out_of_step = rows.iter().filter(|row| !in_step(shop, row)).map(|row| row.id.as_str());
        let report = json!({
            "orders": placed,
            "lost": [placed - rows.len(), placed.saturating_sub(names.len()), self.shipped() - shipped],
            "unfinished": unfinished(shop).await,
            "double_contacts": contacts.saturating_sub(placed.min(self.customers)),
            "double_opportunities": opportunities - names.len(),
            "out_of_step": out_of_step.collect::<Vec<_>>(),
        });
        let holds = report["lost"] == json!([0, 0, 0])
            && report["out_of_step"] == json!([])
            && (contacts, opportunities) == (placed.min(self.customers), placed)
            && report["unfinished"] == 0;
        (report, holds)
    }

    fn shipped(&self) -> usize {
        self.shipped.load(Ordering::Relaxed)
    }
}

/// Jobs that a worker has or could have now. Unknown while the database is away: none.
async fn under_way(shop: &Shop) -> usize {
    let now = shop.ghl.now();
    let sql = format!(
        "SELECT count(*) FROM ghlkit_jobs WHERE state IN ('waiting', 'leased') AND (state = 'leased' OR due_at <= {now})"
    );
    shop.db.try_column(&sql).await.map_or(0, |count| count[0].parse().unwrap())
}

async fn unfinished(shop: &Shop) -> usize {
    let sql = "SELECT count(*) FROM ghlkit_jobs WHERE state <> 'done'";
    shop.db.try_column(sql).await.map_or(usize::MAX, |count| count[0].parse().unwrap())
}

async fn rows(shop: &Shop) -> Vec<OrderRow> {
    let (location, store) = (LocationId::new(LOCATION_ID), shop.engine.store());
    let mut rows: Vec<OrderRow> = Vec::new();
    loop {
        let page = store.list_orders(&location, None, rows.last().map(|row| &row.id), 500).await.unwrap();
        if page.is_empty() {
            return rows;
        }
        rows.extend(page);
    }
}

/// Whether GHL shows the order's status, which the shop alone has changed.
fn in_step(shop: &Shop, row: &OrderRow) -> bool {
    let (Some(contact), Some(opportunity)) = (&row.contact, &row.opportunity) else { return false };
    let (stage, tags) = shop.ghl.with(|ghl| {
        let stage = ghl.opportunity(opportunity.as_str()).and_then(|one| ghl.stage(&one.stage_id));
        let tags = ghl.contact(contact.as_str()).map(|one| one.tags.clone());
        (stage.map(|stage| stage.key()), tags.unwrap_or_default())
    });
    let meant = match row.version {
        1 => ("order_placed", "stage_new_order"),
        _ => ("shipped", "stage_shipped"),
    };
    row.version <= 2 && (row.status.as_str(), stage.as_deref()) == (meant.0, Some(meant.1))
        // A customer's other order may have a status of its own.
        && tags.contains(&format!("status_{}", row.status))
}
