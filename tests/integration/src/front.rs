use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Request, Response},
};
use mock_ghl::{Ghl, Settings};
use tokio::{net::TcpListener, task::JoinHandle};

/// One request with its headers.
#[derive(Clone, Debug)]
pub struct Head {
    /// Method and path.
    pub line: String,
    /// Header names in lower case, with values.
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// The values of a header.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// The mock's model behind a server that keeps the headers, which the mock's own log does not, and whose
/// replies may be replaced.
pub struct Front {
    /// Where it listens.
    pub base_url: String,
    /// What arrived.
    pub heads: Arc<Mutex<Vec<Head>>>,
    server: JoinHandle<()>,
}

/// A reply in place of the model's: status and body, made from the request's headers and body.
pub type Instead = fn(&Head, &[u8]) -> Option<(u16, String)>;

impl Front {
    /// Starts it on loopback.
    pub async fn start(settings: Settings, instead: Instead) -> Self {
        let ghl = Arc::new(Mutex::new(Ghl::new(settings)));
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        let answer = move |request: Request<Body>| {
            let (ghl, kept) = (Arc::clone(&ghl), Arc::clone(&kept));
            async move {
                let (parts, body) = request.into_parts();
                let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let headers = parts.headers.iter().map(|(name, value)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                });
                let head = Head {
                    line: format!("{} {}", parts.method, parts.uri.path()),
                    headers: headers.collect(),
                };
                kept.lock().unwrap().push(head.clone());
                if let Some((status, body)) = instead(&head, &body) {
                    return Response::builder().status(status).body(Body::from(body)).unwrap();
                }
                let mut request = mock_ghl::Request::new(parts.method.as_str(), parts.uri.path());
                let query = parts.uri.query().unwrap_or_default();
                request.query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
                request.headers = head.headers;
                request.body = body.to_vec();
                let reply = ghl.lock().unwrap().handle(now(), &request);
                let mut response = Response::builder().status(reply.status);
                for (name, value) in &reply.headers {
                    response = response.header(name, value);
                }
                response.body(Body::from(reply.body)).unwrap()
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer);
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base_url, heads, server }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
