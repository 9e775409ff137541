//! How a worker hears that other processes have left something to do.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::ports::{
    Bell,
    store::{InboxStore, OutboxStore},
};

/// Counts.
#[derive(Default)]
struct Rung(AtomicUsize);

impl Bell for Rung {
    fn ring(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A worker's ears, until it is dropped.
struct Worker {
    rung: Arc<Rung>,
    ears: tokio::task::JoinHandle<()>,
}

impl Worker {
    async fn start(store: &PostgresStore) -> Self {
        let (store, rung) = (store.clone(), Arc::new(Rung::default()));
        let bell = rung.clone();
        let worker = Self { rung, ears: tokio::spawn(async move { store.listen(&*bell).await }) };
        worker.rung(1).await;
        worker
    }

    /// Waits for as many rings.
    async fn rung(&self, times: usize) {
        let heard = async {
            while self.rung.0.load(Ordering::SeqCst) < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(40), heard).await.expect("nothing is heard");
        assert_eq!(self.rung.0.load(Ordering::SeqCst), times);
    }
}

const LISTENING: &str = "SELECT count(*) FROM pg_stat_activity \
     WHERE datname = current_database() AND query LIKE 'LISTEN%'";

#[tokio::test]
async fn each_thing_that_is_left_to_do_is_heard_once_it_is_committed() {
    let database = database!();
    let (there, here_store) = (database.open().await, database.open().await);
    let worker = Worker::start(&there).await;
    let a = OrderId::new("a");
    let id = here_store.insert_order(new_order("a")).await.unwrap();
    worker.rung(2).await;
    let change = StatusChange {
        location: here(),
        order: a.clone(),
        version: 1,
        status: "paid".to_owned(),
        now: NOW,
        events: vec![],
    };
    here_store.set_status(change).await.unwrap();
    worker.rung(3).await;
    here_store.mark_dirty(&here(), &a, false, NOW).await.unwrap();
    worker.rung(4).await;
    let event = NewInbox { webhook_id: Some("w".to_owned()), ..new_inbox("{}") };
    here_store.receive(event.clone()).await.unwrap();
    worker.rung(5).await;
    database.run("UPDATE orders SET status = 'shipped'").await;
    here_store.status_changed(&here(), &a, NOW).await.unwrap();
    worker.rung(6).await;
    here_store.install_status_trigger().await.unwrap();
    database.run("UPDATE orders SET status = 'delivered'").await;
    worker.rung(7).await;
    let job = lease(&here_store, "t").await;
    let dead = Finish::Dead { error: ("config".to_owned(), "x".to_owned()) };
    commit(&here_store, &job, vec![Change::Finish(dead)]).await;
    assert!(here_store.replay(&id, NOW).await.unwrap());
    worker.rung(8).await;

    // What changes nothing, or was rolled back, is not heard: the next ring is that of the last.
    here_store.receive(event).await.unwrap();
    here_store.status_changed(&here(), &a, NOW).await.unwrap();
    database.run("BEGIN; UPDATE orders SET status = 'lost'; ROLLBACK").await;
    here_store.remove_status_trigger().await.unwrap();
    let mut shop = PgConnection::connect(&database.url).await.unwrap();
    let mut transaction = shop.begin().await.unwrap();
    sqlx::query("UPDATE orders SET status = 'completed'").execute(&mut *transaction).await.unwrap();
    assert!(here_store.enqueue(&mut transaction, &a).await.unwrap());
    transaction.commit().await.unwrap();
    worker.rung(9).await;
}

#[tokio::test]
async fn who_does_the_work_by_itself_announces_nothing_and_nobody_listens_who_does_not() {
    let database = database!();
    let (there, here_store) = (database.open().await, database.open().await);
    let worker = Worker::start(&there).await;
    there.insert_order(new_order("own")).await.unwrap();
    here_store.insert_order(new_order("other")).await.unwrap();
    worker.rung(2).await;
    assert_eq!(database.rows(LISTENING).await, ["1"]);
    worker.ears.abort();
    while database.rows(LISTENING).await != ["0"] {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Its store announces again: another may be at work.
    let other = Worker::start(&here_store).await;
    there.insert_order(new_order("again")).await.unwrap();
    other.rung(2).await;
    there.close().await;
    here_store.close().await;
}

#[tokio::test]
async fn a_listener_that_was_cut_off_comes_back() {
    let database = database!();
    let (there, here_store) = (database.open().await, database.open().await);
    let worker = Worker::start(&there).await;
    for cut in 1..3 {
        database
            .run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND query LIKE 'LISTEN%'",
            )
            .await;
        // It looks for what it has missed.
        worker.rung(2 * cut).await;
        here_store.insert_order(new_order(&cut.to_string())).await.unwrap();
        worker.rung(2 * cut + 1).await;
    }
}
