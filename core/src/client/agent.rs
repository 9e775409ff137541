use serde::Deserialize;

use super::headers::is_token;
use crate::error::{Error, Result};

/// What a client says of itself in `User-Agent`.
pub(crate) const AGENT: &str = concat!("ghlkit/", env!("CARGO_PKG_VERSION"));

/// The application that calls, as GHL is to know it: it goes into `User-Agent`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppInfo {
    /// Its name, without blanks, e.g. `sauna-shop`.
    pub name: String,
    /// Its version, e.g. `1.4.2`.
    pub version: Option<String>,
    /// Where more of it can be read.
    pub url: Option<String>,
}

impl AppInfo {
    /// The `User-Agent`: the package first, then the application.
    ///
    /// # Errors
    /// `config`, field `appInfo.name`, `appInfo.version` or `appInfo.url`.
    pub(super) fn agent(&self) -> Result<String> {
        let Self { name, version, url } = self;
        let mut agent = format!("{AGENT} {}", token("appInfo.name", name)?);
        if let Some(version) = version {
            agent.push('/');
            agent.push_str(token("appInfo.version", version)?);
        }
        if let Some(url) = url {
            let plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !b"()\\".contains(&byte));
            if !plain || !["https://", "http://"].iter().any(|scheme| url.starts_with(scheme)) {
                return Err(Error::config(
                    "appInfo.url",
                    "expected an address such as https://shop.example.com",
                ));
            }
            agent.push_str(&format!(" ({url})"));
        }
        Ok(agent)
    }
}

fn token<'a>(field: &str, text: &'a str) -> Result<&'a str> {
    if !text.is_empty() && text.len() <= 100 && text.bytes().all(is_token) {
        return Ok(text);
    }
    Err(Error::config(field, "expected letters, digits, `-`, `.` and `_`, at most 100"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(name: &str, version: Option<&str>, url: Option<&str>) -> Result<String> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        AppInfo { name: name.to_owned(), version: own(version), url: own(url) }.agent()
    }

    #[test]
    fn the_application_stands_behind_the_package() {
        let says = |text: &str| format!("{AGENT} {text}");
        assert_eq!(app("shop", None, None).unwrap(), says("shop"));
        assert_eq!(
            app("shop", Some("1.2"), Some("https://a.example/b")).unwrap(),
            says("shop/1.2 (https://a.example/b)")
        );
    }

    #[test]
    fn what_would_not_stay_in_its_place_is_refused() {
        for (name, version, url, field) in [
            ("", None, None, "appInfo.name"),
            ("a b", None, None, "appInfo.name"),
            ("a/b", None, None, "appInfo.name"),
            ("a\r\nx: y", None, None, "appInfo.name"),
            ("a", Some("1 2"), None, "appInfo.version"),
            ("a", None, Some("shop.example.com"), "appInfo.url"),
            ("a", None, Some("https://a) b"), "appInfo.url"),
            ("a", None, Some("https://a\n"), "appInfo.url"),
        ] {
            assert_eq!(app(name, version, url).unwrap_err().field(), Some(field));
        }
    }
}
