//! Parts of a body that are kept as they stand. Read into values, a crowd of small ones would take many times their text.

use std::{borrow::Cow, fmt};

use ghlkit_wire::{Kind, Scanner, TextList};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Value, value::RawValue};

/// A value as GHL has it: its JSON, which is read when it is asked for.
#[derive(Clone, Default)]
// Nothing stands for `null`, which so takes no room.
pub struct Json(Option<Box<RawValue>>);

impl Json {
    /// The JSON, as it stands in the body.
    pub fn get(&self) -> &str {
        self.0.as_deref().map_or("null", RawValue::get)
    }

    /// What it says.
    pub fn value(&self) -> Value {
        serde_json::from_str(self.get()).unwrap_or_default()
    }

    /// The JSON of a body, which was found well-formed.
    pub(super) fn of(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        Self::of(&value.to_string())
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(Some(json).filter(|json| json.get() != "null")))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get() || self.value() == other.value()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

/// A list as GHL has it: its JSON, which is read when it is asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct JsonList(Json);

impl JsonList {
    /// The JSON, as it stands in the body.
    pub fn get(&self) -> &str {
        self.0.get()
    }

    /// What it says.
    pub fn to_vec(&self) -> Vec<Value> {
        serde_json::from_str(self.get()).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for JsonList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        if json.get().starts_with('[') { Ok(Self(json)) } else { Err(D::Error::custom("expected a list")) }
    }
}

/// Texts, of which there may be one without a list around it.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "Array<string>"))]
#[serde(transparent)]
pub struct Texts(Box<RawValue>);

impl Texts {
    /// Each text.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let mut json = Scanner::new(self.0.get());
        let mut more = json.open().is_ok();
        std::iter::from_fn(move || {
            more = more && json.item().unwrap_or_default();
            if more { json.text().ok().map(ghlkit_wire::Text::decode) } else { None }
        })
    }

    /// All texts.
    pub fn to_vec(&self) -> Vec<String> {
        self.iter().map(Cow::into_owned).collect()
    }

    /// Those of a body that a database can keep.
    pub(super) fn of(list: TextList<'_>) -> Option<Self> {
        let mut json = String::with_capacity(list.size() + 1);
        list.each(|text| {
            if text.decode_storable().is_some() {
                json.push_str(if json.is_empty() { "[\"" } else { ",\"" });
                json.push_str(text.raw());
                json.push('"');
            }
        });
        json.push_str(if json.is_empty() { "[]" } else { "]" });
        RawValue::from_string(json).ok().map(Self)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        let mut scanner = Scanner::new(json.get());
        let is_list = match scanner.kind() {
            Ok(Kind::Text) => false,
            Ok(Kind::Array) if are_texts(&mut scanner) => true,
            _ => return Err(D::Error::custom("expected texts")),
        };
        if is_list {
            return Ok(Self(json));
        }
        RawValue::from_string(format!("[{json}]")).map(Self).map_err(D::Error::custom)
    }
}

fn are_texts(list: &mut Scanner<'_>) -> bool {
    let mut read = || {
        list.open()?;
        while list.item()? {
            list.text()?;
        }
        Ok::<_, ghlkit_wire::Fault>(())
    };
    read().is_ok()
}

impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Texts {}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get())
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let texts: Vec<Value> = texts.into_iter().map(|text| text.as_ref().into()).collect();
        // A list of texts can always be written.
        Self(serde_json::value::to_raw_value(&texts).unwrap_or_default())
    }
}

/// In TypeScript they are what their JSON is.
#[cfg(feature = "ts")]
macro_rules! written_as {
    ($($name:ty: $json:ty),+) => {
        $(impl ts_rs::TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn name(config: &ts_rs::Config) -> String {
                <$json as ts_rs::TS>::name(config)
            }

            fn inline(config: &ts_rs::Config) -> String {
                <$json as ts_rs::TS>::name(config)
            }
        })+
    };
}
#[cfg(feature = "ts")]
written_as!(Json: Value, JsonList: Vec<Value>);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_kept_as_it_stands() {
        for text in ["{ \"b\": 1.0, \"a\": [null] }", "\"\\u0000\"", "12345678901234567890123"] {
            let json: Json = serde_json::from_str(&format!(" {text} ")).unwrap();
            assert_eq!((json.get(), serde_json::to_string(&json).unwrap().as_str()), (text, text));
            assert_eq!(json.value(), serde_json::from_str::<Value>(text).unwrap());
            assert_eq!(serde_json::to_value(&json).unwrap(), json.value());
        }
        let null: Json = serde_json::from_str("null").unwrap();
        assert!(null.0.is_none(), "it takes no room");
        assert_eq!((null.get(), serde_json::to_string(&null).unwrap().as_str()), ("null", "null"));
        assert_eq!(Json::from(&json!({ "a": 1, "b": 2 })), Json::of("{ \"b\": 2, \"a\": 1 }"));
        assert_ne!(Json::of("1"), Json::of("\"1\""));
    }

    #[test]
    fn a_list_is_nothing_else() {
        let list: JsonList = serde_json::from_str("[ 1, {\"a\":2} ]").unwrap();
        assert_eq!(list.to_vec(), [json!(1), json!({ "a": 2 })]);
        for other in ["{}", "\"[\"", "null", "1"] {
            assert!(serde_json::from_str::<JsonList>(other).is_err(), "{other}");
        }
    }

    #[test]
    fn texts_are_one_or_a_list_and_nothing_else() {
        let read = |json: &str| serde_json::from_str::<Texts>(json);
        assert_eq!(read("\"a\\u0062\"").unwrap().to_vec(), ["ab"]);
        let list = read("[ \"a\" , \"\\\"\" ]").unwrap();
        assert_eq!(list.to_vec(), ["a", "\""]);
        assert_eq!(list, ["a", "\""].into_iter().collect());
        assert_eq!(serde_json::to_value(&list).unwrap(), json!(["a", "\""]));
        assert_eq!(read("[]").unwrap().iter().count(), 0);
        for other in ["[1]", "[\"a\", null]", "{}", "null", "[[\"a\"]]"] {
            assert!(read(other).is_err(), "{other}");
        }
    }
}
