use super::text::shown;
use crate::error::{Error, Result};

/// Longest e-mail address in characters, and longest part before the `@`.
const MAX_EMAIL_CHARS: usize = 254;
const MAX_LOCAL_CHARS: usize = 64;

/// An e-mail address as an identity: trimmed, in lower case.
///
/// The form is checked for what can be told without sending to it: one `@`, up to 64 characters before
/// it, a domain with a point after it, at most 254 characters, none that a mail header or a list of
/// addresses would give a meaning.
///
/// # Errors
/// `invalid_argument`, field `email`.
pub fn normalize_email(text: &str) -> Result<String> {
    let text = text.trim();
    let refused = |why: &str| Err(Error::invalid("email", format_args!("{why}, got {}", shown(text))));
    if text.chars().count() > MAX_EMAIL_CHARS {
        return refused(&format!("expected at most {MAX_EMAIL_CHARS} characters"));
    }
    let unwelcome = |c: char| c.is_whitespace() || c.is_control() || "()<>[]\\,;:\"".contains(c);
    if text.contains(unwelcome) {
        return refused("expected a bare address such as aino@example.com");
    }
    let (local, domain) = match text.split_once('@') {
        Some((local, domain)) if !domain.contains('@') => (local, domain),
        _ => return refused("expected one @"),
    };
    if local.is_empty() || local.chars().count() > MAX_LOCAL_CHARS {
        return refused(&format!("expected 1 to {MAX_LOCAL_CHARS} characters before the @"));
    }
    let labels_filled = |name: &str| name.split('.').all(|label| !label.is_empty());
    if !labels_filled(local) || !labels_filled(domain) || !domain.contains('.') {
        return refused("expected a domain such as example.com after the @, and no stray point");
    }
    Ok(text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_trimmed_and_in_lower_case() {
        let table = [
            (" Aino.Virtanen@Example.COM ", "aino.virtanen@example.com"),
            ("o'brien+sauna@mail.example.co.uk", "o'brien+sauna@mail.example.co.uk"),
            ("ÅSA@EXEMPEL.SE", "åsa@exempel.se"),
            ("用户@例子.公司", "用户@例子.公司"),
        ];
        for (text, normal) in table {
            assert_eq!(normalize_email(text).unwrap(), normal);
        }
    }

    #[test]
    fn what_is_no_single_address_is_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long = format!("a@{}example.com", "b.".repeat(130));
        for bad in [
            "",
            "@",
            "a@",
            "@b.fi",
            "a.b.fi",
            "a@b@c.fi",
            "a@localhost",
            "a@b..fi",
            "a@.fi",
            "a@b.",
            ".a@b.fi",
            "a..b@c.fi",
            "a b@c.fi",
            "a@b.fi,c@d.fi",
            "Aino <a@b.fi>",
            "a@b.fi\r\nBcc: c@d.fi",
            "a\0@b.fi",
            &long_local,
            &long,
        ] {
            assert_eq!(normalize_email(bad).unwrap_err().field(), Some("email"), "{bad:?}");
        }
    }
}
