use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;

use crate::error::{Error, Result};

/// A number by its decimal text, which is sent and kept digit for digit: `4999.00` stays `4999.00`, and no
/// binary fraction ever stands for an amount of money. Equality is that of the text.
#[derive(Clone)]
pub struct ExactNumber(Box<RawValue>);

impl ExactNumber {
    /// Takes a number as JSON writes it, e.g. `4999.00`.
    ///
    /// # Errors
    /// `invalid_argument` naming the field.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        RawValue::from_string(text.to_owned())
            .ok()
            .filter(|raw| is_number(raw))
            .map(Self)
            .ok_or_else(|| Error::invalid(field, "expected a number in digits, like 4999.00"))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

fn is_number(raw: &RawValue) -> bool {
    matches!(raw.get().as_bytes().first(), Some(b'-' | b'0'..=b'9'))
}

impl PartialEq for ExactNumber {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for ExactNumber {}

impl From<i64> for ExactNumber {
    fn from(number: i64) -> Self {
        // The text of an integer is JSON; 0 cannot occur.
        Self(RawValue::from_string(number.to_string()).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }
}

impl fmt::Debug for ExactNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for ExactNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ExactNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ExactNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if is_number(&raw) { Ok(Self(raw)) } else { Err(D::Error::custom("expected a number")) }
    }
}
