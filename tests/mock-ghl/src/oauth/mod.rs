//! OAuth: the token endpoint, location tokens from a company's, installed locations.

mod tokens;

use serde_json::{Map, Value, json};

use crate::auth::Access;
use crate::http::{Answer, Handled, object};
use crate::model::Ghl;
use crate::routes::{Call, Route};
use crate::time::iso;

pub(crate) use tokens::Tokens;

pub(crate) const ROUTES: &[Route] = &[
    Route { method: "POST", pattern: "/oauth/token", access: Access::Open, scope: "", handler: token },
    Route {
        method: "POST",
        pattern: "/oauth/locationToken",
        access: Access::AgencyOauth,
        scope: "oauth.write",
        handler: location_token,
    },
    Route {
        method: "POST",
        pattern: "/oauth/location-token",
        access: Access::AgencyOauth,
        scope: "oauth.write",
        handler: |ghl, call| only_in_v3(ghl, call, location_token),
    },
    Route {
        method: "GET",
        pattern: "/oauth/installed-locations",
        access: Access::AgencyOauth,
        scope: "oauth.readonly",
        handler: |ghl, call| only_in_v3(ghl, call, installed_by_token),
    },
    Route {
        method: "GET",
        pattern: "/oauth/installedLocations",
        access: Access::AgencyOauth,
        scope: "oauth.readonly",
        handler: installed_locations,
    },
];

/// A form, or with version 3 also JSON in camel case.
struct Fields(Map<String, Value>);

impl Fields {
    fn of(call: &Call<'_>) -> Result<Self, Answer> {
        let content_type = call.request.header_value("Content-Type").unwrap_or_default();
        if content_type.starts_with("application/x-www-form-urlencoded") {
            let pairs = form_urlencoded::parse(&call.request.body);
            return Ok(Self(pairs.map(|(name, value)| (name.into_owned(), json!(value))).collect()));
        }
        if call.is_v3() {
            return call.json().map(Self);
        }
        Err(Answer::unprocessable_one("the body must be application/x-www-form-urlencoded"))
    }

    fn get(&self, name: &str, camel_case: &str) -> Option<&str> {
        let value = self.0.get(name).or_else(|| self.0.get(camel_case));
        value.and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn required(&self, name: &str, camel_case: &str) -> Result<&str, Answer> {
        self.get(name, camel_case)
            .ok_or_else(|| Answer::unprocessable_one(format!("{name} should not be empty")).untraced())
    }
}

fn oauth_error(status: u16, error: &str, description: &str) -> Answer {
    Answer::new(status, json!({ "error": error, "error_description": description })).untraced()
}

fn token(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    if call.is_v3() {
        ghl.check_version(call.request)?;
    }
    let fields = Fields::of(call)?;
    let reply = match fields.required("grant_type", "grantType")? {
        "authorization_code" => ghl.exchange_code(call.now, &fields)?,
        "refresh_token" => ghl.rotate(call.now, &fields)?,
        _ => {
            let message = "grant_type must be one of the following values: authorization_code, refresh_token";
            return Err(Answer::unprocessable_one(message).untraced());
        }
    };
    Ok(Answer::ok(if call.is_v3() { in_camel_case(reply) } else { reply }).untraced())
}

fn in_camel_case(reply: Value) -> Value {
    const RENAMED: [(&str, &str); 4] = [
        ("access_token", "accessToken"),
        ("refresh_token", "refreshToken"),
        ("token_type", "tokenType"),
        ("expires_in", "expiresIn"),
    ];
    let renamed = |name: String| match RENAMED.iter().find(|(snake, _)| *snake == name) {
        Some((_, camel)) => (*camel).to_owned(),
        None => name,
    };
    object(reply).into_iter().map(|(name, value)| (renamed(name), value)).collect()
}

fn location_token(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let fields = Fields::of(call)?;
    if fields.required("companyId", "companyId")? != ghl.settings.company_id {
        return Err(Answer::unauthorized("The token does not have access to this company."));
    }
    let location_id = fields.required("locationId", "locationId")?;
    if !ghl.locations.contains_key(location_id) {
        return Err(Answer::bad_request("Location not found"));
    }
    let mut session = ghl.oauth_session(Some(location_id));
    if let Some(scopes) = &mut session.scopes {
        // Minted tokens carry these two although nobody asked for them.
        scopes.extend(["oauth.readonly".to_owned(), "oauth.write".to_owned()]);
    }
    let mut reply = ghl.grant(call.now, session);
    reply.insert("appId".to_owned(), json!(ghl.settings.app.app_id()));
    reply.insert("versionId".to_owned(), json!(ghl.settings.app.version_id));
    let reply = Value::Object(reply);
    let reply = if call.is_v3() { in_camel_case(reply) } else { reply };
    Ok(Answer::new(ghl.settings.assumptions.location_token_status, reply))
}

/// These routes are 404 under date versions.
fn only_in_v3(ghl: &mut Ghl, call: &Call<'_>, handler: fn(&mut Ghl, &Call<'_>) -> Handled) -> Handled {
    match call.is_v3() {
        true => handler(ghl, call),
        false => Err(Answer::no_route(&call.request.method, &call.request.path)),
    }
}

fn installed_locations(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let (skip, limit) = (call.number("skip", 0, usize::MAX)?, call.number("limit", 20, 100)?);
    let page = installed(ghl, call, skip, limit)?;
    Ok(Answer::ok(json!({
        "locations": page,
        "count": ghl.locations.len(),
        "installToFutureLocations": false,
    })))
}

/// Version 3 pages by tokens.
fn installed_by_token(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let token = |at: usize| format!("from-{at}");
    let size = call.number("pageSize", 20, 100)?;
    let from = match call.query("pageToken") {
        None => 0,
        Some(given) => (0..=ghl.locations.len())
            .find(|at| token(*at) == given)
            .ok_or_else(|| Answer::unprocessable_one("pageToken is invalid"))?,
    };
    let items = installed(ghl, call, from, size)?;
    let (end, total) = (from + items.len(), ghl.locations.len());
    Ok(Answer::ok(json!({
        "pagination": {
            "totalRecords": total,
            "hasNextPage": end < total,
            "hasPrevPage": from > 0,
            "nextPageToken": (end < total).then(|| token(end)),
            "currentPageSize": items.len(),
        },
        "items": items,
        "installToFutureLocations": false,
    })))
}

fn installed(ghl: &Ghl, call: &Call<'_>, skip: usize, limit: usize) -> Result<Vec<Value>, Answer> {
    let (company_id, app_id) = (call.required_query("companyId")?, call.required_query("appId")?);
    if company_id != ghl.settings.company_id || app_id != ghl.settings.app.app_id() {
        return Err(Answer::unauthorized("The token does not have access to this company."));
    }
    let rows = ghl.locations.values().map(|location| {
        json!({
            "_id": location.settings.id,
            "name": location.settings.name,
            "address": "1 Harbour Street",
            "isInstalled": true,
            "versionId": ghl.settings.app.version_id,
            "installedAt": iso(0),
        })
    });
    Ok(rows.skip(skip).take(limit).collect())
}
