use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::json::each_member;

/// The members of a body that are asked for by name: its own, and those of an object `data` within. A body may have any number of
/// others, of which nothing is kept.
pub(in crate::webhook) struct Members<'a> {
    own: Object<'a>,
    nested: Object<'a>,
    wanted: &'static [&'static str],
}

/// Name and text of each member; of a name that is repeated the last counts.
type Object<'a> = Vec<(&'static str, &'a str)>;

impl<'a> Members<'a> {
    /// The text was found to be a JSON object.
    pub(in crate::webhook) fn read(text: &'a str, wanted: &'static [&'static str]) -> Self {
        let own = object(text, wanted);
        let nested = member(&own, NESTED).map(|text| object(text, wanted)).unwrap_or_default();
        Self { own, nested, wanted }
    }

    /// The members of an object within, of the same names.
    pub(in crate::webhook) fn object(&self, name: &str) -> Members<'a> {
        let inner = member(&self.own, name).or_else(|| member(&self.nested, name));
        Members::read(inner.unwrap_or("{}"), self.wanted)
    }

    pub(in crate::webhook) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        debug_assert!(self.wanted.contains(&name), "{name} was not asked for");
        let read = |object: &Object<'a>| serde_json::from_str(member(object, name)?).ok();
        read(&self.own).or_else(|| read(&self.nested))
    }
}

/// Where some samples nest the object.
const NESTED: &str = "data";

fn object<'a>(text: &'a str, wanted: &'static [&'static str]) -> Object<'a> {
    let mut members: Object<'a> = Vec::new();
    let read = each_member(text, |name: Cow<'a, str>, value| {
        let Some(name) = wanted.iter().chain([&NESTED]).find(|wanted| **wanted == name) else { return };
        match members.iter_mut().find(|(known, _)| known == name) {
            Some((_, earlier)) => *earlier = value,
            None => members.push((name, value)),
        }
    });
    if read.is_ok() { members } else { Vec::new() }
}

fn member<'a>(object: &Object<'a>, name: &str) -> Option<&'a str> {
    object.iter().find(|member| member.0 == name).map(|(_, value)| *value)
}
