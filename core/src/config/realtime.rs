use std::collections::BTreeSet;

use serde::Deserialize;

use super::{
    token,
    vars::{Setting, Vars, as_setting},
};
use crate::{
    client,
    error::{Error, Result},
    json::within,
    secret::Secret,
};

const URL: &str = "GHLKIT_REALTIME_URL";
const TOKEN: &str = "GHLKIT_REALTIME_TOKEN";
/// The longest delay between connections, in milliseconds: an hour.
const MAX_DELAY_MS: u64 = 3_600_000;
/// Where Engine.IO is, unless its server was told otherwise.
const DEFAULT_PATH: &str = "/socket.io/";

/// Where events are listened to over Socket.IO: a relay or gateway of your own, as GHL publishes none. Webhooks and
/// `reconcile` are the supported way in; this is one beside them.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RealtimeOptions {
    /// The server, and behind it the namespace, as Socket.IO's own client takes it: `wss://relay.example.com/socket`; `ws://`
    /// for this machine only. Default: `GHLKIT_REALTIME_URL`.
    pub url: Option<String>,
    /// Says who listens. Default: `GHLKIT_REALTIME_TOKEN`, else nothing is sent.
    pub token: Option<Secret>,
    /// Where the token is sent. Default: `auth`.
    pub token_in: Option<TokenPlace>,
    /// The path of the server's Engine.IO. Default: `/socket.io/`.
    pub path: Option<String>,
    /// The events that are taken, e.g. `contact.updated`. Default: all that are about a contact, an opportunity or an
    /// appointment.
    pub events: Option<Vec<String>>,
    /// How long the first wait for another connection is at most, in milliseconds; 10 to 3,600,000. Default: 10,000.
    pub reconnect_delay_ms: Option<u64>,
    /// How long any wait for another connection is at most, in milliseconds; up to 3,600,000. Default: 60,000.
    pub reconnect_delay_max_ms: Option<u64>,
}

/// Where a token is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "RealtimeTokenPlace"))]
#[serde(rename_all = "lowercase")]
pub enum TokenPlace {
    /// As `auth.token`, when the namespace is joined.
    #[default]
    Auth,
    /// As `Authorization: Bearer …`, when the connection is made.
    Header,
    /// Both.
    Both,
}

/// Where events are listened to, checked.
#[derive(Debug, Clone)]
pub struct Realtime {
    /// The server: `wss://…` or, on this machine, `ws://…`, without a path.
    pub origin: String,
    /// The path of its Engine.IO.
    pub path: String,
    /// What is joined there.
    pub namespace: String,
    /// Says who listens.
    pub token: Option<Secret>,
    /// Where that is sent.
    pub token_in: TokenPlace,
    /// The events that are taken; `None` for all that concern orders.
    pub events: Option<BTreeSet<String>>,
    /// How long the first wait for another connection is at most, in milliseconds.
    pub reconnect_delay_ms: u64,
    /// How long any is.
    pub reconnect_delay_max_ms: u64,
}

impl RealtimeOptions {
    /// Checks options that stand alone.
    ///
    /// # Errors
    /// `config`, field e.g. `url`.
    pub fn build(self) -> Result<Realtime> {
        let missing = || Error::config("url", "is not set");
        Self::named(Some(self), "", &Vars::none())?.ok_or_else(missing)
    }

    /// Checks the options, called `prefix` and `realtime`; where none are given the variables decide, which may leave it off.
    pub(super) fn read(given: Option<Self>, prefix: &str, vars: &Vars<'_>) -> Result<Option<Realtime>> {
        Self::named(given, &format!("{prefix}realtime."), vars)
    }

    /// The same, each called what it is after `whole`.
    fn named(given: Option<Self>, whole: &str, vars: &Vars<'_>) -> Result<Option<Realtime>> {
        let (options, asked) = (given.clone().unwrap_or_default(), given.is_some());
        let (url, key) = (format!("{whole}url"), format!("{whole}token"));
        let url = Setting { option: &url, variable: URL, purpose: "the Socket.IO server to listen to" };
        let key = Setting { option: &key, variable: TOKEN, purpose: "the token for it" };
        let address = match vars.either(url, options.url.as_deref(), address)? {
            Some(address) => address,
            None if asked => vars.need(url, None, address)?,
            None => return Ok(None),
        };
        let token = vars.either(key, options.token.as_ref().map(Secret::expose), token)?;
        let checked = options.checked(address, token);
        match whole.strip_suffix('.') {
            Some(whole) => within(whole, checked).map_err(as_setting),
            None => checked,
        }
        .map(Some)
    }

