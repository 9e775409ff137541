use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Config, DEFAULT_BASE_URL, DatabaseUrl, EventOptions, Events, InstallationOptions, LocationConfig,
    NotificationOptions, Notifications, PusherOptions, RealtimeOptions, SyncOptions,
    settings::Settings,
    token,
    vars::{Setting, Vars, as_setting, named, setting},
    webhook,
};
use crate::{
    client,
    client::ApiVersion,
    error::{Error, Result},
    ids::{CalendarId, LocationId, PipelineId},
    json::within,
    order::{Currency, ModelSpec, Status, StatusModel},
    secret::Secret,
    webhook::{Tolerance, VerifierSpec},
};

/// The whole configuration in JSON; what is left out comes from the environment or is the default. One
/// location is set beside the rest, several in `locations`.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ConfigOptions {
    /// The database, as `sqlite:FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`. Default: `DATABASE_URL`, else `sqlite:ghlkit.db`.
    pub database_url: Option<Secret>,
    /// The API's host. Default: `GHL_BASE_URL`, else HighLevel's.
    pub base_url: Option<String>,
    /// `v3` to speak version 3 of the API. Default: `GHL_API_VERSION`, else each operation's own version by date.
    #[cfg_attr(feature = "ts", ts(optional, type = "'v3'"))]
    pub api_version: Option<String>,
    /// The ISO 4217 code of totals that are bare numbers. Default: `GHLKIT_CURRENCY`, else they are refused.
    pub currency: Option<String>,
    /// The shop's own statuses. Default: the path from `order_placed` to `completed`.
    pub model: Option<ModelSpec>,
    /// How the engine works.
    pub sync: Option<SyncOptions>,
    /// How installations are booked.
    pub installation: Option<InstallationOptions>,
    /// Who is told what happens to orders: e-mails, text messages, a webhook. Default: nobody.
    pub notifications: Option<NotificationOptions>,
    /// How what happens to orders is streamed to browsers.
    pub events: Option<EventOptions>,
    /// Installs a trigger on the shop's orders as the engine is opened, which makes every change of a status an intent,
    /// whoever makes it. Default: false, which leaves one that is there.
    pub status_trigger: Option<bool>,
    /// The locations, where there are several; the options below, and their variables, are then not read.
    pub locations: Option<Vec<LocationOptions>>,
    /// The location's Private Integration token. Default: `GOHIGHLEVEL_API_KEY`.
    pub token: Option<Secret>,
    /// The location. Default: `GOHIGHLEVEL_LOCATION_ID`.
    pub location_id: Option<String>,
    /// The pipeline of orders. Default: `GHL_ORDERS_PIPELINE_ID`.
    pub pipeline_id: Option<String>,
    /// Status to stage, by the stage's id, name or key. Default for each: `GHL_STAGE_<STATUS>`, else the
    /// stage is found by name.
    pub stages: Option<BTreeMap<String, String>>,
    /// The calendar of installations. Default: `GHL_INSTALLATION_CALENDAR_ID`, else none.
    pub calendar_id: Option<String>,
    /// How webhooks are verified. Default: by `GHL_WEBHOOK_SCHEMES` and its kin; without those all are
    /// refused.
    pub webhooks: Option<VerifierSpec>,
    /// A Socket.IO server to listen to beside webhooks. Default: that of `GHLKIT_REALTIME_URL`, else none.
    pub realtime: Option<RealtimeOptions>,
}

/// One of several locations.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LocationOptions {
    /// The location; required.
    #[cfg_attr(feature = "ts", ts(as = "String"))]
    pub id: Option<String>,
    /// Its Private Integration token; required.
    #[cfg_attr(feature = "ts", ts(as = "Secret"))]
    pub token: Option<Secret>,
    /// Its pipeline of orders; required.
    #[cfg_attr(feature = "ts", ts(as = "String"))]
    pub pipeline_id: Option<String>,
    /// Status to stage, by the stage's id, name or key. Default for each: the stage is found by name.
    pub stages: Option<BTreeMap<String, String>>,
    /// Its calendar of installations. Default: none.
    pub calendar_id: Option<String>,
    /// How its webhooks are verified. Default: all are refused.
    pub webhooks: Option<VerifierSpec>,
    /// A Socket.IO server to listen to for it beside webhooks. Default: none.
    pub realtime: Option<RealtimeOptions>,
}

