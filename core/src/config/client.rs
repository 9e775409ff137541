use std::{sync::Arc, time::Duration};

use serde::Deserialize;

use super::{
    DEFAULT_BASE_URL,
    settings::Settings,
    token,
    vars::{Vars, setting},
};
use crate::{
    client::{self, ApiVersion, AppInfo, Client, ClientBuilder, Shares, StaticTokens},
    error::{Error, Result},
    ids::LocationId,
    policy::retry::RetryPolicy,
    ports::{Clock, Entropy, HttpTransport, TokenSource},
    secret::Secret,
};

/// The longest time-out of a call, in milliseconds: 10 minutes.
pub const MAX_TIMEOUT_MS: u64 = 10 * 60 * 1000;
/// The most retries of a call.
pub const MAX_RETRIES: u32 = 9;
/// The largest limit on a reply, in bytes: 64 MiB.
pub const MAX_REPLY_BYTES: usize = 64 * 1024 * 1024;

/// What is set for a client alone, in JSON; what is left out comes from the environment or is the default.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ClientOptions {
    /// The token calls are authorized with. Default: `GOHIGHLEVEL_API_KEY`.
    pub token: Option<Secret>,
    /// The location of calls that name none. Default: `GOHIGHLEVEL_LOCATION_ID`, else none.
    pub location_id: Option<String>,
    /// The API's host. Default: `GHL_BASE_URL`, else HighLevel's.
    pub base_url: Option<String>,
    /// `v3` to speak version 3 of the API. Default: `GHL_API_VERSION`, else each operation's own version by date.
    #[cfg_attr(feature = "ts", ts(optional, type = "'v3'"))]
    pub api_version: Option<String>,
    /// How long one try of a call may take, in milliseconds; 1 to 600,000. Default: 10,000.
    pub timeout_ms: Option<u64>,
    /// How often a call is tried again after its first try; 0 to 9. Default: 2.
    pub max_retries: Option<u32>,
    /// How far GHL's searches lag behind at most, in milliseconds; 0 to 600,000. So long a create whose reply was lost is
    /// looked for before it is sent again. Default: 10,000.
    pub search_lag_ms: Option<u64>,
    /// The largest reply that is read, in bytes; 1 to 67,108,864. Default: 16,777,216.
    pub max_reply_bytes: Option<usize>,
    /// The application, as it is named in `User-Agent` behind this package. Default: not named.
    pub app_info: Option<AppInfo>,
}

/// The checked settings of a client. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// The token calls are authorized with; `None` where the client is built on another source of tokens.
    pub token: Option<Secret>,
    /// The location of calls that name none.
    pub location: Option<LocationId>,
    /// Where calls go, without a `/` at the end.
    pub base_url: String,
    /// Which version of the API is spoken.
    pub api_version: ApiVersion,
    /// How long one try may take; `None`: the client's default.
    pub timeout: Option<Duration>,
    /// How far GHL's searches lag behind at most; `None`: the client's default.
    pub search_lag: Option<Duration>,
    /// How often a call is tried again; `None`: the client's default.
    pub max_retries: Option<u32>,
    /// The largest reply, in bytes; `None`: the client's default.
    pub max_reply_bytes: Option<usize>,
    /// The application, if it is named.
    pub app_info: Option<AppInfo>,
}

impl ClientSettings {
    /// Reads `{ "options": …, "env": { NAME: value } }`: what [`ClientOptions`] leave out comes from the
    /// variables in `env`.
    ///
    /// # Errors
    /// `invalid_argument`, whose field is an option of the wrong type or an unknown one; `config`, whose
    /// field is the option or variable that is missing or malformed.
    pub fn from_json(json: &str) -> Result<Self> {
        let Settings { options, env }: Settings<ClientOptions> = Settings::read(json)?;
        let source = |name: &str| env.get(name);
        let vars = Vars::behind_options(&source);
        let given = options.token.as_ref().map(Secret::expose);
        let token = vars.need(setting::TOKEN, given, token)?;
        Self::read(options, Some(token), &vars)
    }

