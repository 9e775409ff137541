//! OAuth: codes, rotating refresh tokens, location tokens from a company's.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Map, Value, json};

use crate::assumptions::RefreshError;
use crate::auth::{Access, Session, TokenKind};
use crate::http::{Answer, Handled};
use crate::model::Ghl;
use crate::routes::{Call, Route};
use crate::time::{DAY_MS, iso};

const ACCESS_LIFE_MS: i64 = DAY_MS - 1_000;
const REFRESH_LIFE_MS: i64 = 365 * DAY_MS;
/// For so long a refresh token, once used, gives every caller the same successor.
const ROTATION_WINDOW_MS: i64 = 30_000;
/// Tokens remembered of each kind; the ones that expire first are forgotten.
const KEPT: usize = 10_000;

struct Refresh {
    session: Session,
    expires_at: i64,
    /// When it was used and what it gave.
    used: Option<(i64, Value)>,
}

/// Codes and tokens handed out.
#[derive(Default)]
pub(crate) struct Tokens {
    codes: BTreeMap<String, Session>,
    access: BTreeMap<String, (i64, Session)>,
    refresh: BTreeMap<String, Refresh>,
}

fn make_room<T>(tokens: &mut BTreeMap<String, T>, expires_at: impl Fn(&T) -> i64) {
    if tokens.len() >= KEPT
        && let Some(oldest) =
            tokens.iter().min_by_key(|(_, token)| expires_at(token)).map(|(key, _)| key.clone())
    {
        tokens.remove(&oldest);
    }
}

impl Tokens {
    pub(crate) fn access(&self, now: i64, token: &str) -> Option<&Session> {
        self.access.get(token).filter(|(expires_at, _)| now < *expires_at).map(|(_, session)| session)
    }
}

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

impl Ghl {
    /// What a browser would bring back from the consent page: a code that can be exchanged once.
    /// `None` installs for the whole agency, whose token opens no contacts.
    pub fn issue_code(&mut self, location_id: Option<&str>) -> String {
        let session = self.oauth_session(location_id);
        let code = self.rng.hex24();
        if self.tokens.codes.len() >= KEPT {
            self.tokens.codes.pop_first();
        }
        self.tokens.codes.insert(code.clone(), session);
        code
    }

    /// Makes every OAuth access token invalid from `now` on; refresh tokens live on.
    pub fn expire_access_tokens(&mut self, now: i64) {
        for (expires_at, _) in self.tokens.access.values_mut() {
            *expires_at = now.min(*expires_at);
        }
    }

    fn oauth_session(&self, location_id: Option<&str>) -> Session {
        let app = &self.settings.app;
        let scopes = app.scope.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        Session {
            kind: if location_id.is_some() { TokenKind::OauthLocation } else { TokenKind::OauthCompany },
            location_id: location_id.map(str::to_owned),
            company_id: self.settings.company_id.clone(),
            app_id: app.app_id().to_owned(),
            scopes: (!scopes.is_empty()).then_some(scopes),
        }
    }

    /// Hands out an access and a refresh token and gives the reply that tells them.
    fn grant(&mut self, now: i64, session: Session) -> Map<String, Value> {
        let user_type = if session.location_id.is_some() { "Location" } else { "Company" };
        let claims = json!({
            "authClass": user_type,
            "authClassId": session.location_id.as_ref().unwrap_or(&session.company_id),
            "iat": now / 1_000,
            "exp": (now + ACCESS_LIFE_MS) / 1_000,
            "jti": self.rng.hex24(),
        });
        let part = |value: &Value| BASE64URL.encode(value.to_string());
        let header = json!({ "alg": "RS256", "typ": "JWT" });
        // Only this stand-in reads it: what stands where the signature would is random.
        let access = format!("{}.{}.{}", part(&header), part(&claims), self.rng.opaque());
        let refresh = format!("{}.{}", part(&header), self.rng.opaque());
        let mut reply = crate::http::object(json!({
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": ACCESS_LIFE_MS / 1_000,
            "refresh_token": refresh,
            "scope": session.scopes.as_ref().map_or_else(String::new, |scopes| scopes.join(" ")),
            "userType": user_type,
            "companyId": session.company_id,
            "userId": self.rng.opaque(),
            "planId": self.rng.hex24(),
        }));
        if let Some(location_id) = &session.location_id {
            reply.insert("locationId".to_owned(), json!(location_id));
        }
        make_room(&mut self.tokens.access, |(expires_at, _)| *expires_at);
        make_room(&mut self.tokens.refresh, |refresh| refresh.expires_at);
        self.tokens.access.insert(access, (now + ACCESS_LIFE_MS, session.clone()));
        let entry = Refresh { session, expires_at: now + REFRESH_LIFE_MS, used: None };
        self.tokens.refresh.insert(refresh, entry);
        reply
    }