    fn checked(self, (origin, namespace): (String, String), token: Option<Secret>) -> Result<Realtime> {
        let first = self.reconnect_delay_ms.unwrap_or(10_000);
        let realtime = Realtime {
            origin,
            path: self.path.unwrap_or_else(|| DEFAULT_PATH.to_owned()),
            namespace,
            token,
            token_in: self.token_in.unwrap_or_default(),
            events: self.events.map(|events| {
                let mut set = BTreeSet::new();
                set.extend(events);
                set
            }),
            reconnect_delay_ms: first,
            reconnect_delay_max_ms: self.reconnect_delay_max_ms.unwrap_or(60_000).max(first),
        };
        realtime.check()?;
        Ok(realtime)
    }
}

impl Realtime {
    /// Checks what was set in code.
    ///
    /// # Errors
    /// `config`, field e.g. `url`.
    pub fn check(&self) -> Result<()> {
        let (origin, namespace) = address(&format!("{}{}", self.origin, self.namespace))?;
        if (&origin, &namespace) != (&self.origin, &self.namespace) {
            return Err(not_an_address());
        }
        let path = &self.path;
        if !path.starts_with('/')
            || path.len() > 256
            || path.bytes().any(|b| !b.is_ascii_graphic() || b"?#".contains(&b))
        {
            return Err(Error::config("path", "expected a path such as /socket.io/, without query"));
        }
        if let Some(given) = &self.token {
            token(given.expose())?;
        }
        let known = |name: &String| (1..=100).contains(&name.len());
        if self.events.as_ref().is_some_and(|events| events.is_empty() || !events.iter().all(known)) {
            return Err(Error::config("events", "expected the names of events, of up to 100 bytes each"));
        }
        let delays = [
            ("reconnectDelayMs", self.reconnect_delay_ms, 10),
            ("reconnectDelayMaxMs", self.reconnect_delay_max_ms, self.reconnect_delay_ms),
        ];
        for (field, delay, least) in delays {
            if !(least..=MAX_DELAY_MS).contains(&delay) {
                return Err(Error::config(
                    field,
                    format_args!("expected {least} to {MAX_DELAY_MS}, got {delay}"),
                ));
            }
        }
        Ok(())
    }
}

/// The origin and the namespace of a URL. It may hold a secret by mistake, so no error shows it.
fn address(url: &str) -> Result<(String, String)> {
    let wrong = not_an_address;
    let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
    let (web, socket) = match scheme {
        "wss" | "https" => ("https", "wss"),
        "ws" | "http" => ("http", "ws"),
        _ => return Err(wrong()),
    };
    let checked = client::base_url(&format!("{web}://{rest}")).map_err(|_| wrong())?;
    let rest = checked.split_once("://").map(|(_, rest)| rest).ok_or_else(wrong)?;
    let (host, namespace) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if namespace.contains(',') || namespace.len() > 256 {
        return Err(wrong());
    }
    let namespace = if namespace.is_empty() { "/" } else { namespace };
    Ok((format!("{socket}://{host}"), namespace.to_owned()))
}

