use std::borrow::Cow;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::json::each_member;

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

/// Name and text of each member; of a name that is repeated the last counts.
type Object<'a> = Vec<(Cow<'a, str>, &'a str)>;

impl<'a> Members<'a> {
    /// The text was found to be a JSON object.
    pub(in crate::webhook) fn read(text: &'a str) -> Self {
        let own = object(text);
        let nested = member(&own, "data").map(object).unwrap_or_default();
        Self { own, nested }
    }

    /// The members of an object within.
    pub(in crate::webhook) fn object(&self, name: &str) -> Members<'a> {
        let inner = member(&self.own, name).or_else(|| member(&self.nested, name));
        Members::read(inner.unwrap_or("{}"))
    }

    pub(in crate::webhook) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let read = |object: &Object<'a>| serde_json::from_str(member(object, name)?).ok();
        read(&self.own).or_else(|| read(&self.nested))
    }
}

fn object(text: &str) -> Object<'_> {
    let mut members = Vec::new();
    match each_member(text, |name, value| members.push((name, value))) {
        Ok(()) => members,
        Err(_) => Vec::new(),
    }
}

fn member<'a>(object: &Object<'a>, name: &str) -> Option<&'a str> {
    object.iter().rev().find(|member| member.0 == name).map(|(_, value)| *value)
}
