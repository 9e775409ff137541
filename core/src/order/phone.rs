use super::{country::Country, text::shown};
use crate::error::{Error, Result};

/// Fewest and most digits of an international number, calling code included (ITU-T E.164 allows 15).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Fewest digits after the calling code for a national number to be taken for one with its code in front.
const LIKELY_NATIONAL_DIGITS: usize = 8;

/// A phone number as an identity: E.164, e.g. `+358401234567`.
///
/// A number with `+` or `00` in front (`011` in North America) is international. Any other is a number of
/// `country`, and loses that country's trunk prefix: `040 123 4567` in Finland is `+358401234567`. Spaces,
/// points, dashes, slashes and parentheses are dropped, and so is the `(0)` of `+358 (0)40 123 4567`.
///
/// # Errors
/// `invalid_argument`, field `phone`: other characters, too few or too many digits, an unknown calling
/// code, or a national number that could as well be one with the calling code in front.
pub fn normalize_phone(text: &str, country: Country) -> Result<String> {
    let text = text.trim();
    let refused = |why: &str| Err(Error::invalid("phone", format_args!("{why}, got {}", shown(text))));
    let Some((plus, digits)) = dialled(text) else {
        return refused("expected a number such as +358 40 123 4567");
    };
    let exit_code = if country.calling_code() == "1" { "011" } else { "00" };
    let international = if plus { Some(digits.as_str()) } else { digits.strip_prefix(exit_code) };
    let number = match international {
        Some(number) => number.to_owned(),
        None => match national(&digits, country) {
            Some(number) => format!("{}{number}", country.calling_code()),
            None => return refused("expected + before the calling code, or 0 before a national number"),
        },
    };
    if !DIGITS.contains(&number.len()) {
        return refused(&format!(
            "expected {} to {} digits with the calling code, not {}",
            DIGITS.start(),
            DIGITS.end(),
            number.len()
        ));
    }
    if !Country::is_calling_code_of(&number) {
        return refused("expected a country's calling code after the +");
    }
    if number.strip_prefix('1').is_some_and(|rest| !is_north_american(rest)) {
        return refused("expected 10 digits after +1, the first of them 2 to 9");
    }
    Ok(format!("+{number}"))
}

/// Whether there is a `+`, and the digits; `None` if there is anything else.
fn dialled(text: &str) -> Option<(bool, String)> {
    let (plus, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    // Only in an international number is "(0)" the trunk prefix that must not be dialled.
    let rest = if plus || rest.starts_with("00") { rest.replacen("(0)", "", 1) } else { rest.to_owned() };
    let separator = |c: &char| c.is_whitespace() || "-.()/\u{2010}\u{2011}\u{2013}".contains(*c);
    let digits: String = rest.chars().filter(|c| !separator(c)).collect();
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some((plus, digits))
}

/// The national number, or `None` where it is not certain that it is one.
fn national(digits: &str, country: Country) -> Option<&str> {
    if let Some(number) = country.without_trunk_prefix(digits) {
        return Some(number);
    }
    match digits.strip_prefix(country.calling_code()) {
        Some(rest) if rest.len() >= LIKELY_NATIONAL_DIGITS => None,
        _ => Some(digits),
    }
}

fn is_north_american(number: &str) -> bool {
    number.len() == 10 && number.bytes().next().is_some_and(|b| b >= b'2')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn phone(text: &str, country: &str) -> Result<String> {
        normalize_phone(text, Country::parse(country).unwrap())
    }

    #[test]
    fn every_spelling_of_a_number_is_one_identity() {
        for text in [
            "040 123 4567",
            "0401234567",
            "40 123 4567",
            "+358401234567",
            "+358 40 123 4567",
            "00358401234567",
            "00 358 40 1234567",
            "+358 (0)40 123 4567",
            "+358(0)401234567",
            "00358 (0)40-123-4567",
            "(040) 123-4567",
            "040/123.4567",
            "+358\u{a0}40\u{a0}123\u{a0}4567",
            " 040\u{2011}1234567 ",
        ] {
            assert_eq!(phone(text, "FI").unwrap(), "+358401234567", "{text:?}");
        }
    }

    #[test]
    fn the_country_decides_how_a_national_number_is_read() {
        let table = [
            ("070 123 45 67", "SE", "+46701234567"),
            ("(415) 555-0123", "US", "+14155550123"),
            ("1-415-555-0123", "US", "+14155550123"),
            ("011 358 40 1234567", "CA", "+358401234567"),
            ("06 12345678", "IT", "+390612345678"),
            ("8 916 123-45-67", "RU", "+79161234567"),
            ("06 30 123 4567", "HU", "+36301234567"),
            ("80 29 123-45-67", "BY", "+375291234567"),
            ("8 612 34567", "LT", "+37061234567"),
            ("45 12 34 56", "DK", "+4545123456"),
            ("612 345 678", "ES", "+34612345678"),
            ("090-1234-5678", "JP", "+819012345678"),
            ("07911 123456", "GB", "+447911123456"),
            ("+1 415 555 0123", "FI", "+14155550123"),
            ("9123456", "MV", "+9609123456"),
        ];
        for (text, country, normal) in table {
            assert_eq!(phone(text, country).unwrap(), normal, "{text} in {country}");
        }
    }

    #[test]
    fn a_number_that_could_be_two_is_refused() {
        for (text, country) in
            [("358401234567", "FI"), ("4512345678", "DK"), ("79161234567", "RU"), ("46701234567", "SE")]
        {
            let error = phone(text, country).unwrap_err();
            assert!(error.message().contains("expected + before the calling code"), "{error}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (text, country) in [
            ("", "FI"),
            ("+", "FI"),
            ("call me", "FI"),
            ("040 123 4567 ext. 5", "FI"),
            ("12", "FI"),
            ("+35840", "FI"),
            ("+3584012345678901", "FI"),
            ("0401234567890123", "FI"),
            ("+999 123 4567", "FI"),
            ("++358401234567", "FI"),
            ("00", "FI"),
            ("+358+401234567", "FI"),
            ("٠٤٠١٢٣٤٥٦٧", "FI"),
            ("555-0123", "US"),
            ("+1 155 555 0123", "US"),
            ("415 555 01234", "US"),
            ("0011 358 40 1234567", "AU"),
            ("040\u{0}1234567", "FI"),
        ] {
            assert_eq!(phone(text, country).unwrap_err().field(), Some("phone"), "{text:?} in {country}");
        }
    }

    proptest! {
        #[test]
        fn a_normal_number_stays_as_it_is(text in "[+0-9 ()./-]{0,24}", country in "FI|US|IT|RU|HU|DK") {
            if let Ok(number) = phone(&text, &country) {
                prop_assert!(number.starts_with('+') && (8..=16).contains(&number.len()), "{}", number);
                prop_assert!(number.bytes().skip(1).all(|b| b.is_ascii_digit()), "{}", number);
                for elsewhere in ["FI", "US", "IT"] {
                    prop_assert_eq!(&phone(&number, elsewhere).unwrap(), &number);
                }
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = phone(&text, "FI");
        }
    }
}
