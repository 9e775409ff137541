use std::borrow::Cow;

use crate::scanner::Scanner;

/// A JSON string as it stands between its quotes, known to be well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    pub(crate) const fn new(raw: &'a str) -> Self {
        Self(raw)
    }

    /// As it stands, without its quotes.
    pub const fn raw(self) -> &'a str {
        self.0
    }

    /// The text it stands for, borrowed where it has no escapes.
    pub fn decode(self) -> Cow<'a, str> {
        if self.is_escaped() { Cow::Owned(self.unescaped()) } else { Cow::Borrowed(self.0) }
    }

    /// The text, unless it holds U+0000: no identifier or name has it, and PostgreSQL could not keep it.
    pub fn decode_storable(self) -> Option<Cow<'a, str>> {
        // A bare U+0000 is no JSON, so only an escape can stand for it.
        let text = self.decode();
        if matches!(&text, Cow::Owned(text) if text.contains('\0')) { None } else { Some(text) }
    }

    /// What `find` finds for it, without a copy where it has no escapes.
    pub(crate) fn is_one_of<T>(self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        find(self.0).or_else(|| if self.is_escaped() { find(&self.unescaped()) } else { None })
    }

    /// Whether it stands for `text`.
    #[inline]
    pub fn is(self, text: &str) -> bool {
        // An escape takes more room than what it stands for.
        let escaped = self.0.len() > text.len() && self.is_escaped() && self.unescaped() == text;
        escaped || (self.0 == text && !self.is_escaped())
    }

    fn is_escaped(self) -> bool {
        self.0.as_bytes().contains(&b'\\')
    }

    #[cold]
    fn unescaped(self) -> String {
        let mut scanner = Scanner::new(self.0);
        let mut text = String::with_capacity(self.0.len());
        // It was found well-formed, so it ends where nothing more can be read.
        loop {
            text.push_str(scanner.part().unwrap_or_default());
            match scanner.escape() {
                Ok(Some(escape)) => text.push(escape),
                _ => return text,
            }
        }
    }
}

/// Texts behind one another, `first` before the first of them and U+0000 before each of the others.
pub fn joined<const N: usize>(first: char, texts: [&str; N]) -> String {
    let mut joined = String::with_capacity(texts.iter().fold(4, |length, text| length + text.len() + 1));
    joined.push(first);
    for (place, text) in texts.into_iter().enumerate() {
        if place > 0 {
            joined.push('\0');
        }
        joined.push_str(text);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_it_stands_for() {
        for (raw, is, is_not) in [
            ("data", "data", "dat"),
            ("d\\u0061ta", "data", "d\\u0061ta"),
            ("\\n", "\n", "\\n"),
            ("", "", "a"),
        ] {
            assert!(Text::new(raw).is(is) && !Text::new(raw).is(is_not), "{raw}");
        }
    }
}