/// Whose tokens calls are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tokens {
    /// Each location's own, which is among the settings.
    Given,
    /// Those of an app.
    OfApp,
}

impl Config {
    /// Reads `{ "options": …, "env": { NAME: value } }`: what [`ConfigOptions`] leave out comes from the
    /// variables in `env`, as [`Config::from_vars`] reads them.
    ///
    /// # Errors
    /// `invalid_argument`, whose field is an option of the wrong type or an unknown one, e.g.
    /// `locations[0].webhooks.hmac`; `config`, whose field is the option or variable that is missing or
    /// malformed. No message shows a value that may be secret.
    pub fn from_json(json: &str) -> Result<Self> {
        Self::from_json_with(json, Tokens::Given)
    }

    /// The same for an engine that works with the tokens of an app, which its locations have installed.
    ///
    /// # Errors
    /// As [`Config::from_json`], and `config` naming a token, if there is one.
    pub fn without_tokens(json: &str) -> Result<Self> {
        Self::from_json_with(json, Tokens::OfApp)
    }

    fn from_json_with(json: &str, tokens: Tokens) -> Result<Self> {
        let Settings { options, env } = Settings::read(json)?;
        let source = |name: &str| env.get(name);
        Self::read(options, &Vars::behind_options(&source), tokens)
    }

    pub(super) fn read(mut options: ConfigOptions, vars: &Vars<'_>, tokens: Tokens) -> Result<Self> {
        let model = match &options.model {
            Some(spec) => inside("model", StatusModel::new(spec.clone()))?,
            None => StatusModel::default(),
        };
        let database_url = DatabaseUrl::read(options.database_url.as_ref(), vars)?;
        let config = Self {
            base_url: vars
                .either(setting::BASE_URL, options.base_url.as_deref(), client::base_url)?
                .unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()),
            api_version: vars
                .either(setting::API_VERSION, options.api_version.as_deref(), ApiVersion::parse)?
                .unwrap_or_default(),
            currency: vars.either(setting::CURRENCY, options.currency.as_deref(), Currency::parse)?,
            database_url,
            sync: options.sync.unwrap_or_default(),
            installation: options.installation.clone().unwrap_or_default(),
            notifications: notifications(options.notifications.take(), &model, vars)?,
            events: Events::read(options.events.take().unwrap_or_default(), vars)?,
            status_trigger: options.status_trigger.unwrap_or(false),
            locations: locations(options, &model, vars, tokens)?,
            model,
        };
        config.check()?;
        Ok(config)
    }
}

fn notifications(
    options: Option<NotificationOptions>,
    model: &StatusModel,
    vars: &Vars<'_>,
) -> Result<Notifications> {
    let options = options.unwrap_or_default();
    let pusher = PusherOptions::read(options.pusher, vars)?;
    Notifications::new(NotificationOptions { pusher, ..options }, model)
}

fn locations(
    options: ConfigOptions,
    model: &StatusModel,
    vars: &Vars<'_>,
    tokens: Tokens,
) -> Result<Vec<LocationConfig>> {
    let ConfigOptions {
        locations,
        token,
        location_id,
        pipeline_id,
        stages,
        calendar_id,
        webhooks,
        realtime,
        ..
    } = options;
    let only =
        LocationOptions { id: location_id, token, pipeline_id, stages, calendar_id, webhooks, realtime };
    let Some(several) = locations else { return Ok(vec![location(only, "", model, vars, tokens)?]) };
    if let Some(option) = only.first_given() {
        let expected = "expected it inside `locations`, or no `locations` at all";
        return Err(Error::config(option, expected));
    }
    several
        .into_iter()
        .enumerate()
        .map(|(i, one)| location(one, &format!("locations[{i}]."), model, &Vars::none(), tokens))
        .collect()
}

