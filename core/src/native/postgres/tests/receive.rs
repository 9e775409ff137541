//! Webhooks as they come in, in one statement.

use super::*;

const KEPT: &str =
    "SELECT concat_ws(' ', (SELECT count(*) FROM webhook_events), (SELECT count(*) FROM ghlkit_inbox))";

#[tokio::test]
async fn a_webhook_came_when_it_came_whatever_session_a_pooler_hands_out() {
    for kind in ["TIMESTAMP", "TIMESTAMP(3)", "TIMESTAMPTZ"] {
        let database = database!();
        let columns = format!("id SERIAL PRIMARY KEY, payload TEXT, created_at {kind}");
        database.run(&format!("CREATE TABLE webhook_events ({columns})")).await;
        let options = PostgresOptions { connections: 1, ..PostgresOptions::default() };
        let store = PostgresStore::open(&database.url, options).await.unwrap();
        sqlx::raw_sql("SET timezone = 'Asia/Tokyo'").execute(&store.pool).await.unwrap();
        assert!(matches!(store.receive(new_inbox("{}")).await.unwrap(), Received::New(_)));
        let utc = if kind == "TIMESTAMPTZ" { " AT TIME ZONE 'UTC'" } else { "" };
        let came = database.rows(&format!("SELECT created_at{utc} FROM webhook_events")).await;
        assert_eq!(came, [NOW_TEXT], "{kind}");
    }
}

#[tokio::test]
async fn a_table_that_somebody_holds_ends_the_wait_and_no_connection_is_lost() {
    let database = database!();
    let options = PostgresOptions {
        statement_timeout: Duration::from_millis(200),
        connections: 1,
        ..PostgresOptions::default()
    };
    let store = PostgresStore::open(&database.url, options).await.unwrap();
    let event = || NewInbox { webhook_id: Some("w1".to_owned()), ..new_inbox("{}") };
    let mut shop = PgConnection::connect(&database.url).await.unwrap();
    let mut transaction = shop.begin().await.unwrap();
    sqlx::query("LOCK TABLE webhook_events").execute(&mut *transaction).await.unwrap();
    for _ in 0..3 {
        let error = store.receive(event()).await.unwrap_err();
        assert_eq!((error.code(), error.retryable()), (Code::Store, true), "{error}");
        assert!(error.message().contains("statement_timeout"), "{error}");
    }
    let ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ghlkit' AND datname = current_database()";
    assert_eq!(database.rows(ours).await, ["1"], "none is left behind on the server");
    transaction.rollback().await.unwrap();
    assert!(matches!(store.receive(event()).await.unwrap(), Received::New(_)));
    assert_eq!(database.rows(KEPT).await, ["1 1"]);
}

#[tokio::test]
async fn what_a_table_of_the_shops_refuses_is_not_taken_to_be_known() {
    let database = database!();
    let store = database.open().await;
    database.run("CREATE UNIQUE INDEX one ON webhook_events (event_type)").await;
    assert!(matches!(store.receive(new_inbox("1")).await.unwrap(), Received::New(_)));
    assert_eq!(store.receive(new_inbox("2")).await.unwrap_err().code(), Code::Store);
    assert_eq!(database.rows(KEPT).await, ["1 1"]);
}

#[tokio::test]
async fn an_event_is_settled_though_a_trigger_of_the_shops_keeps_no_copy_of_it() {
    let database = database!();
    let store = database.open().await;
    database
        .run(
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
             CREATE TRIGGER nothing BEFORE INSERT ON webhook_events FOR EACH ROW EXECUTE FUNCTION nothing()",
        )
        .await;
    let Received::New(id) = store.receive(new_inbox("1")).await.unwrap() else { panic!() };
    assert_eq!(database.rows(KEPT).await, ["0 1"]);
    let ignored = crate::ports::store::InboxOutcome::Ignored { reason: "old".to_owned() };
    assert!(store.settle_inbox(id, ignored, NOW).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_comes_many_times_at_once_is_kept_once() {
    let database = database!();
    let stores = [database.open().await, database.open().await];
    for round in 0..20 {
        let (id, hash) = (Some(format!("w{round}")), Some(format!("h{round}")));
        for (webhook_id, body_hash) in [(id, None), (None, hash)] {
            let event = NewInbox { webhook_id, body_hash, ..new_inbox("{}") };
            let tasks = (0..8).map(|task| {
                let (store, event) = (stores[task % 2].clone(), event.clone());
                tokio::spawn(async move { store.receive(event).await.unwrap() })
            });
            let received = futures::future::join_all(tasks).await;
            let new = received.iter().filter(|received| matches!(received, Ok(Received::New(_)))).count();
            assert_eq!((new, received.iter().filter(|received| received.is_ok()).count()), (1, 8));
        }
    }
    assert_eq!(database.rows(KEPT).await, ["40 40"]);
}
