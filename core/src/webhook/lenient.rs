//! Reading JSON whose types cannot be relied on: a value of another type than expected counts as absent,
//! while JSON that is not well-formed is still an error, in what is skipped too.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};

/// How a value is made from the JSON types that are expected.
pub(super) trait Expect<'de>: Sized {
    /// What is made.
    type Value;

    /// What a value of an unexpected type other than null gives.
    fn other(self) -> Option<Self::Value> {
        None
    }

    fn text(self, _: Cow<'de, str>) -> Option<Self::Value> {
        self.other()
    }

    fn number(self, _: f64) -> Option<Self::Value> {
        self.other()
    }

    fn seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<Self::Value>, A::Error> {
        while seq.next_element_seed(Lenient(Nothing))?.is_some() {}
        Ok(self.other())
    }

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Self::Value>, A::Error> {
        while map.next_key_seed(Lenient(Nothing))?.is_some() {
            map.next_value_seed(Lenient(Nothing))?;
        }
        Ok(self.other())
    }
}

/// Reads a value as expected, or none.
#[derive(Clone, Copy)]
pub(super) struct Lenient<X>(pub(super) X);

/// Expects nothing: any value is read to its end and forgotten. Unlike serde's `IgnoredAny` it refuses all
/// that a reader of the value would: half a surrogate pair, a number beyond all bounds, endless nesting.
#[derive(Clone, Copy)]
pub(super) struct Nothing;

/// Expects a text, which is borrowed where it has no escapes. One that holds U+0000 counts as absent: no
/// identifier or name has it, and PostgreSQL could not keep it.
#[derive(Clone, Copy)]
pub(super) struct Text;

/// Expects a number.
#[derive(Clone, Copy)]
pub(super) struct Number;

/// Expects a list; entries of another type than expected are left out.
#[derive(Clone, Copy)]
pub(super) struct List<X>(pub(super) X);

impl Expect<'_> for Nothing {
    type Value = ();
}

impl<'de> Expect<'de> for Text {
    type Value = Cow<'de, str>;

    fn text(self, text: Cow<'de, str>) -> Option<Self::Value> {
        Some(text)
    }
}

impl Expect<'_> for Number {
    type Value = f64;

    fn number(self, number: f64) -> Option<f64> {
        Some(number)
    }
}

impl<'de, X: Expect<'de> + Copy> Expect<'de> for List<X> {
    type Value = Vec<X::Value>;

    fn seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<Self::Value>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Lenient(self.0))? {
            items.extend(item);
        }
        Ok(Some(items))
    }
}

impl<'de, X: Expect<'de>> DeserializeSeed<'de> for Lenient<X> {
    type Value = Option<X::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, X: Expect<'de>> Visitor<'de> for Lenient<X> {
    type Value = Option<X::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(self.0.text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        // What is not borrowed had escapes, and only an escape can stand for U+0000.
        if text.contains('\0') { Ok(self.0.other()) } else { Ok(self.0.text(Cow::Owned(text.to_owned()))) }
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(self.0.number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(self.0.number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(self.0.number(number as f64))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(self.0.other())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        self.0.seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.0.map(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'de, X: Expect<'de>>(expected: X, json: &'de str) -> serde_json::Result<Option<X::Value>> {
        let mut json = serde_json::Deserializer::from_str(json);
        let value = Lenient(expected).deserialize(&mut json)?;
        json.end().map(|()| value)
    }

    #[test]
    fn another_type_counts_as_absent() {
        let others = ["null", "true", "[1,{}]", r#"{"a":[1]}"#];
        for json in others.into_iter().chain(["1", "-1.5"]) {
            assert_eq!(read(Text, json).unwrap(), None, "{json}");
        }
        for json in others.into_iter().chain(["\"1\""]) {
            assert_eq!(read(Number, json).unwrap(), None, "{json}");
        }
        for json in ["null", "\"a\"", "1", "{}"] {
            assert_eq!(read(List(Number), json).unwrap(), None, "{json}");
        }
    }

    #[test]
    fn the_expected_type_is_read_and_text_is_borrowed() {
        assert!(matches!(read(Text, "\"a\"").unwrap(), Some(Cow::Borrowed("a"))));
        assert!(matches!(read(Text, r#""\n""#).unwrap(), Some(Cow::Owned(text)) if text == "\n"));
        assert_eq!(read(Text, r#""a\u0000""#).unwrap(), None);
        for (json, number) in [("40", 40.0), ("-1", -1.0), ("1.5", 1.5)] {
            assert_eq!(read(Number, json).unwrap(), Some(number));
        }
        assert_eq!(read(List(Number), r#"[1,"x",2,null,[3]]"#).unwrap(), Some(vec![1.0, 2.0]));
    }

    #[test]
    fn what_is_not_well_formed_is_an_error_in_what_is_skipped_too() {
        let malformed = [
            "[1",
            "{\"a\":}",
            "nul",
            "\"a",
            "{\"a\" 1}",
            "[\"\\ud800\"]",
            "[1e999]",
            "{\"\\udc00\":1}",
            "[\"\u{1}\"]",
        ];
        for json in malformed {
            assert!(read(Number, json).is_err() && read(Nothing, json).is_err(), "{json}");
        }
        for depth in [100, 127, 128, 1_000, 100_000] {
            let json = "[".repeat(depth) + &"]".repeat(depth);
            let elsewhere = serde_json::from_str::<serde_json::Value>(&json).is_ok();
            assert_eq!(read(Nothing, &json).is_ok(), elsewhere, "{depth}");
        }
    }
}
