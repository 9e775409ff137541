//! Reading an object by its known properties.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor},
};

use super::lenient::{Lenient, Nothing};

/// The properties of an object that are read; at most 32.
pub(super) trait Property: Copy + fmt::Debug {
    fn of(name: &str) -> Option<Self>;

    /// A bit of its own.
    fn bit(self) -> u32;
}

/// An enum of [`Property`]s and their names in JSON.
macro_rules! properties {
    ($enum:ident: $($property:ident $name:literal)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum $enum { $($property,)+ }

        impl $crate::webhook::property::Property for $enum {
            fn of(name: &str) -> Option<Self> {
                match name { $($name => Some($enum::$property),)+ _ => None }
            }

            fn bit(self) -> u32 {
                1 << self as u32
            }
        }
    };
}

pub(super) use properties;

/// Hands each known property to `read`, which takes its value; skips the others, and refuses an object
/// that gives one twice, since another reader might take the other.
pub(super) fn each<'de, A: MapAccess<'de>, P: Property>(
    map: &mut A,
    mut read: impl FnMut(P, &mut A) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    let mut seen = 0;
    while let Some(property) = map.next_key_seed(Name(PhantomData))? {
        let Some(property) = property else {
            map.next_value_seed(Lenient(Nothing))?;
            continue;
        };
        if seen & P::bit(property) != 0 {
            return Err(A::Error::custom(format_args!("{property:?} is given twice")));
        }
        seen |= property.bit();
        read(property, map)?;
    }
    Ok(())
}

/// Reads a property's name without keeping it.
struct Name<P>(PhantomData<P>);

impl<'de, P: Property> DeserializeSeed<'de> for Name<P> {
    type Value = Option<P>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<P: Property> Visitor<'_> for Name<P> {
    type Value = Option<P>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(P::of(name))
    }
}
