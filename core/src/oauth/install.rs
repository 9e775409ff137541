use form_urlencoded::parse;
use serde::Serialize;

use crate::{
    client::Failed,
    error::{Code, Delivery, Error, Result},
    ids::{CompanyId, LocationId, UserId},
    ports::store::{TokenRow, TokenState, TokenSubject},
    webhook::{AppEvent, Event, EventBody},
};

use super::{
    OAuthTokens, authorize,
    grant::{self, Granted},
    state,
    tokens::Inner,
    vault::Tokens,
};

/// The longest query of a callback.
const MAX_QUERY: usize = 8 * 1024;
/// How often a code is tried to be exchanged where the request surely never left.
const TRIES: u32 = 3;
/// How often in a row the tokens of a code are saved, which cannot be had again.
const SAVES: u32 = 4;
/// How far GHL's clock and ours may be apart, in milliseconds.
const SKEW_MS: i64 = 5_000;
const PAGE: usize = 100;

/// An app was installed by a consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Installation {
    /// Where: a location, or an agency, whose token gives out those of its locations.
    pub subject: TokenSubject,
    /// The agency.
    #[serde(rename = "companyId", skip_serializing_if = "Option::is_none")]
    pub company: Option<CompanyId>,
    /// What was granted.
    pub scopes: Vec<String>,
    /// Who did it.
    #[serde(rename = "userId", skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The locations that an agency approved, now known as installed. May be empty although there are some,
    /// which the agency's list of installed locations then tells.
    #[serde(rename = "approvedLocations")]
    pub approved: Vec<LocationId>,
}

/// What an `INSTALL` or `UNINSTALL` event changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppChange {
    /// A location is known now; its token is fetched when it is needed.
    Installed(LocationId),
    /// These have no tokens any more.
    Removed(Vec<TokenSubject>),
    /// Nothing: another app, another event, known already, or older than the installation.
    None,
}

impl OAuthTokens {
    /// The address of the consent page. `session` is a text of the browser's session that nobody else knows,
    /// such as its cookie: the callback must come from the same session, within an hour.
    ///
    /// # Errors
    /// `invalid_argument`, field `session`, if it is empty or longer than 1,024 bytes; `config`, field
    /// `scopes`, if there is none.
    pub fn authorize_url(&self, session: &str) -> Result<String> {
        let inner = &self.inner;
        if inner.app.scopes.is_empty() {
            return Err(Error::config("scopes", "expected at least one scope to ask for"));
        }
        let state = state::issue(&inner.app, session, inner.now(), &*inner.entropy)?;
        Ok(authorize::url(&inner.app, &state))
    }

    /// Takes the consent page's answer: the query of the request to the redirect URI, and the session as it
    /// was given to [`OAuthTokens::authorize_url`]. Checks the `state`, exchanges the code, and keeps the
    /// tokens.
    ///
    /// # Errors
    /// `invalid_argument`, field `state` (another session, an old or forged one), `code` or `query`; `refused`
    /// when the person did not consent; and those of [`OAuthTokens::exchange_code`].
    pub async fn callback(&self, query: &str, session: &str) -> Result<Installation> {
        let query = query.strip_prefix('?').unwrap_or(query);
        if query.len() > MAX_QUERY {
            return Err(Error::invalid("query", format_args!("expected at most {MAX_QUERY} bytes")));
        }
        let get =
            |name: &str| parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value);
        state::check(&self.inner.app, session, self.inner.now(), &get("state").unwrap_or_default())?;
        if let Some(error) = get("error") {
            let why = get("error_description").unwrap_or(error);
            let why: String = why.chars().filter(|c| !c.is_control()).take(200).collect();
            return Err(Error::new(Code::Refused, format!("the consent page answered: {why}")));
        }
        self.exchange_code(&get("code").unwrap_or_default()).await
    }

    /// Exchanges a code without a look at the `state`: for an installation that a person began in the
    /// marketplace, which sends none. Anybody can bring about such a callback with a code of their own, so
    /// attach nothing of the visitor's session to what comes of it.
    ///
    /// # Errors
    /// `invalid_argument`, field `code`; `unauthorized` when GHL does not take the code or the client;
    /// `outcome_unknown` when no reply came: the code may be used up, so begin again; `unexpected_reply`;
    /// `network`; `store`.
    pub async fn exchange_code(&self, code: &str) -> Result<Installation> {
        if !(1..=2_048).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid("code", "expected the code as the consent page gave it"));
        }
        let inner = &self.inner;
        // A code works once: a store that is down is better found out before.
        inner.vault.store.token_rows(&inner.vault.app, None, 1).await?;
        let sent_at = inner.now();
        let granted = inner.exchange(code).await?;
        let subject = granted.subject().ok_or_else(|| {
            let message = "GHL gave tokens without saying whose they are: no location and no agency";
            Error::new(Code::UnexpectedReply, message)
        })?;
        let mut installation = Installation {
            subject,
            company: granted.company.clone(),
            scopes: granted.scopes.clone(),
            user: granted.user.clone(),
            approved: Vec::new(),
        };
        let approved = granted.approved.clone();
        inner.install(&installation, Tokens::granted(granted, None, sent_at)).await?;
        if let TokenSubject::Company(company) = &installation.subject {
            inner.revive(company).await?;
            for location in &approved {
                inner.announce(location, company, None).await?;
            }
            installation.approved = approved;
        }
        tracing::info!(subject = %installation.subject, "the app was installed");
        Ok(installation)
    }

    /// Applies an `INSTALL` or `UNINSTALL` event of this app; the event must be verified. A location's
    /// `INSTALL` may come before its agency's code is exchanged, and a repeated `UNINSTALL` long after the app
    /// was installed again: either is recognised.
    ///
    /// # Errors
    /// `store`; answer 429, so that HighLevel repeats it.
    pub async fn apply_event(&self, event: &Event) -> Result<AppChange> {
        let ours = |app: &AppEvent| app.app_id.as_deref() == Some(self.app_id().as_str());
        match (&event.body, &event.location) {
            (EventBody::Install(app), Some(location)) if ours(app) => {
                let Some(company) = &app.company else { return Ok(AppChange::None) };
                let new = self.inner.announce(location, company, event.timestamp_ms).await?;
                Ok(if new { AppChange::Installed(location.clone()) } else { AppChange::None })
            }
            (EventBody::Uninstall(app), location) if ours(app) => {
                let subject = match (location, &app.company) {
                    (Some(location), _) => TokenSubject::Location(location.clone()),
                    (None, Some(company)) => TokenSubject::Company(company.clone()),
                    (None, None) => return Ok(AppChange::None),
                };
                let removed = self.inner.uninstall(&subject, event.timestamp_ms).await?;
                Ok(if removed.is_empty() { AppChange::None } else { AppChange::Removed(removed) })
            }
            _ => Ok(AppChange::None),
        }
    }
}

