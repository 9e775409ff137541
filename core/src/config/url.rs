use super::{
    DEFAULT_DATABASE_URL,
    vars::{Vars, setting},
};
use crate::{
    error::{Error, Result},
    secret::Secret,
};

/// Which database to open; secret, as it may hold a password.
#[derive(Debug, Clone)]
pub struct DatabaseUrl {
    url: Secret,
    setting: &'static str,
}

impl DatabaseUrl {
    /// One that is set in code: `sqlite:FILE` or `postgres://…`.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: Secret::new(url), setting: setting::DATABASE_URL.option }
    }

    /// The option where it is given, else the variable, else the file of the default.
    pub(super) fn read(given: Option<&Secret>, vars: &Vars<'_>) -> Result<Self> {
        let source = match given {
            Some(_) => setting::DATABASE_URL.option,
            None => setting::DATABASE_URL.variable,
        };
        let parse = |url: &str| {
            let url = Self { url: Secret::new(url), setting: source };
            database(&url).map(|()| url)
        };
        let read = vars.either(setting::DATABASE_URL, given.map(Secret::expose), parse)?;
        Ok(read.unwrap_or_else(|| Self { url: Secret::new(DEFAULT_DATABASE_URL), setting: source }))
    }

    /// The text itself: only for the place that opens it.
    pub fn expose(&self) -> &str {
        self.url.expose()
    }

    /// The setting it came from, for errors: the option `databaseUrl`, or the variable `DATABASE_URL`.
    pub fn setting(&self) -> &'static str {
        self.setting
    }
}

/// Checks which database a URL names, without showing it.
pub(super) fn database(url: &DatabaseUrl) -> Result<()> {
    let known = ["sqlite:", "postgres://", "postgresql://"];
    let named =
        known.iter().filter_map(|scheme| url.expose().strip_prefix(scheme)).any(|rest| !rest.is_empty());
    if named {
        return Ok(());
    }
    Err(Error::config("database url", "expected sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_sqlite_or_postgres() {
        for good in ["sqlite:ghlkit.db", "sqlite::memory:", "postgres://u:p@h/d", "postgresql://h/d"] {
            assert!(database(&DatabaseUrl::new(good)).is_ok(), "{good}");
        }
        for bad in ["", "sqlite:", "postgres://", "mysql://u:s3cret@h/d", "ghlkit.db"] {
            assert!(!database(&DatabaseUrl::new(bad)).unwrap_err().message().contains("s3cret"), "{bad}");
        }
    }
}
