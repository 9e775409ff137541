use std::borrow::Cow;

use ghlkit_wire::{Member, Scanner, Wire};
use serde::de::DeserializeOwned;

/// The members of a body that are asked for by name: its own, and those of an object `data` within. A body may have any number of
/// others.
pub(in crate::webhook) struct Members<'w, 'a> {
    own: Cow<'w, Object<'a>>,
    nested: Vec<Member<'a>>,
    wanted: &'static [&'static str],
}

/// Of a name that is repeated the last counts.
type Object<'a> = [Member<'a>];

impl<'w, 'a> Members<'w, 'a> {
    /// Those of a body, as they were noted, or where they were too many, are found in its text.
    pub(in crate::webhook) fn of(wire: &'w Wire<'a>, text: &'a str, wanted: &'static [&'static str]) -> Self {
        let own = wire.members().map_or_else(|| Cow::Owned(object(text, wanted)), Cow::Borrowed);
        Self::within(own, wanted)
    }

    /// The members of an object within, of the same names.
    pub(in crate::webhook) fn object(&self, name: &str) -> Self {
        let inner = member(&self.own, name).or_else(|| member(&self.nested, name));
        Self::within(Cow::Owned(object(inner.unwrap_or("{}"), self.wanted)), self.wanted)
    }

    fn within(own: Cow<'w, Object<'a>>, wanted: &'static [&'static str]) -> Self {
        let nested = member(&own, NESTED).map(|text| object(text, wanted)).unwrap_or_default();
        Self { own, nested, wanted }
    }

    pub(in crate::webhook) fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        debug_assert!(self.wanted.contains(&name), "{name} was not asked for");
        let read = |object: &Object<'a>| serde_json::from_str(member(object, name)?).ok();
        read(&self.own).or_else(|| read(&self.nested))
    }
}

/// Where some samples nest the object.
const NESTED: &str = "data";

/// The members that are wanted of a text that was found well-formed; none where it is no object.
fn object<'a>(text: &'a str, wanted: &[&str]) -> Vec<Member<'a>> {
    let mut members: Vec<Member<'a>> = Vec::new();
    let mut read = || {
        let mut json = Scanner::new(text);
        json.open()?;
        while let Some(name) = json.key()? {
            let value = json.raw()?;
            let Some(known) = wanted.iter().chain([&NESTED]).find(|wanted| name.is(wanted)) else { continue };
            match members.iter_mut().find(|(earlier, _)| earlier.is(known)) {
                Some((_, earlier)) => *earlier = value,
                None => members.push((name, value)),
            }
        }
        Ok::<_, ghlkit_wire::Fault>(())
    };
    if read().is_ok() { members } else { Vec::new() }
}

fn member<'a>(object: &Object<'a>, name: &str) -> Option<&'a str> {
    object.iter().rev().find(|(known, _)| known.is(name)).map(|(_, value)| *value)
}
