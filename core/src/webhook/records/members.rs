use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// Texts, of which there may be one without a list around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "Array<string>"))]
#[serde(transparent)]
pub struct Texts(pub Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            One(String),
            Many(Vec<String>),
        }
        Ok(Self(match Given::deserialize(deserializer)? {
            Given::One(text) => vec![text],
            Given::Many(texts) => texts,
        }))
    }
}

/// The members of a body: its own, and those of an object `data` within.
pub(in crate::webhook) struct Members<'a> {
    own: Object<'a>,
    nested: Object<'a>,
}

type Object<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

impl<'a> Members<'a> {
    /// The text was found to be a JSON object.
    pub(in crate::webhook) fn read(text: &'a str) -> Self {
        let object = |text| serde_json::from_str::<Object<'a>>(text).unwrap_or_default();
        let own = object(text);
        let nested = own.get("data").map(|data| object(data.get())).unwrap_or_default();
        Self { own, nested }
    }

    /// The members of an object within.
    pub(in crate::webhook) fn object(&self, name: &str) -> Members<'a> {
        let inner = self.own.get(name).or_else(|| self.nested.get(name));
        inner.map_or_else(|| Members::read("{}"), |inner| Members::read(inner.get()))
    }

    pub(in crate::webhook) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let read = |object: &Object<'a>| serde_json::from_str(object.get(name)?.get()).ok();
        read(&self.own).or_else(|| read(&self.nested))
    }
}