/// One location, whose options are called what they are with `prefix` before it.
fn location(
    options: LocationOptions,
    prefix: &str,
    model: &StatusModel,
    vars: &Vars<'_>,
    tokens: Tokens,
) -> Result<LocationConfig> {
    let name = |part: &str| format!("{prefix}{part}");
    let id = if prefix.is_empty() { setting::LOCATION.option.to_owned() } else { name("id") };
    let (key, pipeline, calendar) = (name("token"), name("pipelineId"), name("calendarId"));
    let key = Setting { option: &key, ..setting::TOKEN };
    let pipeline = Setting { option: &pipeline, ..setting::PIPELINE };
    let calendar = Setting { option: &calendar, ..setting::CALENDAR };
    Ok(LocationConfig {
        token: match tokens {
            Tokens::Given => Some(vars.need(key, options.token.as_ref().map(Secret::expose), token)?),
            Tokens::OfApp if options.token.is_some() => {
                return Err(Error::config(key.option, "expected none, as the app's own tokens are used"));
            }
            Tokens::OfApp => None,
        },
        id: vars.need(
            Setting { option: &id, ..setting::LOCATION },
            options.id.as_deref(),
            LocationId::parse,
        )?,
        pipeline: vars.need(pipeline, options.pipeline_id.as_deref(), PipelineId::parse)?,
        stages: stages(options.stages.unwrap_or_default(), &name("stages"), model, vars)?,
        calendar: vars.either(calendar, options.calendar_id.as_deref(), CalendarId::parse)?,
        verifier: match options.webhooks {
            // The engine remembers what it has seen.
            Some(spec) => inside(&name("webhooks"), spec.build(Tolerance::widest()))?,
            None => webhook::verifier(vars)?,
        },
        realtime: RealtimeOptions::read(options.realtime, prefix, vars)?,
    })
}

impl LocationOptions {
    /// The name of an option that is given, in the words of the one-location case.
    fn first_given(&self) -> Option<&'static str> {
        let given = [
            ("token", self.token.is_some()),
            ("locationId", self.id.is_some()),
            ("pipelineId", self.pipeline_id.is_some()),
            ("stages", self.stages.is_some()),
            ("calendarId", self.calendar_id.is_some()),
            ("webhooks", self.webhooks.is_some()),
            ("realtime", self.realtime.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
    }
}

/// The stages chosen by hand: an option goes before the variable of its status.
fn stages(
    mut given: BTreeMap<String, String>,
    option: &str,
    model: &StatusModel,
    vars: &Vars<'_>,
) -> Result<BTreeMap<Status, String>> {
    let mut stages = BTreeMap::new();
    for status in model.statuses() {
        let variable = format!("GHL_STAGE_{}", status.as_str().to_ascii_uppercase());
        let option = format!("{option}.{status}");
        let given = given.remove(status.as_str());
        let name = if given.is_some() { option.as_str() } else { variable.as_str() };
        let setting = Setting { option: &option, variable: &variable, purpose: "the stage of a status" };
        let Some(stage) = vars.either(setting, given.as_deref(), |stage| Ok(stage.to_owned()))? else {
            continue;
        };
        if !model.is_open(status) {
            return Err(Error::config(name, "only a status of the path has a stage; remove this setting"));
        }
        stages.insert(status.clone(), stage);
    }
    if let Some(unknown) = given.keys().next() {
        named(option, model.status(unknown))?;
    }
    Ok(stages)
}

/// Puts the name of a whole before the part that was wrong in it.
fn inside<T>(whole: &str, result: Result<T>) -> Result<T> {
    within(whole, result).map_err(as_setting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Code,
        config::ExistingContact,
        webhook::{MAX_TOLERANCE_MS, VerifiedBy},
    };

    const ENV: &str = r#""env":{"GOHIGHLEVEL_API_KEY":"pit-env","GOHIGHLEVEL_LOCATION_ID":"loc-env",
        "GHL_ORDERS_PIPELINE_ID":"pip-env","GHL_STAGE_SHIPPED":"stage-env","GHL_STAGE_DELIVERED":"s2-env",
        "GOHIGHLEVEL_WEBHOOK_SECRET":"wh-env","GHLKIT_CURRENCY":"SEK","DATABASE_URL":"sqlite:env.db"}"#;

