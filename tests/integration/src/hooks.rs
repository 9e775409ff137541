use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use ghlkit::{Code, sync::Engine};
use tokio::{net::TcpListener, task::JoinHandle};

/// The shop's webhook route. It listens before there is an engine, as its address is part of the server's
/// settings and the server's pipeline is part of the engine's.
pub struct Receiver {
    /// Where to post webhooks.
    pub url: String,
    engine: Arc<OnceLock<Engine>>,
    server: JoinHandle<()>,
}

impl Receiver {
    /// Begins to listen on loopback.
    pub async fn start() -> Self {
        let engine = Arc::new(OnceLock::new());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/ghl", listener.local_addr().unwrap());
        let app = Router::new()
            .route("/webhooks/ghl", post(receive))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&engine));
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, engine, server }
    }

    /// Hands what is received to this engine from now on.
    pub fn hand_to(&self, engine: Engine) {
        assert!(self.engine.set(engine).is_ok(), "a receiver serves one engine");
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Answers as the documentation of `receive_webhook` says.
async fn receive(State(engine): State<Arc<OnceLock<Engine>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Some(engine) = engine.get() else { return StatusCode::SERVICE_UNAVAILABLE };
    match engine.receive_webhook(None, &body, &headers).await.map_err(|error| error.code()) {
        Ok(_) => StatusCode::OK,
        Err(Code::Signature | Code::Stale) => StatusCode::UNAUTHORIZED,
        Err(Code::Payload) => StatusCode::BAD_REQUEST,
        Err(Code::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
        Err(Code::WrongLocation) => StatusCode::FORBIDDEN,
        Err(_) => StatusCode::TOO_MANY_REQUESTS,
    }
}
