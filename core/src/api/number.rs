use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::{RawValue, to_raw_value};

use crate::error::{Error, Result};

/// A number by its decimal text, which is sent and kept digit for digit: `4999.00` stays `4999.00`, and no
/// binary fraction ever stands for an amount of money. Equality is that of the text.
#[derive(Clone)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "number"))]
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
        // An integer can always be written.
        Self(to_raw_value(&number).unwrap_or_default())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stay_as_they_are() {
        for text in ["0", "4999.00", "-0.10", "90071992547409931.10", "1e3"] {
            let number = ExactNumber::parse("total", text).unwrap();
            assert_eq!(serde_json::to_string(&number).unwrap(), text);
            assert_eq!(serde_json::from_str::<ExactNumber>(text).unwrap(), number);
        }
        assert_eq!(ExactNumber::from(i64::MIN).as_str(), "-9223372036854775808");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for bad in ["", " ", "1 2", "1,5", "01", ".5", "5.", "+1", "NaN", "null", "\"1\"", "[1]", "1}", "١"]
        {
            assert_eq!(ExactNumber::parse("total", bad).unwrap_err().field(), Some("total"), "{bad:?}");
        }
        assert!(serde_json::from_str::<ExactNumber>("\"1\"").is_err());
    }
}