fn not_an_address() -> Error {
    let expected = "expected a URL such as wss://relay.example.com/socket, without credentials and query; ws:// is for this \
         machine only";
    Error::config("url", expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, config::Config};

    fn read(realtime: &str, env: &str) -> Result<Option<Realtime>> {
        let json = format!(
            r#"{{"options":{{"token":"t","locationId":"l","pipelineId":"p"{realtime}}},"env":{{{env}}}}}"#
        );
        Config::from_json(&json).map(|config| config.locations.into_iter().next().unwrap().realtime)
    }

    #[test]
    fn it_is_off_unless_there_is_a_url() {
        assert!(read("", "").unwrap().is_none());
        assert!(read("", r#""GHLKIT_REALTIME_TOKEN":"t""#).unwrap().is_none());
        let error = read(r#","realtime":{"token":"t"}"#, "").unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some("realtime.url")));
        assert!(error.message().contains("GHLKIT_REALTIME_URL"), "{error}");
    }

    #[test]
    fn the_url_names_server_and_namespace() {
        for (url, origin, namespace) in [
            ("wss://relay.example.com/socket", "wss://relay.example.com", "/socket"),
            ("https://relay.example.com:8443/a/b/", "wss://relay.example.com:8443", "/a/b"),
            ("wss://relay.example.com", "wss://relay.example.com", "/"),
            ("ws://127.0.0.1:3000/", "ws://127.0.0.1:3000", "/"),
        ] {
            let realtime = read(&format!(r#","realtime":{{"url":"{url}"}}"#), "").unwrap().unwrap();
            assert_eq!((realtime.origin.as_str(), realtime.namespace.as_str()), (origin, namespace));
            let by_variable =
                read("", &format!(r#""GHLKIT_REALTIME_URL":"{url}","GHLKIT_REALTIME_TOKEN":"k""#));
            let by_variable = by_variable.unwrap().unwrap();
            assert_eq!((by_variable.origin.as_str(), by_variable.namespace.as_str()), (origin, namespace));
            assert_eq!(by_variable.token.unwrap().expose(), "k");
        }
        let realtime =
            read(r#","realtime":{"url":"wss://a.example","reconnectDelayMs":70000}"#, "").unwrap().unwrap();
        assert_eq!((realtime.path.as_str(), realtime.token_in), ("/socket.io/", TokenPlace::Auth));
        assert_eq!((realtime.reconnect_delay_ms, realtime.reconnect_delay_max_ms), (70_000, 70_000));
        assert!(realtime.token.is_none() && realtime.events.is_none());
    }

    #[test]
    fn what_is_wrong_is_named_and_not_shown() {
        for (options, field) in [
            (r#""url":"wss://user:5ecret@a.example""#, "url"),
            (r#""url":"wss://a.example/socket?token=5ecret""#, "url"),
            (r#""url":"wss://a.example/#5ecret""#, "url"),
            (r#""url":"ws://a.example/socket""#, "url"),
            (r#""url":"ftp://a.example""#, "url"),
            (r#""url":"a.example/5ecret""#, "url"),
            (r#""url":"wss://a.example/a,b""#, "url"),
            (r#""url":"""#, "url"),
            (r#""url":"wss://a.example","token":"5ecret 5ecret""#, "token"),
            (r#""url":"wss://a.example","path":"socket.io""#, "path"),
            (r#""url":"wss://a.example","path":"/a?token=5ecret""#, "path"),
            (r#""url":"wss://a.example","events":[]"#, "events"),
            (r#""url":"wss://a.example","events":[""]"#, "events"),
            (r#""url":"wss://a.example","reconnectDelayMs":9"#, "reconnectDelayMs"),
            (r#""url":"wss://a.example","reconnectDelayMaxMs":3600001"#, "reconnectDelayMaxMs"),
        ] {
            let error = read(&format!(r#","realtime":{{{options}}}"#), "").unwrap_err();
            assert_eq!(error.field(), Some(format!("realtime.{field}").as_str()), "{options}");
            assert!(!format!("{error:?}").contains("5ecret"), "{error:?}");
        }
        for (options, field) in [(r#""tokenIn":"url""#, "tokenIn"), (r#""host":"x""#, "host")] {
            let error = read(&format!(r#","realtime":{{{options}}}"#), "").unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                (Code::InvalidArgument, Some(format!("realtime.{field}").as_str()))
            );
        }
        let error = read("", r#""GHLKIT_REALTIME_URL":"wss://a.example?t=5ecret""#).unwrap_err();
        assert_eq!(error.field(), Some("GHLKIT_REALTIME_URL"));
        let shown = read(r#","realtime":{"url":"wss://a.example","token":"5ecret"}"#, "").unwrap();
        assert!(!format!("{shown:?}").contains("5ecret"));
    }

    #[test]
    fn what_is_set_in_code_is_checked_too() {
        let good = read(r#","realtime":{"url":"wss://a.example/socket","token":"t"}"#, "").unwrap().unwrap();
        type Change = fn(&mut Realtime);
        let table: [(&str, Change); 7] = [
            ("url", |realtime| realtime.origin = "wss://a.example/more".to_owned()),
            ("url", |realtime| realtime.origin = "ws://a.example".to_owned()),
            ("url", |realtime| realtime.namespace = "socket".to_owned()),
            ("path", |realtime| realtime.path = "/a?b".to_owned()),
            ("token", |realtime| realtime.token = Some(Secret::new("5ecret\n"))),
            ("reconnectDelayMs", |realtime| realtime.reconnect_delay_ms = 0),
            ("reconnectDelayMaxMs", |realtime| realtime.reconnect_delay_max_ms = 1),
        ];
        for (field, change) in table {
            let json = r#"{"options":{"token":"t","locationId":"l","pipelineId":"p"}}"#;
            let mut config = Config::from_json(json).unwrap();
            let mut realtime = good.clone();
            change(&mut realtime);
            config.locations[0].realtime = Some(realtime);
            let error = config.check().unwrap_err();
            assert_eq!(error.field(), Some(format!("locations[0].realtime.{field}").as_str()), "{error}");
        }
    }

    #[test]
    fn each_of_several_locations_has_its_own() {
        let json = r#"{"options":{"locations":[
            {"id":"a","token":"t","pipelineId":"p","realtime":{"url":"wss://a.example"}},
            {"id":"b","token":"t","pipelineId":"p"}]},"env":{"GHLKIT_REALTIME_URL":"wss://b.example"}}"#;
        let listens: Vec<bool> =
            Config::from_json(json).unwrap().locations.iter().map(|one| one.realtime.is_some()).collect();
        assert_eq!(listens, [true, false]);
        let error = Config::from_json(&json.replace("wss://a", "ws://a")).unwrap_err();
        assert_eq!(error.field(), Some("locations[0].realtime.url"));
    }
}
