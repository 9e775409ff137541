use serde::Deserialize;

use super::{DatabaseUrl, settings::Settings, vars::Vars};
use crate::{error::Result, secret::Secret};

/// Which database to open, in JSON.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "DatabaseSettings", optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// The database: `sqlite:FILE` or `postgres://…`. Default: `DATABASE_URL`, else the file `ghlkit.db`.
    pub database_url: Option<Secret>,
}

impl DatabaseUrl {
    /// Reads `{ "options": …, "env": { NAME: value } }`, where the options are [`DatabaseSettings`] and what they leave
    /// out comes from the variables in `env`.
    ///
    /// # Errors
    /// `invalid_argument`, whose field is an option of the wrong type or an unknown one; `config`, whose field is the
    /// option or variable that is malformed.
    pub fn from_json(json: &str) -> Result<Self> {
        let Settings::<DatabaseSettings> { options, env } = Settings::read(json)?;
        let source = |name: &str| env.get(name);
        Self::read(options.database_url.as_ref(), &Vars::behind_options(&source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn the_option_goes_before_the_variable_and_either_is_named_where_it_is_wrong() {
        let url = |json: &str| DatabaseUrl::from_json(json).map(|url| url.expose().to_owned());
        let env = r#""env":{"DATABASE_URL":"postgres://u:s3cret@h/d"}"#;
        assert_eq!(
            url(&format!(r#"{{"options":{{"databaseUrl":"sqlite:a.db"}},{env}}}"#)).unwrap(),
            "sqlite:a.db"
        );
        assert_eq!(url(&format!(r#"{{"options":{{}},{env}}}"#)).unwrap(), "postgres://u:s3cret@h/d");
        assert_eq!(url(r#"{"options":{}}"#).unwrap(), "sqlite:ghlkit.db");
        for (json, code, field) in [
            (r#"{"options":{"databaseUrl":"mysql://u:s3cret@h/d"}}"#, Code::Config, "databaseUrl"),
            (r#"{"options":{},"env":{"DATABASE_URL":"s3cret"}}"#, Code::Config, "DATABASE_URL"),
            (r#"{"options":{"database":"sqlite:a.db"}}"#, Code::InvalidArgument, "database"),
        ] {
            let error = url(json).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, Some(field)), "{json}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
