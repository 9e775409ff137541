use std::borrow::Cow;

use ghlkit_wire::rfc3339_ms;

use super::{ApiRequest, Endpoint, request::Parts};
use crate::{
    ids::LocationId,
    json::{Reader, member},
    ports::Method,
};

/// How that is found again which a POST made whose reply was lost.
#[derive(Debug)]
pub(crate) struct Look {
    /// The route that tells of such objects, whose ids are members of the body; `None`: that of the same path.
    pub(crate) route: Option<Endpoint>,
    /// Members of the body, and the parameters that they are there. The first of these sets counts whose members the body
    /// has; without any there is nothing to look by.
    pub(crate) by: &'static [&'static [(&'static str, &'static str)]],
    /// The property of the reply that has what was found: a list, or one.
    pub(crate) found: &'static str,
    /// The members of the body that what it made has too.
    pub(crate) same: &'static [&'static str],
    /// The properties that say when it was made. Without any, there is but one of its kind.
    pub(crate) made: &'static [&'static str],
}

impl Look {
    /// The request that looks for what these parts asked for.
    pub(super) fn request(&self, location: &LocationId, parts: &Parts) -> Option<ApiRequest<()>> {
        let body = body(parts)?;
        let text = |name: &str| member(body, name).ok().flatten().and_then(text);
        let mut request = match &self.route {
            None => {
                let mut request = ApiRequest::new(Method::Get, &[]);
                request.parts.path.clone_from(&parts.path);
                request.parts.version = parts.version;
                request.parts.route = parts.route;
                request
            }
            Some(route) => {
                let ids: Vec<_> = route.ids().map(text).collect::<Option<_>>()?;
                let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
                route.of(location, &ids).with_defaults(route.defaults())
            }
        };
        let by = self.by.iter().find_map(|set| {
            set.iter().map(|(name, parameter)| Some((*parameter, text(name)?))).collect::<Option<Vec<_>>>()
        });
        for (parameter, text) in by? {
            request = request.with_query(parameter, text);
        }
        // What was found is taken out of the whole reply.
        request.parts.envelope = None;
        Some(request)
    }

    /// What was made since then, by GHL's clock, as these parts asked for it: the first, where there are several.
    pub(super) fn find(&self, reply: &str, parts: &Parts, since: i64) -> Option<String> {
        let body = body(parts)?;
        let found = member(reply, self.found).ok()??;
        let items = match Reader::new(found).items() {
            Ok(items) => items.into_iter().map(Reader::text).collect(),
            Err(_) => vec![found],
        };
        let ours = items.into_iter().filter_map(|item| {
            let is = |name: &&str| {
                let of = |json| member(json, name).ok().flatten().and_then(text);
                matches!((of(body), of(item)), (Some(asked), Some(has)) if alike(&asked, &has))
            };
            let at = self.made.iter().find_map(|name| time(&text(member(item, name).ok()??)?));
            let ours = self.same.iter().all(is) && (self.made.is_empty() || at >= Some(since));
            ours.then_some((at, item))
        });
        ours.min_by_key(|(at, _)| *at).map(|(_, item)| item.to_owned())
    }
}

fn body(parts: &Parts) -> Option<&str> {
    std::str::from_utf8(parts.body.as_deref()?).ok()
}

/// A text, or a number as one.
fn text(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' => Reader::new(json).string(&"a string").ok(),
        b'-' | b'0'..=b'9' => Some(json.into()),
        _ => None,
    }
}

/// GHL puts some texts in lower case, and writes times in other zones.
fn alike(asked: &str, has: &str) -> bool {
    asked.trim().eq_ignore_ascii_case(has.trim())
        || matches!((rfc3339_ms(asked), rfc3339_ms(has)), (Some(asked), Some(has)) if asked == has)
}

fn time(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| rfc3339_ms(text))
}
