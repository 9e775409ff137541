use std::borrow::Cow;

use serde::de::Error as _;

use super::{fault::Fault, reader::Reader};

/// A member of an object: its name, and the JSON of its value.
pub(crate) type Written<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Writes an object anew. `each` gets every member, and gives what stands in its place.
///
/// # Errors
/// It is no object; what `each` says.
pub(crate) fn object<'a>(
    json: &'a str,
    each: &mut dyn FnMut(Cow<'a, str>, &'a str) -> Result<Option<Written<'a>>, Fault>,
) -> Result<String, Fault> {
    let mut out = String::with_capacity(json.len());
    let mut mark = '{';
    for (name, value) in Reader::new(json).members()? {
        let Some((name, value)) = each(name, value.get())? else { continue };
        out.push(mark);
        out.push_str(&serde_json::to_string(&name).map_err(Fault::custom)?);
        out.push(':');
        out.push_str(&value);
        mark = ',';
    }
    out.push_str(if mark == '{' { "{}" } else { "}" });
    Ok(out)
}

/// Writes an array anew. `each` gets every item and its place, and gives what stands there.
///
/// # Errors
/// It is no array; what `each` says.
pub(crate) fn array<'a>(
    json: &'a str,
    each: &mut dyn FnMut(usize, &'a str) -> Result<Cow<'a, str>, Fault>,
) -> Result<String, Fault> {
    let mut out = String::with_capacity(json.len());
    let mut mark = '[';
    for (at, item) in Reader::new(json).items()?.into_iter().enumerate() {
        out.push(mark);
        out.push_str(&each(at, item.text())?);
        mark = ',';
    }
    out.push_str(if mark == '[' { "[]" } else { "]" });
    Ok(out)
}