impl Inner {
    async fn exchange(&self, code: &str) -> Result<Granted> {
        let request = grant::by_code(&self.app, code);
        let secrets = [self.app.client_secret.expose(), code];
        let mut tries = 1;
        loop {
            match self.direct.send(&request, None, &secrets).await {
                Ok(granted) => return Ok(granted),
                Err(Failed { error, .. })
                    if error.code() == Code::Network && error.delivery() == Delivery::NotSent =>
                {
                    if tries == TRIES {
                        return Err(error);
                    }
                    tries += 1;
                    self.nap(500, 1_000).await;
                }
                Err(Failed { error, .. }) => return Err(error),
            }
        }
    }

    /// Keeps the tokens of a new installation, whatever was there before.
    async fn install(&self, installation: &Installation, tokens: Tokens) -> Result<()> {
        let subject = &installation.subject;
        let company = match subject {
            TokenSubject::Location(_) => installation.company.clone(),
            TokenSubject::Company(_) => None,
        };
        let new = TokenRow {
            company,
            tokens: Some(self.vault.seal(subject, &tokens)?),
            ..self.vault.new_row(subject)
        };
        let mut tries = 1;
        while let Err(error) = self.vault.change(subject, |_| Some(new.clone())).await {
            if tries == SAVES {
                return Err(error);
            }
            tries += 1;
            self.nap(100, 200).await;
        }
        self.slots.forget(subject);
        Ok(())
    }

    /// The agency has a token again: so may its locations.
    async fn revive(&self, company: &CompanyId) -> Result<()> {
        for subject in self.locations_of(company).await? {
            self.vault.change(&subject, |row| row?.revived(company)).await?;
        }
        Ok(())
    }

    async fn uninstall(&self, subject: &TokenSubject, at: Option<i64>) -> Result<Vec<TokenSubject>> {
        let doomed = |row: &TokenRow| at.is_none_or(|at| at.saturating_add(SKEW_MS) >= row.installed_at);
        let mut all = vec![subject.clone()];
        if let TokenSubject::Company(company) = subject {
            all.extend(self.locations_of(company).await?);
        }
        let mut removed = Vec::new();
        for subject in all {
            if self.vault.delete(&subject, doomed).await? {
                self.slots.forget(&subject);
                tracing::info!(%subject, "the app was uninstalled");
                removed.push(subject);
            }
        }
        Ok(removed)
    }

    /// The locations whose tokens this agency gives out.
    async fn locations_of(&self, company: &CompanyId) -> Result<Vec<TokenSubject>> {
        let mut found = Vec::new();
        let mut after: Option<TokenSubject> = None;
        loop {
            let page = self.vault.store.token_rows(&self.vault.app, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(found) };
            after = Some(last.subject.clone());
            let own = page.into_iter().filter(|row| row.by_company && row.company.as_ref() == Some(company));
            found.extend(own.map(|row| row.subject));
        }
    }
}

impl TokenRow {
    /// The row with another chance, where its tokens are used up and its agency has installed the app.
    pub(super) fn revived(&self, company: &CompanyId) -> Option<TokenRow> {
        let stuck = self.state == TokenState::Reauthorize;
        let company = Some(company.clone());
        stuck.then(|| TokenRow { state: TokenState::Active, company, by_company: true, ..self.clone() })
    }
}
