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
mod tests;
