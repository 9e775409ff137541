use std::{sync::Arc, time::Duration};

use super::{Database, DatabaseOptions, OsEntropy, ReqwestTransport, SystemClock};
use crate::{
    client::{Client, ClientBuilder, StaticTokens},
    config::Config,
    error::Result,
    policy::rate_limit::Limits,
    ports::Notifier,
    sync::Engine,
};

/// What [`open`] does differently from its defaults.
#[derive(Default)]
pub struct OpenOptions {
    /// Who is told what happens to orders. Default: nobody.
    pub notifier: Option<Arc<dyn Notifier>>,
    /// How many calls a location may take. Default: GHL's 100 in 10 s and 200,000 a day.
    pub limits: Limits,
    /// The names of the shop's tables, and how the database is used.
    pub database: DatabaseOptions,
}

/// The engine of a server process: HTTP over reqwest, the system's clock, and the database that the
/// configuration names, which is migrated as needed; a SQLite file is made if it is not there.
///
/// # Errors
/// `config` for a setting that is malformed or of no use; `store` when the database cannot be opened.
pub async fn open(config: Config, options: OpenOptions) -> Result<Engine> {
    Ok(open_with_store(config, options).await?.0)
}

/// What [`open`] gives, and the database to close once the engine has ended.
///
/// # Errors
/// As [`open`].
pub async fn open_with_store(config: Config, options: OpenOptions) -> Result<(Engine, Database)> {
    config.check()?;
    let client = client(&config, options.limits)?;
    let database = Database::open(&config.database_url, options.database).await?;
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    let engine = Engine::new(config, client, database.store(), clock, entropy, options.notifier);
    Ok((engine, database))
}

/// The client of a server process, without engine or store.
///
/// # Errors
/// `config`.
pub fn client(config: &Config, limits: Limits) -> Result<Client> {
    let tokens: StaticTokens = config.locations.iter().map(|l| (l.id.clone(), l.token.clone())).collect();
    ClientBuilder::new(
        Arc::new(ReqwestTransport::new()?),
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
        Arc::new(tokens),
    )
    .base_url(&config.base_url)
    .limits(limits)
    .timeout(Duration::from_millis(config.sync.call_timeout_ms.unsigned_abs()))
    .build()
}
