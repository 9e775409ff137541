use std::fmt;

use chrono::DateTime;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

/// What a reply carries beyond the typed fields, as it came.
pub type Extra = Map<String, Value>;

/// The properties of an object of GHL's, taken out one by one. GHL leaves properties out, sets them to null
/// and changes their form from route to route: a property that is absent or not of the expected form counts
/// as absent, and what was not taken stays in `extra`, but for a null where something was looked for. Values
/// are kept as text until then, so that a number keeps its digits.
pub(super) struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(All)
    }
}

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|field| field.0 == name).map(|(_, value)| value.get())
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|field| field.0 != name);
    }

    /// The first of these properties that can be read.
    pub(super) fn take<T: DeserializeOwned>(&mut self, names: &[&str]) -> Option<T> {
        names.iter().find_map(|name| {
            let value = serde_json::from_str::<Option<T>>(self.get(name)?).ok()?;
            self.remove(name);
            value
        })
    }

    /// A text; numbers are read as text too, since GHL sends e.g. a postal code as either.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.take::<Scalar>(&[name]).map(|Scalar(text)| text)
    }

    /// A text that must be there.
    pub(super) fn need<E: Error>(&mut self, name: &'static str) -> Result<String, E> {
        self.text(name).filter(|text| !text.is_empty()).ok_or_else(|| E::missing_field(name))
    }

    /// A time, as ISO 8601 or in epoch milliseconds.
    pub(super) fn time_ms(&mut self, names: &[&str]) -> Option<i64> {
        self.take::<Time>(names).map(|Time(ms)| ms)
    }

    /// A list; null and absent are an empty one.
    pub(super) fn list<T: DeserializeOwned, E: Error>(&mut self, name: &str) -> Result<Vec<T>, E> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let list = serde_json::from_str::<Option<Vec<T>>>(value).map_err(E::custom)?;
        self.remove(name);
        Ok(list.unwrap_or_default())
    }

    /// A list that must be there: taken for empty, its absence could be mistaken for "there is none".
    pub(super) fn need_list<T: DeserializeOwned, E: Error>(
        &mut self,
        name: &'static str,
    ) -> Result<Vec<T>, E> {
        if self.get(name).is_some() { self.list(name) } else { Err(E::missing_field(name)) }
    }

    /// A property that stays in `extra`.
    pub(super) fn look<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.get(name)?).ok()
    }

    /// What was not taken.
    pub(super) fn rest(self) -> Extra {
        let mut rest = Extra::new();
        for (name, value) in self.0 {
            rest.insert(name, serde_json::from_str(value.get()).unwrap_or_default());
        }
        rest
    }
}

struct Scalar(String);

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

struct Time(i64);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Scalar(text) = Scalar::deserialize(deserializer)?;
        let ms = text
            .parse()
            .ok()
            .or_else(|| DateTime::parse_from_rfc3339(&text).ok().map(|t| t.timestamp_millis()));
        ms.map(Time).ok_or_else(|| D::Error::custom("expected a time"))
    }
}
