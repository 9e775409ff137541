//! `engine_jobs`: jobs that are written down, leased, done and acknowledged in a second, on one database, by callers who each
//! wait until the database has their job, and a worker in the same process.
//!
//! A job of ours is a change of an order's status as a shop's code makes it, to the status that it has. The whole engine is
//! at work, but there is nothing to call GHL for: the order is read and its new version decided on and written down with
//! its job; the job is leased by the contact's key; the order is read with all that is known of its objects and of the
//! contact's other orders, and planned; and the end is written behind the lease's fence. A job of the peer's carries the
//! order's id to a function that does nothing.

use std::time::Instant;

use ghlkit::{ids::OrderId, sync::UpdateOptions};
use integration::{Keep, Shop, Worker, order};

use crate::{
    callers::{call, none_left, setup},
    peer::Peer,
    rows::{median, rate},
};

/// Jobs a round, each of another order of another customer.
const JOBS: usize = 800;
const ROUNDS: usize = 5;
const NO_WAIT: UpdateOptions = UpdateOptions { allow_backward: false, wait_ms: Some(0) };
const UNFINISHED: &str = "SELECT count(*) FROM ghlkit_jobs WHERE state <> 'done'";

pub(crate) async fn measure(name: &str, keep: Keep) {
    let shop = Box::pin(Shop::with(setup(keep))).await;
    let _worker = Worker::start(&shop.engine);
    let engine = shop.engine.clone();
    call(JOBS, move |n| {
        let engine = engine.clone();
        async move { drop(engine.create_order(&order(&n.to_string()), NO_WAIT).await.unwrap()) }
    })
    .await;
    none_left(&shop.db, UNFINISHED).await;
    let requests = shop.ghl.with(|ghl| ghl.counters().requests);
    let mut peer = Peer::start(keep).await;
    let mut rates = [Vec::new(), Vec::new()];
    // The first round warms both up.
    for round in 0..=ROUNDS {
        for (nth, rates) in rates.iter_mut().enumerate() {
            let began = Instant::now();
            if nth == 0 {
                ours(&shop).await
            } else {
                peer.round(JOBS).await
            }
            if round > 0 {
                rates.push(JOBS as f64 / began.elapsed().as_secs_f64());
            }
        }
    }
    assert_eq!(shop.ghl.with(|ghl| ghl.counters().requests), requests, "nothing was to be called for");
    let [ours, theirs] = rates.map(median);
    rate(name, "jobs a second", ours, ("apalis", theirs));
}

async fn ours(shop: &Shop) {
    let engine = shop.engine.clone();
    call(JOBS, move |n| {
        let (engine, id) = (engine.clone(), OrderId::new(n.to_string()));
        async move { drop(engine.update_status(None, &id, "order_placed", NO_WAIT).await.unwrap()) }
    })
    .await;
    none_left(&shop.db, UNFINISHED).await;
}
