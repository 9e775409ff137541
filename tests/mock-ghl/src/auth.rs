//! Bearer tokens: who is asking, for which location, with which scopes.

use serde_json::json;

use crate::http::{Answer, Request};
use crate::model::Ghl;

/// The kinds of token HighLevel hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Private integration of a sub-account.
    PrivateLocation,
    /// Private integration of an agency.
    PrivateAgency,
    /// OAuth token of a location.
    OauthLocation,
    /// OAuth token of a company: opens no contacts.
    OauthCompany,
}

/// Which tokens a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// No token: the token endpoint itself.
    Open,
    /// Sub-account tokens only.
    Location,
    /// Sub-account and agency tokens.
    Either,
    /// Agency OAuth tokens only.
    AgencyOauth,
}

/// Who is asking.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) kind: TokenKind,
    pub(crate) location_id: Option<String>,
    pub(crate) company_id: String,
    pub(crate) app_id: String,
    /// `None` grants all.
    pub(crate) scopes: Option<Vec<String>>,
}

impl Session {
    /// Rate limits count per app and per location or company.
    pub(crate) fn limit_key(&self) -> String {
        format!("{}/{}", self.location_id.as_deref().unwrap_or(&self.company_id), self.app_id)
    }

    /// Refuses a token of another location.
    pub(crate) fn require_location(&self, location_id: &str) -> Result<(), Answer> {
        match &self.location_id {
            Some(own) if own != location_id => Err(Answer::wrong_location()),
            _ => Ok(()),
        }
    }

    pub(crate) fn require(&self, access: Access, scope: &str) -> Result<(), Answer> {
        let fits = match access {
            Access::Open | Access::Either => true,
            Access::Location => matches!(self.kind, TokenKind::PrivateLocation | TokenKind::OauthLocation),
            Access::AgencyOauth => self.kind == TokenKind::OauthCompany,
        };
        if !fits {
            return Err(Answer::unauthorized(match (access, self.kind) {
                (Access::Location, TokenKind::OauthCompany) => {
                    "This authClass type is not allowed to access this scope. Please reach out to support."
                }
                (Access::Location, _) => "The token is not authorized for this scope.",
                _ => "Token's user type mismatch!",
            }));
        }
        let granted =
            scope.is_empty() || self.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|s| s == scope));
        if granted {
            Ok(())
        } else {
            Err(Answer::unauthorized("The token is not authorized for this scope."))
        }
    }
}

const VERSIONS: [&str; 5] = ["v3", "2023-02-21", "2021-07-28", "2021-04-15", "legacy"];

impl Ghl {
    /// The `Version` header: without it HighLevel answers 401, which looks like a bad token and is none.
    pub(crate) fn check_version(&self, request: &Request) -> Result<(), Answer> {
        match request.header_value("Version") {
            Some(version) if VERSIONS.contains(&version) => Ok(()),
            Some(version) if self.settings.assumptions.unknown_version_status == 400 => {
                let message = format!("Invalid API version segment {version}");
                Err(Answer::bad_request(&message).untraced())
            }
            Some(_) => Err(Answer::unauthorized("version header is invalid").untraced()),
            None => Err(Answer::new(401, json!({ "message": "version header was not found." })).untraced()),
        }
    }

    /// Finds the session behind the bearer token, or the 401 that tells why there is none.
    pub(crate) fn session(&self, now: i64, request: &Request) -> Result<Session, Answer> {
        let header = request.header_value("Authorization").unwrap_or_default();
        let Some(token) = header.strip_prefix("Bearer ") else {
            return Err(Answer::unauthorized("Authorization header not found or invalid"));
        };
        if !token.starts_with("pit-") {
            return self
                .tokens
                .access(now, token)
                .cloned()
                .ok_or_else(|| Answer::unauthorized("Invalid JWT"));
        }
        let private = self.settings.private_tokens.iter().find(|private| private.token == token);
        let Some(private) = private else {
            return Err(Answer::unauthorized("Invalid Private Integration token"));
        };
        Ok(Session {
            kind: match private.location_id {
                Some(_) => TokenKind::PrivateLocation,
                None => TokenKind::PrivateAgency,
            },
            location_id: private.location_id.clone(),
            company_id: self.settings.company_id.clone(),
            // All private integrations of an account share one allowance.
            app_id: "private-integrations".to_owned(),
            scopes: private.scopes.clone(),
        })
    }
}
