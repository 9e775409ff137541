use serde::de::Error as _;
use serde_json::{Value, value::RawValue};

use super::{
    Shape,
    node::{Node, close, write_text},
};
use crate::api::fields::{Fields, Scalar, Time, by_position};

/// An object that GHL answers. It is read as [`Fields`] says.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) fields: &'static [Taken],
    /// Whether what is not taken is handed over as it came.
    pub(crate) extra: bool,
    /// Whether null stands for an object without properties.
    pub(crate) nullable: bool,
}

/// A property of a [`Reply`].
#[derive(Debug)]
pub(crate) struct Taken {
    /// Its name as it is handed over.
    pub(crate) name: &'static str,
    /// Its names in GHL's replies; the first that can be read counts.
    pub(crate) from: &'static [&'static str],
    pub(crate) how: How,
    pub(crate) shape: Shape,
}

/// How a property is taken: the methods of [`Fields`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum How {
    /// A text that must be there.
    Need,
    /// A text, or a number as text.
    Text,
    /// A time, handed over as epoch milliseconds.
    Time,
    /// What has the shape.
    Take,
    /// What has the shape, or else this.
    Else(&'static str),
    /// A list of what has the shape.
    List,
    /// As [`How::List`], ordered by the `position` of its items.
    Ordered,
    /// What must have the shape, where it is not null or absent.
    Maybe,
    /// What must be there and have the shape.
    Whole,
    /// It stays where it is.
    Look,
}

/// The JSON of a reply in the form it is handed over.
///
/// # Errors
/// It has another shape.
pub(crate) fn convert(shape: &Shape, json: &str) -> serde_json::Result<String> {
    let mut out = String::with_capacity(json.len());
    write(shape, json, &mut out)?;
    Ok(out)
}

pub(super) fn write(shape: &Shape, json: &str, out: &mut String) -> serde_json::Result<()> {
    match *shape {
        Shape::Text | Shape::Id => write_text(&serde_json::from_str::<String>(json)?, out),
        Shape::Word(words) => {
            let word: String = serde_json::from_str(json)?;
            if !words.contains(&word.as_str()) {
                return Err(serde_json::Error::custom("another word"));
            }
            write_text(&word, out);
        }
        Shape::Exact if !Node::is_number(json) => return Err(serde_json::Error::custom("no number")),
        Shape::Custom if !Node::is_number(json) => write(&Shape::Any, json, out)?,
        Shape::Exact | Shape::Custom => out.push_str(serde_json::from_str::<&RawValue>(json)?.get()),
        Shape::Whole => out.push_str(&serde_json::from_str::<i64>(json)?.to_string()),
        Shape::Count => out.push_str(&serde_json::from_str::<u32>(json)?.to_string()),
        Shape::Bool => out.push_str(if serde_json::from_str::<bool>(json)? { "true" } else { "false" }),
        Shape::Any => out.push_str(&serde_json::from_str::<Value>(json)?.to_string()),
        Shape::List(of) => write_list(of, &serde_json::from_str::<Vec<&RawValue>>(json)?, out)?,
        Shape::Input(_) => return Err(serde_json::Error::custom("no reply")),
        Shape::Reply(reply) => reply.write(json, out)?,
    }
    Ok(())
}

fn write_list(of: &Shape, items: &[&RawValue], out: &mut String) -> serde_json::Result<()> {
    let mut mark = '[';
    for item in items {
        out.push(mark);
        write(of, item.get(), out)?;
        mark = ',';
    }
    close(mark, "[]", out);
    Ok(())
}

impl Reply {
    fn write(&self, json: &str, out: &mut String) -> serde_json::Result<()> {
        let mut fields = match Fields::read(json)? {
            None if self.nullable => Fields::default(),
            None => return Err(serde_json::Error::custom("no object")),
            Some(fields) => fields,
        };
        let mut mark = '{';
        for taken in self.fields {
            let before = out.len();
            begin_member(mark, taken.name, out);
            if taken.write(&mut fields, out)? {
                mark = ',';
            } else {
                out.truncate(before);
            }
        }
        if self.extra {
            for (name, value) in fields.rest() {
                write_member(&mut mark, &name, &value.to_string(), out);
            }
        }
        close(mark, "{}", out);
        Ok(())
    }
}

pub(super) fn write_member(mark: &mut char, name: &str, json: &str, out: &mut String) {
    begin_member(*mark, name, out);
    out.push_str(json);
    *mark = ',';
}

fn begin_member(mark: char, name: &str, out: &mut String) {
    out.push(mark);
    write_text(name, out);
    out.push(':');
}

impl Taken {
    /// Writes the property, if there is one to hand over.
    fn write(&self, fields: &mut Fields<'_>, out: &mut String) -> serde_json::Result<bool> {
        let text = |text: String, out: &mut String| write_text(&text, out);
        let name = self.from.first().copied().unwrap_or(self.name);
        match self.how {
            How::Look => return Ok(false),
            How::Need => text(fields.need::<serde_json::Error>(self.from)?, out),
            How::Text => match fields.take::<Scalar>(self.from) {
                Some(Scalar(found)) => text(found, out),
                None => return Ok(false),
            },
            How::Time => match fields.take::<Time>(self.from) {
                Some(Time(ms)) => out.push_str(&ms.to_string()),
                None => return Ok(false),
            },
            How::Take | How::Else(_) => {
                let before = out.len();
                let taken = fields.taken(self.from, &mut |json| {
                    out.truncate(before);
                    write(&self.shape, json, out).is_ok()
                });
                match self.how {
                    _ if taken => {}
                    How::Else(json) => {
                        out.truncate(before);
                        out.push_str(json);
                    }
                    _ => return Ok(false),
                }
            }
            How::List | How::Ordered => {
                let json = fields.cut(name).unwrap_or_default();
                match (json.as_str(), &self.shape) {
                    ("" | "null", _) => out.push_str("[]"),
                    (json, Shape::List(of)) if matches!(self.how, How::Ordered) => {
                        write_list(of, &by_position(serde_json::from_str(json)?), out)?;
                    }
                    (json, shape) => write(shape, json, out)?,
                }
            }
            How::Maybe | How::Whole => match fields.cut(name).as_deref() {
                None if matches!(self.how, How::Whole) => {
                    return Err(serde_json::Error::missing_field(self.name));
                }
                None | Some("null") if matches!(self.how, How::Maybe) => return Ok(false),
                json => write(&self.shape, json.unwrap_or_default(), out)?,
            },
        }
        Ok(true)
    }
}
