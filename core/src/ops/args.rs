use std::borrow::Cow;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub(super) use crate::json::within;
use crate::{
    error::{Code, Error, Result},
    json,
};

/// Largest JSON of arguments, in bytes.
const MAX_ARGS_BYTES: usize = 8 * 1024 * 1024;

/// The arguments of an operation.
pub(super) trait Arguments: Sized {
    /// Reads them from JSON.
    ///
    /// # Errors
    /// `invalid_argument`, whose field is the path of the argument; `too_large`.
    fn read(json: &str) -> Result<Self>;
}

/// A type that reads all of the arguments.
impl<T: DeserializeOwned> Arguments for T {
    fn read(json: &str) -> Result<Self> {
        json::read(json.as_bytes(), "arguments", MAX_ARGS_BYTES)
    }
}

/// Arguments by the names of a struct's fields, for [`super::table::ops`]. Each is read on its own, since a type
/// then costs its size once and not for every operation that takes it.
pub(super) struct Given<'a>(json::Given<'a>);

impl<'a> Given<'a> {
    pub(super) fn read(json: &'a str, fields: &[&str]) -> Result<Self> {
        let names: Vec<Cow<'_, str>> = fields.iter().map(|field| camel_case(field).into()).collect();
        json::Given::read(json.as_bytes(), "arguments", MAX_ARGS_BYTES, &names).map(Self)
    }

    pub(super) fn take<T: Deserialize<'a>>(&self, field: &str) -> Result<T> {
        self.0.take(&camel_case(field))
    }
}

fn camel_case(field: &str) -> String {
    let mut words = field.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        name + &initial.to_ascii_uppercase() + rest
    })
}

/// The JSON of a result.
///
/// # Errors
/// `unexpected_reply`: it holds what JSON cannot.
pub(super) fn write(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(unwritable)
}

/// The same behind what is there already.
pub(super) fn write_to(text: &mut Vec<u8>, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(text, value).map_err(unwritable)
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::new(Code::UnexpectedReply, format!("the result cannot be written as JSON: {error}"))
}

/// There is no such operation.
pub(super) fn unknown(op: &str, known: &[&str]) -> Error {
    let shown: String = op.chars().take(100).map(|c| if c.is_control() { '?' } else { c }).collect();
    Error::invalid("op", format_args!("expected one of {}, got `{shown}`", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Args {
        #[expect(dead_code, reason = "only whether it reads matters")]
        contact_id: String,
        tags: Option<Vec<String>>,
    }

    impl Arguments for Args {
        fn read(json: &str) -> Result<Self> {
            let given = Given::read(json, &["contact_id", "tags"])?;
            Ok(Self { contact_id: given.take("contact_id")?, tags: given.take("tags")? })
        }
    }

    #[test]
    fn what_is_wrong_with_arguments_is_named() {
        let table = [
            ("", "arguments"),
            ("[", "arguments"),
            ("null", "arguments"),
            ("{}", "contactId"),
            (r#"{"contact_id":"a"}"#, "contact_id"),
            (r#"{"contactId":1,"tags":[]}"#, "contactId"),
            (r#"{"contactId":"a","tags":["b",null]}"#, "tags[1]"),
            (r#"{"contactId":"a","tags":[],"extra":1}"#, "extra"),
            (r#"{"contactId":"a","contactId":"b","tags":[]}"#, "contactId"),
            (r#"{"contactId":"a","tags":[]} {}"#, "arguments"),
        ];
        for (json, field) in table {
            let error = Args::read(json).map(|_| ()).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                (Code::InvalidArgument, Some(field)),
                "{json}: {error}"
            );
        }
        let error = Args::read(&" ".repeat(MAX_ARGS_BYTES + 1)).map(|_| ()).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::TooLarge, Some("arguments")));
        assert!(Args::read(r#"{"contactId":"a"}"#).unwrap().tags.is_none());
    }
}
