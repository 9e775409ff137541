use serde::Deserialize;

use super::vars::{Setting, Vars};
use crate::{
    error::{Error, Result},
    json::within,
    pusher::PusherApp,
    secret::Secret,
};

/// The app of Pusher Channels, or of a server that speaks the same, by which pages are told what happens to their orders.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "PusherChannelOptions"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PusherOptions {
    /// The app's id. Default: `PUSHER_APP_ID`.
    pub app_id: Option<String>,
    /// Its key, which pages know too. Default: `PUSHER_KEY`.
    pub key: Option<String>,
    /// Its secret. Default: `PUSHER_SECRET`.
    pub secret: Option<Secret>,
    /// Its cluster, e.g. `eu`. Default: `PUSHER_CLUSTER`, else `mt1`.
    pub cluster: Option<String>,
    /// A server of one's own, e.g. `soketi.example`, in place of the cluster. Default: `PUSHER_HOST`.
    pub host: Option<String>,
    /// Whether an order's channel is `private-order-<id>`, which only those may join whom `handlers.pusherAuth` lets in. Default:
    /// `GHLKIT_PUSHER_PRIVATE`, else false: `order-<id>`, open to whoever knows the id.
    pub private: Option<bool>,
}

/// The same, checked.
#[derive(Debug, Clone)]
pub struct Pusher {
    /// The app.
    pub app: PusherApp,
    /// Whether orders' channels are private.
    pub private: bool,
}

/// An option and the variable behind it.
const fn setting<'a>(option: &'a str, variable: &'a str, purpose: &'a str) -> Setting<'a> {
    Setting { option, variable, purpose }
}

const APP_ID: Setting<'_> =
    setting("notifications.pusher.appId", "PUSHER_APP_ID", "the id of the Pusher app");
const KEY: Setting<'_> = setting("notifications.pusher.key", "PUSHER_KEY", "the key of the Pusher app");
const SECRET: Setting<'_> =
    setting("notifications.pusher.secret", "PUSHER_SECRET", "the secret of the Pusher app");
const CLUSTER: Setting<'_> =
    setting("notifications.pusher.cluster", "PUSHER_CLUSTER", "the cluster of the Pusher app");
const PRIVATE: Setting<'_> =
    setting("notifications.pusher.private", "GHLKIT_PUSHER_PRIVATE", "whether orders' channels are private");
const HOST: Setting<'_> = setting("notifications.pusher.host", "PUSHER_HOST", "the host of the Pusher API");

fn flag(text: &str) -> Result<bool> {
    text.parse().map_err(|_| Error::invalid("private", "expected true or false"))
}

impl PusherOptions {
    /// The options with the environment behind them; none where neither is there: the environment has one by its id.
    pub(super) fn read(given: Option<Self>, vars: &Vars<'_>) -> Result<Option<Self>> {
        if given.is_none() && vars.get(APP_ID.variable)?.is_none() {
            return Ok(None);
        }
        let given = given.unwrap_or_default();
        let text = |text: &str| Ok(text.to_owned());
        let secret = given.secret.as_ref().map(Secret::expose);
        Ok(Some(Self {
            app_id: Some(vars.need(APP_ID, given.app_id.as_deref(), text)?),
            key: Some(vars.need(KEY, given.key.as_deref(), text)?),
            secret: Some(vars.need(SECRET, secret, |secret| Ok(Secret::new(secret)))?),
            cluster: vars.either(CLUSTER, given.cluster.as_deref(), text)?,
            host: vars.either(HOST, given.host.as_deref(), text)?,
            private: vars.either(
                PRIVATE,
                given.private.map(|yes| if yes { "true" } else { "false" }),
                flag,
            )?,
        }))
    }

    /// Checks the options, which must all be there that have no default.
    ///
    /// # Errors
    /// `invalid_argument`, field e.g. `pusher.key`.
    pub(super) fn check(self) -> Result<Pusher> {
        let Self { app_id, key, secret, cluster, host, private } = self;
        let missing = |field| move || Error::invalid(field, "expected one");
        let app = || {
            PusherApp::new(
                &app_id.ok_or_else(missing("appId"))?,
                &key.ok_or_else(missing("key"))?,
                secret.ok_or_else(missing("secret"))?,
                cluster.as_deref(),
                host.as_deref(),
            )
        };
        Ok(Pusher { app: within("pusher", app())?, private: private.unwrap_or(false) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, env: &[(&str, &str)]) -> Result<Option<Pusher>> {
        let source = |name: &str| {
            Ok(env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        let given = serde_json::from_str(json).unwrap();
        PusherOptions::read(given, &Vars::behind_options(&source))?.map(PusherOptions::check).transpose()
    }

    #[test]
    fn the_environment_stands_behind_the_options() {
        let env = [("PUSHER_APP_ID", "3"), ("PUSHER_KEY", "k"), ("PUSHER_SECRET", "5ecret")];
        assert!(read("null", &env[1..]).unwrap().is_none(), "no id, no app");
        assert_eq!(read("null", &env).unwrap().unwrap().app.key(), "k");
        let ours = read(r#"{"key":"ours","private":true}"#, &env).unwrap().unwrap();
        assert_eq!((ours.app.key(), ours.private), ("ours", true));
        let private = [&env[..], &[("GHLKIT_PUSHER_PRIVATE", "true")]].concat();
        assert!(read("null", &private).unwrap().unwrap().private);
        let odd = [&env[..], &[("GHLKIT_PUSHER_PRIVATE", "yes")]].concat();
        assert_eq!(read("null", &odd).unwrap_err().field(), Some("GHLKIT_PUSHER_PRIVATE"));
        assert!(!format!("{ours:?}").contains("5ecret"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (json, env, field) in [
            ("{}", &[][..], "notifications.pusher.appId"),
            (r#"{"appId":"3","secret":"s"}"#, &[], "notifications.pusher.key"),
            ("null", &[("PUSHER_APP_ID", "3"), ("PUSHER_KEY", "k")], "notifications.pusher.secret"),
            (r#"{"appId":"3","key":"k","secret":"s","host":"http://h"}"#, &[], "pusher.host"),
            (r#"{"appId":"a b","key":"k","secret":"s"}"#, &[], "pusher.appId"),
        ] {
            assert_eq!(read(json, env).unwrap_err().field(), Some(field), "{json}");
        }
    }
}
