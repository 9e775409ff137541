//! Processes of a test: the program itself, started again with other arguments.

use std::{
    env,
    ffi::OsStr,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines, Stdin},
    process::{ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// How long a process may take to begin.
const START: Duration = Duration::from_secs(60);

/// A process that speaks in lines. Dropped, it is killed.
pub struct Child {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    process: tokio::process::Child,
}

impl Child {
    /// Starts the program with these arguments, after `child`, and waits until it is ready.
    pub async fn start(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .arg("child")
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut child = Self { input, output: BufReader::new(output).lines(), process };
        assert_eq!(child.line(START).await, "ready");
        child
    }

    /// Lets it go on.
    pub async fn go(&mut self) {
        self.input.write_all(b"\n").await.unwrap();
    }

    /// What it says next.
    pub async fn line(&mut self, patience: Duration) -> String {
        let line = timeout(patience, self.output.next_line()).await.expect("the process answers");
        line.unwrap().expect("the process lives")
    }

    /// Sends it a signal, by its name without `SIG`. It must be alive.
    pub async fn signal(&mut self, name: &str) {
        assert_eq!(self.process.try_wait().unwrap(), None, "the process has ended by itself");
        let pid = self.process.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().await.unwrap().success());
    }

    /// Waits until it is gone.
    pub async fn ended(mut self, patience: Duration) -> ExitStatus {
        timeout(patience, self.process.wait()).await.expect("the process ends").unwrap()
    }
}

/// In the process itself: says that it is ready. What is returned gives a line each time it is let go on.
pub fn ready() -> Lines<BufReader<Stdin>> {
    println!("ready");
    BufReader::new(tokio::io::stdin()).lines()
}
