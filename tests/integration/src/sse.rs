use std::net::SocketAddr;

use axum::{
    Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::get,
};
use ghlkit::{
    native::axum::events_route,
    sync::{Engine, WatchOptions},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A process's routes of streams: `/orders/{id}/events` for customers, `/all` for the shop's own.
pub struct Streams {
    /// Where it listens.
    pub at: SocketAddr,
    server: JoinHandle<()>,
}

impl Streams {
    /// Begins to listen on loopback.
    pub async fn of(engine: &Engine) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let app = Router::new()
            .route("/orders/{id}/events", events_route(engine.clone()))
            .route("/all", get(all))
            .with_state(engine.clone());
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { at, server }
    }
}

impl Drop for Streams {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn all(State(engine): State<Engine>, headers: HeaderMap) -> Response {
    let last = headers.get("last-event-id").map(|id| id.to_str().unwrap().to_owned());
    match engine.watch(WatchOptions { last_event_id: last, ..WatchOptions::default() }).await {
        Ok(watch) => watch.into_response(),
        Err(error) => error.into_response(),
    }
}

/// A browser's `EventSource`, as the HTML standard has it, but for when it comes back.
pub struct EventSource {
    path: String,
    last_id: Option<String>,
    connection: Option<Connection>,
    /// After how many milliseconds it was last told to come back.
    pub retry_ms: Option<u64>,
}

struct Connection {
    stream: TcpStream,
    /// What was received of a frame that is not whole.
    text: Vec<u8>,
    /// What `id:` said, though its frame is not whole.
    id: Option<String>,
}

impl EventSource {
    /// One that is not connected yet.
    pub fn new(path: &str) -> Self {
        Self { path: path.to_owned(), last_id: None, connection: None, retry_ms: None }
    }

    /// Connects; the status of the answer.
    pub async fn connect(&mut self, at: SocketAddr) -> u16 {
        let mut stream = TcpStream::connect(at).await.unwrap();
        let last = self.last_id.as_ref().map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        // HTTP/1.0: the body is what comes, until the end.
        let request = format!("GET {} HTTP/1.0\r\nhost: shop\r\n{last}\r\n", self.path);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        self.connection = Some(Connection { stream, text: Vec::new(), id: None });
        head[9..12].parse().unwrap()
    }

    /// Reads until it knows from where to go on.
    pub async fn identify(&mut self) {
        while self.last_id.is_none() {
            let connection = self.connection.as_mut().expect("it is connected");
            connection.text.push(connection.stream.read_u8().await.unwrap());
            self.whole_frame();
        }
    }

    /// Goes away, whatever was received.
    pub fn cut(&mut self) {
        self.connection = None;
    }

    /// What comes next; `None` once the stream has ended. Reads `piece` bytes at a time.
    pub async fn next(&mut self, piece: usize) -> Option<Value> {
        loop {
            if let Some(data) = self.whole_frame() {
                return Some(data);
            }
            let connection = self.connection.as_mut()?;
            let mut bytes = vec![0; piece];
            let read = connection.stream.read(&mut bytes).await.unwrap_or(0);
            if read == 0 {
                self.cut();
                return None;
            }
            connection.text.extend(&bytes[..read]);
        }
    }

    /// Takes the next whole frame with data.
    fn whole_frame(&mut self) -> Option<Value> {
        let connection = self.connection.as_mut()?;
        while let Some(end) = connection.text.windows(2).position(|pair| pair == b"\n\n") {
            let frame: Vec<u8> = connection.text.drain(..end + 2).collect();
            let mut data = None;
            for line in String::from_utf8(frame).unwrap().lines() {
                match line.split_once(": ") {
                    Some(("id", id)) => connection.id = Some(id.to_owned()),
                    Some(("data", text)) => data = Some(serde_json::from_str(text).unwrap()),
                    Some(("retry", ms)) => self.retry_ms = Some(ms.parse().unwrap()),
                    _ => assert!(line.is_empty() || line == ": ping", "{line}"),
                }
            }
            // It counts with the frame's end, data or not.
            self.last_id.clone_from(&connection.id);
            if data.is_some() {
                return data;
            }
        }
        None
    }
}
