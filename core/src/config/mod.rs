//! What a shop sets: locations, tokens, statuses, webhooks, pace.
//!
//! [`Config::from_env`] serves the common case of one location; [`Config::from_json`] takes everything else
//! as JSON, and what is set in code is checked by [`Config::check`]. [`ClientSettings`] serve a client alone.

mod client;
mod database;
mod events;
mod examine;
mod installation;
mod notifications;
mod oauth;
mod options;
mod pusher;
mod realtime;
mod settings;
mod sync;
mod url;
mod vars;
mod webhook;

use std::collections::{BTreeMap, BTreeSet};

pub use crate::client::DEFAULT_BASE_URL;
pub use client::{ClientOptions, ClientSettings, MAX_REPLY_BYTES, MAX_RETRIES, MAX_TIMEOUT_MS};
pub use database::DatabaseSettings;
pub use events::{EventOptions, Events};
pub(crate) use examine::{UNSET, how_to_set};
pub use installation::InstallationOptions;
pub(crate) use installation::{InstallationRules, minutes};
pub use notifications::{
    Channel, EmailOptions, NotificationOptions, Notifications, SmsOptions, SmtpOptions, WebhookOptions,
};
pub use oauth::{OAuthOptions, OAuthSettings};
use options::Tokens;
pub use options::{ConfigOptions, LocationOptions};
pub use pusher::{Pusher, PusherOptions};
pub use realtime::{Realtime, RealtimeOptions, TokenPlace};
pub use sync::{ExistingContact, SyncOptions};
pub use url::DatabaseUrl;

use crate::{
    client::ApiVersion,
    error::{Error, Result},
    ids::{CalendarId, LocationId, PipelineId},
    json::within,
    order::{Currency, OrderRules, Status, StatusModel},
    secret::Secret,
    webhook::Verifier,
};
use vars::{Vars, named};

/// The embedded store, where `DATABASE_URL` is not set.
pub const DEFAULT_DATABASE_URL: &str = "sqlite:ghlkit.db";

/// The whole configuration. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where calls go: HTTPS, or HTTP to this machine for tests; without a `/` at the end. Default
    /// [`DEFAULT_BASE_URL`].
    pub base_url: String,
    /// Which version of the API is spoken. Default: each operation's own, by date.
    pub api_version: ApiVersion,
    /// The locations, at least one, each once.
    pub locations: Vec<LocationConfig>,
    /// The shop's statuses. Default [`StatusModel::default`].
    pub model: StatusModel,
    /// The currency of totals that are bare numbers; without one they are refused.
    pub currency: Option<Currency>,
    /// `sqlite:FILE` or `postgres://…`; secret, as it may hold a password. Default
    /// [`DEFAULT_DATABASE_URL`].
    pub database_url: DatabaseUrl,
    /// How the engine works.
    pub sync: SyncOptions,
    /// How installations are booked.
    pub installation: InstallationOptions,
    /// Who is told what happens to orders. Default: nobody.
    pub notifications: Notifications,
    /// How what happens to orders is streamed to browsers.
    pub events: Events,
    /// Whether `native::open` installs the trigger of
    /// [`Engine::install_status_trigger`](crate::sync::Engine::install_status_trigger). Default: false.
    pub status_trigger: bool,
}

/// What is set for one location.
#[derive(Debug, Clone)]
pub struct LocationConfig {
    /// The location.
    pub id: LocationId,
    /// Its Private Integration token; none where an app's tokens serve.
    pub token: Option<Secret>,
    /// The pipeline whose opportunities stand for orders.
    pub pipeline: PipelineId,
    /// Stages chosen by hand: a status and its stage's id, name or key. The others are found by name.
    pub stages: BTreeMap<Status, String>,
    /// The calendar of installation appointments.
    pub calendar: Option<CalendarId>,
    /// How its webhooks are verified, and how old they may be.
    pub verifier: Verifier,
    /// Where its events are listened to beside that; `None` where they are not.
    pub realtime: Option<Realtime>,
}

impl Config {
    /// The configuration of one location from the environment of the process; see [`Config::from_vars`].
    ///
    /// # Errors
    /// As [`Config::from_vars`]; also for a variable that is not UTF-8.
    pub fn from_env() -> Result<Self> {
        Self::read(
            ConfigOptions::default(),
            &Vars::new(&|name| match std::env::var(name) {
                Ok(value) => Ok(Some(value)),
                Err(std::env::VarError::NotPresent) => Ok(None),
                Err(std::env::VarError::NotUnicode(_)) => Err(Error::config(name, "expected UTF-8")),
            }),
            Tokens::Given,
        )
    }

