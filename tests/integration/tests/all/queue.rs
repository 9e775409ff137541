//! Several processes on one queue.

use std::process::Stdio;

use ghlkit::{
    ids::{LocationId, OrderId},
    native::postgres::PostgresStore,
    ports::store::{NewOrder, OrderStore},
};
use integration::Db;
use postgres_server::Server;
use tokio::process::Command;

#[tokio::test]
async fn processes_share_a_queue_and_no_job_is_had_twice_nor_two_of_one_customer_at_once() {
    let Some(server) = Server::of_this_process().await else { return };
    let url = server.database().await;
    let store = PostgresStore::open(&url, Default::default()).await.unwrap();
    Db::open(&url).execute("CREATE TABLE held (lease_key TEXT PRIMARY KEY)").await;
    let mut placed = Vec::new();
    for number in 0..120 {
        let order = NewOrder {
            location: LocationId::new("here"),
            id: OrderId::new(format!("o{number:03}")),
            number: number.to_string(),
            status: "order_placed".to_owned(),
            snapshot: "{}".to_owned(),
            email: Some(format!("customer{}@x.org", number % 15)),
            phone: None,
            lease_key: format!("customer{}", number % 15),
            now: 1,
            due_at: None,
            events: vec![],
        };
        placed.push(order.id.as_str().to_owned());
        store.insert_order(order).await.unwrap();
    }
    let processes: Vec<_> = (0..4)
        .map(|_| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_queue_race"));
            command.arg(&url).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap()
        })
        .collect();
    let mut had = Vec::new();
    for process in processes {
        let output = process.wait_with_output().await.unwrap();
        assert!(output.status.success(), "a process failed; see above");
        had.extend(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned));
    }
    had.sort();
    assert_eq!(had, placed);
}
