use std::borrow::Cow;

use serde_json::Value;

use super::Input;

/// A value of arguments that were read.
#[derive(Debug, Clone)]
pub(crate) enum Node<'a> {
    Text(Cow<'a, str>),
    /// A number, a truth value, or what may be anything, as JSON.
    Json(Cow<'a, str>),
    List(Vec<Node<'a>>),
    /// The members in the order of the input's fields.
    Object(&'static Input, Vec<Option<Node<'a>>>),
}

/// Under whose names an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    Callers,
    Ghls,
}

impl<'a> Node<'a> {
    pub(super) fn whole(number: i64) -> Self {
        Node::Json(number.to_string().into())
    }

    /// Anything, in the one way that it is written.
    pub(super) fn any(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str::<Value>(json).map(|value| Node::Json(value.to_string().into()))
    }

    pub(super) fn is_number(json: &str) -> bool {
        matches!(json.as_bytes().first(), Some(b'-' | b'0'..=b'9'))
    }

    /// The member of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Node<'a>> {
        let Node::Object(input, members) = self else { return None };
        let mut members = input.fields.iter().zip(members);
        members.find(|(field, _)| field.name == name).and_then(|(_, node)| node.as_ref())
    }

    /// Replaces the member of this name.
    pub(super) fn set(&mut self, name: &str, node: Option<Node<'a>>) {
        let Node::Object(input, members) = self else { return };
        let mut members = input.fields.iter().zip(members);
        if let Some((_, member)) = members.find(|(field, _)| field.name == name) {
            *member = node;
        }
    }

    /// The items of a list.
    pub(super) fn values(&self) -> Vec<Value> {
        serde_json::from_str(&self.json(Names::Callers)).unwrap_or_default()
    }

    /// The value as it stands in a path or a query.
    pub(crate) fn as_text(&self) -> Cow<'_, str> {
        match self {
            Node::Text(text) | Node::Json(text) => Cow::Borrowed(text),
            Node::List(items) => {
                items.iter().map(|item| item.as_text().into_owned()).collect::<Vec<_>>().join(",").into()
            }
            Node::Object(..) => self.json(Names::Ghls).into(),
        }
    }

    pub(crate) fn json(&self, names: Names) -> String {
        let mut json = String::new();
        self.write(names, &mut json);
        json
    }

    fn write(&self, names: Names, out: &mut String) {
        match self {
            Node::Text(text) => write_text(text, out),
            Node::Json(json) => out.push_str(json),
            Node::List(items) => {
                let mut mark = '[';
                for item in items {
                    out.push(mark);
                    item.write(names, out);
                    mark = ',';
                }
                close(mark, "[]", out);
            }
            Node::Object(input, members) => {
                let mut mark = '{';
                for (field, node) in input.fields.iter().zip(members) {
                    let Some(node) = node else { continue };
                    out.push(mark);
                    write_text(if names == Names::Callers { field.name } else { field.wire }, out);
                    out.push(':');
                    node.write(names, out);
                    mark = ',';
                }
                close(mark, "{}", out);
            }
        }
    }
}

/// Ends what `mark` would have gone on with.
pub(super) fn close(mark: char, brackets: &str, out: &mut String) {
    let (_, end) = brackets.split_at(1);
    out.push_str(if mark == ',' { end } else { brackets });
}

pub(super) fn write_text(text: &str, out: &mut String) {
    if text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
        return;
    }
    // Nothing has to be escaped.
    out.push('"');
    out.push_str(text);
    out.push('"');
}
