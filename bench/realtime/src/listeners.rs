//! Many who listen, and the process that they listen to.

use std::{
    net::SocketAddr,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// A server as a process, which is told what to do by lines.
pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Server {
    pub(crate) async fn start(program: &str, args: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port: u16 = lines.next_line().await.unwrap().unwrap().parse().unwrap();
        Self { at: ([127, 0, 0, 1], port).into(), stdin: child.stdin.take().unwrap(), lines, _child: child }
    }

    pub(crate) async fn ours() -> Self {
        let this = std::env::current_exe().unwrap();
        Self::start(this.to_str().unwrap(), &["serve"]).await
    }

    pub(crate) async fn ask(&mut self, what: &str) -> String {
        self.stdin.write_all(format!("{what}\n").as_bytes()).await.unwrap();
        self.lines.next_line().await.unwrap().unwrap()
    }

    pub(crate) async fn number(&mut self, what: &str) -> f64 {
        self.ask(what).await.parse().unwrap()
    }
}

/// What all who listen have heard.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) frames: AtomicUsize,
    pub(crate) listening: AtomicUsize,
    /// After how many milliseconds each was told to come back.
    pub(crate) retries: Mutex<Vec<u64>>,
}

impl Heard {
    pub(crate) async fn until(&self, what: impl Fn(&Self) -> usize, many: usize) {
        for _ in 0..60_000 {
            if what(self) >= many {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("{} of {many} came", what(self));
    }
}

/// So many connections, each counted once its stream has begun, and each frame with data once it is here.
pub(crate) async fn listen(at: SocketAddr, many: usize) -> Arc<Heard> {
    let heard = Arc::new(Heard::default());
    for _ in 0..many {
        let stream = TcpStream::connect(at).await.unwrap();
        tokio::spawn(hear(stream, heard.clone()));
    }
    heard.until(|heard| heard.listening.load(Ordering::Relaxed), many).await;
    heard
}

async fn hear(mut stream: TcpStream, heard: Arc<Heard>) {
    stream.write_all(b"GET /all HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n").await.unwrap();
    let (mut bytes, mut text) = (vec![0; 16_384], Vec::new());
    let mut begun = false;
    while let Ok(read @ 1..) = stream.read(&mut bytes).await {
        text.extend(&bytes[..read]);
        while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
            let frame: Vec<u8> = text.drain(..end + 2).collect();
            let frame = String::from_utf8_lossy(&frame);
            if let Some(retry) = frame.lines().find_map(|line| line.strip_prefix("retry: ")) {
                heard.retries.lock().unwrap().push(retry.trim().parse().unwrap());
            }
            if frame.contains("data: ") {
                heard.frames.fetch_add(1, Ordering::Relaxed);
            } else if !begun {
                begun = true;
                heard.listening.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    heard.listening.fetch_sub(1, Ordering::Relaxed);
}
