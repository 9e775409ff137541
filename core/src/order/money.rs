use serde::Serialize;

use super::{currency::Currency, text::shown};
use crate::error::{Error, Result};

/// Largest amount, in minor units: 15 digits, which every JSON reader's floating-point number keeps exactly.
pub const MAX_MINOR_UNITS: i64 = 999_999_999_999_999;

/// An exact amount of money: whole minor units (cents) of a currency, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Money {
    /// The amount in minor units, e.g. cents.
    minor: i64,
    /// Its currency.
    currency: Currency,
}

impl Money {
    /// An amount in minor units, e.g. cents.
    ///
    /// # Errors
    /// `invalid_argument`, field `minor`, when negative or above [`MAX_MINOR_UNITS`].
    pub fn from_minor(minor: i64, currency: Currency) -> Result<Self> {
        if (0..=MAX_MINOR_UNITS).contains(&minor) {
            return Ok(Self { minor, currency });
        }
        Err(Error::invalid("minor", format_args!("expected 0 to {MAX_MINOR_UNITS} minor units, got {minor}")))
    }

    /// Reads a plain decimal in major units, e.g. `4999` or `4999.00`: digits, then optionally a point and
    /// at most as many digits as the currency has. Nothing is rounded.
    ///
    /// # Errors
    /// `invalid_argument`, field `amount`: negative, too many decimals, too large, or not of that form
    /// (a comma, an exponent, a currency sign, white space).
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self> {
        let refused = |why: &str| Err(Error::invalid("amount", format_args!("{why}, got {}", shown(text))));
        let (whole, decimals) = match text.split_once('.') {
            Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
            Some(_) => return refused("expected digits after the point"),
            None => (text, ""),
        };
        if text.starts_with('-') {
            return refused("expected an amount of at least 0");
        }
        if whole.is_empty() || !whole.bytes().chain(decimals.bytes()).all(|b| b.is_ascii_digit()) {
            return refused("expected a plain decimal such as 4999.00");
        }
        let digits = usize::from(currency.digits());
        if decimals.len() > digits {
            return refused(&format!("expected at most {digits} decimals, as {currency} has"));
        }
        let padding = std::iter::repeat_n(b'0', digits - decimals.len());
        let minor = whole
            .bytes()
            .chain(decimals.bytes())
            .chain(padding)
            .try_fold(0i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit - b'0')));
        match minor {
            Some(minor) if minor <= MAX_MINOR_UNITS => Ok(Self { minor, currency }),
            _ => refused(&format!("expected at most {MAX_MINOR_UNITS} minor units")),
        }
    }

    /// The amount in minor units.
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The amount in major units with all of the currency's digits, e.g. `4999.00`.
    pub fn to_decimal(self) -> String {
        let digits = usize::from(self.currency.digits());
        if digits == 0 {
            return self.minor.to_string();
        }
        let unit = 10i64.pow(u32::from(self.currency.digits()));
        format!("{}.{:0digits$}", self.minor / unit, self.minor % unit)
    }

    /// The amount in major units as the shortest exact JSON number, e.g. `4999` or `4999.5`: what is
    /// written as an opportunity's `monetaryValue`.
    pub fn to_json_number(self) -> String {
        let decimal = self.to_decimal();
        if !decimal.contains('.') {
            return decimal;
        }
        decimal.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, code: &str) -> Result<i64> {
        Money::from_decimal(text, Currency::parse(code).unwrap()).map(Money::minor)
    }

    #[test]
    fn decimals_are_read_exactly() {
        let table = [
            ("4999.00", "EUR", 499_900),
            ("4999", "EUR", 499_900),
            ("4999.5", "EUR", 499_950),
            ("0", "EUR", 0),
            ("0.07", "EUR", 7),
            ("007", "EUR", 700),
            ("1234", "JPY", 1_234),
            ("1.234", "KWD", 1_234),
            ("1.2", "CLF", 12_000),
            ("9999999999999.99", "EUR", MAX_MINOR_UNITS),
        ];
        for (text, code, minor) in table {
            assert_eq!(read(text, code).unwrap(), minor, "{text} {code}");
        }
    }

    #[test]
    fn what_is_not_exact_is_refused() {
        let table = [
            ("-1", "EUR", "at least 0"),
            ("-0.5", "EUR", "at least 0"),
            ("4999.001", "EUR", "at most 2 decimals, as EUR has"),
            ("4999.000", "EUR", "at most 2 decimals"),
            ("0.30000000000000004", "EUR", "at most 2 decimals"),
            ("1.0", "JPY", "at most 0 decimals"),
            ("10000000000000.00", "EUR", "at most 999999999999999"),
            ("99999999999999999999999999", "EUR", "at most 999999999999999"),
            ("1.", "EUR", "digits after the point"),
            (".5", "EUR", "plain decimal"),
            ("", "EUR", "plain decimal"),
            ("1e3", "EUR", "plain decimal"),
            ("1,50", "EUR", "plain decimal"),
            ("1 000", "EUR", "plain decimal"),
            ("+1", "EUR", "plain decimal"),
            ("٤٩", "EUR", "plain decimal"),
            ("1.2.3", "EUR", "plain decimal"),
            ("NaN", "EUR", "plain decimal"),
        ];
        for (text, code, hint) in table {
            let error = read(text, code).unwrap_err();
            assert_eq!(error.field(), Some("amount"));
            assert!(error.message().contains(hint), "{text}: {error}");
        }
    }

    #[test]
    fn amounts_are_written_exactly() {
        let table = [
            (499_900, "EUR", "4999.00", "4999"),
            (499_950, "EUR", "4999.50", "4999.5"),
            (499_955, "EUR", "4999.55", "4999.55"),
            (5, "EUR", "0.05", "0.05"),
            (0, "EUR", "0.00", "0"),
            (100, "JPY", "100", "100"),
            (1_000, "KWD", "1.000", "1"),
            (1_000_000, "EUR", "10000.00", "10000"),
        ];
        for (minor, code, decimal, number) in table {
            let money = Money::from_minor(minor, Currency::parse(code).unwrap()).unwrap();
            assert_eq!((money.to_decimal().as_str(), money.to_json_number().as_str()), (decimal, number));
        }
    }

    #[test]
    fn minor_units_have_bounds() {
        let eur = Currency::parse("EUR").unwrap();
        assert!(Money::from_minor(MAX_MINOR_UNITS, eur).is_ok());
        for minor in [-1, MAX_MINOR_UNITS + 1, i64::MIN] {
            assert_eq!(Money::from_minor(minor, eur).unwrap_err().field(), Some("minor"));
        }
    }

    proptest! {
        #[test]
        fn writing_and_reading_give_the_same_amount(minor in 0..=MAX_MINOR_UNITS, code in "EUR|JPY|KWD|CLF") {
            let money = Money::from_minor(minor, Currency::parse(&code).unwrap()).unwrap();
            prop_assert_eq!(Money::from_decimal(&money.to_decimal(), money.currency()).unwrap(), money);
            prop_assert_eq!(Money::from_decimal(&money.to_json_number(), money.currency()).unwrap(), money);
        }

        #[test]
        fn a_json_reader_with_floating_point_keeps_the_amount(minor in 0..=MAX_MINOR_UNITS, code in "EUR|JPY|KWD|CLF") {
            let money = Money::from_minor(minor, Currency::parse(&code).unwrap()).unwrap();
            let float: f64 = serde_json::from_str(&money.to_json_number()).unwrap();
            prop_assert_eq!(Money::from_decimal(&float.to_string(), money.currency()).unwrap(), money);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = read(&text, "EUR");
        }
    }
}
