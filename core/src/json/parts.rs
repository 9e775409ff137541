use std::{borrow::Cow, fmt};

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
    let Members(members) = serde_json::from_str(object)?;
    Ok(members.into_iter().rev().find(|member| member.0 == name).map(|(_, value)| value.get()))
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
