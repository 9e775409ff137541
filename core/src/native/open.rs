use std::{sync::Arc, time::Duration};

use super::{BackgroundTokens, Database, DatabaseOptions, HyperTransport, OsEntropy, SystemClock};
#[cfg(feature = "websocket")]
use crate::ports::SocketConnector;
use crate::{
    client::{Client, ClientBuilder, Shares, StaticTokens, StoredShares},
    config::{Channel, Config, SmtpOptions},
    error::{Error, Result},
    policy::rate_limit::Limits,
    ports::{MessageSender, Notifier, TokenSource},
    sync::Engine,
};

/// What [`open`] does differently from its defaults.
#[derive(Default)]
pub struct OpenOptions {
    /// Who is told what happens to orders. Default: nobody.
    pub notifier: Option<Arc<dyn Notifier>>,
    /// The app whose tokens calls are made with, for locations that have none of their own. Default: each location's own.
    pub app: Option<BackgroundTokens>,
    /// How many calls a location may take. Default: GHL's 100 in 10 s and 200,000 a day.
    pub limits: Limits,
    /// The names of the shop's tables, and how the database is used.
    pub database: DatabaseOptions,
}

/// The engine of a server process: HTTP over reqwest, the system's clock, and the database that the
/// configuration names, which is migrated as needed; a SQLite file is made if it is not there. All processes that open
/// the database share the limits of its locations.
///
/// # Errors
/// `config` for a setting that is malformed or of no use, or a location's token that is missing; `store` when the database cannot be opened.
pub async fn open(config: Config, options: OpenOptions) -> Result<Engine> {
    Ok(open_with_store(config, options).await?.0)
}

/// What [`open`] gives, and the database to close once the engine has ended.
///
/// # Errors
/// As [`open`].
pub async fn open_with_store(config: Config, options: OpenOptions) -> Result<(Engine, Database)> {
    config.check()?;
    let mail = config.notifications.smtp.as_ref().map(mail_server).transpose()?;
    #[cfg(feature = "websocket")]
    let sockets = sockets(&config)?;
    #[cfg(not(feature = "websocket"))]
    sockets(&config)?;
    // An app has limits of its own.
    let scope = options.app.as_ref().map(|app| app.tokens().app_id().as_str().to_owned()).unwrap_or_default();
    let builder = builder(&config, options.app, options.limits)?;
    let database = Database::open(&config.database_url, options.database).await?;
    if config.status_trigger {
        database.store().install_status_trigger().await?;
    }
    let client = builder.shares(shares(&database, &scope, options.limits)).build()?;
    tokio::spawn(client.keep_shares());
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    let engine = Engine::new(config, client, database.store(), clock, entropy, options.notifier);
    tokio::spawn(engine.keep_watch());
    if let Some(mail) = mail {
        engine.carry_messages(Channel::Smtp, mail);
    }
    #[cfg(feature = "websocket")]
    if let Some(sockets) = sockets {
        engine.connect_sockets(sockets);
    }
    engine.begin_telling().await?;
    Ok((engine, database))
}

/// Shares in the limits of an app, or of private integrations, whose `scope` is empty, for all who open the database.
pub fn shares(database: &Database, scope: &str, limits: Limits) -> Arc<dyn Shares> {
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    Arc::new(StoredShares::new(database.limits(), clock, entropy, scope, limits))
}

/// The client of a server process, without engine or store, and with its limits for itself.
///
/// # Errors
/// `config`.
pub fn client(config: &Config, limits: Limits) -> Result<Client> {
    builder(config, None, limits)?.build()
}

pub(super) fn builder(
    config: &Config,
    app: Option<BackgroundTokens>,
    limits: Limits,
) -> Result<ClientBuilder> {
    let tokens: Arc<dyn TokenSource> = match app {
        Some(app) => Arc::new(app),
        None => Arc::new(own_tokens(config)?),
    };
    let builder = ClientBuilder::new(
        Arc::new(HyperTransport::new()?),
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
        tokens,
    );
    let timeout = Duration::from_millis(config.sync.call_timeout_ms.unsigned_abs());
    let lag = Duration::from_millis(config.sync.search_lag_ms.unsigned_abs());
    Ok(builder
        .base_url(&config.base_url)
        .api_version(config.api_version)
        .limits(limits)
        .timeout(timeout)
        .search_lag(lag))
}

/// The token of each location.
fn own_tokens(config: &Config) -> Result<StaticTokens> {
    let own = config.locations.iter().enumerate().map(|(i, location)| {
        let missing = || Error::config(format!("locations[{i}].token"), "expected one, as there is no app");
        Ok((location.id.clone(), location.token.clone().ok_or_else(missing)?))
    });
    own.collect()
}

#[cfg(feature = "smtp")]
fn mail_server(options: &SmtpOptions) -> Result<Arc<dyn MessageSender>> {
    Ok(Arc::new(super::SmtpSender::new(options)?))
}

#[cfg(not(feature = "smtp"))]
fn mail_server(_: &SmtpOptions) -> Result<Arc<dyn MessageSender>> {
    let expected = "a mail server; it needs the feature `smtp` of the crate ghlkit, which this build lacks: give code that \
         sends (`notifications.send` in JavaScript), or use `notifications.email`";
    Err(Error::config("notifications.smtp", expected))
}

#[cfg(feature = "websocket")]
fn sockets(config: &Config) -> Result<Option<Arc<dyn SocketConnector>>> {
    let wanted = config.locations.iter().any(|location| location.realtime.is_some());
    Ok(if wanted { Some(Arc::new(super::TungsteniteConnector::new()?)) } else { None })
}

#[cfg(not(feature = "websocket"))]
fn sockets(config: &Config) -> Result<()> {
    if config.locations.iter().all(|location| location.realtime.is_none()) {
        return Ok(());
    }
    let expected = "expected none, as listening needs the feature `websocket` of the crate ghlkit, which this build lacks";
    Err(Error::config("realtime", expected))
}
