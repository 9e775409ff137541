//! Validation of request bodies as HighLevel's gateway does it: a list of messages, status 422.

use serde_json::{Map, Value};

use crate::http::Answer;

/// What a property may hold.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Email,
    Number,
    Flag,
    Texts,
    Array,
    Object,
    Any,
    OneOf(&'static [&'static str]),
}

/// One property of a body.
#[derive(Clone, Copy)]
pub(crate) struct Property {
    name: &'static str,
    kind: Kind,
    required: bool,
}

impl Property {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

pub(crate) const fn optional(name: &'static str, kind: Kind) -> Property {
    Property { name, kind, required: false }
}

pub(crate) const fn required(name: &'static str, kind: Kind) -> Property {
    Property { name, kind, required: true }
}

/// What happens to a property nobody declared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// `property X should not exist`.
    Refuse,
    /// Silently dropped, as upsert does.
    Drop,
}

/// Checks a body against the shapes taken together.
pub(crate) fn check(
    body: &Map<String, Value>,
    shapes: &[&[Property]],
    unknown: Unknown,
) -> Result<(), Answer> {
    let properties = || shapes.iter().flat_map(|shape| shape.iter());
    let mut messages = Vec::new();
    if unknown == Unknown::Refuse {
        let undeclared = body.keys().filter(|key| !properties().any(|property| property.name == *key));
        messages.extend(undeclared.map(|key| format!("property {key} should not exist")));
    }
    for property in properties() {
        match body.get(property.name) {
            None | Some(Value::Null) if property.required => {
                messages.push(format!("{} should not be empty", property.name));
            }
            None | Some(Value::Null) => {}
            Some(value) => messages.extend(complaint(property, value)),
        }
    }
    if messages.is_empty() { Ok(()) } else { Err(Answer::unprocessable(messages)) }
}

fn complaint(property: &Property, value: &Value) -> Option<String> {
    let name = property.name;
    let must = |fits: bool, what: &str| (!fits).then(|| format!("{name} must be {what}"));
    match property.kind {
        Kind::Any => None,
        Kind::Text => match value.as_str() {
            Some("") if property.required => Some(format!("{name} should not be empty")),
            text => must(text.is_some(), "a string"),
        },
        Kind::Email => must(value.as_str().is_some_and(|text| text.is_empty() || is_email(text)), "an email"),
        Kind::Number => must(value.is_number(), "a number conforming to the specified constraints"),
        Kind::Flag => must(value.is_boolean(), "a boolean value"),
        Kind::Array => must(value.is_array(), "an array"),
        Kind::Object => must(value.is_object(), "an object"),
        Kind::Texts => match value.as_array() {
            None => must(false, "an array"),
            Some(items) => (!items.iter().all(Value::is_string))
                .then(|| format!("each value in {name} must be a string")),
        },
        Kind::OneOf(choices) => must(
            value.as_str().is_some_and(|text| choices.contains(&text)),
            &format!("one of the following values: {}", choices.join(", ")),
        ),
    }
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        && !text.contains(char::is_whitespace)
}

/// The strings of an array property; other items are left out.
pub(crate) fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    let items = value?.as_array()?;
    Some(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SHAPE: &[Property] = &[
        required("name", Kind::Text),
        optional("email", Kind::Email),
        optional("tags", Kind::Texts),
        optional("status", Kind::OneOf(&["open", "won"])),
    ];

    fn messages(body: Value, unknown: Unknown) -> Vec<String> {
        match check(body.as_object().unwrap(), &[SHAPE], unknown) {
            Ok(()) => Vec::new(),
            Err(answer) => {
                assert_eq!(answer.status, 422);
                serde_json::from_value(answer.body["message"].clone()).unwrap()
            }
        }
    }

    #[test]
    fn every_complaint_is_listed() {
        let body = json!({ "nam": 1, "email": "no", "tags": [1], "status": "all" });
        assert_eq!(
            messages(body, Unknown::Refuse),
            [
                "property nam should not exist",
                "name should not be empty",
                "email must be an email",
                "each value in tags must be a string",
                "status must be one of the following values: open, won",
            ]
        );
    }

    #[test]
    fn unknown_properties_may_be_dropped_and_null_is_absent() {
        assert!(messages(json!({ "name": "x", "nam": 1, "email": null }), Unknown::Drop).is_empty());
        assert_eq!(messages(json!({ "name": "" }), Unknown::Drop), ["name should not be empty"]);
    }
}
