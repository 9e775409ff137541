use std::fmt;

use crate::{run::plain, text::Text};

/// As deep as `serde_json` reads.
const MAX_DEPTH: u8 = 127;
/// A number of as many digits is within range, if it has no exponent.
const SAFE_DIGITS: usize = 300;

/// Why a text is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// What would have been right.
    pub expected: &'static str,
    /// Where, in bytes from the start.
    pub at: usize,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.at)
    }
}

/// The type of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `"…"`
    Text,
    /// `1`
    Number,
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
}

/// Reads a JSON text from its start to its end, each value once. It accepts what `serde_json` accepts as a
/// `Value` and nothing else, in what is skipped too.
///
/// ```
/// use ghlkit_wire::Scanner;
///
/// let mut json = Scanner::new(r#"{ "id": "c1", "tags": ["a", "b"] }"#);
/// json.open()?;
/// while let Some(key) = json.key()? {
///     match key.decode().as_ref() {
///         "id" => assert_eq!(json.text()?.decode(), "c1"),
///         _ => json.skip()?,
///     }
/// }
/// json.end()?;
/// # Ok::<(), ghlkit_wire::Fault>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    json: &'a str,
    at: usize,
    depth: u8,
    /// Whether the last thing read was the start of an array or object.
    opened: bool,
}

type Result<T> = std::result::Result<T, Fault>;

impl<'a> Scanner<'a> {
    /// At the start of a text.
    pub const fn new(json: &'a str) -> Self {
        Self { json, at: 0, depth: 0, opened: false }
    }

