use std::fmt;

use crate::{
    client::{ApiVersion, DEFAULT_BASE_URL},
    error::{Error, Result},
    ids::{AppId, CompanyId},
    secret::Secret,
};

/// HighLevel's consent pages under its own name.
pub const DEFAULT_CONSENT_URL: &str = "https://marketplace.gohighlevel.com";

/// An app of GHL's marketplace, as the portal shows it. `Debug` shows no secret.
#[derive(Clone)]
pub struct OAuthApp {
    /// The client id: the app's id, a dash and a suffix.
    pub client_id: String,
    /// The client secret.
    pub client_secret: Secret,
    /// Where the consent page sends the person back to, exactly as in the portal; HTTPS, or HTTP to this
    /// machine.
    pub redirect_uri: String,
    /// The scopes to ask for, e.g. `contacts.readonly`. Needed for the authorize URL only.
    pub scopes: Vec<String>,
    /// The app's version, which a private or draft app must name. Default: none.
    pub version_id: Option<String>,
    /// Where the consent page is. Default [`DEFAULT_CONSENT_URL`]; `https://marketplace.leadconnectorhq.com`
    /// shows it without HighLevel's name.
    pub consent_url: String,
    /// The API's host. Default [`DEFAULT_BASE_URL`].
    pub base_url: String,
    /// Which version of the API is spoken. Default: that of each operation by date.
    pub api_version: ApiVersion,
    /// The agency to ask for the token of a location whose installation nobody announced. Default: none.
    pub company: Option<CompanyId>,
}

impl OAuthApp {
    /// An app with the defaults.
    pub fn new(
        client_id: impl Into<String>,
        client_secret: Secret,
        redirect_uri: impl Into<String>,
        scopes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret,
            redirect_uri: redirect_uri.into(),
            scopes: scopes.into_iter().map(Into::into).collect(),
            version_id: None,
            consent_url: DEFAULT_CONSENT_URL.to_owned(),
            base_url: DEFAULT_BASE_URL.to_owned(),
            api_version: ApiVersion::default(),
            company: None,
        }
    }

    /// The app's id, as events name it: the part of the client id before the dash.
    pub fn id(&self) -> AppId {
        AppId::new(self.client_id.split('-').next().unwrap_or_default())
    }

    /// Checks every part.
    ///
    /// # Errors
    /// `config`, field `clientId`, `clientSecret`, `redirectUri`, `scopes`, `versionId`, `consentUrl`,
    /// `baseUrl` or `companyId`.
    pub fn check(&self) -> Result<()> {
        let word = |field: &str, text: &str| match (1..=200).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic())
        {
            true => Ok(()),
            false => Err(Error::config(field, "expected 1 to 200 visible ASCII characters")),
        };
        word("clientId", &self.client_id)?;
        AppId::parse(self.id().as_str())
            .map_err(|_| Error::config("clientId", "expected the app's id, a dash and a suffix"))?;
        let secret = self.client_secret.expose();
        if secret.is_empty() || secret.len() > 1024 || secret.contains(char::is_control) {
            return Err(Error::config("clientSecret", "expected the secret as the portal shows it"));
        }
        url("redirectUri", &self.redirect_uri, true)?;
        url("consentUrl", &self.consent_url, false)?;
        url("baseUrl", &self.base_url, false)?;
        self.scopes.iter().try_for_each(|scope| word("scopes", scope))?;
        self.version_id.iter().try_for_each(|id| word("versionId", id))?;
        self.company.iter().try_for_each(|id| {
            CompanyId::parse(id.as_str())
                .map(drop)
                .map_err(|error| Error::config("companyId", error.message()))
        })
    }
}

impl fmt::Debug for OAuthApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthApp")
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri)
            .field("scopes", &self.scopes)
            .field("company", &self.company)
            .finish_non_exhaustive()
    }
}

/// Codes and secrets travel to these, so they are HTTPS, or HTTP to this machine. It may hold credentials by
/// mistake, so no error shows it.
fn url(field: &str, text: &str, query: bool) -> Result<()> {
    let after = |scheme| text.strip_prefix(scheme);
    let local = |rest: &&str| {
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| {
            host.strip_prefix(name).is_some_and(|port| {
                port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
            })
        })
    };
    let rest = after("https://").or_else(|| after("http://").filter(local));
    let plain = |rest: &&str| {
        !rest.starts_with(['/', ':', '?'])
            && rest.bytes().all(|byte| byte.is_ascii_graphic())
            && !rest.contains(['#', '@', '\\'])
            && (query || !rest.contains('?'))
    };
    match rest.filter(|rest| !rest.is_empty()).filter(plain) {
        Some(_) => Ok(()),
        None => Err(Error::config(
            field,
            "expected an address that begins with https:// (http:// only to this machine), without user and \
             fragment",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    fn app() -> OAuthApp {
        OAuthApp::new(
            "64f0c1-ab-cd",
            Secret::new("5ecret"),
            "https://shop.example/cb?a=1",
            ["contacts.readonly"],
        )
    }

    #[test]
    fn the_apps_id_is_the_first_part_of_the_client_id() {
        assert_eq!(app().id(), AppId::new("64f0c1"));
        assert!(app().check().is_ok());
    }

    #[test]
    fn a_malformed_part_is_named_and_no_secret_shown() {
        type Change = fn(&mut OAuthApp);
        let table: [(&str, Change); 14] = [
            ("clientId", |a| a.client_id = String::new()),
            ("clientId", |a| a.client_id = "-suffix".to_owned()),
            ("clientId", |a| a.client_id = "a/b-suffix".to_owned()),
            ("clientSecret", |a| a.client_secret = Secret::new("")),
            ("clientSecret", |a| a.client_secret = Secret::new("5ecret\n")),
            ("redirectUri", |a| a.redirect_uri = "http://shop.example/cb".to_owned()),
            ("redirectUri", |a| a.redirect_uri = "https://u:5ecret@shop.example/cb".to_owned()),
            ("redirectUri", |a| a.redirect_uri = "https://shop.example/cb#x".to_owned()),
            ("redirectUri", |a| a.redirect_uri = "http://127.0.0.1.example/cb".to_owned()),
            ("consentUrl", |a| a.consent_url = "https://x.example?5ecret".to_owned()),
            ("baseUrl", |a| a.base_url = "ftp://5ecret".to_owned()),
            ("scopes", |a| a.scopes.push("a b".to_owned())),
            ("versionId", |a| a.version_id = Some(String::new())),
            ("companyId", |a| a.company = Some(CompanyId::new("a/b"))),
        ];
        for (field, change) in table {
            let mut app = app();
            change(&mut app);
            let error = app.check().unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Config, Some(field)), "{error}");
            assert!(!format!("{error:?}").contains("5ecret"), "{error:?}");
        }
        assert!(!format!("{:?}", app()).contains("5ecret"));
    }

    #[test]
    fn this_machine_may_be_reached_without_https() {
        for good in
            ["http://127.0.0.1:4010", "http://localhost", "http://[::1]:80", "https://a.example:8443/x"]
        {
            let app = OAuthApp { base_url: good.to_owned(), redirect_uri: good.to_owned(), ..app() };
            assert!(app.check().is_ok(), "{good}");
        }
    }
}
