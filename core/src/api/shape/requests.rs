use serde::Serialize;

use super::{
    Goes, Input, Node, Shape, Shaped,
    node::{Names, close, write_text},
};
use crate::{
    client::{ApiRequest, Endpoint},
    ids::LocationId,
    ports::Method,
};

/// The request of a route with arguments that were read: ids go into its path, the others where they say.
pub(crate) fn placed<T>(endpoint: &Endpoint, location: &LocationId, args: &Node<'_>) -> ApiRequest<T> {
    let ids: Vec<_> = endpoint.ids().map(|id| args.get(id).map(Node::as_text).unwrap_or_default()).collect();
    let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    let mut parts = Parts { query: Vec::new(), body: String::new(), mark: '{' };
    let bodied = if let Node::Object(input, members) = args {
        parts.place(endpoint, input, members, Goes::Usual)
    } else {
        false
    };
    let mut request = endpoint.of(location, &ids);
    for (name, value) in parts.query {
        request = request.with_query(name, value);
    }
    if bodied {
        close(parts.mark, "{}", &mut parts.body);
        request.add_json(parts.body.into_bytes());
    }
    request.with_defaults(endpoint.defaults())
}

struct Parts {
    query: Vec<(&'static str, String)>,
    body: String,
    mark: char,
}

impl Parts {
    /// Whether there is a body.
    fn place(&mut self, endpoint: &Endpoint, input: &Input, members: &[Option<Node<'_>>], of: Goes) -> bool {
        let mut bodied = false;
        for (field, node) in input.fields.iter().zip(members) {
            if of == Goes::Usual && endpoint.ids().any(|id| id == field.name) {
                continue;
            }
            let into_query =
                endpoint.method() == Method::Get || field.goes == Goes::Query || of == Goes::Query;
            bodied |= !into_query;
            match node {
                None => {}
                Some(Node::Object(input, members)) if into_query || field.goes == Goes::Spread => {
                    let of = if into_query { Goes::Query } else { Goes::Spread };
                    self.place(endpoint, input, members, of);
                }
                Some(node) if into_query => self.query.push((field.wire, node.as_text().into_owned())),
                Some(node) => {
                    self.body.push(self.mark);
                    write_text(field.wire, &mut self.body);
                    self.body.push(':');
                    self.body.push_str(&node.json(Names::Ghls));
                    self.mark = ',';
                }
            }
        }
        bodied
    }
}

/// The request of a search by its terms.
pub(crate) fn searched<T, A: Shaped + Serialize>(
    endpoint: &Endpoint,
    location: &LocationId,
    terms: &A,
) -> ApiRequest<T> {
    let json = serde_json::to_string(terms).unwrap_or_default();
    let read = match A::SHAPE {
        Shape::Input(input) => input.read(&json).ok(),
        _ => None,
    };
    match read {
        Some(terms) => placed(endpoint, location, &terms),
        None => endpoint.of(location, &[]).refused("a term of the search is malformed"),
    }
}
