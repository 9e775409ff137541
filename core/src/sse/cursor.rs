use std::{collections::BTreeSet, fmt};

/// How far a reader of the log has come.
///
/// Positions are given before they are committed, so a later one may be there before an earlier one. A cursor is all up to
/// one position, and those beyond it that were had already: `41`, or `41.43.44` while 42 may still come. So that whoever
/// reads on from it, in any process, misses nothing and gets nothing twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor {
    settled: i64,
    ahead: BTreeSet<i64>,
}

impl Cursor {
    /// The most positions it holds beyond the one up to which it has all: a reader waits rather than run further ahead.
    pub const MAX_AHEAD: usize = 64;

    /// The longest text of one, in bytes.
    const MAX_BYTES: usize = (Self::MAX_AHEAD + 1) * 20;

    /// All up to a position, and nothing beyond.
    pub fn at(position: i64) -> Self {
        Self { settled: position.max(0), ahead: BTreeSet::new() }
    }

    /// Reads what [`Cursor`] writes, as it comes back in `Last-Event-ID`. `None` for everything else.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > Self::MAX_BYTES {
            return None;
        }
        let mut positions = text.split('.').map(position);
        let mut cursor = Self::at(positions.next()??);
        let mut before = cursor.settled;
        for position in positions {
            let position = position.filter(|position| *position > before)?;
            cursor.ahead.insert(position);
            before = position;
        }
        (cursor.ahead.len() <= Self::MAX_AHEAD).then_some(cursor)
    }

    /// All up to this position was had.
    pub fn settled(&self) -> i64 {
        self.settled
    }

    /// The last position that was had.
    pub fn last(&self) -> i64 {
        self.ahead.last().copied().unwrap_or(self.settled)
    }

    /// Whether what is at this position was had.
    pub fn has(&self, position: i64) -> bool {
        position <= self.settled || self.ahead.contains(&position)
    }

    /// Whether it can take another position beyond the one up to which it has all.
    pub fn has_room(&self) -> bool {
        self.ahead.len() < Self::MAX_AHEAD
    }

    /// What is at this position was had.
    pub fn take(&mut self, position: i64) {
        if position > self.settled {
            self.ahead.insert(position);
        }
    }

    /// All up to this position was had, or does not concern the reader.
    pub fn settle(&mut self, position: i64) {
        if position > self.settled {
            self.settled = position;
            self.ahead = self.ahead.split_off(&position.saturating_add(1));
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.settled)?;
        self.ahead.iter().try_for_each(|position| write!(f, ".{position}"))
    }
}

/// A number as it is written, and in no other spelling.
fn position(text: &str) -> Option<i64> {
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| canonical)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_reads_what_it_writes_and_nothing_else() {
        for text in ["0", "41", "41.43", "41.43.44", "9223372036854775807"] {
            assert_eq!(Cursor::parse(text).unwrap().to_string(), text);
        }
        let long = (0..=66).map(|n| n.to_string()).collect::<Vec<_>>().join(".");
        for text in [
            "",
            ".",
            "41.",
            ".41",
            "041",
            "41.41",
            "41.40",
            "43.44.42",
            "-1",
            "4 1",
            "41+43",
            "41.x",
            "1e3",
            "٤١",
            "9223372036854775808",
            &long,
        ] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_comes_late_is_taken_once() {
        let mut cursor = Cursor::at(41);
        for position in [43, 44, 43] {
            cursor.take(position);
        }
        assert_eq!(cursor.to_string(), "41.43.44");
        assert!(!cursor.has(42) && cursor.has(43) && cursor.has(7) && !cursor.has(45));
        cursor.take(42);
        cursor.settle(43);
        assert_eq!(cursor.to_string(), "43.44");
        cursor.settle(40);
        assert_eq!((cursor.to_string().as_str(), cursor.last()), ("43.44", 44));
    }

    proptest! {
        #[test]
        fn no_text_is_read_as_another(text in "[0-9. ]{0,40}") {
            if let Some(cursor) = Cursor::parse(&text) {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }
}
