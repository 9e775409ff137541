use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::shown;
use crate::error::{Error, Result};

/// Longest status in bytes: with its `status_` prefix it is a tag, and the users' columns are `VARCHAR(50)`.
pub const MAX_STATUS_LEN: usize = 50;

/// The status of an order, e.g. `manufacturing`: a lower-case letter, then up to 49 lower-case letters,
/// digits or underscores. Whether it is one of a shop's statuses says the shop's status model.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
#[serde(try_from = "String", into = "String")]
pub struct Status(String);

impl Status {
    /// Reads a status, checking its form only.
    ///
    /// # Errors
    /// `invalid_argument`, field `status`.
    pub fn parse(text: &str) -> Result<Self> {
        let mut bytes = text.bytes();
        let well_formed = text.len() <= MAX_STATUS_LEN
            && bytes.next().is_some_and(|b| b.is_ascii_lowercase())
            && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if well_formed {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::invalid(
            "status",
            format_args!(
                "expected a lower-case letter followed by at most {} of a-z, 0-9 and _, got {}",
                MAX_STATUS_LEN - 1,
                shown(text)
            ),
        ))
    }

    /// A status written down in this crate, whose form its tests check.
    pub(super) fn known(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The status's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Status {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Status> for String {
    fn from(status: Status) -> String {
        status.0
    }
}

impl TryFrom<String> for Status {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_form_is_a_status() {
        for good in ["a", "order_placed", "step2", "a_", &"x".repeat(50)] {
            assert_eq!(Status::parse(good).unwrap().as_str(), good);
        }
        for bad in
            ["", "_a", "2a", "Shipped", "in production", "in-production", "käsittely", "a\0", &"x".repeat(51)]
        {
            let error = Status::parse(bad).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                (crate::Code::InvalidArgument, Some("status")),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn json_goes_through_the_same_check() {
        assert_eq!(serde_json::from_str::<Status>("\"shipped\"").unwrap(), Status::known("shipped"));
        assert_eq!(serde_json::to_string(&Status::known("shipped")).unwrap(), "\"shipped\"");
        assert!(serde_json::from_str::<Status>("\"Shipped\"").is_err());
    }

    #[test]
    fn a_hostile_text_is_shown_short_and_escaped() {
        let error = Status::parse(&"\u{1b}[31m".repeat(1_000)).unwrap_err();
        assert!(error.message().len() < 300 && !error.message().contains('\u{1b}'), "{error}");
    }
}
