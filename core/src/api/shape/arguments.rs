use serde::de::{Error as _, Unexpected};

use super::{Node, Shape};
use crate::{
    error::Result as OrError,
    ids,
    json::{Fault, Reader, checked},
};

/// Largest JSON of arguments, in bytes.
const MAX_ARGS_BYTES: usize = 8 * 1024 * 1024;

/// An object that a caller gives: these members and no other.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) fields: &'static [Field],
    /// What must hold of the members beyond their shapes.
    pub(crate) check: Option<Check>,
}

/// Checks members, in the order of an [`Input`]'s fields.
pub(crate) type Check = fn(&[Option<Node<'_>>]) -> Result<(), Fault>;

/// A member of an [`Input`].
#[derive(Debug)]
pub(crate) struct Field {
    /// Its name for callers.
    pub(crate) name: &'static str,
    /// Its name for GHL.
    pub(crate) wire: &'static str,
    pub(crate) shape: Shape,
    pub(crate) when: When,
    pub(crate) goes: Goes,
}

/// Where an argument goes in a request that does not name it in its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goes {
    /// Into the query of a GET, and into the body of others.
    Usual,
    /// Into the query.
    Query,
    /// There its members stand for it.
    Spread,
}

/// What it means that a member is not given.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// It must be.
    Needed,
    /// Nothing; null means the same.
    Optional,
    /// As an empty list, nothing.
    Listed,
    /// It has this value, as JSON.
    Else(&'static str),
}

impl Input {
    /// Reads the JSON of arguments.
    ///
    /// # Errors
    /// `invalid_argument`, whose field is the path of the argument; `too_large`.
    pub(crate) fn read<'a>(&'static self, json: &'a str) -> OrError<Node<'a>> {
        let json = checked(json.as_bytes(), ARGUMENTS, MAX_ARGS_BYTES)?;
        self.members(Reader::new(json)).map_err(|fault| fault.into_error(ARGUMENTS))
    }

    fn members<'a>(&'static self, object: Reader<'a>) -> Result<Node<'a>, Fault> {
        let members = object.members()?;
        let object = object.deeper()?;
        let mut given: Vec<Option<Node<'a>>> = self.fields.iter().map(|_| None).collect();
        let mut seen: Vec<&'static str> = Vec::new();
        for (name, value) in &members {
            let of_name = self.fields.iter().zip(&mut given).find(|(field, _)| field.name == *name);
            let Some((field, node)) = of_name else {
                let names: Vec<_> = self.fields.iter().map(|field| field.name).collect();
                return Err(Fault::unknown(&names).in_field(name));
            };
            if seen.contains(&field.name) {
                return Err(Fault::duplicate_field(field.name));
            }
            seen.push(field.name);
            *node = field.read(object.part(value)).map_err(|fault| fault.in_field(field.name))?;
        }
        for (field, node) in self.fields.iter().zip(&mut given) {
            match field.when {
                When::Needed if !seen.contains(&field.name) => return Err(Fault::missing_field(field.name)),
                When::Else(json) if node.is_none() => *node = Some(Node::Json(json.into())),
                _ => {}
            }
        }
        if let Some(check) = self.check {
            check(&given)?;
        }
        Ok(Node::Object(self, given))
    }
}

/// The name of the whole.
const ARGUMENTS: &str = "arguments";

impl Field {
    fn read<'a>(&self, value: Reader<'a>) -> Result<Option<Node<'a>>, Fault> {
        let node = match self.when {
            When::Optional if value.text() == "null" => return Ok(None),
            _ => read(&self.shape, value)?,
        };
        Ok(match (self.when, &node) {
            (When::Listed, Node::List(items)) if items.is_empty() => None,
            _ => Some(node),
        })
    }
}

fn read<'a>(shape: &Shape, value: Reader<'a>) -> Result<Node<'a>, Fault> {
    match *shape {
        Shape::Text => value.string(&"a string").map(Node::Text),
        Shape::Id => {
            let id = value.string(&"a string")?;
            ids::check(&id).map_err(Fault::custom)?;
            Ok(Node::Text(id))
        }
        Shape::Word(words) => {
            let word = value.string(&"a string")?;
            match words.iter().find(|known| **known == word) {
                Some(known) => Ok(Node::Text((*known).into())),
                None => Err(Fault::unknown_variant(&word, words)),
            }
        }
        Shape::Exact => value.number(&"a number").map(|_| Node::Json(value.text().into())),
        Shape::Whole => {
            let number = value.number(&"i64")?.as_i64();
            number.map(Node::whole).ok_or_else(|| Fault::invalid_value(Unexpected::Float(0.0), &"i64"))
        }
        Shape::Count => {
            let number = value.number(&"u32")?.as_i64().filter(|number| u32::try_from(*number).is_ok());
            number.map(Node::whole).ok_or_else(|| Fault::invalid_value(Unexpected::Float(0.0), &"u32"))
        }
        Shape::Bool => {
            let truth = value.boolean(&"a boolean")?;
            Ok(Node::Json(if truth { "true" } else { "false" }.into()))
        }
        Shape::Custom if Node::is_number(value.text()) => Ok(Node::Json(value.text().into())),
        Shape::Any | Shape::Custom => Node::any(value.text()).map_err(Fault::custom),
        Shape::List(of) => {
            let items = value.items()?.into_iter().enumerate();
            let items = items.map(|(at, item)| read(of, item).map_err(|fault| fault.in_item(at)));
            items.collect::<Result<_, _>>().map(Node::List)
        }
        Shape::Input(input) => input.members(value),
        // Nobody gives a reply for an argument.
        Shape::Reply(_) => Err(value.other(&"an argument")),
    }
}