    /// The type of the value that comes next.
    pub fn kind(&mut self) -> Result<Kind> {
        match self.token() {
            Some(b'"') => Ok(Kind::Text),
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't') => Ok(Kind::True),
            Some(b'f') => Ok(Kind::False),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.fault("a value")),
        }
    }

    /// Reads a string.
    #[inline(always)]
    pub fn text(&mut self) -> Result<Text<'a>> {
        if self.token() != Some(b'"') {
            return Err(self.fault("a string"));
        }
        let start = self.at + 1;
        self.at = start + plain(self.json.as_bytes().get(start..).unwrap_or_default());
        if self.peek() != Some(b'"') {
            return self.escaped_text(start);
        }
        let raw = self.json.get(start..self.at).unwrap_or_default();
        self.at += 1;
        Ok(Text::new(raw))
    }

    /// Goes on with a string at the first of its bytes that needs a second look.
    #[cold]
    fn escaped_text(&mut self, start: usize) -> Result<Text<'a>> {
        loop {
            match self.peek() {
                Some(b'"') => {
                    let raw = self.json.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(Text::new(raw));
                }
                Some(b'\\') => _ = self.escape()?,
                Some(_) => return Err(self.fault("no control character in a string")),
                None => return Err(self.fault("the end of the string")),
            }
            self.part();
        }
    }

    /// What stands before the next quote, escape or control character; `None` at the end of the text.
    pub(crate) fn part(&mut self) -> Option<&'a str> {
        let start = self.at;
        let rest = self.json.as_bytes().get(start..).filter(|rest| !rest.is_empty())?;
        self.at += plain(rest);
        self.json.get(start..self.at)
    }

    /// The character of an escape, if one comes next.
    pub(crate) fn escape(&mut self) -> Result<Option<char>> {
        if self.peek() != Some(b'\\') {
            return Ok(None);
        }
        self.at += 1;
        let escape = self.peek();
        self.at += 1;
        Ok(Some(match escape {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode().map(Some),
            _ => {
                self.at -= 1;
                return Err(self.fault("an escape"));
            }
        }))
    }

    fn unicode(&mut self) -> Result<char> {
        const PAIR: &str = "both halves of a surrogate pair";
        let mut unit = self.four_digits()?;
        if (0xd800..0xdc00).contains(&unit) {
            if self.peek() != Some(b'\\') || self.json.as_bytes().get(self.at + 1) != Some(&b'u') {
                return Err(self.fault(PAIR));
            }
            self.at += 2;
            let low = self.four_digits()?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(self.fault(PAIR));
            }
            unit = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        }
        // What is left over is the second half of a pair without its first.
        char::from_u32(unit).ok_or_else(|| self.fault(PAIR))
    }

    fn four_digits(&mut self) -> Result<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit << 4 | digit.ok_or_else(|| self.fault("four hexadecimal digits"))?;
            self.at += 1;
        }
        Ok(unit)
    }

    /// Reads a number: its text, which is within the range of a double.
    pub fn number(&mut self) -> Result<&'a str> {
        if !matches!(self.token(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.fault("a number"));
        }
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        let whole = self.at - start;
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        let exponent = matches!(self.peek(), Some(b'e' | b'E'));
        if exponent {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        let number = self.json.get(start..self.at).unwrap_or_default();
        if (exponent || whole > SAFE_DIGITS) && serde_json::from_str::<f64>(number).is_err() {
            return Err(Fault { expected: "a number within range", at: start });
        }
        Ok(number)
    }

    fn digits(&mut self) -> Result<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.fault("a digit")) } else { Ok(()) }
    }

    /// Goes into an array or object.
    pub fn open(&mut self) -> Result<()> {
        if !matches!(self.token(), Some(b'[' | b'{')) {
            return Err(self.fault("an array or object"));
        }
        if self.depth == MAX_DEPTH {
            return Err(self.fault("less nesting"));
        }
        self.depth += 1;
        self.at += 1;
        self.opened = true;
        Ok(())
    }

    /// Whether an array has another item, which is then to be read; without one it is left.
    pub fn item(&mut self) -> Result<bool> {
        self.more(b']', "`,` or `]`")
    }

    /// The name of an object's next property, whose value is then to be read; without one it is left.
    pub fn key(&mut self) -> Result<Option<Text<'a>>> {
        if !self.more(b'}', "`,` or `}`")? {
            return Ok(None);
        }
        let key = self.text()?;
        if self.token() != Some(b':') {
            return Err(self.fault("`:`"));
        }
        self.at += 1;
        Ok(Some(key))
    }

    fn more(&mut self, close: u8, expected: &'static str) -> Result<bool> {
        let first = std::mem::take(&mut self.opened);
        match self.token() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.depth = self.depth.saturating_sub(1);
                Ok(false)
            }
            Some(b',') if !first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if first => Ok(true),
            _ => Err(self.fault(expected)),
        }
    }

    /// Reads a value of any type and forgets it.
    pub fn skip(&mut self) -> Result<()> {
        match self.kind()? {
            Kind::Text => self.text().map(drop),
            Kind::Number => self.number().map(drop),
            Kind::True => self.word("true"),
            Kind::False => self.word("false"),
            Kind::Null => self.word("null"),
            Kind::Array => {
                self.open()?;
                while self.item()? {
                    self.skip()?;
                }
                Ok(())
            }
            Kind::Object => {
                self.open()?;
                while self.key()?.is_some() {
                    self.skip()?;
                }
                Ok(())
            }
        }
    }

    /// Reads a value of any type: its JSON.
    pub fn raw(&mut self) -> Result<&'a str> {
        self.span(Self::skip).map(|((), json)| json)
    }

    /// What is read from here on: what `read` makes of it, and its JSON.
    pub(crate) fn span<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<(T, &'a str)> {
        let start = self.value()?;
        let read = read(self)?;
        Ok((read, self.since(start)))
    }

    /// Where the value begins that comes next.
    #[inline]
    pub(crate) fn value(&mut self) -> Result<usize> {
        match self.token() {
            Some(_) => Ok(self.at),
            None => Err(self.fault("a value")),
        }
    }

    /// What was read since that place.
    #[inline]
    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.json.get(start..self.at).unwrap_or_default()
    }

    /// Nothing but white space may follow.
    pub fn end(&mut self) -> Result<()> {
        if self.token().is_none() { Ok(()) } else { Err(self.fault("nothing after the value")) }
    }

    fn word(&mut self, word: &'static str) -> Result<()> {
        let rest = self.json.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.fault(word));
        }
        self.at += word.len();
        Ok(())
    }

    /// The next byte that is no white space.
    fn token(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other,
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    #[cold]
    pub(crate) fn fault(&self, expected: &'static str) -> Fault {
        Fault { expected, at: self.at }
    }
}

#[cfg(test)]
mod tests;