    /// The configuration of one location from variables. White space around a value is dropped, and an
    /// empty one counts as not set.
    ///
    /// | Variable | For |
    /// |---|---|
    /// | `GOHIGHLEVEL_API_KEY` | the location's Private Integration token; required |
    /// | `GOHIGHLEVEL_LOCATION_ID` | the location; required |
    /// | `GHL_ORDERS_PIPELINE_ID` | the pipeline of orders; required |
    /// | `GHL_STAGE_<STATUS>` | the stage of a status, by id, name or key, e.g. `GHL_STAGE_SHIPPED` |
    /// | `GHL_INSTALLATION_CALENDAR_ID` | the calendar of installations |
    /// | `GOHIGHLEVEL_WEBHOOK_SECRET` | the secret of scheme `hmac` |
    /// | `GHL_WEBHOOK_SCHEMES` | comma list of `hmac`, `ed25519`, `shared-secret`, and `rsa` with that feature; default `hmac` if its secret is set, and `ed25519` if `GHL_CLIENT_ID` is |
    /// | `GHL_WEBHOOK_ED25519_KEYS` | comma list of public keys in place of HighLevel's published one |
    /// | `GHL_WEBHOOK_RSA_KEYS` | the same for scheme `rsa` |
    /// | `GHL_WEBHOOK_SHARED_HEADER`, `GHL_WEBHOOK_SHARED_SECRET` | name and value of the header of scheme `shared-secret` |
    /// | `GHLKIT_REALTIME_URL`, `GHLKIT_REALTIME_TOKEN` | a Socket.IO server to listen to, and the token for it |
    /// | `GHL_BASE_URL` | another API host, for tests |
    /// | `GHL_API_VERSION` | `v3` to speak version 3 of the API |
    /// | `GHLKIT_EVENTS_SECRETS` | comma list of what customers' tokens are signed with; 32 bytes or more each |
    /// | `PUSHER_APP_ID`, `PUSHER_KEY`, `PUSHER_SECRET`, `PUSHER_CLUSTER`, `PUSHER_HOST` | the app of Pusher Channels that pages are told by; on where its id is set |
    /// | `GHLKIT_CURRENCY` | the currency of totals that are bare numbers |
    /// | `DATABASE_URL` | `sqlite:FILE` or `postgres://…` |
    ///
    /// Webhooks may be up to 72 hours old, as the engine remembers what it has seen.
    ///
    /// # Errors
    /// `config`, whose field is the variable that is missing or malformed; the message says what it is for.
    pub fn from_vars(vars: impl Fn(&str) -> Option<String>) -> Result<Self> {
        Self::read(ConfigOptions::default(), &Vars::new(&|name| Ok(vars(name))), Tokens::Given)
    }

    /// Checks a configuration that was set or changed in code.
    ///
    /// # Errors
    /// `config`, whose field is the part, e.g. `locations[1].id` or `sync.leaseMs`.
    pub fn check(&self) -> Result<()> {
        named("baseUrl", crate::client::base_url(&self.base_url))?;
        named("databaseUrl", url::database(&self.database_url))?;
        self.sync.check()?;
        self.installation.check()?;
        if self.locations.is_empty() {
            return Err(Error::config("locations", "expected at least one"));
        }
        let mut seen = BTreeSet::new();
        for (i, location) in self.locations.iter().enumerate() {
            let field = |part: &str| format!("locations[{i}].{part}");
            named(&field("id"), LocationId::parse(location.id.as_str()))?;
            named(&field("pipelineId"), PipelineId::parse(location.pipeline.as_str()))?;
            if let Some(given) = &location.token {
                named(&field("token"), token(given.expose()))?;
            }
            if let Some(realtime) = &location.realtime {
                within(&field("realtime"), realtime.check())?;
            }
            if !seen.insert(&location.id) {
                let again = format_args!("expected each location once, got {} again", location.id);
                return Err(Error::config(field("id"), again));
            }
            if let Some(status) = location.stages.keys().find(|status| !self.model.is_open(status)) {
                let expected = format_args!("expected statuses of the path, got `{status}`");
                return Err(Error::config(field("stages"), expected));
            }
        }
        Ok(())
    }

    /// The settings of a location; `None` stands for the only one.
    ///
    /// # Errors
    /// `invalid_argument`, field `locationId`: it is not configured, or none is named where there are several.
    pub fn location(&self, id: Option<&LocationId>) -> Result<&LocationConfig> {
        match (id, self.locations.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => {
                Err(Error::invalid("locationId", "expected one, as several locations are configured"))
            }
            (Some(id), locations) => locations.iter().find(|location| location.id == *id).ok_or_else(|| {
                Error::invalid("locationId", format_args!("expected a configured location, got {id}"))
            }),
        }
    }

    /// What the configuration says about orders.
    pub fn order_rules(&self) -> OrderRules {
        OrderRules { currency: self.currency }
    }
}

/// A token travels in a header, so it must be visible ASCII.
fn token(text: &str) -> Result<Secret> {
    if text.is_empty() || text.len() > 8 * 1024 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::config("token", "expected a token of visible ASCII characters, such as pit-…"));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests;
