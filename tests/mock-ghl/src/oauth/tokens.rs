//! Codes and tokens: handed out, rotated, expired.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Map, Value, json};

use super::{Fields, oauth_error};
use crate::assumptions::RefreshError;
use crate::auth::{Session, TokenKind};
use crate::http::{Answer, object};
use crate::model::Ghl;
use crate::time::DAY_MS;

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

    pub(super) fn oauth_session(&self, location_id: Option<&str>) -> Session {
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
    pub(super) fn grant(&mut self, now: i64, session: Session) -> Map<String, Value> {
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
        let mut reply = object(json!({
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

    pub(super) fn exchange_code(&mut self, now: i64, fields: &Fields) -> Result<Value, Answer> {
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

    pub(super) fn rotate(&mut self, now: i64, fields: &Fields) -> Result<Value, Answer> {
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
