use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, value::RawValue};

use super::{ExactNumber, fields::Fields};
use crate::ids::CustomFieldId;

/// The value of a custom field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// Of TEXT, LARGE_TEXT, SINGLE_OPTIONS, RADIO, PHONE, EMAIL, DATE fields.
    Text(String),
    /// Of NUMERICAL and MONETORY (GHL's spelling) fields.
    Number(ExactNumber),
    /// Of CHECKBOX and MULTIPLE_OPTIONS fields.
    List(Vec<String>),
    /// Of any other: files, lists of texts, or null for none.
    Json(Value),
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
        value.map_err(serde::de::Error::custom)
    }
}

/// A custom field of a contact or an opportunity as GHL returns it: by id, without key or name.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomField {
    /// The field.
    pub id: CustomFieldId,
    /// Its value; `null` where GHL sent none.
    pub value: FieldValue,
}

/// The names under which GHL returns a value. Which it is depends on object, route and `Version`.
const VALUE_NAMES: &[&str] = &[
    "value",
    "fieldValue",
    "field_value",
    "fieldValueString",
    "fieldValueNumber",
    "fieldValueArray",
    "fieldValueDate",
];

impl<'de> Deserialize<'de> for CustomField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            id: CustomFieldId::new(fields.need::<D::Error>("id")?),
            value: fields.take(VALUE_NAMES).unwrap_or(FieldValue::Json(Value::Null)),
        })
    }
}

/// A custom field to be written. GHL silently drops a value under the name `value`, so it is written as
/// `field_value` (HighLevel docs: Update Contact).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CustomFieldInput {
    /// The field.
    pub id: CustomFieldId,
    /// Its key without the object's prefix, e.g. `order_status`. GHL goes by the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The value.
    pub field_value: FieldValue,
}

impl CustomFieldInput {
    /// A field by its id alone.
    pub fn new(id: CustomFieldId, value: impl Into<FieldValue>) -> Self {
        Self { id, key: None, field_value: value.into() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::testing::read;

    #[test]
    fn a_value_is_read_under_every_name_ghl_gives_it() {
        for name in VALUE_NAMES {
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
