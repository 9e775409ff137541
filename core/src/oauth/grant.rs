//! The requests of the OAuth routes, and the reply that tells tokens.

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::{
    client::{ApiRequest, ApiVersion},
    ids::{CompanyId, LocationId, UserId},
    ports::{Method, store::TokenSubject},
    secret::Secret,
};

use super::{
    OAuthApp,
    installed::{InstalledPage, Position},
};

/// How long an access token lives where the reply does not say: what HighLevel documents.
const DEFAULT_LIFE_S: f64 = 86_399.0;
/// A shorter life would have every call renew it; a longer one means the reply is wrong.
const LIFE_S: (f64, f64) = (60.0, 366.0 * 86_400.0);

/// Exchanges the code of a consent, which works once.
pub(super) fn by_code(app: &OAuthApp, code: &str) -> ApiRequest<Granted> {
    let redirect = app.redirect_uri.as_str();
    token(app, [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect)])
}

/// A request of the token route, whose fields version 3 has in camel case.
fn token(app: &OAuthApp, fields: [(&str, &str); 3]) -> ApiRequest<Granted> {
    let client = [("client_id", app.client_id.as_str()), ("client_secret", app.client_secret.expose())];
    let fields = client.into_iter().chain(fields);
    let fields: Vec<_> = fields.map(|(name, value)| (spelled(name, app.api_version), value)).collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    ApiRequest::new(Method::Post, &["oauth", "token"]).with_form(&fields).in_version(app.api_version)
}

fn spelled(name: &str, version: ApiVersion) -> String {
    if version == ApiVersion::ByDate {
        return name.to_owned();
    }
    let mut camel = String::with_capacity(name.len());
    for (at, word) in name.split('_').enumerate() {
        let (first, rest) = word.split_at_checked(usize::from(at > 0)).unwrap_or((word, ""));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

/// Uses a refresh token. For 30 seconds HighLevel gives the same answer to the same one, so it may be repeated
/// as long.
pub(super) fn by_refresh(app: &OAuthApp, subject: &TokenSubject, refresh: &Secret) -> ApiRequest<Granted> {
    let user_type = match subject {
        TokenSubject::Company(_) => "Company",
        TokenSubject::Location(_) => "Location",
    };
    let fields =
        [("grant_type", "refresh_token"), ("refresh_token", refresh.expose()), ("user_type", user_type)];
    token(app, fields).safe_to_repeat()
}

/// Asks for a location's token with that of its agency; each answer holds beside the others.
pub(super) fn by_company(app: &OAuthApp, company: &CompanyId, location: &LocationId) -> ApiRequest<Granted> {
    let route = match app.api_version {
        ApiVersion::ByDate => "locationToken",
        ApiVersion::V3 => "location-token",
    };
    ApiRequest::new(Method::Post, &["oauth", route])
        .in_version(app.api_version)
        .with_form(&[("companyId", company.as_str()), ("locationId", location.as_str())])
        .safe_to_repeat()
}

/// The locations where the app is installed, `limit` from a position.
pub(super) fn installed(
    app: &OAuthApp,
    company: &CompanyId,
    from: &Position,
    limit: usize,
) -> ApiRequest<InstalledPage> {
    let (route, size) = match app.api_version {
        ApiVersion::ByDate => ("installedLocations", "limit"),
        ApiVersion::V3 => ("installed-locations", "pageSize"),
    };
    let request = ApiRequest::new(Method::Get, &["oauth", route])
        .in_version(app.api_version)
        .with_query("companyId", company.as_str())
        .with_query("appId", app.id().as_str())
        .with_query("isInstalled", "true");
    let request = match (from, app.api_version) {
        (Position::Token(token), _) => request.with_query("pageToken", token),
        (Position::Skip(skip), ApiVersion::ByDate) => request.with_query("skip", skip.to_string()),
        (Position::Skip(_), ApiVersion::V3) => request,
    };
    request.with_query(size, limit.to_string())
}

/// The reply of the token routes, in either of its spellings.
pub(super) struct Granted {
    pub(super) access: Secret,
    pub(super) refresh: Option<Secret>,
    pub(super) life_ms: i64,
    pub(super) scopes: Vec<String>,
    /// Whether it says to be an agency's.
    pub(super) of_company: bool,
    pub(super) company: Option<CompanyId>,
    pub(super) location: Option<LocationId>,
    pub(super) user: Option<UserId>,
    pub(super) approved: Vec<LocationId>,
}

impl Granted {
    /// Whom it speaks for. An agency's token names no location even where one was picked.
    pub(super) fn subject(&self) -> Option<TokenSubject> {
        match (&self.location, &self.company) {
            (Some(location), _) if !self.of_company => Some(TokenSubject::Location(location.clone())),
            (_, Some(company)) => Some(TokenSubject::Company(company.clone())),
            _ => None,
        }
    }
}

impl fmt::Debug for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Granted").field("subject", &self.subject()).finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for Granted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let reply = Reply(Map::deserialize(deserializer)?);
        let token = |names| reply.text(names).filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
        let access = token(["access_token", "accessToken"]);
        Ok(Self {
            access: access
                .map(Secret::new)
                .ok_or_else(|| serde::de::Error::custom("expected an access token"))?,
            refresh: token(["refresh_token", "refreshToken"]).map(Secret::new),
            life_ms: reply.life_ms(),
            scopes: reply
                .text(["scope", "scopes"])
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            of_company: reply
                .text(["userType", "user_type"])
                .is_some_and(|kind| kind.eq_ignore_ascii_case("company")),
            company: reply.text(["companyId", "company_id"]).and_then(|id| CompanyId::parse(id).ok()),
            location: reply.text(["locationId", "location_id"]).and_then(|id| LocationId::parse(id).ok()),
            user: reply.text(["userId", "user_id"]).and_then(|id| UserId::parse(id).ok()),
            approved: reply.ids(["approvedLocations", "approved_locations"]),
        })
    }
}

