use std::fmt;

use serde::{Serialize, Serializer};

use super::text::shown;
use crate::error::{Error, Result};

/// The active currencies of ISO 4217 by the digits of their minor unit. Metals, test codes and codes
/// without a minor unit are left out: nothing is priced in them.
const DIGITS: [(u8, &str); 4] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF \
         CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL \
         HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU \
         MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR \
         SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED \
         VES WST XCD XCG YER ZAR ZMW ZWG",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub struct Currency {
    code: &'static str,
    digits: u8,
}

impl Currency {
    /// Reads a code such as `EUR`; lower case, as payment providers write it, is accepted.
    ///
    /// # Errors
    /// `invalid_argument`, field `currency`.
    pub fn parse(code: &str) -> Result<Self> {
        let known = |(digits, codes): (u8, &'static str)| {
            let code = codes.split(' ').find(|known| known.eq_ignore_ascii_case(code))?;
            Some(Self { code, digits })
        };
        DIGITS.into_iter().find_map(known).ok_or_else(|| {
            Error::invalid(
                "currency",
                format_args!("expected an ISO 4217 code such as EUR, got {}", shown(code)),
            )
        })
    }

    /// The three-letter code, in upper case.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// How many decimal digits the minor unit has: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn digits(self) -> u8 {
        self.digits
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_have_their_digits() {
        for (code, digits) in
            [("EUR", 2), ("usd", 2), ("JPY", 0), ("isk", 0), ("KWD", 3), ("CLF", 4), ("HUF", 2)]
        {
            let currency = Currency::parse(code).unwrap();
            assert_eq!((currency.code(), currency.digits()), (code.to_ascii_uppercase().as_str(), digits));
        }
    }

    #[test]
    fn what_is_no_active_currency_is_refused() {
        for code in ["", "EU", "EURO", "XXX", "XAU", "DEM", "HRK", "€", "EUR ", "EUR USD", " "] {
            let error = Currency::parse(code).unwrap_err();
            assert_eq!(error.field(), Some("currency"), "{code:?}");
        }
    }

    #[test]
    fn the_table_lists_each_code_once() {
        let codes: Vec<&str> = DIGITS.iter().flat_map(|(_, codes)| codes.split(' ')).collect();
        assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())));
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    }
}
