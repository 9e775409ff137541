use serde::Deserialize;

use super::{
    DatabaseUrl,
    settings::Settings,
    vars::{Setting, Vars, named, setting},
};
use crate::{
    client::ApiVersion,
    error::{Error, Result},
    ids::CompanyId,
    oauth::{Keyring, OAuthApp},
    secret::Secret,
};

/// What is set for an app, in JSON; what is left out comes from the environment or is the default.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "OAuthSettings", optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OAuthOptions {
    /// The client id of the marketplace app. Default: `GHL_CLIENT_ID`.
    pub client_id: Option<String>,
    /// Its client secret. Default: `GHL_CLIENT_SECRET`.
    pub client_secret: Option<Secret>,
    /// Where the consent page sends people back to, exactly as in the portal. Default: `GHL_REDIRECT_URI`.
    pub redirect_uri: Option<String>,
    /// The scopes to ask for. Default: `GHL_SCOPES`.
    pub scopes: Option<Vec<String>>,
    /// The version that a private or draft app must name. Default: `GHL_APP_VERSION_ID`, else none.
    pub version_id: Option<String>,
    /// The agency to ask for the tokens of locations nobody announced. Default: `GHL_COMPANY_ID`, else none.
    pub company_id: Option<String>,
    /// The host of the consent page. Default: `GHL_CONSENT_URL`, else `https://marketplace.gohighlevel.com`.
    pub consent_url: Option<String>,
    /// The API's host. Default: `GHL_BASE_URL`, else HighLevel's.
    pub base_url: Option<String>,
    /// `v3` to speak version 3 of the API. Default: `GHL_API_VERSION`, else each operation's own version by date.
    #[cfg_attr(feature = "ts", ts(optional, type = "'v3'"))]
    pub api_version: Option<String>,
    /// The keys that encrypt tokens in the database: `id:base64` of 32 random bytes, separated by commas. The
    /// first encrypts, all decrypt. Default: `GHLKIT_TOKEN_KEYS`.
    pub token_keys: Option<Secret>,
    /// The database. Default: `DATABASE_URL`, else the file `ghlkit.db`.
    pub database_url: Option<Secret>,
}

const CLIENT_ID: Setting<'_> = Setting {
    option: "clientId",
    variable: "GHL_CLIENT_ID",
    purpose: "the client id of your marketplace app",
};
const CLIENT_SECRET: Setting<'_> = Setting {
    option: "clientSecret",
    variable: "GHL_CLIENT_SECRET",
    purpose: "the client secret of your marketplace app",
};
const REDIRECT_URI: Setting<'_> = Setting {
    option: "redirectUri",
    variable: "GHL_REDIRECT_URI",
    purpose: "where the consent page sends people back to",
};
const SCOPES: Setting<'_> = Setting {
    option: "scopes",
    variable: "GHL_SCOPES",
    purpose: "what the app may do, e.g. contacts.readonly",
};
const VERSION_ID: Setting<'_> =
    Setting { option: "versionId", variable: "GHL_APP_VERSION_ID", purpose: "the app's version" };
const COMPANY_ID: Setting<'_> =
    Setting { option: "companyId", variable: "GHL_COMPANY_ID", purpose: "the id of the agency" };
const CONSENT_URL: Setting<'_> =
    Setting { option: "consentUrl", variable: "GHL_CONSENT_URL", purpose: "the host of the consent page" };
const TOKEN_KEYS: Setting<'_> = Setting {
    option: "tokenKeys",
    variable: "GHLKIT_TOKEN_KEYS",
    purpose: "the keys that encrypt tokens in the database, as id:base64",
};

/// What OAuth needs: the app, the keys its tokens are kept under, and where. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct OAuthSettings {
    /// The app.
    pub app: OAuthApp,
    /// The keys that encrypt tokens in the store.
    pub keys: Keyring,
    /// The database, for a process that opens the store by it.
    pub database_url: DatabaseUrl,
}

impl OAuthSettings {
    /// Reads `{ "options": …, "env": { NAME: value } }`: what [`OAuthOptions`] leave out comes from the
    /// variables in `env`.
    ///
    /// # Errors
    /// `invalid_argument`, whose field is an option of the wrong type or an unknown one; `config`, whose
    /// field is the option or variable that is missing or malformed.
    pub fn from_json(json: &str) -> Result<Self> {
        let Settings { options, env } = Settings::read(json)?;
        let source = |name: &str| env.get(name);
        Self::read(&options, &Vars::behind_options(&source))
    }

