//! Servers of others' making, as processes that are told what to do.

use std::{path::PathBuf, process::Stdio, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// A server of `tests/peers`. Dropped, it is killed.
pub struct Peer {
    /// Where it listens, on this machine.
    pub port: u16,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    process: Child,
}

impl Peer {
    /// Starts a Socket.IO server.
    pub async fn socket_io(options: Value) -> Self {
        Self::start("socket-io.mjs", &options).await
    }

    /// Starts a server that plays frames.
    pub async fn raw(options: Value) -> Self {
        Self::start("raw.mjs", &options).await
    }

    async fn start(program: &str, options: &Value) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../peers");
        assert!(folder.join("node_modules").exists(), "run `npm ci --ignore-scripts` in tests/peers");
        let mut process = Command::new("node")
            .arg(folder.join(program))
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Node is installed");
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut peer = Self { port: 0, input, output: BufReader::new(output).lines(), process };
        peer.port = peer.line().await.parse().unwrap();
        peer
    }

    /// Has it do something, e.g. `{"do":"drop"}`, and gives what it answers once it has.
    pub async fn tell(&mut self, command: Value) -> Value {
        self.begin(command).await;
        self.done().await
    }

    /// Has it begin something.
    pub async fn begin(&mut self, command: Value) {
        self.input.write_all(format!("{command}\n").as_bytes()).await.unwrap();
    }

    /// Waits for the answer to what was begun first.
    pub async fn done(&mut self) -> Value {
        serde_json::from_str(&self.line().await).unwrap()
    }

    /// What it has seen.
    pub async fn seen(&mut self) -> Value {
        self.tell(json!({ "do": "seen" })).await
    }

    /// Kills it, without a word to its clients.
    pub async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }

    async fn line(&mut self) -> String {
        let line = timeout(PATIENCE, self.output.next_line()).await.expect("the server answers");
        line.unwrap().expect("the server lives")
    }
}
