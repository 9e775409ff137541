use std::{borrow::Cow, fmt};

use ghlkit_wire::{Fault, Scanner};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

/// Reads what may be any JSON.
pub(crate) fn any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    let text = Box::<RawValue>::deserialize(deserializer)?;
    serde_json::from_str(text.get()).map_err(D::Error::custom)
}

/// Reads a list of what may be any JSON.
pub(crate) fn any_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    match any(deserializer)? {
        Value::Array(list) => Ok(list),
        _ => Err(D::Error::custom("expected an array")),
    }
}

/// A text, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// The name of a member of an object, and its value, unread.
pub(crate) type Member<'a> = (Cow<'a, str>, &'a RawValue);

/// The members of an object in their order, repeated names repeated.
pub(super) struct Members<'a>(pub(super) Vec<Member<'a>>);

/// The text of an object's member, of the last one of that name.
pub(crate) fn member<'a>(object: &'a str, name: &str) -> serde_json::Result<Option<&'a str>> {
    let mut found = None;
    each_member(object, |known, value| {
        if known == name {
            found = Some(value);
        }
    })?;
    Ok(found)
}

/// Hands the members of an object over in their order: name, and the text of the value.
pub(crate) fn each_member<'a>(
    object: &'a str,
    mut member: impl FnMut(Cow<'a, str>, &'a str),
) -> serde_json::Result<()> {
    let mut scan = || {
        let mut json = Scanner::new(object);
        json.open()?;
        while let Some(name) = json.key()? {
            member(name.decode(), json.raw()?);
        }
        json.end()
    };
    // What is malformed is read again by who can say where.
    scan().map_err(|_: Fault| match serde_json::from_str::<Members<'_>>(object) {
        Err(error) => error,
        Ok(_) => serde_json::Error::custom("expected an object"),
    })
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Text(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(All)
    }
}
