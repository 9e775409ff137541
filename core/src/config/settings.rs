use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    error::{Error, Result},
    json,
};

/// Largest JSON of settings, in bytes: thousands of locations fit.
const MAX_SETTINGS_BYTES: usize = 8 * 1024 * 1024;

/// Settings as a host hands them over: options given in code, and its environment behind them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "T: DeserializeOwned")]
pub(super) struct Settings<T> {
    pub(super) options: T,
    #[serde(default)]
    pub(super) env: Env,
}

/// The host's environment. Not all of it need be text: only what is asked for is looked at.
#[derive(Deserialize, Default)]
#[serde(transparent)]
pub(super) struct Env(BTreeMap<String, Value>);

impl<T: DeserializeOwned> Settings<T> {
    /// Reads `{ "options": …, "env": … }`; an error's field is the option.
    pub(super) fn read(text: &str) -> Result<Self> {
        json::read(text.as_bytes(), "settings", MAX_SETTINGS_BYTES).map_err(|error| {
            let Some(option) = error.field().and_then(|field| field.strip_prefix("options.")) else {
                return error;
            };
            let message = error.message().strip_prefix("options.").unwrap_or(error.message());
            Error::new(error.code(), message).with_field(option)
        })
    }
}

impl Env {
    pub(super) fn get(&self, name: &str) -> Result<Option<String>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(value)) => Ok(Some(value.clone())),
            Some(_) => Err(Error::config(name, "expected text")),
        }
    }
}