    /// The settings from the environment of the process; see [`OAuthSettings::from_vars`].
    ///
    /// # Errors
    /// As [`OAuthSettings::from_vars`].
    pub fn from_env() -> Result<Self> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// The settings from variables. White space around a value is dropped, and an empty one counts as not set.
    ///
    /// | Variable | For |
    /// |---|---|
    /// | `GHL_CLIENT_ID`, `GHL_CLIENT_SECRET` | the app; required |
    /// | `GHL_REDIRECT_URI` | where the consent page sends people back to; required |
    /// | `GHL_SCOPES` | the scopes to ask for, separated by blanks or commas; required |
    /// | `GHLKIT_TOKEN_KEYS` | keys for tokens in the store, as [`Keyring::parse`] reads them; required |
    /// | `GHL_COMPANY_ID` | the agency to ask for the tokens of locations nobody announced |
    /// | `GHL_APP_VERSION_ID` | the version that a private or draft app must name |
    /// | `GHL_CONSENT_URL` | another host of the consent page, e.g. the one without HighLevel's name |
    /// | `GHL_BASE_URL` | another API host, for tests |
    /// | `GHL_API_VERSION` | `v3` to speak version 3 of the API |
    /// | `DATABASE_URL` | the database; unset: the file `ghlkit.db` |
    ///
    /// # Errors
    /// `config`, whose field is the variable that is missing or malformed.
    pub fn from_vars(vars: impl Fn(&str) -> Option<String>) -> Result<Self> {
        Self::read(&OAuthOptions::default(), &Vars::new(&|name| Ok(vars(name))))
    }

    fn read(options: &OAuthOptions, vars: &Vars<'_>) -> Result<Self> {
        let text = |value: &str| Ok(value.to_owned());
        let secret = |value: &str| Ok(Secret::new(value));
        let given = options.scopes.as_ref().map(|scopes| scopes.join(" "));
        let scopes = vars.need(SCOPES, given.as_deref(), text)?;
        let mut app = OAuthApp::new(
            vars.need(CLIENT_ID, options.client_id.as_deref(), text)?,
            vars.need(CLIENT_SECRET, options.client_secret.as_ref().map(Secret::expose), secret)?,
            vars.need(REDIRECT_URI, options.redirect_uri.as_deref(), text)?,
            scopes.split([' ', ',']).filter(|scope| !scope.is_empty()),
        );
        app.company = vars.either(COMPANY_ID, options.company_id.as_deref(), CompanyId::parse)?;
        app.version_id = vars.either(VERSION_ID, options.version_id.as_deref(), text)?;
        if let Some(url) = vars.either(CONSENT_URL, options.consent_url.as_deref(), text)? {
            app.consent_url = url;
        }
        let version = options.api_version.as_deref();
        app.api_version = vars.either(setting::API_VERSION, version, ApiVersion::parse)?.unwrap_or_default();
        if let Some(url) = vars.either(setting::BASE_URL, options.base_url.as_deref(), text)? {
            app.base_url = url;
        }
        options.named(app.check())?;
        let keys = options.token_keys.as_ref().map(Secret::expose);
        let keys = vars.need(TOKEN_KEYS, keys, Keyring::parse)?;
        let database_url = DatabaseUrl::read(options.database_url.as_ref(), vars)?;
        Ok(Self { app, keys, database_url })
    }
}

