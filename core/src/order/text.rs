use crate::error::{Error, Result};

/// Longest name or address line, in characters.
pub const MAX_NAME_CHARS: usize = 255;
/// Longest order number, in characters.
pub const MAX_NUMBER_CHARS: usize = 100;
/// Longest installation notes, in characters.
pub const MAX_NOTES_CHARS: usize = 5_000;

/// A value as an error shows it: quoted, escaped, and cut after 40 characters.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{dots}")
}

/// Checks one line of text and takes the white space off its ends.
pub(super) fn line(field: &str, text: &str, max_chars: usize) -> Result<String> {
    checked(field, text, max_chars, char::is_control)
}

/// As [`line`], but the text must say something.
pub(super) fn required_line(field: &str, text: &str, max_chars: usize) -> Result<String> {
    let text = line(field, text, max_chars)?;
    if text.is_empty() {
        return Err(Error::invalid(field, format_args!("expected 1 to {max_chars} characters, got none")));
    }
    Ok(text)
}

/// As [`line`], for text that may be left out: blank is the same as absent.
pub(super) fn optional_line(field: &str, text: Option<&str>, max_chars: usize) -> Result<Option<String>> {
    let text = text.map(|text| line(field, text, max_chars)).transpose()?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// As [`optional_line`], for text of several lines.
pub(super) fn optional_notes(field: &str, text: Option<&str>) -> Result<Option<String>> {
    let unwelcome = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let text = text.map(|text| checked(field, text, MAX_NOTES_CHARS, unwelcome)).transpose()?;
    Ok(text.filter(|text| !text.is_empty()))
}

fn checked(field: &str, text: &str, max_chars: usize, unwelcome: impl Fn(char) -> bool) -> Result<String> {
    let text = text.trim();
    let count = text.chars().count();
    if count > max_chars {
        return Err(Error::invalid(
            field,
            format_args!("expected at most {max_chars} characters, got {count}"),
        ));
    }
    if let Some(c) = text.chars().find(|c| unwelcome(*c)) {
        return Err(Error::invalid(
            field,
            format_args!("expected text without control characters, got {c:?}"),
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_characters_not_bytes() {
        let longest = "ä".repeat(255);
        assert_eq!(line("product.name", &longest, MAX_NAME_CHARS).unwrap(), longest);
        let error = line("product.name", &"x".repeat(300), MAX_NAME_CHARS).unwrap_err();
        assert_eq!(error.field(), Some("product.name"));
        assert!(error.message().contains("at most 255 characters, got 300"), "{error}");
    }

    #[test]
    fn blank_is_absent_and_ends_are_trimmed() {
        assert_eq!(optional_line("f", Some(" \u{a0} "), 9).unwrap(), None);
        assert_eq!(optional_line("f", Some(" a b "), 9).unwrap().as_deref(), Some("a b"));
        assert_eq!(required_line("f", "  ", 9).unwrap_err().field(), Some("f"));
    }

    #[test]
    fn control_characters_are_refused_but_notes_may_have_lines() {
        for bad in ["a\nb", "a\0b", "a\u{7f}b", "a\u{85}b"] {
            assert_eq!(line("f", bad, 9).unwrap_err().field(), Some("f"), "{bad:?}");
        }
        assert_eq!(optional_notes("f", Some("a\r\n\tb")).unwrap().as_deref(), Some("a\r\n\tb"));
        assert!(optional_notes("f", Some("a\0b")).is_err());
    }
}
