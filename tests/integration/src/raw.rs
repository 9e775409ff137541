use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A piece of an answer, written as it is.
#[derive(Clone, Debug)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// So many bytes of `x`.
    Flood(u64),
    /// These bytes again and again, one every few milliseconds, until the client is gone.
    Trickle(&'static str),
    /// Nothing more, with the connection left open, until the client is gone.
    Silence,
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

/// A server that knows no HTTP: it reads a request up to its end, answers by bytes, and closes the connection.
pub struct Raw {
    /// Where it listens.
    pub base_url: String,
    seen: Arc<Seen>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<String>>,
    /// Connections that were made.
    connections: AtomicUsize,
    /// Connections that are open.
    open: AtomicUsize,
    /// Bytes that could be written.
    written: AtomicU64,
}

impl Raw {
    /// Starts one that gives the same answer to each request.
    pub async fn start(answer: Vec<Piece>) -> Self {
        Self::answering(move |_| answer.clone()).await
    }

    /// Starts one that answers by what is asked: head and body.
    pub async fn answering(answer: impl Fn(&str) -> Vec<Piece> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, answer) = (Arc::<Seen>::default(), Arc::new(answer));
        let shared = Arc::clone(&seen);
        let accepting = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (seen, answer) = (Arc::clone(&shared), Arc::clone(&answer));
                seen.connections.fetch_add(1, Ordering::SeqCst);
                seen.open.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    Box::pin(serve(stream, &seen, &*answer)).await;
                    seen.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { base_url, seen, accepting }
    }

    /// The requests that came, heads and bodies.
    pub fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.seen.open.load(Ordering::SeqCst)
    }

    /// How many bytes of answers the network took.
    pub fn written(&self) -> u64 {
        self.seen.written.load(Ordering::SeqCst)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One request a connection.
async fn serve(mut stream: TcpStream, seen: &Seen, answer: &(dyn Fn(&str) -> Vec<Piece> + Send + Sync)) {
    let Some(request) = read(&mut stream).await else { return };
    let pieces = answer(&request);
    seen.requests.lock().unwrap().push(request);
    for piece in pieces {
        let went = match piece {
            Piece::Bytes(bytes) => stream.write_all(&bytes).await.is_ok(),
            Piece::Flood(bytes) => flood(&mut stream, seen, bytes).await,
            Piece::Trickle(text) => trickle(&mut stream, text).await,
            // A client says nothing more, so this ends when it is gone.
            Piece::Silence => stream.read(&mut [0]).await.is_ok_and(|count| count > 0),
        };
        if !went {
            return;
        }
    }
    drop(stream.shutdown().await);
    // Until the client has closed it too: what it has not read yet would be lost to a reset.
    while stream.read(&mut [0; 64]).await.is_ok_and(|count| count > 0) {}
}

async fn flood(stream: &mut TcpStream, seen: &Seen, bytes: u64) -> bool {
    let chunk = vec![b'x'; 16 * 1024];
    let mut left = bytes;
    while left > 0 {
        let next = chunk.len().min(usize::try_from(left).unwrap());
        match stream.write(&chunk[..next]).await {
            Ok(count) => {
                seen.written.fetch_add(count as u64, Ordering::SeqCst);
                left -= count as u64;
            }
            Err(_) => return false,
        }
    }
    true
}

async fn trickle(stream: &mut TcpStream, text: &str) -> bool {
    while stream.write_all(text.as_bytes()).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    false
}

/// Head and body of a request; `None` where the client leaves first.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= announced.unwrap_or(0) {
                return Some(text.into_owned());
            }
        }
        match stream.read(&mut buffer).await {
            Ok(count @ 1..) => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}
