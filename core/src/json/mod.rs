//! JSON from outside, read so that every error names the field, says what was expected there, and shows
//! nothing of the value: it may be a token in the wrong place.

mod anew;
mod fault;
mod given;
mod parts;
mod reader;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::error::{Code, Error, Result};

pub(crate) use anew::{array, object};
pub(crate) use fault::Fault;
pub(crate) use given::Given;
pub(crate) use parts::{any, any_list, each_member, member};
pub(crate) use reader::Reader;

/// Reads JSON. The field of an error is its path, e.g. `customer.email` or `path[2].progress`, or `root`
/// where the whole is wrong.
///
/// # Errors
/// `invalid_argument`; `too_large`.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8], root: &str, max_bytes: usize) -> Result<T> {
    let json = checked(json, root, max_bytes)?;
    T::deserialize(Reader::new(json)).map_err(|fault| fault.into_error(root))
}

/// The text of one JSON value. Where it is none, only the whole is named.
pub(crate) fn checked<'a>(json: &'a [u8], root: &str, max_bytes: usize) -> Result<&'a str> {
    if json.len() > max_bytes {
        let message = format!("{root}: expected at most {max_bytes} bytes of JSON, got {}", json.len());
        return Err(Error::new(Code::TooLarge, message).with_field(root));
    }
    let text = std::str::from_utf8(json).map_err(|error| Error::invalid(root, error))?;
    serde_json::from_str(text).map(RawValue::get).map_err(|error| Error::invalid(root, error))
}

/// Names the place in the JSON instead of the part that was wrong there.
pub(crate) fn at<T>(field: &str, result: Result<T>) -> Result<T> {
    result.map_err(|error| {
        let part = error.field().map(|part| format!("{part}: ")).unwrap_or_default();
        let message = error.message().strip_prefix(&part).unwrap_or(error.message());
        Error::new(error.code(), format!("{field}: {message}")).with_field(field)
    })
}

/// Names the whole in which a part was wrong: `path[2].label` of `model` is `model.path[2].label`.
pub(crate) fn within<T>(whole: &str, result: Result<T>) -> Result<T> {
    let Err(error) = result else { return result };
    let field = error.field().map_or_else(|| whole.to_owned(), |part| format!("{whole}.{part}"));
    at(&field, Err(error))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(default, rename = "list")]
        _list: Vec<Inner>,
    }

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "text")]
        _text: String,
        #[serde(default, rename = "word")]
        _word: Option<Word>,
        #[serde(default, rename = "byte")]
        _byte: u8,
    }

    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        One,
        Two,
    }

    #[test]
    fn an_error_within_a_whole_names_both() {
        let inner = Error::invalid("path[0].label", "expected a text");
        let error = within::<()>("model", Err(inner)).unwrap_err();
        assert_eq!(error.field(), Some("model.path[0].label"));
        assert_eq!(error.message(), "model.path[0].label: expected a text");
        let error = within::<()>("model", Err(Error::new(Code::Config, "it is not one"))).unwrap_err();
        assert_eq!((error.code(), error.message()), (Code::Config, "model: it is not one"));
    }

    #[test]
    fn an_error_names_the_field_and_hides_the_value() {
        for (json, field, says) in [
            (r#"{"list":[{"text":5ecret}]}"#, "root", "invalid number at line 1 column 20"),
            (r#"{"list":[{"text":424242}]}"#, "list[0].text", "expected a string, got number"),
            (r#"{"list":[{"text":null}]}"#, "list[0].text", "expected a string, got null"),
            (r#"{"list":[{}]}"#, "list[0].text", "is missing"),
            (r#"{"list":[],"list":[]}"#, "list", "is given twice"),
            (r#"{"list":["5ecret, expected x"]}"#, "list[0]", "expected an object, got string"),
            (r#"{"list":[{"text":"","word":"5ecret"}]}"#, "list[0].word", "expected `one` or `two`"),
            (
                r#"{"list":[{"text":"","byte":424242}]}"#,
                "list[0].byte",
                "expected a whole number of 0 or more, in range, got another number",
            ),
            (r#"{"lists":[]}"#, "lists", "is not known here; expected `list`"),
            (
                r#"{"list":[{"text":"","texts":1}]}"#,
                "list[0].texts",
                "is not known here; expected one of `text`, `word`, `byte`",
            ),
            (r#"{}{}"#, "root", "trailing characters at line 1 column 3"),
            ("[[]]", "root", "expected an object, got array"),
            (r#"{"list":[{"te"#, "root", "EOF while parsing a string at line 1 column 13"),
            ("{", "root", "EOF while parsing an object at line 1 column 1"),
            ("", "root", "EOF while parsing a value at line 1 column 0"),
        ] {
            let error = read::<Outer>(json.as_bytes(), "root", 100).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some(field)), "{json}");
            assert_eq!(error.message(), format!("{field}: {says}"), "{json}");
        }
        let error = read::<Outer>(&[b' '; 101], "root", 100).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::TooLarge, Some("root")));
    }
}
