use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, Bytes},
    http::Request,
};
use tokio::{net::TcpListener, runtime::Runtime};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its path.
    pub path: String,
    /// Its headers, in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// A server on loopback that takes whatever is sent. It has threads of its own: exporters may block the caller's.
pub struct Receiver {
    /// Where it listens: host and port.
    pub address: String,
    received: Arc<Mutex<Vec<Received>>>,
    runtime: Option<Runtime>,
}

impl Receiver {
    /// Starts it.
    pub fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let kept = Arc::clone(&received);
        let answer = move |request: Request<Body>| {
            let kept = Arc::clone(&kept);
            async move {
                let (parts, body) = request.into_parts();
                let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let headers = parts.headers.iter().map(|(name, value)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                });
                let headers = headers.collect();
                kept.lock().unwrap().push(Received {
                    path: parts.uri.path().to_owned(),
                    headers,
                    body: body.to_vec(),
                });
                ([("content-type", "application/json")], "{}")
            }
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            axum::serve(listener, Router::new().fallback(answer)).await.unwrap();
        });
        Self { address, received, runtime: Some(runtime) }
    }

    /// What came so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // It may be dropped within another runtime, where nothing may be waited for.
        self.runtime.take().unwrap().shutdown_background();
    }
}
