use std::borrow::Cow;

use super::{ApiRequest, request::Parts};
use crate::{
    error::{Error, Result},
    json::{self, Fault},
};

const V3: &str = "v3";

/// Which versions of GHL's API a client speaks. What callers write and read is the same in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ApiVersion {
    /// Those by date, for each operation the one that HighLevel documents it under.
    #[default]
    ByDate,
    /// The third, whose names differ in places.
    V3,
}

impl ApiVersion {
    /// Reads the spelling of settings.
    ///
    /// # Errors
    /// `config`, for anything but `v3`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        match text {
            V3 => Ok(Self::V3),
            _ => Err(Error::config("api version", "expected `v3`, or nothing for the versions by date")),
        }
    }
}

/// What version 3 calls otherwise in the requests of a route.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Renamed {
    /// The property of the body that has it, itself or in its items; empty for the query.
    pub(crate) within: &'static str,
    /// Its name in the versions by date.
    pub(crate) name: &'static str,
    /// Its name in version 3.
    pub(crate) v3: &'static str,
}

impl<T> ApiRequest<T> {
    /// The request as a client sends it that speaks this version. One whose version was set stays as it is.
    #[must_use]
    pub fn in_version(mut self, version: ApiVersion) -> Self {
        if let Cow::Owned(parts) = self.parts.spoken(version) {
            self.parts = parts;
        }
        self
    }
}

impl Parts {
    /// The request in this version.
    pub(super) fn spoken(&self, version: ApiVersion) -> Cow<'_, Self> {
        if version == ApiVersion::ByDate || self.pinned {
            return Cow::Borrowed(self);
        }
        let mut parts = Self { version: V3, ..self.clone() };
        if parts.renamed.is_empty() {
            return Cow::Owned(parts);
        }
        for (name, _) in &mut parts.query {
            if let Some(renamed) = parts.renamed.iter().find(|renamed| renamed.is("", name)) {
                *name = renamed.v3.into();
            }
        }
        if let Some(body) = &self.body {
            let body = std::str::from_utf8(body).unwrap_or_default();
            match rename(body, "", self.renamed) {
                Ok(renamed) => parts.body = Some(renamed.into_owned().into_bytes()),
                Err(_) => parts.fault = Some("the body is no JSON"),
            }
        }
        Cow::Owned(parts)
    }
}

impl Renamed {
    fn is(&self, within: &str, name: &str) -> bool {
        self.within == within && self.name == name
    }
}

/// The value of the property `within` under the names of version 3. What has no new name is copied as it stands, so that
/// numbers keep their digits.
fn rename<'a>(value: &'a str, within: &str, renamed: &[Renamed]) -> Result<Cow<'a, str>, Fault> {
    match value.as_bytes().first() {
        Some(b'[') => json::array(value, &mut |_, item| rename(item, within, renamed)).map(Cow::Owned),
        Some(b'{') => json::object(value, &mut |name, value| {
            let has_renamed = within.is_empty() && renamed.iter().any(|renamed| renamed.within == name);
            let value = if has_renamed { rename(value, &name, renamed)? } else { value.into() };
            let new = renamed.iter().find(|renamed| renamed.is(within, &name));
            Ok(Some((new.map_or(name, |renamed| renamed.v3.into()), value)))
        })
        .map(Cow::Owned),
        _ => Ok(value.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{client::Endpoint, ids::LocationId, ports::Method};

    const RENAMED: &[Renamed] = &[
        Renamed { within: "", name: "pipeline_id", v3: "pipelineId" },
        Renamed { within: "fields", name: "field_value", v3: "fieldValue" },
        Renamed { within: "settings", name: "SMS", v3: "sms" },
    ];
    const ROUTE: Endpoint = Endpoint::post("/x/").location_in_body().renamed(RENAMED);

    fn spoken(json: &str) -> String {
        let location = LocationId::new("l");
        let mut request: ApiRequest<()> = ROUTE.of(&location, &[]);
        request.add_json(json.as_bytes().to_vec());
        let request = request.in_version(ApiVersion::V3);
        assert!(request.headers().contains(&("version", "v3")));
        String::from_utf8(request.body().to_vec()).unwrap()
    }

    #[test]
    fn a_name_changes_where_it_is_said_to_and_nothing_else_does() {
        let given = r#"{"field_value":1,"SMS":"SMS","fields":[{"id":"f","field_value":4999.00},{"field_value":
            {"field_value":["field_value"]}}],"settings":{"SMS":{"SMS":1.50},"Cäll":2},"fieldsets":{"field_value":3}}"#;
        let expected = r#"{"locationId":"l","field_value":1,"SMS":"SMS","fields":[{"id":"f","fieldValue":4999.00},{"fieldValue":{"field_value":["field_value"]}}],"settings":{"sms":{"SMS":1.50},"Cäll":2},"fieldsets":{"field_value":3}}"#;
        assert_eq!(spoken(given), expected);
        for odd in [r#"{"fields":null,"settings":7}"#, r#"{"fields":{},"settings":[]}"#, "{}"] {
            let (_, rest) = odd.split_at(1);
            let comma = if odd == "{}" { "" } else { "," };
            assert_eq!(spoken(odd), format!(r#"{{"locationId":"l"{comma}{rest}"#));
        }
    }

    #[test]
    fn parameters_of_the_query_have_their_names_too() {
        const ROUTE: Endpoint = Endpoint::get("/x").location_in_query("location_id").renamed(&[
            Renamed { within: "", name: "location_id", v3: "locationId" },
            Renamed { within: "", name: "pipeline_id", v3: "pipelineId" },
        ]);
        let request: ApiRequest<()> = ROUTE.of(&LocationId::new("l"), &[]);
        let request = request.with_query("pipeline_id", "location_id").with_query("q", "x");
        let dated = request.clone().in_version(ApiVersion::ByDate);
        assert_eq!(dated.query_string(), "location_id=l&pipeline_id=location_id&q=x");
        let request = request.in_version(ApiVersion::V3);
        assert_eq!(request.query_string(), "locationId=l&pipelineId=location_id&q=x");
    }

    #[test]
    fn a_version_that_was_set_stays() {
        let request: ApiRequest<()> = ApiRequest::new(Method::Get, &["x"]);
        let version = |request: ApiRequest<()>| request.in_version(ApiVersion::V3).parts.version;
        assert_eq!(version(request.clone()), "v3");
        assert_eq!(version(request.with_version("2023-02-21")), "2023-02-21");
    }
}
