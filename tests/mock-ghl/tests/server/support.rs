//! A client of the stand-in and a receiver of its webhooks.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use mock_ghl::{LOCATION_ID, MockGhl, Running, Settings, TOKEN};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub(crate) struct Api {
    pub(crate) mock: Running,
    pub(crate) client: Client,
}

impl Api {
    pub(crate) async fn start(settings: Settings) -> Self {
        let client = Client::builder().no_proxy().retry(reqwest::retry::never()).build().unwrap();
        Self { mock: MockGhl::start(settings).await.unwrap(), client }
    }

    pub(crate) async fn try_call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<Response> {
        let request = self
            .client
            .request(method, format!("{}{path}", self.mock.base_url()))
            .bearer_auth(TOKEN)
            .header("Version", "2021-07-28");
        match body {
            Some(body) => request.body(body.to_string()).send().await,
            None => request.send().await,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        read(self.try_call(Method::GET, path, None).await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        read(self.try_call(Method::POST, path, Some(&body)).await.unwrap()).await
    }

    pub(crate) async fn contact(&self, email: &str) -> String {
        let (status, reply) =
            self.post("/contacts/", json!({ "locationId": LOCATION_ID, "email": email })).await;
        assert_eq!(status, 201, "{reply}");
        reply["contact"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn opportunity(&self, contact_id: &str) -> String {
        let pipeline_id = self.mock.with(|ghl| ghl.order_pipeline(LOCATION_ID).unwrap().id.clone());
        let body = json!({
            "locationId": LOCATION_ID,
            "pipelineId": pipeline_id,
            "contactId": contact_id,
            "name": "Order #1",
            "status": "open",
        });
        let (status, reply) = self.post("/opportunities/", body).await;
        assert_eq!(status, 201, "{reply}");
        reply["opportunity"]["id"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or(Value::Null))
}

/// One webhook as it arrived.
#[derive(Clone)]
pub(crate) struct Arrived {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Arrived {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn event(&self) -> String {
        self.json()["type"].as_str().unwrap_or("workflow").to_owned()
    }
}

/// A receiver that answers with the statuses it was given, then with 200.
pub(crate) struct Receiver {
    pub(crate) url: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    _stop: oneshot::Sender<()>,
}

impl Receiver {
    pub(crate) async fn start(statuses: &[u16]) -> Self {
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let (kept, statuses) = (Arc::clone(&arrived), statuses.to_vec());
        let handler = move |headers: HeaderMap, body: Bytes| async move {
            let mut kept = kept.lock().unwrap();
            kept.push(Arrived { headers, body: body.to_vec() });
            let status = statuses.get(kept.len() - 1).copied().unwrap_or(200);
            StatusCode::from_u16(status).unwrap()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, Router::new().fallback(handler)).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        tokio::spawn(server.into_future());
        Self { url, arrived, _stop: stop }
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    pub(crate) fn events(&self) -> Vec<String> {
        self.arrived().iter().map(Arrived::event).collect()
    }
}
