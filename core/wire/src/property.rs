//! Reading an object by its known properties.

use crate::{
    members::Members,
    scanner::{Fault, Kind, Scanner},
    text::Text,
};

/// The properties of an object that are read; at most 32.
pub(crate) trait Property: Copy {
    fn of(name: &str) -> Option<Self>;

    /// A bit of its own.
    fn bit(self) -> u32;
}

/// An enum of [`Property`]s and their names in JSON.
macro_rules! properties {
    ($(#[$meta:meta])* $vis:vis $enum:ident: $($property:ident $name:literal)+) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $enum {
            $(#[doc = concat!("`", $name, "`")] $property,)+
        }

        impl $crate::property::Property for $enum {
            fn of(name: &str) -> Option<Self> {
                match name { $($name => Some($enum::$property),)+ _ => None }
            }

            fn bit(self) -> u32 {
                1 << self as u32
            }
        }
    };
}

pub(crate) use properties;

/// Hands each known property of an object to `read`, which reads its value, and skips the others. False, with
/// the value skipped, where it is no object. An object that gives a property twice is refused, since another
/// reader might take the other.
pub(crate) fn each<'a, P: Property>(
    json: &mut Scanner<'a>,
    read: impl FnMut(P, &mut Scanner<'a>) -> Result<(), Fault>,
) -> Result<bool, Fault> {
    each_noted(json, None, read)
}

/// The same, and notes all members in `members`, known or not.
pub(crate) fn each_noted<'a, P: Property>(
    json: &mut Scanner<'a>,
    mut members: Option<&mut Members<'a>>,
    mut read: impl FnMut(P, &mut Scanner<'a>) -> Result<(), Fault>,
) -> Result<bool, Fault> {
    if json.kind()? != Kind::Object {
        json.skip()?;
        return Ok(false);
    }
    json.open()?;
    let mut seen = 0;
    while let Some(key) = json.key()? {
        let start = json.value()?;
        match key.is_one_of(P::of) {
            None => json.skip()?,
            Some(property) if seen & property.bit() != 0 => return Err(json.fault("each property once")),
            Some(property) => {
                seen |= property.bit();
                read(property, json)?;
            }
        }
        if let Some(members) = &mut members {
            members.note(key, json.since(start));
        }
    }
    Ok(true)
}

/// Hands each item of an array to `read`. False, with the value skipped, where it is no array.
pub(crate) fn items<'a>(
    json: &mut Scanner<'a>,
    mut read: impl FnMut(&mut Scanner<'a>) -> Result<(), Fault>,
) -> Result<bool, Fault> {
    if json.kind()? != Kind::Array {
        json.skip()?;
        return Ok(false);
    }
    json.open()?;
    while json.item()? {
        read(json)?;
    }
    Ok(true)
}

/// A string; a value of another type counts as absent.
pub(crate) fn text<'a>(json: &mut Scanner<'a>) -> Result<Option<Text<'a>>, Fault> {
    if json.kind()? == Kind::Text {
        return json.text().map(Some);
    }
    json.skip().map(|()| None)
}
