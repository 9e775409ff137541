use crate::error::{Error, Result};

/// Longest tag, e.g. `zh-Hans-CN`; RFC 5646 asks for room for 35.
const MAX_CHARS: usize = 35;

/// The tag of a language as RFC 5646 writes it, e.g. `en` or `de-AT`, in lower case.
///
/// # Errors
/// `invalid_argument`, field `locale`.
pub fn normalize_locale(text: &str) -> Result<String> {
    let text = text.trim();
    let fits = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let first = text.split(['-', '_']).next().unwrap_or_default();
    let is_language = (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic());
    if is_language && text.len() <= MAX_CHARS && text.split(['-', '_']).all(fits) {
        return Ok(text.to_ascii_lowercase().replace('_', "-"));
    }
    Err(Error::invalid("locale", format_args!("expected a language such as `en` or `de-AT`, got {text:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_of_a_language_is_taken_in_lower_case() {
        for (text, normal) in [("en", "en"), (" de_AT ", "de-at"), ("zh-Hans-CN", "zh-hans-cn")] {
            assert_eq!(normalize_locale(text).unwrap(), normal);
        }
        for text in ["", "e", "e n", "12", "en-", "en-ä", "languages1-x", &"en-".repeat(20)] {
            assert_eq!(normalize_locale(text).unwrap_err().field(), Some("locale"), "{text}");
        }
    }
}
