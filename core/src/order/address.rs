use serde::{Deserialize, Serialize};

use super::{
    country::Country,
    text::{MAX_NAME_CHARS, line, optional_line, required_line},
};
use crate::{error::Result, json::at};

/// Where an order goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Street and number.
    pub line1: String,
    /// Floor, company, care of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// Town.
    pub city: String,
    /// State, province or county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code; empty where a country has none.
    pub postal_code: String,
    /// Two-letter country code of ISO 3166.
    pub country: String,
}

impl Address {
    /// The checked address, and its country.
    pub(super) fn checked(&self, path: &str) -> Result<(Self, Country)> {
        let field = |name: &str| format!("{path}.{name}");
        let country = at(&field("country"), Country::parse(self.country.trim()))?;
        let address = Self {
            line1: required_line(&field("line1"), &self.line1, MAX_NAME_CHARS)?,
            line2: optional_line(&field("line2"), self.line2.as_deref(), MAX_NAME_CHARS)?,
            city: required_line(&field("city"), &self.city, MAX_NAME_CHARS)?,
            region: optional_line(&field("region"), self.region.as_deref(), MAX_NAME_CHARS)?,
            postal_code: line(&field("postalCode"), &self.postal_code, MAX_NAME_CHARS)?,
            country: country.code().to_owned(),
        };
        Ok((address, country))
    }
}

/// An address on one line, e.g. `Rantatie 5, 00100 Helsinki, Uusimaa, FI`; empty parts are left out.
pub fn format_address(address: &Address) -> String {
    let town = format!("{} {}", address.postal_code, address.city);
    let parts = [
        address.line1.as_str(),
        address.line2.as_deref().unwrap_or_default(),
        town.trim(),
        address.region.as_deref().unwrap_or_default(),
        address.country.as_str(),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(line2: Option<&str>, region: Option<&str>, postal_code: &str) -> Address {
        Address {
            line1: "Rantatie 5".to_owned(),
            line2: line2.map(str::to_owned),
            city: "Helsinki".to_owned(),
            region: region.map(str::to_owned),
            postal_code: postal_code.to_owned(),
            country: "FI".to_owned(),
        }
    }

    #[test]
    fn an_address_is_one_line_without_gaps() {
        let table = [
            (address(None, None, "00100"), "Rantatie 5, 00100 Helsinki, FI"),
            (
                address(Some("B 12"), Some("Uusimaa"), "00100"),
                "Rantatie 5, B 12, 00100 Helsinki, Uusimaa, FI",
            ),
            (address(Some(""), None, ""), "Rantatie 5, Helsinki, FI"),
        ];
        for (address, expected) in table {
            assert_eq!(format_address(&address), expected);
        }
    }

    #[test]
    fn every_part_is_checked_and_named() {
        type Spoil = fn(&mut Address);
        let table: [(&str, Spoil); 7] = [
            ("shippingAddress.line1", |a| a.line1 = " ".into()),
            ("shippingAddress.line2", |a| a.line2 = Some("x".repeat(256))),
            ("shippingAddress.city", |a| a.city = "Hel\nsinki".into()),
            ("shippingAddress.region", |a| a.region = Some("\u{7}".into())),
            ("shippingAddress.postalCode", |a| a.postal_code = "0".repeat(300)),
            ("shippingAddress.country", |a| a.country = "Finland".into()),
            ("shippingAddress.country", |a| a.country = String::new()),
        ];
        for (field, spoil) in table {
            let mut address = address(None, None, "00100");
            spoil(&mut address);
            assert_eq!(address.checked("shippingAddress").unwrap_err().field(), Some(field));
        }
    }
}
