//! Reading JSON whose types cannot be relied on: a field of another type than expected counts as absent,
//! while JSON that is not well-formed is still an error.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// A value of the expected type, or nothing.
#[derive(Debug, Clone)]
pub(super) struct Maybe<T>(pub(super) Option<T>);

// Derived, it would ask for a default of `T`.
impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// How a type is made from the JSON types it accepts.
pub(super) trait Lenient<'de>: Sized {
    /// What a value of an unexpected type other than null gives.
    fn other() -> Option<Self> {
        None
    }

    fn text(_: Cow<'de, str>) -> Option<Self> {
        Self::other()
    }

    fn number(_: f64) -> Option<Self> {
        Self::other()
    }

    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Option<Self>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::other())
    }

    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::other())
    }
}

impl<'de: 'a, 'a> Lenient<'de> for Cow<'a, str> {
    fn text(text: Cow<'de, str>) -> Option<Self> {
        Some(text)
    }
}

impl<'de> Lenient<'de> for f64 {
    fn number(number: f64) -> Option<Self> {
        Some(number)
    }
}

impl<'de, T: Lenient<'de>> Lenient<'de> for Vec<T> {
    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Option<Self>, A::Error> {
        let mut items = Vec::new();
        while let Some(Maybe(item)) = seq.next_element()? {
            items.extend(item);
        }
        Ok(Some(items))
    }
}

impl<'de, T: Lenient<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MaybeVisitor(PhantomData)).map(Maybe)
    }
}

struct MaybeVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for MaybeVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(T::number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(T::number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(T::number(number as f64))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(T::other())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        T::seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::map(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'de, T: Lenient<'de>>(json: &'de str) -> Option<T> {
        serde_json::from_str::<Maybe<T>>(json).unwrap().0
    }

    #[test]
    fn another_type_counts_as_absent() {
        let others = ["null", "true", "[1,{}]", r#"{"a":[1]}"#];
        for json in others.into_iter().chain(["1", "-1.5"]) {
            assert_eq!(read::<Cow<'_, str>>(json), None, "{json}");
        }
        for json in others.into_iter().chain(["\"1\""]) {
            assert_eq!(read::<f64>(json), None, "{json}");
        }
        for json in ["null", "\"a\"", "1", "{}"] {
            assert_eq!(read::<Vec<f64>>(json), None, "{json}");
        }
    }

    #[test]
    fn the_expected_type_is_read_and_text_is_borrowed() {
        assert!(matches!(read::<Cow<'_, str>>("\"a\""), Some(Cow::Borrowed("a"))));
        assert!(matches!(read::<Cow<'_, str>>(r#""\n""#), Some(Cow::Owned(text)) if text == "\n"));
        assert_eq!(
            (read::<f64>("40"), read::<f64>("-1"), read::<f64>("1.5")),
            (Some(40.0), Some(-1.0), Some(1.5))
        );
        assert_eq!(read::<Vec<f64>>(r#"[1,"x",2,null,[3]]"#), Some(vec![1.0, 2.0]));
    }

    #[test]
    fn what_is_not_well_formed_is_still_an_error() {
        for json in ["[1", "{\"a\":}", "nul", "\"a", "{\"a\" 1}"] {
            assert!(serde_json::from_str::<Maybe<f64>>(json).is_err(), "{json}");
        }
    }
}