    /// The same for a client whose tokens come from elsewhere; see [`ClientSettings::build_on`].
    ///
    /// # Errors
    /// As [`ClientSettings::from_json`], and `config`, field `token`, if there is one.
    pub fn without_token(json: &str) -> Result<Self> {
        let Settings { options, env }: Settings<ClientOptions> = Settings::read(json)?;
        if options.token.is_some() {
            return Err(Error::config("token", "expected none, as the app's own tokens are used"));
        }
        let source = |name: &str| env.get(name);
        Self::read(options, None, &Vars::behind_options(&source))
    }

    /// The settings from variables: `GOHIGHLEVEL_API_KEY` (required), `GOHIGHLEVEL_LOCATION_ID`,
    /// `GHL_BASE_URL`, `GHL_API_VERSION`.
    ///
    /// # Errors
    /// `config`, whose field is the variable.
    pub fn from_vars(vars: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let source = |name: &str| Ok(vars(name));
        let vars = Vars::new(&source);
        let token = vars.need(setting::TOKEN, None, token)?;
        Self::read(ClientOptions::default(), Some(token), &vars)
    }

    fn read(options: ClientOptions, token: Option<Secret>, vars: &Vars<'_>) -> Result<Self> {
        Ok(Self {
            token,
            location: vars.either(setting::LOCATION, options.location_id.as_deref(), LocationId::parse)?,
            base_url: vars
                .either(setting::BASE_URL, options.base_url.as_deref(), client::base_url)?
                .unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
            api_version: vars
                .either(setting::API_VERSION, options.api_version.as_deref(), ApiVersion::parse)?
                .unwrap_or_default(),
            timeout: bounded("timeoutMs", options.timeout_ms, 1, MAX_TIMEOUT_MS)?.map(Duration::from_millis),
            search_lag: bounded("searchLagMs", options.search_lag_ms, 0, MAX_TIMEOUT_MS)?
                .map(Duration::from_millis),
            max_retries: bounded("maxRetries", options.max_retries, 0, MAX_RETRIES)?,
            max_reply_bytes: bounded("maxReplyBytes", options.max_reply_bytes, 1, MAX_REPLY_BYTES)?,
            app_info: options.app_info,
        })
    }

