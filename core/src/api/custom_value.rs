use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Value, value::RawValue};

use super::{
    ExactNumber,
    shape::{Field, Goes, Input, Shape, Shaped, When, reply},
};
use crate::{client::Renamed, ids::CustomFieldId, json::Fault};

/// The value of a custom field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(untagged)]
pub enum FieldValue {
    /// Of TEXT, LARGE_TEXT, SINGLE_OPTIONS, RADIO, PHONE, EMAIL, DATE fields.
    Text(String),
    /// Of NUMERICAL and MONETORY (GHL's spelling) fields.
    Number(ExactNumber),
    /// Of CHECKBOX and MULTIPLE_OPTIONS fields.
    List(Vec<String>),
    /// Of any other: files, lists of texts, or null for none.
    #[cfg_attr(feature = "ts", ts(type = "boolean | null | unknown[] | { [key: string]: unknown }"))]
    Json(Value),
}

impl Default for FieldValue {
    fn default() -> Self {
        FieldValue::Json(Value::Null)
    }
}

impl FieldValue {
    /// The text of a text or a number: GHL returns a number as it was written, or as text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            FieldValue::Text(text) => Some(text),
            FieldValue::Number(number) => Some(number.as_str()),
            FieldValue::List(_) | FieldValue::Json(_) => None,
        }
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        FieldValue::Text(text.to_owned())
    }
}

impl From<String> for FieldValue {
    fn from(text: String) -> Self {
        FieldValue::Text(text)
    }
}

impl From<ExactNumber> for FieldValue {
    fn from(number: ExactNumber) -> Self {
        FieldValue::Number(number)
    }
}

impl From<i64> for FieldValue {
    fn from(number: i64) -> Self {
        FieldValue::Number(number.into())
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let value = match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str(text).map(FieldValue::Text),
            Some(b'-' | b'0'..=b'9') => serde_json::from_str(text).map(FieldValue::Number),
            Some(b'[') => serde_json::from_str(text)
                .map(FieldValue::List)
                .or_else(|_| serde_json::from_str(text).map(FieldValue::Json)),
            _ => serde_json::from_str(text).map(FieldValue::Json),
        };
        value.map_err(D::Error::custom)
    }
}

reply! {
    /// A custom field of a contact or an opportunity as GHL returns it: by id, without key or name.
    pub struct CustomField {
        /// The field.
        pub id: CustomFieldId = need,
        /// Its value; `null` where GHL sent none. Under which name GHL returns it depends on object, route and
        /// `Version`.
        pub value: FieldValue = or_null("value", "fieldValue", "field_value", "fieldValueString", "fieldValueNumber", "fieldValueArray", "fieldValueDate"),
    }
}

/// A custom field to be written. GHL goes by its id; one that is named by its key or by its name gets it before it is
/// sent, from the location's custom fields as they were read at most ten minutes ago.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CustomFieldInput {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<CustomFieldId>,
    /// Its key, with or without the object's prefix, e.g. `order_status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its name, as people see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The value. GHL silently drops one under this name (HighLevel docs: Update Contact), so it is sent under another.
    #[serde(rename = "field_value")]
    #[cfg_attr(feature = "ts", ts(rename = "value"))]
    pub value: FieldValue,
}

/// The name that version 3 has for a written value.
pub(crate) const RENAMED: Renamed = Renamed { within: "customFields", name: "field_value", v3: "fieldValue" };

impl Shaped for CustomFieldInput {
    const SHAPE: Shape = Shape::Input(&Input {
        fields: &[
            field("id", "id", Shape::Id, When::Optional),
            field("key", "key", Shape::Text, When::Optional),
            field("name", "name", Shape::Text, When::Optional),
            field("value", "field_value", Shape::Custom, When::Needed),
        ],
        check: Some(|members| match members {
            [Some(_), ..] => Ok(()),
            [_, Some(text), ..] | [_, None, Some(text), ..] if !text.as_text().is_empty() => Ok(()),
            _ => Err(Fault::custom(WITHOUT_NAME)),
        }),
    });
}

const fn field(name: &'static str, wire: &'static str, shape: Shape, when: When) -> Field {
    Field { name, wire, shape, when, goes: Goes::Usual }
}

const WITHOUT_NAME: &str = "expected the `id` of a custom field, its `key` or its `name`";

impl CustomFieldInput {
    /// A field by its id.
    pub fn new(id: CustomFieldId, value: impl Into<FieldValue>) -> Self {
        Self { id: Some(id), value: value.into(), ..Self::default() }
    }

    /// A field by its key.
    pub fn by_key(key: impl Into<String>, value: impl Into<FieldValue>) -> Self {
        Self { key: Some(key.into()), value: value.into(), ..Self::default() }
    }

    /// A field by its name.
    pub fn by_name(name: impl Into<String>, value: impl Into<FieldValue>) -> Self {
        Self { name: Some(name.into()), value: value.into(), ..Self::default() }
    }
}

impl<'de> Deserialize<'de> for CustomFieldInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Given {
            id: Option<CustomFieldId>,
            key: Option<String>,
            name: Option<String>,
            value: FieldValue,
        }
        let Given { id, key, name, value } = Given::deserialize(deserializer)?;
        let text = key.as_ref().or(name.as_ref());
        if id.is_none() && text.is_none_or(String::is_empty) {
            return Err(D::Error::custom(WITHOUT_NAME));
        }
        Ok(Self { id, key, name, value })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::testing::read;

    #[test]
    fn a_value_is_read_under_every_name_ghl_gives_it() {
        let typed = ["fieldValueString", "fieldValueNumber", "fieldValueArray", "fieldValueDate"];
        for name in ["value", "fieldValue", "field_value"].into_iter().chain(typed) {
            let field: CustomField = read(&format!(r#"{{"id":"f1","type":"string","{name}":"x"}}"#));
            assert_eq!(field.value, FieldValue::from("x"), "{name}");
        }
        let field: CustomField = read(r#"{"id":"f1","value":null,"fieldValueNumber":4999.00}"#);
        assert_eq!(field.value.as_text(), Some("4999.00"));
        for none in [r#"{"id":"f1"}"#, r#"{"id":"f1","value":null}"#] {
            assert_eq!(read::<CustomField>(none).value, FieldValue::Json(json!(null)), "{none}");
        }
    }

    #[test]
    fn every_kind_of_value_survives_a_round_trip() {
        for text in
            [r#""x""#, "4999.00", "-1", r#"["a","b"]"#, r#"[1,{"a":2}]"#, r#"{"u":{"url":"x"}}"#, "true"]
        {
            let value: FieldValue = read(text);
            assert_eq!(serde_json::to_string(&value).unwrap(), text);
        }
        assert_eq!(read::<FieldValue>(r#"["a"]"#), FieldValue::List(vec!["a".into()]));
    }
}
