use serde::Serialize;

use super::{ApiRequest, Look, Prepare, Renamed, VERSION_2021_04_15, VERSION_2021_07_28};
use crate::{ids::LocationId, ports::Method};

/// A route of GHL's API as data: what all requests to it have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endpoint {
    method: Method,
    path: &'static str,
    version: &'static str,
    envelope: Option<&'static str>,
    repeatable: bool,
    location: Place,
    defaults: &'static [(&'static str, &'static str)],
    renamed: &'static [Renamed],
    prepare: Option<Prepare>,
    look: Option<&'static Look>,
    once_with: Option<&'static str>,
    dated: bool,
}

/// Where a request names its location. In a path it is `{locationId}`.
#[derive(Debug, Clone, Copy)]
enum Place {
    Nowhere,
    Query(&'static str),
    Body,
    Alt,
    /// Nowhere, but there is a body.
    EmptyBody,
}

impl Endpoint {
    const fn new(method: Method, path: &'static str) -> Self {
        Self {
            method,
            path,
            version: VERSION_2021_07_28,
            envelope: None,
            repeatable: false,
            location: Place::Nowhere,
            defaults: &[],
            renamed: &[],
            prepare: None,
            look: None,
            once_with: None,
            dated: false,
        }
    }

    /// `GET` of a path, whose ids are in braces: `/contacts/{contactId}`. It ends in `/` where GHL demands that.
    pub(crate) const fn get(path: &'static str) -> Self {
        Self::new(Method::Get, path)
    }

    /// `POST` to a path.
    pub(crate) const fn post(path: &'static str) -> Self {
        Self::new(Method::Post, path)
    }

    /// `PUT` to a path.
    pub(crate) const fn put(path: &'static str) -> Self {
        Self::new(Method::Put, path)
    }

    /// `DELETE` of a path.
    pub(crate) const fn delete(path: &'static str) -> Self {
        Self::new(Method::Delete, path)
    }

    /// With `Version: 2021-04-15`.
    pub(crate) const fn of_2021_04_15(mut self) -> Self {
        self.version = VERSION_2021_04_15;
        self
    }

    /// Under its version by date, whichever the client speaks: version 3 does not know it.
    pub(crate) const fn by_date(mut self) -> Self {
        self.dated = true;
        self
    }

    /// With an empty object for a body, which some routes demand.
    pub(crate) const fn with_body(mut self) -> Self {
        self.location = Place::EmptyBody;
        self
    }

    /// See [`ApiRequest::inside`].
    pub(crate) const fn inside(mut self, property: &'static str) -> Self {
        self.envelope = Some(property);
        self
    }

    /// See [`ApiRequest::safe_to_repeat`].
    pub(crate) const fn safe_to_repeat(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// The location is a parameter of the query.
    pub(crate) const fn location_in_query(mut self, name: &'static str) -> Self {
        self.location = Place::Query(name);
        self
    }

    /// The location is the property `locationId` of the body.
    pub(crate) const fn location_in_body(mut self) -> Self {
        self.location = Place::Body;
        self
    }

    /// The location is `altId`, of the `altType` location: in the query of a GET, and in the body of others.
    pub(crate) const fn location_as_alt(mut self) -> Self {
        self.location = Place::Alt;
        self
    }

    /// Parameters of the query that a request has where it is not given others of these names.
    pub(crate) const fn with_defaults(mut self, defaults: &'static [(&'static str, &'static str)]) -> Self {
        self.defaults = defaults;
        self
    }

    /// What version 3 calls otherwise.
    pub(crate) const fn renamed(mut self, renamed: &'static [Renamed]) -> Self {
        self.renamed = renamed;
        self
    }

    /// What a POST made is found again by this, where its reply was lost.
    pub(crate) const fn found_by(mut self, look: &'static Look) -> Self {
        self.look = Some(look);
        self
    }

    /// Not safe to repeat where this member of the body is true.
    pub(crate) const fn once_with(mut self, member: &'static str) -> Self {
        self.once_with = Some(member);
        self
    }

    /// Changes the body before it is sent.
    pub(crate) const fn prepared_by(mut self, prepare: Prepare) -> Self {
        self.prepare = Some(prepare);
        self
    }

    /// The method.
    pub(crate) fn method(&self) -> Method {
        self.method
    }

    /// E.g. `GET /contacts/{contactId}`.
    #[cfg(any(feature = "ts", feature = "testing"))]
    pub(crate) fn route(&self) -> String {
        format!("{} {}", self.method.as_str(), self.path)
    }

    /// Parameters for [`ApiRequest::with_defaults`].
    pub(crate) fn defaults(&self) -> &'static [(&'static str, &'static str)] {
        self.defaults
    }

    /// The names of the ids in the path, in their order, without the location's.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(id).filter(|id| *id != LOCATION)
    }

    /// A request about the location, with these ids in the path.
    pub(crate) fn of<T>(&self, location: &LocationId, ids: &[&str]) -> ApiRequest<T> {
        let request = self.filled(location.as_str(), ids);
        match self.location {
            Place::Nowhere => request,
            Place::Alt if self.method == Method::Get => {
                request.with_query("altId", location.as_str()).with_query("altType", "location")
            }
            Place::Alt => request.with_json(&Alt { alt_id: location, alt_type: "location" }),
            Place::Query(name) => request.with_query(name, location.as_str()),
            Place::EmptyBody => {
                let mut request = request;
                request.add_json(b"{}".to_vec());
                request
            }
            Place::Body => request.with_json(&InLocation { location_id: location }),
        }
    }

    /// A request of a route that does not name its location, with these ids in the path.
    pub(crate) fn at<T>(&self, ids: &[&str]) -> ApiRequest<T> {
        debug_assert!(matches!(self.location, Place::Nowhere), "{}", self.path);
        self.filled("", ids)
    }

    fn filled<T>(&self, location: &str, ids: &[&str]) -> ApiRequest<T> {
        let mut ids = ids.iter();
        let path = self.path.trim_matches('/').split('/');
        let segments: Vec<&str> = path
            .map(|segment| match id(segment) {
                Some(LOCATION) => location,
                Some(_) => ids.next().copied().unwrap_or_default(),
                None => segment,
            })
            .collect();
        let mut request = ApiRequest::new(self.method, &segments);
        if self.path.ends_with('/') {
            request = request.with_trailing_slash();
        }
        request.parts.version = self.version;
        request.parts.pinned = self.dated;
        request.parts.renamed = self.renamed;
        request.parts.prepare = self.prepare;
        request.parts.route = Some(self.path);
        request.parts.look = self.look;
        request.parts.once_with = self.once_with;
        request.parts.envelope = self.envelope;
        request.parts.safe_to_repeat = self.repeatable;
        request
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InLocation<'a> {
    location_id: &'a LocationId,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Alt<'a> {
    alt_id: &'a LocationId,
    alt_type: &'static str,
}

/// The name of a location in paths.
const LOCATION: &str = "locationId";

/// The name in the braces of a segment.
fn id(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}
