use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::error::{Error, Result};

/// What the client sets itself, in lower case, and what to use instead.
const OWN: [(&str, &str); 16] = [
    ("accept", JSON),
    ("accept-encoding", JSON),
    ("authorization", "give the client its `token`, or the tokens of an app"),
    ("connection", CONNECTION),
    ("content-encoding", JSON),
    ("content-length", CONNECTION),
    ("content-type", JSON),
    ("expect", CONNECTION),
    ("host", "set the API's address as `baseUrl`"),
    ("keep-alive", CONNECTION),
    ("te", CONNECTION),
    ("trailer", CONNECTION),
    ("transfer-encoding", CONNECTION),
    ("upgrade", CONNECTION),
    ("user-agent", "name your application as `appInfo`"),
    ("version", "each operation has its own; `request` takes a `version`"),
];
const JSON: &str = "leave it out, as requests and replies are plain JSON";
const CONNECTION: &str = "leave it out, as it belongs to the connection";

/// Longest name that an error repeats, in characters.
const SHOWN: usize = 100;

/// Headers of a caller's own, which go along with those that the client sets. `Debug` shows no values.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header.
    ///
    /// # Errors
    /// `invalid_argument`, field `headers`, naming the header: HTTP forbids its name or value, the client sets it, or it
    /// is there already.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Result<Self> {
        self.add(name, value.into()).map_err(|expected| Error::invalid("headers", expected))?;
        Ok(self)
    }

    /// Names in lower case, and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn add(&mut self, name: &str, value: String) -> Result<(), String> {
        let shown: String = name.chars().take(SHOWN).map(|c| if c.is_control() { '?' } else { c }).collect();
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(format!("`{shown}`: expected a name such as `x-request-id`"));
        }
        let name = name.to_ascii_lowercase();
        if let Some((_, instead)) = OWN.iter().find(|(own, _)| *own == name) {
            return Err(format!("`{shown}` is set by the client; {instead}"));
        }
        if name.starts_with("proxy-") {
            return Err(format!("`{shown}` is set by the client; {CONNECTION}"));
        }
        if value.trim() != value || !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(format!("`{shown}`: expected a value of printable ASCII without blanks around it"));
        }
        if self.0.iter().any(|(known, _)| *known == name) {
            return Err(format!("`{shown}` is given twice"));
        }
        self.0.push((name, value));
        Ok(())
    }
}

/// Whether a name of HTTP's may hold it (RFC 9110, section 5.6.2).
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = BTreeMap::<String, String>::deserialize(deserializer)?;
        let mut headers = Self::new();
        for (name, value) in given {
            headers.add(&name, value).map_err(D::Error::custom)?;
        }
        Ok(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn names_and_values_are_those_that_http_allows() {
        for (name, value, says) in [
            ("", "1", "``: expected a name"),
            ("x y", "1", "`x y`: expected a name"),
            ("x\r\nhost", "1", "`x??host`: expected a name"),
            ("x:", "1", "`x:`: expected a name"),
            ("é", "1", "`é`: expected a name"),
            ("X-A", "5ecret\nhost: evil", "`X-A`: expected a value"),
            ("X-A", "5ecret\r", "`X-A`: expected a value"),
            ("X-A", "5ecret\0", "`X-A`: expected a value"),
            ("X-A", " 5ecret", "`X-A`: expected a value"),
            ("X-A", "5ecreté", "`X-A`: expected a value"),
            ("x-known", "5ecret", "`x-known` is given twice"),
        ] {
            let headers = Headers::new().with("X-Known", "1").unwrap();
            let error = headers.with(name, value).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("headers")));
            assert!(error.message().starts_with(&format!("headers: {says}")), "{error}");
            assert!(!error.message().contains("5ecret"), "{error}");
        }
        let headers = Headers::new().with("X-Trace-Id", "a b;\"c\"~").unwrap().with("x-empty", "").unwrap();
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("x-trace-id", "a b;\"c\"~"), ("x-empty", "")]);
        assert_eq!(format!("{headers:?}"), r#"["x-trace-id", "x-empty"]"#);
    }

    #[test]
    fn what_the_client_sets_is_not_overridden() {
        for (name, instead) in [
            ("Authorization", "`token`"),
            ("VERSION", "`version`"),
            ("Host", "`baseUrl`"),
            ("User-Agent", "`appInfo`"),
            ("Content-Length", "connection"),
            ("Proxy-Authorization", "connection"),
            ("content-type", "JSON"),
        ] {
            let error = Headers::new().with(name, "1").unwrap_err();
            assert!(error.message().starts_with(&format!("headers: `{name}` is set")), "{error}");
            assert!(error.message().contains(instead), "{error}");
        }
        for (name, _) in OWN {
            assert!(Headers::new().with(name, "1").is_err(), "{name}");
        }
    }
}
