//! One of several processes on one queue: `queue_race URL` works every job off, and prints the orders it had.
//!
//! While it has a job, it has the customer's row in `held`, whose key another process with the same customer's job
//! would violate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ghlkit::{
    native::{SystemClock, postgres::PostgresStore},
    ports::{
        Clock,
        store::{Change, Fence, Finish, JobStore, Lease},
    },
};
use integration::Db;

#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).expect("usage: queue_race URL");
    let store = PostgresStore::open(&url, Default::default()).await.unwrap();
    let db = Db::open(&url);
    let mut lap = 0;
    // A lease that found nothing may have passed over jobs that others have, and asked for again.
    while store.next_due().await.unwrap().is_some() {
        lap += 1;
        let (now, token) = (SystemClock.now_ms(), format!("{}-{lap}", std::process::id()));
        let lease = Lease {
            worker: "race".into(),
            token: token.clone(),
            now,
            until: now + 60_000,
            max: 3,
            only: None,
        };
        for job in store.lease(lease).await.unwrap() {
            let key = &job.lease_key;
            db.execute(&format!("INSERT INTO held VALUES ('{key}')")).await;
            let fence = Fence { job: job.id.clone(), token: token.clone(), now, version: None };
            store.commit(fence.clone(), vec![Change::LookAgain]).await.unwrap();
            db.execute(&format!("DELETE FROM held WHERE lease_key = '{key}'")).await;
            store.commit(fence, vec![Change::Finish(Finish::Done)]).await.unwrap();
            println!("{}", job.order);
        }
    }
}
