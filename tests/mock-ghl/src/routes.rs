//! The route table. Paths count exactly, trailing slash included, as in the published specification.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::auth::{Access, Session};
use crate::http::{Answer, Handled, Request};
use crate::model::Ghl;
use crate::{
    calendars, contacts, conversations, custom_fields, locations, oauth, opportunities, pipelines, tags,
    users,
};

pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// `{…}` stands for one non-empty segment.
    pub(crate) pattern: &'static str,
    pub(crate) access: Access,
    /// The scope a token needs; empty needs none.
    pub(crate) scope: &'static str,
    pub(crate) handler: fn(&mut Ghl, &Call<'_>) -> Handled,
}

const TABLES: [&[Route]; 10] = [
    contacts::ROUTES,
    opportunities::ROUTES,
    pipelines::ROUTES,
    custom_fields::ROUTES,
    tags::ROUTES,
    users::ROUTES,
    locations::ROUTES,
    calendars::ROUTES,
    conversations::ROUTES,
    oauth::ROUTES,
];

/// The route for a method and path, and what its placeholders hold. A literal segment wins over a
/// placeholder.
pub(crate) fn find(method: &str, path: &str) -> Option<(&'static Route, Vec<String>)> {
    TABLES
        .into_iter()
        .flatten()
        .filter(|route| route.method == method)
        .filter_map(|route| Some((route, capture(route.pattern, path)?)))
        .min_by_key(|(_, captured)| captured.len())
}

fn capture(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut expected, mut given) = (pattern.split('/'), path.split('/'));
    let mut captured = Vec::new();
    loop {
        match (expected.next(), given.next()) {
            (None, None) => return Some(captured),
            (Some(literal), Some(segment)) if literal == segment => {}
            (Some(hole), Some(segment)) if hole.starts_with('{') && !segment.is_empty() => {
                captured.push(percent_decode_str(segment).decode_utf8().ok()?.into_owned());
            }
            _ => return None,
        }
    }
}

/// One request on its way to a handler.
pub(crate) struct Call<'a> {
    pub(crate) now: i64,
    pub(crate) request: &'a Request,
    /// `None` only on open routes.
    pub(crate) session: Option<&'a Session>,
    pub(crate) captured: Vec<String>,
}

impl<'a> Call<'a> {
    /// The n-th placeholder of the path.
    pub(crate) fn path(&self, at: usize) -> &str {
        self.captured.get(at).map_or("", String::as_str)
    }

    pub(crate) fn query(&self, name: &str) -> Option<&'a str> {
        self.request.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn required_query(&self, name: &str) -> Result<&'a str, Answer> {
        match self.query(name) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(Answer::unprocessable_one(format!("{name} should not be empty"))),
        }
    }

    /// A whole number in the query, within bounds.
    pub(crate) fn number(&self, name: &str, default: usize, most: usize) -> Result<usize, Answer> {
        match self.query(name) {
            None | Some("") => Ok(default),
            Some(text) => match text.parse() {
                Ok(number) if number <= most => Ok(number),
                Ok(_) => Err(Answer::unprocessable_one(format!("{name} must not be greater than {most}"))),
                Err(_) => Err(Answer::unprocessable_one(format!("{name} must be a number"))),
            },
        }
    }

    /// The body as a JSON object.
    pub(crate) fn json(&self) -> Result<Map<String, Value>, Answer> {
        serde_json::from_slice(&self.request.body)
            .map_err(|_| Answer::bad_request("Unexpected token in JSON at position 0"))
    }

    /// Whether the call speaks version 3, which renames some properties.
    pub(crate) fn is_v3(&self) -> bool {
        self.request.header_value("Version") == Some("v3")
    }

    /// Refuses a location that the token does not open.
    pub(crate) fn require_location(&self, location_id: &str) -> Result<(), Answer> {
        self.session.map_or(Ok(()), |session| session.require_location(location_id))
    }

    /// The `locationId` of a body, checked against the token.
    pub(crate) fn location_in(&self, body: &Map<String, Value>) -> Result<String, Answer> {
        let location_id = body.get("locationId").and_then(Value::as_str).unwrap_or_default();
        self.require_location(location_id)?;
        Ok(location_id.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_count_and_literals_win() {
        let pattern = |method, path| find(method, path).map(|(route, _)| route.pattern);
        assert_eq!(pattern("POST", "/contacts/"), Some("/contacts/"));
        assert_eq!(pattern("POST", "/contacts"), None);
        assert_eq!(pattern("GET", "/contacts/abc/"), None);
        assert_eq!(pattern("GET", "/opportunities/search"), Some("/opportunities/search"));
        assert_eq!(pattern("GET", "/opportunities/pipelines"), Some("/opportunities/pipelines"));
        assert_eq!(pattern("GET", "/opportunities/abc"), Some("/opportunities/{id}"));
    }

    #[test]
    fn placeholders_are_decoded() {
        let (_, captured) = find("GET", "/contacts/a%2Fb").unwrap();
        assert_eq!(captured, ["a/b"]);
    }
}