    fn read(options: &str) -> Result<Config> {
        Config::from_json(&format!(r#"{{"options":{options},{ENV}}}"#))
    }

    fn stages(location: &LocationConfig) -> Vec<(&str, &str)> {
        location.stages.iter().map(|(status, stage)| (status.as_str(), stage.as_str())).collect()
    }

    #[test]
    fn an_engine_of_an_app_has_no_tokens_of_its_own() {
        let of = |options: &str| {
            Config::without_tokens(&format!(
                r#"{{"options":{options},"env":{{"GOHIGHLEVEL_API_KEY":"5ecret"}}}}"#
            ))
        };
        let one = of(r#"{"locationId":"l","pipelineId":"p"}"#).unwrap();
        let several =
            of(r#"{"locations":[{"id":"l","pipelineId":"p"},{"id":"m","pipelineId":"q"}]}"#).unwrap();
        for location in one.locations.iter().chain(&several.locations) {
            assert!(location.token.is_none(), "nor that of the environment");
        }
        for (options, field) in [
            (r#"{"token":"5ecret","locationId":"l","pipelineId":"p"}"#, "token"),
            (r#"{"locations":[{"id":"l","token":"5ecret","pipelineId":"p"}]}"#, "locations[0].token"),
        ] {
            let error = of(options).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Config, Some(field)), "{error}");
            assert!(!error.to_string().contains("5ecret"), "{error}");
        }
    }

    #[test]
    fn the_environment_alone_is_enough() {
        let config = read("{}").unwrap();
        let [only] = config.locations.as_slice() else { panic!("{config:?}") };
        assert_eq!(
            (only.id.as_str(), only.token.as_ref().unwrap().expose(), only.pipeline.as_str()),
            ("loc-env", "pit-env", "pip-env")
        );
        assert_eq!(stages(only), [("delivered", "s2-env"), ("shipped", "stage-env")]);
        assert_eq!(only.verifier.schemes().collect::<Vec<_>>(), [VerifiedBy::HmacSha256]);
        assert_eq!((config.database_url.expose(), config.currency.unwrap().code()), ("sqlite:env.db", "SEK"));
        assert_eq!(config.sync, SyncOptions::default());
    }

    #[test]
    fn options_go_before_the_environment() {
        let config = read(
            r#"{"token":"pit-1","locationId":"loc1","pipelineId":"pip1","stages":{"shipped":"Out"},"calendarId":"cal1",
            "webhooks":{"ed25519":true,"requireTimestamp":true},"databaseUrl":"sqlite:x.db","currency":"eur",
            "baseUrl":"http://localhost:1/","apiVersion":"v3",
            "sync":{"waitMs":0,"callTimeoutMs":5000,"searchLagMs":1,"leaseMs":7000,"concurrency":2,"reconcileEveryMs":60000,"existingContact":"overwrite"},
            "statusTrigger":true}"#,
        )
        .unwrap();
        let [only] = config.locations.as_slice() else { panic!("{config:?}") };
        assert_eq!(
            (only.id.as_str(), only.token.as_ref().unwrap().expose(), only.pipeline.as_str()),
            ("loc1", "pit-1", "pip1")
        );
        assert_eq!(stages(only), [("delivered", "s2-env"), ("shipped", "Out")]);
        assert_eq!(only.calendar, Some(CalendarId::new("cal1")));
        assert_eq!(only.verifier.schemes().collect::<Vec<_>>(), [VerifiedBy::Ed25519]);
        assert_eq!(only.verifier.tolerance().ms(), MAX_TOLERANCE_MS);
        assert!(only.verifier.tolerance().check(None, 0).is_err());
        assert_eq!(
            (config.database_url.expose(), config.base_url.as_str()),
            ("sqlite:x.db", "http://localhost:1")
        );
        assert_eq!(config.api_version, ApiVersion::V3);
        assert_eq!(config.currency.unwrap().code(), "EUR");
        let sync = SyncOptions {
            wait_ms: 0,
            call_timeout_ms: 5_000,
            search_lag_ms: 1,
            lease_ms: 7_000,
            concurrency: 2,
            reconcile_every_ms: 60_000,
            existing_contact: ExistingContact::Overwrite,
        };
        assert_eq!(config.sync, sync);
        assert!(config.status_trigger);
    }

    #[test]
    fn several_locations_are_set_by_options_alone() {
        let config = read(
            r#"{"locations":[{"id":"loc1","token":"pit-1","pipelineId":"pip1","stages":{"shipped":"Out"}},
            {"id":"loc2","token":"pit-2","pipelineId":"pip2","webhooks":{"hmac":"s","toleranceMs":5}}]}"#,
        )
        .unwrap();
        let [first, second] = config.locations.as_slice() else { panic!("{config:?}") };
        assert_eq!(
            (first.id.as_str(), first.token.as_ref().unwrap().expose(), stages(first)),
            ("loc1", "pit-1", vec![("shipped", "Out")])
        );
        assert_eq!(first.verifier.schemes().count(), 0, "it refuses all");
        assert_eq!((second.id.as_str(), second.pipeline.as_str(), stages(second)), ("loc2", "pip2", vec![]));
        assert_eq!(second.verifier.tolerance().ms(), 5);
        assert_eq!(config.currency.unwrap().code(), "SEK", "what belongs to no location is read");
    }

    #[test]
    fn the_shops_own_statuses_are_known_everywhere() {
        let config = Config::from_json(
            r#"{"options":{"token":"t","locationId":"l","pipelineId":"p","model":{"path":[
            {"status":"new","progress":0,"label":"New","stage":"stage_new"},{"status":"sent","progress":100,"label":"Sent"}]}},
            "env":{"GHL_STAGE_SENT":"s2"}}"#,
        )
        .unwrap();
        assert_eq!(config.model.first().as_str(), "new");
        assert_eq!(stages(&config.locations[0]), [("sent", "s2")]);
    }

    #[test]
    fn an_error_names_the_option_and_shows_no_secret() {
        use Code::{Config as Setting, InvalidArgument};
        let listed = |entry: &str| {
            format!(r#"{{"locations":[{{"id":"l","token":"5ecret","pipelineId":"p"}},{entry}]}}"#)
        };
        let table: Vec<(String, Code, &str)> = [
            (r#"{"token":"a 5ecret"}"#, Setting, "token"),
            (r#"{"token":{"5ecret":1}}"#, InvalidArgument, "token"),
            (r#"{"locationId":"a/b"}"#, Setting, "locationId"),
            (r#"{"pipelineId":""}"#, Setting, "pipelineId"),
            (r#"{"calendarId":"a b"}"#, Setting, "calendarId"),
            (r#"{"stages":{"cancelled":"x"}}"#, Setting, "stages.cancelled"),
            (r#"{"stages":{"unheard_of":"x"}}"#, Setting, "stages"),
            (r#"{"stages":["x"]}"#, InvalidArgument, "stages"),
            (r#"{"webhooks":{"hmac":""}}"#, Setting, "webhooks.hmac"),
            (r#"{"webhooks":{"hmac":{"a":"5ecret"}}}"#, InvalidArgument, "webhooks.hmac"),
            (r#"{"webhooks":["5ecret"]}"#, InvalidArgument, "webhooks"),
            (r#"{"sync":[5]}"#, InvalidArgument, "sync"),
            (r#"{"model":[[]]}"#, InvalidArgument, "model"),
            (r#"{"locations":[["l","5ecret","p"]]}"#, InvalidArgument, "locations[0]"),
            (r#"["sqlite:5ecret"]"#, InvalidArgument, "options"),
            (r#"{"webhooks":{}}"#, Setting, "webhooks.hmac"),
            (r#"{"baseUrl":"http://5ecret@example.com"}"#, Setting, "baseUrl"),
            (r#"{"apiVersion":"2021-07-28"}"#, Setting, "apiVersion"),
            (r#"{"databaseUrl":"mysql://a:5ecret@h/d"}"#, Setting, "databaseUrl"),
            (r#"{"databaseUrl":""}"#, Setting, "databaseUrl"),
            (r#"{"currency":"euro"}"#, Setting, "currency"),
            (r#"{"model":{"path":[]}}"#, Setting, "model.path"),
            (r#"{"model":{"path":[{"status":"Big","progress":1,"label":"x"}]}}"#, InvalidArgument, "model.path[0].status"),
            (r#"{"sync":{"waitMs":-1}}"#, Setting, "sync.waitMs"),
            (r#"{"sync":{"waitMs":"5ecret"}}"#, InvalidArgument, "sync.waitMs"),
            (r#"{"sync":{"wait":1}}"#, InvalidArgument, "sync.wait"),
            (r#"{"sync":{"existingContact":"5ecret"}}"#, InvalidArgument, "sync.existingContact"),
            (r#"{"locations":[]}"#, Setting, "locations"),
            (r#"{"locations":[],"webhooks":{"hmac":"5ecret"}}"#, Setting, "webhooks"),
            (r#"{"api_key":"5ecret"}"#, InvalidArgument, "api_key"),
            (r#""5ecret""#, InvalidArgument, "options"),
        ]
        .into_iter()
        .map(|(options, code, field)| (options.to_owned(), code, field))
        .chain([
            (listed(r#"{"token":"5ecret","pipelineId":"p"}"#), Setting, "locations[1].id"),
            (listed(r#"{"id":"l2","pipelineId":"p"}"#), Setting, "locations[1].token"),
            (listed(r#"{"id":"l2","token":"5ecret"}"#), Setting, "locations[1].pipelineId"),
            (listed(r#"{"id":"l2","token":"5ecret","pipelineId":7}"#), InvalidArgument, "locations[1].pipelineId"),
            (listed(r#"{"id":"l","token":"5ecret","pipelineId":"p"}"#), Setting, "locations[1].id"),
            (listed(r#"{"id":"l2","token":"5ecret","pipeline":"p"}"#), InvalidArgument, "locations[1].pipeline"),
            (
                listed(r#"{"id":"l2","token":"5ecret","pipelineId":"p","webhooks":{"hmac":["5ecret",1]}}"#),
                InvalidArgument,
                "locations[1].webhooks.hmac[1]",
            ),
            (
                listed(r#"{"id":"l2","token":"t","pipelineId":"p","webhooks":{"sharedSecret":{"header":" ","secret":"5ecret"}}}"#),
                Setting,
                "locations[1].webhooks.sharedSecret.header",
            ),
        ])
        .collect();
        for (options, code, field) in table {
            let error = read(&options).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, Some(field)), "{options}: {error}");
            assert!(error.message().starts_with(&format!("{field}: ")), "{error}");
            assert!(!format!("{error:?}").contains("5ecret"), "{error:?}");
        }
    }

    #[test]
    fn what_is_missing_is_named_with_what_it_is_for() {
        let one = Config::from_json(r#"{"options":{"token":"t","locationId":"l"}}"#).unwrap_err();
        assert_eq!(
            one.message(),
            "pipelineId: is not set, nor is GHL_ORDERS_PIPELINE_ID; it is the id of the pipeline of orders"
        );
        let listed = Config::from_json(r#"{"options":{"locations":[{"id":"l","token":"t"}]}}"#).unwrap_err();
        assert_eq!(
            listed.message(),
            "locations[0].pipelineId: is not set; it is the id of the pipeline of orders"
        );
    }

    #[test]
    fn a_malformed_variable_is_named_though_options_are_given() {
        let json =
            r#"{"options":{"token":"t","locationId":"l","pipelineId":"p"},"env":{"DATABASE_URL":"5ecret"}}"#;
        let error = Config::from_json(json).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some("DATABASE_URL")));
        assert!(!format!("{error:?}").contains("5ecret"));
    }
}
