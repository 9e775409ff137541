use serde::Deserialize;

use super::vars::{Vars, named};
use crate::{
    error::{Error, Result},
    secret::Secret,
    sse::OrderTokens,
};

const MINUTE_MS: i64 = 60_000;
const DEFAULT_PING_MS: i64 = 15_000;
const DEFAULT_RETRY_MS: i64 = 1_000;
const DEFAULT_MAX_STREAMS: usize = 10_000;
const SECRETS: &str = "GHLKIT_EVENTS_SECRETS";

/// How what happens to orders is streamed to browsers, as server-sent events.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EventOptions {
    /// What customers' tokens are signed with, of 32 bytes or more each: the first signs, all are accepted. Default:
    /// `GHLKIT_EVENTS_SECRETS`, a comma list; without any, no token is issued or accepted.
    pub secrets: Option<Vec<Secret>>,
    /// The origins, e.g. `https://shop.example`, whose pages may read the streams; `*` for all. Default: the page's own alone.
    pub cors_origins: Option<Vec<String>>,
    /// How often an idle stream says that it lives, in milliseconds; 1,000 to 60,000, default 15,000.
    pub ping_ms: Option<i64>,
    /// A stream ends after this many milliseconds at the latest, before the platform cuts it; the browser goes on with another.
    /// 1,000 to 86,400,000, default none.
    pub max_ms: Option<i64>,
    /// After how many milliseconds a browser comes back at the earliest; each is told a time of its own, up to 10 s later, so that
    /// not all come at once. 0 to 60,000, default 1,000.
    pub retry_ms: Option<i64>,
    /// How many streams a process has open at once at most; further browsers are told to come back later. 1 to 1,000,000, default
    /// 10,000.
    pub max_streams: Option<usize>,
}

/// The same, checked.
#[derive(Debug, Clone)]
pub struct Events {
    tokens: Option<OrderTokens>,
    /// The origins whose pages may read the streams; `*` for all.
    pub cors_origins: Vec<String>,
    /// How often an idle stream says that it lives, in milliseconds.
    pub ping_ms: i64,
    /// A stream ends after this many milliseconds at the latest.
    pub max_ms: Option<i64>,
    /// After how many milliseconds a browser comes back at the earliest.
    pub retry_ms: i64,
    /// How many streams a process has open at once at most.
    pub max_streams: usize,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            tokens: None,
            cors_origins: Vec::new(),
            ping_ms: DEFAULT_PING_MS,
            max_ms: None,
            retry_ms: DEFAULT_RETRY_MS,
            max_streams: DEFAULT_MAX_STREAMS,
        }
    }
}

impl Events {
    /// Checks the options.
    ///
    /// # Errors
    /// `config`, field e.g. `events.pingMs`.
    pub fn new(options: EventOptions) -> Result<Self> {
        let within = |field: &str, given: Option<i64>, least: i64, most: i64| {
            given.map_or(Ok(()), |value| {
                let expected =
                    || Error::config(field, format_args!("expected {least} to {most}, got {value}"));
                if (least..=most).contains(&value) { Ok(()) } else { Err(expected()) }
            })
        };
        within("events.pingMs", options.ping_ms, 1_000, MINUTE_MS)?;
        within("events.maxMs", options.max_ms, 1_000, 24 * 60 * MINUTE_MS)?;
        within("events.retryMs", options.retry_ms, 0, MINUTE_MS)?;
        let streams = options.max_streams.map(|most| i64::try_from(most).unwrap_or(i64::MAX));
        within("events.maxStreams", streams, 1, 1_000_000)?;
        let cors_origins = options.cors_origins.unwrap_or_default();
        for (i, origin) in cors_origins.iter().enumerate() {
            if !is_origin(origin) {
                let expected = "expected an origin such as https://shop.example, without a path, or `*`";
                return Err(Error::config(format!("events.corsOrigins[{i}]"), expected));
            }
        }
        Ok(Self {
            tokens: options.secrets.map(OrderTokens::new).transpose()?,
            cors_origins,
            ping_ms: options.ping_ms.unwrap_or(DEFAULT_PING_MS),
            max_ms: options.max_ms,
            retry_ms: options.retry_ms.unwrap_or(DEFAULT_RETRY_MS),
            max_streams: options.max_streams.unwrap_or(DEFAULT_MAX_STREAMS),
        })
    }

