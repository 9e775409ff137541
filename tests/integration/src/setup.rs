use ghlkit::{config::SyncOptions, native::DatabaseOptions, policy::rate_limit::Limits};
use mock_ghl::Settings;

/// Where the engine keeps what it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// A SQLite file in a directory of its own.
    Sqlite,
    /// A PostgreSQL database of its own.
    Postgres,
    /// Memory.
    Memory,
}

impl Keep {
    /// Where tests keep a shop that do not say: SQLite, or what `GHLKIT_TEST_DATABASE` says (`postgres`).
    pub fn usual() -> Self {
        match std::env::var("GHLKIT_TEST_DATABASE") {
            Ok(database) if database == "postgres" => Self::Postgres,
            _ => Self::Sqlite,
        }
    }

    /// The usual database, and memory.
    pub fn both() -> [Self; 2] {
        [Self::usual(), Self::Memory]
    }
}

/// How a shop is set up.
pub struct Setup {
    /// The server; without rate limits by default.
    pub settings: Settings,
    /// The engine's times; short ones by default.
    pub sync: SyncOptions,
    /// Variables beside or instead of the usual ones; an empty one is unset.
    pub vars: Vec<(&'static str, String)>,
    /// Whether the server's webhooks reach the engine.
    pub webhooks: bool,
    /// SQL that makes the shop's own tables before the engine is opened, in PostgreSQL's words.
    pub tables: &'static str,
    /// The store.
    pub keep: Keep,
    /// What the client takes the server's limits to be until it is told.
    pub limits: Limits,
    /// How the database is used.
    pub database: DatabaseOptions,
    /// Whether PostgreSQL keeps what was committed whatever happens to the machine; not by default, as tests are quicker so.
    pub durable: bool,
}

impl Default for Setup {
    fn default() -> Self {
        let sync = SyncOptions { call_timeout_ms: 2_000, search_lag_ms: 0, ..SyncOptions::default() };
        Self {
            settings: Settings::unlimited(),
            sync,
            vars: Vec::new(),
            webhooks: true,
            tables: "",
            keep: Keep::usual(),
            limits: Limits::default(),
            database: DatabaseOptions::default(),
            durable: false,
        }
    }
}

impl Setup {
    /// The default, without webhooks.
    pub fn deaf() -> Self {
        Self { webhooks: false, ..Self::default() }
    }
}
