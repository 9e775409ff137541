use crate::{
    error::{Code, Error, Result},
    order::at,
    secret::Secret,
};

/// Variables, read so that every error names the variable.
pub(super) struct Vars<'a> {
    source: &'a dyn Fn(&str) -> Result<Option<String>>,
}

impl<'a> Vars<'a> {
    pub(super) fn new(source: &'a dyn Fn(&str) -> Result<Option<String>>) -> Self {
        Self { source }
    }

    /// The value without white space around it; `None` if nothing is left.
    pub(super) fn get(&self, name: &str) -> Result<Option<String>> {
        let value = (self.source)(name)?;
        Ok(value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()))
    }

    pub(super) fn optional<T>(&self, name: &str, parse: fn(&str) -> Result<T>) -> Result<Option<T>> {
        self.get(name)?.map(|value| named(name, parse(&value))).transpose()
    }

    pub(super) fn required<T>(&self, name: &str, purpose: &str, parse: fn(&str) -> Result<T>) -> Result<T> {
        self.optional(name, parse)?.ok_or_else(|| missing(name, purpose))
    }

    pub(super) fn secret(&self, name: &str) -> Result<Option<Secret>> {
        Ok(self.get(name)?.map(Secret::new))
    }

    pub(super) fn required_secret(&self, name: &str, purpose: &str) -> Result<Secret> {
        self.secret(name)?.ok_or_else(|| missing(name, purpose))
    }
}

fn missing(name: &str, purpose: &str) -> Error {
    Error::config(name, format_args!("is not set; it is {purpose}"))
}

/// Turns an error about a value into one about the setting that holds it.
pub(super) fn named<T>(setting: &str, result: Result<T>) -> Result<T> {
    at(setting, result).map_err(|error| Error::new(Code::Config, error.message()).with_field(setting))
}