    /// The options, with the secrets of the environment where they have none.
    pub(super) fn read(mut options: EventOptions, vars: &Vars<'_>) -> Result<Self> {
        if options.secrets.is_none() {
            let list = vars.get(SECRETS)?;
            let secrets = list.map(|list| list.split(',').map(|secret| Secret::new(secret.trim())).collect());
            let tokens = secrets.map(|secrets| named(SECRETS, OrderTokens::new(secrets))).transpose()?;
            return Ok(Self { tokens, ..Self::new(options)? });
        }
        options.secrets = options.secrets.filter(|secrets| !secrets.is_empty());
        Self::new(options)
    }

    /// What issues and checks customers' tokens.
    ///
    /// # Errors
    /// `config`, field `events.secrets`, where there is none.
    pub fn tokens(&self) -> Result<&OrderTokens> {
        let missing = || {
            let purpose = "what customers' tokens are signed with";
            Error::config("events.secrets", format_args!("is not set, nor is {SECRETS}; it is {purpose}"))
        };
        self.tokens.as_ref().ok_or_else(missing)
    }

    /// What `Access-Control-Allow-Origin` says to a page of this origin; `None`: nothing.
    pub fn allowed_origin<'a>(&self, origin: &'a str) -> Option<&'a str> {
        let allowed = |allowed: &String| allowed == "*" || allowed == origin;
        self.cors_origins.iter().any(allowed).then_some(origin)
    }
}

fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let fits = |host: &str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    };
    text == "*" || host.is_some_and(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, secrets: Option<&str>) -> Result<Events> {
        let source = |name: &str| Ok(secrets.filter(|_| name == SECRETS).map(str::to_owned));
        Events::read(serde_json::from_str(json).unwrap(), &Vars::new(&source))
    }

    #[test]
    fn options_go_before_the_environment() {
        let (a, b) = ("a".repeat(32), "b".repeat(32));
        assert_eq!(read("{}", None).unwrap().tokens().unwrap_err().field(), Some("events.secrets"));
        assert!(read("{}", Some(&format!("{a}, {b}"))).unwrap().tokens().is_ok());
        assert!(read(&format!(r#"{{"secrets":["{a}"]}}"#), Some("weak")).unwrap().tokens().is_ok());
        let error = read("{}", Some("weak")).unwrap_err();
        assert!(error.field() == Some(SECRETS) && !error.message().contains("weak"), "{error}");
        let none = read(r#"{"secrets":[]}"#, Some(&a)).unwrap();
        assert!(none.tokens().is_err(), "an empty list turns tokens off");
    }

    #[test]
    fn an_error_names_the_option() {
        for (options, field) in [
            (r#"{"secrets":["short"]}"#, "events.secrets"),
            (r#"{"pingMs":999}"#, "events.pingMs"),
            (r#"{"pingMs":60001}"#, "events.pingMs"),
            (r#"{"maxMs":999}"#, "events.maxMs"),
            (r#"{"maxMs":86400001}"#, "events.maxMs"),
            (r#"{"retryMs":-1}"#, "events.retryMs"),
            (r#"{"retryMs":60001}"#, "events.retryMs"),
            (r#"{"maxStreams":0}"#, "events.maxStreams"),
            (r#"{"maxStreams":1000001}"#, "events.maxStreams"),
            (r#"{"corsOrigins":["https://a.example","https://a.example/"]}"#, "events.corsOrigins[1]"),
            (r#"{"corsOrigins":["a.example"]}"#, "events.corsOrigins[0]"),
            (r#"{"corsOrigins":["https://a.example\r\nx: y"]}"#, "events.corsOrigins[0]"),
        ] {
            assert_eq!(read(options, None).unwrap_err().field(), Some(field), "{options}");
        }
    }

    #[test]
    fn only_pages_of_the_named_origins_may_read() {
        let ours = read(r#"{"corsOrigins":["https://a.example"]}"#, None).unwrap();
        assert_eq!(ours.allowed_origin("https://a.example"), Some("https://a.example"));
        for other in ["http://a.example", "https://a.example.evil", "null", ""] {
            assert_eq!(ours.allowed_origin(other), None);
        }
        assert_eq!(read(r#"{"corsOrigins":["*"]}"#, None).unwrap().allowed_origin("null"), Some("null"));
        assert_eq!(Events::default().allowed_origin("https://a.example"), None);
    }
}