    /// The client over these ports, and the location of calls that name none. Limits are shared where `shares` are
    /// given; see [`Client::keep_shares`].
    ///
    /// # Errors
    /// `config`, field `token`, where there is none; as [`ClientSettings::build_on`].
    pub fn build(
        mut self,
        shares: Option<Arc<dyn Shares>>,
        transport: Arc<dyn HttpTransport>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<(Client, Option<LocationId>)> {
        let token = self.token.take().ok_or_else(|| Error::config("token", setting::TOKEN.purpose))?;
        self.build_on(Arc::new(StaticTokens::for_any(token)), shares, transport, clock, entropy)
    }

    /// The client on a source of tokens, such as those of an app, over these ports, and the location of calls
    /// that name none. Limits are shared where `shares` are given; see [`Client::keep_shares`].
    ///
    /// # Errors
    /// `config`, for what cannot stand in a `User-Agent`, field e.g. `appInfo.name`; for a base URL that was changed in
    /// code.
    pub fn build_on(
        self,
        tokens: Arc<dyn TokenSource>,
        shares: Option<Arc<dyn Shares>>,
        transport: Arc<dyn HttpTransport>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<(Client, Option<LocationId>)> {
        let mut client = ClientBuilder::new(transport, clock, entropy, tokens)
            .base_url(self.base_url)
            .api_version(self.api_version);
        if let Some(shares) = shares {
            client = client.shares(shares);
        }
        if let Some(timeout) = self.timeout {
            client = client.timeout(timeout);
        }
        if let Some(lag) = self.search_lag {
            client = client.search_lag(lag);
        }
        if let Some(retries) = self.max_retries {
            client = client.retry(RetryPolicy { tries: retries.saturating_add(1), ..RetryPolicy::default() });
        }
        if let Some(bytes) = self.max_reply_bytes {
            client = client.max_reply_bytes(bytes);
        }
        if let Some(app) = self.app_info {
            client = client.app_info(app);
        }
        Ok((client.build()?, self.location))
    }
}

fn bounded<T: PartialOrd + From<u8> + std::fmt::Display>(
    option: &str,
    given: Option<T>,
    least: u8,
    most: T,
) -> Result<Option<T>> {
    match given {
        Some(value) if value < T::from(least) || value > most => {
            Err(Error::config(option, format_args!("expected {least} to {most}, got {value}")))
        }
        given => Ok(given),
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::{
        Code,
        client::ApiRequest,
        ports::Method,
        testing::{ManualClock, ScriptedTransport, SeededEntropy, Step},
    };

    const ENV: &str = r#""env":{"GOHIGHLEVEL_API_KEY":"pit-env","GOHIGHLEVEL_LOCATION_ID":"loc-env",
        "GHL_BASE_URL":"http://127.0.0.1:1/","OTHER":{"a":1}}"#;

    fn read(options: &str) -> Result<ClientSettings> {
        ClientSettings::from_json(&format!(r#"{{"options":{options},{ENV}}}"#))
    }

    #[test]
    fn options_go_before_the_environment() {
        let from_env = read("{}").unwrap();
        assert_eq!(
            (from_env.token.unwrap().expose(), from_env.base_url.as_str()),
            ("pit-env", "http://127.0.0.1:1")
        );
        assert_eq!(from_env.location, Some(LocationId::new("loc-env")));
        let given =
            read(r#"{"token":"pit-1","locationId":"loc1","baseUrl":"https://ghl.example.com"}"#).unwrap();
        assert_eq!(
            (given.token.unwrap().expose(), given.base_url.as_str()),
            ("pit-1", "https://ghl.example.com")
        );
        assert_eq!(given.location, Some(LocationId::new("loc1")));
        let alone = ClientSettings::from_json(r#"{"options":{"token":"pit-1"}}"#).unwrap();
        assert_eq!((alone.location, alone.base_url.as_str()), (None, DEFAULT_BASE_URL));
        let vars =
            ClientSettings::from_vars(|name| (name == "GOHIGHLEVEL_API_KEY").then(|| "pit-2".to_owned()));
        assert_eq!(vars.unwrap().token.unwrap().expose(), "pit-2");
    }

    #[test]
    fn a_client_of_an_app_takes_no_token() {
        let json = |options: &str| format!(r#"{{"options":{options},{ENV}}}"#);
        let settings = ClientSettings::without_token(&json("{}")).unwrap();
        assert!(settings.token.is_none(), "nor that of the environment");
        assert_eq!(settings.location, Some(LocationId::new("loc-env")));
        let error = ClientSettings::without_token(&json(r#"{"token":"pit-1"}"#)).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some("token")));
        let clock = ManualClock::new(0);
        let transport = Arc::new(ScriptedTransport::new(clock.clone()));
        let error =
            settings.build(None, transport, Arc::new(clock), Arc::new(SeededEntropy::new(1))).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some("token")));
    }

    #[test]
    fn what_is_set_is_what_the_client_does() {
        let clock = ManualClock::new(0);
        let transport = ScriptedTransport::new(clock.clone());
        transport.otherwise(Step::reply(500, "{}"));
        let settings =
            read(r#"{"token":"pit-1","timeoutMs":1234,"maxRetries":0,"maxReplyBytes":99,"appInfo":{"name":"shop","version":"1.0"}}"#).unwrap();
        let (client, location) = settings
            .build(None, Arc::new(transport.clone()), Arc::new(clock), Arc::new(SeededEntropy::new(1)))
            .unwrap();
        assert_eq!(location, Some(LocationId::new("loc-env")));
        // The token serves whatever location a call names.
        let request = ApiRequest::<serde_json::Value>::new(Method::Get, &["contacts", "con1"]);
        let error = block_on(client.send(&LocationId::new("another"), &request)).unwrap_err();
        assert_eq!(error.code(), Code::Server);
        let [sent] = &transport.sent()[..] else { panic!("{:?}", transport.sent()) };
        assert_eq!((sent.request.timeout, sent.request.max_reply_bytes), (Duration::from_millis(1234), 99));
        assert_eq!(sent.request.url, "http://127.0.0.1:1/contacts/con1");
        assert_eq!(sent.request.header("authorization"), Some("Bearer pit-1"));
        assert_eq!(
            sent.request.header("user-agent"),
            Some(concat!("ghlkit/", env!("CARGO_PKG_VERSION"), " shop/1.0"))
        );
    }

    #[test]
    fn an_error_names_option_or_variable_and_shows_no_secret() {
        use Code::{Config, InvalidArgument};
        for (options, code, field) in [
            (r#"{"token":"a 5ecret"}"#, Config, "token"),
            (r#"{"token":""}"#, Config, "token"),
            (r#"{"token":["5ecret"]}"#, InvalidArgument, "token"),
            (r#"{"locationId":"a/b"}"#, Config, "locationId"),
            (r#"{"baseUrl":"http://5ecret@example.com"}"#, Config, "baseUrl"),
            (r#"{"apiVersion":"5ecret"}"#, Config, "apiVersion"),
            (r#"{"apiVersion":3}"#, InvalidArgument, "apiVersion"),
            (r#"{"timeoutMs":0}"#, Config, "timeoutMs"),
            (r#"{"timeoutMs":600001}"#, Config, "timeoutMs"),
            (r#"{"timeoutMs":"5ecret"}"#, InvalidArgument, "timeoutMs"),
            (r#"{"timeoutMs":-1}"#, InvalidArgument, "timeoutMs"),
            (r#"{"searchLagMs":600001}"#, Config, "searchLagMs"),
            (r#"{"maxRetries":-1}"#, InvalidArgument, "maxRetries"),
            (r#"{"maxRetries":10}"#, Config, "maxRetries"),
            (r#"{"maxReplyBytes":0}"#, Config, "maxReplyBytes"),
            (r#"{"maxReplyBytes":67108865}"#, Config, "maxReplyBytes"),
            (r#"{"apiKey":"5ecret"}"#, InvalidArgument, "apiKey"),
            (r#"{"appInfo":{}}"#, InvalidArgument, "appInfo.name"),
            (r#"{"appInfo":{"name":"a","site":"5ecret"}}"#, InvalidArgument, "appInfo.site"),
            (r#""5ecret""#, InvalidArgument, "options"),
        ] {
            let error = read(options).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, Some(field)), "{options}: {error}");
            assert!(error.message().starts_with(&format!("{field}: ")), "{error}");
            assert!(!format!("{error:?}").contains("5ecret"), "{error:?}");
        }
        let error =
            ClientSettings::from_json(r#"{"options":{},"env":{"GOHIGHLEVEL_API_KEY":" "}}"#).unwrap_err();
        assert_eq!((error.code(), error.field()), (Config, Some("token")));
        let says =
            "token: is not set, nor is GOHIGHLEVEL_API_KEY; it is the location's Private Integration token";
        assert_eq!(error.message(), says);
        for (json, field) in [
            (r#"{"options":{},"env":{"GOHIGHLEVEL_API_KEY":"a 5ecret"}}"#, "GOHIGHLEVEL_API_KEY"),
            (r#"{"options":{},"env":{"GOHIGHLEVEL_API_KEY":55}}"#, "GOHIGHLEVEL_API_KEY"),
            (r#"{"options":{"token":"t"},"env":{"GHL_BASE_URL":"5ecret"}}"#, "GHL_BASE_URL"),
            (r#"{"options":{"token":"t"},"env":{"GHL_API_VERSION":"5ecret"}}"#, "GHL_API_VERSION"),
        ] {
            let error = ClientSettings::from_json(json).unwrap_err();
            assert_eq!((error.code(), error.field()), (Config, Some(field)), "{json}: {error}");
            assert!(!format!("{error:?}").contains("5ecret"), "{error:?}");
        }
        assert!(!format!("{:?}", read(r#"{"token":"5ecret"}"#).unwrap()).contains("5ecret"));
    }
}
