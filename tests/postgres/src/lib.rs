//! A throw-away PostgreSQL server for tests: one for each process, a database for each test.
//!
//! `GHLKIT_POSTGRES` names the folder with its programs; unset, the usual places are looked through. Where there is
//! none, tests fail and say what to install; `GHLKIT_POSTGRES=none` leaves them out, which `cargo xtask test` does
//! where nothing can be installed, and counts.

// A harness fails by panicking, with the line of the test that called it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The variable with the folder of the server's programs, or `none`.
pub const VARIABLE: &str = "GHLKIT_POSTGRES";

/// A server, until this process ends.
#[derive(Debug)]
pub struct Server {
    folder: String,
    /// Where it listens on loopback, if it does.
    port: Option<u16>,
    // The server ends once its input is closed.
    talk: Mutex<Talk>,
    _child: Child,
}

/// What it is told, and its answers.
#[derive(Debug)]
struct Talk(ChildStdin, BufReader<ChildStdout>);

impl Talk {
    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.1.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Server {
    /// The server of this process, or `None` where tests are to do without.
    ///
    /// # Panics
    /// Where there is none and the tests were not told to do without.
    pub async fn of_this_process() -> Option<&'static Self> {
        // Off the runtime's threads: starting it takes a moment.
        tokio::task::spawn_blocking(|| Self::started(|| None)).await.unwrap()
    }

    /// The same, reached over TCP as most are: a connection to a server that is away is refused. Nobody may have asked for the server
    /// of this process before.
    ///
    /// # Panics
    /// As [`Server::of_this_process`].
    pub async fn over_tcp() -> Option<&'static Self> {
        let free = || Some(TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port());
        tokio::task::spawn_blocking(move || Self::started(free)).await.unwrap()
    }

    /// The same, which from now on keeps what was committed whatever happens to the machine, as one does that is not thrown
    /// away: to measure with.
    ///
    /// # Panics
    /// As [`Server::of_this_process`].
    pub async fn durable() -> Option<&'static Self> {
        let server = Self::of_this_process().await?;
        for sql in ["ALTER SYSTEM SET fsync = on", "SELECT pg_reload_conf()"] {
            let mut connection = PgConnection::connect(&server.url("postgres")).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
        loop {
            let mut connection = PgConnection::connect(&server.url("postgres")).await.unwrap();
            let fsync: String = sqlx::query_scalar("SHOW fsync").fetch_one(&mut connection).await.unwrap();
            if fsync == "on" {
                return Some(server);
            }
        }
    }

    fn started(port: impl FnOnce() -> Option<u16>) -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        SERVER
            .get_or_init(|| {
                if env::var_os(VARIABLE).is_some_and(|bin| bin == "none") && env::var_os("CI").is_none() {
                    return None;
                }
                let bin = programs().expect(
                    "no PostgreSQL server: install one, name its folder of programs in GHLKIT_POSTGRES, or \
                     set that to none to leave these tests out",
                );
                Some(Self::start(&bin, port()))
            })
            .as_ref()
    }

    fn start(bin: &Path, port: Option<u16>) -> Self {
        // As another user than root, which the server refuses to run as.
        let root = fs::metadata("/proc/self").is_ok_and(|of| std::os::unix::fs::MetadataExt::uid(&of) == 0);
        let mut command = if root {
            let mut command = Command::new("setpriv");
            let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
            let user = if users.contains("\npostgres:") { "postgres" } else { "nobody" };
            command.args([&format!("--reuid={user}"), "--clear-groups", "sh"]);
            command.env_remove("TMPDIR");
            command
        } else {
            Command::new("sh")
        };
        let mut child = command
            .args(["-c", include_str!("server.sh"), "server.sh"])
            .arg(bin)
            .args(port.map(|port| port.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut talk = Talk(child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let folder = talk.answer();
        assert!(!folder.is_empty(), "the server did not start; see above");
        Self { folder, port, talk: Mutex::new(talk), _child: child }
    }

    /// Ends it, `fast` (whoever is connected is cut off) or `immediate` (as in a crash), and starts it again.
    ///
    /// # Panics
    /// Where it does not come back.
    pub async fn restart(&'static self, mode: &'static str) {
        self.order(format!("restart {mode}")).await;
    }

    /// Ends it, in one of the modes of [`Server::restart`], and leaves it away.
    ///
    /// # Panics
    /// Where this process cannot speak to what holds it.
    pub async fn stop(&'static self, mode: &'static str) {
        self.order(format!("stop {mode}")).await;
    }

    /// Starts it again after [`Server::stop`].
    ///
    /// # Panics
    /// As [`Server::stop`].
    pub async fn come_back(&'static self) {
        self.order("start".to_owned()).await;
    }

    async fn order(&'static self, what: String) {
        let done = tokio::task::spawn_blocking(move || {
            let mut talk = self.talk.lock().unwrap();
            writeln!(talk.0, "{what}").unwrap();
            talk.answer()
        });
        assert_eq!(done.await.unwrap(), self.folder);
    }

    /// The URL of a new, empty database.
    ///
    /// # Panics
    /// Where it cannot be made.
    pub async fn database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut server = PgConnection::connect(&self.url("postgres")).await.unwrap();
        let sql = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::query(sql).execute(&mut server).await.unwrap();
        server.close().await.unwrap();
        self.url(&name)
    }

    /// The URL of a database by its name.
    pub fn url(&self, name: &str) -> String {
        match self.port {
            Some(port) => format!("postgres://ghlkit@127.0.0.1:{port}/{name}?sslmode=disable"),
            None => format!("postgres://ghlkit@localhost/{name}?host={}&sslmode=disable", self.folder),
        }
    }
}

/// The folder of a server's programs: the one that is named, else Debian's newest, else the path's.
pub fn programs() -> Option<PathBuf> {
    let complete = |bin: &Path| ["initdb", "pg_ctl", "postgres"].iter().all(|name| bin.join(name).exists());
    if let Some(named) = env::var_os(VARIABLE).filter(|bin| bin != "none") {
        return Some(PathBuf::from(named)).filter(|bin| complete(bin));
    }
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    debian.into_iter().rev().chain(env::split_paths(&path)).find(|bin| complete(bin))
}
