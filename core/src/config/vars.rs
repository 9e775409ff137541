use crate::{
    error::{Code, Error, Result},
    json::at,
    secret::Secret,
};

/// Looks a variable up.
type Source<'a> = &'a dyn Fn(&str) -> Result<Option<String>>;

/// Variables, and options that go before them, read so that every error names the one or the other.
#[derive(Clone, Copy)]
pub(super) struct Vars<'a> {
    /// `None` where the environment says nothing: one of several locations.
    source: Option<Source<'a>>,
    /// Whether options could have been given too.
    options: bool,
}

/// A setting by its names.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    /// The option that sets it.
    pub(super) option: &'a str,
    /// The variable that sets it where the option is not given.
    pub(super) variable: &'a str,
    /// What it is, for the error that it is missing.
    pub(super) purpose: &'a str,
}

/// The settings that an option or a variable may give.
pub(super) mod setting {
    use super::Setting;

    pub(in crate::config) const TOKEN: Setting<'_> = Setting {
        option: "token",
        variable: "GOHIGHLEVEL_API_KEY",
        purpose: "the location's Private Integration token",
    };
    pub(in crate::config) const LOCATION: Setting<'_> = Setting {
        option: "locationId",
        variable: "GOHIGHLEVEL_LOCATION_ID",
        purpose: "the id of the GHL location",
    };
    pub(in crate::config) const PIPELINE: Setting<'_> = Setting {
        option: "pipelineId",
        variable: "GHL_ORDERS_PIPELINE_ID",
        purpose: "the id of the pipeline of orders",
    };
    pub(in crate::config) const CALENDAR: Setting<'_> = Setting {
        option: "calendarId",
        variable: "GHL_INSTALLATION_CALENDAR_ID",
        purpose: "the calendar of installations",
    };
    pub(in crate::config) const BASE_URL: Setting<'_> =
        Setting { option: "baseUrl", variable: "GHL_BASE_URL", purpose: "the API's host" };
    pub(in crate::config) const API_VERSION: Setting<'_> =
        Setting { option: "apiVersion", variable: "GHL_API_VERSION", purpose: "the API's version" };
    pub(in crate::config) const CURRENCY: Setting<'_> = Setting {
        option: "currency",
        variable: "GHLKIT_CURRENCY",
        purpose: "the currency of totals that are bare numbers",
    };
    pub(in crate::config) const DATABASE_URL: Setting<'_> =
        Setting { option: "databaseUrl", variable: "DATABASE_URL", purpose: "the database" };
}

impl<'a> Vars<'a> {
    /// Variables alone.
    pub(super) fn new(source: Source<'a>) -> Self {
        Self { source: Some(source), options: false }
    }

    /// Variables that stand in for options which are not given.
    pub(super) fn behind_options(source: Source<'a>) -> Self {
        Self { source: Some(source), options: true }
    }

    /// Options alone.
    pub(super) fn none() -> Self {
        Self { source: None, options: true }
    }

    /// The value without white space around it; `None` if nothing is left.
    pub(super) fn get(&self, name: &str) -> Result<Option<String>> {
        let value = self.source.map(|source| source(name)).transpose()?.flatten();
        Ok(value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()))
    }

    pub(super) fn optional<T>(&self, name: &str, parse: impl Fn(&str) -> Result<T>) -> Result<Option<T>> {
        self.get(name)?.map(|value| named(name, parse(&value))).transpose()
    }

    pub(super) fn required<T>(
        &self,
        name: &str,
        purpose: &str,
        parse: impl Fn(&str) -> Result<T>,
    ) -> Result<T> {
        self.optional(name, parse)?.ok_or_else(|| missing(name, purpose))
    }

    pub(super) fn required_secret(&self, name: &str, purpose: &str) -> Result<Secret> {
        self.required(name, purpose, |value| Ok(Secret::new(value)))
    }

    /// The option where it is given, else the variable.
    pub(super) fn either<T>(
        &self,
        setting: Setting<'_>,
        given: Option<&str>,
        parse: impl Fn(&str) -> Result<T>,
    ) -> Result<Option<T>> {
        match given {
            Some(value) => named(setting.option, parse(value)).map(Some),
            None => self.optional(setting.variable, parse),
        }
    }

    /// The option, else the variable, one of which must be there.
    pub(super) fn need<T>(
        &self,
        setting: Setting<'_>,
        given: Option<&str>,
        parse: impl Fn(&str) -> Result<T>,
    ) -> Result<T> {
        let Setting { option, variable, purpose } = setting;
        self.either(setting, given, parse)?.ok_or_else(|| match (self.source, self.options) {
            (Some(_), false) => missing(variable, purpose),
            (Some(_), true) => {
                Error::config(option, format_args!("is not set, nor is {variable}; it is {purpose}"))
            }
            (None, _) => missing(option, purpose),
        })
    }
}

fn missing(name: &str, purpose: &str) -> Error {
    Error::config(name, format_args!("is not set; it is {purpose}"))
}

/// Turns an error about a value into one about the setting that holds it.
pub(super) fn named<T>(setting: &str, result: Result<T>) -> Result<T> {
    at(setting, result).map_err(as_setting)
}

pub(super) fn as_setting(error: Error) -> Error {
    let field = error.field().unwrap_or_default();
    Error::new(Code::Config, error.message()).with_field(field)
}