/// The reply's fields, each by either name. A field of the wrong type counts as absent.
struct Reply(Map<String, Value>);

impl Reply {
    fn get(&self, names: [&str; 2]) -> Option<&Value> {
        names.iter().filter_map(|name| self.0.get(*name)).find(|value| !value.is_null())
    }

    fn text(&self, names: [&str; 2]) -> Option<&str> {
        self.get(names)?.as_str().filter(|text| !text.is_empty())
    }

    fn ids(&self, names: [&str; 2]) -> Vec<LocationId> {
        let items = self.get(names).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(|item| LocationId::parse(item.as_str()?).ok()).collect()
    }

    fn life_ms(&self) -> i64 {
        let seconds = self.get(["expires_in", "expiresIn"]);
        let seconds =
            seconds.and_then(|value| value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()));
        let seconds = seconds.filter(|seconds: &f64| seconds.is_finite()).unwrap_or(DEFAULT_LIFE_S);
        (seconds.clamp(LIFE_S.0, LIFE_S.1) * 1000.0) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> OAuthApp {
        OAuthApp::new("app1-x", Secret::new("s&c"), "https://shop.example/cb", ["contacts.readonly"])
    }

    fn granted(json: &str) -> Granted {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn requests_are_forms_with_nothing_secret_in_the_url() {
        let code = by_code(&app(), "c0de");
        assert_eq!(
            (code.method(), code.path(), code.query_string()),
            (Method::Post, "/oauth/token", String::new())
        );
        assert_eq!(
            code.body(),
            b"client_id=app1-x&client_secret=s%26c&grant_type=authorization_code&code=c0de\
              &redirect_uri=https%3A%2F%2Fshop.example%2Fcb"
        );
        assert!(!code.repeatable(), "a code works once");
        for (subject, kind) in [
            (TokenSubject::Location(LocationId::new("loc1")), "Location"),
            (TokenSubject::Company(CompanyId::new("com1")), "Company"),
        ] {
            let refresh = by_refresh(&app(), &subject, &Secret::new("r1"));
            let body = format!(
                "client_id=app1-x&client_secret=s%26c&grant_type=refresh_token&refresh_token=r1&user_type={kind}"
            );
            assert_eq!((refresh.path(), refresh.body()), ("/oauth/token", body.as_bytes()));
            assert!(refresh.repeatable());
        }
        let minted = by_company(&app(), &CompanyId::new("com1"), &LocationId::new("loc1"));
        assert_eq!(
            (minted.path(), minted.body()),
            ("/oauth/locationToken", &b"companyId=com1&locationId=loc1"[..])
        );
        assert!(minted.headers().contains(&("version", "2021-07-28")));
        assert!(minted.headers().contains(&("content-type", "application/x-www-form-urlencoded")));
        let list = installed(&app(), &CompanyId::new("com1"), &Position::Skip(100), 50);
        assert_eq!((list.method(), list.path()), (Method::Get, "/oauth/installedLocations"));
        assert_eq!(list.query_string(), "companyId=com1&appId=app1&isInstalled=true&skip=100&limit=50");
    }

    #[test]
    fn version_3_has_names_and_paths_of_its_own() {
        let app = OAuthApp { api_version: ApiVersion::V3, ..app() };
        let (company, location) = (CompanyId::new("com1"), LocationId::new("loc1"));
        let v3 = |headers: Vec<(&str, &str)>| headers.contains(&("version", "v3"));
        let code = by_code(&app, "c0de");
        assert!(v3(code.headers()));
        assert_eq!(
            code.body(),
            b"clientId=app1-x&clientSecret=s%26c&grantType=authorization_code&code=c0de\
              &redirectUri=https%3A%2F%2Fshop.example%2Fcb"
        );
        let refresh = by_refresh(&app, &TokenSubject::Location(location.clone()), &Secret::new("r1"));
        let body =
            b"clientId=app1-x&clientSecret=s%26c&grantType=refresh_token&refreshToken=r1&userType=Location";
        assert_eq!((refresh.body(), v3(refresh.headers()), refresh.repeatable()), (&body[..], true, true));
        let minted = by_company(&app, &company, &location);
        assert_eq!(minted.body(), b"companyId=com1&locationId=loc1");
        assert_eq!((minted.path(), v3(minted.headers())), ("/oauth/location-token", true));
        let list = installed(&app, &company, &Position::Token("t/1".to_owned()), 50);
        assert_eq!((list.path(), v3(list.headers())), ("/oauth/installed-locations", true));
        assert_eq!(
            list.query_string(),
            "companyId=com1&appId=app1&isInstalled=true&pageToken=t%2F1&pageSize=50"
        );
    }

    #[test]
    fn both_spellings_of_a_reply_are_read() {
        for json in [
            r#"{"access_token":"a1","token_type":"Bearer","expires_in":86399,"refresh_token":"r1",
                "scope":"contacts.readonly oauth.write","userType":"Location","companyId":"com1",
                "locationId":"loc1","userId":"u1","planId":"p","isBulkInstallation":"Bearer","refreshTokenId":"x"}"#,
            r#"{"accessToken":"a1","tokenType":"Bearer","expiresIn":"86399","refreshToken":"r1",
                "scope":"contacts.readonly oauth.write","userType":"Location","companyId":"com1",
                "locationId":"loc1","userId":"u1","access_token":null}"#,
        ] {
            let granted = granted(json);
            assert_eq!((granted.access.expose(), granted.refresh.as_ref().unwrap().expose()), ("a1", "r1"));
            assert_eq!((granted.life_ms, granted.scopes.len()), (86_399_000, 2));
            assert_eq!(granted.subject(), Some(TokenSubject::Location(LocationId::new("loc1"))));
            assert_eq!(
                (granted.company, granted.user),
                (Some(CompanyId::new("com1")), Some(UserId::new("u1")))
            );
        }
    }

    #[test]
    fn an_agencys_token_speaks_for_the_agency() {
        let company = granted(
            r#"{"access_token":"a","userType":"Company","companyId":"com1","approvedLocations":["loc1","a/b",7,"loc2"]}"#,
        );
        assert_eq!(company.subject(), Some(TokenSubject::Company(CompanyId::new("com1"))));
        assert_eq!(company.approved, ["loc1", "loc2"].map(LocationId::new));
        let picked =
            granted(r#"{"access_token":"a","userType":"Company","companyId":"com1","locationId":"loc1"}"#);
        assert_eq!(picked.subject(), Some(TokenSubject::Company(CompanyId::new("com1"))));
        assert_eq!(granted(r#"{"access_token":"a"}"#).subject(), None);
    }

    #[test]
    fn a_life_is_within_reason() {
        for (said, ms) in [
            ("3600", 3_600_000),
            ("\" 120 \"", 120_000),
            ("90.5", 90_500),
            ("0", 60_000),
            ("-5", 60_000),
            ("1e300", 366 * 86_400_000),
            ("null", 86_399_000),
            ("\"soon\"", 86_399_000),
            ("\"NaN\"", 86_399_000),
        ] {
            assert_eq!(
                granted(&format!(r#"{{"access_token":"a","expires_in":{said}}}"#)).life_ms,
                ms,
                "{said}"
            );
        }
    }

    #[test]
    fn without_a_token_that_can_be_sent_there_is_no_reply() {
        for json in [
            "{}",
            r#"{"access_token":""}"#,
            r#"{"access_token":"a b"}"#,
            r#"{"access_token":7}"#,
            "[]",
            "null",
        ] {
            assert!(serde_json::from_str::<Granted>(json).is_err(), "{json}");
        }
        assert!(granted(r#"{"access_token":"a","refresh_token":"r\n"}"#).refresh.is_none());
        let shown = format!("{:?}", granted(r#"{"access_token":"5ecret","refresh_token":"5ecret"}"#));
        assert!(!shown.contains("5ecret"), "{shown}");
    }
}