    fn exchange_code(&mut self, now: i64, fields: &Fields) -> Result<Value, Answer> {
        let code = fields.required("code", "code")?;
        if !self.tokens.codes.contains_key(code) {
            // Looked at before the client, so that a wrong client looks the same.
            return Err(oauth_error(401, "UnAuthorized!", "Authorization code not found"));
        }
        self.check_client(fields)?;
        let session = self.tokens.codes.remove(code);
        let session =
            session.ok_or_else(|| oauth_error(401, "UnAuthorized!", "Authorization code not found"))?;
        let is_company = session.location_id.is_none();
        let mut reply = self.grant(now, session);
        if is_company {
            reply.insert("isBulkInstallation".to_owned(), json!(true));
            reply.insert("approvedLocations".to_owned(), json!(self.locations.keys().collect::<Vec<_>>()));
        }
        Ok(Value::Object(reply))
    }

    fn check_client(&self, fields: &Fields) -> Result<(), Answer> {
        let app = &self.settings.app;
        let id = fields.required("client_id", "clientId")?;
        let secret = fields.required("client_secret", "clientSecret")?;
        if id == app.client_id && secret == app.client_secret {
            return Ok(());
        }
        Err(oauth_error(401, "UnAuthorized!", "Invalid client credentials!"))
    }

    fn rotate(&mut self, now: i64, fields: &Fields) -> Result<Value, Answer> {
        self.check_client(fields)?;
        let token = fields.required("refresh_token", "refreshToken")?;
        let refused = match self.settings.assumptions.refresh_error {
            RefreshError::InvalidGrant => oauth_error(400, "invalid_grant", "This refresh token is invalid"),
            RefreshError::Unauthorized => Answer::unauthorized("Invalid refresh token").untraced(),
        };
        let session = match self.tokens.refresh.get(token) {
            Some(Refresh { used: Some((at, reply)), .. }) if now - at <= ROTATION_WINDOW_MS => {
                return Ok(reply.clone());
            }
            Some(Refresh { used: None, expires_at, session }) if now < *expires_at => session.clone(),
            _ => return Err(refused),
        };
        let suspended = session.location_id.as_ref().and_then(|id| self.locations.get(id));
        if suspended.is_some_and(|location| !location.settings.active) {
            return Err(Answer::bad_request("Location is not active").untraced());
        }
        let reply = Value::Object(self.grant(now, session));
        if let Some(refresh) = self.tokens.refresh.get_mut(token) {
            refresh.used = Some((now, reply.clone()));
        }
        Ok(reply)
    }
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
    crate::http::object(reply).into_iter().map(|(name, value)| (renamed(name), value)).collect()
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
    Ok(Answer::new(ghl.settings.assumptions.location_token_status, Value::Object(reply)))
}

fn installed_locations(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let (company_id, app_id) = (call.required_query("companyId")?, call.required_query("appId")?);
    if company_id != ghl.settings.company_id || app_id != ghl.settings.app.app_id() {
        return Err(Answer::unauthorized("The token does not have access to this company."));
    }
    let (skip, limit) = (call.number("skip", 0, usize::MAX)?, call.number("limit", 20, 100)?);
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
    let page: Vec<_> = rows.skip(skip).take(limit).collect();
    Ok(Answer::ok(json!({
        "locations": page,
        "count": ghl.locations.len(),
        "installToFutureLocations": false,
    })))
}
