use std::{borrow::Cow, vec};

use serde::{
    Deserializer,
    de::{
        DeserializeSeed, Error as _, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
        value::StrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Number, value::RawValue};

use super::{
    fault::Fault,
    parts::{Member, Members, Text},
};

/// Deepest nesting that is read, so that none exhausts the stack.
const MAX_DEPTH: u8 = 100;

/// One JSON value whose form is known to be good, or none. It is read part by part, so that an error finds its
/// way out past the names of all that it is in; and an object is never read from an array of its fields.
///
/// What a type adds to the size of the program is small: all that does not depend on it is done elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'de> {
    /// Empty for no value.
    text: &'de str,
    depth: u8,
}

impl<'de> Reader<'de> {
    pub(crate) fn new(text: &'de str) -> Self {
        Self { text, depth: 0 }
    }

    /// A value within this one.
    pub(crate) fn part(self, value: &'de RawValue) -> Self {
        Self { text: value.get(), depth: self.depth }
    }

    fn kind(self) -> Unexpected<'de> {
        match self.text.as_bytes().first() {
            Some(b'{') => Unexpected::Map,
            Some(b'[') => Unexpected::Seq,
            Some(b'"') => Unexpected::Str(""),
            Some(b't' | b'f') => Unexpected::Bool(self.text == "true"),
            Some(b'n') => Unexpected::Unit,
            Some(_) => Unexpected::Float(0.0),
            None => Unexpected::Option,
        }
    }

    /// The fault that this value is of another kind.
    #[cold]
    pub(crate) fn other(self, expected: &dyn Expected) -> Fault {
        match self.kind() {
            Unexpected::Option => Fault::missing(),
            found => Fault::invalid_type(found, expected),
        }
    }

    pub(crate) fn deeper(self) -> Result<Self, Fault> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH {
            return Err(Fault::custom(format_args!("expected at most {MAX_DEPTH} levels")));
        }
        Ok(Self { depth, ..self })
    }

    /// The members of an object.
    pub(crate) fn members(self) -> Result<Vec<Member<'de>>, Fault> {
        if !self.text.starts_with('{') {
            return Err(self.other(&"an object"));
        }
        serde_json::from_str(self.text).map(|Members(members)| members).map_err(Fault::custom)
    }

    fn object(self) -> Result<Object<'de>, Fault> {
        Ok(Object { members: self.members()?.into_iter(), reader: self.deeper()?, value: None })
    }

    fn array(self, expected: &dyn Expected) -> Result<Array<'de>, Fault> {
        if !self.text.starts_with('[') {
            return Err(self.other(expected));
        }
        let items: Vec<_> = serde_json::from_str(self.text).map_err(Fault::custom)?;
        Ok(Array { reader: self.deeper()?, items: items.into_iter(), next: 0 })
    }

    /// The items of an array.
    pub(crate) fn items(self) -> Result<Vec<Self>, Fault> {
        let Array { reader, items, .. } = self.array(&"an array")?;
        Ok(items.map(|item| reader.part(item)).collect())
    }

    /// The JSON; empty for no value.
    pub(crate) fn text(self) -> &'de str {
        self.text
    }

    pub(crate) fn string(self, expected: &dyn Expected) -> Result<Cow<'de, str>, Fault> {
        if !self.text.starts_with('"') {
            return Err(self.other(expected));
        }
        serde_json::from_str(self.text).map(|Text(text)| text).map_err(Fault::custom)
    }

    pub(crate) fn number(self, expected: &dyn Expected) -> Result<Number, Fault> {
        if !self.text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
            return Err(self.other(expected));
        }
        serde_json::from_str(self.text).map_err(Fault::custom)
    }

    pub(crate) fn boolean(self, expected: &dyn Expected) -> Result<bool, Fault> {
        match self.kind() {
            Unexpected::Bool(value) => Ok(value),
            _ => Err(self.other(expected)),
        }
    }
}

macro_rules! numbers {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.deserialize_f64(visitor)
        }
    )+};
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.kind() {
            Unexpected::Map => self.deserialize_map(visitor),
            Unexpected::Seq => self.deserialize_seq(visitor),
            Unexpected::Str(_) => self.deserialize_str(visitor),
            Unexpected::Bool(value) => visitor.visit_bool(value),
            Unexpected::Unit => visitor.visit_unit(),
            Unexpected::Option => Err(Fault::missing()),
            _ => self.deserialize_f64(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let object = self.object()?;
        visitor.visit_map(object)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_map(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let array = self.array(&visitor)?;
        visitor.visit_seq(array)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.string(&visitor)? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = self.boolean(&visitor)?;
        visitor.visit_bool(value)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let number = self.number(&visitor)?;
        match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => visitor.visit_u64(number),
            (_, Some(number)) => visitor.visit_i64(number),
            _ => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
        }
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.kind() {
            Unexpected::Unit | Unexpected::Option => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        // A raw value is a newtype that only `serde_json` knows how to fill.
        if name.starts_with("$serde_json::") && !self.text.is_empty() {
            let mut json = serde_json::Deserializer::from_str(self.text);
            return json.deserialize_newtype_struct(name, visitor).map_err(Fault::custom);
        }
        visitor.visit_newtype_struct(self)
    }

    /// Only enums without data are read from outside, by their names.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(by_name(&self.string(&"a string")?))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct tuple_struct identifier }
}

fn by_name(name: &str) -> StrDeserializer<'_, Fault> {
    name.into_deserializer()
}

struct Object<'de> {
    reader: Reader<'de>,
    members: vec::IntoIter<Member<'de>>,
    /// The member whose name was read last.
    value: Option<Member<'de>>,
}

impl<'de> Object<'de> {
    fn value(&self) -> Reader<'de> {
        self.value.as_ref().map_or(Reader::new(""), |(_, value)| self.reader.part(value))
    }

    #[cold]
    fn within(&self, fault: Fault) -> Fault {
        match &self.value {
            Some((name, _)) => fault.in_field(name),
            None => fault,
        }
    }
}

impl<'de> MapAccess<'de> for Object<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.value = self.members.next();
        let Some((name, _)) = &self.value else { return Ok(None) };
        seed.deserialize(by_name(name)).map(Some).map_err(|fault| self.within(fault))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(self.value()).map_err(|fault| self.within(fault))
    }
}

struct Array<'de> {
    reader: Reader<'de>,
    items: vec::IntoIter<&'de RawValue>,
    next: usize,
}

impl<'de> SeqAccess<'de> for Array<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.items.next() else { return Ok(None) };
        self.next += 1;
        seed.deserialize(self.reader.part(item)).map(Some).map_err(|fault| fault.in_item(self.next - 1))
    }
}
