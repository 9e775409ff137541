use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};

use crate::error::Error;

/// Longest name of a field that is repeated, in characters.
const MAX_NAME_CHARS: usize = 100;

/// What is wrong with a value, and where in the whole.
#[derive(Debug)]
pub(crate) struct Fault(Box<Place>);

#[derive(Debug)]
struct Place {
    /// E.g. `path[2].label`; empty for the whole.
    path: String,
    message: String,
}

impl Fault {
    fn new(message: String) -> Self {
        Self(Box::new(Place { path: String::new(), message }))
    }

    /// There is no value.
    pub(crate) fn missing() -> Self {
        Self::new("is missing".to_owned())
    }

    /// The name is none of those that are known.
    pub(crate) fn unknown(known: &[impl Display]) -> Self {
        Self::new(format!("is not known here; expected {}", one_of(known)))
    }

    /// The same fault, seen from the object that has the value under this name.
    pub(crate) fn in_field(self, name: &str) -> Self {
        self.within(name.chars().take(MAX_NAME_CHARS).collect())
    }

    /// The same fault, seen from the array that has the value at this place.
    pub(crate) fn in_item(self, index: usize) -> Self {
        self.within(format!("[{index}]"))
    }

    fn within(mut self, mut outer: String) -> Self {
        if !self.0.path.is_empty() && !self.0.path.starts_with('[') {
            outer.push('.');
        }
        self.0.path.insert_str(0, &outer);
        self
    }

    /// The error; `root` names the whole.
    pub(crate) fn into_error(self, root: &str) -> Error {
        let Place { path, message } = *self.0;
        Error::invalid(if path.is_empty() { root.to_owned() } else { path }, message)
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    /// It may come from a part that was kept as text and read later: then its position is that in the part.
    fn custom<T: Display>(message: T) -> Self {
        let message = message.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        match message.strip_prefix("missing field `").and_then(|name| name.strip_suffix('`')) {
            Some(name) => Self::missing().in_field(name),
            None => Self::new(message.to_owned()),
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}, got {}", wanted(expected), kind(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}, got another {}", wanted(expected), kind(found)))
    }

    fn invalid_length(found: usize, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}, got {found} items", wanted(expected)))
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::new(format!("expected {}", one_of(known)))
    }

    // The reader names the field.
    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        Self::unknown(known)
    }

    fn missing_field(name: &'static str) -> Self {
        Self::missing().in_field(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new("is given twice".to_owned()).in_field(name)
    }
}

/// What serde expects, in JSON's words.
fn wanted(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    match text.as_str() {
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number in range".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number of 0 or more, in range".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a sequence" => "an array".to_owned(),
        "a map" => "an object".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        _ => text,
    }
}

/// What JSON calls a value.
fn kind(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "number",
        Unexpected::Char(_) | Unexpected::Str(_) => "string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "array",
        Unexpected::Map => "object",
        _ => "value",
    }
}

fn one_of(known: &[impl Display]) -> String {
    let quoted: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "no field".to_owned(),
        [only] => only.clone(),
        [one, other] => format!("{one} or {other}"),
        _ => format!("one of {}", quoted.join(", ")),
    }
}
