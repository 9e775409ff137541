use std::{
    borrow::{Borrow, Cow},
    fmt,
};

use ghlkit_wire::rfc3339_ms;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use crate::json;

/// How many properties an object of GHL's has.
const USUAL: usize = 32;

/// What a reply carries beyond the typed fields, as it came.
pub type Extra = Map<String, Value>;

/// The properties of an object of GHL's, taken out one by one. GHL leaves properties out, sets them to null
/// and changes their form from route to route: a property that is absent or not of the expected form counts
/// as absent, and what was not taken stays in `extra`, but for a null where something was looked for. Names stand
/// beside the JSON of their values, so that a number keeps its digits.
#[derive(Default)]
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'de> Deserialize<'de> for Fields<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Fields<'static>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    fields.push((name.into(), String::from(Box::<str>::from(value)).into()));
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(All)
    }
}

impl Fields<'static> {
    /// Reads an object; where it may be null, that has no properties.
    pub(crate) fn of<'de, D: Deserializer<'de>>(deserializer: D, nullable: bool) -> Result<Self, D::Error> {
        if nullable {
            return Option::<Self>::deserialize(deserializer).map(Option::unwrap_or_default);
        }
        Self::deserialize(deserializer)
    }
}

impl<'a> Fields<'a> {
    /// Reads the JSON of an object in place; `None` for null.
    pub(crate) fn read(json: &'a str) -> serde_json::Result<Option<Self>> {
        if json == "null" {
            return Ok(None);
        }
        let mut fields = Vec::with_capacity(USUAL);
        json::each_member(json, |name, value| fields.push((name, value.into())))?;
        Ok(Some(Self(fields)))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|field| field.0 == name).map(|(_, value)| &**value)
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|field| field.0 != name);
    }

    /// Takes the first of these properties that `reads` can read and that is not null. A name like `contact.id`
    /// looks into an object, which stays.
    pub(super) fn taken(&mut self, names: &[&str], reads: &mut dyn FnMut(&str) -> bool) -> bool {
        for name in names {
            if let Some((outer, inner)) = name.split_once('.') {
                let inner = self.get(outer).and_then(|object| json::member(object, inner).ok()?);
                if inner.is_some_and(|value| value != "null" && reads(value)) {
                    return true;
                }
                continue;
            }
            let Some(value) = self.get(name) else { continue };
            let null = value == "null";
            if null || reads(value) {
                self.remove(name);
            } else {
                continue;
            }
            if !null {
                return true;
            }
        }
        false
    }

    /// The first of these properties that can be read.
    pub(super) fn take<T: DeserializeOwned>(&mut self, names: &[&str]) -> Option<T> {
        let mut found = None;
        self.taken(names, &mut |value| {
            found = serde_json::from_str(value).ok();
            found.is_some()
        });
        found
    }

    /// A property as it is.
    pub(super) fn cut(&mut self, name: &str) -> Option<String> {
        let value = self.get(name)?.to_owned();
        self.remove(name);
        Some(value)
    }

    /// A text; numbers are read as text too, since GHL sends e.g. a postal code as either.
    pub(super) fn text(&mut self, names: &[&str]) -> Option<String> {
        self.take::<Scalar>(names).map(|Scalar(text)| text)
    }

    /// A text that must be there.
    pub(super) fn need<E: Error>(&mut self, names: &[&'static str]) -> Result<String, E> {
        let missing = || E::missing_field(names.first().copied().unwrap_or_default());
        self.text(names).filter(|text| !text.is_empty()).ok_or_else(missing)
    }

    /// A time, as ISO 8601 or in epoch milliseconds.
    pub(super) fn time_ms(&mut self, names: &[&str]) -> Option<i64> {
        self.take::<Time>(names).map(|Time(ms)| ms)
    }

    /// A list; null and absent are an empty one.
    pub(super) fn list<T: DeserializeOwned, E: Error>(&mut self, names: &[&str]) -> Result<Vec<T>, E> {
        self.maybe(names).map(Option::unwrap_or_default)
    }

    /// As [`Fields::list`], ordered by the `position` of its items.
    pub(super) fn ordered<T: DeserializeOwned, E: Error>(&mut self, names: &[&str]) -> Result<Vec<T>, E> {
        let items: Vec<Box<RawValue>> = self.list(names)?;
        let items = by_position(items);
        items.iter().map(|item| serde_json::from_str(item.get()).map_err(E::custom)).collect()
    }

    /// What must be as expected where it is not null or absent.
    pub(super) fn maybe<T: DeserializeOwned, E: Error>(&mut self, names: &[&str]) -> Result<Option<T>, E> {
        let value = names.first().and_then(|name| self.cut(name));
        value.map_or(Ok(None), |value| serde_json::from_str(&value).map_err(E::custom))
    }

    /// What must be there and be as expected.
    pub(super) fn whole<T: DeserializeOwned, E: Error>(&mut self, names: &[&'static str]) -> Result<T, E> {
        let missing = || E::missing_field(names.first().copied().unwrap_or_default());
        self.maybe(names)?.ok_or_else(missing)
    }

    /// A list that must be there: taken for empty, its absence could be mistaken for "there is none".
    pub(super) fn need_list<T: DeserializeOwned, E: Error>(
        &mut self,
        name: &'static str,
    ) -> Result<Vec<T>, E> {
        if self.get(name).is_some() { self.list(&[name]) } else { Err(E::missing_field(name)) }
    }

    /// A property that stays in `extra`.
    pub(super) fn look<T: DeserializeOwned>(&self, names: &[&str]) -> Option<T> {
        serde_json::from_str(self.get(names.first()?)?).ok()
    }

    /// What was not taken.
    pub(super) fn rest(self) -> Extra {
        let mut rest = Extra::new();
        for (name, value) in self.0 {
            rest.insert(name.into_owned(), serde_json::from_str(&value).unwrap_or_default());
        }
        rest
    }
}

/// Items in the order of their `position`; those without come first, and equals stay as they came.
pub(super) fn by_position<T: Borrow<RawValue>>(items: Vec<T>) -> Vec<T> {
    let mut placed: Vec<(Option<i64>, T)> = Vec::with_capacity(items.len());
    for item in items {
        let position = json::member(item.borrow().get(), "position").ok().flatten();
        let position = position.and_then(|position| serde_json::from_str(position).ok());
        // By insertion: there are few of them, and sorting in general is a lot of code for an edge function.
        let place = placed.partition_point(|(before, _)| *before <= position);
        placed.insert(place, (position, item));
    }
    placed.into_iter().map(|(_, item)| item).collect()
}

pub(super) struct Scalar(pub(super) String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match raw.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw.get()).map(Scalar).map_err(D::Error::custom),
            Some(b'-' | b'0'..=b'9') => Ok(Scalar(raw.get().to_owned())),
            _ => Err(D::Error::custom("expected a text or a number")),
        }
    }
}

pub(super) struct Time(pub(super) i64);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Scalar(text) = Scalar::deserialize(deserializer)?;
        let ms = text.parse().ok().or_else(|| rfc3339_ms(&text));
        ms.map(Time).ok_or_else(|| D::Error::custom("expected a time"))
    }
}
