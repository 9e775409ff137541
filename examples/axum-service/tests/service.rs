//! The service as a process, beside the stand-in for GHL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{net::SocketAddr, process::Stdio};

use integration::{EventSource, Setup, Shop, sample, wait_until};
use mock_ghl::{MockGhl, Running};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

const TOKEN: &str = "what the shop's programs send";
const CRON: &str = "what the cron sends";

struct Service {
    at: SocketAddr,
    child: Child,
    ghl: Running,
    http: Client,
    _dir: TempDir,
}

impl Service {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ghl = MockGhl::start(Setup::default().settings).await.unwrap();
        let more = [
            ("PORT", "0".to_owned()),
            ("SHOP_TOKEN", TOKEN.to_owned()),
            ("CRON_SECRET", CRON.to_owned()),
            ("GHLKIT_EVENTS_SECRETS", "an events secret of at least 32 bytes!".to_owned()),
        ];
        let vars = Shop::vars(&ghl, &dir.path().join("shop.db"), &more);
        let mut child = Command::new(env!("CARGO_BIN_EXE_axum-service"))
            .env_clear()
            .envs(vars)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next_line().await.unwrap().unwrap();
        let port: SocketAddr = line.strip_prefix("listens on ").unwrap().parse().unwrap();
        let at = SocketAddr::from(([127, 0, 0, 1], port.port()));
        Self { at, child, ghl, http: Client::new(), _dir: dir }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let mut request = self.http.request(method, format!("http://{}{path}", self.at));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        self.call(Method::POST, path, token, Some(body)).await
    }

    async fn order(&self, id: &str) -> String {
        let (status, made) = self.post("/api/orders", Some(TOKEN), &sample(id)).await;
        assert_eq!((status, &made["id"]), (201, &json!(id)), "{made}");
        made["token"].as_str().unwrap().to_owned()
    }

    fn requests(&self) -> u64 {
        self.ghl.with(|ghl| ghl.counters().requests)
    }
}

#[tokio::test]
async fn an_order_goes_to_ghl_and_its_customer_sees_it_change() {
    let service = Service::start().await;
    let token = service.order("1").await;
    let mut page = EventSource::new(&format!("/api/orders/1/events?token={token}"));
    assert_eq!(page.connect(service.at).await, 200);
    let now = page.next(64).await.unwrap();
    assert_eq!((&now["status"], &now["current"]), (&json!("order_placed"), &json!(true)));
    assert_eq!(
        service.post("/api/orders/1/status", Some(TOKEN), &json!({"status": "manufacturing"})).await.0,
        200
    );
    assert_eq!(service.post("/api/manufacturing/1", Some(TOKEN), &json!({"percent": 50})).await.0, 200);
    let mut told = Vec::new();
    while told.len() < 4 {
        let event = page.next(64).await.unwrap();
        told.push((event["type"].as_str().unwrap().to_owned(), event["progress"].as_i64().unwrap()));
    }
    let expected = [("STATUS_UPDATE", 50), ("PROGRESS_UPDATE", 58), ("MILESTONE", 58), ("MILESTONE", 58)];
    assert_eq!(told, expected.map(|(kind, progress)| (kind.to_owned(), progress)));
    wait_until("the order is in GHL", || async {
        let (_, shown) = service.call(Method::GET, "/metrics", None, None).await;
        shown.as_str().unwrap().contains("ghlkit_jobs{state=\"waiting\"} 0").then_some(())
    })
    .await;
    assert!(service.requests() > 0);
    let (status, shown) = service.call(Method::GET, "/api/orders/1", Some(&token), None).await;
    assert_eq!((status, &shown["status"]), (200, &json!("manufacturing")), "{shown}");
}

#[tokio::test]
async fn who_may_not_and_what_is_wrong_is_refused_and_nothing_is_written() {
    let service = Service::start().await;
    let (mine, yours) = (service.order("1").await, service.order("2").await);
    let change = json!({"status": "shipped"});
    for (path, body) in [
        ("/api/orders", &sample("3")),
        ("/api/orders/1/status", &change),
        ("/api/manufacturing/1", &json!({"percent": 1})),
        ("/api/cron/sync", &json!({})),
        ("/api/test/webhook", &json!({})),
    ] {
        for token in [None, Some(mine.as_str()), Some("")] {
            let (status, said) = service.post(path, token, body).await;
            assert_eq!((status, &said["code"]), (401, &json!("unauthorized")), "{path} {said}");
        }
    }
    let get = async |path: &str, token: &str| service.call(Method::GET, path, Some(token), None).await.0;
    assert_eq!((get("/api/orders/1", &mine).await, get("/api/orders/1", &yours).await), (200, 401));
    assert_eq!(get("/api/orders/1/events", &yours).await, 401);
    assert_eq!(get("/api/orders/9", TOKEN).await, 404);
    let wrong = [
        ("/api/orders", sample("1"), 409, "order_exists"),
        ("/api/orders", json!({"id": "3"}), 400, "invalid_argument"),
        ("/api/orders/9/status", change.clone(), 404, "order_not_found"),
        ("/api/orders/1/status", json!({"status": "lost at sea"}), 400, "invalid_argument"),
        ("/api/orders/1/status", json!({"stat": "shipped"}), 400, "payload"),
        ("/api/manufacturing/1", json!({"percent": 300}), 400, "payload"),
        ("/api/manufacturing/1", json!({"percent": 50}), 409, "transition_refused"),
    ];
    for (path, body, status, code) in wrong {
        let (answered, said) = service.post(path, Some(TOKEN), &body).await;
        assert_eq!((answered, &said["code"]), (status, &json!(code)), "{path} {body} {said}");
    }
    let huge = json!({"status": "x".repeat(20_000)});
    assert_eq!(service.post("/api/orders/1/status", Some(TOKEN), &huge).await.0, 413);
    let (status, said) = service.call(Method::PUT, "/api/orders", Some(TOKEN), None).await;
    assert_eq!((status, &said["code"]), (405, &json!("method_not_allowed")));
    let (status, said) = service.call(Method::POST, "/api/orders", Some(TOKEN), None).await;
    assert_eq!(status, 415, "{said}");
    assert_eq!(service.call(Method::GET, "/nowhere", None, None).await.0, 404);
    let (status, said) =
        service.post("/api/webhooks/ghl/order-status", None, &json!({"contactId": "c"})).await;
    assert_eq!((status, &said["code"]), (401, &json!("signature")));
    let (_, shown) = service.call(Method::GET, "/api/orders/1", Some(&mine), None).await;
    assert_eq!((&shown["status"], &shown["manufacturingProgress"]), (&json!("order_placed"), &Value::Null));
    assert_eq!(get("/api/orders/3", TOKEN).await, 404);
}

#[cfg(unix)]
#[tokio::test]
async fn told_to_end_it_ends_in_good_order_though_a_page_listens() {
    let mut service = Service::start().await;
    let token = service.order("1").await;
    let mut page = EventSource::new(&format!("/api/orders/1/events?token={token}"));
    assert_eq!(page.connect(service.at).await, 200);
    page.next(64).await.unwrap();
    let id = service.child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    while page.next(64).await.is_some() {}
    let ended = tokio::time::timeout(std::time::Duration::from_secs(30), service.child.wait()).await;
    assert!(ended.expect("it ends").unwrap().success());
    assert_eq!(page.retry_ms.map(|ms| (1_000..=11_000).contains(&ms)), Some(true));
}
