use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::value::RawValue;

use super::{currency::Currency, money::Money};
use crate::{
    error::{Error, Result},
    json::at,
};

/// An order's total as it is given: `{ "amount": "4999.00", "currency": "EUR" }`,
/// `{ "minor": 499900, "currency": "EUR" }`, or a bare number in major units of the configured currency.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(untagged))]
pub enum Total {
    /// A decimal in major units.
    Amount {
        /// E.g. `4999.00`.
        amount: String,
        /// ISO 4217.
        currency: String,
    },
    /// A whole number of minor units.
    Minor {
        /// E.g. cents.
        minor: i64,
        /// ISO 4217.
        currency: String,
    },
    /// The text of a bare JSON number.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    Bare(String),
}

impl Total {
    /// The exact amount; `default` is the currency of a bare number.
    pub(super) fn money(&self, default: Option<Currency>) -> Result<Money> {
        match self {
            Total::Amount { amount, currency } => {
                let currency = at("total.currency", Currency::parse(currency))?;
                at("total.amount", Money::from_decimal(amount, currency))
            }
            Total::Minor { minor, currency } => {
                let currency = at("total.currency", Currency::parse(currency))?;
                at("total.minor", Money::from_minor(*minor, currency))
            }
            Total::Bare(number) => {
                let currency = default.ok_or_else(|| {
                    Error::invalid(
                        "total",
                        "a bare number needs a configured currency (GHLKIT_CURRENCY); else give \
                         {\"amount\":\"4999.00\",\"currency\":\"EUR\"} or {\"minor\":499900,\"currency\":\"EUR\"}",
                    )
                })?;
                at("total", Money::from_decimal(number, currency)).map_err(|error| {
                    let advice = r#"; or give {"amount":"4999.00","currency":"EUR"} or {"minor":499900,"currency":"EUR"}"#;
                    Error::new(error.code(), format!("{}{advice}", error.message())).with_field("total")
                })
            }
        }
    }
}

impl From<Money> for Total {
    fn from(money: Money) -> Self {
        Total::Minor { minor: money.minor(), currency: money.currency().code().to_owned() }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    minor: Option<i64>,
    currency: String,
}

impl Serialize for Total {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (amount, minor, currency) = match self {
            Total::Amount { amount, currency } => (Some(amount.clone()), None, currency.clone()),
            Total::Minor { minor, currency } => (None, Some(*minor), currency.clone()),
            Total::Bare(number) => {
                return RawValue::from_string(number.clone())
                    .map_err(S::Error::custom)?
                    .serialize(serializer);
            }
        };
        Parts { amount, minor, currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Total {
    /// From JSON text only: the digits of a number are kept as they are written.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return Ok(Total::Bare(text.to_owned()));
        }
        let expected = "expected a number, {\"amount\":\"4999.00\",\"currency\":\"EUR\"} or {\"minor\":499900,\"currency\":\"EUR\"}";
        if !text.starts_with('{') {
            return Err(D::Error::custom(expected));
        }
        match serde_json::from_str(text).map_err(D::Error::custom)? {
            Parts { amount: Some(amount), minor: None, currency } => Ok(Total::Amount { amount, currency }),
            Parts { amount: None, minor: Some(minor), currency } => Ok(Total::Minor { minor, currency }),
            _ => Err(D::Error::custom(format!("{expected}, with either `amount` or `minor`"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(json: &str, default: Option<&str>) -> Result<Money> {
        let total: Total = serde_json::from_str(json).unwrap();
        total.money(default.map(|code| Currency::parse(code).unwrap()))
    }

    #[test]
    fn the_three_forms_are_one_amount() {
        for (json, default) in [
            (r#"{"amount":"4999.00","currency":"EUR"}"#, None),
            (r#"{"currency":"eur","minor":499900}"#, Some("USD")),
            ("4999", Some("EUR")),
            ("4999.00", Some("EUR")),
        ] {
            let money = money(json, default).unwrap();
            assert_eq!((money.minor(), money.currency().code()), (499_900, "EUR"), "{json}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let table = [
            ("4999", None, "total", "GHLKIT_CURRENCY"),
            ("4999.001", Some("EUR"), "total", "at most 2 decimals"),
            ("4999.0000000000000001", Some("EUR"), "total", "at most 2 decimals"),
            ("-1", Some("EUR"), "total", "at least 0"),
            ("1e2", Some("EUR"), "total", "plain decimal"),
            ("1.5", Some("JPY"), "total", "\"minor\""),
            (r#"{"amount":"-4999.00","currency":"EUR"}"#, None, "total.amount", "at least 0"),
            (r#"{"amount":"1","currency":"EURO"}"#, None, "total.currency", "ISO 4217"),
            (r#"{"minor":-1,"currency":"EUR"}"#, None, "total.minor", "got -1"),
        ];
        for (json, default, field, hint) in table {
            let error = money(json, default).unwrap_err();
            assert_eq!(error.field(), Some(field), "{json}");
            assert!(
                error.message().starts_with(&format!("{field}: ")) && error.message().contains(hint),
                "{error}"
            );
        }
    }

    #[test]
    fn other_json_is_refused() {
        for json in [
            "null",
            "true",
            "[]",
            "\"4999.00\"",
            "{}",
            r#"{"currency":"EUR"}"#,
            r#"{"amount":4999,"currency":"EUR"}"#,
            r#"{"amount":"1","minor":100,"currency":"EUR"}"#,
            r#"{"minor":1.5,"currency":"EUR"}"#,
            r#"{"amount":"1","currency":"EUR","vat":0}"#,
            r#"{"amount":"1"}"#,
        ] {
            assert!(serde_json::from_str::<Total>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn json_is_written_as_it_was_read() {
        for json in
            ["4999.00", r#"{"amount":"4999.00","currency":"EUR"}"#, r#"{"minor":499900,"currency":"EUR"}"#]
        {
            let total: Total = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&total).unwrap(), json);
        }
    }
}