impl OAuthOptions {
    /// An error about a part of the app is about the variable where that set it.
    fn named(&self, checked: Result<()>) -> Result<()> {
        let parts = [
            (CLIENT_ID, self.client_id.is_some()),
            (CLIENT_SECRET, self.client_secret.is_some()),
            (REDIRECT_URI, self.redirect_uri.is_some()),
            (SCOPES, self.scopes.is_some()),
            (VERSION_ID, self.version_id.is_some()),
            (COMPANY_ID, self.company_id.is_some()),
            (CONSENT_URL, self.consent_url.is_some()),
            (setting::BASE_URL, self.base_url.is_some()),
        ];
        let part = checked.as_ref().err().and_then(Error::field);
        let of_part = parts.into_iter().find(|(setting, given)| Some(setting.option) == part && !given);
        match of_part {
            Some((setting, _)) => named(setting.variable, checked),
            None => checked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    const KEY: &str = "k1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    const REQUIRED: [(&str, &str); 5] = [
        ("GHL_CLIENT_ID", "64f0c1d2e3a4b5c6d7e8f901-abcdefgh"),
        ("GHL_CLIENT_SECRET", "c1ient-5ecret"),
        ("GHL_REDIRECT_URI", "https://shop.example/oauth"),
        ("GHL_SCOPES", "contacts.readonly, contacts.write opportunities.readonly"),
        ("GHLKIT_TOKEN_KEYS", KEY),
    ];

    fn read(more: &[(&str, &str)]) -> Result<OAuthSettings> {
        OAuthSettings::from_vars(|name| {
            let all = REQUIRED.iter().chain(more).rev();
            all.into_iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn every_variable_reaches_its_place() {
        let OAuthSettings { app, keys, .. } = read(&[]).unwrap();
        assert_eq!(app.scopes, ["contacts.readonly", "contacts.write", "opportunities.readonly"]);
        assert_eq!((app.id().as_str(), keys.current_id()), ("64f0c1d2e3a4b5c6d7e8f901", "k1"));
        assert_eq!(app.client_secret.expose(), "c1ient-5ecret");
        assert_eq!(read(&[]).unwrap().database_url.expose(), "sqlite:ghlkit.db");
        assert_eq!(app.consent_url, "https://marketplace.gohighlevel.com");
        let more = [
            ("GHL_COMPANY_ID", "com1"),
            ("GHL_APP_VERSION_ID", "v1"),
            ("GHL_CONSENT_URL", "https://marketplace.leadconnectorhq.com"),
            ("GHL_BASE_URL", "http://127.0.0.1:4010"),
            ("GHL_API_VERSION", "v3"),
            ("DATABASE_URL", "sqlite:shop.db"),
        ];
        let OAuthSettings { app, database_url, .. } = read(&more).unwrap();
        assert_eq!(database_url.expose(), "sqlite:shop.db");
        assert_eq!((app.company, app.api_version), (Some(CompanyId::new("com1")), ApiVersion::V3));
        assert_eq!(app.version_id.as_deref(), Some("v1"));
        assert_eq!([app.consent_url, app.base_url], [more[2].1, more[3].1]);
    }

    #[test]
    fn a_missing_or_malformed_variable_is_named_and_no_secret_shown() {
        let missing = REQUIRED.map(|(name, _)| (name, " "));
        let malformed = [
            ("GHL_CLIENT_ID", "a b"),
            ("GHL_CLIENT_SECRET", "5ecret\u{7}x"),
            ("GHL_REDIRECT_URI", "http://u:5ecret@shop.example"),
            ("GHL_SCOPES", "contacts.réadonly"),
            ("GHL_COMPANY_ID", "a/b"),
            ("GHL_APP_VERSION_ID", "a b"),
            ("GHL_CONSENT_URL", "ftp://x"),
            ("GHL_BASE_URL", "http://example.com"),
            ("GHL_API_VERSION", "v2"),
            ("GHLKIT_TOKEN_KEYS", "k1:5ecret"),
            ("DATABASE_URL", "mysql://u:5ecret@db"),
        ];
        for (name, value) in missing.into_iter().chain(malformed) {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Config, Some(name)), "{name}={value}");
            assert!(error.message().starts_with(&format!("{name}: ")), "{error}");
            assert!(!format!("{error:?}").contains("5ecret"), "{error}");
        }
        let shown = format!("{:?}", read(&[]).unwrap());
        assert!(!shown.contains("5ecret") && !shown.contains("BwcH"), "{shown}");
    }

    #[test]
    fn options_go_before_the_environment_and_are_named_in_errors() {
        let env: serde_json::Map<_, _> =
            REQUIRED.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect();
        let read = |options: serde_json::Value| {
            OAuthSettings::from_json(&serde_json::json!({ "options": options, "env": env }).to_string())
        };
        let key = KEY.replace("k1", "k2");
        let OAuthSettings { app, keys, database_url } = read(serde_json::json!({
            "clientId": "app2-x", "clientSecret": "c2", "redirectUri": "https://b.example/cb",
            "scopes": ["a.readonly", "b.write"], "versionId": "v2", "companyId": "com2",
            "consentUrl": "https://marketplace.leadconnectorhq.com", "baseUrl": "https://api.example",
            "tokenKeys": key, "databaseUrl": "sqlite:b.db",
        }))
        .unwrap();
        assert_eq!((app.client_id.as_str(), app.client_secret.expose()), ("app2-x", "c2"));
        assert_eq!(
            (app.redirect_uri.as_str(), app.scopes.join(" ")),
            ("https://b.example/cb", "a.readonly b.write".into())
        );
        assert_eq!((app.version_id.as_deref(), app.company), (Some("v2"), Some(CompanyId::new("com2"))));
        assert_eq!(
            [app.consent_url.as_str(), &app.base_url],
            ["https://marketplace.leadconnectorhq.com", "https://api.example"]
        );
        assert_eq!((keys.current_id(), database_url.expose()), ("k2", "sqlite:b.db"));
        assert_eq!(read(serde_json::json!({})).unwrap().app.client_id, REQUIRED[0].1);
        for (option, value, code) in [
            ("clientId", "a b", Code::Config),
            ("clientSecret", "", Code::Config),
            ("redirectUri", "http://u:5ecret@shop.example", Code::Config),
            ("versionId", "a b", Code::Config),
            ("companyId", "a/b", Code::Config),
            ("consentUrl", "http://marketplace.example", Code::Config),
            ("baseUrl", "ftp://x", Code::Config),
            ("apiVersion", "2021-07-28", Code::Config),
            ("tokenKeys", "k1:5ecret", Code::Config),
            ("databaseUrl", "mysql://u:5ecret@db", Code::Config),
            ("scopes", "contacts.readonly", Code::InvalidArgument),
            ("client_id", "x", Code::InvalidArgument),
        ] {
            let error = read(serde_json::json!({ option: value })).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, Some(option)), "{error}");
            assert!(error.message().starts_with(&format!("{option}: ")), "{error}");
            assert!(!format!("{error:?}").contains("5ecret"), "{error}");
        }
        let error = OAuthSettings::from_json(r#"{"options":{}}"#).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some("scopes")), "{error}");
    }
}
